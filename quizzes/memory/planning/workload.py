"""The words of the simulation: of which cards, and what comes of them. Apart from it, for it needs NumPy. Pure."""

from dataclasses import dataclass
from typing import Final

RETENTIONS: Final = tuple(round(0.70 + 0.01 * step, 2) for step in range(28))
"""0.70 … 0.97."""
DAYS: Final = 90


@dataclass(frozen=True, slots=True)
class Kept:
    """A card with a memory state. `stability` in days, `difficulty` 1…10, `elapsed`: days since the last review."""

    stability: float
    difficulty: float
    elapsed: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Unseen:
    """Cards that will be met for the first time, so many a day; `seconds` each."""

    count: int
    per_day: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Workload:
    """Means over the days. `recall`: the mean predicted recall (0…1) of all cards at the end of them."""

    retention: float
    reviews: float
    minutes: float
    recall: float
