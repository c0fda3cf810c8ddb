"""Message catalogues without GNU gettext: Babel reads the sources, and compiles where a newcomer has only Python."""

import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation.template import templatize

KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
APPS = ["accounts", "config", "courses", "quizzes", "sandbox"]
# Header lines that only change with the clock, or name nobody.
_NOISE = re.compile(
    rb'"(Report-Msgid-Bugs-To|POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Generated-By):'
)
_CALL = re.compile(r"\b(?:n?p?gettext|_)\(")


class Command(BaseCommand):
    help = "update: bring new texts into the catalogues; check: fail on gaps; compile: write the .mo files."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["update", "check", "compile"])

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        files = sorted(Path(settings.LOCALE_PATHS[0]).glob("*/LC_MESSAGES/django.po"))
        gaps = [gap for file in files for gap in getattr(self, f"_{action}")(file)]
        if gaps:
            raise CommandError("\n".join(["The catalogues have gaps:", *gaps]))

    def _update(self, file: Path) -> Iterable[str]:
        catalog = _read(file)
        catalog.update(_template(), no_fuzzy_matching=True)
        catalog.obsolete.clear()
        text = BytesIO()
        write_po(text, catalog, width=120, sort_output=True, no_location=True)
        lines = text.getvalue().splitlines(keepends=True)
        file.write_bytes(b"".join(line for line in lines if not _NOISE.match(line)))
        return []

    def _check(self, file: Path) -> Iterable[str]:
        catalog, known = _read(file), _template()
        name = file.relative_to(settings.BASE_DIR)
        for message in known:
            if message.id and not _is_translated(found := catalog.get(message.id, message.context)):
                yield f"{name}: {'missing' if found is None else 'not translated'}: {message.id!r}"
        for message in catalog:
            if message.id and known.get(message.id, message.context) is None:
                yield f"{name}: not in the sources any more: {message.id!r}"
            if not _has_placeholder(message.id):
                message.flags.discard("python-format")  # Babel takes the "% o" of "5 % of" for one.
            yield from (f"{name}: {message.id!r}: {error}" for error in message.check(catalog))

    def _compile(self, file: Path) -> Iterable[str]:
        with file.with_suffix(".mo").open("wb") as target:
            write_mo(target, _read(file))
        return []


def _read(file: Path) -> Catalog:
    with file.open("rb") as source:
        return read_po(source, locale=file.parent.parent.name, domain="django")


def _is_translated(message: Message | None) -> bool:
    if message is None or message.fuzzy:
        return False
    texts = message.string if isinstance(message.string, tuple | list) else [message.string]
    return all(texts)


def _template() -> Catalog:
    """Return a catalogue of every text in the sources."""
    catalog = Catalog(domain="django")
    for app in APPS:
        for _file, _line, text, _comments, context in extract_from_dir(
            settings.BASE_DIR / app,
            [("**.py", "python"), ("**/templates/**.html", template_messages)],
            keywords=KEYWORDS,
        ):
            catalog.add(text, context=context, flags=["python-format"] if _has_placeholder(text) else [])
    return catalog


def template_messages(fileobj: BytesIO, keywords: Any, comment_tags: Any, options: Any) -> Iterator[Any]:
    """Babel's extractor for Django templates: Django itself turns them into calls of gettext, one per line."""
    source = templatize(fileobj.read().decode("utf-8"))
    calls = "\n".join(source[match.start() : _end_of_call(source, match.end())] for match in _CALL.finditer(source))
    yield from extract_python(BytesIO(calls.encode("utf-8")), keywords, comment_tags, options)


def _end_of_call(source: str, position: int) -> int:
    quote = ""
    while position < len(source):
        character = source[position]
        if character == "\\":
            position += 1
        elif quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == ")":
            return position + 1
        position += 1
    return position


def _has_placeholder(text: str | tuple[str, ...]) -> bool:
    texts = text if isinstance(text, tuple) else (text,)
    return any(re.search(r"%\(\w+\)[sd]|%[sd]", part) for part in texts)
