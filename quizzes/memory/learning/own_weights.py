"""Learns how a learner forgets. With `quizzes.memory.learning.priors` (of courses) the only writer of fitted weights.

A fit costs processor time and so runs outside of any transaction, on the log as it was read. What follows from it (the
row with its figures, the weights in use, whether quizzes count, every memory state) is written in one transaction, with
the learner locked: killed in the middle, nothing has happened. Of two fits at once the second finds that something was
decided since it read the log, and reads it again. Reviews that came meanwhile are folded like all others, and judge the
next fit.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Max
from django.http import Http404

from accounts.models import User
from quizzes.memory import plans, reviews
from quizzes.memory.fsrs import DEFAULT_WEIGHTS, Weights
from quizzes.memory.learning import evidence, fitting, histories
from quizzes.memory.learning.figures import FitFigures, KeptEvidence
from quizzes.memory.learning.keeping import keep
from quizzes.memory.plans import Plan
from quizzes.models import FittedWeights, StudyPlan

MIN_NEW: Final = 50
NEW_SHARE: Final = 0.05
"""At night a learner is looked at again after this many new reviews, and this share of all: the same late reviews shall
not be asked night after night until luck says yes."""
MIN_REVIEWS: Final = 100
"""With fewer there is nothing to judge anything by."""
PAUSE: Final = timedelta(minutes=5)
"""After a fit the next one can be asked for: what it could learn is learnt."""
_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Learnt:
    """`row`: the fit, None where there was too little to judge one. `missing`: how many outcomes it would take."""

    row: FittedWeights | None
    missing: int
    quizzes_turned_off: bool
    evidence: KeptEvidence | None


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a fit was made from; all that it was judged against."""

    plan: Plan
    decided: bool | None
    newest: int | None

    def still_holds(self, now: "_Seen") -> bool:
        mine, theirs = self.plan, now.plan
        weights = {course: terms.weights for course, terms in mine.courses.items()}
        other = {course: terms.weights for course, terms in theirs.courses.items()}
        return (mine.weights, weights, self.decided, self.newest) == (theirs.weights, other, now.decided, now.newest)


def learn(user: User, *, now: datetime, asked: bool = True) -> Learnt | None:
    """Fit and judge the learner's weights, and whether quizzes help; put in use what wins.

    `asked`: by the learner. Else (at night) a learner who went back to the published weights keeps them, and finds the
    fit in the history. None where others decided about this learner all the while: nothing is written then.
    """
    for _ in range(_TRIES):
        seen = _look(user, plans.plan_of(user))
        log = histories.of_learner(user.pk)
        found = _evidence(log, seen.plan)
        turn_off = found is not None and found.hurts and seen.decided is None
        counted = log.counted(seen.plan.quiz_evidence and not turn_off)
        fit = fitting.learn(counted, lambda one, plan=seen.plan: plan.weights_of(one.course))  # type: ignore[misc]
        use = fit is not None and fit.accepted and (asked or not has_chosen_published(seen.plan))
        kept = KeptEvidence.of(found) if found else None
        with transaction.atomic():
            if not seen.still_holds(_look(user, plans.lock(user))):
                continue
            row = None
            if fit is not None:
                figures = FitFigures.of(fit, sequence=log.last, against=seen.plan.weights, evidence=kept)
                row = keep(fit, figures, accepted=fit.accepted, now=now, user=user)
            if use and fit is not None:
                plans.set_weights(user, fit.weights)
            if turn_off:
                plans.set_quiz_evidence(user, False)
            if use or turn_off:
                reviews.rebuild(user)
        return Learnt(row, fitting.enough(len(fitting.outcomes(counted))), turn_off, kept)
    return None


def _look(user: User, plan: Plan) -> _Seen:
    decided = StudyPlan.objects.filter(user=user).values_list("quiz_evidence", flat=True).first()
    newest = FittedWeights.objects.by(user.pk).order_by("-pk").values_list("pk", flat=True).first()
    return _Seen(plan, decided, newest)


def _evidence(log: histories.Log, plan: Plan) -> evidence.EvidenceFigures | None:
    if not log.has_quizzes:
        return None
    return evidence.compare(log.with_quizzes, log.without_quizzes, lambda one: plan.weights_of(one.course))


# --- every night -----------------------------------------------------------------------------------------------------


def waiting() -> Iterator[User]:
    """Yield, one at a time, the learners who have reviewed enough since they were last looked at."""
    learners = User.objects.alias(last=Max("reviews__sequence")).filter(last__gte=MIN_REVIEWS).order_by("pk")
    for pk in list(learners.values_list("pk", flat=True)):
        user = User.objects.filter(pk=pk, is_active=True).first()
        if user is not None and _has_new(user):
            yield user


def _has_new(user: User) -> bool:
    row = FittedWeights.objects.by(user.pk).order_by("-pk").first()
    if row is None:
        return True
    known = figures_of(row).sequence
    last: int = user.reviews.aggregate(last=Max("sequence"))["last"] or 0
    return last - known >= max(MIN_NEW, NEW_SHARE * known)


# --- what the learner decides ----------------------------------------------------------------------------------------


def use_published(user: User) -> None:
    """Go back to the published weights, and stay there until the learner decides otherwise."""
    _use(user, DEFAULT_WEIGHTS)


def use_again(user: User, fit_id: int) -> None:
    """Put weights of the learner's own history in use that the guard had taken; 404 for all others."""
    row = FittedWeights.objects.by(user.pk).filter(pk=fit_id, accepted=True).first()
    if row is None:
        raise Http404("There is no such fit.")
    _use(user, tuple(row.weights))


def _use(user: User, weights: Weights) -> None:
    with transaction.atomic():
        if plans.lock(user).weights != weights:
            plans.set_weights(user, weights)
            reviews.rebuild(user)


def count_quizzes(user: User, counts: bool) -> None:
    """The learner decides whether answers in quizzes move memory; it is never decided for this learner again."""
    with transaction.atomic():
        before = plans.lock(user).quiz_evidence
        plans.set_quiz_evidence(user, counts)
        if before != counts:
            reviews.rebuild(user)


def share(user: User, shares: bool) -> None:
    """Consent, or its withdrawal: the weights that the next night makes for a course are made without this learner."""
    plans.set_sharing(user, shares)


# --- reading ---------------------------------------------------------------------------------------------------------


def has_chosen_published(plan: Plan) -> bool:
    """Whether the learner went back to them by hand; who never had others has no weights of the own at all."""
    return plan.weights == DEFAULT_WEIGHTS


def figures_of(row: FittedWeights) -> FitFigures:
    return FitFigures.model_validate(row.calibration)


def pause_after(fitted_at: datetime | None, *, now: datetime) -> timedelta:
    """Return how long it takes until the learner can ask for a fit again; zero: now."""
    return max(timedelta(0), fitted_at + PAUSE - now) if fitted_at else timedelta(0)
