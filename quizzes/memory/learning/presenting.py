"""What the page and the API say about how well a learner is predicted. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from django.db.models import Max

from accounts.models import User
from quizzes.memory import plans
from quizzes.memory.fsrs import DEFAULT_WEIGHTS
from quizzes.memory.learning import evidence, fitting, histories, own_weights
from quizzes.memory.learning.figures import FitFigures, KeptBin, KeptEvidence
from quizzes.memory.plans import Plan
from quizzes.models import FittedWeights, StudyPlan

SHOWN_FITS: Final = 20
MAX_AT_ONCE: Final = 5_000
"""So many reviews are looked at while a page waits; of longer logs the figures are those of the last fit."""

InUse = Literal["own", "course", "published"]


@dataclass(frozen=True, slots=True)
class Predicted:
    """How what is in use predicts: `unseen` says that no fit had seen these outcomes (from `since` on)."""

    bins: Sequence[KeptBin]
    log_loss: float
    since: datetime | None

    @property
    def count(self) -> int:
        return sum(one.count for one in self.bins)

    @property
    def expected(self) -> float:
        return sum(one.predicted * one.count for one in self.bins) / self.count

    @property
    def recalled(self) -> float:
        return sum(one.actual * one.count for one in self.bins) / self.count


@dataclass(frozen=True, slots=True)
class ShownFit:
    row: FittedWeights
    figures: FitFigures
    is_in_use: bool


@dataclass(frozen=True, slots=True)
class Learning:
    """`outcomes`: None where the log is too long to be counted while the page waits. `pause`: until the next fit."""

    in_use: InUse
    has_chosen_published: bool
    predicted: Predicted | None
    fits: Sequence[ShownFit]
    outcomes: int | None
    evidence: KeptEvidence | None
    quizzes_count: bool
    quizzes_decided: bool | None
    shares_reviews: bool
    pause: timedelta

    @property
    def missing(self) -> int:
        return 0 if self.outcomes is None else fitting.enough(self.outcomes)

    @property
    def needed(self) -> int:
        return fitting.enough(0)


def of_learner(user: User, *, now: datetime) -> Learning:
    """Return all of it, in at most six queries."""
    plan = plans.plan_of(user)
    study = StudyPlan.objects.filter(user=user).first()
    rows = list(FittedWeights.objects.by(user.pk).order_by("-pk")[:SHOWN_FITS])
    fits = [ShownFit(row, own_weights.figures_of(row), _is_in_use(row, plan)) for row in rows]
    predicted, outcomes, found = _from_fits(fits, plan) if fits else _from_log(user, plan)
    return Learning(
        in_use=_in_use(plan),
        has_chosen_published=own_weights.has_chosen_published(plan),
        predicted=predicted,
        fits=fits,
        outcomes=outcomes,
        evidence=found,
        quizzes_count=plan.quiz_evidence,
        quizzes_decided=study.quiz_evidence if study else None,
        shares_reviews=study.shares_reviews if study else False,
        pause=own_weights.pause_after(rows[0].fitted_at if rows else None, now=now),
    )


def _in_use(plan: Plan) -> InUse:
    if plan.weights is not None:
        return "published" if plan.weights == DEFAULT_WEIGHTS else "own"
    return "course" if any(terms.weights for terms in plan.courses.values()) else "published"


def _is_in_use(row: FittedWeights, plan: Plan) -> bool:
    return row.accepted and plan.weights == tuple(row.weights)


_Found = tuple[Predicted | None, int | None, KeptEvidence | None]


def _from_fits(fits: Sequence[ShownFit], plan: Plan) -> _Found:
    """What the last fit found out about what is in use now."""
    last = fits[0]
    outcomes = last.row.reviews + last.row.unseen
    return _predicted(fits, plan), outcomes, last.figures.evidence


def _predicted(fits: Sequence[ShownFit], plan: Plan) -> Predicted | None:
    last = fits[0]
    own = next((fit for fit in fits if fit.is_in_use), None)
    before, after = last.row.log_loss_before or 0.0, last.row.log_loss_after or 0.0
    if last is own:
        return Predicted(last.figures.after, after, last.figures.since)
    if last.figures.against == plan.weights:
        return Predicted(last.figures.before, before, last.figures.since)
    if _in_use(plan) == "published":
        return Predicted(last.figures.published, last.figures.log_loss_published, last.figures.since)
    if own is not None:
        return Predicted(own.figures.after, own.row.log_loss_after or 0.0, own.figures.since)
    return None


def _from_log(user: User, plan: Plan) -> _Found:
    """Before the first fit: no weights were fitted to these reviews, so all of them are unseen."""
    last = user.reviews.aggregate(last=Max("sequence"))["last"] or 0
    if last > MAX_AT_ONCE:
        return None, None, None
    log = histories.of_learner(user.pk)
    found = fitting.outcomes(log.counted(plan.quiz_evidence))
    compared = None
    if log.has_quizzes:
        compared = evidence.compare(log.with_quizzes, log.without_quizzes, lambda one: plan.weights_of(one.course))
    kept = KeptEvidence.of(compared) if compared else None
    if not found:
        return None, 0, kept
    judged = fitting.judge(found, fitting.predict(found, lambda one: plan.weights_of(one.course)))
    return Predicted([KeptBin.of(one) for one in judged.calibration], judged.log_loss, None), len(found), kept
