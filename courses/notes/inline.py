"""What stands in a line and is read as one thing: code, formulas, pictures, links, tags, comments. Pure.

Students write all of them in several ways: `![alt](x.png)`, `![[x.png]]`, `<img src="x.png">`. Whatever the text is,
the time to read it grows with its length and no faster: no pattern looks past the place where the next one begins.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Literal

TokenKind = Literal[
    "escape", "bracket", "code", "formula", "picture", "link", "reference", "footnote", "url", "tag", "hidden"
]

# Tags that are emphasis; `courses.emphasis` pairs them.
EMPHASIS_TAGS = "u|b|strong|i|em|mark|ins"
_ELEMENTS = """a abbr acronym address article aside audio base bdi bdo big blockquote body br button canvas caption
    center cite code col colgroup data dd del details dfn dialog dir div dl dt embed fieldset figcaption
    figure font footer form frame h1 h2 h3 h4 h5 h6 head header hr html iframe img input kbd label legend
    li link main map meta nav nobr noscript object ol optgroup option output p param picture pre progress
    q rp rt ruby s samp script section select small source span strike style sub summary sup svg table
    tbody td template textarea tfoot th thead time title tr track tt ul var video wbr"""
_LINE_ELEMENTS = """address article aside blockquote center dd details div dl dt figcaption figure footer header hr li
    main nav ol p section summary table tbody td tfoot th thead tr ul"""
_BARE_ATTRIBUTES = "open controls disabled hidden checked async defer reversed allowfullscreen"
# What HTML calls an element. Anything else in angle brackets, such as Dense(<units>), is text.
ELEMENTS = frozenset(_ELEMENTS.split())
# Which of them begin or end a line of their own.
LINE_ELEMENTS = frozenset(_LINE_ELEMENTS.split())

TICKS = re.compile(r"`+")
CANDIDATE = re.compile(r"`+|\\|\$|!?\[|<|%%|https?://", re.IGNORECASE)
ESCAPE = re.compile(r"\\[!-/:-@\[-`{-~]")
ROUND_FORMULA = re.compile(r"\\\((?:[^\\\n]|\\[^()\n])++\\\)")
FORMULA = re.compile(r"\$\$[^$]++\$\$|\$(?![\s$])[^$\n\\]*+(?:\\.[^$\n\\]*+)*+(?<!\s)\$(?!\d)")
WORDS = r"[^\[\]\n]*+(?:\[[^\[\]\n]*+\][^\[\]\n]*+)*+"
TARGET = r"[^()\n]*+(?:\([^()\n]*+\)[^()\n]*+)*+"
PICTURE = re.compile(rf"!\[(?P<words>{WORDS})\](?:\((?P<target>{TARGET})\)|\[(?P<ref>[^\[\]\n]*+)\])")
WIKI_PICTURE = re.compile(r"!\[\[(?P<target>[^\[\]\n|]++)(?:\|(?P<words>[^\[\]\n]*+))?\]\]")
WIKI = re.compile(r"\[\[(?P<target>[^\[\]\n|]++)(?:\|(?P<words>[^\[\]\n]++))?\]\]")
LINK = re.compile(rf"\[(?P<words>{WORDS})\]\((?P<target>{TARGET})\)")
REFERENCE = re.compile(rf"\[(?P<words>{WORDS})\](?!\()(?: ?\[(?P<ref>[^\[\]\n]*+)\])?")
FOOTNOTE = re.compile(r"\[\^(?P<words>[^\[\]\n]{1,100})\]")
AUTO = re.compile(r"<(?P<target>(?:https?://|mailto:)[^<>\s]++)>", re.IGNORECASE)
URL = re.compile(r"https?://(?:[A-Za-z0-9%_~/?#@!&+,.;:-]|=(?!=))++", re.IGNORECASE)
ATTRIBUTES = r"""(?P<attributes>(?:\s++[a-zA-Z_:@][\w:.-]*+(?:\s*+=\s*+(?:"[^"<>]*+"|'[^'<>]*+'|[^\s"'=<>`]++))?+)*+)"""
TAG = re.compile(rf"<(?P<close>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]*+){ATTRIBUTES}\s*+/?>")
ANCHOR = re.compile(r"<a\s[^<>]*+>(?P<words>[^<>\n]*+)</a\s*+>", re.IGNORECASE)
ASIDE = re.compile(r"(?<![\w%])%%(?P<words>[^%\n]++)%%(?!\w)")
HIDING = re.compile(r"<(?P<name>script|style)\b[^<>]*+>", re.IGNORECASE)
HIDING_END = re.compile(r"</(?:script|style)\s*+>", re.IGNORECASE)
BARE_ATTRIBUTES = frozenset(_BARE_ATTRIBUTES.split())
# An address is empty or has a scheme, a path, a fragment or the ending of a file; “[0, 1](闭区间)” is no link.
ADDRESS = re.compile(
    r"$|<|(?:https?|mailto|file|data):|[#./\\]|[a-z]:[\\/]|.*[/\\]\S|.*\.[a-z]\w{0,4}(?:#.*)?$", re.IGNORECASE
)
PATH = re.compile(
    r"<|(?:https?|mailto|file|data):|#|\.{0,2}[/\\]|[a-z]:[\\/]|[^\s\u2e80-\U0002ffff]+/|.*\.(?:md|html?|png|jpe?g|gif|webp|svg|pdf)\b",
    re.IGNORECASE,
)
NUMBERS = re.compile(r"[\d\s.,+-]*")


@dataclass(frozen=True)
class Token:
    """`words` is what a reader sees (the alternative text of a picture), `target` where a link or picture points."""

    kind: TokenKind
    start: int
    source: str
    words: str = ""
    target: str = ""

    @property
    def end(self) -> int:
        return self.start + len(self.source)


def tokens(text: str, defined: Collection[str] = ()) -> list[Token]:
    """From left to right, without overlaps. `defined`: the names that `[name]: address` lines give, casefolded."""
    return list(_Reader(text, defined).read())


def attribute(tag: str, name: str) -> str:
    """The value of an attribute of a tag; "" if it has none."""
    found = re.search(rf"""\s{name}\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))""", tag, re.IGNORECASE)
    return next((value for value in found.groups() if value), "") if found else ""


def clean_target(target: str) -> str:
    """An address without its title, its size and its angle brackets."""
    bare = re.sub(r"\s[\"'].*|\s=\d*x\d*$", "", target.strip(), count=1).strip()
    return bare[1:-1] if bare.startswith("<") and bare.endswith(">") else bare


def is_path(target: str) -> bool:
    """Whether it can only be an address: what `[name]: …` needs, for “[note]: careful” defines nothing."""
    return PATH.match(target) is not None


def is_tag(tag: re.Match[str]) -> bool:
    """Whether it is HTML: `<font color="red">` is; `<int>`, or “a <b and c> d”, is not."""
    bare = re.findall(
        r"\s([^\s=]+)(?=\s|$)", re.sub(r"""\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"']+)""", "=", tag["attributes"])
    )
    name = tag["name"].lower()
    known = name in ELEMENTS or name in EMPHASIS_TAGS.split("|")
    return known and all(word.lower() in BARE_ATTRIBUTES or word.endswith("=") for word in bare)


class _Reader:
    def __init__(self, text: str, defined: Collection[str]) -> None:
        self.text, self.defined = text, defined
        self.runs: dict[int, list[int]] = {}
        self.endless: set[str] = set()
        self.readers: dict[str, Callable[[int], Token | None]] = {
            "`": self._code, "\\": self._escape, "$": self._formula, "!": self._picture, "[": self._bracket,
            "<": self._angle, "%": self._aside, "h": self._url, "H": self._url,
        }  # fmt: skip

    def read(self) -> Iterator[Token]:
        position = 0
        while found := CANDIDATE.search(self.text, position):
            token = self.readers[found[0][0]](found.start())
            if token is None and found[0] == "![":
                token = self._bracket(found.start() + 1)
            if token is not None:
                yield token
            position = token.end if token else found.end()

    def _code(self, start: int) -> Token | None:
        """Backticks up to as many backticks in the same line."""
        if not self.runs:
            for run in TICKS.finditer(self.text):
                self.runs.setdefault(len(run[0]), []).append(run.start())
        length = len(TICKS.match(self.text, start)[0])  # type: ignore[index]
        places = self.runs[length]
        following = bisect_left(places, start + 1)
        if following == len(places):
            return None
        end = places[following]
        if self.text.find("\n", start, end) >= 0:
            return None
        return Token("code", start, self.text[start : end + length], self.text[start + length : end])

    def _escape(self, start: int) -> Token | None:
        if formula := ROUND_FORMULA.match(self.text, start):
            return Token("formula", start, formula[0], formula[0])
        found = ESCAPE.match(self.text, start)
        return Token("escape", start, found[0], found[0][1]) if found else None

    def _formula(self, start: int) -> Token | None:
        found = FORMULA.match(self.text, start)
        return Token("formula", start, found[0], found[0]) if found else None

    def _picture(self, start: int) -> Token | None:
        if wiki := WIKI_PICTURE.match(self.text, start):
            words = wiki["words"] or ""
            words = "" if re.fullmatch(r"\d*(?:x\d*)?", words) else words
            return Token("picture", start, wiki[0], words, wiki["target"].strip())
        found = PICTURE.match(self.text, start)
        if found is None or found["words"].count("`") % 2:
            return None
        words = re.sub(r"\|\d+(?:x\d+)?$", "", found["words"])
        if found["target"] is not None:
            return Token("picture", start, found[0], words, clean_target(found["target"]))
        name = found["ref"] or found["words"]
        return Token("picture", start, found[0], words, f"[{name}]") if name.casefold() in self.defined else None

    def _bracket(self, start: int) -> Token | None:
        if footnote := FOOTNOTE.match(self.text, start):
            return Token("footnote", start, footnote[0], footnote["words"])
        wiki = WIKI.match(self.text, start)
        if wiki and not NUMBERS.fullmatch(wiki["target"]):
            target = wiki["target"].strip().rstrip("\\")
            return Token("link", start, wiki[0], wiki["words"] or target, target)
        link = LINK.match(self.text, start)
        return self._link(start, link) if link else self._reference(start)

    def _link(self, start: int, link: re.Match[str]) -> Token | None:
        if link["words"].count("`") % 2:  # the code in it ends behind it
            return None
        if link["words"].strip() and ADDRESS.match(link["target"].strip()):
            return Token("link", start, link[0], link["words"], clean_target(link["target"]))
        return Token("bracket", start, "[", "[")

    def _reference(self, start: int) -> Token | None:
        found = REFERENCE.match(self.text, start)
        if found is None or not found["words"].strip():
            return None
        name = found["ref"] or found["words"]
        return Token("reference", start, found[0], found["words"], name) if name.casefold() in self.defined else None

    def _angle(self, start: int) -> Token | None:
        if self.text.startswith("<!--", start):
            return self._hidden(start, start + 4, re.compile("-->"), "comment")
        if auto := AUTO.match(self.text, start):
            return Token("url", start, auto[0], auto["target"], auto["target"])
        if hiding := HIDING.match(self.text, start):
            return self._hidden(start, hiding.end(), HIDING_END, hiding["name"].lower()) or self._tag(start)
        if (anchor := ANCHOR.match(self.text, start)) and (target := attribute(anchor[0], "href")):
            return Token("link", start, anchor[0], anchor["words"], target)
        return self._tag(start)

    def _hidden(self, start: int, inside: int, ending: re.Pattern[str], what: str) -> Token | None:
        if what in self.endless:
            return None
        end = ending.search(self.text, inside)
        if end is None:
            self.endless.add(what)
            return None
        return Token("hidden", start, self.text[start : end.end()], self.text[inside : end.start()].strip(), what)

    def _aside(self, start: int) -> Token | None:
        """A comment as Obsidian has it."""
        found = ASIDE.match(self.text, start)
        return Token("hidden", start, found[0], found["words"].strip(), "comment") if found else None

    def _tag(self, start: int) -> Token | None:
        found = TAG.match(self.text, start)
        if found is None or not is_tag(found) or found["name"].lower() in EMPHASIS_TAGS.split("|"):
            return None
        name = found["name"].lower()
        if name == "img":
            target = attribute(found[0], "src")
            return Token("picture", start, found[0], attribute(found[0], "alt"), target)
        return Token("tag", start, found[0], target=name)

    def _url(self, start: int) -> Token | None:
        found = URL.match(self.text, start)
        address = found[0].rstrip(".,;:!?") if found else ""
        return Token("url", start, address, address, address) if address.partition("//")[2] else None
