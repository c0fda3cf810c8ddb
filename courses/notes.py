"""A student's raw notes → chapters, sections and blocks, each with its line.

One `#` heading is a chapter, whatever its numbering (一, 1., I., Chapter 3); deeper headings are sections, and levels
may be skipped. Pure: text in, values out, and every line of the text is in exactly one block.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from courses.emphasis import plain

BlockKind = Literal["paragraph", "item", "quote", "table", "code", "math", "rule"]

HEADING = re.compile(r"^ {0,3}(?P<marks>#{1,6})(?:[ \t]+(?P<title>.*?)|(?P<glued>[^\s#].*?))?[ \t]*#*[ \t]*$")
HTML_HEADING = re.compile(r"^\s*<h(?P<level>[1-6])[^>]*>(?P<title>.*?)</h(?P=level)>\s*$", re.IGNORECASE)
FENCE = re.compile(r"^(?P<indent>\s*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<language>[^\s`{]*)[^`]*$")
ITEM = re.compile(r"^(?P<indent>\s*)(?P<bullet>[*+-]|\d{1,3}[.)])(?:[ \t]+(?P<text>.*))?$")
GLUED_ITEM = re.compile(r"^(?P<indent>\s*)(?P<bullet>\d{1,2}[.)．、])(?P<text>[^\d\s.].*)$")
RULE = re.compile(r"^\s{0,3}([-*_])(?:\s*\1){2,}\s*$")
UNDERLINING = re.compile(r"^\s{0,3}(?P<sign>=|-)(?P=sign)+\s*$")
TABLE_RULE = re.compile(r"^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)+\|?\s*$")

CHINESE_NUMBER = "一二三四五六七八九十百零〇"
NUMBERING = re.compile(
    rf"^(?:第\s*[{CHINESE_NUMBER}\d]+\s*[章节節课課讲講部篇](?!\S*[章节])"
    r"|(?:chapter|part|lesson|unit|section)\s+(?:\d+|[ivxlc]+)\b"
    rf"|[（(]\s*(?:\d+|[{CHINESE_NUMBER}]+|[ivx]+|[a-z])\s*[)）]"
    rf"|[{CHINESE_NUMBER}]+(?=[\s、.．,，:：])"
    r"|\d+(?:\.\d+)*(?=[、.．)）:：](?!\d)|\s+(?![a-z]))"
    r"|[ivxlc]+(?=[.、)）]\s*)"
    r"|[a-z](?=[.、)）]\s))\s*[、.．:：,，)）—-]*\s*",
    re.IGNORECASE,
)
QUIZ = re.compile(
    r"(?:课后|課後|随堂|隨堂|章末|本章|本节|单元|小|自我)?(?:测验|測驗|小测|小測|测试题|小测试|练习|練習|练习题|习题|習題|自测|自测题|问答题|测验题)"
    r"|(?:(?:self|chapter|section|end|pop|mini|short|practice)[ -])*"
    r"(?:quiz|quizzes|quiz questions|exercises?|questions?|test yourself|self[ -]?test|knowledge check|check yourself)",
    re.IGNORECASE,
)
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufeff\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True)
class Block:
    """`text` is the source without bullets, fences or indentation; `depth` and `bullet` are those of an item."""

    kind: BlockKind
    line: int
    text: str
    language: str = ""
    depth: int = 0
    bullet: str = ""
    closed: bool = True


@dataclass
class Section:
    """`title` is "" for what stands before the first heading of a chapter. `level` counts from 1 within the chapter."""

    line: int
    title: str
    level: int
    is_quiz: bool
    is_highlighted: bool = False
    blocks: list[Block] = field(default_factory=list)


@dataclass
class Chapter:
    line: int
    title: str
    sections: list[Section]

    @property
    def blocks(self) -> Iterator[Block]:
        return (block for section in self.sections for block in section.blocks)


@dataclass
class Notes:
    """`preface` is what stands before the first chapter."""

    title: str
    chapters: list[Chapter]
    preface: list[Block]


@dataclass(frozen=True)
class _Heading:
    line: int
    level: int
    source: str


def read_notes(text: str) -> Notes:
    """The chapters in order. Where there is no `#` heading, the highest level that there is makes the chapters."""
    lines = CONTROL.sub("", re.sub(r"\r\n?", "\n", re.sub(r"[\u2028\u2029\x85]", " ", text))).split("\n")
    title, first = _front_matter(lines)
    parts = list(_Scanner(lines, first).scan())
    levels = [part.level for part in parts if isinstance(part, _Heading)]
    top = min(levels, default=1)
    notes = Notes(title, [], [])
    for part in parts:
        if isinstance(part, _Heading):
            _take_heading(notes, part, top)
        elif notes.chapters:
            notes.chapters[-1].sections[-1].blocks.append(part)
        else:
            notes.preface.append(part)
    for chapter in notes.chapters:
        _count_levels(chapter)
    return notes


def _front_matter(lines: list[str]) -> tuple[str, int]:
    """The title that a YAML front matter gives, and where the text begins after it."""
    if lines[0].strip() != "---":
        return "", 0
    end = next((number for number, line in enumerate(lines[1:40], 1) if line.strip() in ("---", "...")), None)
    if end is None or not all(re.match(r"[\w-]+:|[ \t#-]|$", line) for line in lines[1:end]):
        return "", 0
    titles = [line.partition(":")[2].strip().strip("\"'") for line in lines[1:end] if line.startswith("title:")]
    return (titles[0] if titles else ""), end + 1


def _take_heading(notes: Notes, heading: _Heading, top: int) -> None:
    title = clean_title(heading.source)
    if heading.level == top:
        section = Section(heading.line, "", 0, is_quiz_title(title))
        notes.chapters.append(Chapter(heading.line, title, [section]))
        return
    chapter = notes.chapters[-1] if notes.chapters else None
    if chapter is None:  # sections before the first chapter: a chapter of their own
        chapter = Chapter(heading.line, title, [])
        notes.chapters.append(chapter)
    around = [section for section in chapter.sections if section.level and section.level < heading.level]
    inside_quiz = bool(around) and around[-1].is_quiz and chapter.sections[-1].is_quiz
    highlighted = "==" in heading.source
    is_quiz = is_quiz_title(title) or inside_quiz
    chapter.sections.append(Section(heading.line, title, heading.level, is_quiz, highlighted))


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


def clean_title(source: str) -> str:
    """A heading without emphasis and numbering, on one line, at most 200 characters."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)|</?[a-zA-Z][^>]*>", r"\1", source)
    text = plain(text).strip()
    bare = NUMBERING.sub("", text, count=1).strip()
    return (bare or text)[:200].strip() or "…"


def is_quiz_title(title: str) -> bool:
    return QUIZ.fullmatch(re.sub(rf"[\s\d{CHINESE_NUMBER}:：.#()（）]+$", "", title)) is not None


Part = TypeVar("Part", Block, _Heading)


class _Scanner:
    """Walks the lines once; each method takes what is its own and moves on."""

    def __init__(self, lines: list[str], first: int) -> None:
        self.lines = lines
        self.at = first
        self.indents: list[int] = []

    def scan(self) -> Iterator[Block | _Heading]:
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if not line.strip():
                self.at += 1
            elif fence := FENCE.match(line):
                yield self._fence(fence)
            elif heading := _heading(line):
                yield self._one(_Heading(self.at + 1, *heading))
            elif RULE.match(line):
                yield self._one(Block("rule", self.at + 1, line.strip()))
            elif line.strip().startswith("$$"):
                yield self._maths()
            elif item := ITEM.match(line) or GLUED_ITEM.match(line):
                yield self._item(item)
            elif re.match(r"(?: {4}|\t)", line) and not self.indents:
                yield self._indented_code()
            else:
                yield self._paragraph()

    def _one(self, part: Part) -> Part:
        self.at += 1
        self.indents = []
        return part

    def _fence(self, opening: re.Match[str]) -> Block:
        """A fence that is never closed reaches to the end of the notes."""
        start, indent = self.at, len(opening["indent"])
        closing = re.compile(rf"^\s*{re.escape(opening['fence'][0])}{{{len(opening['fence'])},}}\s*$")
        self.at += 1
        body: list[str] = []
        while self.at < len(self.lines) and not closing.match(self.lines[self.at]):
            line = self.lines[self.at]
            body.append(line[min(indent, len(line) - len(line.lstrip())) :])
            self.at += 1
        closed = self.at < len(self.lines)
        self.at += 1
        return Block("code", start + 1, "\n".join(body), opening["language"].lower(), closed=closed)

    def _maths(self) -> Block:
        start = self.at
        first = self.lines[self.at].strip()
        self.at += 1
        body = [first]
        if not (len(first) > 4 and first.endswith("$$")):
            while self.at < len(self.lines) and self.lines[self.at].strip():
                body.append(self.lines[self.at].rstrip())
                self.at += 1
                if body[-1].endswith("$$"):
                    break
        return Block("math", start + 1, "\n".join(body))

    def _item(self, item: re.Match[str]) -> Block:
        start, indent = self.at, len(item["indent"].expandtabs(4))
        while self.indents and self.indents[-1] > indent:
            self.indents.pop()
        if not self.indents or self.indents[-1] < indent:
            self.indents.append(indent)
        depth = len(self.indents) - 1
        self.at += 1
        text = [item["text"] or "", *self._lines_of_paragraph()]
        joined = "\n".join(part.strip() for part in text).strip()
        return Block("item", start + 1, joined, depth=depth, bullet=item["bullet"])

    def _indented_code(self) -> Block:
        start, body = self.at, []
        while self.at < len(self.lines) and re.match(r"(?: {4}|\t)|\s*$", self.lines[self.at]):
            body.append(re.sub(r"^(?: {4}|\t)", "", self.lines[self.at]))
            self.at += 1
        return Block("code", start + 1, "\n".join(body).rstrip())

    def _paragraph(self) -> Block | _Heading:
        start, first = self.at, self.lines[self.at]
        self.at += 1
        if not first.startswith(" "):
            self.indents = []
        if first.lstrip().startswith(">"):
            return self._quote(start, first)
        following = self.lines[self.at] if self.at < len(self.lines) else ""
        if underlining := UNDERLINING.match(following):
            self.at += 1
            return _Heading(start + 1, 1 if underlining["sign"] == "=" else 2, first.strip())
        text = [first.strip(), *(line.strip() for line in self._lines_of_paragraph(table="|" in first))]
        kind: BlockKind = "table" if len(text) > 1 and "|" in first and TABLE_RULE.match(text[1]) else "paragraph"
        return Block(kind, start + 1, "\n".join(text))

    def _quote(self, start: int, first: str) -> Block:
        text = [first, *self._lines_of_paragraph()]
        return Block("quote", start + 1, "\n".join(re.sub(r"^(?:\s*>)+ ?", "", line).strip() for line in text))

    def _lines_of_paragraph(self, table: bool = False) -> Iterator[str]:
        """The lines that follow without a blank one, up to where something else begins."""
        while self.at < len(self.lines):
            line = self.lines[self.at]
            starts = (FENCE.match(line), _heading(line), ITEM.match(line), GLUED_ITEM.match(line), RULE.match(line))
            if not line.strip() or line.strip().startswith("$$") or (any(starts) and not (table and "|" in line)):
                return
            self.at += 1
            yield line


def _heading(line: str) -> tuple[int, str] | None:
    """Level and source of a heading. `#标题` is one; `#include` is not."""
    if html := HTML_HEADING.match(line):
        return int(html["level"]), html["title"]
    found = HEADING.match(line)
    if found is None:
        return None
    glued = found["glued"] or ""
    if glued and len(found["marks"]) == 1 and re.match(r"[a-z!]", glued):
        return None
    return len(found["marks"]), glued or found["title"] or ""
