"""The rows that the line of a learner is made of. Each function is one query and touches this learner's rows only."""

import statistics
import uuid
from collections import defaultdict
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from django.db.models import (
    BooleanField,
    Case,
    DateTimeField,
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    UUIDField,
    Value,
    When,
)

from accounts.models import User
from config.prepared import Prepared
from courses.models import Progress
from quizzes.memory.fsrs import Phase, Weights
from quizzes.memory.planning.candidates import Candidate, NewCard, Pace, StudyDay
from quizzes.memory.planning.exams import EXAM_DAYS
from quizzes.memory.plans import DayPlan
from quizzes.models import CardMark, MemoryState, Question, Review

SECONDS: Final = {"flashcard": 10}
SECONDS_TO_ANSWER: Final = 25
"""A guess of how long one card takes, where the learner has not shown it yet."""
ENOUGH_ANSWERS: Final = 10
"""So many timed answers of a kind say more than the guess."""
_TIMED: Final = 300
_LONGEST_MS: Final = 120_000
"""Who takes longer has left the page open."""

ASKED: Final = {
    "question__archived_at": None,
    "question__current__isnull": False,
    "question__course__archived_at": None,
}
NEVER_DUE: Final = "challenge"
"""The kind that no card can ask: a challenge that was met moves memory like any answer, but it is never in line."""


def usual_pace(kind: str) -> int:
    """Return about how many seconds one card of this kind takes anybody."""
    return SECONDS.get(kind, SECONDS_TO_ANSWER)


def pace(user: User, before: datetime) -> Pace:
    """Return the learner's own pace: the median time of each kind among the last answers given before that moment,
    where enough of them were timed. Asked with the begin of the study day, it stands all day."""
    times: dict[str, list[int]] = defaultdict(list)
    for kind, elapsed in _TIMES(user=user.pk, before=before):
        if elapsed and elapsed <= _LONGEST_MS:
            times[kind].append(elapsed)
    own = {
        kind: max(1, round(statistics.median(found) / 1000))
        for kind, found in times.items()
        if len(found) >= ENOUGH_ANSWERS
    }
    return lambda kind: own.get(kind) or usual_pace(kind)


def _write_times(user: Any, before: Any) -> "QuerySet[Review, tuple[str, int | None]]":
    """However few of them were timed, no more than the last rows of the log are looked at."""
    last = Review.objects.by(user).filter(received_at__lt=before).order_by("-sequence")
    return last.values_list("question__kind", "elapsed_ms")[:_TIMED]


_TIMES = Prepared(_write_times, user=UUIDField(), before=DateTimeField())


def states(user: User, plan: DayPlan, study: StudyDay, until: datetime, now: datetime) -> list[Candidate]:
    """Return the states that are due by `until`, were answered in this study day, have changed, or are of a course
    with an exam near; without those that are suspended."""
    exams = [course for course, on in plan.wishes.exams.items() if 0 < (on - study.date).days <= EXAM_DAYS]
    rows = _STATES(user=user.pk, begin=study.begin, end=study.end, until=until, exams=exams)
    concepts: dict[uuid.UUID, list[uuid.UUID]] = {}
    first = []
    for row in rows:
        concept, question = row[:2]
        if (known := concepts.get(question)) is not None:
            known.append(concept)
        else:
            concepts[question] = [] if concept is None else [concept]
            first.append(row[1:])
    terms = _Terms(plan)
    return [
        Candidate(
            *(question, kind, course, lesson, _PHASES[phase], due, last, stability, frozenset(concepts[question])),
            is_changed=bool(changed),
            is_buried=buried is not None and buried > now,
            is_introduced=not seen,
            desired=terms[course][0],
            weights=terms[course][1],
        )
        for question, kind, course, lesson, phase, due, last, stability, changed, buried, seen in first
    ]


_PHASES: Final = {phase.value: phase for phase in Phase}


class _Terms(dict[uuid.UUID, tuple[float, Weights]]):
    """Course → desired retention and weights; thousands of rows are of a few courses."""

    def __init__(self, plan: DayPlan) -> None:
        self._plan = plan

    def __missing__(self, course: uuid.UUID) -> tuple[float, Weights]:
        found = self[course] = self._plan.desired(course), self._plan.weights_of(course)
        return found


def _write_states(user: Any, begin: Any, end: Any, until: Any, exams: Any) -> QuerySet[MemoryState, tuple[Any, ...]]:
    """Of what is only near (due after the end of the day) the lesson and the concepts are not read: there are many."""
    changed = Q(
        question__owner=None,
        question__current__number__gt=1,
        question__current__created_at__gt=F("last_review"),
        state=MemoryState.State.REVIEW,
    )
    today = Q(due__lte=end) | Q(last_review__gte=begin) | changed | Q(question__course__id__in=exams)
    before = Review.objects.by(user).filter(question=OuterRef("question"), effective_at__lt=begin)
    rows: Any = MemoryState.objects.by(user).annotate(
        mark=FilteredRelation("question__card_marks", condition=Q(question__card_marks__user=user))
    )
    return (  # type: ignore[no-any-return]
        rows.filter(today | Q(due__lte=until), mark__suspended_at=None, **ASKED)
        .exclude(question__kind=NEVER_DUE)
        .annotate(
            concept=Case(When(today, then=F("question__concepts")), output_field=UUIDField()),
            lesson=Case(When(today, then=F("question__lesson_id")), output_field=UUIDField()),
            has_changed=Case(When(changed, then=Value(True)), default=Value(False), output_field=BooleanField()),
            seen_before=Case(When(last_review__gte=begin, then=Exists(before)), default=Value(True)),
        )
        .order_by()
        .values_list(
            *("concept", "question_id", "question__kind", "question__course_id", "lesson"),
            *("state", "due", "last_review", "stability", "has_changed", "mark__buried_until", "seen_before"),
        )
    )


_STATES = Prepared(
    _write_states,
    user=UUIDField(),
    begin=DateTimeField(),
    end=DateTimeField(),
    until=DateTimeField(),
    exams=UUIDField(),
)


def new(user: User, most: int, now: datetime) -> list[NewCard]:
    """Return flashcards of opened lessons, and the learner's own cards, that the learner has never answered, in the
    order of the lessons; a few more than `most`, so that siblings can wait. Without what is suspended or buried."""
    concepts: dict[uuid.UUID, set[uuid.UUID]] = {}
    lessons: dict[uuid.UUID, uuid.UUID | None] = {}
    for question, lesson, concept in _unseen_rows(most * _ROWS_A_CARD)(user=user.pk, now=now):
        lessons[question] = lesson
        concepts.setdefault(question, set()).update([concept] if concept else [])
    return [NewCard(question, lessons[question], frozenset(found)) for question, found in concepts.items()]


_ROWS_A_CARD: Final = 6


@lru_cache(maxsize=64)
def _unseen_rows(most: int) -> "Prepared[tuple[uuid.UUID, uuid.UUID | None, uuid.UUID | None]]":
    return Prepared(
        lambda user, now: _unseen(user, now).values_list("id", "lesson_id", "concepts")[:most],
        user=UUIDField(),
        now=DateTimeField(),
    )


def _unseen(user: Any, now: Any) -> "QuerySet[Question]":
    opened = Progress.objects.by(user).values("lesson_id")
    known = MemoryState.objects.by(user).filter(question=OuterRef("pk"))
    held = CardMark.objects.by(user).filter(
        Q(suspended_at__isnull=False) | Q(buried_until__gt=now), question=OuterRef("pk")
    )
    of_lesson = Q(owner=None, kind="flashcard", lesson__in=opened, lesson__archived_at=None)
    cards = Question.every.visible_to(user).filter(
        ~Exists(known), ~Exists(held), of_lesson | Q(owner=user), course__archived_at=None
    )
    return cards.order_by("course__slug", "lesson__position", "slug")


def due_dates(user: User, end: datetime) -> list[tuple[datetime, str]]:
    """Return when what is due by `end` falls due, and its kind; without what is suspended."""
    return list(_asked(user.pk).filter(due__lte=end).order_by().values_list("due", "question__kind"))


def first_due(user: User) -> datetime | None:
    """Return when the first card comes back that is not suspended."""
    found = _FIRST_DUE.first(user=user.pk)
    return found[0] if found else None


def _asked(user: Any) -> "QuerySet[MemoryState]":
    held = CardMark.objects.by(user).filter(question=OuterRef("question"), suspended_at__isnull=False)
    return MemoryState.objects.by(user).filter(~Exists(held), **ASKED).exclude(question__kind=NEVER_DUE)


_FIRST_DUE = Prepared(lambda user: _asked(user).order_by("due").values_list("due")[:1], user=UUIDField())
