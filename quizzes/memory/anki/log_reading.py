"""The log of a card in Anki → ratings, and how many lines are none. Pure.

What Anki itself leaves out of its memory is left out here: lines without an answer (rescheduled by hand), answers of a
filtered deck that did not reschedule, and all that came before a card was forgotten on purpose.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from quizzes.memory.anki.package_reading import LogRow

FILTERED: Final = 3
BY_HAND: Final = (4, 5)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_AHEAD: Final = timedelta(days=1)
MOST_MILLISECONDS: Final = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Rated:
    """`row`: the line's key, the moment in milliseconds since 1970. `elapsed_ms` is None where Anki has none."""

    row: int
    rating: int
    at: datetime
    elapsed_ms: int | None


@dataclass(frozen=True)
class Log:
    """`left_out`: reason (by_hand, filtered, before_forgetting, impossible) → how many lines."""

    ratings: Sequence[Rated]
    left_out: Counter[str] = field(default_factory=Counter)


def read_log(rows: Sequence[LogRow], scheduler: int, *, now: datetime) -> Log:
    """Return the ratings of one card, the first one first. `rows` are in the order of their keys."""
    left_out: Counter[str] = Counter()
    ratings: list[Rated] = []
    for row in rows:
        if row.kind in BY_HAND or row.ease == 0:
            left_out["by_hand"] += 1
            if row.factor == 0 and row.ease == 0:  # forgotten on purpose: it begins anew
                left_out["before_forgetting"] += len(ratings)
                ratings.clear()
        elif row.kind == FILTERED and row.factor == 0:
            left_out["filtered"] += 1
        elif (rated := _rated(row, scheduler, now)) is None:
            left_out["impossible"] += 1
        else:
            ratings.append(rated)
    return Log(ratings, left_out)


def _rated(row: LogRow, scheduler: int, now: datetime) -> Rated | None:
    try:
        at = _EPOCH + timedelta(milliseconds=row.id)
    except OverflowError:
        return None
    if not 1 <= row.ease <= 4 or not _EARLIEST <= at <= now + _AHEAD:
        return None
    rating = row.ease
    if scheduler == 1 and row.kind != 1 and rating > 1:  # three buttons while learning: Again, Good, Easy
        rating = min(rating + 1, 4)
    elapsed = row.milliseconds if 0 < row.milliseconds <= MOST_MILLISECONDS else None
    return Rated(row.id, rating, at, elapsed)
