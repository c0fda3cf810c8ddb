"""The words of the line: what stands in it, why, and what the learner wants of a day. Pure."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from quizzes.memory import fsrs
from quizzes.memory.fsrs import DEFAULT_WEIGHTS, Phase, Weights

_DAY: Final = timedelta(days=1)


class Why(StrEnum):
    """Why a card is asked now."""

    STEP = "step"
    DUE = "due"
    CHANGED = "changed"
    EXAM = "exam"
    EARLY = "early"
    NEW = "new"
    LATER = "later"


class Because(StrEnum):
    """Why a card is not asked today though it could be."""

    REVIEWS = "reviews_per_day"
    MINUTES = "minutes_per_day"
    EVEN = "even_days"
    SIBLING = "sibling"
    BURIED = "buried"


class Due(NamedTuple):
    """One card in line. `due` is None for a card that is new to the learner.

    `seconds`: about how long it takes. `lesson`: of which it is. `exam_in`: days until the exam that it is asked for.
    """

    question: uuid.UUID
    kind: str
    due: datetime | None
    why: Why = Why.DUE
    seconds: int = 0
    lesson: uuid.UUID | None = None
    exam_in: int | None = None


class LeftOut(NamedTuple):
    """A card that would be in line today, and why it is not."""

    question: uuid.UUID
    kind: str
    due: datetime | None
    because: Because


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a learner wants of a day; None is no limit. `easy_days`: weekday (0 Monday) → share 0…1 of a day's load.
    `exams`: course → the day of its exam."""

    new_per_day: int = 20
    reviews_per_day: int | None = None
    minutes_per_day: int | None = None
    easy_days: Mapping[int, float] = field(default_factory=dict)
    exams: Mapping[uuid.UUID, date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StudyDay:
    """Its begin and end, and the date it is called by."""

    begin: datetime
    end: datetime
    date: date

    def day_of(self, moment: datetime) -> int:
        """Return the day that a moment lies in: 0 today (its end included), 1 tomorrow, negative before."""
        return -((self.end - moment) // _DAY)

    def share(self, day: int, easy_days: Mapping[int, float]) -> float:
        return easy_days.get((self.date + timedelta(days=day)).weekday(), 1.0)


class Candidate(NamedTuple):
    """A memory state as the line sees it. `is_introduced`: met for the first time in this study day.

    `is_changed`: its text changed after it was answered last. `desired` retention 0.7…0.97 of its course.
    """

    question: uuid.UUID
    kind: str
    course: uuid.UUID
    lesson: uuid.UUID | None
    phase: Phase
    due: datetime
    last_review: datetime
    stability: float
    concepts: frozenset[uuid.UUID] = frozenset()
    is_changed: bool = False
    is_buried: bool = False
    is_introduced: bool = False
    desired: float = 0.9
    weights: Weights = DEFAULT_WEIGHTS

    def recall(self, at: datetime) -> float:
        return fsrs.recall(self.stability, self.last_review, at, self.weights)

    @property
    def interval(self) -> int:
        return (self.due - self.last_review) // _DAY


@dataclass(frozen=True, slots=True)
class NewCard:
    question: uuid.UUID
    lesson: uuid.UUID | None
    concepts: frozenset[uuid.UUID] = frozenset()
    kind: str = "flashcard"


@dataclass(frozen=True, slots=True)
class Line:
    """`ready`: to be answered now, in this order. `waiting`: steps that fall due later in the study day.

    `done`: how many cards have been answered today. `seconds`: about how long all of today takes, what is done
    included.
    """

    ready: Sequence[Due]
    waiting: Sequence[Due]
    left_out: Sequence[LeftOut]
    done: int
    seconds: int


Pace = Callable[[str], int]
"""Kind → about how many seconds one card takes."""
