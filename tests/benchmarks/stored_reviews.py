"""A PostgreSQL database with as many stored reviews as one likes, made by the database itself within minutes."""

import os
import time
import uuid
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

PER_LEARNER = 4000
"""Reviews of each learner: ten of each of 400 cards."""
FILLED_FROM = datetime(2020, 1, 1, tzinfo=UTC)


@contextmanager
def database_of_its_own(url: str):
    import psycopg

    name = f"engram_reviews_{os.getpid()}"
    server = url.rsplit("/", 1)[0] if url.count("/") > 2 else url
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{server}/{name}"
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def fill(size: int, cards: int) -> None:
    """In the order of time, all learners mixed, as they would have come; without states."""
    from django.db import connection

    from accounts.models import User

    began = time.perf_counter()
    wanted = size // PER_LEARNER - User.objects.filter(reviews=None).count()
    User.objects.bulk_create(User(email=f"{uuid.uuid4()}@example.org") for _ in range(max(0, wanted)))
    with connection.cursor() as cursor, indexes_put_away(cursor, "quizzes_review"):
        cursor.execute("SET session_replication_role = replica")  # the foreign keys are right by construction
        cursor.execute(FILL, {"cards": cards, "each": PER_LEARNER, "begin": FILLED_FROM})
        cursor.execute("SET session_replication_role = DEFAULT")
    come_to_rest()
    print(f"{size:,} reviews made in {time.perf_counter() - began:.0f} s")


def come_to_rest() -> None:
    """What the database does by itself after some minutes: count its rows, and tidy what was written at once."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


FILL = """
INSERT INTO quizzes_review (review_id, user_id, question_id, version_id, rating, source, occurred_at, effective_at,
    received_at, elapsed_ms, body_hash, sequence)
SELECT gen_random_uuid(), learner.id, card.id, card.current_id, (ARRAY[1, 2, 3, 3, 3, 4])[1 + floor(random() * 6)],
    'flashcard', at, at, at, 8000, encode(sha256(number::text::bytea), 'hex'), number
FROM generate_series(1, %(each)s) AS number
CROSS JOIN (SELECT id FROM accounts_user u WHERE NOT EXISTS (SELECT FROM quizzes_review WHERE user_id = u.id)) learner
CROSS JOIN LATERAL (SELECT %(begin)s + number * interval '6 hours' + random() * interval '5 hours' AS at) moment
JOIN (SELECT id, current_id, row_number() OVER (ORDER BY slug) AS place FROM quizzes_question WHERE slug LIKE 'z-%%')
    card ON card.place = 1 + (number * 7 + hashtext(learner.id::text)::bigint + 2147483648) %% %(cards)s
ORDER BY number
"""


@contextmanager
def indexes_put_away(cursor: Any, table: str):
    """Leave the table without indexes but its key; build them anew at the end: a tenth of the time."""
    cursor.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'u'",
        [table],
    )
    unique = cursor.fetchall()
    for name, _ in unique:
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT LIKE '%%_pkey'", [table]
    )
    plain = cursor.fetchall()
    for name, _ in plain:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    cursor.execute("SET maintenance_work_mem = '1GB'")
    for name, definition in unique:
        cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
    for _, definition in plain:
        cursor.execute(definition)
