"""The statistics page of a quiz: milliseconds for classes of 50, 500 and 2,000 learners, 20 questions of six kinds.

    python -m tests.benchmarks.statistics

The page (by the clock, and its processor time, which a busy machine does not change) and the API's answer as a client
of the application gets them, in this process, on a fresh database file; beside them reading the answers, and the
numbers alone. The best of five runs each, after one to warm up.
"""

import os
import tempfile
import time
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path

CLASSES = [50, 500, 2000]
QUESTIONS = 20
COLUMNS = {
    "learners": 10,
    "answers": 10,
    "queries": 10,
    "page ms": 10,
    "CPU ms": 10,
    "API ms": 10,
    "reading ms": 12,
    "numbers ms": 12,
}
RUNS = 5
EXPECTED_MS = 300


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "SECRET_KEY": "only-for-benchmarks",
            "DATABASE_URL": f"sqlite:///{Path(folder) / 'engram.sqlite3'}",
            "QUEUE_URL": f"sqlite:///{Path(folder) / 'queue.sqlite3'}",
            "HTTPS": "false",
            "DEBUG": "false",
            "LOG_LEVEL": "ERROR",
            "API_RATE_USER": "1000000/min",
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        print(
            f"a quiz with {QUESTIONS} questions, SQLite, best of {RUNS}; expected at 500 learners: ≤ {EXPECTED_MS} ms"
        )
        print("".join(f"{name:>{width}}" for name, width in COLUMNS.items()))
        for learners in CLASSES:
            print_row(learners)


def print_row(learners: int) -> None:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from accounts.models import User
    from quizzes.models import Response
    from quizzes.statistics import gathering
    from tests.quizzes.classes import SAMPLES, class_of, course_of
    from tests.quizzes.factories import the_quiz

    quiz = the_quiz(course_of(list(islice(cycle(SAMPLES), QUESTIONS)), f"class-{learners}"))
    class_of(quiz, learners, retakes=learners // 5, seed=learners)
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.create_superuser(f"admin-{learners}@example.org", "correct horse battery"))
    page, api = f"/quizzes/{quiz.id}/statistics/", f"/api/v1/quizzes/{quiz.id}/statistics/"
    with CaptureQueriesContext(connection) as queries:
        assert client.get(page).status_code == 200
        count = len(queries)
    assert client.get(api).json()["learners"] == learners
    found = gathering._read(quiz, "first")
    figures = [
        best(lambda: client.get(page)),
        best(lambda: client.get(page), time.process_time),
        best(lambda: client.get(api)),
        best(lambda: gathering._read(quiz, "first")),
        best(lambda: gathering._analysis(found)),
    ]
    answers = Response.objects.filter(attempt__quiz=quiz).count()
    row = [learners, answers, count, *figures]
    print("".join(f"{one:{width}.0f}" for one, width in zip(row, COLUMNS.values(), strict=True)))


def best(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """Return the milliseconds of the quickest run."""
    work()
    durations = []
    for _ in range(RUNS):
        begin = clock()
        work()
        durations.append(clock() - begin)
    return min(durations) * 1000


if __name__ == "__main__":
    main()
