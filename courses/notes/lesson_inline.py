"""Pictures, links, footnotes and HTML of the notes, as a lesson has them; what it cannot have is reported. Pure."""

import base64
import binascii
import re
from collections.abc import Callable, Collection, Mapping
from html import unescape
from urllib.parse import unquote

from courses.notes.emphasis import KEPT_TAGS, Write, as_it_stands, escaped, plain, spans, to_markdown
from courses.notes.inline import LINE_ELEMENTS, Token, TokenKind, attribute
from courses.notes.report import Group, Report, shown
from courses.parsing import MAX_PICTURE_BYTES, PICTURES

# The bytes of a picture that the notes name, or None where there is none.
Picture = Callable[[str], bytes | None]

OUTSIDE = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
DATA = re.compile(r"data:image/[\w.+-]+;base64,(?P<data>[A-Za-z0-9+/=\s]*)$")
EMBEDDED = "a picture within the text"
# How much of what is left out the report shows.
LEFT_OUT = 300


class InlineDraft:
    """What the lines of one lesson hold beside words. `links`: the notes' link definitions; `notes`: the names of
    their footnotes. `pictures`, `cited` and `used` tell what the lesson has taken in: pictures by their files,
    footnotes with their numbers, link definitions.
    """

    def __init__(self, report: Report, picture: Picture, links: Mapping[str, str], notes: Collection[str]) -> None:
        self.report, self.picture, self.links, self.notes = report, picture, links, notes
        self.pictures: dict[str, bytes] = {}
        self.cited: dict[str, int] = {}
        self.used: set[str] = set()

    def write(self, line: int, *, tell: bool = True, in_text: bool = True) -> Write:
        """How to write the tokens of a block. `tell`: whether faults are reported; `in_text`: whether pictures and
        footnotes have a place here, which they have not in questions and headings.
        """
        return _Writer(self, line, tell, in_text)

    def defined(self, name: str) -> str:
        self.used.add(name.casefold())
        return self.links[name.casefold()]

    def keep(self, content: bytes, kind: str, alt: str) -> str:
        """Take a picture in; returns its Markdown."""
        file = next((name for name, known in self.pictures.items() if known == content), "")
        file = file or f"picture-{len(self.pictures) + 1}.{kind}"
        self.pictures[file] = content
        described = re.sub(r"[\[\]\\\n]", " ", alt)
        return f"![{escaped(described)}]({file})"


class _Writer:
    """Writes the tokens of one block: as Markdown, and as a reader sees them."""

    def __init__(self, draft: InlineDraft, line: int, tell: bool, in_text: bool) -> None:
        self.draft, self.line, self.tell, self.in_text = draft, line, tell, in_text
        self.told: set[str] = set()
        self.written: Mapping[TokenKind, Write] = {
            "picture": self._picture, "link": self._link, "reference": self._link, "footnote": self._footnote,
            "url": self._url, "tag": self._tag, "hidden": self._hidden,
        }  # fmt: skip

    def __call__(self, token: Token) -> tuple[str, str]:
        return self.written.get(token.kind, as_it_stands)(token)

    def _problem(self, text: str, group: Group) -> None:
        if self.tell and text not in self.told:
            self.told.add(text)
            self.draft.report.problem(self.line, text, group)

    # --- links and footnotes -------------------------------------------------------------------------------------

    def _link(self, token: Token) -> tuple[str, str]:
        target = self.draft.defined(token.target) if token.kind == "reference" else token.target
        words = to_markdown(spans(token.words, self))
        if OUTSIDE.match(target) and not re.search(r"[\s<>]", target):
            address = f"<{target}>" if re.search(r"[()]", target) else target
            return f"[{words}]({address})", plain(token.words)
        leads = f" (to {target})" if token.kind == "reference" else ""
        self._problem(f"the link {shown(token.source, LEFT_OUT)}{leads} leads nowhere; its words are kept", "links")
        return words, plain(token.words)

    def _footnote(self, token: Token) -> tuple[str, str]:
        if token.words not in self.draft.notes:
            self._problem(f"there is no footnote {token.source}; the sign is kept as text", "links")
            return rf"\{token.source}", token.source
        if not self.in_text:
            text = f"the footnote {token.source} cannot stand in a question or a heading; it is left out there"
            self._problem(text, "links")
            return "", ""
        number = self.draft.cited.setdefault(token.words, len(self.draft.cited) + 1)
        return f"[^{number}]", ""

    def _url(self, token: Token) -> tuple[str, str]:
        return f"<{token.words}>", token.words

    # --- HTML ----------------------------------------------------------------------------------------------------

    def _tag(self, token: Token) -> tuple[str, str]:
        if token.target in KEPT_TAGS:
            space = " " if token.target == "br" else ""
            return re.sub(r"\s[^<>]*?(?=\s*/?>)", "", token.source), space
        if not token.source.startswith("</"):
            address = attribute(token.source, "src") or attribute(token.source, "href")
            named = f"<{token.target}>" + (f" ({address})" if address else "")
            self._problem(f"{named} is not for lessons; its text is kept", "signs")
        space = " " if token.target in LINE_ELEMENTS else ""
        return space, space

    def _hidden(self, token: Token) -> tuple[str, str]:
        self._problem(f"a {token.target} is left out: {shown(token.words, LEFT_OUT)}", "signs")
        return "", ""

    # --- pictures ------------------------------------------------------------------------------------------------

    def _picture(self, token: Token) -> tuple[str, str]:
        if not self.in_text and not self.tell:
            return "", ""
        target = unescape(token.target)
        if target.startswith("[") and target.endswith("]"):
            target = self.draft.defined(target[1:-1])
        name = "" if target.startswith("data:") else unquote(re.split(r"[/\\]", target)[-1] or target)
        alt = " ".join(plain(token.words).split())
        content, fault = self._content(target)
        if content is not None and self.in_text:
            return self.draft.keep(content, fault, alt or name or "picture"), ""
        named = f"the picture {shown(name)}" if name else EMBEDDED if target else "a picture without an address"
        fault = fault if content is None else "cannot stand in a question or a heading"
        described = f" (described as {shown(alt, LEFT_OUT)})" if alt and not name.startswith(alt) else ""
        self._problem(f"{named} {fault}; it is left out{described}", "pictures")
        return "", ""

    def _content(self, target: str) -> tuple[bytes | None, str]:
        """The bytes of a picture and its kind; or None, and why it has no place in a lesson."""
        if OUTSIDE.match(target):
            return None, "lies on another site; save it beside the notes"
        embedded = DATA.match(target)
        content = _decoded(embedded["data"]) if embedded else self.draft.picture(target)
        if content is None:
            return None, "is not there"
        kind = next((kind for magic, kind in PICTURES.items() if content.startswith(magic)), "")
        if not kind:
            return None, "is no PNG, JPEG, GIF or WebP"
        if len(content) > MAX_PICTURE_BYTES:
            return None, f"is larger than {MAX_PICTURE_BYTES // 1000} KB"
        return content, kind


def _decoded(data: str) -> bytes | None:
    try:
        return base64.b64decode(data, validate=False)
    except (binascii.Error, ValueError):
        return None
