"""`export_anki FILE --course SLUG --learner E-MAIL`: a learner's cards of a course as an .apkg."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from quizzes.management.commands.import_anki import found_learner
from quizzes.management.commands.import_questions import found_course
from quizzes.memory.anki.exporting import export


class Command(BaseCommand):
    help = "Write one learner's cards of a course, with their memory, as a package that every Anki reads."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--course", required=True, metavar="SLUG")
        parser.add_argument("--learner", required=True, metavar="E-MAIL", help="whose cards they are")
        parser.add_argument("--locale", metavar="L", help="language of the texts; the first of the course if left out")
        parser.add_argument("--without-scheduling", action="store_true", help="new cards, without any memory")

    def handle(self, *, file: Path, **options: Any) -> None:
        course, learner = found_course(options["course"]), found_learner(options["learner"])
        locale = options["locale"] or course.fallback
        if locale not in course.locales:
            raise CommandError(f"The course is not written in {locale}, but in {', '.join(course.locales)}.")
        with_scheduling = not options["without_scheduling"]
        exported = export(learner, course, locale=locale, with_scheduling=with_scheduling, now=timezone.now())
        for kind, number in sorted(exported.left_out.items()):
            self.stderr.write(f"{number} {kind}: no front and back, so no card.", self.style.WARNING)
        _write(file, exported.content)
        said = f"{file}: {exported.cards} cards, {exported.reviews} reviews, {exported.pictures} pictures."
        self.stdout.write(self.style.SUCCESS(said))


def _write(output: Path, content: bytes) -> None:
    """All of the file or nothing: what is there is replaced only by a whole one."""
    begun = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        begun.write_bytes(content)
        begun.replace(output)
    except OSError as error:
        begun.unlink(missing_ok=True)
        raise CommandError(f"{output}: {error.strerror}") from None
