"""What the API of the daily review takes and gives; the OpenAPI document is made from these types."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self
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

    def with_outcomes(self, outcomes: Mapping[UUID, ReviewOutcome]) -> Self:
        """Return the same with the outcomes of those that were graded, by review."""
        results = [one.model_copy(update={"outcome": outcomes.get(one.id) if one.id else None}) for one in self.results]
        return self.model_copy(update={"results": results})


class Memory(Strict):
    """What is remembered of one question. `stability` in days, `difficulty` 1…10, `retrievability` 0…1 at this moment.

    `step` is null in the state `review`. `leech`: it was forgotten so often that reviewing alone does not help.
    `state_hash` covers the effective reviews and the weights, nothing else.
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
    leech: bool
    state_hash: str


class RatingPreview(Strict):
    """What this rating would give if it were given now, before the fuzz of a few percent."""

    rating: int
    due: datetime
    interval_seconds: int


WhyName = Literal["step", "due", "changed", "exam", "early", "new", "later"]


class Reason(Strict):
    """Why a card is in line.

    `step`: a step of learning it. `due`: since the moment `since` about to be forgotten. `changed`: its text changed
    after it was answered last. `exam`: in `exam_in_days` days is an exam of its course. `early`: it is asked a little
    before it is due, so that no day holds too much. `new`: the learner has never seen it. `later`: not today, but
    within the horizon that was asked for.
    """

    why: WhyName
    since: datetime | None
    exam_in_days: int | None


class LeftOutCounts(Strict):
    """How many cards could be asked today and are not, and why.

    `reviews_per_day`, `minutes_per_day`: the learner's limits. `even_days`: they wait a little, so that no day holds
    too much. `sibling`: a question of the same concept is asked today. `buried`: by the learner, until tomorrow.
    """

    reviews_per_day: int = 0
    minutes_per_day: int = 0
    even_days: int = 0
    sibling: int = 0
    buried: int = 0


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
    reason: Reason


class Queue(Strict):
    """`next_due`: when the first card of all comes back (in the past, if it is overdue); null before any review.

    Of today: `minutes`: about how long the cards take that are ready; `budget`: the learner's minutes a day, null for
    no limit; `left_out`: what is not asked though it could be.
    """

    cards: list[QueueCard]
    next_due: datetime | None
    minutes: int
    budget: int | None
    left_out: LeftOutCounts


class QueueQuery(Strict):
    limit: Annotated[int, Field(ge=1, le=MAX_CARDS, strict=False)] = 50
    horizon: Annotated[int, Field(ge=0, le=MAX_HORIZON_DAYS, strict=False)] = 0
