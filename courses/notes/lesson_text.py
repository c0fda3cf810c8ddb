"""The Markdown of one drafted lesson, block by block, so that the importer's renderer accepts each of them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from courses.markdown_dialect import MAX_BRACKETS, MAX_PARAGRAPH
from courses.notes.blocks import CALLOUT, Block
from courses.notes.emphasis import Piece, Span, Write, cut, escaped, plain, spans, to_markdown
from courses.notes.inline import Token
from courses.notes.lesson_inline import LEFT_OUT, OUTSIDE, InlineDraft
from courses.notes.questions import SENTENCE_END, at_line_start
from courses.notes.report import shown
from courses.notes.tables import cells
from courses.rendering import render_lesson

SUMMARY = 160
MAX_DEPTH = 6
# What is longer is divided: the importer takes no more than MAX_PARAGRAPH characters without an empty line, and a sign
# may become two.
LONG = MAX_PARAGRAPH // 2
# Only what holds one of these can be at fault: a formula, a link, a picture, HTML, attributes, or a line that begins
# like a fence, a directive, a heading, a box or a definition. Rendering every block would take most of the time.
RISKY = re.compile(
    r"(?<!\\)\{|(?<!\\)\$[^$]*(?<!\\)\$|\\[\])]|\\begin|\]\(|<(?!/?(?:u|del|br|sub|sup|kbd|s)\b)"
    r"|^[ >]*(?:::|#|`{3}|~{3}|!!!|[=-]+[ ]*$|\[\^)",
    re.MULTILINE | re.IGNORECASE,
)
TASK = re.compile(r"^\[(?P<sign>[ xX✓✔√])\]\s+")
# The callouts of Obsidian by the three boxes that a lesson has; other kinds become a quotation.
BOXES = {
    "note": "note", "info": "note", "abstract": "note", "summary": "note", "tldr": "note", "todo": "note",
    "example": "note", "question": "note", "help": "note", "faq": "note", "definition": "note",
    "tip": "tip", "hint": "tip", "important": "tip", "success": "tip", "check": "tip", "done": "tip",
    "warning": "warning", "caution": "warning", "attention": "warning", "danger": "warning", "error": "warning",
    "bug": "warning", "failure": "warning", "fail": "warning", "missing": "warning",
}  # fmt: skip


class TextDraft:
    """Collects a lesson's text. What had to be changed or left out goes to the report, with its line."""

    def __init__(self, inline: InlineDraft) -> None:
        self.inline, self.report = inline, inline.report
        self.summary = ""
        self._parts: list[str] = []
        self._list: Block | None = None
        self._first_depth = 0
        self._length = 0
        """Of the list since its last empty line."""
        self._faults: dict[str, str] = {}

    @property
    def text(self) -> str:
        return "\n".join(self._parts).strip() + "\n"

    def add(self, markdown: str) -> None:
        """A block of its own, with blank lines around it."""
        self._list = None
        self._parts += [markdown, ""]

    def block(self, block: Block, tell: bool = True) -> str:
        """Take the block in; returns its fate, for the report. `tell`: whether its faults go to the report, too."""
        if block.kind == "rule":
            self.add("---")
            return "rule, kept"
        if len(block.text) <= LONG or block.kind not in ("paragraph", "item", "quote"):
            return self._take(block, tell)
        first, *rest = _divided(block.text)
        fate = self._take(replace(block, text=first), tell)
        for text in rest:
            self._take(replace(block, kind="paragraph" if block.kind == "item" else block.kind, text=text), tell)
        if tell:
            text = f"this is longer than {LONG} characters; it is divided into {len(rest) + 1} paragraphs"
            self.report.problem(block.line, text, "notes")
        return fate

    def _take(self, block: Block, tell: bool) -> str:
        markdown = self._markdown(block, tell)
        if not markdown.strip():
            return self._fate_of_nothing(block)
        problem = self._fault(markdown)
        if problem:
            self.add(fenced(block.text, "text"))
            if tell:
                self.report.problem(block.line, f"{problem} The block is kept as plain text.", "code")
            return f"{block.kind} {shown(block.text)}, kept as plain text"
        if block.kind == "item":
            self._item(block, markdown)
        else:
            self.add(markdown)
        if not self.summary and block.kind in ("paragraph", "item"):
            self.summary = _first_sentence(self._plain(block))
        words = self._plain(block)
        return f"{block.kind} {shown(words)}, kept" if words else "picture, kept"

    def add_footnotes(self, notes: Mapping[str, Block]) -> None:
        """Write the footnotes that the lesson cites, and those that they cite."""
        written: list[str] = []
        while names := list(self.inline.cited)[len(written) :]:
            written += [self._footnote(notes[name], self.inline.cited[name]) for name in names]
        if written:
            self.add("\n\n".join(written))

    def _footnote(self, block: Block, number: int) -> str:
        text = to_markdown(spans(block.text, self.inline.write(block.line), self.inline.links))
        if self._fault(_without_block_signs(text)):
            text = escaped(block.text)
        lines = [f"    {line}" if line else "" for part in _divided(text) for line in ["", *part.split("\n")]]
        return f"[^{number}]: " + "\n".join(lines).strip()

    def cut(self, line: int, text: str, *, tell: bool = False) -> list[Piece]:
        """The highlighted words of a text and what stands between them, without pictures, dead links and HTML."""
        return cut(text, self.inline.write(line, tell=tell, in_text=False), self.inline.links)

    def spans(self, line: int, text: str, *, tell: bool = False) -> list[Span]:
        return spans(text, self.inline.write(line, tell=tell, in_text=False), self.inline.links)

    def tell_of_title(self, line: int, source: str) -> None:
        """Report what of a heading has no place in a title: pictures, links, HTML."""
        found = self.spans(line, source, tell=True)
        links = [span.source for span in found if span.source != span.plain and re.match(r"\[.*\]\(", span.source)]
        for link in links:
            self.report.problem(
                line, f"the link {shown(link, LEFT_OUT)} has no place in a title; its words are kept", "links"
            )

    def words(self, line: int, text: str) -> str:
        """What a reader sees of the text, on one line."""
        return " ".join("".join(span.plain for span in self.spans(line, text)).split())

    def _plain(self, block: Block) -> str:
        """What a reader sees of a block, on one line."""
        return block.text if block.kind == "math" else self.words(block.line, seen_text(block))

    def _fate_of_nothing(self, block: Block) -> str:
        kind = "bullet" if block.kind == "item" else block.kind
        if any(token in block.text for token in ("](", "[[", "<img", "<IMG", "][")):
            return "picture, left out (see “Needs a hand”)"
        return (
            f"{kind} of nothing but tags {shown(block.text)}, left out"
            if block.text.strip()
            else f"empty {kind}, left out"
        )

    # --- Markdown ------------------------------------------------------------------------------------------------

    def _markdown(self, block: Block, tell: bool) -> str:
        if block.kind == "math":
            return block.text
        write = self.inline.write(block.line, tell=tell)
        if block.kind == "table":
            head, rule, *rows = map(cells, block.text.split("\n"))
            return _table(rule, [[self._cell(cell, write) for cell in row] for row in (head, *rows)])
        if block.kind == "quote":
            return self._quote(block, write)
        task = TASK.match(block.text) if block.kind == "item" else None
        text = to_markdown(spans(block.text[task.end() :] if task else block.text, write, self.inline.links))
        text = _without_block_signs("  \n".join(line.strip() for line in text.strip().splitlines()))
        if task:
            return f"{'☐' if task['sign'] == ' ' else '☑'} {text}"
        return text if block.kind == "item" else re.sub(r"^(\d+)([.)])(?=\s)", r"\1\\\2", text, flags=re.MULTILINE)

    def _quote(self, block: Block, write: Write) -> str:
        """A quotation; a callout of Obsidian becomes a box, or a quotation with its title."""
        first, _, rest = block.text.partition("\n")
        callout = CALLOUT.match(first)
        lines = to_markdown(spans(rest if callout else block.text, write, self.inline.links)).strip().splitlines()
        text = "\n".join(_with_lists(lines))
        if callout is None:
            return "\n".join(f"> {line}".rstrip() for line in text.splitlines())
        title = escaped(plain(callout["title"] or callout["kind"]))
        box = BOXES.get(callout["kind"].lower())
        if not text or not box:
            lines = [f"**{title}**", *([""] if text else []), *text.splitlines()]
            return "\n".join(f"> {line}".rstrip() for line in lines)
        inside = [f"    {line}".rstrip() for line in text.splitlines()]
        return "\n".join([f'!!! {box} "{title.replace(chr(34), "”")}"', "", *inside])

    def _cell(self, cell: str, write: Write) -> str:
        def without_bars(token: Token) -> tuple[str, str]:
            markdown, seen = write(token)
            return (markdown.replace("|", r"{\vert}") if token.kind == "formula" else markdown), seen

        return " ".join(to_markdown(spans(cell, without_bars, self.inline.links)).split())

    def _item(self, block: Block, markdown: str) -> None:
        if self._list is None:
            self._first_depth = block.depth
        depth = min(MAX_DEPTH, max(0, block.depth - self._first_depth))
        bullet = "-" if block.bullet in "*+-" else f"{int(re.sub(r'[^0-9]', '', block.bullet) or 1)}."
        before, after = (self._list.bullet[:1].isdigit() if self._list else None), block.bullet[:1].isdigit()
        if self._list is None or before != after or self._length + len(markdown) > LONG:
            self._length = 0
        elif self._parts and self._parts[-1] == "":
            self._parts.pop()
        lines = markdown.splitlines()
        self._length += len(markdown) + len(lines) * (4 * depth + 8)
        indent = "    " * depth
        self._parts.append(f"{indent}{bullet} {lines[0]}")
        self._parts += [f"{indent}    {at_line_start(line)}" for line in lines[1:]]
        self._parts.append("")
        self._list = block

    def _fault(self, markdown: str) -> str:
        """What the importer would object to; "" if nothing."""
        if not RISKY.search(markdown) and len(markdown) <= MAX_PARAGRAPH and markdown.count("[") <= MAX_BRACKETS:
            return ""
        if markdown not in self._faults:
            self._faults[markdown] = self._fault_of_rendered(markdown)
        return self._faults[markdown]

    def _fault_of_rendered(self, markdown: str) -> str:
        rendered = render_lesson(markdown, self._picture_url)
        errors = [problem.message for problem in rendered.problems if problem.severity == "error"]
        dead = [f"The link {href} leads nowhere." for href, _ in rendered.links if not OUTSIDE.match(href)]
        other = ["It reads like a heading or a directive."] if rendered.contents or rendered.directives else []
        return next(iter([*errors, *dead, *other]), "")

    def _picture_url(self, name: str) -> str | None:
        return "data:image/png;base64,AA==" if name in self.inline.pictures else None


def seen_text(block: Block) -> str:
    """The text of a block without the signs of its kind: the bars of a table, the name of a callout, a box to tick."""
    if block.kind == "table":
        head, _, *rows = map(cells, block.text.split("\n"))
        return " / ".join(" | ".join(row) for row in (head, *rows))
    first, _, rest = block.text.partition("\n")
    if block.kind == "quote" and (callout := CALLOUT.match(first)):
        return f"{callout['title'] or callout['kind']}\n{rest}"
    return TASK.sub("", block.text) if block.kind == "item" else block.text


def fenced(text: str, language: str) -> str:
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}{language}\n{text}\n{fence}"


def _without_block_signs(text: str) -> str:
    """The lines of a text so that none makes a heading, a list, a quotation, a directive or a definition."""
    text = re.sub(r"^([ \t]*)(\[(?!\^)[^\[\]\n]+\]:)", r"\1\\\2", text, flags=re.MULTILINE)
    return re.sub(r"^(!)(?=\[)|^(\s*)([#>+{!]|-(?=\s)|::|=(?=\s*$))", _line_start, text, flags=re.MULTILINE)


def _line_start(found: re.Match[str]) -> str:
    return found[0] if found[1] else f"{found[2]}\\{found[3]}"


def _with_lists(lines: Sequence[str]) -> Iterator[str]:
    """The lines of a quotation: lists stay lists, other lines keep their ends."""
    was_item = False
    for number, line in enumerate(lines):
        is_item = re.match(r"\s*(?:[*+-]|\d+[.)])\s+\S", line) is not None
        if number and is_item != was_item:
            yield ""
        more = number + 1 < len(lines) and not is_item
        yield line.strip() if is_item else _without_block_signs(line.strip()) + ("  " if more and line.strip() else "")
        was_item = is_item


def _divided(text: str) -> list[str]:
    """The text in parts of at most LONG characters, at ends of sentences or words where there are some."""
    parts = []
    while len(text) > LONG:
        ends = [found.end() for found in SENTENCE_END.finditer(text, LONG // 2, LONG)]
        end = ends[-1] if ends else text.rfind(" ", LONG // 2, LONG) + 1
        parts.append(text[: end or LONG])
        text = text[end or LONG :]
    return [*parts, text]


def _table(rule: list[str], rows: list[list[str]]) -> str:
    """A table of which every row has as many cells as the widest: the renderer leaves out what is too much.

    One that is too long becomes several, each with the head.
    """
    width = max(map(len, rows))
    written = [f"| {' | '.join([*row, *[''] * (width - len(row))])} |" for row in rows]
    head = [written[0], f"|{'|'.join([*rule, *['---'] * (width - len(rule))])}|"]
    lines, length = [*head], 0
    for line in written[1:]:
        if length + len(line) > LONG and length:
            lines += ["", *head]
            length = 0
        lines.append(line)
        length += len(line)
    return "\n".join(lines)


def _first_sentence(text: str) -> str:
    sentence = re.split(r"(?<=[。！？!?])|(?<=\.)\s", text, maxsplit=1)[0].strip()
    return sentence if len(sentence) <= SUMMARY else sentence[: SUMMARY - 1] + "…"
