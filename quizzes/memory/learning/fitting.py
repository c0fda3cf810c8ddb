"""Fitting the 21 weights of FSRS-6 to what a learner really recalled, and the guard that decides whether they are used.

Weights are fitted on the earlier 80 % of the outcomes and judged on the later 20 %, which the fit has not seen. The
guard takes them only if they win there against what is in use *and* against the published weights, by more than luck
would. Fits on few reviews are often worse than the published weights: then the guard says so and nothing changes.

What counts as an outcome is what the public benchmark of FSRS counts: a review at least one whole day after the one
before. Only reviews of the daily review (and imported ones) are outcomes; answers in quizzes, where they count at all,
are part of the history that a prediction is made from, for a right answer there may be a guess.
"""

import itertools
import math
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import fsrs_rs_python as fsrs_rs

from quizzes.memory.fsrs import DEFAULT_WEIGHTS, Entry, Rating, Weights, effective

SEEN_SHARE: Final = 0.8
"""The share of the outcomes, the earlier ones, that weights are fitted on."""
MIN_UNSEEN: Final = 100
"""Fewer unseen outcomes judge nothing: about ten of them are forgotten ones, and a mean of fewer than ten rare events
has no error to speak of. So at least 500 outcomes in all."""
MIN_FORGOTTEN: Final = 5
"""So many unseen outcomes must be forgotten ones. Where nothing was forgotten, weights that promise perfect recall win
by any margin, until the first card is forgotten."""
MARGIN: Final = 3.0
"""How many standard errors a gain has to be above zero. There is a fit every few nights, so a margin that luck passes
once in twenty or a hundred times lets luck in within a year. Of 120 simulated learners who forget exactly as the
published weights say, 16 had a gain of more than 1.64 errors, 3 of more than 2.33 (two of them predicted worse
afterwards), none of more than 3."""
BINS: Final = 10
MIN_IN_BIN: Final = 20
_LEAST, _MOST = 0.0001, 0.9999  # nothing is certain: one surprise shall not cost an infinite loss
_DAY: Final = timedelta(days=1)
_WORST: Final = float("inf")


@dataclass(frozen=True, slots=True)
class History:
    """The reviews of one learner and question that count, in the order of the fold.

    `days[i]`: whole 24-hour periods since review i - 1, as the fold counts them; 0 for the first. `outcomes`: the
    indices of what was to be predicted. `key`: learner and question, whose outcomes are not independent.
    """

    key: Hashable
    course: UUID | None
    moments: tuple[datetime, ...]
    ratings: tuple[int, ...]
    days: tuple[int, ...]
    outcomes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One review that was to be predicted: number `at` of a history."""

    history: History
    at: int

    @property
    def moment(self) -> datetime:
        return self.history.moments[self.at]

    @property
    def recalled(self) -> bool:
        return self.history.ratings[self.at] != Rating.AGAIN


@dataclass(frozen=True, slots=True)
class Bin:
    """Outcomes that were predicted about alike: mean prediction 0…1, share recalled 0…1, how many."""

    predicted: float
    actual: float
    count: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the second of two predictions of the same outcomes gains: mean log-loss (nats), and its standard error.

    The error is that of a mean of clusters: the outcomes of one card hang together.
    """

    gain: float
    error: float

    @property
    def is_gain(self) -> bool:
        return self.gain > MARGIN * self.error

    @property
    def is_loss(self) -> bool:
        return -self.gain > MARGIN * self.error


class Reason(StrEnum):
    """Why fitted weights were taken, or not."""

    BETTER = "better"
    WITHIN_LUCK = "within_luck"
    WORSE = "worse"
    NOT_BETTER_THAN_PUBLISHED = "not_better_than_published"
    TOO_LITTLE_FORGOTTEN = "too_little_forgotten"
    FEW_LEARNERS_GAIN = "few_learners_gain"


@dataclass(frozen=True, slots=True)
class Judged:
    """How one set of weights predicted the unseen outcomes."""

    log_loss: float
    calibration: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """`reviews` outcomes were fitted on, `unseen` later ones, the first of them at `since`, have judged."""

    weights: Weights
    reviews: int
    unseen: int
    since: datetime
    before: Judged
    after: Judged
    published: Judged
    gain: Comparison
    reason: Reason

    @property
    def accepted(self) -> bool:
        return self.reason is Reason.BETTER


def history(key: Hashable, course: UUID | None, entries: Iterable[Entry], judging: Collection[UUID]) -> History | None:
    """Return what counts of the log of one learner and question; None where nothing does.

    `judging`: the ids of the reviews that may be outcomes.
    """
    counted = effective(entries)
    if not counted:
        return None
    moments = tuple(entry.effective_at for entry in counted)
    days = (0, *(max(0, (later - earlier) // _DAY) for earlier, later in itertools.pairwise(moments)))
    outcomes = tuple(i for i, entry in enumerate(counted) if days[i] >= 1 and entry.id in judging)
    return History(key, course, moments, tuple(entry.rating or 0 for entry in counted), days, outcomes)


def outcomes(histories: Iterable[History]) -> list[Outcome]:
    """Return all outcomes in the order of time."""
    found = [Outcome(one, at) for one in histories for at in one.outcomes]
    return sorted(found, key=lambda outcome: (outcome.moment, str(outcome.history.key)))


def enough(count: int) -> int:
    """Return how many outcomes are still missing before weights can be judged."""
    return max(0, math.ceil(MIN_UNSEEN / (1 - SEEN_SHARE) - 1e-9) - count)


def fit_weights(seen: Sequence[Outcome]) -> Weights | None:
    """Return weights fitted to these outcomes, given in the order of time (later ones weigh more); None if none can be.

    Deterministic: the engine's seed is fixed.
    """
    reviews: dict[int, list[Any]] = {}
    items = []
    for outcome in seen:
        whole = reviews.get(id(outcome.history))
        if whole is None:
            whole = reviews[id(outcome.history)] = _engine_reviews(outcome.history)
        items.append(fsrs_rs.FSRSItem(whole[: outcome.at + 1]))
    try:
        fitted = fsrs_rs.FSRS(list(DEFAULT_WEIGHTS)).compute_parameters(items, None, True, 1)
    except ValueError:  # too little, or nothing but outliers
        return None
    if len(fitted) != len(DEFAULT_WEIGHTS) or not all(math.isfinite(weight) for weight in fitted):
        return None
    return tuple(float(weight) for weight in fitted)


def predict(wanted: Sequence[Outcome], weights_of: Callable[[History], Weights]) -> list[float]:
    """Return the recall 0…1 that was to be expected of each outcome from what came before it in its history."""
    by_weights: dict[Weights, dict[int, History]] = {}
    for outcome in wanted:
        by_weights.setdefault(weights_of(outcome.history), {})[id(outcome.history)] = outcome.history
    expected: dict[tuple[int, int], float] = {}
    for weights, histories in by_weights.items():
        engine = fsrs_rs.FSRS(list(weights))
        decay = -weights[20]
        factor = 0.9 ** (1 / decay) - 1
        items = [fsrs_rs.FSRSItem(_engine_reviews(one)) for one in histories.values()]
        for one, states in zip(histories.values(), engine.historical_memory_state_batch(items), strict=True):
            for at in one.outcomes:
                expected[id(one), at] = (1 + factor * one.days[at] / states[at - 1].stability) ** decay
    return [expected[id(outcome.history), outcome.at] for outcome in wanted]


def losses(wanted: Sequence[Outcome], predicted: Sequence[float]) -> list[float]:
    """Return the log-loss (nats) of each prediction; predictions are taken as 0.0001…0.9999."""
    bounded = (min(max(recall, _LEAST), _MOST) for recall in predicted)
    return [
        -math.log(recall if outcome.recalled else 1 - recall) for outcome, recall in zip(wanted, bounded, strict=True)
    ]


def judge(wanted: Sequence[Outcome], predicted: Sequence[float]) -> Judged:
    """`wanted` may not be empty."""
    return Judged(mean(losses(wanted, predicted)), calibration(wanted, predicted))


def calibration(wanted: Sequence[Outcome], predicted: Sequence[float]) -> tuple[Bin, ...]:
    """Return bins of equally many outcomes, from the least to the most certain prediction: at most 10, of at least 20
    outcomes each, but one at least."""
    pairs = sorted((recall, outcome.recalled) for outcome, recall in zip(wanted, predicted, strict=True))
    bins = max(1, min(BINS, len(pairs) // MIN_IN_BIN))
    found = []
    for number in range(bins):
        part = pairs[len(pairs) * number // bins : len(pairs) * (number + 1) // bins]
        if part:
            recalled = sum(was for _, was in part) / len(part)
            found.append(Bin(mean([recall for recall, _ in part]), recalled, len(part)))
    return tuple(found)


def compare(wanted: Sequence[Outcome], before: Sequence[float], after: Sequence[float]) -> Comparison:
    """Return what `after` gains over `before`; both hold the loss of each outcome.

    Paired: which outcomes were hard is the same for both, so only the differences vary.
    """
    if not wanted:
        return Comparison(0.0, _WORST)
    differences = [first - second for first, second in zip(before, after, strict=True)]
    gain = mean(differences)
    of_cards: dict[Hashable, float] = {}
    for outcome, difference in zip(wanted, differences, strict=True):
        of_cards[outcome.history.key] = of_cards.get(outcome.history.key, 0.0) + difference - gain
    if len(of_cards) < 2:
        return Comparison(gain, _WORST)
    spread = len(of_cards) / (len(of_cards) - 1) * sum(total**2 for total in of_cards.values())
    return Comparison(gain, math.sqrt(spread) / len(wanted))


def split(in_order: Sequence[Outcome]) -> tuple[Sequence[Outcome], Sequence[Outcome]]:
    """Return the seen and the unseen outcomes; what happened at one moment is never torn apart."""
    cut = int(len(in_order) * SEEN_SHARE)
    while 0 < cut < len(in_order) and in_order[cut].moment == in_order[cut - 1].moment:
        cut -= 1
    return in_order[:cut], in_order[cut:]


def learn(histories: Collection[History], in_use: Callable[[History], Weights]) -> Fit | None:
    """Fit weights to the earlier outcomes and judge them on the later ones; None where there are too few to judge."""
    in_order = outcomes(histories)
    seen, unseen = split(in_order)
    if enough(len(in_order)) or len(unseen) < MIN_UNSEEN:
        return None
    weights = fit_weights(seen)
    return None if weights is None else judged_fit(weights, len(seen), unseen, in_use)


def judged_fit(weights: Weights, reviews: int, unseen: Sequence[Outcome], in_use: Callable[[History], Weights]) -> Fit:
    """The guard: whether these weights may be used, from outcomes that their fit has not seen."""
    before, after, published = (
        predict(unseen, which) for which in (in_use, lambda _: weights, lambda _: DEFAULT_WEIGHTS)
    )
    loss_before, loss_after, loss_published = (losses(unseen, recalls) for recalls in (before, after, published))
    gain = compare(unseen, loss_before, loss_after)
    return Fit(
        weights=weights,
        reviews=reviews,
        unseen=len(unseen),
        since=unseen[0].moment,
        before=judge(unseen, before),
        after=judge(unseen, after),
        published=judge(unseen, published),
        gain=gain,
        reason=_verdict(unseen, gain, compare(unseen, loss_published, loss_after)),
    )


def _verdict(unseen: Sequence[Outcome], gain: Comparison, over_published: Comparison) -> Reason:
    if sum(not outcome.recalled for outcome in unseen) < MIN_FORGOTTEN:
        return Reason.TOO_LITTLE_FORGOTTEN
    if gain.gain <= 0:
        return Reason.WORSE
    if not gain.is_gain:
        return Reason.WITHIN_LUCK
    return Reason.BETTER if over_published.is_gain else Reason.NOT_BETTER_THAN_PUBLISHED


def mean(values: Sequence[float]) -> float:
    """Of at least one value; adding is exact, so that the order does not matter."""
    return math.fsum(values) / len(values)


def _engine_reviews(one: History) -> list[Any]:
    return [fsrs_rs.FSRSReview(rating, days) for rating, days in zip(one.ratings, one.days, strict=True)]
