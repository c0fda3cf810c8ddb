"""The bytes of a sheet ↔ rows of texts. Pure.

What comes in is distrusted: sizes are counted before anything is unpacked, formulas are never evaluated, and an XLSX
file's XML is read by defusedxml (openpyxl does so where it is installed). What goes out starts no formula in any
spreadsheet program, and reads back to the letter: see `guarded`.
"""

import codecs
import csv
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from tablib import Dataset  # type: ignore[import-untyped]

from courses.decoding import MAX_NOTES_BYTES, DecodingError, decode_notes
from quizzes.interchange.items import MAX_BYTES, MAX_ITEMS, FileFault
from quizzes.interchange.table_cells import letter

MAX_MEMBERS: Final = 500
MAX_UNPACKED: Final = 30_000_000
MAX_TAGS: Final = 600_000
MAX_ROWS: Final = 100_000
MAX_CELLS: Final = 1_000_000
MAX_CELL: Final = 32_767
DELIMITERS: Final = ",;\t"
COLUMN_WIDTH: Final = 28
UNREADABLE: Final = "This is no CSV text, or not all of it. Save the sheet as “CSV UTF-8”, or import the XLSX file."
EPOCH: Final = (1980, 1, 1, 0, 0, 0)

_ERRORS: Final = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A")
_NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_RISKY: Final = re.compile(rf"'*(?:[=+\-@\t\r\n＝＋－＠]|(?:{'|'.join(map(re.escape, _ERRORS))})\Z)")
_NOT_IN_XLSX: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]|x005F_")
_DATES: Final = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f[\s/>]")
_SEPARATOR: Final = re.compile(r"sep=([,;\t|])\r?\n?", re.IGNORECASE)


@dataclass(frozen=True)
class Row:
    """`number` counts as spreadsheet programs do, from 1, empty rows included. `remarks` are sentences about a cell."""

    number: int
    cells: tuple[str, ...]
    remarks: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not any(self.cells)


def guarded(text: str) -> str:
    """Return the text with an apostrophe before it where a program might take it for a formula, or for an error.

    Spreadsheet programs read a leading apostrophe as “this is text”. A text that has one of its own before such a sign
    gets one more, so that `unguarded` gives back exactly what was written. Plain numbers stay as they are.
    """
    return f"'{text}" if _RISKY.match(text) and not _NUMBER.fullmatch(text) else text


def unguarded(text: str) -> str:
    return text[1:] if text.startswith("'") and _RISKY.match(text) else text


# --- CSV -------------------------------------------------------------------------------------------------------------


def rows_of_csv(content: bytes) -> list[Row]:
    """Return every row with something in it: commas, semicolons or tabs, in any encoding of `courses.decoding`.

    Raises FileFault.
    """
    if len(content) > MAX_BYTES:
        raise FileFault(f"The file is larger than {MAX_BYTES // 1_000_000} MB.")
    text = _decoded(content)
    first, separator = 1, _SEPARATOR.match(text)
    if separator:
        text, first = text[separator.end() :], 2
    delimiter = separator[1] if separator else _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = ((number, cells) for number, cells in enumerate(reader, start=first) if any(cells))
        return _filled(Row(number, tuple(map(_read, cells))) for number, cells in rows)
    except csv.Error as error:
        line = reader.line_num + first - 1
        raise FileFault(f"The quotation marks do not match, or a cell is too long ({error}).", line) from None


def csv_of_rows(rows: Sequence[Sequence[str]]) -> bytes:
    """Return UTF-8 with a mark, by which Excel knows it. The first row holds the headings."""
    text: str = _dataset(rows).export("csv")
    return codecs.BOM_UTF8 + text.encode()


def _decoded(content: bytes) -> str:
    """The encoding is told by the beginning, as far as `decode_notes` reads."""
    try:
        text, encoding = decode_notes(_beginning(content))
        return text if len(content) <= MAX_NOTES_BYTES else content.decode(encoding).removeprefix("\ufeff")
    except DecodingError as error:
        line = re.search(r"line ([0-9]+)", str(error))
        raise FileFault(UNREADABLE, int(line[1]) if line else 0) from None
    except UnicodeDecodeError as error:
        raise FileFault(UNREADABLE, content.count(b"\n", 0, error.start) + 1) from None


def _beginning(content: bytes) -> bytes:
    """Cut between two lines, not through a letter."""
    if len(content) <= MAX_NOTES_BYTES or content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content[:MAX_NOTES_BYTES]
    return content[: content.rfind(b"\n", 0, MAX_NOTES_BYTES) + 1] or content[:MAX_NOTES_BYTES]


def _delimiter(text: str) -> str:
    """Return the sign that splits the headings: the one that stands there most often."""
    headings = next((line for line in text.splitlines() if line.strip(f"{DELIMITERS} ")), text)
    return max(DELIMITERS, key=headings.count)


# --- XLSX ------------------------------------------------------------------------------------------------------------


def rows_of_xlsx(content: bytes) -> list[Row]:
    """Return every row of the first sheet with something in it, as the cells' values. Raises FileFault."""
    _check_archive(content)
    try:
        return _filled(_rows_of_sheet(content))
    except FileFault:
        raise
    # Whatever a broken or malicious file makes openpyxl raise: there is no common base, and nothing is half done.
    except Exception as error:
        raise FileFault(f"The XLSX file is damaged ({type(error).__name__}).") from None


def xlsx_of_rows(rows: Sequence[Sequence[str]]) -> bytes:
    """Return a workbook with one sheet. The same rows give the same bytes."""
    even = [[cell.replace("\r\n", "\n").replace("\r", "\n") for cell in row] for row in rows]
    content: bytes = _dataset(even).export("xlsx", column_width=COLUMN_WIDTH)
    return _without_dates(content)


def is_for_xlsx(text: str) -> bool:
    """Whether a cell can hold this to the letter: no control characters, and no more than Excel allows."""
    return not _NOT_IN_XLSX.search(text) and len(text) < MAX_CELL


def _check_archive(content: bytes) -> None:
    """Refuse what would unpack to more than a sheet of questions can be.

    `zipfile` gives no more of a member than its header says, so the sum of the headers bounds what openpyxl reads; it
    takes up to 40 µs for a tag, whether in the sheet or beside it.
    """
    if len(content) > MAX_BYTES:
        raise FileFault(f"The file is larger than {MAX_BYTES // 1_000_000} MB.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED:
                raise FileFault(f"The XLSX file unpacks to more than {MAX_UNPACKED // 1_000_000} MB.")
            tags = sum(archive.read(member).count(b"<") for member in members)
    except FileFault:
        raise
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError):
        raise FileFault("This is no XLSX file.") from None
    if tags > MAX_TAGS:
        raise FileFault(f"The XLSX file has more than {MAX_TAGS:,} tags inside. Save the sheet as CSV.")


def _rows_of_sheet(content: bytes) -> Iterator[Row]:
    """A formula counts with the value that was stored beside it; a second look finds those that have none."""
    looks = [_cells(content, data_only=True)]
    if _has_formulas(content):
        looks.append(_cells(content, data_only=False))
    for number, rows in enumerate(zip(*looks, strict=True), start=1):
        values, formulas = rows[0], rows[-1]
        filled = [index for index, cell in enumerate(formulas) if cell.value is not None]
        remarks = [_remark(values[index], letter(index + 1) + str(number)) for index in filled]
        yield Row(
            number,
            tuple(_value(cell) if cell.value is not None else "" for cell in values),
            tuple(remark for remark in remarks if remark),
        )


def _has_formulas(content: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets = [member for member in archive.infolist() if member.filename.startswith("xl/worksheets/")]
        return any(_FORMULA.search(archive.read(sheet)) for sheet in sheets)


def _cells(content: bytes, *, data_only: bool) -> Iterator[Sequence[Any]]:
    from openpyxl import load_workbook  # type: ignore[import-untyped]  # 20 MB with NumPy, for the few that import

    workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=data_only, keep_links=False)
    if not workbook.worksheets:
        raise FileFault("The XLSX file has no sheet.")
    sheet: Any = workbook.worksheets[0]
    sheet.reset_dimensions()  # what the file says of its size is not believed
    count = 0
    for number, row in enumerate(sheet.iter_rows(), start=1):
        count += len(row)
        if number > MAX_ROWS or count > MAX_CELLS:
            raise FileFault(f"The sheet spans more than {MAX_ROWS:,} rows or {MAX_CELLS:,} cells.", number)
        yield row


def _remark(cell: Any, place: str) -> str:
    """What there is to say of a cell that is not empty."""
    if cell.value is None:
        return f"Cell {place} is a formula without a stored value and counts as empty; open and save the file in Excel."
    if cell.data_type == "e":
        return f"Cell {place} holds an error of the spreadsheet program."
    if isinstance(cell.value, datetime | date | time):
        return f"Cell {place} holds a date and is read as “{_value(cell)}”."
    return ""


def _value(cell: Any) -> str:
    """Return what an author sees in the cell, as far as that is more than looks."""
    value = cell.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(value, cell.number_format)
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    return _read(value.isoformat(" ") if isinstance(value, datetime) else str(value))


def _number(value: float, number_format: str) -> str:
    """3.0 is 3, a share shown as 15 % is that, and 7 shown as 007 too."""
    if "%" in number_format:
        value = float(Decimal(repr(value)) * 100)
    whole = isinstance(value, int) or value.is_integer()
    shown = str(int(value)) if whole and abs(value) < 1e15 else repr(value)
    if "%" in number_format:
        return f"{shown} %"
    return shown.zfill(len(number_format)) if set(number_format) == {"0"} else shown


def _without_dates(content: bytes) -> bytes:
    """Return the workbook without the moment it was made in."""
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.infolist():
            info = zipfile.ZipInfo(member.filename, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, _DATES.sub(rb"\g<1>1980-01-01T00:00:00Z", source.read(member)))
    return sink.getvalue()


# --- both ------------------------------------------------------------------------------------------------------------


def _read(cell: str) -> str:
    return unguarded(cell.strip()).strip()


def _filled(rows: Iterable[Row]) -> list[Row]:
    filled: list[Row] = []
    for row in rows:
        if row.is_empty and not row.remarks:
            continue
        if len(filled) > MAX_ITEMS:
            raise FileFault(f"There are more than {MAX_ITEMS:,} questions in the file.", row.number)
        filled.append(row)
    return filled


def _dataset(rows: Sequence[Sequence[str]]) -> Dataset:
    dataset = Dataset(headers=rows[0], title="questions")
    for row in rows[1:]:
        dataset.append([guarded(cell) for cell in row])
    return dataset
