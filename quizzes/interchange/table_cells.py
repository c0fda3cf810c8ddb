"""One row of a sheet by the names of its columns, and the small notations that stand in a cell. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

MOST_CHOICES: Final = 24
MOST_HINTS: Final = 5

_FOLDED: Final = re.compile(r"[^a-z0-9]+")
_DIGITS: Final = re.compile(r"(?<=[a-z])(?=[0-9])")
_BARS: Final = re.compile(r"(?<!\\)(\\*)\|")
_LINES: Final = re.compile(r"[\r\n]+")
_YES: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def _columns() -> list[str]:
    parts = [f"{part} {number}" for number in range(1, MOST_CHOICES + 1) for part in ("choice", "match")]
    details = [f"choice {number} {detail}" for number in range(1, MOST_CHOICES + 1) for detail in ("feedback", "share")]
    hints = [f"hint {number}" for number in range(1, MOST_HINTS + 1)]
    return [
        *("kind", "id", "title", "category", "concepts", "prompt", "front", "back"),
        *parts,
        *("key", "case", "tolerance", "unit", "units"),
        *details,
        *("feedback", "feedback if true", "feedback if false"),
        *hints,
        *("ids", "comment"),
    ]


COLUMNS: Final = tuple(_columns())
"""Every heading there is, in the order in which they are written."""


class RowError(ValueError):
    """This row is no question; the message is for its author."""


def folded(heading: str) -> str:
    """Return a heading as it stands in `COLUMNS`, however it was typed: `Choice_1`, `choice1`, `CHOICE 1`."""
    return _FOLDED.sub(" ", _DIGITS.sub(" ", heading.casefold())).strip()


class Cells:
    """The filled cells of a row. It remembers which ones were asked for, to tell of those that mean nothing."""

    def __init__(self, filled: Mapping[str, str]) -> None:
        self.filled = filled
        self.asked: set[str] = set()

    def get(self, column: str) -> str:
        self.asked.add(column)
        return self.filled.get(column, "")

    def needed(self, column: str) -> str:
        text = self.get(column)
        if not text:
            raise RowError(f"“{column}” is empty.")
        return text

    def numbered(self, pattern: str) -> dict[int, str]:
        """Return the filled cells of numbered columns by their number. `pattern`: `choice {}`."""
        found = {number: self.get(pattern.format(number)) for number in range(1, MOST_CHOICES + 1)}
        return {number: text for number, text in found.items() if text}

    def yes(self, column: str) -> bool:
        text = self.get(column) or "no"
        if text.casefold() not in _YES:
            raise RowError(f"“{column}” is {shown(text)}; write yes or no.")
        return _YES[text.casefold()]

    @property
    def left(self) -> list[str]:
        return [column for column in self.filled if column not in self.asked]


def shown(text: str) -> str:
    return f"“{text}”" if len(text) <= 40 else f"“{text[:39]}…”"


# --- alternatives: a | b ---------------------------------------------------------------------------------------------


def alternatives(cell: str) -> list[str]:
    """Return what stands between bars, or in lines of their own; `\\|` is a bar itself."""
    written = [""]
    for line in _LINES.split(cell):
        place = 0
        for bar in _BARS.finditer(line):
            written[-1] += line[place : bar.start()]
            place = bar.end()
            if bar[1]:
                written[-1] += f"{bar[1][1:]}|"
            else:
                written.append("")
        written[-1] += line[place:]
        written.append("")
    return [text.strip() for text in written if text.strip()]


def with_bars(texts: Iterable[str]) -> str:
    return " | ".join(_BARS.sub(r"\1\\|", text) for text in texts)


# --- letters: A, C ---------------------------------------------------------------------------------------------------


def letter(number: int) -> str:
    """Return A, B, …, Z, AA, … for 1, 2, …, as spreadsheet programs name their columns."""
    name = ""
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def chosen(key: str, choices: Mapping[int, str]) -> int:
    """Return the number of the choice that a key names by its letter, its number or its text; raises RowError.

    Where these would name different choices, nothing is guessed.
    """
    named = _named(key, choices)
    if not named:
        raise RowError(f"The key {shown(key)} is none of the choices; write the letter of one, such as A.")
    if len(named) > 1:
        ways = " or ".join(f"choice {number}" for number in sorted(named))
        raise RowError(f"The key {shown(key)} could be {ways}; write it in another way.")
    return named.pop()


def name_of(number: int, choices: Mapping[int, str]) -> str:
    """Return a key that names just this choice: its letter, or what else is unmistakable."""
    ways = (letter(number), str(number), choices[number])
    return next((way for way in ways if _named(way, choices) == {number}), letter(number))


def _named(key: str, choices: Mapping[int, str]) -> set[int]:
    wanted = key.strip()
    named = {number for number, text in choices.items() if text == wanted}
    named |= {number for number in choices if wanted.upper() == letter(number) or wanted == str(number)}
    return named


def several(key: str) -> list[str]:
    """Return the names in a key such as `A, C` or `A; C` or `A C`; texts with spaces are named by letters."""
    return [name for name in re.split(r"[,;\s]+", key) if name]


# --- ids: A=weights B=rate -------------------------------------------------------------------------------------------


def given_ids(cell: str) -> dict[str, str]:
    """Return the ids that a file gives to its choices, by letter or other name; raises RowError."""
    pairs = [pair.partition("=") for pair in several(cell)]
    wrong = next((name for name, sign, identifier in pairs if not (name and sign and identifier)), None)
    if wrong is not None:
        raise RowError(f"“ids” holds {shown(wrong)}; it is written by Engram, as in A=weights B=rate.")
    return {name.upper(): identifier for name, _, identifier in pairs}


def with_ids(names: Sequence[str], made: Sequence[str], given: Mapping[str, str]) -> list[str]:
    """Return the ids of what `names` names: the given ones, else those made from the texts."""
    return [given.get(name, identifier) for name, identifier in zip(names, made, strict=True)]


def ids_cell(names: Sequence[str], made: Sequence[str], ids: Sequence[str]) -> str:
    """Return the ids that cannot be made from the texts, for the cell that `given_ids` reads."""
    pairs = zip(names, made, ids, strict=True)
    return " ".join(f"{name}={identifier}" for name, from_text, identifier in pairs if from_text != identifier)
