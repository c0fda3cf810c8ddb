"""A student's raw notes → chapters, sections and blocks, each with its line.

One `#` heading is a chapter, whatever its numbering (一, 1., I., Chapter 3); deeper headings are sections, and levels
may be skipped. Pure: text in, values out, and every line of the text is in exactly one block.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from courses.notes.blocks import LINE_LEVEL, Block, Heading, Part, Scanner
from courses.notes.front_matter import read_front_matter
from courses.notes.inline import clean_target
from courses.notes.quiz_marks import highlight
from courses.notes.titles import CHAPTER, clean_title, heading_text, is_quiz_title

__all__ = ["Block", "Chapter", "Notes", "Section", "clean_title", "is_quiz_title", "read_notes"]

# Nobody sees these, and they would part a word or hide a sign of Markdown: zero-width spaces and the like, soft
# hyphens, marks of direction. The joiners of emoji stay.
INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff\ue000\ue001]")
# Ends of lines and pages that are no \n.
BREAK = re.compile(r"[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


@dataclass
class Section:
    """`title` is "" and `level` 0 for what belongs to no heading: before the first of a chapter, or after a quiz that
    ended without one. Other levels count from 1 within the chapter.
    """

    line: int
    title: str
    level: int
    is_quiz: bool
    is_highlighted: bool = False
    blocks: list[Block] = field(default_factory=list)
    source: str = ""

    @property
    def asks(self) -> bool:
        """Whether the heading is a question of the quiz around it."""
        if not self.is_quiz or not self.source or is_quiz_title(self.title):
            return False
        return self.title.endswith(("?", "？")) or highlight(self.source) == "part"


@dataclass
class Chapter:
    """`title` is "" where notes without headings are one chapter: it is that of the course."""

    line: int
    title: str
    sections: list[Section]
    source: str = ""
    is_makeshift: bool = False
    """Whether it is made of sections that stand before the first chapter."""

    @property
    def blocks(self) -> Iterator[Block]:
        return (block for section in self.sections for block in section.blocks)


@dataclass
class Notes:
    """`preface` is what stands before the first chapter; `front` the front matter, with its fault as `name`."""

    title: str
    chapters: list[Chapter]
    preface: list[Block]
    front: Block | None = None
    remarks: list[tuple[int, str]] = field(default_factory=list)
    """What was noticed in reading: line and sentence."""
    links: dict[str, str] = field(default_factory=dict)
    """The addresses of `[name]: address` lines."""
    footnotes: dict[str, Block] = field(default_factory=dict)

    @property
    def blocks(self) -> Iterator[Block]:
        yield from self.preface
        for chapter in self.chapters:
            yield from chapter.blocks


def read_notes(text: str) -> Notes:
    """The chapters in order. Where there is no `#` heading, the highest level that there is makes the chapters."""
    notes = Notes("", [], [])
    lines = _visible(text, notes).split("\n")
    first = 0
    if front := read_front_matter(lines):
        notes.title, first = front.title, front.end
        notes.front = Block("front", 1, front.text, name=front.fault)
    scanner = Scanner(lines, first)
    parts = list(scanner.scan())
    notes.remarks += [
        (line, "the comment that begins here never ends; it is kept as text") for line in scanner.regions.unclosed
    ]
    if not any(isinstance(part, Heading) and part.is_marked for part in parts):
        parts = list(Scanner(lines, first, plain=True).scan())
    _take_parts(notes, _without_title(notes, parts))
    for block in notes.blocks:
        if block.kind == "definition":
            notes.links.setdefault(block.name, clean_target(block.text))
        elif block.kind == "footnote":
            notes.footnotes.setdefault(block.name, block)
    return notes


def _visible(text: str, notes: Notes) -> str:
    """The text with one kind of line end, and without signs that nobody sees."""
    text = BREAK.sub(" ", re.sub(r"\r\n?", "\n", text.removeprefix("\ufeff")))
    found = [
        number for number, line in enumerate(text.split("\n"), 1) if INVISIBLE.search(line) or CONTROL.search(line)
    ]
    if found:
        shown = ", ".join(map(str, found[:10])) + (" and more" if len(found) > 10 else "")
        sentence = f"signs that nobody sees (zero-width or control characters) are left out; lines with such: {shown}"
        notes.remarks.append((found[0], sentence))
    return CONTROL.sub("", INVISIBLE.sub("", text))


def _without_title(notes: Notes, parts: list[Part]) -> list[Part]:
    """One heading at the top, and below it others that call themselves chapters: the first is the notes' title."""
    headings = [part for part in parts if isinstance(part, Heading) and part.level]
    top = min((heading.level for heading in headings), default=0)
    below = min((heading.level for heading in headings if heading.level > top), default=0)
    chapters = [
        heading for heading in headings if heading.level == below and CHAPTER.match(heading_text(heading.source))
    ]
    if len(chapters) < 2 or [heading.level for heading in headings].count(top) > 1 or headings[0].level != top:
        return parts
    notes.title = notes.title or clean_title(headings[0].source)
    title = Block("marker", headings[0].line, heading_text(headings[0].source), name="title")
    return [title if part is headings[0] else part for part in parts]


def _take_parts(notes: Notes, parts: Sequence[Part]) -> None:
    top = _top_level(parts)
    if not top and parts:
        notes.chapters.append(Chapter(1, "", [Section(1, "", 0, False)]))
    taking = _Taking(notes, top)
    for part in parts:
        if isinstance(part, Heading):
            taking.heading(part)
        elif notes.chapters:
            notes.chapters[-1].sections[-1].blocks.append(part)
        else:
            notes.preface.append(part)
    for chapter in notes.chapters:
        _count_levels(chapter)


def _top_level(parts: Sequence[Part]) -> int:
    """The level of the headings that make chapters; 0 if all of the notes are one, for want of headings."""
    headings = [part for part in parts if isinstance(part, Heading) and part.level]
    top = min((heading.level for heading in headings), default=0)
    if any(heading.is_marked for heading in headings) or top == 1:
        return top
    text = next((part for part in parts if isinstance(part, Heading) or part.kind not in ("hidden", "marker")), None)
    return top if isinstance(text, Heading) and top < LINE_LEVEL else 0


class _Taking:
    def __init__(self, notes: Notes, top: int) -> None:
        self.notes, self.top = notes, top
        self.around: list[Section] = []

    def heading(self, heading: Heading) -> None:
        title = clean_title(heading.source)
        if heading.level and heading.level == self.top:
            section = Section(heading.line, "", 0, is_quiz_title(title))
            self.notes.chapters.append(Chapter(heading.line, title, [section], heading.source))
            self.around = []
            return
        if not self.notes.chapters:
            if not heading.level:
                return
            # Sections before the first chapter: a chapter of their own.
            self.notes.chapters.append(Chapter(heading.line, title, [], heading.source, is_makeshift=True))
        sections = self.notes.chapters[-1].sections
        if not heading.level:
            sections.append(Section(heading.line, "", 0, False))
            return
        while self.around and self.around[-1].level >= heading.level:
            self.around.pop()
        inside_quiz = bool(self.around) and self.around[-1].is_quiz and sections[-1].is_quiz
        is_quiz = is_quiz_title(title) or inside_quiz
        highlighted = "==" in heading.source
        section = Section(heading.line, title, heading.level, is_quiz, highlighted, source=heading.source)
        self.around.append(section)
        sections.append(section)


def _count_levels(chapter: Chapter) -> None:
    """Heading levels may be skipped: `#`, `####`, `######` become chapter, 1, 2."""
    above: list[int] = []
    for section in chapter.sections:
        if not section.level:
            continue
        while above and above[-1] >= section.level:
            above.pop()
        above.append(section.level)
        section.level = len(above)
