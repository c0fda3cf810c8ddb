"""The calibration plot: what was predicted against what came true, with the range that chance alone explains."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from courses.svg import Frame, circle, label, line
from quizzes.memory.learning.figures import KeptBin

WIDTH, HEIGHT = 400, 330
_Z: Final = 1.96


@dataclass(frozen=True, slots=True)
class Words:
    """`across` and `up` name the axes, `exact` the diagonal."""

    across: str
    up: str
    exact: str


def likely_range(actual: float, count: int) -> tuple[float, float]:
    """Return between which shares 0…1 the true one lies in 19 of 20 cases (Wilson's interval)."""
    squared = _Z**2 / count
    middle = (actual + squared / 2) / (1 + squared)
    reach = _Z / (1 + squared) * math.sqrt(actual * (1 - actual) / count + squared / (4 * count))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def calibration_svg(bins: Sequence[KeptBin], words: Words) -> str:
    """Return the marks of the drawing, without its frame. At least one bin."""
    lowest = min(min(one.predicted, likely_range(one.actual, one.count)[0]) for one in bins)
    low = max(0.0, min(0.8, math.floor(lowest * 10 - 1e-9) / 10))
    frame = Frame(70, 12, WIDTH - 96, HEIGHT - 64, (low, 1.0), (low, 1.0))
    return "".join([*_axes(frame, low, words), *(_point(frame, one) for one in bins)])


def _axes(frame: Frame, low: float, words: Words) -> list[str]:
    steps = round((1 - low) * 10)
    every = 1 if steps <= 6 else 2
    marks = []
    for number in range(0, steps + 1, every):
        share = low + number / 10
        marks += [
            line(frame.left, frame.y(share), frame.right, frame.y(share), "calibration__grid"),
            label(frame.left - 8, frame.y(share) + 4, _percent(share), "calibration__tick", "end"),
            label(frame.x(share), frame.bottom + 20, _percent(share), "calibration__tick"),
        ]
    (left, bottom), (right, top) = frame.at(low, low), frame.at(1, 1)
    marks += [
        line(left, bottom, right, top, "calibration__exact"),
        label((frame.left + frame.right) / 2, HEIGHT - 8, words.across, "calibration__title"),
        f'<g transform="translate(14 {(frame.top + frame.bottom) / 2:.0f}) rotate(-90)">'
        + label(0, 0, words.up, "calibration__title")
        + "</g>",
        line(frame.left + 8, frame.top + 14, frame.left + 34, frame.top + 14, "calibration__exact"),
        label(frame.left + 42, frame.top + 18, words.exact, "calibration__note", "start"),
    ]
    return marks


def _point(frame: Frame, one: KeptBin) -> str:
    least, most = likely_range(one.actual, one.count)
    x, _ = frame.at(one.predicted, one.actual)
    whisker = line(x, frame.y(least), x, frame.y(most), "calibration__range")
    return whisker + circle(*frame.at(one.predicted, one.actual), 5, "calibration__point")


def _percent(share: float) -> str:
    return f"{share * 100:.0f}\N{NO-BREAK SPACE}%"
