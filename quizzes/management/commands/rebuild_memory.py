from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Exists, OuterRef

from accounts.models import User
from quizzes.memory import reviews
from quizzes.models import MemoryState, Review


class Command(BaseCommand):
    help = "Folds every learner's reviews anew and brings the memory states to what they say."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="only compare; fail if a state differs")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        own = {"user": OuterRef("pk")}
        learners = User.objects.filter(Exists(Review.objects.filter(**own)) | Exists(MemoryState.objects.filter(**own)))
        learners_seen = differing = 0
        for learner in learners.order_by("pk").iterator():
            learners_seen += 1
            differing += reviews.rebuild(learner, check=check)
        if check and differing:
            raise CommandError(f"{differing} memory states of {learners_seen} learners differ from the log of reviews.")
        done = "agree with the log" if check else f"folded, {differing} of them changed"
        self.stdout.write(f"{MemoryState.objects.count()} memory states of {learners_seen} learners: {done}.")
