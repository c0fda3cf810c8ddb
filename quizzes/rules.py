"""How a quiz is sat and marked: what its author sets, and what follows from it. Pure: `now` is passed in."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from math import fsum
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BeforeValidator, Field, model_validator

from quizzes.kinds.base import Strict

CERTAINTIES = (1, 2, 3)
"""Unsure, fairly sure, certain."""

_CERTAIN_RIGHT = {1: 1 / 3, 2: 2 / 3, 3: 1.0}
_CERTAIN_WRONG = {1: 0.0, 2: -2 / 3, 3: -2.0}
NO_LIMIT = 10_000


class Phase(StrEnum):
    """When something of an attempt is looked at."""

    DURING = "during"
    AFTER = "after"
    CLOSED = "closed"


def _moment(value: Any) -> Any:
    """YAML and JSON write a moment as text; what is stored is text."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]
Phases = Annotated[list[Literal["during", "after", "closed"]], Field(max_length=3)]


class Shown(Strict):
    """When a learner sees what: while the attempt goes on, after it is submitted, after the quiz has closed.

    While it goes on there is only something to see where answers are marked at once.
    """

    marks: Phases = ["during", "after", "closed"]
    answers: Phases = ["during", "after", "closed"]
    feedback: Phases = ["during", "after", "closed"]


class Rules(Strict):
    """What the author of a quiz sets. Without any: marked at once, as often and as long as one likes.

    `behaviour`: `immediate` marks each first answer at once; `tries` lets a question be tried again, each miss costing
    `penalty` of its mark; `deferred` keeps answers, which may be changed, and marks them at the end.
    `certainty` asks with each answer how sure the learner is, and marks by it.
    `time_limit` and `grace` are in seconds, by the clock of the server; `passing` is a share of the maximum mark.
    `counted` says which of several attempts is the result.
    """

    behaviour: Literal["immediate", "tries", "deferred"] = "immediate"
    certainty: bool = False
    tries: Annotated[int, Field(ge=2, le=10)] = 3
    penalty: Annotated[float, Field(ge=0, le=1)] = 1 / 3
    time_limit: Annotated[int | None, Field(ge=10, le=7 * 24 * 3600)] = None
    grace: Annotated[int, Field(ge=0, le=3600)] = 30
    attempts: Annotated[int | None, Field(ge=1, le=NO_LIMIT)] = None
    counted: Literal["highest", "latest", "first", "mean"] = "highest"
    opens: Moment | None = None
    closes: Moment | None = None
    passing: Annotated[float | None, Field(gt=0, le=1)] = None
    shuffle_choices: bool = False
    shuffle_questions: bool = False
    shown: Shown = Shown()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.opens and self.closes and self.closes <= self.opens:
            raise ValueError("the quiz closes before it opens")
        if self.certainty and self.behaviour == "tries":
            raise ValueError("certainty has no place where a question may be tried again")
        return self

    @property
    def marks_at_once(self) -> bool:
        return self.behaviour != "deferred"

    def is_open(self, now: datetime) -> bool:
        return not self.is_early(now) and not self.is_closed(now)

    def is_early(self, now: datetime) -> bool:
        return self.opens is not None and now < self.opens

    def is_closed(self, now: datetime) -> bool:
        return self.closes is not None and now >= self.closes

    def expiry(self, started_at: datetime) -> datetime | None:
        """When an attempt ends by itself: after its time, or when the quiz closes; None if never."""
        limit = started_at + timedelta(seconds=self.time_limit) if self.time_limit else None
        return min((moment for moment in (limit, self.closes) if moment), default=None)

    def last_moment(self, expires_at: datetime) -> datetime:
        """Until when an answer is still taken: what was sent in time may take a while to arrive."""
        return expires_at + timedelta(seconds=self.grace)

    def phase(self, submitted_at: datetime | None, now: datetime) -> Phase:
        if submitted_at is None:
            return Phase.DURING
        return Phase.CLOSED if self.is_closed(now) else Phase.AFTER

    def mark(self, score: float, worth: float, *, tries: int = 1, certainty: int | None = None) -> float:
        """Return the mark of an answer that scored 0…1 in a slot worth `worth`.

        Each try before takes `penalty` of the mark. With certainty it is, after Gardner-Medwin's 1/2/3 for right and
        0/−2/−6 for wrong, in thirds: a third, two thirds or all of the score; wrong costs nothing, two thirds or twice
        the mark. An answer without a stated certainty counts as unsure.
        """
        if self.certainty:
            sure = certainty or CERTAINTIES[0]
            return worth * (_CERTAIN_RIGHT[sure] * score if score > 0 else _CERTAIN_WRONG[sure])
        if self.behaviour == "tries":
            return worth * max(0.0, score - self.penalty * (tries - 1))
        return worth * score

    def passed(self, score: float, max_score: float) -> bool | None:
        """None where there is nothing to pass."""
        if self.passing is None:
            return None
        return score >= self.passing * max_score - 1e-9

    def result(self, shares: Sequence[float]) -> float | None:
        """Return the result of several attempts, given as shares of their maximum in the order they were begun."""
        if not shares:
            return None
        if self.counted == "mean":
            return sum(shares) / len(shares)
        return {"highest": max(shares), "first": shares[0], "latest": shares[-1]}[self.counted]


def total(marks: Sequence[float]) -> float:
    """Return the score of an attempt: the sum of its marks, in whatever order, never below 0."""
    return max(0.0, fsum(marks))


class Draw(Strict):
    """Which questions of the course a random slot may ask. What is left out does not matter."""

    concept: str | None = None
    kind: str | None = None
    difficulty: Annotated[int | None, Field(ge=1, le=3)] = None
    lesson: str | None = None

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("a draw names a concept, a kind, a difficulty or a lesson")
        return self
