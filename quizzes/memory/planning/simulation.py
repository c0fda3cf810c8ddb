"""How much work a desired retention is: the reviews of the coming days, simulated for a learner's own cards. Pure.

Each card is followed through FSRS-6 as published (the formulas of stability and difficulty; R(t) = (1 + factor · t / S)
^ decay): when it comes back it is recalled with probability R, rated Good if so, else Again and, after its relearning
step, Good. The next interval is that after which R has fallen to the desired retention. Cards are never put off, so
what a daily limit would leave out is in it. The draws of a card are the same for every desired retention, so that
the differences are not chance; the same seed gives the same figures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from quizzes.memory.fsrs import MAX_INTERVAL_DAYS, Weights
from quizzes.memory.planning.workload import DAYS, RETENTIONS, Kept, Unseen, Workload

MOST_PATHS: Final = 500
"""Cards that are followed: of more, every n-th; each of fewer several times."""
_GOOD: Final = 3
_LEAST_STABILITY: Final = 0.001

Numbers = NDArray[np.float64]


def workloads(
    kept: Sequence[Kept],
    unseen: Unseen,
    weights: Weights,
    *,
    seed: int,
    retentions: Sequence[float] = RETENTIONS,
    days: int = DAYS,
) -> list[Workload]:
    """Return the work for each desired retention (0.7…0.97), in the same order. Without cards it is nothing."""
    if not kept and not min(unseen.count, unseen.per_day):
        return [Workload(retention, 0.0, 0.0, 0.0) for retention in retentions]
    paths = _Paths.of(kept, unseen, weights, len(retentions), days, seed)
    reviews, seconds, recall = paths.run(np.array(retentions), weights)
    return [
        Workload(retention, float(count) / days, float(time) / days / 60, float(share))
        for retention, count, time, share in zip(retentions, reviews, seconds, recall, strict=True)
    ]


@dataclass(slots=True)
class _Paths:
    """Arrays of paths, (retention, path) laid flat: `next` and `last` review in days from now; `last` NaN before the
    first one. `weight`: for how many cards a path stands."""

    stability: Numbers
    difficulty: Numbers
    last: Numbers
    next: Numbers
    seconds: Numbers
    weight: float
    days: int
    levels: int
    seed: int

    @classmethod
    def of(cls, kept: Sequence[Kept], unseen: Unseen, weights: Weights, levels: int, days: int, seed: int) -> "_Paths":
        new = min(unseen.count, unseen.per_day * days)
        known = np.array([(one.stability, one.difficulty, -one.elapsed, np.nan, one.seconds) for one in kept])
        first = np.array(
            [(np.nan, np.nan, np.nan, place // max(1, unseen.per_day), unseen.seconds) for place in range(new)]
        )
        rows = np.concatenate([known.reshape(-1, 5), first.reshape(-1, 5)])
        count = len(rows)
        chosen = np.arange(MOST_PATHS) * count // MOST_PATHS
        stability, difficulty, last, next_, seconds = (np.tile(column, levels) for column in rows[chosen].T)
        return cls(stability, difficulty, last, next_, seconds, count / MOST_PATHS, days, levels, seed)

    def run(self, retentions: Numbers, weights: Weights) -> tuple[Numbers, Numbers, Numbers]:
        """Return by retention: reviews and seconds of all days, and the mean recall at their end."""
        level = np.repeat(np.arange(self.levels), MOST_PATHS)
        # For each path, by how much stability is multiplied to give the interval (before it is rounded).
        factor, decay = _curve(weights)
        stretch = ((retentions ** (1 / decay) - 1) / factor)[level]
        kept = ~np.isnan(self.last)
        self.next[kept] = np.maximum(0, self.last[kept] + _interval(self.stability[kept], stretch[kept]))
        reviews, seconds = np.zeros(self.levels), np.zeros(self.levels)
        chance = np.random.default_rng(self.seed)
        while True:
            here = np.flatnonzero(self.next < self.days)
            if not len(here):
                break
            draws = chance.random(MOST_PATHS)[here % MOST_PATHS]
            asked = self._review(here, draws, weights)
            self.next[here] = self.last[here] + _interval(self.stability[here], stretch[here])
            reviews += np.bincount(level[here], asked, self.levels)
            seconds += np.bincount(level[here], asked * self.seconds[here], self.levels)
        recall = _recall(self.days - self.last, self.stability, weights).reshape(self.levels, MOST_PATHS)
        return reviews * self.weight, seconds * self.weight, np.nanmean(recall, axis=1)

    def _review(self, here: NDArray[np.intp], draws: Numbers, weights: Weights) -> Numbers:
        """Move these paths on by one review at their next day; return how often each was asked, its steps included."""
        is_new = np.isnan(self.last[here])
        stability, difficulty = self.stability[here], self.difficulty[here]
        recall = _recall(self.next[here] - self.last[here], stability, weights)
        is_known = draws < recall
        success = _after_success(stability, difficulty, recall, weights)
        lapse = _same_day_good(_after_lapse(stability, difficulty, recall, weights), weights)
        first = _same_day_good(np.full_like(stability, weights[2]), weights)
        self.stability[here] = np.where(is_new, first, np.where(is_known, success, lapse))
        # A step of learning or relearning is one more Good, which leaves the difficulty nearly where it was.
        rating = np.where(is_known | is_new, _GOOD, 1)
        easier = np.where(is_new, _first_difficulty(_GOOD, weights), _next_difficulty(difficulty, rating, weights))
        self.difficulty[here] = np.where(is_known & ~is_new, easier, _next_difficulty(easier, _GOOD, weights))
        self.last[here] = self.next[here]
        return np.where(is_known & ~is_new, 1.0, 2.0)


def _curve(weights: Weights) -> tuple[float, float]:
    decay = -weights[20]
    return 0.9 ** (1 / decay) - 1, decay


def _recall(elapsed: Numbers, stability: Numbers, weights: Weights) -> Numbers:
    factor, decay = _curve(weights)
    found: Numbers = (1 + factor * elapsed / stability) ** decay
    return found


def _interval(stability: Numbers, stretch: Numbers) -> Numbers:
    found: Numbers = np.clip(np.rint(stability * stretch), 1, MAX_INTERVAL_DAYS)
    return found


def _after_success(stability: Numbers, difficulty: Numbers, recall: Numbers, w: Weights) -> Numbers:
    gain: Numbers = np.exp(w[8]) * (11 - difficulty) * stability ** -w[9] * (np.exp(w[10] * (1 - recall)) - 1)
    found: Numbers = stability * (1 + gain)
    return found


def _after_lapse(stability: Numbers, difficulty: Numbers, recall: Numbers, w: Weights) -> Numbers:
    found: Numbers = w[11] * difficulty ** -w[12] * ((stability + 1) ** w[13] - 1) * np.exp(w[14] * (1 - recall))
    bounded: Numbers = np.maximum(_LEAST_STABILITY, np.minimum(found, stability / np.exp(w[17] * w[18])))
    return bounded


def _same_day_good(stability: Numbers, w: Weights) -> Numbers:
    growth = np.exp(w[17] * w[18]) * stability ** -w[19]
    found: Numbers = stability * np.maximum(1, growth)
    return found


def _first_difficulty(rating: int, w: Weights) -> float:
    found: float = min(10.0, max(1.0, w[4] - float(np.exp(w[5] * (rating - 1))) + 1))
    return found


def _next_difficulty(difficulty: Numbers, rating: Any, w: Weights) -> Numbers:
    """`rating`: 1…4, one or one each. What all revert to, the first difficulty of Easy, is not bounded here."""
    change = -w[6] * (rating - 3) * (10 - difficulty) / 9
    easiest = w[4] - float(np.exp(w[5] * 3)) + 1
    bounded: Numbers = np.clip(w[7] * easiest + (1 - w[7]) * (difficulty + change), 1, 10)
    return bounded
