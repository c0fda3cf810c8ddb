"""What the marks of a quiz say about the quiz and about each of its questions. Pure.

Definitions are those of Moodle's quiz statistics report (Moodle developer documentation, "Quiz statistics
calculations"), so that an instructor may compare; what Moodle shows in per cent is a share here, 1 for 100 %.
In the docstrings S is the number of attempts, x the mark of one item, T the total of an attempt, X = T − x the rest of
it; V and C are variance and covariance with S − 1 below.

Sums are `math.fsum`, which is exact before its one rounding: the order of attempts cannot change a digit.
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum, isfinite, sqrt
from typing import Final, Literal, NamedTuple, TypeVar

from quizzes.statistics.moments import (
    Figure,
    correlation,
    covariance,
    efficiency,
    kurtosis,
    mean,
    median,
    skewness,
    standard_deviation,
    variance,
)

Marks = Sequence[Sequence[float | None]]
"""Attempts × slots. None: not asked in this attempt. Asked and not answered is 0, as Moodle counts it."""

Flag = Literal["negative_discrimination"]
Named = TypeVar("Named", bound=Hashable)

# The standard error of a standard deviation is about 1 / √(2 (S − 1)) of it: with 5 attempts a third.
MIN_ATTEMPTS_FOR_SPREAD: Final = 5
# The standard error of a correlation near 0 is about 1 / √(S − 1): with 10 attempts a third. With fewer, good questions
# would have a negative discrimination so often that nobody would look at one any more.
MIN_ATTEMPTS_FOR_CORRELATION: Final = 10
# The standard errors of skewness and kurtosis are about √(6 / S) and √(24 / S): with 20 attempts 0.5 and 1.1, where the
# advice is to look at what lies beyond 1.
MIN_ATTEMPTS_FOR_SHAPE: Final = 20
# Of a correlation that is 0 in truth, rounding leaves less than this.
ROUNDING: Final = 1e-9


@dataclass(frozen=True)
class ItemStatistics:
    """One question of the quiz, over the attempts that asked it.

    `facility`, `standard_deviation` and `guess_score` are shares of the item's maximum mark; the weights are shares of
    the whole quiz; the index lies in −1…1, the efficiency is at most 1. Where a wrong answer takes marks away, a
    facility may be negative. `flags` ask an instructor to look.
    """

    attempts: int
    facility: Figure
    standard_deviation: Figure
    guess_score: Figure
    intended_weight: Figure
    effective_weight: Figure
    discrimination_index: Figure
    discriminative_efficiency: Figure
    flags: tuple[Flag, ...]

    @property
    def flagged(self) -> bool:
        return bool(self.flags)


@dataclass(frozen=True)
class QuizStatistics:
    """Mean, median, standard deviation and standard error are shares of the maximum mark of an attempt.

    They are made of the sums of marks: an attempt whose score was lifted to 0 keeps what it lost.
    """

    attempts: int
    mean: Figure
    median: Figure
    standard_deviation: Figure
    skewness: Figure
    kurtosis: Figure
    internal_consistency: Figure
    error_ratio: Figure
    standard_error: Figure


@dataclass(frozen=True)
class Analysis:
    quiz: QuizStatistics
    items: dict[Hashable, ItemStatistics]


class _Asked(NamedTuple):
    """One item in one attempt: its mark and the marks of the rest, each as a share of what it could have been."""

    slot: int
    mark: float
    rest: float
    weight: float


def analyse(
    marks: Marks,
    maxima: Sequence[float],
    guess_scores: Mapping[Named, float | None],
    items: Sequence[Sequence[Named | None]] | None = None,
) -> Analysis:
    """Return the statistics of a quiz and of its items; an item is a slot, by its column, or what `items` says.

    `maxima`: the maximum mark of each slot. `guess_scores`: item → what guessing is worth, 0…1 (`guessing`); an item
    that is named here is in the result even if nobody was asked it.
    `items`, as large as `marks`, names the item of each cell: the question that was drawn, where a slot draws one.
    Attempts that were not asked the same slots are compared by their share of what they could have reached.
    Raise ValueError where a row is not as long as `maxima`, or a number is not finite or a maximum is negative.
    """
    _check(marks, maxima)
    slots = range(len(maxima))
    named: Sequence[Sequence[Hashable]] = items if items is not None else [slots] * len(marks)
    weights = effective_weights(marks, maxima)
    guesses: dict[Hashable, float | None] = dict(guess_scores.items())
    asked: dict[Hashable, list[_Asked]] = {item: [] for item in guesses}
    if items is None:
        asked |= {slot: [] for slot in slots}
    drawn: dict[int, set[Hashable]] = defaultdict(set)
    for row, names in zip(marks, named, strict=True):
        for one in _asked(row, maxima):
            asked.setdefault(names[one.slot], []).append(one)
            drawn[one.slot].add(names[one.slot])
    return Analysis(
        quiz_statistics(marks, maxima),
        {item: _item(cells, guesses.get(item), weights, drawn) for item, cells in asked.items()},
    )


def flagged_items(analysis: Analysis) -> dict[Hashable, tuple[Flag, ...]]:
    """Return the items that an instructor should look at before they count as evidence, with the reasons."""
    return {item: found.flags for item, found in analysis.items.items() if found.flagged}


def _check(marks: Marks, maxima: Sequence[float]) -> None:
    for slot, maximum in enumerate(maxima):
        if not isfinite(maximum) or maximum < 0:
            raise ValueError(f"maximum of slot {slot}: {maximum} is no mark")
    for attempt, row in enumerate(marks):
        if len(row) != len(maxima):
            raise ValueError(f"attempt {attempt}: {len(row)} marks for {len(maxima)} slots")
        for slot, mark in enumerate(row):
            if mark is not None and not isfinite(mark):
                raise ValueError(f"attempt {attempt}, slot {slot}: {mark} is no mark")


def _asked(row: Sequence[float | None], maxima: Sequence[float]) -> list[_Asked]:
    """Return what was asked in one attempt."""
    slots = [slot for slot, mark in enumerate(row) if mark is not None]
    given, could = [mark for mark in row if mark is not None], [maxima[slot] for slot in slots]
    whole = fsum(could)
    return [
        _Asked(slot, _of(mark, best), _of(_without(given, place), _without(could, place)), _of(best, whole))
        for place, (slot, mark, best) in enumerate(zip(slots, given, could, strict=True))
    ]


def _without(marks: list[float], place: int) -> float:
    """Return the sum of the others. Summed, not subtracted: equal rests stay equal to the last bit."""
    return fsum(marks[:place] + marks[place + 1 :])


def _of(mark: float, maximum: float) -> float:
    """Return the share; of nothing there is none."""
    return mark / maximum if maximum else 0.0


def _item(
    cells: Sequence[_Asked],
    guess_score: float | None,
    weights: Sequence[Figure],
    drawn: Mapping[int, Collection[Hashable]],
) -> ItemStatistics:
    """Facility index: mean(x) / max(x). Discrimination index: the correlation of x with X, not with T, which holds x.
    Discriminative efficiency: C(x, X) / the largest C that these marks could have ("Position statistics")."""
    guess = Figure(None, "no_guess") if guess_score is None else Figure(guess_score)
    if cells and not any(cell.weight for cell in cells):
        nothing = Figure(None, "worth_nothing")
        return ItemStatistics(len(cells), nothing, nothing, guess, nothing, nothing, nothing, nothing, ())
    shares, rests = [cell.mark for cell in cells], [cell.rest for cell in cells]
    index = correlation(shares, rests, at_least=MIN_ATTEMPTS_FOR_CORRELATION)
    negative = index.value is not None and index.value < -ROUNDING
    return ItemStatistics(
        attempts=len(cells),
        facility=mean(shares),
        standard_deviation=standard_deviation(shares, at_least=MIN_ATTEMPTS_FOR_SPREAD),
        guess_score=guess,
        intended_weight=mean([cell.weight for cell in cells]),
        effective_weight=_own_weight({cell.slot for cell in cells}, weights, drawn),
        discrimination_index=index,
        discriminative_efficiency=efficiency(shares, rests, at_least=MIN_ATTEMPTS_FOR_CORRELATION),
        flags=("negative_discrimination",) if negative else (),
    )


def _own_weight(slots: Collection[int], weights: Sequence[Figure], drawn: Mapping[int, Collection[Hashable]]) -> Figure:
    """A slot has a weight; it is that of its question where the slot always asks this one."""
    if not slots:
        return Figure(None, "too_few_attempts")
    slot = min(slots)
    return weights[slot] if len(slots) == 1 and len(drawn[slot]) == 1 else Figure(None, "drawn")


def effective_weights(marks: Marks, maxima: Sequence[float]) -> list[Figure]:
    """Return how much each slot really decides about the total: √C(x, T) / Σ √C(x, T), over the slots that have a root.

    Source: the same page, "Effective question weight". A slot whose marks move against the total has none.
    """
    totals = [_share(row, maxima) for row in marks]
    covariances = []
    for slot in range(len(maxima)):
        asked = [(mark, total) for row, total in zip(marks, totals, strict=True) if (mark := row[slot]) is not None]
        own, whole = [mark for mark, _ in asked], [total for _, total in asked]
        covariances.append(covariance(own, whole, at_least=MIN_ATTEMPTS_FOR_CORRELATION))
    roots = [sqrt(found.value) for found in covariances if found.value is not None and found.value > 0]
    return [_weight(found, fsum(roots)) for found in covariances]


def _weight(found: Figure, roots: float) -> Figure:
    if found.value is None:
        return found
    if found.value < -ROUNDING:
        return Figure(None, "negative_covariance")
    return Figure(sqrt(max(0.0, found.value)) / roots) if roots else Figure(None, "no_variance")


def quiz_statistics(marks: Marks, maxima: Sequence[float]) -> QuizStatistics:
    """Return what the totals say about the quiz as a whole (the same page, "Test statistics")."""
    shares = [_share(row, maxima) for row in marks]
    deviation = standard_deviation(shares, at_least=MIN_ATTEMPTS_FOR_SPREAD)
    consistency = internal_consistency(marks, at_least=MIN_ATTEMPTS_FOR_CORRELATION)
    ratio = error_ratio(consistency)
    return QuizStatistics(
        attempts=len(marks),
        mean=mean(shares),
        median=median(shares),
        standard_deviation=deviation,
        skewness=skewness(shares, at_least=MIN_ATTEMPTS_FOR_SHAPE),
        kurtosis=kurtosis(shares, at_least=MIN_ATTEMPTS_FOR_SHAPE),
        internal_consistency=consistency,
        error_ratio=ratio,
        standard_error=standard_error(ratio, deviation),
    )


def _share(row: Sequence[float | None], maxima: Sequence[float]) -> float:
    asked = [(mark, maximum) for mark, maximum in zip(row, maxima, strict=True) if mark is not None]
    return _of(fsum(mark for mark, _ in asked), fsum(maximum for _, maximum in asked))


def internal_consistency(marks: Marks, at_least: int = 2) -> Figure:
    """Return Cronbach's alpha, Moodle's coefficient of internal consistency: p / (p − 1) · (1 − Σ V(x) / V(T)).

    p is the number of slots. It needs attempts that were asked the same slots: where a quiz was changed in between, the
    largest group of such attempts is taken. At most 1; negative where the slots contradict each other.
    Source: Cronbach, "Coefficient alpha and the internal structure of tests", Psychometrika 16 (1951).
    """
    rows = _alike(marks)
    slots = len(rows[0]) if rows else 0
    if len(rows) < max(at_least, 2):
        return Figure(None, "too_few_attempts")
    if slots < 2:
        return Figure(None, "too_few_slots")
    whole = variance([fsum(row) for row in rows]).value
    if not whole:
        return Figure(None, "no_variance")
    parts = [variance(column).value or 0.0 for column in zip(*rows, strict=True)]
    return Figure(slots / (slots - 1) * (1 - fsum(parts) / whole))


def _alike(marks: Marks) -> list[list[float]]:
    """Return the marks of the largest group of attempts that were asked the same slots; of equals, the one that was
    asked more, then the earlier slots."""
    groups: dict[tuple[int, ...], list[list[float]]] = defaultdict(list)
    for row in marks:
        asked = {slot: mark for slot, mark in enumerate(row) if mark is not None}
        groups[tuple(asked)].append(list(asked.values()))
    if not groups:
        return []
    return groups[min(groups, key=lambda slots: (-len(groups[slots]), -len(slots), slots))]


def error_ratio(consistency: Figure) -> Figure:
    """Return √(1 − alpha): which share of the standard deviation is chance (the same page, "Error ratio")."""
    if consistency.value is None:
        return consistency
    return Figure(sqrt(max(0.0, 1 - consistency.value)))


def standard_error(ratio: Figure, deviation: Figure) -> Figure:
    """Return error ratio · standard deviation: how far a total may be from what the learner is worth."""
    if ratio.value is None:
        return ratio
    return deviation if deviation.value is None else Figure(ratio.value * deviation.value)
