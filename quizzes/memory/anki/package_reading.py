"""An .apkg of Anki, from its bytes to values. Pure: nothing of it touches the disk.

A package is a zip with an SQLite database of the layout 11 (`collection.anki21`, or `collection.anki2` of older
versions), `media` (number → name) and the media under their numbers. None of it is believed: sizes are counted while
reading, the database is opened in memory, read-only, with nothing of its own code (views, triggers, functions) ever
run, and every value is checked for its type.
"""

import io
import json
import sqlite3
import struct
import unicodedata
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext_noop

DAMAGED: Final = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError),
)
NEWER, CURRENT, OLD = "collection.anki21b", "collection.anki21", "collection.anki2"
LAYOUT: Final = 11
CHUNK: Final = 65_536
MAX_RATIO, RATIO_FLOOR = 200, 5_000_000
MAX_JSON_BYTES: Final = 10_000_000
MAX_VALUE_BYTES: Final = 20_000_000
MAX_DIRECTORY_BYTES: Final = 8_000_000
STEPS_AT_A_TIME: Final = 1_000_000
MAX_STEPS: Final = 2_000
"""Millions of instructions of SQLite's machine: a minute or so, where an honest package needs a second."""
_END, _LARGE_END, _HEADER = b"PK\x05\x06", b"PK\x06\x07", b"SQLite format 3\x00"
_TABLES: Final = ("col", "notes", "cards", "revlog")

FAULTS: Final[Mapping[str, str]] = {
    "too_large": gettext_noop("This package has %(size)s; at most %(most)s are taken."),
    "no_zip": gettext_noop("This is no package of Anki: an .apkg is a zip archive."),
    "damaged": gettext_noop("The package is damaged; export it from Anki again."),
    "newer": gettext_noop(
        "This package is made for newer versions of Anki alone. In Anki choose File → Export, tick “Support older "
        "Anki versions (slower/larger files)”, and send the file that it makes."
    ),
    "no_collection": gettext_noop("There is no collection in this archive, so it is no package of Anki."),
    "path": gettext_noop("A file in the package has a path as its name, which Anki’s never have: %(name)s"),
    "encrypted": gettext_noop("A file in the package is encrypted: %(name)s"),
    "too_many_files": gettext_noop("There are more than %(most)s files in the package."),
    "unpacks": gettext_noop("%(name)s unpacks to more than is read here (%(most)s)."),
    "database": gettext_noop("The collection in the package is no SQLite database, or a damaged one."),
    "no_table": gettext_noop("The collection in the package has something else in the place of Anki’s table %(name)s."),
    "layout": gettext_noop("The collection has layout %(version)s of Anki’s; layout 11 is read here."),
    "too_slow": gettext_noop("Reading the collection takes too long."),
    "too_many_notes": gettext_noop("There are more than %(most)s notes in the package."),
    "too_many_cards": gettext_noop("There are more than %(most)s cards in the package."),
    "too_many_reviews": gettext_noop("There are more than %(most)s reviews in the package."),
    "no_cards": gettext_noop("There is no card in this package."),
}


class PackageError(Exception):
    """The package is not taken. `code` is one of FAULTS, `values` are put into its sentence."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(FAULTS[code] % values)
        self.code, self.values = code, values


@dataclass(frozen=True)
class Limits:
    """`database_bytes`: of the collection, unpacked. `picture_bytes`: of one file of the media that is read."""

    database_bytes: int = 200_000_000
    notes: int = 20_000
    cards: int = 50_000
    reviews: int = 500_000
    media: int = 20_000
    picture_bytes: int = 5_000_000


class Template(NamedTuple):
    name: str
    front: str
    back: str


@dataclass(frozen=True, slots=True)
class NoteType:
    name: str
    is_cloze: bool
    fields: Sequence[str]
    templates: Sequence[Template]


@dataclass(frozen=True, slots=True)
class Note:
    guid: str
    note_type: NoteType | None
    fields: Sequence[str]
    tags: str


class LogRow(NamedTuple):
    """One line of the log. `id`: milliseconds since 1970. `kind`: 0 learning, 1 review, 2 relearning, 3 of a filtered
    deck, 4 and 5 rescheduled without an answer."""

    id: int
    ease: int
    kind: int
    factor: int
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Card:
    note: Note
    ordinal: int
    deck: str
    is_suspended: bool
    log: Sequence[LogRow]


@dataclass(frozen=True)
class Package:
    """`scheduler`: 1 (whose buttons while learning are three) or 2. `strays`: lines of the log without their card."""

    notes: Sequence[Note]
    cards: Sequence[Card]
    scheduler: int
    strays: int
    media: Mapping[str, str]
    """Name, as the cards have it → name in the archive."""
    _archive: zipfile.ZipFile = field(repr=False)
    _limits: Limits = field(repr=False)

    def size_of(self, name: str) -> int | None:
        """What the archive says of the size of a file of the media; None if there is none of this name."""
        try:
            return self._archive.getinfo(self.media[name]).file_size
        except KeyError:
            return None

    def beginning_of(self, name: str) -> bytes:
        """Return the first 16 bytes of a file of the media: they say what it is. Raises PackageError."""
        try:
            with self._archive.open(self.media[name]) as opened:
                return opened.read(16)
        except DAMAGED:
            raise PackageError("damaged") from None

    def content_of(self, name: str) -> bytes:
        """Return a file of the media. Raises PackageError."""
        return _unpacked(self._archive, self.media[name], self._limits.picture_bytes)


def read_package(content: bytes, limits: Limits) -> Package:
    """Raises PackageError, which says why."""
    archive = _archive(content, limits)
    names = set(archive.namelist())
    if NEWER in names:
        raise PackageError("newer")
    inside = next((name for name in (CURRENT, OLD) if name in names), None)
    if inside is None:
        raise PackageError("no_collection")
    media = _media(archive, names, limits)
    collection = _read_collection(_unpacked(archive, inside, limits.database_bytes), limits)
    if not collection.cards:
        raise PackageError("no_cards")
    return Package(collection.notes, collection.cards, collection.scheduler, collection.strays, media, archive, limits)


# --- the archive -----------------------------------------------------------------------------------------------------


def _archive(content: bytes, limits: Limits) -> zipfile.ZipFile:
    _check_directory(content, limits)
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except DAMAGED:
        raise PackageError("damaged") from None
    for info in archive.infolist():
        shown = ascii(info.orig_filename)[:100]
        if any(sign in info.orig_filename for sign in "/\\\0") or info.orig_filename.startswith("."):
            raise PackageError("path", name=shown)
        if info.flag_bits & 0x2041:
            raise PackageError("encrypted", name=shown)
    return archive


def _check_directory(content: bytes, limits: Limits) -> None:
    """Refuse what `zipfile` would read into memory before anything can be counted."""
    place = content.rfind(_END, max(0, len(content) - 66_000))
    if not content.startswith(b"PK") or place < 0 or len(content) - place < 22:
        raise PackageError("no_zip")
    entries, directory = struct.unpack_from("<HL", content, place + 10)
    is_large = content[max(0, place - 20) : place].startswith(_LARGE_END)
    if is_large or entries > limits.media + 10 or directory > MAX_DIRECTORY_BYTES:
        raise PackageError("too_many_files", most=f"{limits.media:,}")


def _unpacked(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """Return the bytes that really come out, whatever the header says of them."""
    info, found = archive.getinfo(name), bytearray()
    shown = f"{most / 1_000_000:g} MB"
    if info.file_size > most:
        raise PackageError("unpacks", name=name, most=shown)
    try:
        with archive.open(info) as opened:
            while chunk := opened.read(CHUNK):
                found += chunk
                bloated = len(found) > RATIO_FLOOR and len(found) > MAX_RATIO * max(1, info.compress_size)
                if len(found) > most or bloated:
                    raise PackageError("unpacks", name=name, most=shown)
    except DAMAGED:
        raise PackageError("damaged") from None
    return bytes(found)


def _media(archive: zipfile.ZipFile, names: set[str], limits: Limits) -> dict[str, str]:
    if "media" not in names:
        return {}
    listed = _json(_unpacked(archive, "media", MAX_JSON_BYTES), dict)
    if len(listed) > limits.media:
        raise PackageError("too_many_files", most=f"{limits.media:,}")
    pairs = {(str(number), name) for number, name in listed.items() if isinstance(name, str) and str(number) in names}
    return {unicodedata.normalize("NFC", name): number for number, name in sorted(pairs)}


def _json(content: bytes | str, kind: type) -> Any:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise PackageError("damaged") from None
    if not isinstance(found, kind):
        raise PackageError("damaged")
    return found


# --- the database ----------------------------------------------------------------------------------------------------


class _Collection(NamedTuple):
    notes: list[Note]
    cards: list[Card]
    scheduler: int
    strays: int


def _read_collection(content: bytes, limits: Limits) -> _Collection:
    if not content.startswith(_HEADER):
        raise PackageError("database")
    database = sqlite3.connect(":memory:")
    counter = _Counter()
    try:
        _open(database, content, counter)
        return _rows(database, limits)
    except (sqlite3.Error, UnicodeError, OverflowError):  # also messages of SQLite's may be no UTF-8
        raise PackageError("too_slow" if counter.is_over else "database") from None
    finally:
        database.close()


class _Counter:
    """Stops SQLite after MAX_STEPS calls: a bound of work that no clock is needed for."""

    def __init__(self) -> None:
        self.steps = 0

    @property
    def is_over(self) -> bool:
        return self.steps > MAX_STEPS

    def __call__(self) -> int:
        self.steps += 1
        return self.is_over


def _open(database: sqlite3.Connection, content: bytes, counter: _Counter) -> None:
    """Put the database into memory, where nothing can be written, and nothing that it brings along is run."""
    database.text_factory = lambda raw: raw.decode("utf-8", "replace")
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, max(MAX_VALUE_BYTES, len(content)))
    database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    database.setlimit(sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 50)
    database.set_progress_handler(counter, STEPS_AT_A_TIME)
    if content[18:20] == b"\x02\x02":  # a write-ahead log cannot be in memory; of this file there is none
        content = content[:18] + b"\x01\x01" + content[20:]
    database.deserialize(content)
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
    for pragma in ("trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0", "query_only=ON"):
        database.execute(f"PRAGMA {pragma}")
    kinds = dict(database.execute("SELECT name, type FROM sqlite_master WHERE sql NOT LIKE 'CREATE VIRTUAL%'"))
    for name in _TABLES:
        if kinds.get(name) != "table":
            raise PackageError("no_table", name=name)
    database.set_authorizer(_may)


def _may(action: int, table: str | None, column: str | None, *rest: str | None) -> int:
    allowed = action == sqlite3.SQLITE_SELECT or (action == sqlite3.SQLITE_READ and table in _TABLES)
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def _rows(database: sqlite3.Connection, limits: Limits) -> _Collection:
    version, configuration, models, decks = _one(database, "SELECT ver, conf, models, decks FROM col LIMIT 1")
    if version != LAYOUT:
        raise PackageError("layout", version=str(version)[:20])
    types = dict(_note_types(_json(_text(models), dict)))
    names = {str(key): deck.get("name") for key, deck in _json(_text(decks), dict).items() if isinstance(deck, dict)}
    scheduler = 2
    if isinstance(configuration, str) and configuration:
        scheduler = 1 if _json(configuration, dict).get("schedVer", 1) == 1 else 2
    notes = _notes(database, types, limits)
    logs = _logs(database, limits)
    cards = list(_cards(database, notes, names, logs, limits))
    strays = sum(map(len, logs.values())) - sum(len(card.log) for card in cards)
    return _Collection(list(notes.values()), cards, scheduler, strays)


def _one(database: sqlite3.Connection, query: str) -> tuple[Any, ...]:
    found: tuple[Any, ...] | None = database.execute(query).fetchone()
    if found is None:
        raise PackageError("database")
    return found


def _select(database: sqlite3.Connection, query: str, most: int, what: str) -> Iterator[tuple[Any, ...]]:
    for number, row in enumerate(database.execute(f"{query} LIMIT {most + 1}")):
        if number == most:
            raise PackageError(f"too_many_{what}", most=f"{most:,}")
        yield row


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise PackageError("damaged")
    return value


def _integers(*values: Any) -> tuple[int, ...]:
    if not all(isinstance(value, int) for value in values):
        raise PackageError("damaged")
    return values


def _note_types(models: Mapping[str, Any]) -> Iterator[tuple[str, NoteType]]:
    try:
        for key, model in models.items():
            fields = sorted(model["flds"], key=lambda one: int(one["ord"]))
            templates = sorted(model["tmpls"], key=lambda one: int(one["ord"]))
            yield (
                str(key),
                NoteType(
                    _text(model["name"]),
                    model.get("type") == 1,
                    [_text(one["name"]) for one in fields],
                    [Template(_text(one["name"]), _text(one["qfmt"]), _text(one["afmt"])) for one in templates],
                ),
            )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise PackageError("damaged") from None


def _notes(database: sqlite3.Connection, types: Mapping[str, NoteType], limits: Limits) -> dict[int, Note]:
    found: dict[int, Note] = {}
    for pk, guid, model, tags, fields in _select(
        database, "SELECT id, guid, mid, tags, flds FROM notes", limits.notes, "notes"
    ):
        (key,) = _integers(pk)
        # A field that looks like a number comes as one where a column was made without a type.
        found[key] = Note(str(guid), types.get(str(model)), _text(fields).split("\x1f"), str(tags).strip())
    return found


def _logs(database: sqlite3.Connection, limits: Limits) -> dict[int, list[LogRow]]:
    found: dict[int, list[LogRow]] = defaultdict(list)
    query = "SELECT cid, id, ease, type, factor, time FROM revlog"
    for row in _select(database, query, limits.reviews, "reviews"):
        card, *rest = _integers(*row)
        found[card].append(LogRow(*rest))
    return found


def _cards(
    database: sqlite3.Connection,
    notes: Mapping[int, Note],
    decks: Mapping[str, Any],
    logs: Mapping[int, list[LogRow]],
    limits: Limits,
) -> Iterator[Card]:
    for row in _select(database, "SELECT id, nid, did, ord, queue FROM cards", limits.cards, "cards"):
        pk, note, deck, ordinal, queue = _integers(*row)
        if note not in notes or not 0 <= ordinal < 10_000:
            raise PackageError("damaged")
        yield Card(notes[note], ordinal, str(decks.get(str(deck)) or ""), queue == -1, sorted(logs.get(pk, ())))
