"""What the API of predictions takes and gives; the OpenAPI document is made from these types."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator

from quizzes.kinds.base import Strict
from quizzes.memory.learning.fitting import Reason
from quizzes.memory.learning.presenting import InUse


class CalibrationBin(Strict):
    """Reviews that were predicted about alike: the mean prediction and the share recalled, both 0…1."""

    predicted: float
    actual: float
    count: int


class PredictedReviews(Strict):
    """How what is in use predicts. `log_loss`: mean, in nats. `since`: the first of these reviews, which no fit had
    seen; null where there was no fit yet."""

    log_loss: float
    reviews: int
    expected: float
    recalled: float
    since: datetime | None
    calibration: list[CalibrationBin]


class QuizEvidence(Strict):
    """`counts`: answers in quizzes move memory. `decided`: by the learner or by the check; null: by nobody.

    Log-losses (nats) of the reviews that followed an answer in a quiz, predicted with and without such answers; null
    where there are none. `hurts`, `helps`: beyond what luck explains.
    """

    counts: bool
    decided: bool | None
    reviews: int
    log_loss_with: float | None
    log_loss_without: float | None
    hurts: bool
    helps: bool


class FitOutcome(Strict):
    """One fit. `reviews` were fitted on, `unseen` later ones have judged it: log-losses are means over these (nats)."""

    id: int
    fitted_at: datetime
    reviews: int
    unseen: int
    log_loss_before: float | None
    log_loss_after: float | None
    log_loss_published: float
    accepted: bool
    reason: Reason
    in_use: bool


class LearningState(Strict):
    """`needed`: reviews on later days that a fit takes; `missing`: how many of them are not there yet, null if that is
    not known before the first fit. `fits`: the latest 20, newest first. `next_fit_after_seconds`: 0 if one can be
    asked for."""

    in_use: InUse
    needed: int
    missing: int | None
    predicted: PredictedReviews | None
    quiz_evidence: QuizEvidence
    shares_reviews: bool
    fits: list[FitOutcome]
    next_fit_after_seconds: int


class FitAsked(Strict):
    """A fit is in the queue. It is done when the newest of `fits` is not before `asked_at`."""

    asked_at: datetime


class LearningChange(Strict):
    """What is left out stays. `weights`: `published`, or the id of an accepted fit of the own history."""

    shares_reviews: bool | None = None
    quiz_evidence: bool | None = None
    weights: Literal["published"] | Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None

    @model_validator(mode="after")
    def nothing_is_null(self) -> "LearningChange":
        for name in self.model_fields_set:
            if getattr(self, name) is None:
                raise ValueError(f"{name} may be left out, but not null")
        return self
