"""What is kept of a fit beside its weights and its two log-losses: the JSON of `FittedWeights.calibration`, typed."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict

from quizzes.memory.fsrs import Weights
from quizzes.memory.learning.evidence import EvidenceFigures
from quizzes.memory.learning.fitting import Bin, Fit, Reason

_NO_INFINITY = 1e9  # JSON has none


class _Kept(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class KeptBin(_Kept):
    """Mean prediction and share recalled, both 0…1."""

    predicted: float
    actual: float
    count: int

    @classmethod
    def of(cls, one: Bin) -> Self:
        return cls(predicted=one.predicted, actual=one.actual, count=one.count)


class KeptEvidence(_Kept):
    """`EvidenceFigures` of the moment of the fit. `gain` of the quizzes is negative where they hurt; nats."""

    outcomes: int
    forgotten: int
    log_loss_with: float
    log_loss_without: float
    gain: float
    error: float
    is_enough: bool
    hurts: bool
    helps: bool

    @classmethod
    def of(cls, found: EvidenceFigures) -> Self:
        return cls(
            outcomes=found.outcomes,
            forgotten=found.forgotten,
            log_loss_with=found.log_loss_with,
            log_loss_without=found.log_loss_without,
            gain=found.gain.gain,
            error=min(found.gain.error, _NO_INFINITY),
            is_enough=found.is_enough,
            hurts=found.hurts,
            helps=found.helps,
        )


class FitFigures(_Kept):
    """Bins of the unseen outcomes (from `since` on) for what was in use, for the fitted and the published weights.

    `gain` in log-loss (nats) over what was in use, with its standard error. `sequence`: the last review of the learner
    that the fit knew. `against`: the learner's own weights at that time, null for those of courses or the published
    ones. `learners`: of a course, hashes that stand for those whose reviews were used.
    """

    before: tuple[KeptBin, ...]
    after: tuple[KeptBin, ...]
    published: tuple[KeptBin, ...]
    log_loss_published: float
    gain: float
    error: float
    reason: Reason
    since: datetime
    sequence: int = 0
    against: tuple[float, ...] | None = None
    evidence: KeptEvidence | None = None
    learners: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        fit: Fit,
        *,
        sequence: int = 0,
        against: Weights | None = None,
        evidence: KeptEvidence | None = None,
        learners: tuple[str, ...] = (),
    ) -> Self:
        return cls(
            before=_kept(fit.before.calibration),
            after=_kept(fit.after.calibration),
            published=_kept(fit.published.calibration),
            log_loss_published=fit.published.log_loss,
            gain=fit.gain.gain,
            error=min(fit.gain.error, _NO_INFINITY),
            reason=fit.reason,
            since=fit.since,
            sequence=sequence,
            against=against,
            evidence=evidence,
            learners=learners,
        )


def _kept(bins: tuple[Bin, ...]) -> tuple[KeptBin, ...]:
    return tuple(KeptBin.of(one) for one in bins)
