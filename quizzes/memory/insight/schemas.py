"""What the API of Today and Statistics gives; the OpenAPI document is made from these types."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from quizzes.kinds.base import Strict
from quizzes.memory.insight.outlook import Part
from quizzes.memory.planning.candidates import Because, Why

Share = Annotated[float, Field(ge=0, le=1)]


class PartOfDay(Strict):
    """`minutes`: about how long these cards take, rounded up."""

    part: Part
    cards: int
    minutes: int


class FirstCard(Strict):
    """One of the first cards in line, and why it is asked now. `asks`: its question in plain words.

    `due` is null for a new card; `days_overdue` are study days. `predicted_recall` is null for a card in a learning
    step or a new one. `exam_in_days`: where `why` is `exam`. `lesson`: the title of the lesson a new card is from.
    """

    question: UUID
    kind: str
    asks: str
    why: Why
    due: datetime | None
    days_overdue: int
    predicted_recall: Share | None
    desired_retention: Share
    exam_in_days: int | None
    lesson: str


class WaitingStep(Strict):
    question: UUID
    due: datetime


class LeftOutCards(Strict):
    """How many cards could be asked today and are not, and why."""

    because: Because
    cards: int


class LessonAhead(Strict):
    """`minutes`: to read what is left. `fits`: whether the learner's minutes of today allow it."""

    lesson: UUID
    title: str
    course: str
    slug: str
    minutes: int
    is_begun: bool
    fits: bool


class MemoryToday(Strict):
    """`ready` cards can be answered now and take about `minutes`; `new` of them are new. `done`: answered today.

    `minutes_per_day`: the learner's own limit, null for none. `suspended`: cards of all days that the learner has
    suspended. `next_due`: when the first card comes back; null while any is ready, and before any review.
    """

    begin: datetime
    end: datetime
    ready: int
    new: int
    minutes: int
    done: int
    minutes_per_day: int | None
    parts: list[PartOfDay]
    first: list[FirstCard]
    waiting: list[WaitingStep]
    left_out: list[LeftOutCards]
    suspended: int
    lesson: LessonAhead | None
    next_due: datetime | None


class Tallied(Strict):
    """`came_back`: of the reviews those that memory counts and that came a day or more after the one of the same
    question before; `recalled` of these. `retention` is their share, null where nothing came back."""

    reviews: int
    minutes: float
    came_back: int
    recalled: int
    retention: Share | None


class DayOfReviews(Strict):
    """A study day with reviews, in the learner's time zone."""

    day: date
    tally: Tallied


class WeekOfReviews(Strict):
    """`first` is its Monday."""

    first: date
    days_studied: int
    tally: Tallied


class HourOfReviews(Strict):
    """`hour` of the clock, 0…23."""

    hour: int
    tally: Tallied


class DayOfLoad(Strict):
    day: date
    cards: int


class StabilityBin(Strict):
    """Cards with a stability of `at_least` days and less than `below`; null: no bound."""

    at_least: float
    below: float | None
    cards: int


class DifficultyBin(Strict):
    """`difficulty` rounded, 1 easy … 10 hard."""

    difficulty: int
    cards: int


class MemoryStatistics(Strict):
    """Of all reviews that were not taken back; of one course, if `course` is not null.

    `days`: of the last 53 weeks, those with reviews, and `weeks` the last 26 of all; `hours` of all time. `upcoming`:
    how many cards come back on each of the next 30 days, overdue ones today. Runs are of study days in a row; a
    current run that today can go on has not ended. `median_stability` in days, null before any review.
    """

    course: str | None
    time_zone: str
    today: date
    desired_retention: Share
    all_time: Tallied
    last_30_days: Tallied
    days_studied_of_last_30: int
    longest_run: int
    current_run: int
    days: list[DayOfReviews]
    weeks: list[WeekOfReviews]
    hours: list[HourOfReviews]
    upcoming: list[DayOfLoad]
    cards: int
    median_stability: float | None
    stability: list[StabilityBin]
    difficulty: list[DifficultyBin]


class StatisticsOfCourse(Strict):
    course: str = ""
