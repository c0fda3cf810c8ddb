"""The body of a question → its parts in GIFT. Pure.

Texts are written as Markdown, which the question's text is marked as; its other texts follow it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from courses.rendering import render_fragment
from quizzes.interchange.gift_syntax import escape
from quizzes.interchange.gift_texts import ARROW, FORMAT, without_arrow
from quizzes.interchange.markdown_signs import PLACE, WHITE, cleaned
from quizzes.interchange.plain_markdown import from_plain
from quizzes.kinds.arithmetic import exact
from quizzes.kinds.base import Body
from quizzes.kinds.cloze import ChooseBlank

# What means something in a pattern: stars, and a backslash before them or another one.
_STAR = re.compile(r"[*＊]|\\(?=[*＊\\])")


class LeftOutError(ValueError):
    """GIFT cannot hold the question; the message says why, in one sentence."""


def written(body: Body, locale: str) -> tuple[str, tuple[str, ...]]:
    """Return the question in GIFT, without name and comments, and what of it is missing there; raise LeftOutError."""
    write = _WRITERS.get(body.kind)
    if write is None:
        raise LeftOutError(f"GIFT has no questions of the kind {body.kind}.")
    texts = body.texts.get(locale)
    if texts is None:
        raise LeftOutError(f"The question has no texts in the language {locale}.")
    missing = ["Written without its hints: GIFT holds none."] if texts.hints else []
    return write(body, texts, missing), tuple(missing)


# --- texts -----------------------------------------------------------------------------------------------------------


def _markdown(text: str, *, marked: bool = False) -> str:
    said = cleaned(text.replace(PLACE, "")).strip(WHITE)
    if not said:
        raise LeftOutError("A text of the question is empty.")
    mark = "[markdown]" if marked or FORMAT.match(said) or said.startswith("%") else ""
    return mark + escape(said)


def _feedback(text: str | None, sign: str = "#") -> str:
    return f"{sign}{_markdown(text)}" if text and cleaned(text).strip(WHITE) else ""


def _plain(text: str) -> str:
    """Plain text in a question whose texts are Markdown: marked where that makes a difference."""
    said = cleaned(text.replace(PLACE, "")).strip(WHITE)
    if not said:
        raise LeftOutError("An option has no text that GIFT could hold.")
    needs_mark = from_plain(said) != said or FORMAT.match(said) or said.startswith("%")
    return ("[plain]" if needs_mark else "") + escape(said)


def _pattern(text: str) -> str:
    said = cleaned(text.replace(PLACE, "")).strip(WHITE)
    if not said:
        raise LeftOutError("An answer has no text that GIFT could hold.")
    return ("[plain]" if FORMAT.match(said) else "") + escape(said)


def _block(prompt: str, lines: Sequence[str], general: str | None) -> str:
    """The lines of an answer block, each on a line of its own, behind the question's text."""
    inside = "".join(f"\t{line}\n" for line in [*lines, _feedback(general, "####")] if line)
    return f"{_markdown(prompt, marked=True)}{{\n{inside}}}"


def _without_arrow(text: str, where: str) -> str:
    other = without_arrow(text)
    if other is None:
        raise LeftOutError(f"There is a -> in {where}, which GIFT takes for the sign between the two sides of a pair.")
    return other


def _percent(share: Decimal) -> str:
    """In per cent, with the five decimals that Moodle knows."""
    return f"{round(share * 100, 5).normalize():f}"


# --- kinds -----------------------------------------------------------------------------------------------------------


def _true_false(body: Any, texts: Any, missing: list[str]) -> str:
    wrong, right = (texts.if_false, texts.if_true) if body.key else (texts.if_true, texts.if_false)
    said_wrong, said_right = _feedback(wrong), _feedback(right)
    feedback = f"{said_wrong or '#'}{said_right}" if said_right else said_wrong
    truth = "TRUE" if body.key else "FALSE"
    return f"{_markdown(texts.prompt, marked=True)}{{{truth}{feedback}{_feedback(texts.feedback, '####')}}}"


def _choice_line(sign: str, text: Any) -> str:
    return f"{sign}{_markdown(text.text)}{_feedback(text.feedback)}"


def _single_choice(body: Any, texts: Any, missing: list[str]) -> str:
    lines = [_choice_line("=" if choice == body.key else "~", texts.choices[choice]) for choice in body.choices]
    return _block(texts.prompt, lines, texts.feedback)


def _multiple_choice(body: Any, texts: Any, missing: list[str]) -> str:
    """Every wrong choice costs what a right one brings, as here."""
    share = _percent(Decimal(1) / len(body.key))
    signs = {choice: f"~%{share}%" if choice in body.key else f"~%-{share}%" for choice in body.choices}
    lines = [_choice_line(signs[choice], texts.choices[choice]) for choice in body.choices]
    return _block(texts.prompt, lines, texts.feedback)


def _short_text(body: Any, texts: Any, missing: list[str]) -> str:
    if body.case:
        missing.append("Written without telling capitals from small letters: GIFT cannot ask for it.")
    lines = []
    for answer in body.answers:
        described = texts.answers[answer.id]
        feedback = _feedback(_without_arrow(described.feedback or "", "the feedback"))
        for accepted in described.accept:
            if ARROW in accepted:
                raise LeftOutError("An answer holds ->, which GIFT takes for the sign between the two sides of a pair.")
            lines.append(f"=%{_percent(exact(answer.share))}%{_pattern(accepted)}{feedback}")
    return _block(texts.prompt, lines, texts.feedback)


def _matching(body: Any, texts: Any, missing: list[str]) -> str:
    lines = []
    for pair in body.pairs:
        left = _markdown(_without_arrow(texts.left[pair], "the left side of a pair"))
        lines.append(f"={left} -> {_markdown(texts.right[pair])}")
    lines += [f"= -> {_markdown(texts.right[distractor])}" for distractor in body.distractors]
    return _block(texts.prompt, lines, texts.feedback)


def _numeric(body: Any, texts: Any, missing: list[str]) -> str:
    if texts.unit or body.units:
        missing.append("Written without its units: GIFT holds none.")
    if body.relative is not None:
        missing.append("Written with an absolute tolerance in place of a relative one.")
    key = body.revealed()
    tolerance = _number(key.tolerance)
    right = f"{_number(key.range[0])}..{_number(key.range[1])}" if key.range else f"{_number(key.value)}:{tolerance}"
    lines = [f"=%100%{right}"]
    for name, value in body.mistakes.items():
        lines.append(f"=%0%{_number(value)}:{tolerance}{_feedback(texts.mistakes[name])}")
    inside = "".join(f"\t{line}\n" for line in [*lines, _feedback(texts.feedback, "####")] if line)
    return f"{_markdown(texts.prompt, marked=True)}{{#\n{inside}}}"


def _number(value: float) -> str:
    return repr(float(value)).removesuffix(".0")


def _cloze(body: Any, texts: Any, missing: list[str]) -> str:
    if len(body.blanks) > 1:
        raise LeftOutError(f"GIFT has one missing word in a text, and this cloze has {len(body.blanks)} blanks.")
    try:
        body.render(render_fragment)
    except ValueError:
        raise LeftOutError("The blank stands where none can be, in a formula or a link.") from None
    [(name, blank)] = body.blanks.items()
    given = texts.blanks[name]
    before, _, after = cleaned(texts.text).strip(WHITE).partition(f"[[{name}]]")
    if isinstance(blank, ChooseBlank):
        lines = [f"{'=' if option == blank.key else '~'}{_plain(given.options[option])}" for option in blank.options]
    else:
        lines = [f"=%100%{_pattern(_literal_pattern(accepted))}" for accepted in given.accept]
    inside = "".join(f"{line} " for line in [*lines, _feedback(texts.feedback, "####")] if line).rstrip(" ")
    # A block at the very end would be that of another kind; behind an escaped line end it is a missing word.
    rest = escape(after.replace(PLACE, "")) or r"\n"
    return f"[markdown]{escape(before.replace(PLACE, ''))}{{{inside}}}{rest}"


def _literal_pattern(text: str) -> str:
    if ARROW in text:
        raise LeftOutError("An answer holds ->, which GIFT takes for the sign between the two sides of a pair.")
    return _STAR.sub(r"\\\g<0>", text)


_WRITERS: Final[Mapping[str, Callable[[Any, Any, list[str]], str]]] = {
    "true_false": _true_false,
    "single_choice": _single_choice,
    "multiple_choice": _multiple_choice,
    "short_text": _short_text,
    "matching": _matching,
    "numeric": _numeric,
    "cloze": _cloze,
}
