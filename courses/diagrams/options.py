"""Options of a diagram, read into numbers and words. Every error is a sentence for the author."""

import math
from collections.abc import Sequence

from courses.diagrams.canvas import Options

MIN_MAGNITUDE, MAX_MAGNITUDE = 1e-9, 1e6


def number(options: Options, key: str, default: float | None = None) -> float:
    text = options.get(key, "").strip()
    if not text and default is not None:
        return default
    if not text:
        raise ValueError(f"{key}=… is missing: it needs a number.")
    return parse(key, text)


def numbers(options: Options, key: str, at_least: int, at_most: int) -> list[float]:
    parts = words(options.get(key, ""))
    if not at_least <= len(parts) <= at_most:
        wanted = f"{at_least}" if at_least == at_most else f"{at_least} to {at_most}"
        raise ValueError(f"{key}=… needs {wanted} numbers with commas between them, not {len(parts)}.")
    return [parse(key, part) for part in parts]


def parse(key: str, text: str) -> float:
    try:
        value = float(text.replace("−", "-"))
    except ValueError:
        raise ValueError(f"{key}: “{text}” is not a number.") from None
    if not math.isfinite(value) or abs(value) > MAX_MAGNITUDE:
        raise ValueError(f"{key}: “{text}” is too large to draw.")
    if 0 < abs(value) < MIN_MAGNITUDE:
        raise ValueError(f"{key}: “{text}” is too small to draw.")
    return value


def words(text: str) -> list[str]:
    return [part.strip() for part in text.replace("，", ",").replace("、", ",").split(",") if part.strip()]


def labels(options: Options, defaults: Sequence[str], also: Sequence[str] = ()) -> list[str]:
    """As many names as there are defaults, or with those of `also`; what the author does not name has its default."""
    found = words(options.get("labels", ""))
    if not found:
        return [*defaults, *also]
    counts = sorted({len(defaults), len(defaults) + len(also)})
    if len(found) not in counts:
        wanted = " or ".join(str(count) for count in counts)
        raise ValueError(f"labels=… needs {wanted} names with commas between them, not {len(found)}.")
    return [*found, *also[len(found) - len(defaults) :]]


def one_of(options: Options, key: str, known: Sequence[str], default: str) -> str:
    found = options.get(key, "").strip() or default
    if found not in known:
        raise ValueError(f"{key}: there is no “{found}”. There are: {', '.join(known)}.")
    return found


def without_rounding(value: float, largest: float) -> float:
    """0 where the value is nothing but the rounding of a sum over terms as large as `largest`."""
    return 0.0 if abs(value) <= 1e-12 * abs(largest) else value
