"""Reviews in batches over HTTP, beside the ORM with a full refold; the memory rebuilt; with many reviews stored.

    python -m tests.benchmarks.reviews
    SIZE=1000000 DATABASE_URL=postgres://user@host/ python -m tests.benchmarks.reviews

Clients are processes of their own, each with its own learner and connection, who upload what a phone has collected:
ratings of 400 cards in the order of time. Every answer is checked. Without `SIZE`: on SQLite, and then `rebuild_memory`
of the same log. With `SIZE`, on a PostgreSQL database of its own (made before, dropped after): batches into an empty
table and into one with so many reviews, the due queue, and `rebuild_memory`. "CPU" is the time of the process itself,
which a busy machine does not change much.
"""

import gc
import itertools
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.benchmarks import stored_reviews
from tests.benchmarks.answers import Connection, sign_up
from tests.servers import ROOT, Installation

BATCHES = [100, 500]
CLIENTS = [1, 2]
WEB_PROCESSES = 2
SECONDS = 5.0
WARM_UP_SECONDS = 1.0
CARDS = 400
SENT_FROM = datetime(2024, 1, 1, tzinfo=UTC)
EXPECTED = {"batches": 10_000, "rebuild": 100_000, "queue ms": 20, "times slower": 1.5}
# The shipped tests' course, with as many cards as a diligent learner has.
SET_UP = f"""
from tests.quizzes.factories import make_course
from tests.quizzes.memory.samples import more_cards
print(*[card.pk for card in more_cards(make_course(), {CARDS})])
"""


@dataclass(frozen=True)
class Figures:
    """Of all clients together."""

    per_second: float
    median_ms: float
    p95_ms: float
    cpu_us: float
    """Processor time of the web processes for one review, microseconds."""


def main(arguments: Sequence[str]) -> None:
    match list(arguments):
        case ["client", url, token, size, begin, cards]:
            print(json.dumps(upload_for_a_while(Connection(url, token), int(size), float(begin), cards.split(","))))
        case _ if size := os.environ.get("SIZE"):
            measure_large(int(size), os.environ.get("DATABASE_URL", ""))
        case _:
            measure_small()


# --- the two runs ----------------------------------------------------------------------------------------------------


def measure_small() -> None:
    with tempfile.TemporaryDirectory() as folder, installed(folder) as (installation, cards):
        print(f"reviews over HTTP in batches, states included, {WEB_PROCESSES} web processes, SQLite")
        figures = {}
        for clients, size in itertools.product(CLIENTS, BATCHES):
            tokens = sign_ups(installation, clients)
            figures[f"{clients} x batches of {size}"] = measure_batches(installation, size, cards, tokens)
        print_batches(figures)
        installation.stop()
        use_database(installation)
        gc.freeze()  # as the web processes do
        print("\nthe same batches in one process, without HTTP")
        for size in BATCHES:
            print_in_process(size, cards)
        fill_small(cards)
        print_rebuild()


def measure_large(size: int, url: str) -> None:
    if not url.startswith("postgres"):
        sys.exit("SIZE needs DATABASE_URL to name a PostgreSQL server.")
    with (
        tempfile.TemporaryDirectory() as folder,
        stored_reviews.database_of_its_own(url) as own,
        installed(folder, DATABASE_URL=own) as (installation, cards),
    ):
        learners = sign_ups(installation, 2 * len(BATCHES))
        before = {
            f"empty, {batch}": measure_batches(installation, batch, cards, [token])
            for batch, token in zip(BATCHES, learners[len(BATCHES) :], strict=True)
        }
        readers = sign_ups(installation, 4)
        use_database(installation)
        stored_reviews.fill(size, CARDS)
        print_rebuild()
        after = {
            f"full, {batch}": measure_batches(installation, batch, cards, [token])
            for batch, token in zip(BATCHES, learners, strict=False)
        }
        print(f"\nbatches of reviews over HTTP, 1 client, PostgreSQL, empty and with {size:,} reviews")
        print_batches(before | after)
        for empty, full in zip(before.values(), after.values(), strict=True):
            slower = full.median_ms / empty.median_ms
            print(f"median {slower:.2f} times slower; expected ≤ {EXPECTED['times slower']}")
        stored_reviews.come_to_rest()
        print_queue(installation.url, readers)


@contextmanager
def installed(folder: str, **environment: str):
    """A running installation, and the ids of its cards."""
    rates = {"API_RATE_USER": "100000/second", "API_RATE_ANONYMOUS": "100000/second"}
    with Installation(Path(folder), **rates, **environment) as installation:
        installation.manage("migrate", "--verbosity", "0")
        cards = installation.manage("shell", "--verbosity", "0", stdin=SET_UP).split()
        assert len(cards) == CARDS, cards
        installation.start_web("--workers", str(WEB_PROCESSES))
        yield installation, cards


def use_database(installation: Installation) -> None:
    """Make this process one that works on the database of the installation."""
    os.environ |= installation.environment
    import django

    django.setup()


# --- batches over HTTP -----------------------------------------------------------------------------------------------


def sign_ups(installation: Installation, clients: int) -> list[str]:
    """Return the session tokens of new learners."""
    return [sign_up(Connection(installation.url)) for _ in range(clients)]


def measure_batches(installation: Installation, size: int, cards: Sequence[str], tokens: Sequence[str]) -> Figures:
    """A client for each token."""
    begin = time.time() + 4.0
    command = [sys.executable, "-m", "tests.benchmarks.reviews", "client", installation.url]
    processes = [
        subprocess.Popen([*command, token, str(size), str(begin), ",".join(cards)], cwd=ROOT, stdout=subprocess.PIPE)
        for token in tokens
    ]
    time.sleep(max(0.0, begin - time.time()))
    before = cpu_seconds(installation.web.pid)
    measured = [json.loads(process.communicate()[0]) for process in processes]
    sent = sum(len(one) for one in measured) * size * (SECONDS + WARM_UP_SECONDS) / SECONDS
    cpu = (cpu_seconds(installation.web.pid) - before) / sent * 1e6
    durations = [duration for one in measured for duration in one]
    p95 = statistics.quantiles(durations, n=20)[-1]
    return Figures(len(durations) * size / SECONDS, statistics.median(durations), p95, cpu)


def cpu_seconds(pid: int) -> float:
    """Return the processor time of a process and its children, where the system tells (Linux)."""
    folder = Path(f"/proc/{pid}")
    if not folder.is_dir():
        return float("nan")
    children = (folder / "task" / str(pid) / "children").read_text().split()
    ticks = (folder / "stat").read_text().rsplit(")", 1)[1].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK") + sum(cpu_seconds(int(child)) for child in children)


def upload_for_a_while(connection: Connection, size: int, begin: float, cards: Sequence[str]) -> list[float]:
    """Return how long each batch took, in milliseconds, leaving out the warm-up."""
    chance, most = random.Random(uuid.uuid4().int), round(120_000 / size)
    bodies = [json.dumps({"reviews": batch(chance, cards, size, number)}).encode() for number in range(most)]
    time.sleep(max(0.0, begin - time.time()))
    warm = time.perf_counter() + WARM_UP_SECONDS
    end, durations = warm + SECONDS, []
    for body in bodies:
        sent = time.perf_counter()
        if sent >= end:
            break
        upload(connection, body, size)
        if sent >= warm:
            durations.append((time.perf_counter() - sent) * 1000)
    else:
        sys.exit("the client had too few batches")
    return durations


def upload(connection: Connection, body: bytes, size: int) -> None:
    connection.connection.request("POST", "/api/v1/reviews/", body, connection.headers)
    response = connection.connection.getresponse()
    answer = response.read()
    assert response.status == 200, answer
    assert answer.count(b'"status":"created"') == size, answer


def batch(chance: random.Random, cards: Sequence[str], size: int, number: int) -> list[dict[str, Any]]:
    begin = SENT_FROM + timedelta(hours=12 * number)
    return [
        {
            "id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            "question": chance.choice(cards),
            "rating": chance.choice([1, 2, 3, 3, 3, 4]),
            "occurred_at": (begin + timedelta(seconds=8 * place)).isoformat(),
            "elapsed_ms": chance.randint(1000, 20_000),
        }
        for place in range(size)
    ]


def print_batches(figures: dict[str, Figures]) -> None:
    head = f"{'':20}{'reviews/s':>12}{'median ms':>12}{'p95 ms':>10}{'CPU µs each':>14}"
    print(f"{head}   expected on SQLite ≥ {EXPECTED['batches']:,}/s")
    for name, one in figures.items():
        print(f"{name:20}{one.per_second:12,.0f}{one.median_ms:12.1f}{one.p95_ms:10.1f}{one.cpu_us:14.1f}")


# --- in one process, beside the ORM ----------------------------------------------------------------------------------


def print_in_process(size: int, cards: Sequence[str]) -> None:
    sides = {"the ORM, full refold": record_with_the_orm, "here": record_here}
    for name, record in sides.items():
        user, chance = new_learner(), random.Random(7)
        wall, cpu = [], []
        for number in range(10_000 // size):
            raws = json.loads(json.dumps(batch(chance, cards, size, number)))
            begin = time.perf_counter(), time.process_time()
            record(user, raws)
            wall.append(time.perf_counter() - begin[0])
            cpu.append(time.process_time() - begin[1])
        rates = [size * len(wall) / sum(spent) for spent in (wall, cpu)]
        print(f"batches of {size:<5}{name:24}{rates[0]:10,.0f} reviews/s{rates[1]:10,.0f} reviews/s of CPU")


def record_here(user: Any, raws: list[Any]) -> None:
    from quizzes.memory import reviews
    from quizzes.models import Review

    now = datetime.now(UTC)
    results = reviews.record(user, reviews.read_all(raws), source=Review.Source.FLASHCARD, now=now)
    assert all(result.status == "created" for result in results)


def record_with_the_orm(user: Any, raws: list[Any]) -> None:
    """As it is usually written: models, `bulk_create`, and every question concerned folded from its first review."""
    from django.db import transaction

    from quizzes.memory import fsrs
    from quizzes.memory.items import ReviewItem
    from quizzes.models import MemoryState, Question, Review

    items, now = [ReviewItem.model_validate(raw) for raw in raws], datetime.now(UTC)
    with transaction.atomic():
        type(user).objects.select_for_update().get(pk=user.pk)
        ids = [item.id for item in items]
        assert not Review.objects.filter(user=user, review_id__in=ids).exists()
        last = Review.objects.filter(user=user).count()
        questions = Question.objects.in_bulk({item.question for item in items})
        Review.objects.bulk_create(
            Review(
                review_id=item.id,
                user=user,
                question=questions[item.question],
                version_id=questions[item.question].current_id,
                rating=item.rating,
                source="flashcard",
                occurred_at=item.occurred_at,
                effective_at=item.occurred_at,
                received_at=now,
                elapsed_ms=item.elapsed_ms,
                body_hash=item.body_hash(),
                sequence=sequence,
            )
            for sequence, item in enumerate(items, last + 1)
        )
        logs: dict[uuid.UUID, list[fsrs.Entry]] = {}
        for row in Review.objects.filter(user=user, question__in=questions):
            entry = fsrs.Entry(row.review_id, row.rating, row.effective_at, row.occurred_at, row.undoes)
            logs.setdefault(row.question_id, []).append(entry)
        states = {id_: fsrs.fold(log, fsrs.Terms(user.pk, id_)) for id_, log in logs.items()}
        MemoryState.objects.bulk_create(
            [MemoryState(user=user, question_id=id_, **state._asdict()) for id_, state in states.items() if state],
            update_conflicts=True,
            unique_fields=["user", "question"],
            update_fields=list(fsrs.State._fields),
        )


def new_learner() -> Any:
    from accounts.models import User

    return User.objects.create(email=f"{uuid.uuid4()}@example.org")


# --- many reviews ----------------------------------------------------------------------------------------------------


def fill_small(cards: Sequence[str], learners: int = 50) -> None:
    """200,000 reviews more, as a phone would have sent them, without states."""
    from quizzes.memory import items, log
    from quizzes.memory.log import Fresh, Kept

    chance = random.Random(3)
    for _ in range(learners):
        user = new_learner()
        fresh = []
        for number in range(stored_reviews.PER_LEARNER // 400):
            for one in items.read_all(batch(chance, cards, 400, number)):
                assert isinstance(one, items.ReviewItem)
                at = one.occurred_at
                kept = Kept(one.id, one.question, "flashcard", one.rating, at, at, None, None, one.body_hash())
                fresh.append(Fresh(kept, None, None, one.elapsed_ms))
        log.append(user.pk, fresh, after=0, now=datetime.now(UTC))


def print_rebuild() -> None:
    """All states folded anew and written, then compared with the log once more."""
    from django.core.management import call_command
    from django.db import connection

    from quizzes.models import MemoryState, Review

    MemoryState.objects.all()._raw_delete("default")
    count, jobs = Review.objects.count(), 2 if connection.vendor == "postgresql" else 1
    print()
    for name, options in {"written": {}, "--check": {"check": True}}.items():
        begin = time.perf_counter(), time.process_time()
        call_command("rebuild_memory", jobs=jobs, **options)
        wall, cpu = time.perf_counter() - begin[0], time.process_time() - begin[1]
        print(
            f"rebuild_memory --jobs {jobs} of {count:,} reviews, {MemoryState.objects.count():,} states {name}: "
            f"{count / wall:,.0f} reviews/s, {count / cpu:,.0f} reviews/s of CPU; expected ≥ {EXPECTED['rebuild']:,}"
        )


def print_queue(url: str, tokens: Sequence[str]) -> None:
    """Over HTTP by some learners with thousands of reviews, and in this process by any of them."""
    from accounts.models import User
    from quizzes.memory.planning import queue

    now = datetime.now(UTC)
    learners = list(User.objects.exclude(reviews=None).order_by("?")[:200])
    in_process = [milliseconds(lambda user=user: queue.today(user, now=now)) for user in learners]
    connections = [Connection(url, token) for token in tokens]
    over_http = [
        milliseconds(lambda one=one: one.send("GET", "/api/v1/reviews/queue/?limit=20")) for one in connections * 50
    ]
    for name, durations in {"in this process": in_process, "GET /reviews/queue/ of 20 cards": over_http}.items():
        median, p95 = statistics.median(durations), statistics.quantiles(durations, n=20)[-1]
        print(f"due queue, {name}: median {median:.1f} ms, p95 {p95:.1f} ms; expected p95 ≤ {EXPECTED['queue ms']} ms")


def milliseconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1000


if __name__ == "__main__":
    main(sys.argv[1:])
