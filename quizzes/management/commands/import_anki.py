"""`import_anki FILE --course SLUG --learner E-MAIL`: the cards and reviews of an .apkg; first with `--dry-run`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from quizzes.management.commands.import_questions import found_course
from quizzes.memory.anki import importing, pictures, planning, wording
from quizzes.memory.anki.package_reading import PackageError
from quizzes.memory.anki.planning import Plan
from quizzes.memory.browsing.own_cards import TooManyCardsError


class Command(BaseCommand):
    help = (
        "Import a package of Anki in its older form: cards, pictures and the whole log of reviews of one learner. "
        "Importing the file again updates and never doubles. Interrupted, it goes on when it is called again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--course", required=True, metavar="SLUG", help="to which new cards belong")
        parser.add_argument("--learner", required=True, metavar="E-MAIL", help="whose cards they are")
        parser.add_argument("--dry-run", action="store_true", help="only say what would change")

    def handle(self, *, file: Path, verbosity: int, dry_run: bool, **options: Any) -> None:
        self.is_talkative = verbosity > 1
        course, learner, now = found_course(options["course"]), found_learner(options["learner"]), timezone.now()
        try:
            package = planning.read(_content(file))
            plan = planning.plan(learner, course, package, now=now)
            self._say(file, plan)
            if dry_run:
                self.stdout.write("Nothing was imported: this is a dry run.")
                return
            applied = importing.apply(learner, package, plan, now=now, tell=self._tell)
        except PackageError as error:
            raise CommandError(f"{file}: {error}") from None
        except TooManyCardsError as error:
            raise CommandError(str(error)) from None
        except pictures.TooManyBytesError:
            raise CommandError(wording.fault("no_room", {})) from None
        self.stdout.write(
            self.style.SUCCESS(
                f"{applied.created} cards created, {applied.changed} changed, {applied.same} the same; "
                f"{applied.reviews} reviews kept, {applied.known} were here; {applied.pictures} pictures."
            )
        )

    def _say(self, file: Path, plan: Plan) -> None:
        counts = ", ".join(f"{number} {status}" for status, number in plan.counts.items())
        self.stdout.write(f"{file}: {plan.notes} notes, {len(plan.cards)} cards ({counts}), {plan.reviews} reviews.")
        for sentence in wording.left_out(plan.left_out):
            self.stderr.write(sentence, self.style.WARNING)

    def _tell(self, cards: int, reviews: int) -> None:
        if self.is_talkative:
            self.stdout.write(f"{cards} cards, {reviews} reviews")


def found_learner(email: str) -> User:
    learner = User.objects.filter(email__iexact=email, is_active=True).first()
    if learner is None:
        raise CommandError(f"There is no learner {email}.")
    return learner


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(settings.ANKI_PACKAGE_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}") from None
