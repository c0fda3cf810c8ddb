"""The texts and values of one question in Moodle XML ↔ Markdown and Python. Pure."""

import math
from collections.abc import Sequence
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from quizzes.interchange.bodies import is_id
from quizzes.interchange.naming import ids_for
from quizzes.interchange.plain_markdown import from_html, from_plain
from quizzes.kinds.base import Refused
from quizzes.kinds.numeric import MAX_TYPED, read_number

FORMATS: Final = ("html", "markdown", "plain_text", "moodle_auto_format", "wiki_like")
MAX_SHOWN: Final = 200
MAX_ANSWERS: Final = 100
MAX_TEXT: Final = 100_000
_TOO_LONG: Final = Refused("", "too_long", f"A number has at most {MAX_TYPED} characters.")


class QuestionError(ValueError):
    """This is no question of ours; the message is for its author."""


class Reader:
    """Reads one `<question>`, and notes what cannot be kept."""

    def __init__(self, element: Element) -> None:
        self.element = element
        self.notes: dict[str, None] = {}
        text = element.find("questiontext")
        self.usual_format = self.format_of(text, "html") if text is not None else "html"

    def note(self, sentence: str) -> None:
        self.notes[sentence] = None

    def format_of(self, element: Element, usual: str) -> str:
        given = element.get("format", usual).strip() or usual
        if given not in FORMATS:
            self.note(f"The format of texts {shown(given)} is unknown; they were read as HTML.")
            return "html"
        return given

    def prompt(self) -> str:
        prompt = self.markdown(self.element.find("questiontext"))
        if not prompt:
            raise QuestionError("The question has no text.")
        return prompt

    def markdown(self, element: Element | None) -> str:
        """Return the text in an element with a `format`, as Markdown; "" where there is none. Raises QuestionError."""
        if element is None:
            return ""
        self.note_files(element)
        return self.as_markdown(short_enough(written_in(element)), self.format_of(element, self.usual_format))

    def note_files(self, element: Element) -> None:
        for file in element.findall("file"):
            self.note(f"The file {shown(file.get('name', ''))} was not kept.")

    def as_markdown(self, text: str, given: str) -> str:
        if given == "markdown":
            return text.strip()
        if given == "plain_text":
            return from_plain(text).strip()
        if given == "wiki_like":
            self.note("A text in the old format of a wiki was read as plain text.")
            return from_plain(text).strip()
        markdown, notes = from_html(text.strip(), keep_lines=given == "moodle_auto_format")
        for sentence in notes:
            self.note(sentence)
        return markdown.strip()

    def plain(self, name: str, within: Element | None = None) -> str:
        """Return the text of the first child of this name, which has no format."""
        child = (self.element if within is None else within).find(name)
        return "" if child is None else written_in(child).strip()

    def is_true(self, name: str, usual: str) -> bool:
        return (self.plain(name) or usual).casefold() not in ("false", "0", "no")

    def number(self, text: str, what: str) -> float:
        number = read_number(text, []) if len(text) <= MAX_TYPED else _TOO_LONG
        if isinstance(number, Refused) or not math.isfinite(float(number)):
            raise QuestionError(f"The {what} {shown(text)} is no number that can be read.")
        return float(number)

    def percent(self, answer: Element) -> float:
        """Return what an answer is worth, 100 for a right one."""
        return self.number(answer.get("fraction", "0"), "share of an answer")

    def answers(self, name: str = "answer") -> list[Element]:
        answers = self.element.findall(name)
        if not answers:
            raise QuestionError("The question has no answer.")
        if len(answers) > MAX_ANSWERS:
            raise QuestionError(f"The question has {len(answers)} answers; at most {MAX_ANSWERS} are read.")
        return answers


def written_in(element: Element) -> str:
    """Return what stands in the `<text>` of an element, or where there is none, in itself.

    HTML that somebody forgot to escape stands there as elements, and is made HTML again.
    """
    child = element.find("text")
    if child is None:
        return "".join(element.itertext()) if len(element) == 0 else element.text or ""
    return (child.text or "") + "".join(tostring(inner, encoding="unicode") for inner in child)


def short_enough(text: str) -> str:
    """Return a text that is worth reading; raises QuestionError for one that could never be a question's."""
    if len(text) > MAX_TEXT:
        raise QuestionError(f"A text has {len(text):,} characters; at most {MAX_TEXT:,} are read.")
    return text


def shown(text: str) -> str:
    return f"“{text}”" if len(text) <= MAX_SHOWN else f"“{text[: MAX_SHOWN - 1]}…”"


def ids_of(elements: Sequence[Element], texts: Sequence[str], letter: str) -> list[str]:
    """Return the ids that the elements have from us, else those made from their texts."""
    made = ids_for(texts, letter)
    ids = [
        element.get("id", "") if is_id(element.get("id", "")) else name
        for element, name in zip(elements, made, strict=True)
    ]
    return ids if len(set(ids)) == len(ids) else made


def give_ids(elements: Sequence[Element], texts: Sequence[str], letter: str, ids: Sequence[str]) -> None:
    """Write the ids that cannot be made from the texts. Moodle reads past attributes that it does not know."""
    for element, made, name in zip(elements, ids_for(texts, letter), ids, strict=True):
        if name != made:
            element.set("id", name)


def put(parent: Element, name: str, text: str) -> Element:
    """Write a value."""
    child = SubElement(parent, name)
    child.text = text
    return child


def put_text(parent: Element, name: str, text: str) -> Element:
    """Write a text that is no Markdown."""
    child = SubElement(parent, name)
    SubElement(child, "text").text = text
    return child


def put_markdown(parent: Element, name: str, text: str) -> Element:
    child = put_text(parent, name, text)
    child.set("format", "markdown")
    return child


def written_number(value: float) -> str:
    return repr(float(value)).removesuffix(".0")
