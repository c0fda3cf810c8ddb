import uuid
from argparse import ArgumentParser
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.models import Exists, OuterRef

from accounts.models import User
from quizzes.memory import reviews
from quizzes.models import MemoryState, Review


class Command(BaseCommand):
    help = "Folds every learner's reviews anew and brings the memory states to what they say."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="only compare; fail if a state differs")
        parser.add_argument(
            "--jobs",
            type=int,
            default=1,
            help="how many learners at a time: with PostgreSQL one is read while another is folded (1)",
        )

    def handle(self, *args: Any, check: bool, jobs: int, **options: Any) -> None:
        if jobs < 1:
            raise CommandError("--jobs must be 1 or more.")
        own = {"user": OuterRef("pk")}
        learners = User.objects.filter(Exists(Review.objects.filter(**own)) | Exists(MemoryState.objects.filter(**own)))
        ids = list(learners.order_by("pk").values_list("pk", flat=True))
        differing = _rebuild(iter(ids), check) if jobs == 1 else _rebuild_at_once(iter(ids), check, jobs)
        if check and differing:
            raise CommandError(f"{differing} memory states of {len(ids)} learners differ from the log of reviews.")
        done = "agree with the log" if check else f"folded, {differing} of them changed"
        self.stdout.write(f"{MemoryState.objects.count()} memory states of {len(ids)} learners: {done}.")


def _rebuild(ids: Iterator[uuid.UUID], check: bool) -> int:
    """Return how many memory states differed. A learner whose account is deleted meanwhile is left out."""
    learners = (User.objects.filter(pk=id_).first() for id_ in ids)
    return sum(reviews.rebuild(learner, check=check) for learner in learners if learner is not None)


def _rebuild_at_once(ids: Iterator[uuid.UUID], check: bool, jobs: int) -> int:
    """The same, on so many threads, each of which takes the next learner when it has done one."""
    lock = Lock()

    def shared() -> Iterator[uuid.UUID]:
        while True:
            with lock:
                id_ = next(ids, None)
            if id_ is None:
                return
            yield id_

    def work() -> int:
        try:
            return _rebuild(shared(), check)
        finally:
            connection.close()  # this thread's own

    with ThreadPoolExecutor(jobs) as pool:
        return sum(future.result() for future in [pool.submit(work) for _ in range(jobs)])
