"""Emphasis in a student's notes: `==mark==`, `**bold**`, `<u>underline</u>`, `*italic*`, in any combination.

Students nest these freely, put no spaces around them and leave some open. `spans` reads what can be paired and takes
the rest as plain text; `to_markdown` writes it as the lessons' Markdown reads it; `cut` finds the highlighted words.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape

# Strongest first: the words of the strongest emphasis in a statement are its answers. Italics alone are no highlight.
LEVELS = ("mark", "bold", "underline")
ORDER = ("mark", "bold", "underline", "italic")
WRITTEN = {"mark": ("==", "=="), "bold": ("**", "**"), "underline": ("<u>", "</u>"), "italic": ("*", "*")}
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

OPAQUE = re.compile(
    r"(?P<escape>\\[!-/:-@\[-`{-~])"
    r"|(?P<code>(?P<ticks>`+)(?!`)(?P<inside>[^\n]+?)(?<!`)(?P=ticks)(?!`))"
    r"|(?P<math>\$\$[^$]+\$\$|\$(?!\s)[^$\n]+(?<!\s)\$(?!\d))"
    r"|(?P<link>\[(?P<words>[^\[\]\n]+)\]\((?P<href>[^()\s]+)(?:\s+\"[^\"\n]*\")?\))"
    r"|(?P<auto><https?://[^<>\s]+>)"
    r"|(?P<kept></?(?:br|sub|sup|kbd|del|s)\s*/?>)"
)
OPENER = re.compile(r"\*{1,3}|==|(?<!\w)__(?=\S)|<(?P<tag>u|b|strong|i|em|mark|ins)>", re.IGNORECASE)
LOOKS_LIKE_HTML = re.compile(r"<(?=[a-zA-Z/!?])")


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


def spans(text: str) -> list[Span]:
    return list(_spans(text, frozenset()))


def _spans(text: str, marks: frozenset[str]) -> Iterator[Span]:
    start = position = 0
    closerless: set[str] = set()
    while position < len(text):
        if opaque := OPAQUE.match(text, position):
            yield from _plain(text[start:position], marks)
            yield Span(opaque[0], _seen(opaque), marks)
            start = position = opaque.end()
            continue
        opener = OPENER.match(text, position)
        found = _pair(text, opener, marks, closerless) if opener else None
        if found is None:
            position = opener.end() if opener else position + 1
            continue
        added, inner_start, inner_end, end = found
        yield from _plain(text[start:position], marks)
        yield from _spans(text[inner_start:inner_end], marks | added)
        start = position = end
    yield from _plain(text[start:], marks)


def _plain(text: str, marks: frozenset[str]) -> Iterator[Span]:
    if text:
        yield Span(escaped(text), unescape(text), marks)


def escaped(text: str) -> str:
    """Plain text that no Markdown reader takes for emphasis or HTML."""
    text = re.sub(r"\*", r"\\*", text)
    text = re.sub(r"(?<=\w)__|__(?=\w)", r"\\_\\_", text)
    return LOOKS_LIKE_HTML.sub("&lt;", text.replace("==", r"\=\="))


def _seen(opaque: re.Match[str]) -> str:
    if opaque["escape"]:
        return opaque["escape"][1:]
    if opaque["link"]:
        return opaque["words"]
    return "" if opaque["kept"] else opaque["inside"] or opaque[0]


def _pair(
    text: str, opener: re.Match[str], marks: frozenset[str], closerless: set[str]
) -> tuple[frozenset[str], int, int, int] | None:
    """The marks that the opener adds, where its inside begins and ends, and where its closer ends."""
    for token, closer, added in _readings(opener):
        if added & marks or token in closerless:
            continue
        inside = opener.start() + len(token)
        closing = re.compile(closer, re.IGNORECASE).search(text, inside + 1)
        if closing is None:
            closerless.add(token)
        elif text[inside : closing.start()].strip() and "\n\n" not in text[inside : closing.start()]:
            return added, inside, closing.start(), closing.end()
    return None


def _readings(opener: re.Match[str]) -> Iterator[tuple[str, str, frozenset[str]]]:
    """How an opener may be read: the token, a pattern for its closer, its marks. `***` may also open `**`, then `*`."""
    if tag := opener["tag"]:
        yield opener[0], f"</{tag}>", frozenset({TAGS[tag.lower()]})
    elif opener[0] == "==":
        yield "==", "==", frozenset({"mark"})
    elif opener[0] == "__":
        yield "__", r"(?<=\S)__(?!\w)", frozenset({"bold"})
    else:
        readings = {3: r"\*{3}", 2: r"\*\*(?!\*(?!\*))", 1: r"(?<!\*)\*(?!\*)"}
        names = {3: frozenset({"bold", "italic"}), 2: frozenset({"bold"}), 1: frozenset({"italic"})}
        for length in range(len(opener[0]), 0, -1):
            yield "*" * length, readings[length], names[length]


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


def cut(text: str) -> list[Piece]:
    """The statement in pieces: its highlighted words, and what stands between them, without other emphasis."""
    found = spans(text)
    level = next((level for level in LEVELS if any(level in span.marks for span in found)), None)
    pieces: list[Piece] = []
    for span in found:
        is_answer = level is not None and level in span.marks
        if pieces and pieces[-1].is_answer == is_answer:
            last = pieces.pop()
            pieces.append(Piece(last.markdown + span.source, last.plain + span.plain, is_answer))
        else:
            pieces.append(Piece(span.source, span.plain, is_answer))
    return [part for piece in pieces for part in (_bare(piece) if piece.is_answer else [piece])]


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
