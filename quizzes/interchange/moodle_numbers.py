"""Numeric questions of Moodle XML, with their tolerances and units. Pure.

Moodle knows a number with an absolute tolerance. What it has no words for, a tolerance that is a share of the number or
both ends of a range, stands in attributes of the `<tolerance>` that it reads past.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from quizzes.interchange.moodle_texts import (
    QuestionError,
    Reader,
    give_ids,
    ids_of,
    put,
    put_markdown,
    put_text,
    shown,
    written_number,
)


def read_numeric(reader: Reader) -> tuple[dict[str, Any], dict[str, Any]]:
    """One number is right; wrong ones with feedback are mistakes that are known. Raises QuestionError."""
    answers = reader.answers()
    right = [answer for answer in answers if reader.percent(answer) > 99.99]
    if len(right) != 1:
        raise QuestionError(f"A numeric question has one right number or range here; this one has {len(right)}.")
    tolerance = _tolerance(reader, right[0])
    mistakes, feedback = _mistakes(reader, [answer for answer in answers if answer is not right[0]], tolerance)
    key = {} if "range" in tolerance else {"key": _number(reader, right[0])}
    known = {"mistakes": mistakes} if mistakes else {}
    units, unit = _units(reader)
    texts = {"prompt": reader.prompt(), "unit": unit, "mistakes": feedback, "feedback": _for_right(reader, right[0])}
    return {"kind": "numeric", **key, **tolerance, **known, **units}, texts


def _for_right(reader: Reader, right: Element) -> str:
    """The feedback for the right number, which is what everybody reads where there is no other."""
    feedback = reader.markdown(right.find("feedback"))
    if feedback:
        general = reader.markdown(reader.element.find("generalfeedback"))
        what = "was not kept" if general else "became the general feedback"
        reader.note(f"The feedback for the right number {what}: {shown(feedback)}")
    return feedback


def _mistakes(
    reader: Reader, answers: Sequence[Element], tolerance: Mapping[str, Any]
) -> tuple[dict[str, float], dict[str, str]]:
    """Return the wrong numbers that have feedback, and it; notes tell of the others."""
    known: list[Element] = []
    for answer in answers:
        number, percent = _written(reader, answer), reader.percent(answer)
        feedback = reader.markdown(answer.find("feedback"))
        if percent > 0:
            reader.note(f"The number {shown(number)} counts as wrong: its share of {percent:g} % could not be kept.")
        if number in ("*", "") and feedback:
            reader.note(f"The feedback for every other number was not kept: {shown(feedback)}")
        elif number not in ("*", "") and feedback:
            known.append(answer)
        elif number not in ("*", ""):
            reader.note(f"The wrong number {shown(number)} has no feedback and was left out.")
    if any(_tolerance(reader, answer) != tolerance for answer in known):
        reader.note("Wrong numbers have the tolerance of the right one.")
    numbers = [_number(reader, answer) for answer in known]
    ids = ids_of(known, [written_number(number) for number in numbers], "mistake")
    texts = [reader.markdown(answer.find("feedback")) for answer in known]
    return dict(zip(ids, numbers, strict=True)), dict(zip(ids, texts, strict=True))


def _written(reader: Reader, answer: Element) -> str:
    """In old files the number stands outside of a `<text>`."""
    return reader.plain("text", answer) or (answer.text or "").strip()


def _number(reader: Reader, answer: Element) -> float:
    return reader.number(_written(reader, answer), "answer")


def _tolerance(reader: Reader, answer: Element) -> dict[str, Any]:
    element = answer.find("tolerance")
    if element is None:
        return {}
    if element.get("low") and element.get("high"):
        return {"range": [reader.number(element.get(end, ""), "end of a range") for end in ("low", "high")]}
    if element.get("relative"):
        return {"relative": reader.number(element.get("relative", ""), "tolerance")}
    tolerance = abs(reader.number(reader.plain("tolerance", answer) or "0", "tolerance"))
    return {"tolerance": tolerance} if tolerance else {}


def _units(reader: Reader) -> tuple[dict[str, Any], str]:
    """Return the units that may be typed, and the one beside the field: the first that counts as it is."""
    found: list[tuple[str, float, str]] = []
    for unit in reader.element.findall("units/unit"):
        multiplier = reader.number(reader.plain("multiplier", unit) or "1", "multiplier of a unit")
        if multiplier <= 0:
            raise QuestionError("The multiplier of a unit is not above zero.")
        factor = reader.number(unit.get("factor", ""), "factor of a unit") if unit.get("factor") else 1 / multiplier
        found.append((reader.plain("unit_name", unit), factor, unit.get("beside", "")))
    usual = next((name for name, factor, _ in found if factor == 1), "")
    places = {name: beside or _usual_place(name == usual, len(found)) for name, _, beside in found}
    units = {name: factor for name, factor, _ in found if places[name] != "only"}
    if reader.plain("unitgradingtype") not in ("", "0"):
        reader.note("A wrong or missing unit takes nothing of the mark here.")
    beside = next((name for name, _, _ in found if places[name] in ("yes", "only")), "")
    return {"units": units} if units else {}, beside


def _usual_place(is_first: bool, count: int) -> str:
    """Where a unit stands, if nothing is said: beside the field, among those that may be typed, or both."""
    if not is_first:
        return "no"
    return "only" if count == 1 else "yes"


def put_numeric(question: Element, body: Mapping[str, Any], texts: Mapping[str, Any]) -> None:
    low, high = body.get("range", (0.0, 0.0))
    key = body.get("key", low + (high - low) / 2)
    reach = body.get("tolerance", 0.0) if "range" not in body else (high - low) / 2
    attributes = {"low": repr(low), "high": repr(high)} if "range" in body else {}
    if "relative" in body:
        reach, attributes = abs(key) * body["relative"], {"relative": repr(body["relative"])}
    mistakes = body.get("mistakes", {})
    answers = []
    for name, value in (("", key), *mistakes.items()):
        answer = put_text(question, "answer", written_number(value))
        answer.set("fraction", "0" if name else "100")
        put(answer, "tolerance", written_number(reach)).attrib.update(attributes)
        put_markdown(answer, "feedback", texts["mistakes"][name] if name else "")
        answers.append(answer)
    give_ids(answers[1:], [written_number(value) for value in mistakes.values()], "mistake", list(mistakes))
    _put_units(question, body.get("units", {}), texts.get("unit", ""))


def _put_units(question: Element, typed: Mapping[str, float], beside: str) -> None:
    """A multiplier of Moodle says how many of a unit are one of the first: the inverse of our factor."""
    put(question, "unitgradingtype", "0")
    put(question, "showunits", "0" if typed or beside else "3")
    put(question, "unitsleft", "0")
    factors = ({beside: 1.0} if beside else {}) | dict(typed)
    if not factors:
        return
    units = SubElement(question, "units")
    usual = next((name for name, factor in factors.items() if factor == 1), "")
    for name, factor in factors.items():
        unit = SubElement(units, "unit")
        put(unit, "multiplier", written_number(1 / factor))
        put(unit, "unit_name", name)
        if 1 / (1 / factor) != factor:
            unit.set("factor", repr(factor))
        place = "no" if name != beside else "yes" if name in typed else "only"
        if place != _usual_place(name == usual, len(factors)):
            unit.set("beside", place)
