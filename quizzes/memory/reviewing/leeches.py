"""Cards that are forgotten again and again: when one is such a leech, and what helps then. Reads only.

Anki calls a card a leech at its 8th lapse, suspends it, and repeats itself every 4 further. That is for decks that are
reviewed for years. FSRS asks a card when recall has fallen to about 90 %, so a card in order lapses in one review of
ten: after ten reviews (with FSRS, a year or two) it has 4 lapses or more with a probability of 1.3 %, and 8 with less
than one in a million. A learner would be done with the course before the 8th. So here it is the 4th lapse, or the 3rd
where lapses are a third of all reviews, and every 2 further. Nothing is suspended: the learner is shown the paragraph
and another question on the same concept, for a card that does not stick is mostly one that was never understood.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, Sum, When

from accounts.models import User
from courses.models import Course
from quizzes.layouts import UNMARKED
from quizzes.models import CardMark, MemoryState, Question

LAPSES: Final = 4
"""So many lapses make a leech, whatever else was recalled."""
FEW_LAPSES: Final = 3
SHARE: Final = 3
"""`FEW_LAPSES` do where every `SHARE`-rd review, or more, was a lapse."""
TOLD_EVERY: Final = 2
"""After so many further lapses the learner is told once more."""

_LEECH: Final = Q(lapses__gte=LAPSES) | Q(lapses__gte=FEW_LAPSES, reps__lte=F("lapses") * SHARE)
"""The rule of `is_leech`, asked of memory states."""


@dataclass(frozen=True)
class Help:
    """What may help with a leech: a concept of it to practise, and another question on that, of another kind."""

    concept: str
    sibling: uuid.UUID | None


@dataclass(frozen=True)
class CourseLeech:
    """A question of a course that is a leech for so many `learners`, of the `memories` (learners who know it)."""

    question: Question
    learners: int
    lapses: int
    memories: int


def is_leech(lapses: int, reps: int) -> bool:
    """Whether a card with so many lapses among so many reviews is a leech."""
    return lapses >= LAPSES or (lapses >= FEW_LAPSES and reps <= lapses * SHARE)


def is_news(lapses: int, reps: int, told_at: int) -> bool:
    """Whether the learner is to be told, who was last told at `told_at` lapses (0: never)."""
    return is_leech(lapses, reps) and (not told_at or lapses >= told_at + TOLD_EVERY)


def help_with(user: User, question: Question) -> Help | None:
    """Return what may help, in one query; None for a question without a concept.

    The sibling is one that the review can mark, of the same lesson if there is one, and not suspended.
    """
    others = Question.objects.published().filter(
        concepts=OuterRef("pk"), course=question.course_id, lesson__archived_at=None
    )
    others = others.exclude(kind__in=[question.kind, *UNMARKED]).exclude(pk=question.pk)
    suspended = CardMark.objects.by(user.pk).filter(question=OuterRef("pk"), suspended_at__isnull=False)
    here = Case(When(lesson=question.lesson_id, then=0), default=1)
    nearest: Any = others.filter(~Exists(suspended)).order_by(here, "lesson__position", "position", "slug")
    concepts = question.concepts.filter(archived_at=None).annotate(sibling=Subquery(nearest.values("pk")[:1]))
    found = list(concepts.order_by(F("sibling").asc(nulls_last=True), "slug").values_list("slug", "sibling")[:1])
    return Help(*found[0]) if found else None


def of_course(course: Course) -> list[CourseLeech]:
    """Return the course's leeches, those of most learners first, in four queries. Cards that learners made for
    themselves are nobody else's business."""
    states = MemoryState.objects.filter(question__course=course, question__owner=None, question__archived_at=None)
    counted = states.filter(_LEECH).order_by().values("question")
    rows = list(
        counted.annotate(learners=Count("user"), total=Sum("lapses")).values_list("question", "learners", "total")
    )
    ids = [question for question, *_ in rows]
    memories: Mapping[uuid.UUID, int] = dict(
        states.filter(question__in=ids).order_by().values_list("question").annotate(count=Count("user"))
    )
    questions = _questions(ids)
    found = [
        CourseLeech(questions[question], learners, lapses, memories[question]) for question, learners, lapses in rows
    ]
    return sorted(found, key=lambda leech: (-leech.learners, -leech.lapses, leech.question.slug))


def _questions(ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Question]:
    related = Question.objects.select_related("current", "course", "section__lesson__course", "lesson")
    return related.prefetch_related("lesson__bodies").in_bulk(ids)
