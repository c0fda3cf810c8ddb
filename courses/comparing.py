"""What changed from one text to another: its lines beside each other, its words marked, its sections. Pure.

Lines are compared as a whole first; of those that took each other's place, the ones that resemble each other are put
beside each other, and their words compared. A Han character counts as a word.
"""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from courses.lesson_source import read_source

PieceKind = Literal["same", "removed", "added"]
RowKind = Literal["same", "changed", "removed", "added", "gap"]
Change = Literal["changed", "new", "gone"]
Piece = tuple[PieceKind, str]
Text = tuple[str, str, str]
"""Title, summary, Markdown."""

CONTEXT = 3
"""The unchanged lines that are shown around a change."""
WORD = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]|[^\W\u3400-\u9fff\uf900-\ufaff]+|\s+|.", re.DOTALL)
# Beyond these, nothing is matched: the time grows with the square.
MOST_LINES, MOST_PAIRS, MOST_WORDS = 20_000, 2_000, 1_000
ALIKE = 0.4
SECTION = re.compile(r"#{2,3}(?!#).*\{[^{}]*#(?P<id>[a-z0-9-]+)[^{}]*\}[ ]*#*[ ]*")
MARKUP = re.compile(r"==|\*+|`")


@dataclass(frozen=True)
class Row:
    """A line of a comparison, with its numbers in the old and the new text (None where it is not); of a gap, how many
    unchanged lines are left out."""

    kind: RowKind
    old_number: int | None = None
    new_number: int | None = None
    pieces: Sequence[Piece] = ()
    left_out: int = 0

    @property
    def old(self) -> list[Piece]:
        return [piece for piece in self.pieces if piece[0] != "added"]

    @property
    def new(self) -> list[Piece]:
        return [piece for piece in self.pieces if piece[0] != "removed"]


@dataclass(frozen=True)
class Comparison:
    """Of two texts with title and summary. `title` and `summary` are empty where they are the same."""

    title: Sequence[Piece]
    summary: Sequence[Piece]
    rows: Sequence[Row]

    @property
    def is_empty(self) -> bool:
        return not (self.title or self.summary or self.rows)


@dataclass(frozen=True)
class Counts:
    """How many lines were added and removed; one that was changed is both."""

    added: int
    removed: int


def compare_texts(old: Text, new: Text, *, context: int | None = CONTEXT) -> Comparison:
    title, summary = (pieces(old[at], new[at]) if old[at] != new[at] else [] for at in (0, 1))
    return Comparison(title, summary, compare(old[2], new[2], context=context))


def count(old: str, new: str) -> Counts:
    added = removed = 0
    for tag, i1, i2, j1, j2 in _opcodes(_lines(old), _lines(new)):
        if tag != "equal":
            removed += i2 - i1
            added += j2 - j1
    return Counts(added, removed)


def compare(old: str, new: str, *, context: int | None = CONTEXT) -> list[Row]:
    """Return the lines of both texts, in order. With `context` None nothing is left out; no rows: nothing changed."""
    before, after = _lines(old), _lines(new)
    if before == after:
        return []
    rows: list[Row] = []
    for tag, i1, i2, j1, j2 in _opcodes(before, after):
        if tag == "equal":
            ends = (i1 == 0 and j1 == 0, i2 == len(before) and j2 == len(after))
            rows += _unchanged(before[i1:i2], i1, j1, ends, context)
        else:
            rows += _replaced(before[i1:i2], after[j1:j2], i1, j1)
    return rows


def pieces(old: str, new: str) -> list[Piece]:
    """Return the words of one line that became another, in order."""
    before, after = WORD.findall(old), WORD.findall(new)
    if max(len(before), len(after)) > MOST_WORDS or _likeness(before, after) < ALIKE / 2:
        return [*_piece("removed", old), *_piece("added", new)]
    found: list[Piece] = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            found += _piece("same", "".join(before[i1:i2]))
        else:
            found += [*_piece("removed", "".join(before[i1:i2])), *_piece("added", "".join(after[j1:j2]))]
    return list(_joined(found))


# --- sections --------------------------------------------------------------------------------------------------------


def section_sources(markdown: str) -> dict[str, str]:
    """Return the Markdown of each section, heading included, by its id and in order. What stands before the first
    heading belongs to the first section."""
    lines = _lines(markdown)
    found = [
        (number - 1, match["id"])
        for number in read_source(markdown, lambda code: False).headings
        if number <= len(lines) and (match := SECTION.fullmatch(lines[number - 1]))
    ]
    begins = [0, *(number for number, _ in found[1:])]
    ends = [*begins[1:], len(lines)]
    sources: dict[str, str] = {}
    for (_, section), begin, end in zip(found, begins, ends, strict=False):
        sources.setdefault(section, "\n".join(lines[begin:end]).strip())
    return sources


def section_titles(markdown: str) -> dict[str, str]:
    """Return the titles of the sections as text, by their ids."""
    titles = {}
    for section, source in section_sources(markdown).items():
        heading = next((line for line in source.split("\n") if SECTION.fullmatch(line)), "")
        titles[section] = MARKUP.sub("", heading.rpartition("{")[0]).strip("# ")
    return titles


def changed_sections(old: str, new: str) -> dict[str, Change]:
    """Return the sections whose text differs: those of the new text in its order, then those that are gone."""
    before, after = section_sources(old), section_sources(new)
    changes: dict[str, Change] = {
        section: "changed" if section in before else "new"
        for section, source in after.items()
        if before.get(section) != source
    }
    return changes | {section: "gone" for section in before if section not in after}


# --- lines -----------------------------------------------------------------------------------------------------------


def _lines(text: str) -> list[str]:
    return text.split("\n") if text else []


def _opcodes(old: Sequence[str], new: Sequence[str]) -> Sequence[tuple[str, int, int, int, int]]:
    if max(len(old), len(new)) > MOST_LINES:
        return [("replace", 0, len(old), 0, len(new))]
    return difflib.SequenceMatcher(None, old, new).get_opcodes()


def _replaced(old: Sequence[str], new: Sequence[str], before_old: int, before_new: int) -> Iterator[Row]:
    """Lines that took the place of others: pairs that resemble each other, and around them what has no partner."""
    i = j = 0
    for left, right in [*_pairs(old, new), (len(old), len(new))]:
        for at in range(i, left):
            yield Row("removed", before_old + at + 1, None, [("removed", old[at])])
        for at in range(j, right):
            yield Row("added", None, before_new + at + 1, [("added", new[at])])
        if left < len(old) and right < len(new):
            kind: RowKind = "same" if old[left] == new[right] else "changed"
            yield Row(kind, before_old + left + 1, before_new + right + 1, pieces(old[left], new[right]))
        i, j = left + 1, right + 1


def _pairs(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Return which lines to put beside each other, so that all pairs together resemble each other most."""
    if not old or not new or len(old) * len(new) > MOST_PAIRS:
        return []
    words = [[WORD.findall(line) for line in lines] for lines in (old, new)]
    likeness = [[_likeness(left, right) for right in words[1]] for left in words[0]]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in reversed(range(len(old))):
        for j in reversed(range(len(new))):
            together = likeness[i][j] + best[i + 1][j + 1] if likeness[i][j] >= ALIKE else 0.0
            best[i][j] = max(together, best[i + 1][j], best[i][j + 1])
    found, i, j = [], 0, 0
    while i < len(old) and j < len(new):
        if best[i][j] == best[i + 1][j]:
            i += 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            found.append((i, j))
            i, j = i + 1, j + 1
    return found


def _likeness(old: Iterable[str], new: Iterable[str]) -> float:
    """The share of the words that both have, 0…1. Spaces do not count."""
    before, after = (Counter(word for word in words if not word.isspace()) for words in (old, new))
    total = before.total() + after.total()
    return 2 * (before & after).total() / total if total else 1.0


def _unchanged(
    lines: Sequence[str], before_old: int, before_new: int, ends: tuple[bool, bool], context: int | None
) -> Iterator[Row]:
    """Without those that are further than `context` from a change. `ends`: whether the text begins or ends here."""
    shown = len(lines) if context is None else context
    head, tail = (0 if is_end else shown for is_end in ends)
    begin, end = min(head, len(lines)), max(head, len(lines) - tail)
    if context is None or begin >= end:
        begin = end = len(lines)
    for at in [*range(begin), *range(end, len(lines))]:
        if at == end and begin < end:
            yield Row("gap", left_out=end - begin)
        yield Row("same", before_old + at + 1, before_new + at + 1, [("same", lines[at])])
    if begin < end == len(lines):
        yield Row("gap", left_out=end - begin)


# --- words -----------------------------------------------------------------------------------------------------------


def _piece(kind: PieceKind, text: str) -> list[Piece]:
    return [(kind, text)] if text else []


def _joined(found: Sequence[Piece]) -> Iterator[Piece]:
    """One change where only a space lies between two: a phrase that was replaced is read as one."""
    removed = added = ""
    for number, (kind, text) in enumerate(found):
        between = bool(removed or added) and number + 1 < len(found) and text.isspace()
        if kind == "removed":
            removed += text
        elif kind == "added":
            added += text
        elif between:
            removed, added = removed + text, added + text
        else:
            yield from [*_piece("removed", removed), *_piece("added", added), (kind, text)]
            removed = added = ""
    yield from [*_piece("removed", removed), *_piece("added", added)]
