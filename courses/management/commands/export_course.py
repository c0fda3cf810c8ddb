"""`export_course SLUG FOLDER`: write the folder that a course could be imported from."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from courses.course_files import OccupiedError, refuse_to_replace, replace_folder
from courses.folders import export_files
from courses.models import Course


class Command(BaseCommand):
    help = "Write a course as a folder: all of it or nothing. Importing the folder again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the course's name in addresses")
        parser.add_argument("folder", type=Path)
        parser.add_argument("--force", action="store_true", help="replace the folder if it holds a course already")

    def handle(self, *, slug: str, folder: Path, force: bool, verbosity: int, **options: Any) -> None:
        course = Course.objects.filter(slug=slug).first()
        if course is None:
            known = ", ".join(Course.objects.values_list("slug", flat=True)) or "none at all"
            raise CommandError(f"There is no course “{slug}”. There are: {known}.")
        try:
            refuse_to_replace(folder, force)
        except OccupiedError as error:
            raise CommandError(str(error)) from None
        replace_folder(folder, export_files(course))
        if verbosity:
            self.stdout.write(self.style.SUCCESS(f"{folder}: written"))
