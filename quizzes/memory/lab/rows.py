"""A learner's reviews as rows that a network can be trained on, and what FSRS says of the same rows. Pure.

A row is a review that could be predicted: its question had been reviewed before, a whole day ago or more. Rows lie in
the order of time, so the last ones, which validation takes, are the latest. Every figure of a row, and every
prediction of it, uses only what came before it.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple
from uuid import UUID

from quizzes.memory import fsrs
from quizzes.memory.fsrs import DEFAULT_WEIGHTS, Entry, Rating, State, Terms, Weights
from sandbox.spec import Spec, output_width, validation_rows
from sandbox.spec.training import CROSS_ENTROPIES
from sandbox.table_recipes import VALIDATION

TARGET: Final = "recalled"
FEWEST_ROWS: Final = 100
"""Of fewer, a fifth is too little to tell a good prediction from a lucky one."""
MOST_ROWS: Final = 20_000
COIN: Final = math.log(2)
"""The log-loss, in nats, of who always says one half."""
_NEAREST: Final = 1e-7
"""Predictions are kept so far from 0 and 1, as Keras keeps them: one surprise must not be infinitely bad."""
_DAY: Final = timedelta(days=1)
_NOBODY: Final = UUID(int=0)

Log = Sequence[Entry]
Why = Literal["", "rows", "loss", "penalty"]


class Row(NamedTuple):
    """What was known before one review, and what came of it. Days are whole 24-hour periods, as FSRS counts them.

    `rating_before_that` and `last_interval_days` are 0 of a second review. `lapses`: how often it was forgotten after
    it had been learned. `recalled`: 0 for Again, else 1.
    """

    elapsed_days: int
    reviews_before: int
    previous_rating: int
    rating_before_that: int
    lapses: int
    last_interval_days: int
    days_since_first: int
    recalled: int


COLUMNS: Final = Row._fields


@dataclass(frozen=True, slots=True)
class Example:
    """A row with the recall (0…1) that FSRS predicts, by the published weights and by the learner's own."""

    at: datetime
    row: Row
    published: float
    own: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Mean log-loss (nats) over the validation rows. `constant` always says the share recalled in training; `own` is
    None without weights of the learner's own.

    `uncertainty`: the standard error of `published` − `constant`, row by row, and about that of any two who are judged
    by the same rows.
    """

    constant: float
    published: float
    own: float | None
    uncertainty: float

    @property
    def fsrs(self) -> float:
        """Of the FSRS that this learner is scheduled by."""
        return self.published if self.own is None else self.own


# --- rows ------------------------------------------------------------------------------------------------------------


def examples_of(logs: Mapping[UUID, Log], own: Mapping[UUID, Weights] | None = None) -> list[Example]:
    """Return the latest rows of these logs (by question, in any order), at most MOST_ROWS, in the order of time.

    `own`: weights by question, where they are not the published ones. One pass over each log.
    """
    found = [
        example
        for question, log in logs.items()
        for example in _of_question(fsrs.effective(log), (own or {}).get(question, DEFAULT_WEIGHTS))
    ]
    found.sort(key=lambda one: one[0])
    return [example for _, example in found[-MOST_ROWS:]]


def _of_question(reviews: Sequence[Entry], own: Weights) -> Iterator[tuple[tuple[datetime, datetime, UUID], Example]]:
    """Yield the rows of one question with their places in time; `reviews` are effective and in order."""
    published, theirs = _terms(DEFAULT_WEIGHTS), _terms(own)
    state = mine = None
    for place, entry in enumerate(reviews):
        if state and mine and (entry.effective_at - state.last_review) >= _DAY:
            at = entry.effective_at
            predicted = fsrs.retrievability(state, at), fsrs.retrievability(mine, at, own)
            yield entry.order, Example(at, _row(reviews, place, state), *predicted)
        state = fsrs.continue_fold(state, entry, published)
        mine = state if own == DEFAULT_WEIGHTS else fsrs.continue_fold(mine, entry, theirs)


def _terms(weights: Weights) -> Terms:
    """No interval is asked for, so nothing here depends on who learns."""
    return Terms(_NOBODY, _NOBODY, weights=weights, fuzz=False)


def _row(reviews: Sequence[Entry], place: int, state: State) -> Row:
    now, last = reviews[place], reviews[place - 1]
    earlier = reviews[place - 2] if place > 1 else None
    return Row(
        elapsed_days=(now.effective_at - last.effective_at) // _DAY,
        reviews_before=place,
        previous_rating=last.rating or 0,
        rating_before_that=(earlier.rating or 0) if earlier else 0,
        lapses=state.lapses,
        last_interval_days=(last.effective_at - earlier.effective_at) // _DAY if earlier else 0,
        days_since_first=(now.effective_at - reviews[0].effective_at) // _DAY,
        recalled=int(now.rating != Rating.AGAIN),
    )


def csv_of(examples: Iterable[Example]) -> bytes:
    """The rows as the sandbox reads them: names, then whole numbers. The same rows are the same bytes."""
    lines = [",".join(COLUMNS), *(",".join(map(str, one.row)) for one in examples)]
    return ("\n".join(lines) + "\n").encode()


def can_be_trained_on(examples: Sequence[Example]) -> bool:
    """Whether there are enough rows, and something to tell apart."""
    return len(examples) >= FEWEST_ROWS and 0 < share_recalled(examples) < 1


def share_recalled(examples: Sequence[Example]) -> float:
    return sum(one.row.recalled for one in examples) / len(examples) if examples else 0.0


# --- how good a prediction is ----------------------------------------------------------------------------------------


def split(examples: Sequence[Example]) -> tuple[Sequence[Example], Sequence[Example]]:
    """Return the rows for training and those for validation, cut as the sandbox cuts a table."""
    cut = math.floor(len(examples) * (1 - VALIDATION))
    return examples[:cut], examples[cut:]


def log_losses(predicted: Iterable[float], examples: Iterable[Example]) -> list[float]:
    """Return −ln of the probability (0…1) that was given to what happened, for each row."""
    within = (min(max(recall, _NEAREST), 1 - _NEAREST) for recall in predicted)
    return [-math.log(recall if one.row.recalled else 1 - recall) for recall, one in zip(within, examples, strict=True)]


def figures(examples: Sequence[Example], *, has_own: bool) -> Figures:
    """Return how well the validation rows are predicted by who knows no card, and by FSRS. At least two of them."""
    training, validation = split(examples)
    share = share_recalled(training)
    constant = log_losses([share] * len(validation), validation)
    published = log_losses((one.published for one in validation), validation)
    own = log_losses((one.own for one in validation), validation)
    return Figures(
        constant=_mean(constant),
        published=_mean(published),
        own=_mean(own) if has_own else None,
        uncertainty=_standard_error([one - other for one, other in zip(published, constant, strict=True)]),
    )


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _standard_error(values: Sequence[float]) -> float:
    mean, number = _mean(values), len(values)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (number - 1) / number)


def incomparable(spec: Spec) -> Why:
    """Return why the validation loss of a run on such a table is not the log-loss of the same rows; empty if it is.

    Of several outputs that binary cross-entropy judges one by one, the loss is that of several questions.
    """
    data = spec.data
    moved = data.split != "last_rows" or data.shuffled_labels or data.test
    if moved or validation_rows(spec) != data.rows - math.floor(data.rows * (1 - VALIDATION)):
        return "rows"
    if getattr(data, "target", "") != TARGET or spec.loss not in CROSS_ENTROPIES:
        return "loss"
    if spec.loss == "binary_crossentropy" and output_width(spec) > 1:
        return "loss"
    return "penalty" if any(getattr(layer, "kernel_regularizer", None) for layer in spec.layers) else ""
