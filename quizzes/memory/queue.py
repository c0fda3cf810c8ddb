"""What is to be reviewed, and when: reads memory states and the calendar of the learner, writes nothing.

Whatever depends on the day or on other cards acts here (study day, limit of new cards, order), never in the state.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet, UUIDField

from accounts.models import User
from config.prepared import Prepared
from courses.models import Concept, Lesson, Progress
from quizzes.memory import fsrs
from quizzes.models import MemoryState, Question, Review

NEW_PER_DAY: Final = 20
"""How many cards a learner meets for the first time in one study day."""
STEP_AHEAD: Final = timedelta(minutes=2)
"""A learning step this near is asked now, when nothing else is left."""
_SECONDS: Final = {"flashcard": 10}
_SECONDS_TO_ANSWER: Final = 25
"""A guess of how long one card takes, for "about m minutes"."""

_ASKED_STATE: Final = {
    "question__archived_at": None,
    "question__current__isnull": False,
    "question__course__archived_at": None,
}
NEVER_DUE: Final = "challenge"
"""The kind that no card can ask: a challenge that was met moves memory like any answer, but it is never in line."""


@dataclass(frozen=True, slots=True)
class Due:
    """One card in line; `due` is None for a card that is new to the learner."""

    question: uuid.UUID
    kind: str
    due: datetime | None

    @property
    def seconds(self) -> int:
        return _SECONDS.get(self.kind, _SECONDS_TO_ANSWER)


@dataclass(frozen=True, slots=True)
class Today:
    """`ready`: to be answered now, in this order. `waiting`: learning steps that fall due later in the study day."""

    ready: Sequence[Due]
    waiting: Sequence[Due]


@dataclass(frozen=True, slots=True)
class Counts:
    """`due` counts all cards that can be answered now, `new` those of them that are new to the learner."""

    due: int
    new: int
    waiting: int
    minutes: int


@dataclass(frozen=True, slots=True)
class LessonMemory:
    """`recall`: predicted (0…1) now, by concept id. `due`: how many questions of the lesson come up today."""

    recall: Mapping[uuid.UUID, float]
    due: int


def study_day(now: datetime, zone: ZoneInfo, day_start_hour: int) -> tuple[datetime, datetime]:
    """Return begin and end of the learner's study day that `now` lies in."""
    local = now.astimezone(zone)
    day = local.date() - timedelta(days=local.hour < day_start_hour)

    def start_of(days: int) -> datetime:
        date = day + timedelta(days=days)
        return datetime(date.year, date.month, date.day, day_start_hour, tzinfo=zone)

    return start_of(0), start_of(1)


def today(user: User, *, now: datetime) -> Today:
    """Return the cards of today, in at most three queries.

    Steps that are due come first, then reviews (the longest overdue first), new cards, and steps that are almost due.
    """
    begin, end = study_day(now, user.zone, user.day_start_hour)
    steps: list[Due] = []
    reviews: list[Due] = []
    for phase, due in _due_until(user, end):
        (reviews if phase == MemoryState.State.REVIEW else steps).append(due)
    due_steps = [step for step in steps if step.due is not None and step.due <= now]
    near_steps = [step for step in steps if step.due is not None and now < step.due <= now + STEP_AHEAD]
    waiting = [step for step in steps if step.due is not None and step.due > now + STEP_AHEAD]
    return Today([*due_steps, *reviews, *_new(user, begin, NEW_PER_DAY), *near_steps], waiting)


def until(user: User, *, now: datetime, days: int, limit: int) -> list[Due]:
    """Return what falls due up to `days` days after the end of today, and the new cards of all these days."""
    begin, end = study_day(now, user.zone, user.day_start_hour)
    due = [due for _, due in _due_until(user, end + timedelta(days=days), limit)]
    return [*due, *_new(user, begin, NEW_PER_DAY * (days + 1))][:limit]


def counts(user: User, *, now: datetime) -> Counts:
    """Return how much there is to review now: n cards, about m minutes."""
    found = today(user, now=now)
    seconds = sum(due.seconds for due in found.ready)
    return Counts(
        due=len(found.ready),
        new=sum(due.due is None for due in found.ready),
        waiting=len(found.waiting),
        minutes=-(-seconds // 60),
    )


def next_due(user: User) -> datetime | None:
    """Return when the first card comes back."""
    states = MemoryState.objects.by(user.pk).filter(**_ASKED_STATE).exclude(question__kind=NEVER_DUE)
    found = states.order_by("due").values_list("due", flat=True).first()
    return found


def recall_by_lesson(user: User, *, now: datetime) -> dict[uuid.UUID, float]:
    """Return the mean predicted recall (0…1) now of what the learner has answered, by lesson id."""
    states = MemoryState.objects.by(user.pk).filter(question__archived_at=None, question__lesson__isnull=False)
    columns = states.order_by().values_list("question__lesson_id", "stability", "last_review")
    return _mean_recall(columns.iterator(), now)


def recall_by_concept(user: User, concepts: Sequence[Concept], *, now: datetime) -> dict[uuid.UUID, float]:
    """Return the mean predicted recall (0…1) now of each concept that the learner has answered a question of."""
    states = MemoryState.objects.by(user.pk).filter(question__archived_at=None, question__concepts__in=concepts)
    columns = states.order_by().values_list("question__concepts", "stability", "last_review")
    return _mean_recall(columns.iterator(), now)


def of_lesson(user: User, lesson: Lesson, concepts: Sequence[Concept], *, now: datetime) -> LessonMemory:
    """Return what the learner remembers of a lesson and its concepts (asked for in other lessons too), in one query."""
    _, end = study_day(now, user.zone, user.day_start_hour)
    rows = _STATES_OF_LESSON(learner=user.pk, lesson=lesson.pk, concepts=[concept.pk for concept in concepts])
    due: set[uuid.UUID] = set()
    recall: dict[tuple[uuid.UUID, uuid.UUID], tuple[uuid.UUID, float, datetime]] = {}
    wanted = {concept.pk for concept in concepts}
    for question, lesson_id, concept, stability, last_review, falls_due, asked in rows:
        if asked and lesson_id == lesson.pk and falls_due < end:
            due.add(question)
        if concept in wanted:
            recall[question, concept] = (concept, stability, last_review)
    return LessonMemory(_mean_recall(recall.values(), now), len(due))


def _write_states_of_lesson(learner: Any, lesson: Any, concepts: Any) -> QuerySet[MemoryState, tuple[Any, ...]]:
    own = Q(question__lesson=lesson) | Q(question__concepts__id__in=concepts)
    rows = MemoryState.objects.by(learner).filter(own, **_ASKED_STATE).order_by()
    columns = ("question_id", "question__lesson_id", "question__concepts", "stability", "last_review", "due")
    return rows.annotate(asked=~Q(question__kind=NEVER_DUE)).values_list(*columns, "asked")


_STATES_OF_LESSON = Prepared(_write_states_of_lesson, learner=UUIDField(), lesson=UUIDField(), concepts=UUIDField())


def _mean_recall(rows: Iterable[tuple[Any, float, datetime]], now: datetime) -> dict[uuid.UUID, float]:
    recalls: dict[uuid.UUID, list[float]] = defaultdict(list)
    for id_, stability, last_review in rows:
        recalls[id_].append(fsrs.recall(stability, last_review, now))
    return {id_: sum(found) / len(found) for id_, found in recalls.items()}


def _due_until(user: User, end: datetime, limit: int | None = None) -> list[tuple[int, Due]]:
    states = MemoryState.objects.by(user.pk).due(end).filter(**_ASKED_STATE).exclude(question__kind=NEVER_DUE)
    columns = states.values_list("state", "question_id", "question__kind", "due")[:limit]
    return [(phase, Due(question, kind, due)) for phase, question, kind, due in columns]


def _new(user: User, day_begin: datetime, limit: int) -> list[Due]:
    """Return the flashcards of opened lessons, and the learner's own cards, that the learner has never answered, in the
    order of the lessons."""
    opened = Progress.objects.by(user.pk).values("lesson_id")
    known = MemoryState.objects.by(user.pk).filter(question=OuterRef("pk"))
    of_lesson = Q(owner=None, kind="flashcard", lesson__in=opened, lesson__archived_at=None)
    cards = Question.every.visible_to(user.pk).filter(
        ~Exists(known), of_lesson | Q(owner=user.pk), course__archived_at=None
    )
    in_order = cards.order_by("course__slug", "lesson__position", "slug").values_list("id", flat=True)
    found = list(in_order[:limit])
    if not found:
        return []
    left = max(0, limit - _introduced(user, day_begin))
    return [Due(question, "flashcard", None) for question in found[:left]]


def _introduced(user: User, since: datetime) -> int:
    """Return how many flashcards the learner has met for the first time since then."""
    before = Review.objects.by(user.pk).filter(question=OuterRef("question"), effective_at__lt=since)
    today_ = MemoryState.objects.by(user.pk).filter(last_review__gte=since, question__kind="flashcard")
    return today_.filter(~Exists(before)).count()
