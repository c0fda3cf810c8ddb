from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from courses.folders import edited_course


class Command(BaseCommand):
    help = "Bring the database up to date, import the shipped course, and make a first instructor if there is none."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--address", default="", help="where the server will answer; printed at the end")

    def handle(self, *args: Any, address: str, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        for manifest in sorted(Path(settings.BASE_DIR, "courses", "content").glob("*/course.yaml")):
            self._import(manifest.parent)
        call_command("first_instructor", stdout=self.stdout)
        if address:
            self.stdout.write(f"\n  Engram is at {address}   (Ctrl-C stops it)\n")

    def _import(self, folder: Path) -> None:
        """Import a shipped course, unless somebody has edited it here: that would be lost without a word."""
        if edited := edited_course(folder):
            self.stdout.write(
                f"{edited.slug} was edited here on {edited.edited_at:%Y-%m-%d} and stays as it is; "
                f"import_course {folder} would bring back the shipped one."
            )
        else:
            call_command("import_course", str(folder), verbosity=0)
