"""A question of Moodle XML as an element → a body as `questions.yaml` has it. Pure."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from xml.etree.ElementTree import Element

from quizzes.interchange.bodies import in_another_order
from quizzes.interchange.moodle_cloze import read_cloze
from quizzes.interchange.moodle_numbers import read_numeric
from quizzes.interchange.moodle_texts import MAX_ANSWERS, QuestionError, Reader, ids_of, shown, written_in
from quizzes.interchange.plain_markdown import from_plain

MAX_HINTS: Final = 5
PENALTY: Final = 1 / 3
STOCK: Final = frozenset(
    f"Your answer is {mark}{end}" for mark in ("correct", "partially correct", "incorrect") for end in ("", ".")
)
"""What Moodle itself puts into every question."""

COMBINED: Final = {
    "correctfeedback": "a right",
    "partiallycorrectfeedback": "a partly right",
    "incorrectfeedback": "a wrong",
}
UNREAD: Final = {
    "essay": "An essay is marked by a person; here every question marks itself.",
    "description": "A description asks nothing: it belongs into a lesson.",
    "random": "A random question draws from a category of its Moodle; draw from a pool here.",
    "randomsamatch": "A random matching question draws from a category of its Moodle.",
}


def body_of(reader: Reader, locale: str) -> dict[str, Any]:
    """Return the body of a question, not yet parsed; raises QuestionError."""
    kind = reader.element.get("type", "").strip()
    if kind not in READERS:
        raise QuestionError(UNREAD.get(kind, f"Questions of the type {shown(kind)} are not read."))
    structure, texts = READERS[kind](reader)
    texts["feedback"] = reader.markdown(reader.element.find("generalfeedback")) or texts.get("feedback", "")
    texts["hints"] = _hints(reader)
    _note_combined_feedback(reader)
    _note_marks(reader, kind)
    return {**structure, "texts": {locale: {name: text for name, text in texts.items() if text}}}


def _hints(reader: Reader) -> list[str]:
    elements = reader.element.findall("hint")
    if len(elements) > MAX_ANSWERS:
        raise QuestionError(f"The question has {len(elements)} hints; it can have {MAX_HINTS}.")
    old = [hint.find("hintcontent") for hint in elements]  # where Moodle 1.9 had them
    hints = [reader.markdown(hint if inside is None else inside) for hint, inside in zip(elements, old, strict=True)]
    written = [hint for hint in hints if hint]
    for hint in written[MAX_HINTS:]:
        reader.note(f"A question has at most {MAX_HINTS} hints; this one was not kept: {shown(hint)}")
    return written[:MAX_HINTS]


def _note_combined_feedback(reader: Reader) -> None:
    for name, answer in COMBINED.items():
        feedback = reader.markdown(reader.element.find(name))
        if feedback and feedback not in STOCK:
            reader.note(f"The feedback for {answer} answer was not kept: {shown(feedback)}")


def _note_marks(reader: Reader, kind: str) -> None:
    grade = reader.number(reader.plain("defaultgrade") or "1", "grade")
    if grade != 1 and kind not in ("cloze", "multianswer"):
        reader.note(f"The mark of {grade:g} was not kept: a quiz says what its questions count.")
    usual = 1 if kind == "truefalse" else PENALTY
    penalty = reader.number(reader.plain("penalty") or str(usual), "penalty")
    if abs(penalty - usual) > 0.005:
        reader.note(f"The penalty of {penalty:g} for another try was not kept.")
    if reader.is_true("hidden", "0"):
        reader.note("The question was hidden in its Moodle.")


# --- choices ---------------------------------------------------------------------------------------------------------


def _choices(reader: Reader) -> tuple[dict[str, Any], dict[str, Any]]:
    answers = reader.answers()
    texts = [reader.markdown(answer) for answer in answers]
    percents = [reader.percent(answer) for answer in answers]
    ids = ids_of(answers, texts, "c")
    single = reader.is_true("single", "true")
    named = list(zip(ids, answers, percents, strict=True))
    right = [name for name, _, percent in named if (percent > 99.99 if single else percent > 0)]
    places = {name: answer.get("key", "") for name, answer, _ in named if name in right}
    right = _in_places(right, places)
    structure = _single(reader, right, percents) if single else _multiple(reader, right, percents)
    described = {}
    for name, text, answer in zip(ids, texts, answers, strict=True):
        feedback = reader.markdown(answer.find("feedback"))
        described[name] = {"text": text} | ({"feedback": feedback} if feedback else {})
    return structure | {"choices": ids}, {"prompt": reader.prompt(), "choices": described}


def _single(reader: Reader, right: list[str], percents: list[float]) -> dict[str, Any]:
    if not right:
        raise QuestionError("No choice gives the full mark.")
    if any(percent not in (0, 100) for percent in percents):
        reader.note("Choices that give part of the mark, or take some of it, count as wrong.")
    if len(right) > 1:
        reader.note("Several choices are right. In the file one of them is enough; here all are to be ticked.")
        return {"kind": "multiple_choice", "key": right}
    return {"kind": "single_choice", "key": right[0]}


def _multiple(reader: Reader, right: list[str], percents: list[float]) -> dict[str, Any]:
    if not right:
        raise QuestionError("No choice is right.")
    gains, losses = [p for p in percents if p > 0], [p for p in percents if p <= 0]
    if max(gains) - min(gains) > 0.01:
        reader.note("The right choices count alike here; in the file some counted more.")
    if any(abs(loss + 100 / len(gains)) > 0.01 for loss in losses):
        reader.note("A wrong choice takes as much here as a right one gives; in the file it took another share.")
    return {"kind": "multiple_choice", "key": right}


def _true_false(reader: Reader) -> tuple[dict[str, Any], dict[str, Any]]:
    """The two answers are called true and false; in old files they have names of their language, true first."""
    answers = reader.answers()
    if len(answers) != 2:
        raise QuestionError(f"There are {len(answers)} answers; a true-false question has two.")
    names = [reader.plain("text", answer).casefold() for answer in answers]
    if sorted(names) != ["false", "true"]:
        reader.note(f"The answers {shown(names[0])} and {shown(names[1])} were read as true and false.")
        names = ["true", "false"]
    percents = {name: reader.percent(answer) for name, answer in zip(names, answers, strict=True)}
    if (percents["true"] > 99.99) == (percents["false"] > 99.99):
        raise QuestionError("It is not told whether true or false is right.")
    feedback = {
        f"if_{name}": reader.markdown(answer.find("feedback")) for name, answer in zip(names, answers, strict=True)
    }
    return {"kind": "true_false", "key": percents["true"] > 99.99}, {"prompt": reader.prompt(), **feedback}


def _ordering(reader: Reader) -> tuple[dict[str, Any], dict[str, Any]]:
    """The answers stand in the right order; they are shown in the one that `shown` says, else in a made one."""
    answers = reader.answers()
    texts = [reader.markdown(answer) for answer in answers]
    key = ids_of(answers, texts, "item")
    places = {name: answer.get("shown", "") for name, answer in zip(key, answers, strict=True)}
    if reader.plain("gradingtype") not in ("", "RELATIVE_NEXT_EXCLUDE_LAST", "1"):
        reader.note("Its marks are counted in another way: for each item, whether the right one follows it.")
    if reader.plain("selecttype") not in ("", "ALL", "0"):
        reader.note("All items are asked; in the file some of them were drawn.")
    named = dict(zip(key, texts, strict=True))
    items = _in_places(key, places)
    items = items if items != key else in_another_order(key)
    return {"kind": "ordering", "items": items, "key": key}, {"prompt": reader.prompt(), "items": named}


def _in_places(names: list[str], places: Mapping[str, str]) -> list[str]:
    """Return the names in the order that a file of ours gives them; as they are in any other."""
    if not all(re.fullmatch(r"[0-9]{1,3}", place) for place in places.values()):
        return names
    return sorted(names, key=lambda name: int(places[name]))


# --- matching --------------------------------------------------------------------------------------------------------


def _matching(reader: Reader) -> tuple[dict[str, Any], dict[str, Any]]:
    """A subquestion without a text is a distractor. What is matched to is plain text, unless it says otherwise."""
    rows = [(element, reader.markdown(element), _partner(element)) for element in reader.answers("subquestion")]
    rows = [(element, left, right) for element, left, right in rows if left or right]
    alone = next((left for _, left, right in rows if not right), None)
    if alone is not None:
        raise QuestionError(f"There is nothing to match to {shown(alone)}.")
    rows = _without_doubles(reader, rows)
    ids = ids_of([element for element, _, _ in rows], [left or right for _, left, right in rows], "pair")
    named = list(zip(ids, rows, strict=True))
    pairs = [name for name, (_, left, _) in named if left]
    distractors = [name for name, (_, left, _) in named if not left]
    structure: dict[str, Any] = {"kind": "matching", "pairs": pairs}
    texts = {
        "prompt": reader.prompt(),
        "left": {name: left for name, (_, left, _) in named if left},
        "right": {name: right for name, (_, _, right) in named},
    }
    return structure | ({"distractors": distractors} if distractors else {}), texts


def _without_doubles(reader: Reader, rows: list[tuple[Element, str, str]]) -> list[tuple[Element, str, str]]:
    """A distractor that reads like the partner of a pair, or like another one, would be a second right answer."""
    taken = {right for _, left, right in rows if left}
    kept = []
    for element, left, right in rows:
        if not left and right in taken:
            reader.note(f"{shown(right)} stands twice among what can be matched, and was taken once.")
            continue
        taken.add(right)
        kept.append((element, left, right))
    return kept


def _partner(subquestion: Element) -> str:
    answer = subquestion.find("answer")
    if answer is None:
        return ""
    text = written_in(answer).strip()
    return text if answer.get("format") == "markdown" else from_plain(text).strip()


# --- typed answers ---------------------------------------------------------------------------------------------------


def _short_text(reader: Reader) -> tuple[dict[str, Any], dict[str, Any]]:
    """Answers that stand together under one id of ours are ways to write one answer."""
    groups: list[tuple[Element, float, str, list[str]]] = []
    for answer in reader.answers():
        pattern = reader.plain("text", answer)
        share, feedback = _share(reader, answer), reader.markdown(answer.find("feedback"))
        if not pattern or (pattern == "*" and share == 0):
            if feedback:
                reader.note(f"The feedback for every other answer was not kept: {shown(feedback)}")
            continue
        last = groups[-1] if groups else None
        same = last and answer.get("id") and last[0].get("id") == answer.get("id")
        if last and same and last[1:3] == (share, feedback):
            last[3].append(pattern)
        else:
            groups.append((answer, share, feedback, [pattern]))
    ids = ids_of([group[0] for group in groups], [group[3][0] for group in groups], "answer")
    answers, texts = [], {}
    for name, (_, share, feedback, accept) in zip(ids, groups, strict=True):
        answers.append({"id": name} | ({} if share == 1 else {"share": share}))
        texts[name] = {"accept": accept} | ({"feedback": feedback} if feedback else {})
    structure = {"kind": "short_text", "answers": answers}
    case = {"case": True} if reader.is_true("usecase", "0") else {}
    return structure | case, {"prompt": reader.prompt(), "answers": texts}


def _share(reader: Reader, answer: Element) -> float:
    exact = answer.get("share")
    share = reader.number(exact, "share of an answer") if exact else reader.percent(answer) / 100
    if share < 0:
        reader.note("Answers that take something of the mark give nothing.")
    return max(0.0, share)


def _cloze(reader: Reader) -> tuple[dict[str, Any], dict[str, Any]]:
    structure, texts = read_cloze(reader)
    return {"kind": "cloze", **structure}, texts


READERS: Final[Mapping[str, Callable[[Reader], tuple[dict[str, Any], dict[str, Any]]]]] = {
    "multichoice": _choices,
    "truefalse": _true_false,
    "shortanswer": _short_text,
    "numerical": read_numeric,
    "matching": _matching,
    "match": _matching,
    "ordering": _ordering,
    "cloze": _cloze,
    "multianswer": _cloze,
}
