"""`draft_course NOTES.md FOLDER`: raw notes become a course folder to go over, and a report of what has no place in it.

All or nothing: the folder is written beside its place under another name and moved there when it is complete.
"""

import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from courses.course_files import OccupiedError, refuse_to_replace, replace_folder
from courses.decoding import MAX_NOTES_BYTES, DecodingError
from courses.notes.drafting import DraftError, slug_of
from courses.notes.folders import NotesFile, draft_folder, read_file

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LOCALE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")


class Command(BaseCommand):
    requires_system_checks = []  # files in, files out: neither database nor site
    help = "Make a course folder from raw notes, and a report of everything that could not be placed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("notes", type=Path)
        parser.add_argument("folder", type=Path)
        parser.add_argument("--locale", help="language of the notes, such as zh-hans; found out if it is not given")
        parser.add_argument("--slug", help="the course's name in addresses; the folder's name if it is not given")
        parser.add_argument("--title", help="the course's title; from the notes if it is not given")
        parser.add_argument("--force", action="store_true", help="replace the folder if it holds a course already")

    def handle(self, *, notes: Path, folder: Path, force: bool, verbosity: int, **options: Any) -> None:
        try:
            refuse_to_replace(folder, force)
        except OccupiedError as error:
            raise CommandError(str(error)) from None
        file = _read(notes)
        slug, locale = _slug(options["slug"], folder), _locale(options["locale"] or file.locale)
        try:
            draft = draft_folder(file, slug=slug, title=options["title"] or "", locale=locale, beside=notes.parent)
        except DraftError as error:
            raise CommandError(f"{notes}: {error}") from None
        replace_folder(folder, draft.files.items())
        if verbosity:
            if file.encoding != "utf-8":
                self.stderr.write(self.style.WARNING(f"{notes} is not UTF-8; it was read as {file.encoding}."))
            self.stdout.write(draft.report.to_markdown())
            self.stdout.write(self.style.SUCCESS(f"{folder}: written. Check it with: import_course {folder} --check"))


def _read(notes: Path) -> NotesFile:
    try:
        if notes.stat().st_size > MAX_NOTES_BYTES:
            raise CommandError(f"{notes} is larger than {MAX_NOTES_BYTES // 1000} KB.")
        return read_file(notes.read_bytes(), notes.name)
    except OSError as error:
        raise CommandError(f"{notes}: {error.strerror}.") from None
    except DecodingError as error:
        raise CommandError(f"{notes}: {error}") from None


def _slug(given: str | None, folder: Path) -> str:
    name = folder.resolve().name
    slug = given or (name if SLUG.fullmatch(name) else slug_of(name))
    if not SLUG.fullmatch(slug) or len(slug) > 100:
        raise CommandError(
            f"“{slug}” cannot be a slug: small letters, digits and single hyphens. Give one with --slug."
        )
    return slug


def _locale(locale: str) -> str:
    if not LOCALE.fullmatch(locale):
        raise CommandError(f"“{locale}” is no locale: write it as en or zh-hans.")
    return locale
