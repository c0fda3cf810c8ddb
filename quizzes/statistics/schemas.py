"""What `GET /quizzes/{id}/statistics/` gives, as strict types."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from quizzes.kinds.base import Html, Strict
from quizzes.statistics.measures import Flag
from quizzes.statistics.moments import Reason


class StatisticsQuery(Strict):
    """`first`: the first attempt of each learner, as the definitions assume. `all`: every attempt on its own."""

    attempts: Literal["first", "all"] = "first"


class FigureValue(Strict):
    """A number, or null and the reason why there is none. Shares are 1 for 100 %."""

    value: float | None
    reason: Reason | None


class WholeQuizStatistics(Strict):
    """`attempts` is how many these numbers are made of. Mean, median, deviation and error are shares of the marks."""

    attempts: int
    mean: FigureValue
    median: FigureValue
    standard_deviation: FigureValue
    skewness: FigureValue
    kurtosis: FigureValue
    internal_consistency: FigureValue
    error_ratio: FigureValue
    standard_error: FigureValue


class GivenAnswer(Strict):
    """`answer` is an id, or what was typed; `text` its wording, if it has one.

    `credit` is the share of the question's mark that it gives or takes; null where it cannot be marked any more.
    """

    answer: str
    text: Html | None
    credit: float | None
    count: int
    share: float


class PartAnalysis(Strict):
    """`part` is empty where the question has no parts. `together`: one attempt gives several of the answers."""

    part: str
    text: Html | None
    together: bool
    unanswered: int
    answers: list[GivenAnswer]


class QuestionStatistics(Strict):
    """`flags` ask an instructor to look: `negative_discrimination`, those who know more get it wrong more often."""

    question: UUID
    version: int
    kind: str
    positions: list[int]
    drawn: bool
    asked_now: bool
    attempts: int
    flags: list[Flag]
    facility: FigureValue
    standard_deviation: FigureValue
    guess_score: FigureValue
    intended_weight: FigureValue
    effective_weight: FigureValue
    discrimination_index: FigureValue
    discriminative_efficiency: FigureValue
    parts: list[PartAnalysis]


class QuizStatisticsReport(Strict):
    """`submitted` attempts of `learners` count as evidence; `which` of them were used."""

    quiz: UUID
    which: Literal["first", "all"]
    submitted: Annotated[int, Field(ge=0)]
    learners: Annotated[int, Field(ge=0)]
    whole: WholeQuizStatistics
    questions: list[QuestionStatistics]
