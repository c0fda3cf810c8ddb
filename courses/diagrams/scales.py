"""Round numbers for axes."""

import math


def round_step(span: float, most: int = 5) -> float:
    """A step of 1, 2 or 5 times a power of ten, at most `most` of which make up the span."""
    power = 10.0 ** math.floor(math.log10(span / most))
    return next(factor * power for factor in (1, 2, 5, 10) if span <= most * factor * power * 1.000001)


def round_scale(highest: float) -> tuple[float, float]:
    """A step, at most five of which reach `highest` from 0, and where they end."""
    step = round_step(highest)
    return step, step * math.ceil(highest / step - 1e-9)


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """The round numbers between two values."""
    step = round_step(high - low, most)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [index * step for index in range(first, last + 1)]
