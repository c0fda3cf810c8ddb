"""What a learner's memory states depend on beside the reviews: desired retention, weights, whether quizzes count.

The only writer of study plans and course plans. What changes here and acts in states is followed by a fold of the
learner's whole log in the same transaction (`reviews.rebuild`); what acts in the queue alone is not.
"""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import QuerySet, UUIDField

from accounts.models import User
from config.prepared import Prepared
from quizzes.memory.fsrs import DEFAULT_WEIGHTS, Terms, Weights
from quizzes.models import Review

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
