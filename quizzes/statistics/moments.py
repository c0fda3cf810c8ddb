"""Mean, spread, shape and association of a sample. Pure; sums are exact before one rounding, whatever their order.

Every function says why there is no number instead of giving a wrong one. `at_least` is how many values a caller wants
before it believes the result; fewer than the formula needs are never enough.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, sqrt
from typing import Literal

Reason = Literal[
    "too_few_attempts", "no_variance", "too_few_slots", "worth_nothing", "negative_covariance", "drawn", "no_guess"
]
"""Why there is no number: too few attempts to say anything; all marks are the same; a quiz of one slot; worth no marks;
the marks move against the total; one of several questions drawn for its slot; nobody can say what a guess is worth."""


@dataclass(frozen=True)
class Figure:
    """A number, or the reason why there is none."""

    value: float | None
    reason: Reason | None = None


def mean(values: Sequence[float]) -> Figure:
    return Figure(fsum(values) / len(values)) if values else Figure(None, "too_few_attempts")


def median(values: Sequence[float]) -> Figure:
    """Return the middle value, or the mean of the two in the middle."""
    if not values:
        return Figure(None, "too_few_attempts")
    ordered, half = sorted(values), len(values) // 2
    return Figure(ordered[half] if len(values) % 2 else (ordered[half - 1] + ordered[half]) / 2)


def variance(values: Sequence[float], at_least: int = 2) -> Figure:
    """Return Σ (x − mean)² / (S − 1); exactly 0 where all values are the same."""
    return covariance(values, values, at_least)


def standard_deviation(values: Sequence[float], at_least: int = 2) -> Figure:
    found = variance(values, at_least)
    return found if found.value is None else Figure(sqrt(found.value))


def covariance(first: Sequence[float], second: Sequence[float], at_least: int = 2) -> Figure:
    """Return Σ (x − mean x) (y − mean y) / (S − 1); exactly 0 where one of them does not vary."""
    if len(first) < max(at_least, 2):
        return Figure(None, "too_few_attempts")
    if not (_varies(first) and _varies(second)):
        return Figure(0.0)
    pairs = zip(_deviations(first), _deviations(second), strict=True)
    return Figure(fsum(one * other for one, other in pairs) / (len(first) - 1))


def correlation(first: Sequence[float], second: Sequence[float], at_least: int = 2) -> Figure:
    """Return Pearson's r = C(x, y) / √(V(x) V(y)), in −1…1; of marks 0 and 1 it is the point-biserial correlation."""
    if len(first) < max(at_least, 2):
        return Figure(None, "too_few_attempts")
    if not (_varies(first) and _varies(second)):
        return Figure(None, "no_variance")
    one, other = _deviations(first), _deviations(second)
    together = fsum(x * y for x, y in zip(one, other, strict=True))
    found = together / (sqrt(fsum(x * x for x in one)) * sqrt(fsum(y * y for y in other)))
    return Figure(max(-1.0, min(1.0, found)))


def efficiency(first: Sequence[float], second: Sequence[float], at_least: int = 2) -> Figure:
    """Return C(x, y) / the largest C that the same values could have in another pairing, which is when both are sorted.

    Source: Moodle developer documentation, "Quiz statistics calculations", "Discriminative efficiency".
    """
    if len(first) < max(at_least, 2):
        return Figure(None, "too_few_attempts")
    if not (_varies(first) and _varies(second)):
        return Figure(None, "no_variance")
    largest = covariance(sorted(first), sorted(second)).value
    found = covariance(first, second).value
    assert largest
    assert found is not None
    return Figure(found / largest)


def skewness(values: Sequence[float], at_least: int = 3) -> Figure:
    """Return k₃ / k₂^1.5 with the k-statistics k₂ = S m₂ / (S − 1) and k₃ = S² m₃ / ((S − 1) (S − 2)).

    mᵣ is the mean of (x − mean)^r. The same as G₁ of Joanes and Gill, "Comparing measures of sample skewness and
    kurtosis", The Statistician 47 (1998), and as SKEW of spreadsheets. 0 for a symmetric sample.
    """
    size = len(values)
    if size < max(at_least, 3):
        return Figure(None, "too_few_attempts")
    if not _varies(values):
        return Figure(None, "no_variance")
    m2, m3 = _moment(values, 2), _moment(values, 3)
    k2, k3 = size * m2 / (size - 1), size**2 * m3 / ((size - 1) * (size - 2))
    return Figure(k3 / k2**1.5)


def kurtosis(values: Sequence[float], at_least: int = 4) -> Figure:
    """Return k₄ / k₂² with k₄ = S² ((S + 1) m₄ − 3 (S − 1) m₂²) / ((S − 1) (S − 2) (S − 3)).

    Terms and source as `skewness`; the same as G₂, and as KURT of spreadsheets. 0 for a normal distribution.
    """
    size = len(values)
    if size < max(at_least, 4):
        return Figure(None, "too_few_attempts")
    if not _varies(values):
        return Figure(None, "no_variance")
    m2, m4 = _moment(values, 2), _moment(values, 4)
    k2 = size * m2 / (size - 1)
    k4 = size**2 * ((size + 1) * m4 - 3 * (size - 1) * m2**2) / ((size - 1) * (size - 2) * (size - 3))
    return Figure(k4 / k2**2)


def _varies(values: Sequence[float]) -> bool:
    """The mean of equal values may miss them by a bit, so that their variance is not 0: compare the values."""
    return min(values) < max(values)


def _deviations(values: Sequence[float]) -> list[float]:
    middle = fsum(values) / len(values)
    return [value - middle for value in values]


def _moment(values: Sequence[float], power: int) -> float:
    return fsum(deviation**power for deviation in _deviations(values)) / len(values)
