from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from courses.models import Course
from quizzes.memory.learning import own_weights, priors
from quizzes.models import FittedWeights


class Command(BaseCommand):
    help = "Fits memory to what learners really recalled; only what predicts later reviews better is used."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", nargs="?", help="only this learner; else all with new reviews, and all courses")

    def handle(self, *args: Any, email: str | None, **options: Any) -> None:
        if email is not None:
            user = User.objects.filter(email__iexact=email).first()
            if user is None:
                raise CommandError(f"There is no learner with the address {email}.")
            self._learn(user, asked=True)
            return
        learners = 0
        for user in own_weights.waiting():
            learners += 1
            self._learn(user, asked=False)
        for course in Course.objects.filter(archived_at=None).order_by("slug").iterator():
            row = priors.learn_course(course, now=timezone.now())
            if row is not None:
                self.stdout.write(f"course {course.slug}: {_figures(row)}")
        self.stdout.write(f"{learners} learners with new reviews looked at.")

    def _learn(self, user: User, *, asked: bool) -> None:
        learnt = own_weights.learn(user, now=timezone.now(), asked=asked)
        if learnt is None:
            self.stdout.write(f"{user.email}: something else was decided meanwhile; left as it is")
        elif learnt.row is None:
            self.stdout.write(f"{user.email}: {learnt.missing} more reviews are needed to judge a fit")
        else:
            self.stdout.write(f"{user.email}: {_figures(learnt.row)}")
        if learnt is not None and learnt.quizzes_turned_off:
            self.stdout.write(f"{user.email}: answers in quizzes predicted worse and move memory no longer")


def _figures(row: FittedWeights) -> str:
    figures = own_weights.figures_of(row)
    verdict = "taken" if row.accepted else f"not taken ({figures.reason.value})"
    return (
        f"fitted on {row.reviews}, judged on {row.unseen} later reviews: log-loss {row.log_loss_before:.4f} before, "
        f"{row.log_loss_after:.4f} after, {figures.log_loss_published:.4f} published; {verdict}"
    )
