"""Practice without an end: the questions of a course, or of one concept, the weakest first. Reads only.

The weakest is what the learner would recall least likely now; what has never been answered is weaker still. What was
answered a moment ago waits, so that nobody answers from the screen before.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.db.models import F, FilteredRelation, Q

from accounts.models import User
from courses.models import Concept, Course, Progress
from quizzes.layouts import UNMARKED
from quizzes.memory import fsrs, plans
from quizzes.models import Question, Review

WAITS: Final = 5
"""How many other questions come before one that was just answered; fewer where there are not as many."""
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Candidate:
    """`recall`: predicted (0…1) now; None for what has never been answered."""

    question: uuid.UUID
    recall: float | None
    last_review: datetime | None

    @property
    def strength(self) -> tuple[float, datetime]:
        return -1.0 if self.recall is None else self.recall, self.last_review or _NEVER


def candidates(user: User, course: Course, concept: Concept | None, *, now: datetime) -> list[Candidate]:
    """Return what may be practised, the weakest first: of a concept all, otherwise of opened lessons."""
    questions = Question.objects.published().filter(course=course, lesson__archived_at=None)
    questions = questions.exclude(kind__in=UNMARKED)
    if concept is not None:
        questions = questions.filter(concepts=concept)
    else:
        questions = questions.filter(lesson__in=Progress.objects.by(user.pk).values("lesson_id"))
    own = FilteredRelation("memory_states", condition=Q(memory_states__user=user.pk))
    rows: Any = questions.annotate(own=own).order_by("lesson__position", "position", "slug")
    columns = rows.values_list("pk", F("own__stability"), F("own__last_review"))
    weights = plans.plan_of(user).weights_of(course.pk)
    found = [
        Candidate(pk, fsrs.recall(stability, last, now, weights) if stability is not None else None, last)
        for pk, stability, last in columns
    ]
    return sorted(found, key=lambda one: one.strength)


def next_question(
    user: User, course: Course, concept: Concept | None, *, now: datetime, after: Sequence[uuid.UUID] = ()
) -> uuid.UUID | None:
    """Return the question to ask now; None where there is none. `after`: what the page has just shown."""
    found = [one.question for one in candidates(user, course, concept, now=now)]
    if not found:
        return None
    latest = Review.objects.by(user.pk).filter(rating__isnull=False).order_by("-sequence")
    recent = [*after, *latest.values_list("question", flat=True)[:WAITS]]
    waiting = list(dict.fromkeys(question for question in recent if question in found))[: len(found) - 1]
    return next(question for question in found if question not in waiting)
