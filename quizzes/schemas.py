"""What the API of quizzes and attempts takes and gives, as strict types; the OpenAPI document is made from them."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from quizzes.kinds import AnyKey, AnyPublic, AnyResponse
from quizzes.kinds.base import Html, Strict


def _text(value: Any) -> Any:
    """JSON has no ids and no instants: only texts may become one, never a number."""
    if not isinstance(value, str | UUID | datetime):
        raise ValueError("Input should be a string")
    return value


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("This moment lies outside the calendar.") from None


IdText = Annotated[UUID, Field(strict=False), BeforeValidator(_text)]
InstantText = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_text), AfterValidator(_in_utc)]


class GivenResponse(Strict):
    """One answer. `version` and `answered_at` matter to an app that was offline."""

    slot: IdText
    response: Any = Field(json_schema_extra={"description": "As the kind of the question has it."})
    version: Annotated[int | None, Field(ge=1, le=2**31 - 1)] = None
    answered_at: InstantText | None = None
    elapsed_ms: Annotated[int | None, Field(ge=0, le=2**31 - 1)] = None


class AttemptBody(Strict):
    quiz: IdText
    responses: Annotated[list[GivenResponse], Field(max_length=200)] = []


class LessonLink(Strict):
    """Where it is explained: the lesson, and the address of the paragraph on this site."""

    lesson: UUID
    section: str | None
    url: str


class PublicSlot(Strict):
    id: UUID
    position: int
    question: UUID
    version: int
    concepts: list[str]
    body: AnyPublic


class PublicQuiz(Strict):
    id: UUID
    title: str
    lesson: UUID
    course: str
    locale: str
    slots: list[PublicSlot]


class Outcome(Strict):
    """The mark of one slot, 0…1. `key` is the right answer.

    `feedback` is to be read in this order; `beside` is what stands beside one part each.
    """

    slot: UUID
    version: int
    response: AnyResponse
    score: float
    parts: dict[str, bool]
    feedback: list[Html]
    beside: dict[str, Html]
    key: AnyKey | None
    explained_in: LessonLink | None
    answered_at: datetime


class SlotProblem(Strict):
    pointer: str
    code: str
    detail: str


class SavedResponse(Strict):
    """`conflict`: another answer was there before; `outcome` is that of the first, which stands."""

    slot: UUID
    status: Literal["created", "duplicate", "conflict", "rejected"]
    problem: SlotProblem | None
    outcome: Outcome | None


class AttemptState(Strict):
    """`score` is null until the attempt is submitted. `preview`: an instructor's, which counts nowhere."""

    id: UUID
    quiz: UUID
    started_at: datetime
    submitted_at: datetime | None
    score: float | None
    max_score: float
    preview: bool


class SavedAttempt(AttemptState):
    results: list[SavedResponse]


class AttemptPlace(Strict):
    slot: UUID
    position: int
    version: int
    answered: bool


class PublicAttempt(AttemptState):
    places: list[AttemptPlace]
    responses: list[Outcome]


class ReviewedSlot(Strict):
    slot: UUID
    position: int
    question: UUID
    body: AnyPublic
    outcome: Outcome | None
    key: AnyKey | None
    explained_in: LessonLink | None


class AttemptReview(AttemptState):
    """`missed` questions are in the learner's review; the first is due at `next_due`."""

    slots: list[ReviewedSlot]
    missed: int
    next_due: datetime | None
