"""Moodle XML, the format in which Moodle itself gives out and takes in questions. Pure.

Read: multichoice, truefalse, shortanswer, numerical, matching, ordering and cloze; every other type is refused with its
line. Texts may be HTML, plain, Markdown or Moodle's own mixture. Written: all kinds of these types, texts as Markdown.
What Moodle cannot say, such as the ids of choices, stands in attributes that it reads past, so that a file of ours
comes back to the letter; a file that went through Moodle has lost them, and its choices get ids from their texts.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final
from xml.etree.ElementTree import Element

from quizzes.interchange.bodies import fault_in, few, in_one_locale, is_id, is_same
from quizzes.interchange.items import MAX_ITEMS, Entry, FileFault, Item, Written
from quizzes.interchange.moodle_reading import body_of
from quizzes.interchange.moodle_texts import QuestionError, Reader, shown
from quizzes.interchange.moodle_tree import Found, file_of, is_xml, questions_in
from quizzes.interchange.moodle_writing import TYPES, category, element_of
from quizzes.interchange.naming import concepts_of

_CONTEXT: Final = re.compile(r"\$[a-z0-9]+\$(?:/top(?=/|$))?/?")


def read(content: bytes, locale: str) -> list[Item]:
    """Return the questions of a file, the refused ones too; raises FileFault."""
    items: list[Item] = []
    path = ""
    for found in questions_in(content):
        if found.element.get("type") == "category":
            path = _path(found.element)
        elif len(items) == MAX_ITEMS:
            raise FileFault(f"There are more than {MAX_ITEMS:,} questions in the file.", found.line)
        else:
            items.append(_item(found, path, locale))
    return items


def write(entries: Sequence[Entry], locale: str) -> Written:
    """Return the file, in UTF-8. Categories stand before their questions, in the order of the entries."""
    questions: list[Element] = []
    left_out: list[tuple[str, str]] = []
    path = ""
    for entry in entries:
        question = _element(entry, locale)
        if isinstance(question, str):
            left_out.append((entry.id, question))
            continue
        wanted = _on_one_line(entry.category)
        if wanted != path:
            questions.append(category(wanted))
            path = wanted
        questions.append(question)
    return Written(file_of(questions), tuple(left_out))


def _path(element: Element) -> str:
    """Return the path of a category without the place that it has in its Moodle: `$course$/top/`."""
    return _CONTEXT.sub("", _on_one_line(Reader(element).plain("category")), count=1)


def _item(found: Found, path: str, locale: str) -> Item:
    reader = Reader(found.element)
    body, refused = None, ""
    try:
        body = body_of(reader, locale)
        refused = fault_in(body)
    except QuestionError as error:
        refused = str(error)
    identifier = reader.plain("idnumber")
    if identifier and not is_id(identifier):
        reader.note(f"The idnumber {shown(identifier)} is no id here and was not kept.")
    concepts, notes = concepts_of(_tags(reader))
    return Item(
        line=found.line,
        title=_on_one_line(reader.plain("name")),
        id=identifier if is_id(identifier) else "",
        body=None if refused else body,
        concepts=concepts,
        category=path,
        refused=refused,
        notes=few((*reader.notes, *notes)),
    )


def _tags(reader: Reader) -> Iterator[str]:
    for name in ("tags", "coursetags"):
        for tag in reader.element.findall(f"{name}/tag"):
            yield (tag.findtext("text") or tag.text or "").strip()


def _element(entry: Entry, locale: str) -> Element | str:
    """Return the question, or why Moodle XML cannot hold it."""
    body = in_one_locale(entry.body, locale)
    if body is None:
        return f"It has no texts in {locale}."
    if entry.body.kind not in TYPES:
        return f"Moodle XML cannot hold a {entry.body.kind}."
    name = _on_one_line(entry.title) or entry.id
    question = element_of(body, locale, name=name, identifier=entry.id, concepts=entry.concepts)
    texts = [text for element in question.iter() for text in (element.text or "", *element.attrib.values())]
    if not all(map(is_xml, (*texts, entry.category))):
        return "A text holds control characters, which XML cannot."
    if not _comes_back(question, body, locale):
        return "Moodle XML cannot say all that stands in it."
    return question


def _comes_back(question: Element, body: dict[str, object], locale: str) -> bool:
    try:
        return is_same(body_of(Reader(question), locale), body)
    except QuestionError:
        return False


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
