"""The bytes of a CSV → lines of cells: encodings, separators, quotation marks, and all that is no CSV. Pure."""

import csv
import io
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sandbox.spec.base import MAXIMA
from sandbox.tables.texts import ERRORS, REPORT

MAX_BYTES = 2 * 1024 * 1024
MAX_CELL = 1000
MAX_NAME = 100
SEPARATORS = (",", ";", "\t", "|")
SAMPLE = 20
"""So many lines say which separator it is."""

_MAGIC: Sequence[tuple[bytes, str]] = [
    (b"PK\x03\x04", "zip, xlsx"), (b"PK\x05\x06", "zip"), (b"PK\x07\x08", "zip"), (b"%PDF", "pdf"),
    (b"\x1f\x8b", "gzip"), (b"\x89PNG", "png"), (b"\xff\xd8\xff", "jpeg"), (b"GIF87a", "gif"), (b"GIF89a", "gif"),
    (b"BZh9", "bzip2"), (b"7z\xbc\xaf\x27\x1c", "7z"), (b"\xfd7zXZ", "xz"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"),
    (b"SQLite format 3", "sqlite"), (b"PAR1\x15", "parquet"), (b"{\\rtf", "rtf"), (b"<!DOCTYPE", "html"),
    (b"<html", "html"), (b"<?xml", "xml"),
]  # fmt: skip


@dataclass(frozen=True)
class Remark:
    """One line of the report: what was left out or read in a way of our own. `code` is one of `table_texts.REPORT`."""

    code: str
    column: str | None = None
    line: int | None = None
    count: int | None = None
    parameters: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def words(self) -> dict[str, Any]:
        """What the message id is filled in with."""
        return {**self.parameters, "column": self.column, "line": self.line, "count": self.count}

    def as_json(self) -> dict[str, Any]:
        """The form in which it is stored."""
        known = {"code": self.code, "column": self.column, "line": self.line, "count": self.count}
        return {**known, "parameters": dict(self.parameters)}

    def __str__(self) -> str:
        return REPORT[self.code] % self.words


class TableError(ValueError):
    """The file is no table that could be trained on. `code` is one of `table_texts.ERRORS`; `line` counts from 1;
    `report` says what was left out before too little was left."""

    def __init__(
        self, code: str, line: int | None = None, report: Sequence[Remark] = (), **parameters: str | int
    ) -> None:
        text = ERRORS[code] % parameters
        super().__init__(f"Line {line}: {text}" if line else text)
        self.code = code
        self.line = line
        self.report = tuple(report)
        self.parameters = parameters


@dataclass(frozen=True)
class Grid:
    """Every row has as many cells as there are names; cells are as they stand in the file."""

    names: list[str]
    rows: list[list[str]]
    separator: str
    remarks: list[Remark]

    @property
    def has_decimal_commas(self) -> bool:
        return self.separator == ";"


def read_grid(content: bytes) -> Grid:
    """Raises TableError."""
    text, encoding = decode(content)
    separator = _separator(text)
    records = _records(text, separator)
    line, header = next(records, (1, [""]))
    names, remarks = _names(header, line)
    rows = [*_rows(records, len(names))]
    if not rows:
        raise TableError("no_rows")
    if encoding == "GB18030":
        remarks.insert(0, Remark("read_as", parameters={"encoding": encoding}))
    filled = [row for row in rows if any(row)]
    if len(filled) < len(rows):
        remarks.append(Remark("empty_rows", count=len(rows) - len(filled)))
    return Grid(names, filled, separator, remarks)


# --- text -----------------------------------------------------------------------------------------------------------


def decode(content: bytes) -> tuple[str, str]:
    """The text and the name of its encoding. Raises TableError where there is none."""
    if len(content) > MAX_BYTES:
        raise TableError("too_large", most=MAX_BYTES // 1024**2)
    _refuse_other_formats(content)
    encoding = "UTF-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "UTF-8"
    text = _decoded(content, encoding) if encoding == "UTF-16" else _decoded(content, "UTF-8-SIG")
    if text is None and encoding == "UTF-8":
        encoding = "GB18030"
        text = _decoded(content, encoding)
    if text is None:
        raise TableError("encoding")
    if not text.strip():
        raise TableError("empty")
    if "\0" in text:
        raise TableError("not_text", line=text.count("\n", 0, text.index("\0")) + 1)
    return text, encoding


def _refuse_other_formats(content: bytes) -> None:
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:20]
    for magic, name in _MAGIC:
        if start.startswith(magic):
            raise TableError("other_format", format=name)


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def clean(text: str) -> str:
    """Without control characters, invisible marks and superfluous spaces: fit to be shown and stored."""
    if text.isprintable():
        return " ".join(text.split())
    spaced = "".join(" " if character.isspace() else character for character in text)
    visible = (character for character in spaced if unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co"))
    return " ".join("".join(visible).split())


# --- lines ----------------------------------------------------------------------------------------------------------


def _separator(text: str) -> str:
    """The one that cuts the most of the first lines into as many cells as the very first."""
    return max(SEPARATORS, key=lambda separator: _evenness(text, separator))


def _evenness(text: str, separator: str) -> tuple[int, int]:
    try:
        records = csv.reader(io.StringIO(text.lstrip("\r\n"), newline=""), delimiter=separator)
        widths = [len(record) for record in islice(records, SAMPLE) if record]
    except csv.Error:
        return 0, 0
    return (widths.count(widths[0]), widths[0]) if widths and widths[0] > 1 else (0, 0)


def _records(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the number of the line where it begins; lines with nothing at all are passed over."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for record in reader:
            if record and max(map(len, record)) > MAX_CELL:
                raise TableError("long_cell", line=line, most=MAX_CELL)
            if len(record) > 1 or (record and record[0].strip()):
                yield line, record
            line = reader.line_num + 1
    except csv.Error as error:
        if "field limit" in str(error):
            raise TableError("long_cell", line=line, most=MAX_CELL) from None
        raise TableError("bad_quotes", line=line) from None


def _rows(records: Iterator[tuple[int, list[str]]], width: int) -> Iterator[list[str]]:
    """Rows of `width` cells; empty cells beyond them are cut off. A row without any value comes as empty texts."""
    for number, (line, record) in enumerate(records, start=1):
        if number > MAXIMA.rows:
            raise TableError("too_many_rows", line=line, most=MAXIMA.rows)
        if len(record) > width:
            record[width:] = _without_empty_end(record[width:])
        if len(record) != width:
            raise TableError("ragged", line=line, found=len(record), expected=width)
        yield record if any(map(str.strip, record)) else [""] * width


def _without_empty_end(cells: list[str]) -> list[str]:
    width = max((index for index, cell in enumerate(cells, start=1) if cell.strip()), default=0)
    return cells[:width]


# --- names ----------------------------------------------------------------------------------------------------------


def _names(header: list[str], line: int) -> tuple[list[str], list[Remark]]:
    """The names of the columns, all different; what has no name is called by its number."""
    names = _without_empty_end([clean(cell) for cell in header])
    if len(names) > MAXIMA.columns:
        raise TableError("too_many_columns", line=line, columns=len(names), most=MAXIMA.columns)
    if len(names) < 2:
        raise TableError("one_column", line=line)
    _refuse_numbers(names, line)
    unnamed = [index for index, name in enumerate(names) if not name]
    for index in unnamed:
        names[index] = f"#{index + 1}"
    _refuse_bad_names(names, line)
    return names, [Remark("unnamed", column=names[index], line=line) for index in unnamed]


def _refuse_bad_names(names: list[str], line: int) -> None:
    seen: set[str] = set()
    for number, name in enumerate(names, start=1):
        if len(name) > MAX_NAME:
            raise TableError("long_name", line=line, number=number, most=MAX_NAME)
        if name in seen:
            raise TableError("same_name", line=line, column=name)
        seen.add(name)


def _refuse_numbers(names: list[str], line: int) -> None:
    """A first line of numbers is a row. Whole numbers that rise (years, pixels, pandas' own) can be names."""
    numbers = [number for number in map(_number, names) if number is not None]
    rising = all(number.is_integer() for number in numbers) and sorted(set(numbers)) == numbers
    if len(numbers) * 2 >= len(names) and not rising:
        raise TableError("no_header", line=line)


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
