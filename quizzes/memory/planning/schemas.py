"""What the API of the study plan takes and gives; the OpenAPI document is made from these types."""

from datetime import date
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from quizzes.kinds.base import Strict

SHARES: Final = (0.0, 0.5, 1.0)
MOST_COURSES: Final = 200


def _share(value: float) -> float:
    if value not in SHARES:
        raise ValueError("A day has the share 0, 0.5 or 1 of an ordinary day.")
    return value


Weekday = Literal["0", "1", "2", "3", "4", "5", "6"]
Share = Annotated[float, AfterValidator(_share)]
Retention = Annotated[float, Field(ge=0.7, le=0.97)]
Day = Annotated[date, Field(strict=False)]


class CoursePlanBody(Strict):
    """What the learner wants of one course (its slug). `desired_retention` null: as everywhere else.

    `exam_on`: in the two weeks before, its cards are asked so that they are known on that day; a day that has passed
    asks for nothing.
    """

    course: Annotated[str, Field(max_length=100)]
    desired_retention: Retention | None = None
    exam_on: Day | None = None


class StudyPlanBody(Strict):
    """The whole plan. Null is no limit. `easy_days`: weekday ("0" Monday … "6" Sunday) → the share of an ordinary day's
    reviews, 0, 0.5 or 1; a weekday that is left out is ordinary. A course that is left out has nothing of its own."""

    desired_retention: Retention
    new_per_day: Annotated[int, Field(ge=0, le=500)]
    reviews_per_day: Annotated[int, Field(ge=1, le=5000)] | None
    minutes_per_day: Annotated[int, Field(ge=1, le=600)] | None
    easy_days: dict[Weekday, Share]
    courses: Annotated[list[CoursePlanBody], Field(max_length=MOST_COURSES)]

    @model_validator(mode="after")
    def _leaves_a_day(self) -> Self:
        if len(self.easy_days) == 7 and not any(self.easy_days.values()):
            raise ValueError("At least one day of the week must be left.")
        slugs = [one.course for one in self.courses]
        if len(set(slugs)) < len(slugs):
            raise ValueError("A course stands in the list once.")
        return self


class ExamOutlook(Strict):
    """What lies before an exam, as things stand. `cards`: to be asked before it, `unseen` of them for the first time.

    `short`: how many of them the daily limits leave out; `more_a_day`: how many more a day it takes to ask them too.
    """

    days_left: int
    cards: int
    unseen: int
    short: int
    more_a_day: int


class CoursePlanShown(CoursePlanBody):
    """`exam`: null without one, or when it has passed."""

    title: str
    exam: ExamOutlook | None


class WorkloadShown(Strict):
    """What a desired retention costs: means over 90 simulated days. `recall`: of all cards, 0…1, at their end."""

    desired_retention: float
    reviews_per_day: float
    minutes_per_day: float
    recall: float


class ForecastDay(Strict):
    """How many cards fall due on a study day as things stand, before limits and even days; today with all that is
    overdue. New cards, and what reviews lead to, are not foreseen. `minutes`: about how long they take."""

    on: date
    reviews: int
    minutes: int


class StudyPlanShown(Strict):
    """The plan as it stands. `courses`: all that the learner has begun. `forecast`: the next 30 days, today first."""

    desired_retention: float
    new_per_day: int
    reviews_per_day: int | None
    minutes_per_day: int | None
    easy_days: dict[Weekday, float]
    courses: list[CoursePlanShown]
    workload: list[WorkloadShown]
    forecast: list[ForecastDay]
