"""`export_questions --course SLUG --format F`: the questions of a course as a file of another system.

Without `--output` the file goes to the terminal. What the format cannot hold is said beside it, and is no error.
"""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from quizzes.bank.exporting import export
from quizzes.bank.formats import FORMATS
from quizzes.management.commands.import_questions import found_course, found_lesson


class Command(BaseCommand):
    help = "Write the published questions of a course or a lesson. Importing the file again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--course", required=True, metavar="SLUG")
        parser.add_argument("--format", required=True, choices=FORMATS)
        parser.add_argument("--lesson", metavar="SLUG", help="all of the course if left out")
        parser.add_argument("--locale", metavar="L", help="language of the texts; the first of the course if left out")
        parser.add_argument("--output", type=Path, metavar="FILE", help="the terminal if left out")

    def handle(self, *, output: Path | None, verbosity: int, **options: Any) -> None:
        course = found_course(options["course"])
        lesson = found_lesson(course, options["lesson"]) if options["lesson"] else None
        locale, file_format = options["locale"] or course.fallback, FORMATS[options["format"]]
        if locale not in course.locales:
            raise CommandError(f"The course is not written in {locale}, but in {', '.join(course.locales)}.")
        if output is None and file_format.name == "xlsx":
            raise CommandError("An Excel file is nothing for a terminal: name it with --output.")
        exported = export(course, lesson, locale, file_format)
        for one in exported.left_out:
            self.stderr.write(f"{one.question.slug}: {one.why}", self.style.WARNING)
        if output is None:
            self.stdout.write(exported.content.decode(), ending="")
            return
        _write(output, exported.content)
        if verbosity:
            said = f"{output}: {exported.asked} questions, {exported.incomplete} of them not, or not as a whole."
            self.stdout.write(self.style.SUCCESS(said) if not exported.left_out else said)


def _write(output: Path, content: bytes) -> None:
    """All of the file or nothing: what is there is replaced only by a whole one."""
    begun = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        begun.write_bytes(content)
        begun.replace(output)
    except OSError as error:
        begun.unlink(missing_ok=True)
        raise CommandError(f"{output}: {error.strerror}") from None
