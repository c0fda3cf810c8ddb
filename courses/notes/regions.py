"""What runs over many lines of notes and hides whatever stands in it: code, comments, scripts, HTML tables. Pure.

Fences that nobody closed are ended where the next thing begins: at a heading with blank lines around it and no code
below, else at the next fence that names a language, else at the end of the notes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Literal

from courses.notes.inline import TAG, attribute, is_tag, tokens
from courses.notes.titles import heading_of

BULLET = re.compile(r"(?:[*+-]|\d{1,3}[.)])[ \t]+(?=```|~~~)")
LANGUAGE = re.compile(r"\{?\s*\.?(?P<language>[A-Za-z0-9+#_-]*+)(?P<rest>.*)")
_LANGUAGES = (
    "python py python3 pycon js javascript ts java c cpp r matlab julia bash sh console html css sql json yaml text"
)
LANGUAGES = frozenset(_LANGUAGES.split())
# How a line of code begins.
CODE = re.compile(
    r"\s*(?:[\w.]+\s*(?:[=(]|\[)|[@)}\]]"
    r"|(?:import|from|def|class|for|if|while|with|return|print|try|else|async|const|let)\b)"
)
OPENING = re.compile(r"<!--|<(?P<name>script|style|pre|table)\b[^<>]*+>|%%", re.IGNORECASE)
ENDINGS = {"<!--": "-->", "%%": "%%"} | {name: rf"</{name}\s*+>" for name in ("script", "style", "pre", "table")}
TABLE_TAG = re.compile(r"<(?P<close>/?)(?P<name>table|thead|tbody|tfoot|tr|td|th|caption|colgroup|col)\b[^<>]*+>", re.I)


@dataclass(frozen=True)
class Fence:
    indent: int
    sign: str
    length: int
    language: str
    rest: str
    """What stands beside the language; no reader of Markdown shows it."""


@dataclass(frozen=True)
class Region:
    """The lines from `start` up to `end` (0-based, `end` not included); `line` is the first one's number."""

    kind: Literal["code", "table", "hidden"]
    start: int
    end: int
    text: str
    language: str = ""
    """Of code; for what is hidden, its name: comment, script, style."""
    closed: bool = True
    beside: str = ""
    inside: int = 0
    """How many lines below the first its text begins."""


@dataclass
class Regions:
    """`lines` is the notes without what is hidden; `starts` holds code and tables by the line they begin on."""

    lines: list[str]
    starts: dict[int, Region]
    hidden: list[Region]
    unclosed: list[int]
    """The numbers of lines with a comment that never ends."""


def fence_of(line: str) -> Fence | None:
    stripped = line.lstrip()
    if bullet := BULLET.match(stripped):
        stripped = stripped[bullet.end() :]
    sign = stripped[:1]
    if sign not in ("`", "~") or not sign:
        return None
    length = len(stripped) - len(stripped.lstrip(sign))
    beside = stripped[length:].strip()
    if length < 3 or sign in beside:
        return None
    found = LANGUAGE.match(beside)
    assert found is not None
    rest = found["rest"].strip()
    rest = rest.removesuffix("}") if beside.startswith("{") else rest
    return Fence(len(line) - len(stripped), sign, length, found["language"].lower(), rest)


def find_regions(lines: list[str], first: int = 0) -> Regions:
    """`first`: where the notes begin, after their front matter."""
    return _Finder(lines).find(first)


class _Finder:
    def __init__(self, lines: list[str]) -> None:
        self.found = Regions(list(lines), {}, [], [])
        self.lines = self.found.lines
        self.endless: set[str] = set()

    def find(self, first: int) -> Regions:
        at = first
        while at < len(self.lines):
            if fence := fence_of(self.lines[at]):
                region = self._fenced(at, fence)
                self.found.starts[at] = region
                at = region.end
            else:
                at = self._hiding(at)
        return self.found

    # --- fences --------------------------------------------------------------------------------------------------

    def _fenced(self, start: int, fence: Fence) -> Region:
        end, after, closed = self._end_of(start, fence)
        body = self.lines[start + 1 : end]
        text = "\n".join(line[min(fence.indent, len(line) - len(line.lstrip())) :] for line in body)
        text = text if closed else text.rstrip("\n")
        return Region("code", start, after, text, fence.language, closed, fence.rest, inside=1)

    def _end_of(self, start: int, fence: Fence) -> tuple[int, int, bool]:
        """Where the code ends, where to go on, and whether a fence closes it."""
        for at in range(start + 1, len(self.lines)):
            stripped = self.lines[at].strip()
            if not stripped.startswith(fence.sign * fence.length):
                continue
            if not stripped.strip(fence.sign):
                return at, at + 1, True
            if following := fence_of(self.lines[at]):
                if following.rest and following.language not in LANGUAGES and not re.search("[={]", following.rest):
                    # Words stand behind the fence that closes: they are a line of their own.
                    self.lines[at] = stripped.lstrip(fence.sign)
                    return at, at, True
                break
        else:
            at = len(self.lines)
        headings = (place for place in range(start + 1, at) if self._is_heading(place))
        end = next(headings, at)
        return end, end, False

    def _is_heading(self, at: int) -> bool:
        """Whether a line in code that is never closed is no comment: blank lines around it, and no code below."""
        if not self.lines[at].lstrip().startswith(("#", "＃")) or heading_of(self.lines[at]) is None:
            return False
        around = self.lines[at - 1 : at] + self.lines[at + 1 : at + 2]
        below = next((line for line in self.lines[at + 1 : at + 10] if line.strip()), "")
        return not any(line.strip() for line in around) and not CODE.match(below)

    # --- HTML and comments ---------------------------------------------------------------------------------------

    def _hiding(self, at: int) -> int:
        """Take what opens in this line and runs over others; returns the line to go on with."""
        line, done = self.lines[at], 0
        codes = [token for token in tokens(line) if token.kind == "code"] if "`" in line else []
        for opening in OPENING.finditer(line):
            if opening.start() < done or any(code.start < opening.start() < code.end for code in codes):
                continue
            name = (opening["name"] or opening[0]).lower()
            begins_line = not line[: opening.start()].strip()
            if name in ("pre", "table", "%%") and not begins_line:
                continue
            end = self._ending(name, at, opening.end())
            if end is None:
                continue
            if end.line > at or (begins_line and not line[end.after :].strip()):
                return self._take(name, at, opening, end)
            done = end.after
        return at + 1

    def _ending(self, name: str, at: int, inside: int) -> "_Ending | None":
        if name in self.endless:
            return None
        closing = re.compile(ENDINGS[name], re.IGNORECASE)
        if found := closing.search(self.lines[at], inside):
            return _Ending(at, found.start(), found.end())
        if name == "%%" and self.lines[at][inside : inside + 1].strip():
            return None  # %%time is no comment
        for number in range(at + 1, len(self.lines)):
            found = closing.search(self.lines[number])
            if found and (name != "%%" or self.lines[number].rstrip().endswith("%%")):
                return _Ending(number, found.start(), found.end())
        self.endless.add(name)
        if name == "<!--":
            self.found.unclosed.append(at + 1)
        return None

    def _take(self, name: str, at: int, opening: re.Match[str], end: "_Ending") -> int:
        lines = self.lines[at : end.line + 1]
        before, rest = lines[0][: opening.start()], lines[-1][end.after :]
        lines[-1] = lines[-1][: end.start]
        lines[0] = lines[0][opening.end() :]
        inside = "\n".join(lines)
        if name in ("pre", "table"):
            text = f"{inside}\n{rest}" if rest.strip() else inside  # the words behind it stay with it
            self.found.starts[at] = _html_region(name, at, end.line + 1, opening[0], text)
            return end.line + 1
        what = name if name.isalpha() else "comment"
        self.found.hidden.append(Region("hidden", at, end.line + 1, inside.strip(), what))
        self.lines[at : end.line + 1] = [before] + [""] * (end.line - at)
        if rest.strip():
            self.lines[end.line] = rest
            return end.line if end.line > at else at + 1
        return end.line + 1


@dataclass(frozen=True)
class _Ending:
    """The line of what closes a region, and where in the line that begins and ends."""

    line: int
    start: int
    after: int


def _html_region(name: str, start: int, end: int, tag: str, inside: str) -> Region:
    if name == "table":
        table, outside = html_table(inside)
        return Region("table", start, end, table, beside=outside)
    language = re.search(r"lang(?:uage)?-([A-Za-z0-9+#-]+)", tag + inside[:200])
    text = unescape(TAG.sub(lambda found: "" if is_tag(found) else found[0], inside))
    lang = language[1] if language else attribute(tag, "lang")
    begins = len(text) - len(text.lstrip("\n"))
    return Region("code", start, end, text.strip("\n"), lang.lower(), inside=begins)


def html_table(inside: str) -> tuple[str, str]:
    """The cells of an HTML table as a table of Markdown, and the words outside of all cells."""
    outside: list[str] = []
    rows: list[list[str]] = []
    for in_cell, starts_row, text in _cells(inside):
        words = " ".join(text.split())
        if starts_row or not rows:
            rows.append([])
        if in_cell:
            rows[-1].append(words.replace("|", r"\|"))
        elif words:
            outside.append(words)
    rows = [row for row in rows if row]
    width = max(map(len, rows), default=0)
    written = [f"| {' | '.join([*row, *[''] * (width - len(row))])} |" for row in rows]
    rule = [f"|{'---|' * width}"] if rows else []
    return "\n".join([*written[:1], *rule, *written[1:]]), " ".join(outside)


def _cells(inside: str) -> Iterator[tuple[bool, bool, str]]:
    """Each stretch of text: whether it is in a cell, whether a row begins with it."""
    position, in_cell, starts_row = 0, False, True
    for tag in TABLE_TAG.finditer(inside):
        text = inside[position : tag.start()]
        if in_cell or text.strip():
            yield in_cell, starts_row, text
            starts_row = starts_row and not in_cell
        name, position = tag["name"].lower(), tag.end()
        starts_row = starts_row or name == "tr"
        in_cell = name in ("td", "th") and not tag["close"]
    if inside[position:].strip():
        yield in_cell, starts_row, inside[position:]
