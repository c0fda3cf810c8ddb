"""Markdown → HTML that is not yet clean: the libraries, and how the Markdown of Engram differs from theirs. Pure.

Marks stand beside any letter and any sign; an admonition has a title where its author wrote one; a heading is a link to
itself; and a paragraph that would take minutes to read (the time grows with the square of its length, and with its
brackets) stays as it is written.
"""

import html
import re
import threading
from collections.abc import Callable
from typing import Any, TypedDict

import markdown
from markdown.extensions import Extension
from markdown.extensions.admonition import AdmonitionProcessor
from markdown.treeprocessors import Treeprocessor, UnescapeTreeprocessor
from markdown.util import HTML_PLACEHOLDER_RE, AtomicString
from pymdownx.delimiterprocessor import Delimiter

from courses.cleaning import is_section_id

MAX_PARAGRAPH = 10_000
MAX_BRACKETS = 500
# Priorities of the library's own: what finds links and emphasis; what gives the ids that are written behind a heading.
INLINE, ATTRIBUTES = 20, 8

TAG = re.compile(r"<[^<>]*>")

Picture = Callable[[str], str | None]


class TooDeepError(ValueError):
    """Lists or quotations stand so deep in each other that the text cannot be read."""


class Heading(TypedDict):
    id: str
    title: str
    level: int


# --- the door --------------------------------------------------------------------------------------------------------


def convert_fragment(text: str) -> str:
    """Raises TooDeepError."""
    return _convert("fragment", text)


def convert_lesson(text: str, picture: Picture) -> tuple[str, "Outline"]:
    """Return the HTML and what stands in it; raises TooDeepError."""
    outline = _converters.outline
    outline.begin(picture)
    return _convert("lesson", text), outline


class _Converters(threading.local):
    """Building a converter costs more than using it, and one is good for one thread."""

    def __init__(self) -> None:
        self.build()

    def build(self) -> None:
        self.outline = Outline()
        self.fragment = markdown.Markdown(
            extensions=[*FRAGMENT_EXTENSIONS, _Register(_Bounds([]), "bounds", INLINE + 1)],
            extension_configs=EXTENSION_OPTIONS,
        )
        self.lesson = markdown.Markdown(
            extensions=[
                *LESSON_EXTENSIONS,
                _Register(_Bounds(self.outline.long_paragraphs), "bounds", INLINE + 1),
                _Register(self.outline, "outline", ATTRIBUTES - 1),
            ],
            extension_configs=EXTENSION_OPTIONS,
        )


def _convert(name: str, text: str) -> str:
    converter: markdown.Markdown = getattr(_converters, name)
    try:
        return converter.reset().convert(text)
    except Exception as error:
        # What was open in the parser stays open: every later text of this thread would be read as a part of this one.
        _converters.build()
        if isinstance(error, RecursionError):
            raise TooDeepError from None
        raise


# --- what differs ----------------------------------------------------------------------------------------------------


class _Marks(Extension):
    """After `pymdownx.mark`, which reads no mark where punctuation meets a letter, as in `==句子。==下文`: it expects a
    space there, which Chinese has not."""

    def extendMarkdown(self, md: markdown.Markdown) -> None:  # noqa: N802  (the library's name)
        delimiters: Any = md.inlinePatterns["delimiter"]
        delimiters.add(Delimiter("=", "mark", double=True, punct=False))


class _Admonitions(Extension):
    def extendMarkdown(self, md: markdown.Markdown) -> None:  # noqa: N802
        md.parser.blockprocessors.register(_AdmonitionProcessor(md.parser), "admonition", 105)


class _AdmonitionProcessor(AdmonitionProcessor):
    def get_class_and_title(self, match: re.Match[str]) -> tuple[str, str | None]:
        """Without the library's own title: the English name of the kind, in whatever language the text is."""
        kind, title = super().get_class_and_title(match)
        return kind, title if match[2] else None


class _Register(Extension):
    def __init__(self, processor: Treeprocessor, name: str, priority: int) -> None:
        super().__init__()
        self.processor, self.name, self.priority = processor, name, priority

    def extendMarkdown(self, md: markdown.Markdown) -> None:  # noqa: N802
        self.processor.md = md
        md.treeprocessors.register(self.processor, self.name, self.priority)


class _Bounds(Treeprocessor):
    """Keeps what is too long from being read; `refused` gets its beginnings."""

    def __init__(self, refused: list[str]) -> None:
        super().__init__()
        self.refused = refused

    def run(self, root: Any) -> None:
        for element in root.iter():
            element.text, element.tail = self._bounded(element.text), self._bounded(element.tail)

    def _bounded(self, text: str | None) -> str | None:
        if text is None or isinstance(text, AtomicString):
            return text
        if len(text) <= MAX_PARAGRAPH and text.count("[") <= MAX_BRACKETS:
            return text
        self.refused.append(text.strip().partition("\n")[0][:60])
        return AtomicString(text)


class Outline(Treeprocessor):
    """Collects the headings, makes each a quiet link to itself, and puts the pictures in."""

    def __init__(self) -> None:
        super().__init__()
        self.long_paragraphs: list[str] = []
        """How those begin that are not read."""
        self.begin(lambda name: None)

    def begin(self, picture: Picture) -> None:
        """Before each text: one without any words is not run at all."""
        self.picture = picture
        self.headings: list[Heading] = []
        self.pictures: list[str] = []
        """The `data:` URLs that `picture:0`, `picture:1`… stand for until the text is clean."""
        self.missing_pictures: list[str] = []
        self.undescribed_pictures: list[str] = []
        self.long_paragraphs.clear()

    def run(self, root: Any) -> None:
        for element in root.iter():
            if re.fullmatch(r"h[1-6]", str(element.tag)):
                self._heading(element)
            elif element.tag == "img":
                self._picture(element)

    def _heading(self, element: Any) -> None:
        heading_id = element.get("id", "")
        self.headings.append(Heading(id=heading_id, title=self._title(element), level=int(element.tag[1])))
        if not is_section_id(heading_id) or element.find(".//a") is not None:
            return
        link = type(element)("a", {"href": f"#{heading_id}"})
        link.text, element.text = element.text, None
        for child in list(element):
            element.remove(child)
            link.append(child)
        element.append(link)

    def _title(self, element: Any) -> str:
        """The words of a heading. For tags, entities and escaped signs the library has numbers at this point."""
        held = self.md.htmlStash.rawHtmlBlocks
        text = re.sub(r"\\[()]", "", "".join(element.itertext()))
        text = HTML_PLACEHOLDER_RE.sub(lambda match: TAG.sub("", str(held[int(match[1])])), text)
        return " ".join(html.unescape(UnescapeTreeprocessor().unescape(text)).split())

    def _picture(self, element: Any) -> None:
        name = element.get("src", "")
        url = self.picture(name)
        if url is None:
            self.missing_pictures.append(name)
        elif not element.get("alt", "").strip():
            self.undescribed_pictures.append(name)
        element.set("src", f"picture:{len(self.pictures)}" if url else "")
        self.pictures += [url] if url else []


FRAGMENT_EXTENSIONS: list[str | Extension] = [
    "pymdownx.mark", _Marks(), "pymdownx.superfences", "pymdownx.highlight", "pymdownx.arithmatex", "tables",
    "attr_list", "sane_lists",
]  # fmt: skip
LESSON_EXTENSIONS: list[str | Extension] = [*FRAGMENT_EXTENSIONS, "footnotes", _Admonitions()]
EXTENSION_OPTIONS: dict[str, dict[str, Any]] = {
    "pymdownx.highlight": {"guess_lang": False, "anchor_linenums": False},
    "pymdownx.arithmatex": {"generic": True},
    "tables": {"use_align_attribute": True},
    # No words of one language in a text of another.
    "footnotes": {"BACKLINK_TITLE": "↑ {}"},
}
_converters = _Converters()
