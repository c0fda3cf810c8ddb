"""Whether answers in quizzes help to predict the daily review, or hurt: right answers there may be guesses.

Each outcome of the daily review is predicted twice: from the whole history, and from the history without what was
answered in quizzes. Only outcomes that both can predict, and that the answers make a difference for, are compared.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from quizzes.memory.fsrs import Weights
from quizzes.memory.learning import fitting
from quizzes.memory.learning.fitting import Comparison, History, Outcome

MIN_OUTCOMES: Final = 100
"""As many as the guard of weights wants, for the same reason."""


@dataclass(frozen=True, slots=True)
class EvidenceFigures:
    """`outcomes` compared; mean log-loss (nats) of their predictions with and without the answers in quizzes.

    `gain`: of the answers, with its standard error; negative where they hurt.
    """

    outcomes: int
    forgotten: int
    log_loss_with: float
    log_loss_without: float
    gain: Comparison

    @property
    def is_enough(self) -> bool:
        return self.outcomes >= MIN_OUTCOMES and self.forgotten >= fitting.MIN_FORGOTTEN

    @property
    def hurts(self) -> bool:
        """Beyond what luck explains."""
        return self.is_enough and self.gain.is_loss

    @property
    def helps(self) -> bool:
        return self.is_enough and self.gain.is_gain


def compare(
    with_quizzes: Collection[History], without: Collection[History], weights_of: Callable[[History], Weights]
) -> EvidenceFigures | None:
    """Return the figures; None where there is nothing to compare. Both hold the same learner's, by key."""
    bare = {(outcome.history.key, outcome.moment): outcome for outcome in fitting.outcomes(without)}
    pairs = [
        (full, bare[full.history.key, full.moment])
        for full in fitting.outcomes(with_quizzes)
        if (full.history.key, full.moment) in bare
    ]
    pairs = [(full, less) for full, less in pairs if _differ(full, less)]
    if not pairs:
        return None
    full_outcomes, bare_outcomes = [full for full, _ in pairs], [less for _, less in pairs]
    losses_with = fitting.losses(full_outcomes, fitting.predict(full_outcomes, weights_of))
    losses_without = fitting.losses(bare_outcomes, fitting.predict(bare_outcomes, weights_of))
    return EvidenceFigures(
        outcomes=len(pairs),
        forgotten=sum(not outcome.recalled for outcome in full_outcomes),
        log_loss_with=fitting.mean(losses_with),
        log_loss_without=fitting.mean(losses_without),
        gain=fitting.compare(full_outcomes, losses_without, losses_with),
    )


def _differ(full: Outcome, bare: Outcome) -> bool:
    """Whether an answer in a quiz came before this outcome."""
    return full.at != bare.at
