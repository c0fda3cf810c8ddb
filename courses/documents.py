"""YAML that knows its lines: values and, for every path in them, the line it was written on.

Hostile until read: size, depth and number of values are bounded (aliases count each time they are used), duplicate
keys and tags are refused, and scalars follow YAML 1.2's core schema: only `true` and `false` are booleans (`no` is a
word), and `1e-4` is a number.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import yaml

Path = tuple[str | int, ...]
Severity = Literal["error", "warning"]

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 30
MAX_VALUES = 100_000
MAX_MESSAGE = 500

# Control characters, and those that turn the direction of writing.
COMMANDS = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
WORDS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip

# libyaml where it is built in: ten times faster. Its composer recurses without a bound, so only its events are used.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, order=True)
class Problem:
    """What is wrong in a file, and where. `line` is 1-based; 0 where the file as a whole is meant."""

    file: str
    line: int
    message: str
    severity: Severity = "error"

    def __post_init__(self) -> None:
        """What is quoted from a file may be as long as the file."""
        if len(self.message) > MAX_MESSAGE:
            object.__setattr__(self, "message", f"{self.message[: MAX_MESSAGE - 1]}…")

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        # Names and quotations are a stranger's, and a terminal obeys some characters.
        return COMMANDS.sub("\ufffd", f"{place}: {'warning: ' if self.severity == 'warning' else ''}{self.message}")


class DocumentError(ValueError):
    """The text cannot be read at all."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line, self.message = line, message


@dataclass(frozen=True)
class LocatedDocument:
    """`value` as JSON has it, and the 1-based line of every path in it."""

    file: str
    value: Any
    lines: dict[Path, int] = field(default_factory=dict)

    def line(self, path: Path) -> int:
        """The line of `path`, or of the nearest thing around it that exists."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def problem(self, path: Path, message: str, severity: Severity = "error") -> Problem:
        return Problem(self.file, self.line(path), message, severity)


def read_yaml(text: str, file: str, first_line: int = 1) -> LocatedDocument:
    """Return the document; raises DocumentError. `first_line`: where `text` begins in `file`."""
    if len(text) > MAX_CHARACTERS:
        raise DocumentError(first_line, f"The file is longer than {MAX_CHARACTERS} characters.")
    reader = _Reader(first_line)
    try:
        value = reader.read(yaml.parse(text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line if error.problem_mark else 0
        raise DocumentError(first_line + line, f"This is not valid YAML: {error.problem or error.context}.") from None
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        raise DocumentError(first_line, f"This is not valid YAML: {str(error).splitlines()[0]}.") from None
    return LocatedDocument(file, value, reader.lines)


class _Reader:
    """Builds values from YAML events, depth first."""

    def __init__(self, first_line: int) -> None:
        self.first_line = first_line
        self.lines: dict[Path, int] = {}
        self.order: list[Path] = []
        """The paths of `lines` as they came: what stands below a value follows it without a gap."""
        self.anchors: dict[str, tuple[Any, int, int, int]] = {}
        """The value, where its paths begin and end in `order`, and the length of its own path."""
        self.count = 0

    def read(self, events: Iterator[Any]) -> Any:
        self.events = events
        value: Any = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise DocumentError(self._line(event), "There is a second document in this file.")
                value = self._value(next(events), ())
        return value

    def _line(self, event: Any) -> int:
        return self.first_line + int(event.start_mark.line)

    def _value(self, event: Any, path: Path) -> Any:
        self._count(event, 1)
        if len(path) > MAX_DEPTH:
            raise DocumentError(self._line(event), f"This is nested deeper than {MAX_DEPTH} levels.")
        begin = len(self.order)
        self._place(path, self.lines.get(path, self._line(event)))
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, path)
        if isinstance(event, yaml.ScalarEvent):
            value: Any = self._scalar(event)
        elif event.tag not in (None, "!"):
            raise DocumentError(self._line(event), f"The tag {event.tag} is not allowed.")
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self._sequence(path)
        else:
            value = self._mapping(path)
        if event.anchor:
            self.anchors[event.anchor] = (value, begin, len(self.order), len(path))
        return value

    def _place(self, path: Path, line: int) -> None:
        self.lines[path] = line
        self.order.append(path)

    def _count(self, event: Any, values: int) -> None:
        self.count += values
        if self.count > MAX_VALUES:
            raise DocumentError(self._line(event), f"There are more than {MAX_VALUES} values in this file.")

    def _alias(self, event: Any, path: Path) -> Any:
        if event.anchor not in self.anchors:
            raise DocumentError(self._line(event), f"There is no anchor &{event.anchor} before this line.")
        value, begin, end, depth = self.anchors[event.anchor]
        self._count(event, end - begin)
        below = self.order[begin:end]
        if max(map(len, below)) - depth + len(path) > MAX_DEPTH:
            raise DocumentError(self._line(event), f"This is nested deeper than {MAX_DEPTH} levels.")
        for known in below:
            self._place(path + known[depth:], self.lines[known])
        return value

    def _sequence(self, path: Path) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            values.append(self._value(event, (*path, len(values))))
        return values

    def _mapping(self, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise DocumentError(self._line(event), "A key must be a word.")
            key = str(event.value)
            if event.tag not in (None, "!"):
                raise DocumentError(self._line(event), f"The tag {event.tag} is not allowed.")
            if "\0" in key:
                raise DocumentError(self._line(event), "A key cannot hold the character NUL.")
            if key in values:
                first = self.lines[(*path, key)]
                message = f"The key “{key}” is here a second time; the first is in line {first}."
                raise DocumentError(self._line(event), message)
            self.lines[(*path, key)] = self._line(event)
            values[key] = self._value(next(self.events), (*path, key))
        return values

    def _scalar(self, event: Any) -> str | int | float | bool | None:
        if event.tag not in (None, "!"):
            raise DocumentError(self._line(event), f"The tag {event.tag} is not allowed.")
        text = str(event.value)
        if "\0" in text:
            raise DocumentError(self._line(event), "A text cannot hold the character NUL.")
        if not event.implicit[0]:  # quoted, or a block
            return text
        if text in WORDS:
            return WORDS[text]
        if INTEGER.fullmatch(text):
            return int(text)
        if not FLOAT.fullmatch(text):
            return text
        if not math.isfinite(number := float(text)):
            raise DocumentError(self._line(event), f"The number {text} is too large.")
        return number
