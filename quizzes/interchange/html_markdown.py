"""HTML → Markdown that renders the same. Pure.

The HTML is read tag by tag, in one pass: tags need not be balanced, and time grows with the length alone. What Markdown
cannot say is left out and its words are kept; a note tells of it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from quizzes.interchange.markdown_signs import WHITE, cleaned, unescaped
from quizzes.interchange.marked_words import Run, longest, marked_words

MARKS: Final = {
    "b": "strong", "strong": "strong", "i": "em", "em": "em", "cite": "em", "dfn": "em", "var": "em", "sup": "sup",
    "sub": "sub", "u": "u", "ins": "ins", "s": "s", "strike": "s", "del": "del", "mark": "mark", "kbd": "kbd",
    "code": "code", "tt": "code", "samp": "code",
}  # fmt: skip
HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
BLOCKS: Final = frozenset({
    "address", "article", "aside", "center", "dd", "details", "div", "dl", "dt", "figcaption", "figure", "footer",
    "header", "main", "nav", "p", "section", "summary",
})  # fmt: skip
LISTS: Final = frozenset({"ul", "ol"})
# Nothing is lost with these.
INLINE: Final = frozenset({
    "abbr", "bdi", "bdo", "big", "body", "font", "head", "html", "label", "meta", "nobr", "small", "span", "tbody",
    "tfoot", "thead", "wbr",
})  # fmt: skip
TABLE: Final = frozenset({"table", "caption", "tr", "td", "th"})
DROPPED: Final = frozenset({
    "iframe", "noscript", "object", "script", "select", "style", "svg", "template", "textarea", "title",
})  # fmt: skip
MAX_NESTING: Final = 6

_TAG = re.compile(
    r"<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9:-]{0,40})"
    r"(?P<rest>(?:[^<>\"']|\"[^\"]{0,5000}\"|'[^']{0,5000}'){0,500}+)>"
)
_ATTRIBUTE = re.compile(r"([A-Za-z-]{1,30})\s{0,10}=\s{0,10}(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>]+))")
_SPACE = re.compile(r"[ \t\n\f]+")
_LANGUAGE = re.compile(r"lang(?:uage)?-([a-z0-9+#]{1,20})\b", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s]+", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"[\s()<>\"'\\`*_$\[\]{}|]")


def from_html(html: str, *, keep_lines: bool = False) -> tuple[str, tuple[str, ...]]:
    """Return Markdown that renders as the HTML does, and a sentence for everything that it cannot hold.

    `keep_lines`: line ends of the text are breaks, as in Moodle's own format of texts.
    """
    reader = _Reader(keep_lines)
    for piece in _pieces(cleaned(html)):
        if isinstance(piece, str):
            reader.text(piece)
        else:
            reader.tag(piece)
    reader.end_block()
    return _joined(reader.blocks), tuple(dict.fromkeys(reader.notes))


# --- tags ------------------------------------------------------------------------------------------------------------


class _Tag(NamedTuple):
    name: str
    ends: bool
    attributes: dict[str, str]


def _pieces(html: str) -> Iterator[str | _Tag]:
    """Texts and tags in their order; comments and what is inside of scripts are left out. A `<` alone is text."""
    at = 0
    text: list[str] = []
    while at < len(html):
        opening = html.find("<", at)
        if opening < 0:
            opening = len(html)
        text.append(html[at:opening])
        if html.startswith(("<!", "<?"), opening):
            at = _after_comment(html, opening)
            continue
        tag = _TAG.match(html, opening)
        if tag is None:
            text.append(html[opening : opening + 1])
            at = opening + 1
            continue
        if words := "".join(text):
            yield words
        text = []
        name = tag["name"].lower()
        yield _Tag(name, bool(tag["end"]), _attributes(tag["rest"]))
        at = tag.end()
        if name in DROPPED and not tag["end"]:
            at = _after_dropped(html, name, at)
    if words := "".join(text):
        yield words


def _attributes(rest: str) -> dict[str, str]:
    found = _ATTRIBUTE.findall(rest) if "=" in rest else []
    return {name.lower(): unescaped(double or single or bare) for name, double, single, bare in found}


def _after_comment(html: str, at: int) -> int:
    closing = "-->" if html.startswith("<!--", at) else ">"
    end = html.find(closing, at)
    return len(html) if end < 0 else end + len(closing)


def _after_dropped(html: str, name: str, at: int) -> int:
    """Behind the end of a script and the like; one that never ends takes the rest, as in a browser."""
    end = re.compile(rf"</{name}[^<>]*>", re.IGNORECASE).search(html, at)
    return end.end() if end else len(html)


# --- blocks ----------------------------------------------------------------------------------------------------------


@dataclass
class _Container:
    """A quotation, or an item of a list that has shown its `sign` already or not yet."""

    sign: str
    started: bool = False


@dataclass
class _List:
    """`number`: of its last item; None in a list without numbers."""

    number: int | None


@dataclass(frozen=True)
class _Block:
    lines: tuple[str, ...]
    is_item: bool
    """Whether it is one line that begins an item of a list."""


@dataclass
class _Reader:
    keep_lines: bool
    blocks: list[_Block] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    marks: dict[str, int] = field(default_factory=dict)
    """How often each mark is open, the outermost one first."""
    href: str = ""
    heading: int = 0
    pre: list[str] | None = None
    language: str = ""
    lists: list[_List] = field(default_factory=list)
    containers: list[_Container] = field(default_factory=list)

    def text(self, words: str) -> None:
        self._add(unescaped(words))

    def _add(self, words: str) -> None:
        if self.pre is not None:
            self.pre.append(words)
            return
        lines = words.split("\n") if self.keep_lines else [words]
        shown = "\n".join(_SPACE.sub(" ", line) for line in lines)
        if shown:
            self.runs.append(Run(shown, tuple(self.marks), self.href))

    def tag(self, tag: _Tag) -> None:
        if tag.name in DROPPED:
            self.notes += [] if tag.ends else [f"<{tag.name}> and what stood in it was left out."]
        elif self.pre is not None and tag.name not in ("pre", "br"):
            self._in_pre(tag)
        elif tag.name in MARKS:
            self._mark(MARKS[tag.name], tag.ends)
        elif handle := _HANDLERS.get(tag.name):
            handle(self, tag)
        elif tag.name not in INLINE and not tag.ends:
            self.notes.append(f"<{tag.name}> was left out; its words are kept.")

    def _mark(self, mark: str, ends: bool) -> None:
        if not ends:
            self.marks[mark] = self.marks.get(mark, 0) + 1
        elif self.marks.get(mark, 0) > 1:
            self.marks[mark] -= 1
        else:
            self.marks.pop(mark, None)

    def _link(self, tag: _Tag) -> None:
        href = "" if tag.ends else tag.attributes.get("href", "").strip()
        self.href = _IN_ADDRESS.sub(lambda sign: f"%{ord(sign[0]):02X}", href) if _ADDRESS.fullmatch(href) else ""
        if href and not self.href:
            self.notes.append(f"A link was left out, for it leads to no web page: {href[:100]}")

    def _break(self, tag: _Tag) -> None:
        if self.pre is not None:
            self.pre.append("\n")
        else:
            self.runs.append(Run("\n", (), ""))

    def _picture(self, tag: _Tag) -> None:
        what = _SPACE.sub(" ", tag.attributes.get("alt", "")).strip(WHITE)
        self.notes.append(f"A picture was left out{f'; its description is kept: {what[:100]}' if what else '.'}")
        self._add(what)

    def _rule(self, tag: _Tag) -> None:
        self.end_block()
        self._put(["***"])

    def _heading(self, tag: _Tag) -> None:
        self.end_block()
        self.heading = 0 if tag.ends else HEADINGS[tag.name]

    def _block(self, tag: _Tag) -> None:
        self.end_block()

    def _pre(self, tag: _Tag) -> None:
        self.end_block()
        if not tag.ends:
            self.pre, self.language = [], ""
            self._in_pre(tag)

    def _in_pre(self, tag: _Tag) -> None:
        """Code has neither marks nor paragraphs; a tag around it may tell its language."""
        if not self.language and (found := _LANGUAGE.search(tag.attributes.get("class", ""))):
            self.language = found[1].lower()

    def _list(self, tag: _Tag) -> None:
        self.end_block()
        if tag.ends:
            if self.lists:
                self.lists.pop()
            return
        if len(self.lists) == MAX_NESTING:
            self.notes.append("Lists that stand very deep in each other were made flat.")
        start = tag.attributes.get("start", "1")
        first = int(start) if re.fullmatch(r"[0-9]{1,6}", start) else 1
        self.lists.append(_List(first - 1 if tag.name == "ol" else None))

    def _item(self, tag: _Tag) -> None:
        self.end_block()
        if tag.ends:
            self._leave(quotation=False)
            return
        if not self.lists:
            self.lists.append(_List(None))
        innermost = self.lists[-1]
        if innermost.number is not None:
            innermost.number += 1
        sign = "-   " if innermost.number is None else f"{innermost.number}.".ljust(4)
        while len(self._items()) >= min(len(self.lists), MAX_NESTING):
            self._leave(quotation=False)  # an <li> that was not closed
        if len(self.containers) < 2 * MAX_NESTING:
            self.containers.append(_Container(sign))

    def _items(self) -> list[_Container]:
        return [container for container in self.containers if container.sign != "> "]

    def _quotation(self, tag: _Tag) -> None:
        self.end_block()
        if tag.ends:
            self._leave(quotation=True)
        elif len(self.containers) < 2 * MAX_NESTING:
            self.containers.append(_Container("> ", started=True))

    def _leave(self, *, quotation: bool) -> None:
        """End the innermost quotation or item, with all that stands in it."""
        for index in range(len(self.containers) - 1, -1, -1):
            if (self.containers[index].sign == "> ") == quotation:
                del self.containers[index:]
                return

    def _table(self, tag: _Tag) -> None:
        if tag.name in ("td", "th"):
            if not tag.ends and self.runs:
                self._add(" | ")
            return
        self.end_block()
        if tag.name == "table" and not tag.ends:
            self.notes.append("A table was left out; its words are kept, a paragraph for each row.")

    def end_block(self) -> None:
        """Write what has been read since the last block."""
        if self.pre is not None:
            code, self.pre = "".join(self.pre).strip("\n"), None
            if code.strip(WHITE):
                self._put(_fenced(code, self.language))
            return
        runs, self.runs = self.runs, []
        written = marked_words(runs)
        if written:
            if self.heading:
                written = f"{'#' * self.heading} {written.replace('  ' + chr(10), ' ')}"
            self._put(written.split("\n"))

    def _put(self, lines: list[str]) -> None:
        first, rest = "", ""
        for container in self.containers:
            first += " " * len(container.sign) if container.started and container.sign != "> " else container.sign
            rest += container.sign if container.sign == "> " else " " * len(container.sign)
        begins_item = any(not container.started for container in self.containers)
        for container in self.containers:
            container.started = True
        prefixed = [f"{rest}{line}" if line else rest.rstrip() for line in lines[1:]]
        self.blocks.append(_Block((f"{first}{lines[0]}", *prefixed), begins_item and not prefixed))


_HANDLERS: Final[Mapping[str, Callable[[_Reader, _Tag], None]]] = {
    "a": _Reader._link,
    "br": _Reader._break,
    "img": _Reader._picture,
    "hr": _Reader._rule,
    "pre": _Reader._pre,
    "li": _Reader._item,
    "blockquote": _Reader._quotation,
    **dict.fromkeys(LISTS, _Reader._list),
    **dict.fromkeys(HEADINGS, _Reader._heading),
    **dict.fromkeys(BLOCKS, _Reader._block),
    **dict.fromkeys(TABLE, _Reader._table),
}


def _fenced(code: str, language: str) -> list[str]:
    fence = "`" * max(3, longest("`", code) + 1)
    return [f"{fence}{language}", *code.split("\n"), fence]


def _joined(blocks: list[_Block]) -> str:
    written: list[str] = []
    for index, block in enumerate(blocks):
        if index:
            written.append("\n" if block.is_item and blocks[index - 1].is_item else "\n\n")
        written.append("\n".join(block.lines))
    return "".join(written).strip(WHITE)
