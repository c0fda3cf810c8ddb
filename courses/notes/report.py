"""The report of a draft: what became of every block of the notes, and what needs a hand, each with its line."""

from dataclasses import dataclass, field
from typing import Literal

Group = Literal["notes", "quiz", "code", "pictures", "links", "signs"]
GROUPS: dict[Group, str] = {
    "notes": "Chapters and headings",
    "quiz": "Quizzes",
    "code": "Code and formulas",
    "pictures": "Pictures",
    "links": "Links and footnotes",
    "signs": "HTML, comments and other signs",
}


MOST_LINES = 20


@dataclass(frozen=True, order=True)
class Entry:
    line: int
    text: str
    group: Group = "notes"

    def __str__(self) -> str:
        return f"- line {self.line}: {self.text}"


@dataclass
class Report:
    """`fates` holds the entries of every block, by the title of its lesson; `problems` is what somebody must look at.

    Both stand in the order of the notes.
    """

    source: str
    problems: list[Entry] = field(default_factory=list)
    fates: dict[str, list[Entry]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def problem(self, line: int, text: str, group: Group) -> None:
        self.problems.append(Entry(line, text, group))

    def fate(self, lesson: str, line: int, text: str) -> None:
        self.fates.setdefault(lesson, []).append(Entry(line, text))

    def count(self, name: str) -> None:
        self.counts[name] = self.counts.get(name, 0) + 1

    def to_markdown(self) -> str:
        found = ", ".join(f"{number} {name}{'s' * (number != 1)}" for name, number in self.counts.items())
        parts = [f"# Draft from {self.source}", "", f"{found}.", "", "## Needs a hand"]
        if not self.problems:
            parts += ["", "Nothing."]
        for group, title in GROUPS.items():
            entries = _gathered([entry for entry in self.problems if entry.group == group])
            parts += ["", f"### {title}", "", *entries] if entries else []
        parts += ["", "## What became of every block"]
        for lesson, fates in self.fates.items():
            parts += ["", f"### {lesson}", "", *map(str, sorted(fates, key=lambda entry: entry.line))]
        return "\n".join(parts) + "\n"


def _gathered(entries: list[Entry]) -> list[str]:
    """One line for each sentence, with every line that it is about."""
    lines: dict[str, list[int]] = {}
    for entry in sorted(entries):
        about = lines.setdefault(entry.text, [])
        if entry.line not in about[-1:]:
            about.append(entry.line)
    return [f"- {lines_of(numbers)}: {text}" for text, numbers in lines.items()]


def lines_of(numbers: list[int]) -> str:
    """`line 3`, `lines 3, 5 and 8`."""
    if len(numbers) == 1:
        return f"line {numbers[0]}"
    first, last = numbers[: MOST_LINES - 1], numbers[MOST_LINES - 1 :]
    first, last = (first, last) if len(last) > 1 else (numbers[:-1], numbers[-1:])
    return f"lines {', '.join(map(str, first))} and {f'{len(last)} more' if len(last) > 1 else last[0]}"


def shown(text: str, length: int = 40) -> str:
    """The beginning of a text, for the report: on one line, in quotation marks."""
    line = " ".join(text.split())
    return f"“{line[: length - 1]}…”" if len(line) > length else f"“{line}”"
