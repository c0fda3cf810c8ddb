"""The formats in which questions come in and go out, and which of them a file is in. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from quizzes.interchange import aiken, gift, moodle_xml, tables
from quizzes.interchange.decoding import decoded
from quizzes.interchange.items import Entry, FileFault, Item, Written

Read = Callable[[bytes, str], list[Item]]
Write = Callable[[Sequence[Entry], str], Written]


@dataclass(frozen=True)
class Format:
    """`label` is how people call it. `quick_read` and `quick_write` say the same in a file that is quickly made."""

    name: str
    label: str
    ending: str
    media_type: str
    read: Read
    write: Write
    quick_read: Read
    quick_write: Write


def _format(name: str, label: str, ending: str, media_type: str, read: Read, write: Write) -> Format:
    return Format(name, label, ending, media_type, read, write, read, write)


_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS: Final[Mapping[str, Format]] = {
    one.name: one
    for one in (
        _format("gift", "GIFT", ".gift", "text/plain", gift.read, gift.write),
        _format("moodle_xml", "Moodle XML", ".xml", "application/xml", moodle_xml.read, moodle_xml.write),
        _format("csv", "CSV", ".csv", "text/csv", tables.read_csv, tables.write_csv),
        Format(
            "xlsx",
            "Excel (XLSX)",
            ".xlsx",
            _XLSX,
            tables.read_xlsx,
            tables.write_xlsx,
            quick_read=tables.read_csv,
            quick_write=tables.write_csv,
        ),
        _format("aiken", "Aiken", ".txt", "text/plain", aiken.read, aiken.write),
    )
}
_ANSWER: Final = re.compile(rf"^[ \t]*{aiken.ANSWER}", re.MULTILINE)
_HEADINGS: Final = re.compile(r"\"?kind\"?[ \t]*[,;\t]|.*[,;\t][ \t]*\"?kind\"?[ \t]*(?:[,;\t]|$)", re.IGNORECASE)


def guess(name: str, content: bytes) -> Format:
    """Return the format of a file: what its first bytes say, else the end of its name, else how its text looks.

    Every file gets one. A text that looks like nothing else is taken for GIFT, whose reader names the lines it cannot
    read.
    """
    if content.startswith(b"PK\x03\x04"):
        return FORMATS["xlsx"]
    if content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        return FORMATS["moodle_xml"]
    ending = f".{name.rsplit('.', 1)[-1].lower()}" if "." in name else ""
    for one in FORMATS.values():
        if one.ending == ending and one.name != "aiken":  # `.txt` may be anything
            return one
    return FORMATS[_looks_like(content)]


def _looks_like(content: bytes) -> str:
    try:
        text = decoded(content)
    except FileFault:
        return "gift"
    if _HEADINGS.match(text.split("\n", 1)[0]):
        return "csv"
    return "aiken" if _ANSWER.search(text) else "gift"
