"""What a search reads and how it answers, as text alone: words of a text, terms of a query, an excerpt with its hits.

Chinese has no spaces. Every Han character becomes a word of its own, and a run of them in a query a phrase, so that a
word of two characters is found and 率 in 学习率 is not taken for a word beside it.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from courses.finished_html import Tag, pieces

MOST_QUERY_CHARACTERS = 100
MOST_TERMS = 12
EXCERPT_CHARACTERS = 180
HAN = "\u3400-\u9fff\uf900-\ufaff"
SINGLE = re.compile(f"([{HAN}])")
TERM = re.compile(f"[{HAN}]+|[^\\W_{HAN}]+")
UNREAD = frozenset({"svg", "annotation", "style", "script"})
BLOCKS = frozenset({"p", "li", "td", "th", "dt", "dd", "pre", "div", "figcaption", "h2", "h3", "h4", "br"})


@dataclass(frozen=True)
class Term:
    text: str

    @property
    def is_phrase(self) -> bool:
        """Han characters one after another, to be found one after another."""
        return bool(SINGLE.match(self.text))

    @property
    def words(self) -> list[str]:
        return list(self.text) if self.is_phrase else [self.text]


def normal(text: str) -> str:
    """One form for what looks alike: full-width letters, ligatures, capitals."""
    return unicodedata.normalize("NFKC", text).casefold()


def words(text: str) -> str:
    """The text as the full-text index shall read it."""
    return " ".join(SINGLE.sub(r" \1 ", normal(text)).split())


def terms(query: str) -> list[Term]:
    """What a query asks for. Anything that is neither letter nor digit only parts the terms."""
    found = dict.fromkeys(TERM.findall(normal(query[:MOST_QUERY_CHARACTERS])))
    return [Term(text) for text in found][:MOST_TERMS]


def sqlite_query(asked: Iterable[Term]) -> str:
    """Every term, in FTS5's language: Han as a phrase, the rest as the beginning of a word."""
    return " AND ".join(f'"{" ".join(term.words)}"' + ("" if term.is_phrase else "*") for term in asked)


def postgresql_query(asked: Iterable[Term]) -> str:
    """The same in the language of `to_tsquery`. Terms are letters and digits, so nothing need be escaped."""
    return " & ".join("(" + " <-> ".join(term.words) + (")" if term.is_phrase else ":*)") for term in asked)


def excerpt(text: str, asked: Iterable[Term]) -> list[tuple[str, bool]]:
    """The part of `text` around the first hit, in pieces; True marks a hit."""
    asked = list(asked)
    pattern = re.compile("|".join(_as_written(term) for term in asked) or r"(?!)", re.IGNORECASE)
    first = pattern.search(text)
    begin = max(0, first.start() - EXCERPT_CHARACTERS // 3) if first else 0
    if begin:
        space = text.find(" ", begin, first.start() if first else begin)
        begin = space + 1 if space >= 0 else begin
    end = min(len(text), begin + EXCERPT_CHARACTERS)
    if end < len(text) and (space := text.rfind(" ", end - 20, end)) > begin:
        end = space
    shown = text[begin:end]
    pieces = [("…", False)] if begin else []
    position = 0
    for match in pattern.finditer(shown):
        pieces += [(shown[position : match.start()], False), (match[0], True)]
        position = match.end()
    pieces += [(shown[position:], False)] + ([("…", False)] if end < len(text) else [])
    return [piece for piece in pieces if piece[0]]


def _as_written(term: Term) -> str:
    escaped = re.escape(term.text)
    return escaped if term.is_phrase else rf"\b{escaped}\w*"


# --- the text of a lesson --------------------------------------------------------------------------------------------


def section_texts(parts: Iterable[Mapping[str, str]], sections: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each section's id with the text that stands under its heading, in reading order. What stands before the first
    heading belongs to the first section."""
    reader = _Reader(sections)
    for part in parts:
        reader.feed(part.get("html", ""))
        reader.feed(part.get("caption", ""))
        reader.text(" ")
    return ((section, " ".join("".join(pieces).split())) for section, pieces in reader.texts.items())


def plain(html: str) -> str:
    """The words of a fragment of safe HTML."""
    reader = _Reader([""])
    reader.feed(html)
    return " ".join("".join(reader.texts[""]).split())


class _Reader:
    def __init__(self, sections: Iterable[str]) -> None:
        self.texts: dict[str, list[str]] = {section: [] for section in sections}
        self.section = next(iter(self.texts), "")
        self.unread = 0
        self.in_heading = False

    def text(self, data: str) -> None:
        if self.section in self.texts:
            self.texts[self.section].append(data)

    def feed(self, html: str) -> None:
        for piece in pieces(html):
            if isinstance(piece, Tag):
                self._tag(piece)
            elif not self.unread and not self.in_heading:
                self.text(piece)

    def _tag(self, tag: Tag) -> None:
        if tag.name in UNREAD:
            self.unread += tag.starts - tag.ends
        if tag.name in ("h2", "h3"):
            identity = tag.attributes.get("id", "")
            if tag.ends:
                self.in_heading = False
            elif identity in self.texts:
                self.section, self.in_heading = identity, True
        if tag.name in BLOCKS:
            self.text(" ")
