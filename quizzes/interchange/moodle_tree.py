"""The bytes of a Moodle XML file ↔ its questions as elements. Pure.

The file is read by defusedxml: a document type, an entity or anything outside of the file is refused and never fetched.
What embedded files hold is dropped while reading.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element, TreeBuilder, indent, tostring
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl, Locator

from defusedxml import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from quizzes.interchange.decoding import decoded
from quizzes.interchange.items import MAX_BYTES, FileFault

MAX_DEPTH: Final = 40
MAX_ELEMENTS: Final = 500_000

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_DECLARED: Final = re.compile(rb"\s*<\?xml[^<>]{0,100}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,20})[\"']")
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff")
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# What a file may say of itself, beside UTF-8. Python knows codecs that are no encodings of texts, and slow ones.
_ENCODINGS: Final = {
    "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "big5": "big5", "iso-8859-1": "cp1252",
    "iso-8859-15": "iso-8859-15", "windows-1252": "cp1252", "us-ascii": "ascii", "shift_jis": "shift_jis",
    "utf-16": "utf-16",
}  # fmt: skip


@dataclass(frozen=True)
class Found:
    """A `<question>` and the line of its tag."""

    line: int
    element: Element


def questions_in(content: bytes) -> list[Found]:
    """Return the questions of a file in their order, categories too; raises FileFault."""
    text = _text(content)
    start = text.lstrip()
    parser = DefusedExpatParser(forbid_dtd=True)
    tree = _Tree(parser, text[: len(text) - len(start)].count("\n"))
    parser.setContentHandler(tree)
    try:
        parser.feed(start)
        parser.close()
    except SAXParseException as error:
        raise FileFault(f"This is no well-formed XML: {error.getMessage()}.", tree.line) from None
    except DefusedXmlException:
        raise FileFault("A file with a document type or with entities of its own is not read.", tree.line) from None
    return tree.found


def file_of(questions: Sequence[Element]) -> bytes:
    """Return the file, indented. No text may hold what `is_xml` denies."""
    quiz = Element("quiz")
    quiz.extend(questions)
    indent(quiz)
    # A carriage return that stands as itself is read as a line feed.
    return (_HEAD + tostring(quiz, encoding="unicode").replace("\r", "&#13;") + "\n").encode()


def is_xml(text: str) -> bool:
    """Whether XML has all the signs of a text; it has no control characters."""
    return not _NOT_XML.search(text)


def _text(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise FileFault(f"The file has {len(content):,} bytes; at most {MAX_BYTES:,} are read.")
    declared = _DECLARED.match(content)
    named = declared[1].decode().lower() if declared else "utf-8"
    encoding = "utf-16" if content.startswith(_WIDE) else _ENCODINGS.get(named)
    if encoding is None:
        return decoded(content)
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FileFault(f"The file says that it is {named.upper()}, and is not. Save it as UTF-8.", line) from None


class _Tree(ContentHandler):
    """Builds an element for each question and drops everything else."""

    def __init__(self, locator: Locator, lines_before: int) -> None:
        super().__init__()
        self.locator = locator
        self.lines_before = lines_before
        self.found: list[Found] = []
        self.begun = 0
        self.path: list[str] = []
        self.elements = 0
        self.builder: TreeBuilder | None = None

    @property
    def line(self) -> int:
        return self.lines_before + (self.locator.getLineNumber() or 0)

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802  (SAX calls it so)
        self.path.append(name)
        self.elements += 1
        if len(self.path) > MAX_DEPTH:
            raise FileFault(f"Elements stand in each other more than {MAX_DEPTH} deep.", self.line)
        if self.elements > MAX_ELEMENTS:
            raise FileFault(f"The file has more than {MAX_ELEMENTS:,} elements.", self.line)
        if self.path == [name] and name != "quiz":
            raise FileFault(f"This is no Moodle XML: it begins with <{name[:40]}>, not with <quiz>.", self.line)
        if self.path == ["quiz", "question"]:
            self.builder, self.begun = TreeBuilder(), self.line
        if self.builder is not None:
            self.builder.start(name, dict(attrs.items()))

    def characters(self, content: str) -> None:
        if self.builder is not None and "file" not in self.path:
            self.builder.data(content)

    def endElement(self, name: str) -> None:  # noqa: N802  (SAX calls it so)
        if self.builder is not None:
            self.builder.end(name)
            if len(self.path) == 2:
                self.found.append(Found(self.begun, self.builder.close()))
                self.builder = None
        self.path.pop()
