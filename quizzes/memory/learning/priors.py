"""The weights of a course: fitted to the reviews of learners who share them, given to learners without weights of their
own. With `quizzes.memory.learning.own_weights` the only writer of fitted weights.

The same guard decides, by time: fitted on the earlier 80 % of all outcomes, judged on the later 20 %, among them those
of learners who came late and whom the fit has never seen. More than half of the learners judged by must gain as well:
one who reviews a lot cannot decide for all. Each learner is then asked alone: where the course's weights would have
predicted this learner's reviews (those that the fit has not seen) worse than the published ones, they are not given.

Consent is current: weights that were made with the reviews of somebody who has withdrawn it stand no longer. The next
night makes them anew without, or takes them away.
"""

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from courses.models import Course, Progress
from quizzes.memory import plans, reviews
from quizzes.memory.fsrs import DEFAULT_WEIGHTS, Weights
from quizzes.memory.learning import fitting, histories
from quizzes.memory.learning.figures import FitFigures
from quizzes.memory.learning.fitting import Fit, Outcome, Reason
from quizzes.memory.learning.keeping import keep
from quizzes.models import FittedWeights, Review

MIN_LEARNERS: Final = 3
"""With fewer the weights of a course would be those of one person, handed to others."""
MAX_OF_LEARNER: Final = 3_000
MAX_OUTCOMES: Final = 100_000
"""The latest outcomes of each learner, and of so many learners: the memory of the night stays bounded."""
NEW_SHARE: Final = 0.05


@dataclass(frozen=True, slots=True)
class Prior:
    """Weights of a course that may be given; their fit has seen the outcomes of `learners` (hashes) before `since`."""

    weights: Weights
    since: datetime
    learners: frozenset[str]


def learn_course(course: Course, *, now: datetime) -> FittedWeights | None:
    """Fit the weights of a course if there is enough new to fit them to, and give every learner what fits the learner.

    Returns the fit, whether it was taken or not; None where there was none.
    """
    consenting = list(_sharing(course))
    everybody = frozenset(_hash(pk) for pk in consenting)
    newest = FittedWeights.objects.filter(course=course).order_by("-pk").first()
    standing = _standing(course, everybody)
    row = None
    if len(consenting) >= MIN_LEARNERS:
        found = _outcomes(course, consenting)
        if _is_worth_it(found, newest, everybody):
            fit = _fit(found, standing)
            row = _keep(course, fit, _hashes(found), newest, now) if fit else None
    _give_all(course, _standing(course, everybody))
    return row


def standing_of(course: Course) -> Prior | None:
    """Return the weights that may be given now: the last that were taken, if all who taught them still consent."""
    return _standing(course, frozenset(_hash(pk) for pk in _sharing(course)))


def _sharing(course: Course) -> Iterator[uuid.UUID]:
    learners = User.objects.filter(study_plan__shares_reviews=True, is_active=True)
    with_reviews = Review.objects.filter(question__course=course).order_by().values("user")
    yield from learners.filter(pk__in=with_reviews).order_by("pk").values_list("pk", flat=True)


def _standing(course: Course, consenting: frozenset[str]) -> Prior | None:
    """The last weights that were taken, if everybody they were made from still consents."""
    row = FittedWeights.objects.filter(course=course, accepted=True).order_by("-pk").first()
    if row is None:
        return None
    figures = FitFigures.model_validate(row.calibration)
    learners = frozenset(figures.learners)
    return Prior(tuple(row.weights), figures.since, learners) if learners <= consenting else None


def _outcomes(course: Course, consenting: Sequence[uuid.UUID]) -> list[Outcome]:
    """Their outcomes in the order of time, one learner's log at a time."""
    found: list[Outcome] = []
    for pk in consenting:
        plan = plans.plans_of([pk])[pk]
        log = histories.of_learner(pk, course.pk).counted(plan.quiz_evidence)
        found += fitting.outcomes(log)[-MAX_OF_LEARNER:]
        if len(found) >= MAX_OUTCOMES:
            break
    return sorted(found, key=lambda outcome: (outcome.moment, str(outcome.history.key)))


def _is_worth_it(found: Sequence[Outcome], newest: FittedWeights | None, consenting: frozenset[str]) -> bool:
    """Whether there are enough outcomes, and enough new ones since the last fit, or other learners."""
    if fitting.enough(len(found)):
        return False
    if newest is None or not frozenset(FitFigures.model_validate(newest.calibration).learners) <= consenting:
        return True
    return len(found) >= (newest.reviews + newest.unseen) * (1 + NEW_SHARE)


def _fit(found: Sequence[Outcome], standing: Prior | None) -> tuple[Fit, bool] | None:
    seen, unseen = fitting.split(found)
    if len(unseen) < fitting.MIN_UNSEEN or len(_hashes(seen)) < MIN_LEARNERS:
        return None
    weights = fitting.fit_weights(seen)
    if weights is None:
        return None
    in_use = standing.weights if standing else DEFAULT_WEIGHTS
    fit = fitting.judged_fit(weights, len(seen), unseen, lambda _: in_use)
    return fit, fit.accepted and _most_gain(unseen, weights, in_use)


def _most_gain(unseen: Sequence[Outcome], weights: Weights, in_use: Weights) -> bool:
    before = fitting.losses(unseen, fitting.predict(unseen, lambda _: in_use))
    after = fitting.losses(unseen, fitting.predict(unseen, lambda _: weights))
    gains: dict[uuid.UUID, float] = defaultdict(float)
    for outcome, first, second in zip(unseen, before, after, strict=True):
        gains[_learner(outcome)] += first - second
    return sum(gain > 0 for gain in gains.values()) * 2 > len(gains)


def _keep(
    course: Course, fitted: tuple[Fit, bool], learners: frozenset[str], newest: FittedWeights | None, now: datetime
) -> FittedWeights | None:
    """Write the fit, unless another one was written since `newest`."""
    fit, accepted = fitted
    figures = FitFigures.of(fit, learners=tuple(sorted(learners)))
    if fit.accepted and not accepted:
        figures = figures.model_copy(update={"reason": Reason.FEW_LEARNERS_GAIN})
    with transaction.atomic():
        Course.objects.select_for_update().get(pk=course.pk)
        if FittedWeights.objects.filter(course=course, pk__gt=newest.pk if newest else 0).exists():
            return None
        return keep(fit, figures, accepted=accepted, now=now, course=course)


def _give_all(course: Course, prior: Prior | None) -> None:
    """One transaction for each learner: killed in the middle, the next night does the rest."""
    own = Q(course_plans__course=course, course_plans__weights__isnull=False)
    learners = User.objects.filter(is_active=True).order_by("pk")
    if prior is None:
        learners = learners.filter(own)
    else:
        reviewed = Review.objects.filter(question__course=course).order_by().values("user")
        opened = Progress.objects.filter(lesson__course=course).order_by().values("user")
        learners = learners.filter(own | Q(pk__in=reviewed) | Q(pk__in=opened))
    for pk in list(learners.distinct().values_list("pk", flat=True)):
        user = User.objects.filter(pk=pk).first()
        if user is not None:
            give(user, course.pk, prior)


def give(user: User, course: uuid.UUID, prior: Prior | None) -> bool:
    """Give a learner the weights of the course, or take them away; return whether that changed anything.

    They are for learners without weights of their own, and only where they predict no worse.
    """
    plan = plans.plan_of(user)
    fits = prior is not None and plan.weights is None and _predicts_no_worse(user, course, prior, plan.quiz_evidence)
    wanted = prior.weights if prior is not None and fits else None
    with transaction.atomic():
        plan = plans.lock(user)
        had = plan.courses[course].weights if course in plan.courses else None
        if had == wanted or (wanted is not None and plan.weights is not None):
            return False
        plans.set_course_weights(user, course, wanted)
        if plan.weights is None:
            reviews.rebuild(user)
    return True


def _predicts_no_worse(user: User, course: uuid.UUID, prior: Prior, quiz_evidence: bool) -> bool:
    own = fitting.outcomes(histories.of_learner(user.pk, course).counted(quiz_evidence))
    if _hash(user.pk) in prior.learners:
        own = [outcome for outcome in own if outcome.moment >= prior.since]
    if not own:
        return True
    published = fitting.losses(own, fitting.predict(own, lambda _: DEFAULT_WEIGHTS))
    return sum(fitting.losses(own, fitting.predict(own, lambda _: prior.weights))) <= sum(published)


def _hashes(found: Sequence[Outcome]) -> frozenset[str]:
    return frozenset(_hash(learner) for learner in {_learner(outcome) for outcome in found})


def _learner(outcome: Outcome) -> uuid.UUID:
    learner: uuid.UUID = outcome.history.key[0]  # type: ignore[index]
    return learner


def _hash(learner: uuid.UUID) -> str:
    """Stands for a learner in rows that outlive the account."""
    return hashlib.sha256(learner.bytes).hexdigest()[:32]
