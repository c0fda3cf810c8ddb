"""What a learner's memory states depend on beside the reviews: desired retention, weights, whether quizzes count.

The only writer of study plans and course plans. What changes here and acts in states is followed by a fold of the
learner's whole log in the same transaction (`reviews.rebuild`); what acts in the queue alone is not.
"""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import OuterRef, QuerySet, Subquery, UUIDField
from django.db.models.functions import Coalesce

from accounts.models import User
from config.prepared import Prepared
from quizzes.memory.fsrs import DEFAULT_WEIGHTS, Terms, Weights
from quizzes.memory.models import NEW_PER_DAY
from quizzes.memory.planning.candidates import Wishes
from quizzes.models import CoursePlan, Review, StudyPlan

EVIDENCE: Final = frozenset(
    {Review.Source.QUIZ, Review.Source.CHECKPOINT, Review.Source.PRACTICE, Review.Source.CHALLENGE}
)
"""Sources of reviews that were no sitting of the daily review."""


@dataclass(frozen=True, slots=True)
class CourseTerms:
    """None: as elsewhere."""

    desired_retention: float | None
    weights: Weights | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What the states of one learner depend on."""

    learner: uuid.UUID
    desired_retention: float = 0.9
    weights: Weights | None = None
    quiz_evidence: bool = True
    courses: Mapping[uuid.UUID, CourseTerms] = field(default_factory=dict)

    @property
    def is_same_everywhere(self) -> bool:
        """Whether nobody needs to know which course a question is of."""
        return not self.courses

    def terms(self, question: uuid.UUID, course: uuid.UUID | None) -> Terms:
        """The learner's own weights come first, then the course's, then the published ones."""
        special = self.courses.get(course) if course else None
        retention = special.desired_retention if special else None
        weights = self.weights or (special.weights if special else None) or DEFAULT_WEIGHTS
        return Terms(self.learner, question, retention or self.desired_retention, weights)

    def weights_of(self, course: uuid.UUID | None) -> Weights:
        special = self.courses.get(course) if course else None
        return self.weights or (special.weights if special else None) or DEFAULT_WEIGHTS

    def counts(self, source: str) -> bool:
        """Whether a review from there moves this learner's memory."""
        return self.quiz_evidence or source not in EVIDENCE


_COLUMNS: Final = (
    *("pk", "desired_retention", "study_plan__weights", "study_plan__quiz_evidence"),
    *("course_plans__course", "course_plans__desired_retention", "course_plans__weights"),
)


def _rows(users: "QuerySet[User]") -> "QuerySet[User, tuple[Any, ...]]":
    return users.order_by().values_list(*_COLUMNS)


_PLAN = Prepared(lambda pk: _rows(User.objects.filter(pk=pk)), pk=UUIDField())
_LOCKED = Prepared(lambda pk: _rows(User.objects.select_for_update(of=("self",)).filter(pk=pk)), pk=UUIDField())


_DAY_COLUMNS: Final = (
    *_COLUMNS,
    *("study_plan__new_per_day", "study_plan__reviews_per_day", "study_plan__minutes_per_day"),
    *("study_plan__easy_days", "course_plans__exam_on"),
)
_DAY_PLAN = Prepared(
    lambda pk: User.objects.filter(pk=pk).order_by().values_list(*_DAY_COLUMNS),
    pk=UUIDField(),
)


@dataclass(frozen=True, slots=True)
class DayPlan:
    """What one learner's states depend on, and what the learner wants of a day."""

    plan: Plan
    wishes: Wishes

    def desired(self, course: uuid.UUID | None) -> float:
        """Return the desired retention of a course."""
        special = self.plan.courses.get(course) if course else None
        return (special.desired_retention if special else None) or self.plan.desired_retention

    def weights_of(self, course: uuid.UUID | None) -> Weights:
        return self.plan.weights_of(course)


def day_plan_of(user: User) -> DayPlan:
    """Return the plan and the wishes, in one query."""
    rows = _DAY_PLAN(pk=user.pk)
    width = len(_COLUMNS)
    plan = _read([row[:width] for row in rows])[user.pk]
    new, reviews, minutes, easy_days, _exam = rows[0][width:]
    course = _COLUMNS.index("course_plans__course")
    wishes = Wishes(
        new_per_day=NEW_PER_DAY if new is None else new,
        reviews_per_day=reviews,
        minutes_per_day=minutes,
        easy_days={int(weekday): float(share) for weekday, share in (easy_days or {}).items()},
        exams={row[course]: row[-1] for row in rows if row[-1] is not None},
    )
    return DayPlan(plan, wishes)


def plan_of(user: User) -> Plan:
    """Return the plan, in one query."""
    return _read(_PLAN(pk=user.pk))[user.pk]


def lock(user: User) -> Plan:
    """Lock the learner's row for this transaction; return the plan."""
    return _read(_LOCKED(pk=user.pk))[user.pk]


def plans_of(users: Collection[uuid.UUID]) -> dict[uuid.UUID, Plan]:
    return _read(_rows(User.objects.filter(pk__in=users)))


def _read(rows: Any) -> dict[uuid.UUID, Plan]:
    found: dict[uuid.UUID, Plan] = {}
    courses: dict[uuid.UUID, dict[uuid.UUID, CourseTerms]] = {}
    for learner, retention, weights, evidence, course, of_course, prior in rows:
        special = courses.setdefault(learner, {})
        if learner not in found:
            found[learner] = Plan(learner, retention, _weights(weights), evidence is not False, special)
        if course is not None and (of_course is not None or prior is not None):
            special[course] = CourseTerms(of_course, _weights(prior))
    return found


def _weights(stored: list[float] | None) -> Weights | None:
    return tuple(stored) if stored else None


def weights_in_use() -> Coalesce:
    """Of each memory state of a query: the weights that fold it, as `as_weights` reads them."""
    own = StudyPlan.objects.filter(user=OuterRef("user")).values("weights")
    of_course = CoursePlan.objects.filter(user=OuterRef("user"), course=OuterRef("question__course")).values("weights")
    return Coalesce(Subquery(own), Subquery(of_course))


def as_weights(stored: list[float] | None) -> Weights:
    return _weights(stored) or DEFAULT_WEIGHTS


# --- writing: within the caller's transaction, which has the learner locked and folds the log anew afterwards --------


def set_weights(user: User, weights: Weights | None) -> None:
    """Put these weights in use for this learner; None: those of the course, or the published ones."""
    StudyPlan.objects.update_or_create(user=user, defaults={"weights": _stored(weights)})


def set_course_weights(user: User, course: uuid.UUID, weights: Weights | None) -> None:
    """Give a learner the prior of a course, or take it away (None)."""
    CoursePlan.objects.update_or_create(user=user, course_id=course, defaults={"weights": _stored(weights)})


def set_quiz_evidence(user: User, counts: bool) -> None:
    """Whether answers in quizzes move this learner's memory from now on."""
    StudyPlan.objects.update_or_create(user=user, defaults={"quiz_evidence": counts})


def set_sharing(user: User, shares: bool) -> None:
    """Whether this learner's reviews may teach the weights of a course. Acts in no state."""
    StudyPlan.objects.update_or_create(user=user, defaults={"shares_reviews": shares})


def _stored(weights: Weights | None) -> list[float] | None:
    return None if weights is None else list(weights)


def set_wishes(user: User, wishes: Wishes) -> None:
    """Keep what the learner wants of a day, and when exams are. Acts in no state."""
    easy_days = {str(weekday): share for weekday, share in sorted(wishes.easy_days.items()) if share != 1}
    limits = {
        "new_per_day": wishes.new_per_day,
        "reviews_per_day": wishes.reviews_per_day,
        "minutes_per_day": wishes.minutes_per_day,
    }
    StudyPlan.objects.update_or_create(user=user, defaults={**limits, "easy_days": easy_days})
    CoursePlan.objects.filter(user=user).exclude(course__in=wishes.exams).update(exam_on=None)
    for course, on in wishes.exams.items():
        CoursePlan.objects.update_or_create(user=user, course_id=course, defaults={"exam_on": on})


def set_retentions(user: User, desired: float, courses: Mapping[uuid.UUID, float]) -> None:
    """Keep the desired retention (0.7…0.97) everywhere, and of the courses that have one of their own."""
    User.objects.filter(pk=user.pk).update(desired_retention=desired)
    user.desired_retention = desired
    CoursePlan.objects.filter(user=user).exclude(course__in=courses).update(desired_retention=None)
    for course, share in courses.items():
        CoursePlan.objects.update_or_create(user=user, course_id=course, defaults={"desired_retention": share})
