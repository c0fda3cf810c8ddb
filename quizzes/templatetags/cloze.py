from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import template

from quizzes.kinds.cloze import BLANK

register = template.Library()


@dataclass(frozen=True)
class Piece:
    """A stretch of HTML, or (`html` is None) a blank. `correct` stands only after the answer."""

    html: str | None = None
    name: str = ""
    number: int = 0
    input: str = ""
    options: Sequence[Mapping[str, str]] = ()
    shown: str = ""
    right: bool = False
    correct: str = ""


@register.simple_tag
def cloze_pieces(question: dict[str, Any], outcome: dict[str, Any] | None, key: dict[str, Any] | None) -> list[Piece]:
    """Return the text of a public cloze in order: HTML, blank, HTML, …"""
    blanks = {blank["name"]: blank for blank in question["blanks"]}
    return [
        Piece(html=piece) if index % 2 == 0 else _blank(blanks[piece], index // 2 + 1, outcome, key)
        for index, piece in enumerate(BLANK.split(question["text"]))
    ]


def _blank(blank: dict[str, Any], number: int, outcome: dict[str, Any] | None, key: dict[str, Any] | None) -> Piece:
    name, texts = blank["name"], {option["id"]: option["text"] for option in blank["options"]}
    given = outcome["response"]["blanks"].get(name, "") if outcome else ""
    right = outcome["parts"].get(name, False) if outcome else False
    accepted = key["blanks"][name][0] if key else ""
    return Piece(
        name=name,
        number=number,
        input=blank["input"],
        options=blank["options"],
        shown=texts.get(given, given),
        right=right,
        correct=texts.get(accepted, accepted),
    )
