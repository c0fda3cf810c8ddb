r"""Moodle's embedded answers ↔ the blanks of a cloze. Pure.

    The step is {1:SHORTANSWER:=rate~=learning rate~%50%step#nearly} times the {1:MULTICHOICE:=gradient~loss}.

A backslash before `~`, `#`, `}` and itself takes their meaning; so does `&` before `#`, as in HTML entities.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement

from quizzes.interchange.bodies import blank_names, is_id
from quizzes.interchange.markdown_signs import unescaped
from quizzes.interchange.moodle_texts import (
    MAX_ANSWERS,
    QuestionError,
    Reader,
    put_markdown,
    short_enough,
    shown,
    written_in,
)
from quizzes.interchange.naming import ids_for
from quizzes.kinds.cloze import BLANK

MAX_BLANKS: Final = 20
_TYPED: Final = {"SHORTANSWER", "SA", "MW", "SHORTANSWER_C", "SAC", "MWC", "NUMERICAL", "NM"}
_CASE: Final = {"SHORTANSWER_C", "SAC", "MWC"}
_NUMBERS: Final = {"NUMERICAL", "NM"}
_SHAPES: Final = ("", "V", "H", "S", "VS", "HS")
_CHOSEN: Final = {f"MC{shape}" for shape in _SHAPES} | {f"MULTICHOICE{shape and '_'}{shape}" for shape in _SHAPES}
_TICKED: Final = {"MULTIRESPONSE", "MULTIRESPONSE_H", "MULTIRESPONSE_S", "MULTIRESPONSE_HS", "MR", "MRH", "MRS", "MRHS"}
_NAMES: Final = "|".join(sorted(_TYPED | _CHOSEN | _TICKED, key=len, reverse=True))
_OPENING: Final = re.compile(rf"\{{([0-9]{{0,4}})\s?:\s?({_NAMES})\s?:")
_CLOSING: Final = re.compile(r"(?:[^\\}]++|\\.)*+\}", re.DOTALL)
_PIECE: Final = re.compile(r"\\.|&(?:amp;)?#|[^\\&~#]+|.", re.DOTALL)
_SHARE: Final = re.compile(r"\s*(?:=|%(-?[0-9]+(?:[.,][0-9]*)?)%)")
_ESCAPED: Final = re.compile(r"\\([~#}\\\"/=%{:])")
_TO_ESCAPE: Final = re.compile(r"[~#}\\]")
_TAG: Final = re.compile(r"<[^<>]*>")
_STAR: Final = re.compile(r"(?:[^\\*]++|\\.)*+\*", re.DOTALL)
_STAND_IN: Final = "engramblank"


@dataclass(frozen=True)
class _Answer:
    text: str
    percent: float
    feedback: str


@dataclass(frozen=True)
class _Blank:
    """`right` indexes `answers` where one is chosen; all of them are right where they are typed."""

    answers: list[str]
    right: int | None


def read_cloze(reader: Reader) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the blanks and the texts of a cloze; raises QuestionError."""
    element = reader.element.find("questiontext")
    if element is None:
        raise QuestionError("The question has no text.")
    text, given = short_enough(written_in(element)), reader.format_of(element, "html")
    if _STAND_IN in text:
        raise QuestionError(f"The text holds the word “{_STAND_IN}”, which is used in reading.")
    pieces, found = _split(text)
    if not found:
        raise QuestionError("There is no embedded answer in the text.")
    if len(found) > MAX_BLANKS:
        raise QuestionError(f"There are {len(found)} embedded answers; at most {MAX_BLANKS} can be blanks.")
    if len({weight or "1" for weight, _, _ in found}) > 1:
        reader.note("The weights of the blanks were not kept: each counts alike.")
    blanks = [
        _blank(reader, number, kind, list(_answers(inside, is_html=given in ("html", "moodle_auto_format"))))
        for number, (_, kind, inside) in enumerate(found, start=1)
    ]
    names, options = _ids(reader.element, blanks)
    stand_ins = [f"{_STAND_IN}{number}blank" for number in range(1, len(blanks) + 1)]
    joined = pieces[0] + "".join(f"{stand_in}{piece}" for stand_in, piece in zip(stand_ins, pieces[1:], strict=True))
    markdown = reader.as_markdown(joined, given)
    for stand_in, name in zip(stand_ins, names, strict=True):
        markdown = markdown.replace(stand_in, f"[[{name}]]")
    reader.note_files(element)
    structure, texts = _described(names, options, blanks)
    return {"blanks": structure}, {"text": markdown, "blanks": texts}


def put_cloze(question: Element, body: Mapping[str, Any], texts: Mapping[str, Any]) -> None:
    pieces = BLANK.split(texts["text"])
    names = pieces[1::2]
    blanks = [_blank_of(body["blanks"][name], texts["blanks"][name]) for name in names]
    written = [f"{{1:{'SHORTANSWER' if blank.right is None else 'MULTICHOICE'}:{_inside(blank)}}}" for blank in blanks]
    outside = pieces[::2]
    text = outside[0] + "".join(blank + after for blank, after in zip(written, outside[1:], strict=True))
    put_markdown(question, "questiontext", text)
    options = [body["blanks"][name].get("options", []) for name in names]
    if (names, options) != _made_ids(blanks):
        for name, inside in zip(names, options, strict=True):
            # An element that Moodle does not know, and reads past.
            SubElement(question, "blank", {"id": name} | ({"options": " ".join(inside)} if inside else {}))


# --- reading ---------------------------------------------------------------------------------------------------------


def _split(text: str) -> tuple[list[str], list[tuple[str, str, str]]]:
    """Return what stands around the blanks, and each blank as weight, type and the rest. Linear in the text."""
    pieces, found, place = [], [], 0
    for opening in _OPENING.finditer(text):
        if opening.start() < place:
            continue
        closing = _CLOSING.match(text, opening.end())
        if closing is None:
            break
        pieces.append(text[place : opening.start()])
        found.append((opening[1], opening[2], closing[0][:-1]))
        place = closing.end()
    return [*pieces, text[place:]], found


def _answers(inside: str, *, is_html: bool) -> Iterator[_Answer]:
    for alternative in _parts(inside, "~"):
        share = _SHARE.match(alternative)
        text, *feedback = _parts(alternative[share.end() :] if share else alternative, "#")
        percent = float(share[1].replace(",", ".")) if share and share[1] else 100.0 if share else 0.0
        plain = unescaped(_TAG.sub("", text)) if is_html else text
        if plain.strip():
            yield _Answer(plain.strip(), percent, "#".join(feedback).strip())


def _parts(text: str, sign: str) -> list[str]:
    parts = [""]
    for piece in _PIECE.findall(text):
        if piece == sign:
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def _blank(reader: Reader, number: int, kind: str, answers: list[_Answer]) -> _Blank:
    if len(answers) > MAX_ANSWERS:
        raise QuestionError(f"Blank {number} has {len(answers)} answers; at most {MAX_ANSWERS} are read.")
    if kind in _TICKED:
        raise QuestionError(f"Blank {number} takes several choices; here one takes a single one.")
    if any(answer.feedback for answer in answers):
        reader.note(f"Blank {number}: the feedback for its answers was not kept.")
    if any(0 < answer.percent < 100 for answer in answers):
        reader.note(f"Blank {number}: answers that are right in part count as wrong.")
    if kind in _CASE:
        reader.note(f"Blank {number}: capital letters do not matter here.")
    right = [answer for answer in answers if answer.percent >= 100]
    if not right:
        raise QuestionError(f"Blank {number} has no right answer.")
    if kind in _CHOSEN:
        if len(right) > 1:
            raise QuestionError(f"Blank {number} has several right choices; one can be right.")
        return _Blank([_plain(answer.text) for answer in answers], answers.index(right[0]))
    texts = [_without_tolerance(reader, number, answer.text) if kind in _NUMBERS else answer.text for answer in right]
    if any(_STAR.match(text) for text in texts):
        raise QuestionError(f"Blank {number} accepts a pattern with *; a blank accepts whole texts.")
    return _Blank([_plain(text).replace("\\*", "*") for text in texts], None)


def _without_tolerance(reader: Reader, number: int, text: str) -> str:
    value, _, tolerance = text.partition(":")
    if tolerance.strip(" 0.,"):
        reader.note(f"Blank {number}: the tolerance {shown(tolerance)} was not kept; just {value.strip()} is right.")
    return value.strip()


def _plain(text: str) -> str:
    return _ESCAPED.sub(r"\1", text).strip()


def _ids(question: Element, blanks: Sequence[_Blank]) -> tuple[list[str], list[list[str]]]:
    """The ids that the file has from us if they fit the blanks, else those made from the texts."""
    given = question.findall("blank")
    names = [blank.get("id", "") for blank in given]
    options = [blank.get("options", "").split() for blank in given]
    wanted = [0 if blank.right is None else len(blank.answers) for blank in blanks]
    fits = len(set(names)) == len(blanks) and [len(set(inside)) for inside in options] == wanted
    if fits and all(map(is_id, [*names, *(name for inside in options for name in inside)])):
        return names, options
    return _made_ids(blanks)


def _made_ids(blanks: Sequence[_Blank]) -> tuple[list[str], list[list[str]]]:
    options = [[] if blank.right is None else ids_for(blank.answers, "c") for blank in blanks]
    return blank_names(len(blanks)), options


def _described(
    names: Sequence[str], options: Sequence[Sequence[str]], blanks: Sequence[_Blank]
) -> tuple[dict[str, Any], dict[str, Any]]:
    structure: dict[str, Any] = {}
    texts: dict[str, Any] = {}
    for name, ids, blank in zip(names, options, blanks, strict=True):
        if blank.right is None:
            structure[name], texts[name] = {"input": "type"}, {"accept": blank.answers}
        else:
            structure[name] = {"input": "choose", "options": list(ids), "key": ids[blank.right]}
            texts[name] = {"options": dict(zip(ids, blank.answers, strict=True))}
    return structure, texts


# --- writing ---------------------------------------------------------------------------------------------------------


def _blank_of(structure: Mapping[str, Any], texts: Mapping[str, Any]) -> _Blank:
    if structure["input"] == "type":
        return _Blank(texts["accept"], None)
    answers = [texts["options"][option] for option in structure["options"]]
    return _Blank(answers, structure["options"].index(structure["key"]))


def _inside(blank: _Blank) -> str:
    if blank.right is None:
        return "~".join(f"={_escaped(answer).replace('*', chr(92) + '*')}" for answer in blank.answers)
    return "~".join(
        f"{'=' if index == blank.right else '%0%' if answer[0] in '=%' else ''}{_escaped(answer)}"
        for index, answer in enumerate(blank.answers)
    )


def _escaped(answer: str) -> str:
    return _TO_ESCAPE.sub(lambda sign: f"\\{sign[0]}", answer)
