"""What somebody who knows nothing may expect for each kind of question. Pure.

Moodle calls it the random guess score ("Quiz statistics calculations") and leaves it open for most kinds; here it is
the expectation of the mark that our own rules of marking give to an answer drawn blindly.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import comb
from typing import Any, Final

from quizzes.kinds.base import Body


def guess_score(body: Body) -> float | None:
    """Return the expected mark 0…1 of a blind answer; None for a kind that nobody can guess at.

    What is typed is never met by chance: 0. Cards, which the learner grades, and challenges, which a run meets, have no
    answer to guess.
    """
    expected = _EXPECTED.get(body.kind)
    return None if expected is None else float(expected(body))


def random_ticking(choices: int, right: int) -> Fraction:
    """Return the expected mark of ticking each of `choices` boxes or not, with at least one tick.

    Every set of ticks but the empty one is equally likely; its mark is max(0, right ticked − wrong ticked) / right.
    """
    wrong = choices - right
    gained = sum(
        comb(right, hits) * comb(wrong, misses) * (hits - misses)
        for hits in range(right + 1)
        for misses in range(min(hits, wrong + 1))
    )
    return Fraction(gained, right * (2**choices - 1))


def _single_choice(body: Any) -> Fraction:
    return Fraction(1, len(body.choices))


def _multiple_choice(body: Any) -> Fraction:
    return random_ticking(len(body.choices), len(body.key))


def _ordering(body: Any) -> Fraction:
    """Each of the n − 1 pairs of neighbours stays together in 1 of n orders, so the mean of them does too."""
    return Fraction(1, len(body.items))


def _blanks(body: Any) -> Fraction:
    """The mean over the blanks: 1 / n where one is chosen from n options, 0 where it is typed."""
    chosen = [len(options) for blank in body.blanks.values() if (options := getattr(blank, "options", None))]
    return sum((Fraction(1, options) for options in chosen), Fraction(0)) / len(body.blanks)


def _matching(body: Any) -> Fraction:
    """Each on the left meets its one partner in 1 of all that stand on the right, where partners alike are one."""
    rights = {tuple(given.right[name] for given in body.texts.values()) for name in (*body.pairs, *body.distractors)}
    return Fraction(1, len(rights))


def _hotspot(body: Any) -> Fraction:
    """One click hits any target of the key; several are marked like ticks."""
    right, targets = len(body.key), len(body.targets)
    return random_ticking(targets, right) if body.many else Fraction(right, targets)


def _half(body: Any) -> Fraction:
    return Fraction(1, 2)


def _never(body: Any) -> Fraction:
    return Fraction(0)


_EXPECTED: Final[Mapping[str, Callable[[Any], Fraction]]] = {
    "single_choice": _single_choice,
    "multiple_choice": _multiple_choice,
    "true_false": _half,
    "ordering": _ordering,
    "matching": _matching,
    "hotspot": _hotspot,
    "cloze": _blanks,
    "code_cloze": _blanks,
    "numeric": _never,
    "calculated": _never,
    "short_text": _never,
}
