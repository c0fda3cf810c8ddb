"""One question ↔ the cells of one row, kind by kind. What each column means stands in `tables`. Pure."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from quizzes.interchange.bodies import in_another_order
from quizzes.interchange.naming import ids_for
from quizzes.interchange.table_blanks import read_blanks, written_blanks
from quizzes.interchange.table_cells import (
    MOST_CHOICES,
    MOST_HINTS,
    Cells,
    RowError,
    alternatives,
    chosen,
    given_ids,
    ids_cell,
    letter,
    name_of,
    several,
    shown,
    with_bars,
    with_ids,
)
from quizzes.kinds.base import Refused
from quizzes.kinds.numeric import MAX_TYPED, read_number

Written = dict[str, str]
_PERCENT: Final = re.compile(r"(.*[0-9.,])\s*[%％]")
_RANGE: Final = re.compile(r"(.*[0-9.,])\s*(?:to|\.\.|…)\s*([-+−0-9.,].*)")
_TOO_LONG: Final = Refused("", "too_long", f"A number has at most {MAX_TYPED} characters.")
_TRUTH: Final = {"true": True, "yes": True, "t": True, "false": False, "no": False, "f": False}


def body_of(kind: str, cells: Cells, locale: str) -> dict[str, Any]:
    """Return the body that the row tells, not yet parsed; raises RowError."""
    structure, texts = _READERS[kind](cells)
    hints = [hint for number in range(1, MOST_HINTS + 1) if (hint := cells.get(f"hint {number}"))]
    texts |= {"feedback": cells.get("feedback")} if kind != "flashcard" else {}
    texts |= {"hints": hints} if hints else {}
    return {"kind": kind, **structure, "texts": {locale: {name: text for name, text in texts.items() if text}}}


def cells_of(body: Mapping[str, Any], locale: str) -> Written | None:
    """Return the row of a body as `questions.yaml` has it; None where this kind fits in no row."""
    if body["kind"] not in _WRITERS:
        return None
    texts = body["texts"][locale]
    written = {"kind": body["kind"], **_WRITERS[body["kind"]](body, texts), "feedback": texts.get("feedback", "")}
    written |= {f"hint {number}": hint for number, hint in enumerate(texts.get("hints", []), start=1)}
    return {column: text for column, text in written.items() if text}


# --- choices ---------------------------------------------------------------------------------------------------------


def _choices(cells: Cells) -> tuple[dict[int, str], dict[int, str], dict[str, Any]]:
    """The texts and the ids of the choices by their number, and what a body says of them."""
    texts = cells.numbered("choice {}")
    ids = _ids(cells, texts, "c")
    feedback = {number: cells.get(f"choice {number} feedback") for number in texts}
    described = {
        ids[number]: {"text": text} | ({"feedback": feedback[number]} if feedback[number] else {})
        for number, text in texts.items()
    }
    return texts, ids, described


def _ids(cells: Cells, texts: Mapping[int, str], sign: str) -> dict[int, str]:
    given = given_ids(cells.get("ids"))
    letters = [letter(number) for number in texts]
    return dict(zip(texts, with_ids(letters, ids_for(list(texts.values()), sign), given), strict=True))


def _single_choice(cells: Cells) -> tuple[dict[str, Any], dict[str, Any]]:
    texts, ids, described = _choices(cells)
    key = chosen(cells.needed("key"), texts)
    return {"choices": list(ids.values()), "key": ids[key]}, {"prompt": cells.needed("prompt"), "choices": described}


def _multiple_choice(cells: Cells) -> tuple[dict[str, Any], dict[str, Any]]:
    texts, ids, described = _choices(cells)
    key = _several(cells.needed("key"), texts, ids)
    return {"choices": list(ids.values()), "key": key}, {"prompt": cells.needed("prompt"), "choices": described}


def _several(key: str, texts: Mapping[int, str], ids: Mapping[int, str]) -> list[str]:
    names = several(key)
    if len(names) > MOST_CHOICES:
        raise RowError(f"The key names {len(names)} choices; there are at most {MOST_CHOICES}.")
    return [ids[chosen(name, texts)] for name in names]


def _ordering(cells: Cells) -> tuple[dict[str, Any], dict[str, Any]]:
    """Without a key the items stand in the right order, and are shown in another that their texts make."""
    texts = cells.numbered("choice {}")
    ids = _ids(cells, texts, "item")
    names = cells.get("key")
    key = _several(names, texts, ids) if names else list(ids.values())
    items = list(ids.values()) if names else in_another_order(key)
    named = {ids[number]: text for number, text in texts.items()}
    return {"items": items, "key": key}, {"prompt": cells.needed("prompt"), "items": named}


def _write_choices(body: Mapping[str, Any], texts: Mapping[str, Any]) -> Written:
    written, numbered = _write_parts({name: texts["choices"][name]["text"] for name in body["choices"]}, "c")
    keys = [body["key"]] if isinstance(body["key"], str) else body["key"]
    key = ", ".join(name_of(body["choices"].index(name) + 1, numbered) for name in keys)
    feedback = {
        f"choice {number} feedback": texts["choices"][name].get("feedback", "")
        for number, name in enumerate(body["choices"], start=1)
    }
    return {"prompt": texts["prompt"], **written, "key": key, **feedback}


def _write_ordering(body: Mapping[str, Any], texts: Mapping[str, Any]) -> Written:
    written, numbered = _write_parts({name: texts["items"][name] for name in body["items"]}, "item")
    key = ", ".join(name_of(body["items"].index(name) + 1, numbered) for name in body["key"])
    return {"prompt": texts["prompt"], **written, "key": key}


def _write_parts(parts: Mapping[str, str], sign: str) -> tuple[Written, dict[int, str]]:
    """The columns `choice 1`, … and `ids`, and the texts by their number."""
    numbered = dict(enumerate(parts.values(), start=1))
    letters = [letter(number) for number in numbered]
    ids = ids_cell(letters, ids_for(list(parts.values()), sign), list(parts))
    return {f"choice {number}": text for number, text in numbered.items()} | {"ids": ids}, numbered


# --- true or false, flashcards, blanks -------------------------------------------------------------------------------


def _true_false(cells: Cells) -> tuple[dict[str, Any], dict[str, Any]]:
    key = cells.needed("key")
    if key.casefold() not in _TRUTH:
        raise RowError(f"The key {shown(key)} is neither true nor false.")
    feedback = {"if_true": cells.get("feedback if true"), "if_false": cells.get("feedback if false")}
    return {"key": _TRUTH[key.casefold()]}, {"prompt": cells.needed("prompt"), **feedback}


def _write_true_false(body: Mapping[str, Any], texts: Mapping[str, Any]) -> Written:
    feedback = {"feedback if true": texts.get("if_true", ""), "feedback if false": texts.get("if_false", "")}
    return {"prompt": texts["prompt"], "key": "true" if body["key"] else "false", **feedback}


def _flashcard(cells: Cells) -> tuple[dict[str, Any], dict[str, Any]]:
    return {}, {"front": cells.needed("front"), "back": cells.needed("back")}


def _write_flashcard(body: Mapping[str, Any], texts: Mapping[str, Any]) -> Written:
    return {"front": texts["front"], "back": texts["back"]}


def _cloze(cells: Cells) -> tuple[dict[str, Any], dict[str, Any]]:
    text, structure, blanks = read_blanks(cells.needed("prompt"), cells.get("ids"))
    return {"blanks": structure}, {"text": text, "blanks": blanks}


def _write_cloze(body: Mapping[str, Any], texts: Mapping[str, Any]) -> Written:
    prompt, ids = written_blanks(texts["text"], body["blanks"], texts["blanks"])
    return {"prompt": prompt, "ids": ids}


# --- typed answers ---------------------------------------------------------------------------------------------------


def _short_text(cells: Cells) -> tuple[dict[str, Any], dict[str, Any]]:
    """With choices, each is an answer with a share and feedback of its own; else the key is the one answer."""
    written = cells.numbered("choice {}") or {1: cells.needed("key")}
    accept = {number: alternatives(text) for number, text in written.items()}
    ids = _ids(cells, {number: patterns[0] for number, patterns in accept.items() if patterns}, "answer")
    answers, texts = [], {}
    for number, name in ids.items():
        share, feedback = cells.get(f"choice {number} share"), cells.get(f"choice {number} feedback")
        answers.append({"id": name} | ({"share": _share(share, f"choice {number} share")} if share else {}))
        texts[name] = {"accept": accept[number]} | ({"feedback": feedback} if feedback else {})
    structure = {"case": True} if cells.yes("case") else {}
    return {**structure, "answers": answers}, {"prompt": cells.needed("prompt"), "answers": texts}


def _write_short_text(body: Mapping[str, Any], texts: Mapping[str, Any]) -> Written:
    described = {answer["id"]: texts["answers"][answer["id"]] for answer in body["answers"]}
    written: Written = {"prompt": texts["prompt"], "case": "yes" if body.get("case") else ""}
    letters = [letter(number) for number in range(1, len(described) + 1)]
    firsts = [text["accept"][0] for text in described.values()]
    written["ids"] = ids_cell(letters, ids_for(firsts, "answer"), list(described))
    shares = [answer.get("share", 1.0) for answer in body["answers"]]
    if shares == [1.0] and not any("feedback" in text for text in described.values()):
        return {**written, "key": with_bars(next(iter(described.values()))["accept"])}
    for number, (text, share) in enumerate(zip(described.values(), shares, strict=True), start=1):
        written[f"choice {number}"] = with_bars(text["accept"])
        written[f"choice {number} share"] = "" if share == 1.0 else _number(share)
        written[f"choice {number} feedback"] = text.get("feedback", "")
    return written


def _numeric(cells: Cells) -> tuple[dict[str, Any], dict[str, Any]]:
    """Choices are wrong numbers that are known, each with the feedback for it."""
    structure = _right_number(cells.needed("key"))
    if units := cells.get("units"):
        structure["units"] = _units(units)
    if tolerance := cells.get("tolerance"):
        name = "relative" if _PERCENT.fullmatch(tolerance) else "tolerance"
        structure[name] = _share(tolerance, "tolerance")
    wrong = cells.numbered("choice {}")
    ids = _ids(cells, wrong, "mistake")
    if wrong:
        structure["mistakes"] = {ids[number]: _float(text, f"choice {number}") for number, text in wrong.items()}
    mistakes = {ids[number]: cells.needed(f"choice {number} feedback") for number in wrong}
    return structure, {"prompt": cells.needed("prompt"), "unit": cells.get("unit"), "mistakes": mistakes}


def _right_number(cell: str) -> dict[str, Any]:
    ends = _RANGE.fullmatch(cell)
    return {"range": [_float(end, "key") for end in ends.groups()]} if ends else {"key": _float(cell, "key")}


def _units(cell: str) -> dict[str, float]:
    pairs = [pair.rpartition("=") for pair in re.split(r"[,;]\s+", cell)]
    wrong = next((pair for pair in pairs if not pair[0].strip()), None)
    if wrong is not None:
        raise RowError(f"“units” holds {shown(wrong[2])}; write what each is worth, as in kg=1, g=0.001.")
    return {name.strip(): _float(factor, "units") for name, _, factor in pairs}


def _write_numeric(body: Mapping[str, Any], texts: Mapping[str, Any]) -> Written:
    mistakes = body.get("mistakes", {})
    written, _ = _write_parts({name: _number(value) for name, value in mistakes.items()}, "mistake")
    written |= {f"choice {number} feedback": texts["mistakes"][name] for number, name in enumerate(mistakes, start=1)}
    tolerance = _number(body["tolerance"]) if "tolerance" in body else ""
    if "relative" in body:
        tolerance = f"{Decimal(repr(body['relative'])) * 100:f} %"
    key = " to ".join(_number(end) for end in body["range"]) if "range" in body else _number(body["key"])
    units = ", ".join(f"{name}={_number(factor)}" for name, factor in body.get("units", {}).items())
    unit = texts.get("unit", "")
    return {**written, "prompt": texts["prompt"], "key": key, "tolerance": tolerance, "unit": unit, "units": units}


def _float(text: str, column: str) -> float:
    return float(_decimal(text, column))


def _decimal(text: str, column: str) -> Decimal:
    number = read_number(text, []) if len(text) <= MAX_TYPED else _TOO_LONG
    if isinstance(number, Refused):
        raise RowError(f"“{column}” is {shown(text)}: {number.detail}")
    return number


def _share(text: str, column: str) -> float:
    """50 % or 0.5."""
    percent = _PERCENT.fullmatch(text)
    return float(_decimal(percent[1], column) / 100) if percent else _float(text, column)


def _number(value: float) -> str:
    return repr(float(value)).removesuffix(".0")


# --- matching --------------------------------------------------------------------------------------------------------


def _matching(cells: Cells) -> tuple[dict[str, Any], dict[str, Any]]:
    """A match without a choice is a distractor."""
    left, right = cells.numbered("choice {}"), cells.numbered("match {}")
    alone = next((number for number in left if number not in right), None)
    if alone is not None:
        raise RowError(f"“choice {alone}” has no “match {alone}”.")
    ids = _ids(cells, {number: left.get(number, text) for number, text in right.items()}, "pair")
    pairs = [name for number, name in ids.items() if number in left]
    distractors = [name for number, name in ids.items() if number not in left]
    texts = {
        "prompt": cells.needed("prompt"),
        "left": {ids[number]: text for number, text in left.items()},
        "right": {ids[number]: text for number, text in right.items()},
    }
    return {"pairs": pairs} | ({"distractors": distractors} if distractors else {}), texts


def _write_matching(body: Mapping[str, Any], texts: Mapping[str, Any]) -> Written:
    names = [*body["pairs"], *body.get("distractors", [])]
    written, _ = _write_parts({name: texts["left"].get(name, texts["right"][name]) for name in names}, "pair")
    for number, name in enumerate(names, start=1):
        written[f"match {number}"] = texts["right"][name]
        if name not in texts["left"]:
            del written[f"choice {number}"]
    return {"prompt": texts["prompt"], **written}


_READERS: Final[Mapping[str, Callable[[Cells], tuple[dict[str, Any], dict[str, Any]]]]] = {
    "single_choice": _single_choice,
    "multiple_choice": _multiple_choice,
    "true_false": _true_false,
    "short_text": _short_text,
    "numeric": _numeric,
    "matching": _matching,
    "ordering": _ordering,
    "cloze": _cloze,
    "flashcard": _flashcard,
}
_WRITERS: Final[Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], Written]]] = {
    "single_choice": _write_choices,
    "multiple_choice": _write_choices,
    "true_false": _write_true_false,
    "short_text": _write_short_text,
    "numeric": _write_numeric,
    "matching": _write_matching,
    "ordering": _write_ordering,
    "cloze": _write_cloze,
    "flashcard": _write_flashcard,
}
IN_ROWS: Final = tuple(_READERS)
