"""The report of a draft: what became of every block of the notes, and what needs a hand, each with its line."""

from dataclasses import dataclass, field


@dataclass(frozen=True, order=True)
class Entry:
    line: int
    text: str

    def __str__(self) -> str:
        return f"- line {self.line}: {self.text}"


@dataclass
class Report:
    """`fates` holds one entry per block, by the title of its lesson; `problems` is what somebody must look at."""

    source: str
    problems: list[Entry] = field(default_factory=list)
    fates: dict[str, list[Entry]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def problem(self, line: int, text: str) -> None:
        self.problems.append(Entry(line, text))

    def fate(self, lesson: str, line: int, text: str) -> None:
        self.fates.setdefault(lesson, []).append(Entry(line, text))

    def count(self, name: str) -> None:
        self.counts[name] = self.counts.get(name, 0) + 1

    def to_markdown(self) -> str:
        found = ", ".join(f"{number} {name}{'s' * (number != 1)}" for name, number in self.counts.items())
        parts = [f"# Draft from {self.source}", "", f"{found}.", "", "## Needs a hand", ""]
        parts += [str(entry) for entry in sorted(self.problems)] or ["Nothing."]
        parts += ["", "## What became of every block"]
        for lesson, entries in self.fates.items():
            parts += ["", f"### {lesson}", "", *map(str, sorted(entries, key=lambda entry: entry.line))]
        return "\n".join(parts) + "\n"


def shown(text: str, length: int = 40) -> str:
    """The beginning of a text, for the report: on one line, in quotation marks."""
    line = " ".join(text.split())
    return f"“{line[: length - 1]}…”" if len(line) > length else f"“{line}”"
