"""The lines of a student's notes → headings and blocks, in order, each with its line. Pure.

A heading is marked (`#`, underlined, `<h2>`, `- ## x` in an outline) or, where it opens a quiz, a bold line. Notes
without one marked heading are read once more with `plain`: then lines such as 第三章…, 一、… and bold ones are some.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from courses.notes.inline import is_path
from courses.notes.regions import Region, find_regions
from courses.notes.titles import (
    CIRCLED,
    ENDS_A_SENTENCE,
    NUMBERING,
    clean_title,
    heading_of,
    heading_text,
    is_emphasised,
    is_quiz_title,
    names_quiz,
    plain_heading,
    quiz_line,
)

BlockKind = Literal[
    "paragraph", "item", "quote", "table", "code", "math", "rule",
    "footnote", "definition", "hidden", "marker", "front",
]  # fmt: skip

# Deeper than any heading with #: whichever comes next ends it.
LINE_LEVEL = 7
ITEM = re.compile(r"^(?P<indent>\s*)(?P<bullet>[*+-]|\d{1,3}[.)])(?:\s+(?P<text>.*))?$")
OTHER_ITEM = re.compile(
    rf"^(?P<indent>\s*)(?:(?P<sign>[•●○◦▪■◆‣►➤➢]\s*|[–—·]\s+)|(?P<bullet>\d{{1,2}}[．、]\s*(?!\d)|\d{{1,2}}[.)](?=[^\d\s.])"
    rf"|[（(]\d{{1,2}}[）)]\s*|[{CIRCLED}]\s*)|(?P<glued>-(?=[\u3400-\u9fff]|==[^=]|\*\*[^*]|<u>)))(?P<text>[^\s.].*)$"
)
RULE = re.compile(r"^\s{0,3}([-*_])(?:[ \t]*\1){2,}\s*$")
UNDERLINING = re.compile(r"^\s{0,3}(?P<sign>=|-)(?P=sign)+\s*$")
TABLE_RULE = re.compile(r"^\s*+(?:\||(?=[:-]+\s*+\|))\s*+:?-+:?\s*+(?:\|\s*+:?-+:?\s*+)*+\|?\s*+$")
INDENTED = re.compile(r"(?: {4}| {0,3}\t)")
REPL = re.compile(r"^ {0,3}>>> ?[^\s>]")
FOOTNOTE = re.compile(r"^ {0,3}\[\^(?P<name>[^\[\]\s]{1,100})\]:\s*(?P<text>.*)$")
DEFINITION = re.compile(
    r"^ {0,3}\[(?!\^)(?P<name>[^\[\]\n]{1,200})\]:\s*(?P<target><[^<>\n]*>|\S+)(?P<title>\s+[\"'(].*)?\s*$"
)
CONTENTS = re.compile(r"^\s*(?:\[TOC\]|\[\[_?TOC_?\]\]|@\[TOC\](?:\([^()]*\))?|\{:\s*toc\s*\})\s*$", re.IGNORECASE)
TAGS = re.compile(r"^\s*#[^\s#]+(?:\s+#[^\s#]+)+\s*$")
TAG = re.compile(r"^#[^\s#]+\s*$")
OUTLINE_HEADING = re.compile(r"#{1,6}\s+\S")
CALLOUT = re.compile(r"^\[!(?P<kind>[\w-]{1,30})\][+-]?[ \t]*(?P<title>.*)$")
LOGSEQ = re.compile(r"^\s*(?:id|collapsed|background-color|heading|logseq\.[\w.-]+)::\s*(?P<value>.*)$")
MATHS = re.compile(r"\s*+(?:\$\$|\\\[|\\begin\{(?:equation|align|aligned|gather|gathered|matrix|cases)\*?\})")
MAX_FORMULA_LINES = 60
MATHS_ENDS = {"$": "$$", "[": "\\]", "b": "\\end{"}


@dataclass(frozen=True)
class Block:
    """`text` is the source without bullets, fences or indentation; `depth` and `bullet` are those of an item.

    `name`: the label of a footnote or definition, what is hidden (comment, script), what a marker marks, what stands
    beside a fence. `inside`: how many lines below `line` the text of code begins.
    """

    kind: BlockKind
    line: int
    text: str
    language: str = ""
    depth: int = 0
    bullet: str = ""
    closed: bool = True
    name: str = ""
    inside: int = 0


@dataclass(frozen=True)
class Heading:
    """`level` is 0 where a quiz ends without another heading."""

    line: int
    level: int
    source: str
    is_marked: bool = True


Part = Block | Heading
P = TypeVar("P", Block, Heading)


class Scanner:
    """Walks the lines once; each method takes what is its own and moves on. `offset`: the lines before the first."""

    def __init__(self, lines: list[str], first: int = 0, *, plain: bool = False, offset: int = 0) -> None:
        self.regions = find_regions(lines, first)
        self.lines, self.starts = self.regions.lines, self.regions.starts
        self.at, self.plain, self.offset = first, plain, offset
        self.indents: list[int] = []
        self.hidden = iter([*self.regions.hidden, None])
        self.next_hidden = next(self.hidden)
        self.quiz_indent: int | None = None
        self.in_bold_quiz = False
        code = {number for region in self.starts.values() for number in range(region.start, region.end)}
        self.has_chapters = any(re.match(r" {0,3}#\s", text) for number, text in enumerate(lines) if number not in code)

    def scan(self) -> Iterator[Part]:
        while self.at < len(self.lines):
            yield from self._hidden()
            line = self.lines[self.at]
            if region := self.starts.get(self.at):
                yield from self._region(region)
            elif not line.strip():
                self.at += 1
            elif special := self._marker(line) or self._special(line):
                yield special
            elif heading := self._heading(line):
                self.quiz_indent, self.in_bold_quiz = None, False
                yield self._one(heading)
            elif RULE.match(line):
                yield self._one(Block("rule", self.number, line.strip()))
            elif MATHS.match(line) and (maths := self._maths()):
                yield maths
            elif item := ITEM.match(line) or OTHER_ITEM.match(line):
                yield from self._item(item)
            elif INDENTED.match(line) and not self.indents:
                yield self._indented_code()
            else:
                yield from self._paragraph()
        yield from self._hidden()

    @property
    def number(self) -> int:
        return self.offset + self.at + 1

    def _one(self, part: P) -> P:
        self.at += 1
        self.indents = []
        return part

    def _hidden(self) -> Iterator[Block]:
        while self.next_hidden and self.next_hidden.start <= self.at:
            region = self.next_hidden
            yield Block("hidden", self.offset + region.start + 1, region.text, name=region.language)
            self.next_hidden = next(self.hidden)

    def _region(self, region: Region) -> Iterator[Block]:
        self.at, line = region.end, self.offset + region.start + 1
        if region.kind == "code":
            yield Block(
                "code",
                line,
                region.text,
                region.language,
                closed=region.closed,
                name=region.beside,
                inside=region.inside,
            )
            return
        if region.beside or not region.text:
            yield Block("paragraph", line, region.beside)
        if region.text:
            yield Block("table", line, region.text)

    def _marker(self, line: str) -> Block | None:
        """A line that is no text: where a table of contents shall stand, tags."""
        if CONTENTS.match(line):
            return self._one(Block("marker", self.number, line.strip(), name="contents"))
        is_tag = TAG.match(line) and self.has_chapters and not NUMBERING.match(line[1:])
        if is_tag or TAGS.match(line):
            return self._one(Block("marker", self.number, line.strip(), name="tags"))
        return None

    def _special(self, line: str) -> Block | None:
        if REPL.match(line):
            return self._repl()
        if line[0].isspace() and LOGSEQ.match(line):
            self.at += 1
            return Block("hidden", self.number - 1, line.strip(), name="property")
        if footnote := FOOTNOTE.match(line):
            return self._footnote(footnote)
        definition = _definition(line)
        if definition:
            name, target = definition["name"].casefold(), definition["target"]
            return self._one(Block("definition", self.number, target, name=name))
        return None

    def _heading(self, line: str) -> Heading | None:
        found = heading_of(line)
        return Heading(self.number, *found) if found else None

    def _repl(self) -> Block:
        line, body = self.number, []
        while self.at < len(self.lines) and self.lines[self.at].strip() and self.at not in self.starts:
            body.append(self.lines[self.at].strip())
            self.at += 1
        return Block("code", line, "\n".join(body), "pycon")

    def _footnote(self, found: re.Match[str]) -> Block:
        """With the indented paragraphs that follow it."""
        line = self.number
        self.at += 1
        text = [found["text"], *self._following()]
        while self.at + 1 < len(self.lines) and not self.lines[self.at].strip():
            if not re.match(r"\s{2,}\S|\t", self.lines[self.at + 1]) or self.at + 1 in self.starts:
                break
            text += ["", self.lines[self.at + 1]]
            self.at += 2
            text += self._following()
        self.indents = []
        return Block("footnote", line, "\n".join(part.strip() for part in text).strip(), name=found["name"])

    def _maths(self) -> Block | None:
        """A formula on lines of its own; None where its end does not come before a gap or the next one."""
        start, first = self.at, self.lines[self.at].strip()
        closing = MATHS_ENDS[first[0] if first[0] == "$" else first[1]]
        if len(first) > 4 and first.find(closing, 2) >= 0:
            after = first[first.find(closing, 2) + len(closing) :]
            if after and not (closing == "\\end{" and after.endswith("}")):
                return None
            return self._one(Block("math", self.number, first))
        for at in range(start + 1, min(len(self.lines), start + MAX_FORMULA_LINES)):
            line = self.lines[at].strip()
            if not line or (MATHS.match(line) and closing not in ("\\end{", line)):
                return None
            if line.endswith(closing) or (closing == "\\end{" and line.startswith(closing)):
                self.at = at
                return self._one(Block("math", self.offset + start + 1, "\n".join([first, *self._stripped(start, at)])))
        return None

    def _stripped(self, start: int, end: int) -> list[str]:
        return [line.strip() for line in self.lines[start + 1 : end + 1]]

    # --- lists ---------------------------------------------------------------------------------------------------

    def _item(self, item: re.Match[str]) -> Iterator[Part]:
        start, indent = self.number, len(item["indent"].expandtabs(4))
        bullet, text = _bullet(item), item["text"] or ""
        if self.quiz_indent is not None and indent <= self.quiz_indent:
            self.quiz_indent = None
            yield Heading(start, 0, "", is_marked=False)
        underlining = UNDERLINING.match(self._line(self.at + 1))
        if underlining and bullet[0].isdigit() and not self.indents and len(self._line(self.at + 1).strip()) > 3:
            self.at += 1
            yield self._one(Heading(start, 1 if underlining["sign"] == "=" else 2, item[0].strip()))
            return
        if bullet == "-" and OUTLINE_HEADING.match(text) and (heading := heading_of(text)):
            self.quiz_indent, self.in_bold_quiz = None, False
            yield self._one(Heading(start, *heading))
            return
        if quiz_line(text) and self._goes_deeper(indent):
            self.quiz_indent = indent
            yield self._one(Heading(start, LINE_LEVEL, text, is_marked=False))
            return
        while self.indents and self.indents[-1] > indent:
            self.indents.pop()
        if not self.indents or self.indents[-1] < indent:
            self.indents.append(indent)
        depth = len(self.indents) - 1
        self.at += 1
        yield from self._item_text(start, text, depth, bullet)

    def _item_text(self, start: int, text: str, depth: int, bullet: str) -> Iterator[Block]:
        """An item, and what Logseq wrote below it for itself."""
        lines = [text]
        properties = []
        for line in self._following():
            if LOGSEQ.match(line):
                properties.append(Block("hidden", self.number - 1, line.strip(), name="property"))
            else:
                lines.append(line)
        yield Block("item", start, "\n".join(part.strip() for part in lines).strip(), depth=depth, bullet=bullet)
        yield from properties

    def _goes_deeper(self, indent: int) -> bool:
        following = next((line for line in self.lines[self.at + 1 : self.at + 4] if line.strip()), "")
        item = ITEM.match(following) or OTHER_ITEM.match(following)
        return item is not None and len(item["indent"].expandtabs(4)) > indent

    # --- text ----------------------------------------------------------------------------------------------------

    def _indented_code(self) -> Block:
        start, body = self.number, []
        while self.at < len(self.lines) and self.at not in self.starts:
            if not re.match(r"(?: {4}| {0,3}\t)|\s*+$", self.lines[self.at]):
                break
            body.append(re.sub(r"^(?: {4}| {0,3}\t)", "", self.lines[self.at]))
            self.at += 1
        return Block("code", start, "\n".join(body).rstrip())

    def _paragraph(self) -> Iterator[Part]:
        start, first = self.number, self.lines[self.at]
        if first.lstrip().startswith(">"):
            yield from self._quote(start, first)
            return
        if not first[0].isspace():
            self.indents = []
            if self.quiz_indent is not None:
                self.quiz_indent = None
                yield Heading(start, 0, "", is_marked=False)
        if level := self._line_heading(first):
            yield self._one(Heading(start, level, first.strip(), is_marked=False))
            return
        self.at += 1
        if underlining := UNDERLINING.match(self._line(self.at)):
            self.at += 1
            yield Heading(start, 1 if underlining["sign"] == "=" else 2, first.strip())
            return
        text = [first.strip(), *(line.strip() for line in self._following(table="|" in first))]
        kind: BlockKind = "table" if len(text) > 1 and "|" in first and TABLE_RULE.match(text[1]) else "paragraph"
        yield Block(kind, start, "\n".join(text))

    def _line_heading(self, line: str) -> int:
        """The level of a line without # that is a heading all the same; 0 if it is none."""
        if quiz_line(line) or (self.plain and len(line) <= 60 and names_quiz(line)):
            self.in_bold_quiz = True
            return LINE_LEVEL
        if self.plain and (level := plain_heading(line)):
            self.in_bold_quiz = False
            return level
        if self.in_bold_quiz and len(line) <= 30 and is_emphasised(line):
            self.in_bold_quiz = ENDS_A_SENTENCE.search(heading_text(line)) is not None
            return 0 if self.in_bold_quiz else LINE_LEVEL
        return 0

    def _quote(self, start: int, first: str) -> Iterator[Part]:
        self.at += 1
        raw = [first, *self._following(quote=True)]
        inner = [re.sub(r"^(?:\s*>)+ ?", "", line) for line in raw]
        callout = CALLOUT.match(inner[0])
        title = callout["title"] or callout["kind"] if callout else ""
        if callout and is_quiz_title(clean_title(title)):
            yield Heading(start, LINE_LEVEL, title, is_marked=False)
            yield from _demoted(Scanner(inner[1:], offset=start).scan(), "paragraph")
            yield Heading(start + len(raw), 0, "", is_marked=False)
        elif find_regions(inner).starts or any(TABLE_RULE.match(line) for line in inner):
            yield from _demoted(Scanner(inner, offset=start - 1).scan(), "quote")
        else:
            yield Block("quote", start, "\n".join(line.strip() for line in inner))

    def _line(self, at: int) -> str:
        return self.lines[at] if at < len(self.lines) else ""

    def _following(self, table: bool = False, quote: bool = False) -> Iterator[str]:
        """The lines that follow without a blank one, up to where something else begins."""
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if not line.strip() or self.at in self.starts:
                return
            if not (table and "|" in line) and not (quote and line.lstrip().startswith(">")) and self._begins(line):
                return
            self.at += 1
            yield line

    def _begins(self, line: str) -> bool:
        """Whether something begins with a line that follows text."""
        if any(pattern.match(line) for pattern in (ITEM, OTHER_ITEM, RULE, MATHS, FOOTNOTE, CONTENTS)):
            return True
        if heading_of(line) or _definition(line) or line.lstrip().startswith(">") or quiz_line(line):
            return True
        if self.plain and plain_heading(line):
            return True
        return "|" in line and TABLE_RULE.match(self._line(self.at + 1)) is not None


def _bullet(item: re.Match[str]) -> str:
    """`-`, or a number and a full stop."""
    groups = item.groupdict()
    if not groups["bullet"]:
        return "-"
    bullet = groups["bullet"].strip()
    if bullet in "*+-":
        return "-"
    number = re.sub(r"\D", "", bullet) or str(int(unicodedata.numeric(bullet[0], 1)))
    return f"{int(number)}."


def _definition(line: str) -> re.Match[str] | None:
    found = DEFINITION.match(line)
    return found if found and is_path(found["target"]) else None


def _demoted(parts: Iterator[Part], kind: BlockKind) -> Iterator[Part]:
    """What a quotation holds: its text of one kind, its headings as text, its code and tables as they are."""
    for part in parts:
        if isinstance(part, Heading):
            if part.source:
                yield Block(kind, part.line, part.source)
        elif part.kind == "paragraph" or (part.kind == "item" and kind == "quote"):
            bullet = f"{part.bullet} " if part.kind == "item" else ""
            yield replace(part, kind=kind, text=bullet + part.text, depth=0, bullet="")
        else:
            yield part
