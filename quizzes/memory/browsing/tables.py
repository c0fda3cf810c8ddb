"""Cards in a sheet, CSV or TSV: one row per card. Pure.

The first row may hold headings, in any order and language of the site: `front` and `back` are needed, `id` tells which
card it is; others are not read. Without headings the first column is the front, the second the back, as other programs
write it. Texts are Markdown. Lines of settings that Anki puts before the rows are skipped. A cell that a spreadsheet
program might take for a formula is written with an apostrophe before it, which is taken away in reading.
"""

import codecs
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from tablib import Dataset  # type: ignore[import-untyped]

from quizzes.interchange.items import FileFault
from quizzes.interchange.table_files import Row, guarded, rows_of_csv

Format = Literal["csv", "tsv"]
FORMATS: Final[Mapping[str, Format]] = {"csv": "csv", "tsv": "tsv"}
MEDIA_TYPES: Final[Mapping[Format, str]] = {"csv": "text/csv", "tsv": "text/tab-separated-values"}
MAX_BYTES: Final = 1_000_000
_NAMES: Final = {
    "front": {"front", "question", "term", "正面", "问题", "题目"},
    "back": {"back", "answer", "definition", "背面", "答案", "反面"},
    "id": {"id", "guid", "编号"},
}
_SETTING = re.compile(rb"(?:\xef\xbb\xbf)?#[a-z ]{2,30}:[^\n]*(?:\n|$)")


@dataclass(frozen=True, slots=True)
class CardRow:
    """`line`: of the file, from 1. `id`: what stands in that column; empty for none."""

    line: int
    id: str
    front: str
    back: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """`unread`: the headings that mean nothing here."""

    rows: Sequence[CardRow]
    unread: Sequence[str]


def read(content: bytes) -> Sheet:
    """Return the rows of a file, also those with an empty side; raises FileFault."""
    if len(content) > MAX_BYTES:
        raise FileFault(f"The file is larger than {MAX_BYTES // 1_000_000} MB.")
    settings = 0
    while found := _SETTING.match(content):
        content, settings = content[found.end() :], settings + 1
    rows = rows_of_csv(content)
    if not rows:
        raise FileFault("There is no card in this file.")
    places, unread, is_headed = _columns(rows[0])
    front, back, id_ = places["front"], places["back"], places.get("id")
    cards = [
        CardRow(row.number + settings, _cell(row, id_), _cell(row, front), _cell(row, back)) for row in rows[is_headed:]
    ]
    if not cards:
        raise FileFault("There is no card in this file, only headings.", rows[0].number + settings)
    return Sheet(cards, unread)


def write(headings: Sequence[str], rows: Sequence[Sequence[str]], file_format: Format) -> bytes:
    """Return the file in UTF-8; a CSV begins with a mark, by which Excel knows it."""
    dataset = Dataset(headers=list(headings))
    for row in rows:
        dataset.append([guarded(cell) for cell in row])
    text: str = dataset.export(file_format)
    return (codecs.BOM_UTF8 if file_format == "csv" else b"") + text.encode()


def _columns(row: Row) -> tuple[dict[str, int], list[str], bool]:
    """Return the place of each column, the headings that are not read, and whether the row holds headings at all."""
    places: dict[str, int] = {}
    unread: list[str] = []
    for index, cell in enumerate(row.cells):
        name = next((name for name, known in _NAMES.items() if cell.strip().casefold() in known), "")
        if name and name not in places:
            places[name] = index
        elif cell:
            unread.append(cell[:60])
    if {"front", "back"} <= places.keys():
        return places, unread, True
    return {"front": 0, "back": 1}, [], False


def _cell(row: Row, index: int | None) -> str:
    return row.cells[index] if index is not None and index < len(row.cells) else ""
