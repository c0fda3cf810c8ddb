"""What goes between a file of questions and Engram, whatever the format. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from quizzes.kinds.base import Body

MAX_BYTES: Final = 5_000_000
MAX_ITEMS: Final = 5_000


@dataclass(frozen=True)
class Item:
    """One question as a file has it. `body` is None where it is refused; then `refused` says why.

    `line` counts lines or rows from 1 and is 0 where it is unknown. `id` is the one that the file gives, if any.
    `body` is what `questions.yaml` would hold, with the texts of one locale. `category` is a path with `/`. `notes`
    say what was changed or could not be kept, one sentence each.
    """

    line: int
    title: str
    id: str
    body: Mapping[str, Any] | None
    concepts: tuple[str, ...] = ()
    category: str = ""
    refused: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """One question to be written out."""

    id: str
    title: str
    body: Body
    concepts: tuple[str, ...]
    category: str


@dataclass(frozen=True)
class Written:
    """A file. `left_out` has the id of each question that the format cannot hold, or only in part, and why."""

    content: bytes
    left_out: tuple[tuple[str, str], ...]


class FileFault(ValueError):  # noqa: N818  (it is the file's)
    """The file as a whole cannot be read. `line` is 0 where no line is to blame."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
