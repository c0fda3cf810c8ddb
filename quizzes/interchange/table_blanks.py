r"""The text of a cloze as one writes it into a cell: `A step is the [[rate|step size]] times the [[=gradient|loss]].`

Alternatives stand between bars. If one begins with `=`, the blank is chosen from them and this one is right; else it is
typed and each is accepted. `\[[`, `\]]`, `\|` and `\=` stand for the signs themselves. Pure.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from quizzes.interchange.bodies import blank_names
from quizzes.interchange.naming import ids_for
from quizzes.interchange.table_cells import (
    MOST_CHOICES,
    RowError,
    alternatives,
    given_ids,
    ids_cell,
    letter,
    shown,
    with_bars,
    with_ids,
)
from quizzes.kinds.cloze import BLANK

MAX_BLANKS: Final = 20

_OPENING: Final = re.compile(r"(?<!\\)(\\*)\[\[(?!\[)")
_CLOSING: Final = re.compile(r"(?<!\\)(\\*)\]\]")
_EQUALS: Final = re.compile(r"^(\\+)=")


@dataclass
class _Blank:
    options: list[str]
    key: int | None


def read_blanks(cell: str, ids: str) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """Return the text with `[[name]]` for each blank, the blanks, and their texts; raises RowError."""
    pieces, blanks = _split(cell)
    if len(blanks) > MAX_BLANKS:
        raise RowError(f"There are {len(blanks)} blanks; at most {MAX_BLANKS} can be filled in.")
    given = given_ids(ids)
    numbers = [str(number) for number in range(1, len(blanks) + 1)]
    names = with_ids(numbers, blank_names(len(blanks)), given)
    structure: dict[str, Any] = {}
    texts: dict[str, Any] = {}
    for number, name, blank in zip(numbers, names, blanks, strict=True):
        if blank.key is None:
            structure[name], texts[name] = {"input": "type"}, {"accept": blank.options}
            continue
        options = with_ids(_letters(number, blank.options), ids_for(blank.options, "c"), given)
        structure[name] = {"input": "choose", "options": options, "key": options[blank.key]}
        texts[name] = {"options": dict(zip(options, blank.options, strict=True))}
    text = pieces[0] + "".join(f"[[{name}]]{piece}" for name, piece in zip(names, pieces[1:], strict=True))
    return text, structure, texts


def written_blanks(text: str, structure: Mapping[str, Any], texts: Mapping[str, Any]) -> tuple[str, str]:
    """Return the cell and the ids that it does not tell."""
    pieces = BLANK.split(text)
    names = pieces[1::2]
    blanks = [_blank(structure[name], texts[name]) for name in names]
    numbers = [str(number) for number in range(1, len(names) + 1)]
    ids = [ids_cell(numbers, blank_names(len(blanks)), names)]
    for number, name, blank in zip(numbers, names, blanks, strict=True):
        if blank.key is not None:
            made = ids_for(blank.options, "c")
            ids.append(ids_cell(_letters(number, blank.options), made, structure[name]["options"]))
    outside = [_OPENING.sub(r"\1\\[[", piece) for piece in pieces[::2]]
    inside = [f"[[{_inside(blank)}]]" for blank in blanks]
    written = outside[0] + "".join(blank + after for blank, after in zip(inside, outside[1:], strict=True))
    return written, " ".join(pair for pair in ids if pair)


def _split(cell: str) -> tuple[list[str], list[_Blank]]:
    pieces, blanks, place = [""], [], 0
    while opening := _OPENING.search(cell, place):
        pieces[-1] += cell[place : opening.start()]
        place = opening.end()
        if opening[1]:
            pieces[-1] += f"{opening[1][1:]}[["
            continue
        closing = next((found for found in _CLOSING.finditer(cell, place) if not found[1]), None)
        if closing is None:
            raise RowError(f"A blank is opened by [[ and never closed: {shown(cell[opening.start() :])}")
        blanks.append(_read(_CLOSING.sub(lambda found: f"{found[1][1:]}]]", cell[place : closing.start()])))
        pieces.append("")
        place = closing.end()
    pieces[-1] += cell[place:]
    if not blanks:
        raise RowError("There is no blank in the prompt; write one as [[answer]] or [[answer|other answer]].")
    return pieces, blanks


def _read(inside: str) -> _Blank:
    options = alternatives(inside)
    if not options:
        raise RowError("A blank is empty; write what is accepted, as in [[answer]].")
    right = [index for index, option in enumerate(options) if option.startswith("=")]
    if len(right) > 1:
        raise RowError(f"A blank has two right options: {shown(inside)}")
    if right and len(options) > MOST_CHOICES:
        raise RowError(f"A blank has more than {MOST_CHOICES} options.")
    if right:
        options[right[0]] = options[right[0]][1:].strip()
    return _Blank([_EQUALS.sub(_one_less, option) for option in options], right[0] if right else None)


def _one_less(sign: re.Match[str]) -> str:
    return f"{sign[1][1:]}="


def _blank(structure: Mapping[str, Any], texts: Mapping[str, Any]) -> _Blank:
    if structure["input"] == "type":
        return _Blank(texts["accept"], None)
    options = [texts["options"][option] for option in structure["options"]]
    return _Blank(options, structure["options"].index(structure["key"]))


def _inside(blank: _Blank) -> str:
    marked = [re.sub(r"^(\\*)=", r"\1\\=", option) for option in blank.options]
    if blank.key is not None:
        marked[blank.key] = f"={marked[blank.key]}"
    inside = _CLOSING.sub(r"\1\\]]", with_bars(marked))
    # A bracket or a backslash of its own would run into the brackets around the blank.
    return f"{' ' * inside.startswith('[')}{inside}{' ' * inside.endswith((']', chr(92)))}"


def _letters(number: str, options: Sequence[str]) -> list[str]:
    return [f"{number}{letter(place)}" for place in range(1, len(options) + 1)]
