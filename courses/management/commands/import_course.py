"""`import_course FOLDER [--check]`: check every file of a course folder, then write all of it or nothing."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from courses.folders import check_folder, is_current, write_folder
from courses.processes import how_many


class Command(BaseCommand):
    help = "Import a course folder. Importing it again changes nothing; what vanished is archived."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--check", action="store_true", help="only report what is wrong, write nothing")

    def handle(self, *, folder: Path, check: bool, verbosity: int, **options: Any) -> None:
        if not check and is_current(folder):
            if verbosity:
                self.stdout.write(f"{folder}: unchanged")
            return
        self.shown = verbosity > 0 and self.stderr.isatty()
        checked = check_folder(folder, self.progress, processes=how_many())
        for problem in checked.problems:
            style = self.style.ERROR if problem.severity == "error" else self.style.WARNING
            self.stderr.write(str(problem), style)
        if checked.errors:
            raise CommandError(f"{checked.errors} errors. Nothing was imported.")
        if not check:
            course = write_folder(checked, self.progress)
            if verbosity:
                self.stdout.write(self.style.SUCCESS(f"{folder}: imported as {course.get_absolute_url()}"))
        elif verbosity:
            self.stdout.write(self.style.SUCCESS(f"{folder}: no errors"))

    def progress(self, done: int, total: int, what: str) -> None:
        """One line on a terminal, written over and over, and wiped at the end."""
        if self.shown:
            line = f"{what}: {done} of {total} lessons" if done < total else ""
            self.stderr.write(f"\r\033[K{line}", str, ending="")
            self.stderr.flush()
