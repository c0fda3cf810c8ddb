"""Emphasis in a student's notes: `==mark==`, `**bold**`, `<u>underline</u>`, `*italic*`, in any combination.

Students nest these freely, put no spaces around them and leave some open. `spans` reads what can be paired and takes
the rest as plain text; `to_markdown` writes it as the lessons' Markdown reads it; `cut` finds the highlighted words.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from html import unescape

from courses.notes.inline import EMPHASIS_TAGS, Token, tokens

# Strongest first: the words of the strongest emphasis in a statement are its answers. Italics alone are no highlight.
LEVELS = ("mark", "bold", "underline")
ORDER = ("mark", "bold", "underline", "italic", "struck")
WRITTEN = {
    "mark": ("==", "=="),
    "bold": ("**", "**"),
    "underline": ("<u>", "</u>"),
    "italic": ("*", "*"),
    "struck": ("<del>", "</del>"),
}
TAGS = {
    "u": "underline",
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "mark": "mark",
    "ins": "underline",
}
KEPT_TAGS = frozenset({"br", "sub", "sup", "kbd", "del", "s"})
EDGES = " \t\n，。、；：！？,.;:!?“”‘’\"'「」『』…—"

# Names of Python, which are no bold words.
DUNDERS = (
    "init|call|name|main|str|repr|len|getitem|setitem|iter|next|new|del|enter|exit|dict|class|doc|file|version|all"
)
OPENER = re.compile(
    rf"\*{{1,4}}|(?<!=)(?:={{4}}|==)(?!=)|\^\^|(?<!~)~~(?!~)|(?<!\w)__(?=[^\s_])(?!(?:{DUNDERS})__)"
    rf"|<(?P<tag>{EMPHASIS_TAGS})(?:\s[^<>]*+)?>",
    re.IGNORECASE,
)
# How an opener may be read: a pattern for its closer, and the marks of what stands between.
READINGS = {
    "====": (re.compile("={4}"), frozenset({"mark"})),
    "==": (re.compile("=="), frozenset({"mark"})),
    "^^": (re.compile(r"\^\^"), frozenset({"mark"})),
    "~~": (re.compile(r"~~(?!~)"), frozenset({"struck"})),
    "__": (re.compile(r"(?<=\S)__(?!\w)"), frozenset({"bold"})),
    "****": (re.compile(r"\*{4}"), frozenset({"bold"})),
    "***": (re.compile(r"\*{3}"), frozenset({"bold", "italic"})),
    "**": (re.compile(r"\*\*(?!\*(?!\*))"), frozenset({"bold"})),
    "*": (re.compile(r"(?<!\*)\*(?!\*)"), frozenset({"italic"})),
} | {f"<{tag}>": (re.compile(rf"</{tag}\s*+>", re.IGNORECASE), frozenset({mark})) for tag, mark in TAGS.items()}
# What no text without emphasis, tokens and entities holds.
MARKUP = re.compile(r"[*_=^~<`\\$!\[{&%]|https?://", re.IGNORECASE)
LOOKS_LIKE_HTML = re.compile(r"<(?=[a-zA-Z/!?])")
# What stands where a token was: no sign of it opens or closes emphasis.
MASK = "\0"


@dataclass(frozen=True)
class Span:
    """Text with one set of marks. `source` is its Markdown without them, `plain` what a reader sees."""

    source: str
    plain: str
    marks: frozenset[str]


@dataclass(frozen=True)
class Piece:
    """Part of a statement: highlighted words or what stands between them."""

    markdown: str
    plain: str
    is_answer: bool


# A token as Markdown, and as a reader sees it.
Write = Callable[[Token], tuple[str, str]]


def as_it_stands(token: Token) -> tuple[str, str]:
    if token.kind in ("link", "reference"):
        return token.source, plain(token.words)
    return (r"\[" if token.kind == "bracket" else token.source), token.words


def spans(text: str, write: Write = as_it_stands, defined: Collection[str] = ()) -> list[Span]:
    """`defined`: the names of the notes' link definitions."""
    if text and not MARKUP.search(text):
        return [Span(text, text, frozenset())]
    return list(_Reader(text, write, defined).read(0, len(text), frozenset()))


class _Reader:
    def __init__(self, text: str, write: Write, defined: Collection[str]) -> None:
        self.text, self.write = text, write
        self.tokens = tokens(text, defined)
        self.starts = [token.start for token in self.tokens]
        masked, position = [], 0
        for token in self.tokens:
            masked += [text[position : token.start], MASK * len(token.source)]
            position = token.end
        self.masked = "".join([*masked, text[position:]])

    def read(self, start: int, end: int, marks: frozenset[str]) -> Iterator[Span]:
        position = start
        closerless: set[str] = set()
        while opener := OPENER.search(self.masked, position, end):
            found = None if self._is_operator(opener) else self._pair(opener, end, marks, closerless)
            if found is None:
                position = opener.end()
                continue
            added, inside, inside_end, position = found
            words = self.text[inside:inside_end]
            first, last = inside + len(words) - len(words.lstrip()), inside + len(words.rstrip())
            # Markdown wants emphasis to begin and end with a word: spaces at its ends go outside.
            yield from self._flat(start, opener.start(), marks)
            yield from self._flat(inside, first, marks)
            yield from self.read(first, last, marks | added)
            yield from self._flat(last, inside_end, marks)
            start = position
        yield from self._flat(start, end, marks)

    def _is_operator(self, opener: re.Match[str]) -> bool:
        """Between spaces, as in “a == b” or “2 * 3”, it opens nothing."""
        before, after = opener.start() - 1, opener.end()
        around = self.masked[max(0, before) : before + 1], self.masked[after : after + 1]
        return opener["tag"] is None and all(sign.isspace() for sign in around)

    def _pair(
        self, opener: re.Match[str], end: int, marks: frozenset[str], closerless: set[str]
    ) -> tuple[frozenset[str], int, int, int] | None:
        """The marks that the opener adds, where its inside begins and ends, and where its closer ends."""
        for token, length in _readings(opener):
            closer, added = READINGS[token]
            if added & marks or token in closerless:
                continue
            inside = opener.start() + length
            closing = closer.search(self.masked, inside + 1, end)
            if closing is None:
                closerless.add(token)
            elif self.text[inside : closing.start()].strip():
                return added, inside, closing.start(), closing.end()
        return None

    def _flat(self, start: int, end: int, marks: frozenset[str]) -> Iterator[Span]:
        """The text without emphasis between two places, token by token."""
        index = bisect_left(self.starts, start)
        while index < len(self.tokens) and self.tokens[index].start < end:
            token = self.tokens[index]
            yield from _plain(self.text[start : token.start], marks)
            yield Span(*self.write(token), marks)
            start, index = token.end, index + 1
        yield from _plain(self.text[start:end], marks)


def _readings(opener: re.Match[str]) -> Iterator[tuple[str, int]]:
    """Each reading of an opener, and its length. `***` may also open `**`, then `*`."""
    if tag := opener["tag"]:
        yield f"<{tag.lower()}>", len(opener[0])
    elif opener[0].startswith("*"):
        yield from (("*" * length, length) for length in range(len(opener[0]), 0, -1))
    else:
        yield opener[0], len(opener[0])


def _plain(text: str, marks: frozenset[str]) -> Iterator[Span]:
    if text:
        yield Span(escaped(text), unescape(text), marks)


def escaped(text: str) -> str:
    """Plain text that no Markdown reader takes for emphasis, code, a formula, attributes or HTML."""
    if not MARKUP.search(text):
        return text
    text = re.sub(r"[*`${]", r"\\\g<0>", text)
    text = re.sub(r"_{3,}", lambda run: r"\_" * len(run[0]), text)
    text = re.sub(r"(?<=\w)__|__(?=\w)", r"\\_\\_", text)
    return LOOKS_LIKE_HTML.sub("&lt;", text.replace("==", r"\=\="))


def to_markdown(found: Sequence[Span]) -> str:
    """The spans with their marks, properly nested."""
    written: list[str] = []
    open_marks: list[str] = []
    for span in [*found, Span("", "", frozenset())]:
        wanted = [mark for mark in ORDER if mark in span.marks]
        kept = 0
        while kept < min(len(open_marks), len(wanted)) and open_marks[kept] == wanted[kept]:
            kept += 1
        written += [WRITTEN[mark][1] for mark in reversed(open_marks[kept:])]
        written += [WRITTEN[mark][0] for mark in wanted[kept:]]
        written.append(span.source)
        open_marks = wanted
    return "".join(written)


def plain(text: str) -> str:
    """What a reader sees of the text, on one line."""
    return " ".join("".join(span.plain for span in spans(text)).split())


def cut(text: str, write: Write = as_it_stands, defined: Collection[str] = ()) -> list[Piece]:
    """The statement in pieces: its highlighted words, and what stands between them, without other emphasis."""
    return pieces(spans(text, write, defined))


def pieces(found: Sequence[Span]) -> list[Piece]:
    level = next((level for level in LEVELS if any(level in span.marks for span in found)), None)
    joined: list[tuple[list[Span], bool]] = []
    for span in found:
        is_answer = level is not None and level in span.marks
        if joined and joined[-1][1] == is_answer:
            joined[-1][0].append(span)
        else:
            joined.append(([span], is_answer))
    whole = [
        Piece("".join(span.source for span in part), "".join(span.plain for span in part), is_answer)
        for part, is_answer in joined
    ]
    return [part for piece in whole for part in (_bare(piece) if piece.is_answer else [piece])]


def _bare(piece: Piece) -> list[Piece]:
    """A highlight without the punctuation at its ends, which goes back to the text around it."""
    core = piece.plain.strip(EDGES)
    if not core:
        return [Piece(piece.markdown, piece.plain, False)]
    before, after = piece.plain.split(core, 1)
    around = [Piece(escaped(part), part, False) if part else None for part in (before, after)]
    # Where the markup of the inside cannot be told from that of its ends, the words alone are kept.
    inside = piece.markdown if not before and not after else escaped(core)
    middle = Piece(inside, core, True)
    return [part for part in (around[0], middle, around[1]) if part is not None]
