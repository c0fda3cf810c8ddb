r"""A question → the two sides of a card for Anki, as HTML with formulas as MathJax has them (`\(…\)`). Pure.

A question that is graded here becomes one that its learner grades alone: what is asked in front, the right answer
behind. Kinds that have no such answer (an order to find, a network to train) are no cards.
"""

import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from quizzes.kinds.base import Body, Html, Texts
from quizzes.kinds.cloze import BLANK
from quizzes.memory.browsing import own_texts

_MATHS = re.compile(r"<math\b([^>]*)>.*?</math>", re.DOTALL)
_ALTTEXT = re.compile(r'alttext="([^"]*)"')
_FRAME = re.compile(r'<div class="table-scroll" tabindex="0">(.*?</table>)</div>', re.DOTALL)
_FOCUS = re.compile(r' tabindex="0"')


@dataclass(frozen=True)
class Said:
    """The language of the export, and words in it that a question does not bring along."""

    locale: str
    true: str
    false: str


@dataclass(frozen=True)
class QuestionSides:
    """`pictures`: those that stand on it, in the order of the sides."""

    front: Html
    back: Html
    pictures: tuple[UUID, ...]


def sides_of(body: Body, texts: Texts, said: Said, sources: Mapping[UUID, str]) -> QuestionSides | None:
    """Return the sides, or None where the kind has none. `sources`: the names of the pictures in the package."""
    make = _KINDS.get(body.kind)
    if make is None:
        return None
    front, back = make(body, texts, said)
    pictures = own_texts.pictures_shown(front + back)
    return QuestionSides(_for_anki(front, sources), _for_anki(back, sources), tuple(pictures))


def _for_anki(side: Html, sources: Mapping[UUID, str]) -> Html:
    """MathML → MathJax, pictures under their names in the package, and nothing that only the page here needs."""
    unframed = _FOCUS.sub("", _FRAME.sub(r"\1", side))
    return own_texts.with_sources(_MATHS.sub(_mathjax, unframed), dict(sources))


def _mathjax(found: re.Match[str]) -> str:
    latex = _ALTTEXT.search(found[1])
    if latex is None:
        return found[0]
    return rf"\[{latex[1]}\]" if 'display="block"' in found[1] else rf"\({latex[1]}\)"


def _with_feedback(answer: Html, texts: Texts) -> Html:
    return answer + texts.get("feedback", "")


def _flashcard(body: Any, texts: Texts, said: Said) -> tuple[Html, Html]:
    return texts["front"], texts["back"]


def _list(choices: Sequence[str], texts: Texts) -> Html:
    shown = [texts[f"choices.{choice}.text"] for choice in choices]
    return f"<ul>{''.join(f'<li>{text}</li>' for text in shown)}</ul>"


def _single_choice(body: Any, texts: Texts, said: Said) -> tuple[Html, Html]:
    right = f"<p><b>{texts[f'choices.{body.key}.text']}</b></p>"
    return texts["prompt"] + _list(body.choices, texts), _with_feedback(right, texts)


def _multiple_choice(body: Any, texts: Texts, said: Said) -> tuple[Html, Html]:
    right = [choice for choice in body.choices if choice in body.key]
    return texts["prompt"] + _list(body.choices, texts), _with_feedback(_list(right, texts), texts)


def _true_false(body: Any, texts: Texts, said: Said) -> tuple[Html, Html]:
    right = html.escape(said.true if body.key else said.false)
    return texts["prompt"], _with_feedback(f"<p><b>{right}</b></p>", texts)


def _cloze(body: Any, texts: Texts, said: Said) -> tuple[Html, Html]:
    key = body.revealed()

    def gap(found: re.Match[str]) -> str:
        blank = body.blanks[found[1]]
        options = [texts[f"blanks.{found[1]}.options.{one}"] for one in getattr(blank, "options", ())]
        return f"<b>[{html.escape(' / '.join(options)) or '…'}]</b>"

    def answer(found: re.Match[str]) -> str:
        right = key.shown.get(said.locale, {}).get(found[1]) or key.blanks[found[1]][0]
        return f"<b>{html.escape(texts.get(f'blanks.{found[1]}.options.{right}', right))}</b>"

    return BLANK.sub(gap, texts["text"]), _with_feedback(BLANK.sub(answer, texts["text"]), texts)


def _numeric(body: Any, texts: Texts, said: Said) -> tuple[Html, Html]:
    key, unit = body.revealed(), texts.get("unit", "")
    numbers = [key.value] if key.value is not None else key.range or []
    right = html.escape(" – ".join(f"{number:g}" for number in numbers) + (f" {unit}" if unit else ""))
    return texts["prompt"], _with_feedback(f"<p><b>{right}</b></p>", texts)


def _short_text(body: Any, texts: Texts, said: Said) -> tuple[Html, Html]:
    shown = body.revealed().shown
    right = html.escape(" / ".join(shown.get(said.locale) or next(iter(shown.values()))))
    return texts["prompt"], _with_feedback(f"<p><b>{right}</b></p>", texts)


_KINDS: Final[Mapping[str, Callable[[Any, Texts, Said], tuple[Html, Html]]]] = {
    "flashcard": _flashcard,
    "single_choice": _single_choice,
    "multiple_choice": _multiple_choice,
    "true_false": _true_false,
    "cloze": _cloze,
    "numeric": _numeric,
    "short_text": _short_text,
}
KINDS: Final = frozenset(_KINDS)
"""The kinds of questions that become cards."""
