"""`draft_course NOTES.md FOLDER`: raw notes become a course folder to go over, and a report of what has no place in it.

All or nothing: the folder is written beside its place under another name and moved there when it is complete.
"""

import re
import shutil
import tempfile
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from django.core.management.base import BaseCommand, CommandError

from courses.drafting import CodeReading, DraftError, course_title, detect_locale, draft_course, slug_of
from courses.notes import read_notes
from courses.parsing import MAX_PICTURE_BYTES
from sandbox.keras_code import translate

MAX_NOTES_BYTES = 1_000_000
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
        _refuse_to_overwrite(folder, force)
        text, encoding = _read(notes)
        read = read_notes(text)
        try:
            draft = draft_course(
                read,
                slug=_slug(options["slug"], folder),
                title=options["title"] or course_title(read, notes.stem),
                locale=_locale(options["locale"], text),
                source=notes.name,
                translate=read_code,
                picture=lambda target: _picture(notes.parent, target),
            )
        except DraftError as error:
            raise CommandError(f"{notes}: {error}") from None
        write_folder(folder, draft.files)
        if verbosity:
            if encoding != "utf-8":
                self.stderr.write(self.style.WARNING(f"{notes} is not UTF-8; it was read as {encoding}."))
            self.stdout.write(draft.report.to_markdown())
            self.stdout.write(self.style.SUCCESS(f"{folder}: written. Check it with: import_course {folder} --check"))


def read_code(source: str) -> CodeReading:
    """Keras code as the sandbox reads it, without running it."""
    found = translate(source)
    return CodeReading(
        spec=found.spec,
        has_model=found.has_model,
        refusals=[(remark.line, remark.detail) for remark in found.refusals],
        notes=[(remark.line, remark.detail) for remark in found.notes],
    )


def _read(notes: Path) -> tuple[str, str]:
    """The text and its encoding: UTF-8, or what Chinese Windows writes."""
    try:
        if notes.stat().st_size > MAX_NOTES_BYTES:
            raise CommandError(f"{notes} is larger than {MAX_NOTES_BYTES // 1000} KB.")
        content = notes.read_bytes()
    except OSError as error:
        raise CommandError(f"{notes}: {error.strerror}.") from None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding), encoding.removesuffix("-sig")
        except UnicodeDecodeError:
            continue
    raise CommandError(f"{notes} is neither UTF-8 nor GB 18030 text.")


def _slug(given: str | None, folder: Path) -> str:
    name = folder.resolve().name
    slug = given or (name if SLUG.fullmatch(name) else slug_of(name))
    if not SLUG.fullmatch(slug) or len(slug) > 100:
        raise CommandError(
            f"“{slug}” cannot be a slug: small letters, digits and single hyphens. Give one with --slug."
        )
    return slug


def _locale(given: str | None, text: str) -> str:
    locale = given or detect_locale(text)
    if not LOCALE.fullmatch(locale):
        raise CommandError(f"“{locale}” is no locale: write it as en or zh-hans.")
    return locale


def _picture(folder: Path, target: str) -> bytes | None:
    """A picture below the notes' own folder; never a file from elsewhere."""
    name = unquote(target).replace("\\", "/")
    try:
        file = (folder / name).resolve()
        if not file.is_relative_to(folder.resolve()) or not file.is_file():
            return None
        with file.open("rb") as stream:
            return stream.read(MAX_PICTURE_BYTES + 1)
    except (OSError, ValueError):
        return None


# --- writing -----------------------------------------------------------------------------------------------------


def _refuse_to_overwrite(folder: Path, force: bool) -> None:
    if not folder.exists() and not folder.is_symlink():
        return
    if not force:
        raise CommandError(f"{folder} exists. Give another folder, or --force to replace it.")
    if folder.is_symlink() or not folder.is_dir() or not (folder / "course.yaml").is_file():
        raise CommandError(f"{folder} is no course folder; it is not replaced.")


def write_folder(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write all files or none: a folder that is there is what it was before until the new one is complete."""
    folder = folder.absolute()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as temporary:
        new, old = Path(temporary) / "new", Path(temporary) / "old"
        for name, content in files.items():
            file = new / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        if folder.exists():
            folder.rename(old)
        try:
            new.rename(folder)
        except OSError:
            if old.exists():
                old.rename(folder)
            raise
        shutil.rmtree(old, ignore_errors=True)
