"""What the API of quizzes and attempts takes and gives, as strict types; the OpenAPI document is made from them."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from quizzes.kinds import AnyKey, AnyPublic, AnyResponse
from quizzes.kinds.base import Html, Strict
from quizzes.regrading.notices import Notice


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
    certainty: Annotated[int | None, Field(ge=1, le=3)] = None
    sequence: Annotated[int | None, Field(ge=0, le=2**53 - 1)] = None


class AttemptBody(Strict):
    """`responses` are marked, or kept for the end, as the rules have it; `drafts` are only kept, whatever they say."""

    quiz: IdText
    responses: Annotated[list[GivenResponse], Field(max_length=200)] = []
    drafts: Annotated[list[GivenResponse], Field(max_length=200)] = []


class LessonLink(Strict):
    """Where it is explained: the lesson, and the address of the paragraph on this site."""

    lesson: UUID
    section: str | None
    url: str


class PublicSlot(Strict):
    """Question, version and body are null in a slot that draws its question when an attempt starts."""

    id: UUID
    position: int
    worth: float
    question: UUID | None
    version: int | None
    concepts: list[str]
    body: AnyPublic | None


class PublicRules(Strict):
    """How the quiz is sat. Times are in seconds; `passing` is a share of the maximum mark."""

    behaviour: Literal["immediate", "tries", "deferred"]
    certainty: bool
    tries: int | None
    penalty: float | None
    time_limit: int | None
    attempts: int | None
    counted: Literal["highest", "latest", "first", "mean"]
    opens: datetime | None
    closes: datetime | None
    passing: float | None


class PublicQuiz(Strict):
    id: UUID
    title: str
    lesson: UUID
    course: str
    locale: str
    rules: PublicRules
    slots: list[PublicSlot]


class Outcome(Strict):
    """What was given in one slot, and what it is worth: `score` 0…1, `mark` of at most `worth`.

    `key` is the right answer. `feedback` is to be read in this order; `beside` is what stands beside one part each.
    What the rules of the quiz do not show now is null or empty.
    """

    slot: UUID
    version: int
    response: AnyResponse
    certainty: int | None
    tries: int
    score: float | None
    mark: float | None
    worth: float
    parts: dict[str, bool]
    feedback: list[Html]
    beside: dict[str, Html]
    key: AnyKey | None
    explained_in: LessonLink | None
    answered_at: datetime


class TriedOutcome(Strict):
    """The last try at a question that may be tried again `left` times: what it was worth, never the right answer."""

    slot: UUID
    response: AnyResponse
    score: float | None
    feedback: list[Html]
    left: int


class SavedAnswer(Strict):
    """What is kept in a slot and not marked yet."""

    slot: UUID
    response: Any
    certainty: int | None
    sequence: int
    saved_at: datetime


class SlotProblem(Strict):
    pointer: str
    code: str
    detail: str


class SavedResponse(Strict):
    """What became of one answer.

    `created`: marked. `tried`: marked, and it may be tried again. `duplicate`: it was there already. `conflict`: there
    was another answer before; `outcome` is that of the first, which stands. `saved`: kept for the end; `problem` says
    why it would not be marked as it stands. `outdated`: a newer one is kept, `kept`. `rejected`: nothing was written.
    """

    slot: UUID
    status: Literal["created", "tried", "duplicate", "conflict", "saved", "outdated", "rejected"]
    problem: SlotProblem | None = None
    outcome: Outcome | None = None
    tried: TriedOutcome | None = None
    kept: SavedAnswer | None = None


class AttemptState(Strict):
    """`score` is null until the attempt is submitted, and where the rules do not show marks.

    `preview`: an instructor's, which counts nowhere. `expires_at`: when it ends by itself. `passed` is null where there
    is nothing to pass.
    """

    id: UUID
    quiz: UUID
    started_at: datetime
    expires_at: datetime | None
    submitted_at: datetime | None
    score: float | None
    max_score: float
    passed: bool | None
    preview: bool


class SavedAttempt(AttemptState):
    """`results` are those of the responses, then those of the drafts, each in the order given. `now`: as the server has
    it."""

    now: datetime
    results: list[SavedResponse]


class AttemptPlace(Strict):
    """What is asked in one slot, as this attempt asks it."""

    slot: UUID
    position: int
    question: UUID
    version: int
    worth: float
    body: AnyPublic
    answered: bool
    kept: SavedAnswer | None
    tried: TriedOutcome | None


class PublicAttempt(AttemptState):
    """`now` is the clock of the server, by which the attempt expires."""

    now: datetime
    places: list[AttemptPlace]
    responses: list[Outcome]


class ReviewedSlot(Strict):
    slot: UUID
    position: int
    question: UUID
    worth: float
    body: AnyPublic
    outcome: Outcome | None
    key: AnyKey | None
    explained_in: LessonLink | None


class AttemptReview(AttemptState):
    """`missed` questions are in the learner's review; the first is due at `next_due`.

    `notices`: what was mended since, and what became of the marks.
    """

    notices: list[Notice]
    slots: list[ReviewedSlot]
    missed: int
    next_due: datetime | None
