from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from quizzes.models import Question, QuestionVersion, Regrade
from quizzes.regrading import decisions
from quizzes.regrading.difference import Difference


class Command(BaseCommand):
    help = (
        "Judges everything that was ever answered to a question by one of its versions (the current one, if none is "
        "named), keeps it out of memory, or takes such a decision back. Says what changes; --dry-run changes nothing."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """`--version` is the number of a question's, here; `manage.py version` still tells Django's."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("question", help="the stable id of the question")
        parser.add_argument("--course", required=True, metavar="SLUG")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--version", dest="number", type=int, metavar="N", help="judge by this version")
        what.add_argument("--exclude", action="store_true", help="keep the question out of memory; marks stay")
        what.add_argument("--undo", type=int, metavar="PK", help="take this decision back")
        parser.add_argument("--reason", default="", help="what the learners concerned read")
        parser.add_argument("--dry-run", action="store_true", help="only say what would change")

    def handle(self, *args: Any, **options: Any) -> None:
        question = (
            Question.objects.select_related("current")
            .filter(slug=options["question"], course__slug=options["course"])
            .first()
        )
        if question is None or question.current is None:
            raise CommandError(f"The course {options['course']} has no question {options['question']}.")
        try:
            self._run(question, options)
        except decisions.RegradeError as refused:
            raise CommandError(str(refused)) from refused

    def _run(self, question: Question, options: dict[str, Any]) -> None:
        given: dict[str, Any] = {"author": None, "reason": options["reason"], "now": timezone.now()}
        if options["undo"] is not None:
            decision = _decision(question, options["undo"])
            found = decisions.preview_undo(decision)
            self._say(found)
            if not options["dry_run"]:
                self._done(decisions.undo(decision, expected=found, **given))
            return
        version = None if options["exclude"] else _version(question, options["number"])
        found = decisions.preview(question, version)
        self._say(found)
        if options["dry_run"]:
            return
        if version is None:
            self._done(decisions.exclude(question, expected=found, **given))
        else:
            self._done(decisions.regrade(question, version, expected=found, **given))

    def _say(self, found: Difference) -> None:
        self.stdout.write(f"{found.judged} answers, {found.unjudged} of them cannot be judged and keep what they had.")
        self.stdout.write(f"{found.learners} learners: {found.risen} marks rise, {found.fallen} fall;")
        self.stdout.write(f"{found.passes_gained} passes gained, {found.passes_lost} lost;")
        cards = f"{found.sooner} cards come sooner, {found.later} later"
        self.stdout.write(f"{cards}, {found.left_out} are left out, {found.taken_in} taken in.")

    def _done(self, decision: Regrade) -> None:
        self.stdout.write(f"Done: decision {decision.pk}.")


def _version(question: Question, number: int | None) -> QuestionVersion:
    version = question.current if number is None else question.versions.filter(number=number).first()
    if version is None:
        raise CommandError(f"The question has no version {number}.")
    return version


def _decision(question: Question, pk: int) -> Regrade:
    decision = question.regrades.select_related("version", "question").filter(pk=pk).first()
    if decision is None:
        raise CommandError(f"There is no decision {pk} about this question.")
    return decision
