"""A body as `questions.yaml` has it → a question of Moodle XML as an element. Pure.

What Moodle has no place for stands in attributes that it reads past: `id`, `share`, `shown` and the like.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement

from quizzes.interchange.bodies import in_another_order
from quizzes.interchange.moodle_cloze import put_cloze
from quizzes.interchange.moodle_numbers import put_numeric
from quizzes.interchange.moodle_texts import give_ids, put, put_markdown, put_text
from quizzes.interchange.naming import ids_for
from quizzes.interchange.plain_markdown import from_plain, to_plain

TYPES: Final = {
    "single_choice": "multichoice",
    "multiple_choice": "multichoice",
    "true_false": "truefalse",
    "short_text": "shortanswer",
    "numeric": "numerical",
    "matching": "matching",
    "ordering": "ordering",
    "cloze": "cloze",
}


def element_of(
    body: Mapping[str, Any], locale: str, *, name: str, identifier: str, concepts: tuple[str, ...]
) -> Element:
    """Return the question of a kind in `TYPES`."""
    kind, texts = body["kind"], body["texts"][locale]
    question = Element("question", {"type": TYPES[kind]})
    put_text(question, "name", name)
    if kind != "cloze":
        put_markdown(question, "questiontext", texts["prompt"])
    else:
        put_cloze(question, body, texts)
    put_markdown(question, "generalfeedback", texts.get("feedback", ""))
    if kind != "cloze":
        put(question, "defaultgrade", "1")
    put(question, "penalty", "1" if kind == "true_false" else "0.3333333")
    put(question, "hidden", "0")
    put(question, "idnumber", identifier)
    if kind in _WRITERS:
        _WRITERS[kind](question, body, texts)
    for hint in texts.get("hints", []):
        put_markdown(question, "hint", hint)
    if concepts:
        tags = SubElement(question, "tags")
        for concept in concepts:
            put_text(tags, "tag", concept)
    return question


def category(path: str) -> Element:
    question = Element("question", {"type": "category"})
    put_text(question, "category", f"$course$/top/{path}" if path else "$course$/top")
    return question


# --- choices ---------------------------------------------------------------------------------------------------------


def _put_single(question: Element, body: Mapping[str, Any], texts: Mapping[str, Any]) -> None:
    _put_choices(question, body, texts, {body["key"]: "100"}, "0")


def _put_multiple(question: Element, body: Mapping[str, Any], texts: Mapping[str, Any]) -> None:
    """A wrong choice takes what a right one gives, as `MultipleChoice` marks it."""
    share = _percent(1 / len(body["key"]))
    _put_choices(question, body, texts, dict.fromkeys(body["key"], share), f"-{share}")


def _put_choices(
    question: Element, body: Mapping[str, Any], texts: Mapping[str, Any], right: Mapping[str, str], wrong: str
) -> None:
    put(question, "single", "true" if body["kind"] == "single_choice" else "false")
    put(question, "shuffleanswers", "true")
    put(question, "answernumbering", "abc")
    answers = []
    for name in body["choices"]:
        choice = texts["choices"][name]
        answer = put_markdown(question, "answer", choice["text"])
        answer.set("fraction", right.get(name, wrong))
        put_markdown(answer, "feedback", choice.get("feedback", ""))
        answers.append(answer)
    give_ids(answers, [texts["choices"][name]["text"] for name in body["choices"]], "c", body["choices"])
    if body["kind"] == "multiple_choice":
        _keep_order(answers, body)


def _keep_order(answers: list[Element], body: Mapping[str, Any]) -> None:
    """The key of a question is a list; its order means nothing and is that of the choices here."""
    order = [name for name in body["choices"] if name in body["key"]]
    if order != body["key"]:
        for name, answer in zip(body["choices"], answers, strict=True):
            if name in body["key"]:
                answer.set("key", str(body["key"].index(name) + 1))


def _put_true_false(question: Element, body: Mapping[str, Any], texts: Mapping[str, Any]) -> None:
    for name, is_right in (("true", body["key"]), ("false", not body["key"])):
        answer = put_text(question, "answer", name)
        answer.set("fraction", "100" if is_right else "0")
        put_markdown(answer, "feedback", texts.get(f"if_{name}", ""))


def _put_ordering(question: Element, body: Mapping[str, Any], texts: Mapping[str, Any]) -> None:
    put(question, "layouttype", "VERTICAL")
    put(question, "selecttype", "ALL")
    put(question, "selectcount", "0")
    put(question, "gradingtype", "RELATIVE_NEXT_EXCLUDE_LAST")
    answers = [put_markdown(question, "answer", texts["items"][name]) for name in body["key"]]
    for place, answer in enumerate(answers, start=1):
        answer.set("fraction", str(place))
    give_ids(answers, [texts["items"][name] for name in body["key"]], "item", body["key"])
    if body["items"] != in_another_order(body["key"]):
        for name, answer in zip(body["key"], answers, strict=True):
            answer.set("shown", str(body["items"].index(name) + 1))


# --- matching --------------------------------------------------------------------------------------------------------


def _put_matching(question: Element, body: Mapping[str, Any], texts: Mapping[str, Any]) -> None:
    put(question, "shuffleanswers", "true")
    names = [*body["pairs"], *body.get("distractors", [])]
    rows = []
    for name in names:
        row = put_markdown(question, "subquestion", texts["left"].get(name, ""))
        right = texts["right"][name]
        plain = to_plain(right).strip()
        is_plain = from_plain(plain).strip() == right
        answer = put_text(row, "answer", plain if is_plain else right)
        if not is_plain:
            answer.set("format", "markdown")
        rows.append(row)
    give_ids(rows, [texts["left"].get(name, texts["right"][name]) for name in names], "pair", names)


# --- typed answers ---------------------------------------------------------------------------------------------------


def _put_short_text(question: Element, body: Mapping[str, Any], texts: Mapping[str, Any]) -> None:
    """Moodle has one pattern in an answer: several ways to write one stand under the same id."""
    put(question, "usecase", "1" if body.get("case") else "0")
    names = [answer["id"] for answer in body["answers"]]
    made = ids_for([texts["answers"][name]["accept"][0] for name in names], "answer")
    for answer, usual in zip(body["answers"], made, strict=True):
        name, share = answer["id"], answer.get("share", 1.0)
        written = texts["answers"][name]
        for pattern in written["accept"]:
            element = put_text(question, "answer", pattern)
            element.set("fraction", _percent(share))
            if float(_percent(share)) / 100 != share:
                element.set("share", repr(share))
            if name != usual or len(written["accept"]) > 1:
                element.set("id", name)
            put_markdown(element, "feedback", written.get("feedback", ""))


def _percent(share: float) -> str:
    """As Moodle writes it: 33.33333."""
    return f"{share * 100:.7g}"


_WRITERS: Final[Mapping[str, Callable[[Element, Mapping[str, Any], Mapping[str, Any]], None]]] = {
    "single_choice": _put_single,
    "multiple_choice": _put_multiple,
    "true_false": _put_true_false,
    "short_text": _put_short_text,
    "numeric": put_numeric,
    "matching": _put_matching,
    "ordering": _put_ordering,
}
