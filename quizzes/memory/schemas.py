"""What the API of the daily review takes and gives; the OpenAPI document is made from these types."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from quizzes.kinds import AnyKey, AnyPublic, AnyResponse
from quizzes.kinds.base import Html, Strict
from quizzes.memory.items import ReviewItem, Status
from quizzes.schemas import LessonLink

MAX_REVIEWS = 500
MAX_CARDS = 200
MAX_HORIZON_DAYS = 30

PhaseName = Literal["learning", "review", "relearning"]


class ReviewEnvelope(Strict):
    """The body as it is read first: each item is validated alone, so that a bad one blocks no other."""

    reviews: Annotated[list[Any], Field(max_length=MAX_REVIEWS)]


class ReviewBatch(Strict):
    reviews: Annotated[list[ReviewItem], Field(max_length=MAX_REVIEWS)]


class ReviewProblem(Strict):
    """`pointer` is a JSON Pointer into the item."""

    pointer: str
    code: str
    detail: str


class ReviewOutcome(Strict):
    """The mark (0…1) of a response. `key` is the right answer.

    `feedback` is to be read in this order; `beside` is what stands beside one part each.
    """

    response: AnyResponse
    score: float
    parts: dict[str, bool]
    feedback: list[Html]
    beside: dict[str, Html]
    key: AnyKey | None
    explained_in: LessonLink | None


class ReviewResult(Strict):
    """What became of one item. `id` is null only where the item had none that could be read.

    `conflict`: another review has this id; the first one stands, and `effective_at`, `rating`, `outcome` are its own.
    """

    id: UUID | None
    status: Status
    problem: ReviewProblem | None = None
    effective_at: datetime | None = None
    rating: int | None = None
    outcome: ReviewOutcome | None = None


class ReviewResults(Strict):
    results: list[ReviewResult]


class Memory(Strict):
    """What is remembered of one question. `stability` in days, `difficulty` 1…10, `retrievability` 0…1 at this moment.

    `step` is null in the state `review`. `state_hash` covers the effective reviews and the weights, nothing else.
    """

    question: UUID
    state: PhaseName
    step: int | None
    stability: float
    difficulty: float
    due: datetime
    last_review: datetime
    reps: int
    lapses: int
    retrievability: float
    state_hash: str


class RatingPreview(Strict):
    """What this rating would give if it were given now, before the fuzz of a few percent."""

    rating: int
    due: datetime
    interval_seconds: int


class QueueCard(Strict):
    """One card with all that is needed to answer it offline. `memory` is null for a card that is new to the learner."""

    question: UUID
    kind: str
    version: int
    body: AnyPublic
    course: str
    lesson: UUID | None
    explained_in: LessonLink | None
    memory: Memory | None
    previews: list[RatingPreview]


class Queue(Strict):
    """`next_due`: when the first card of all comes back (in the past, if it is overdue); null before any review."""

    cards: list[QueueCard]
    next_due: datetime | None


class QueueQuery(Strict):
    limit: Annotated[int, Field(ge=1, le=MAX_CARDS, strict=False)] = 50
    horizon: Annotated[int, Field(ge=0, le=MAX_HORIZON_DAYS, strict=False)] = 0
