"""What a client sends as one review, read once at the door, and what it is told. Pure."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal, NamedTuple, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from quizzes.kinds.base import Strict

_CANONICAL: Final = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))

Status = Literal["created", "duplicate", "conflict", "rejected"]


def _no_number(value: Any) -> Any:
    """JSON has no instants: a number of seconds since some day is not taken for one."""
    if not isinstance(value, str | datetime):
        raise ValueError("Input should be a date and time with its offset, as in RFC 3339.")
    return value


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("This moment lies outside the calendar.") from None


Id = Annotated[UUID, Field(strict=False)]
Moment = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_no_number), AfterValidator(_in_utc)]


class ReviewItem(Strict):
    """One piece of evidence, or the taking back of one.

    Exactly one of `rating` (1 Again, 2 Hard, 3 Good, 4 Easy; for flashcards), `response` (for every other kind, graded
    here) and `undoes` (the id of the review to take back). `id` is made by the client and makes repeating harmless.
    `version` is the number of the question version that was answered; left out, the current one.
    """

    id: Id
    question: Id
    version: Annotated[int | None, Field(ge=1, le=2**31 - 1)] = None
    rating: Annotated[int | None, Field(ge=1, le=4)] = None
    response: Any = Field(None, json_schema_extra={"description": "As the kind of the question has it."})
    occurred_at: Moment
    elapsed_ms: Annotated[int | None, Field(ge=0, le=2**31 - 1)] = None
    undoes: Id | None = None

    @model_validator(mode="after")
    def _carries_one_thing(self) -> Self:
        if (self.rating is None) + (self.response is None) + (self.undoes is None) != 2:
            raise ValueError("a review carries exactly one of rating, response and undoes")
        if self.undoes == self.id:
            raise ValueError("a review cannot undo itself")
        return self

    def body_hash(self) -> str:
        """Return what tells a repetition from another review with the same id. The same instant is the same.

        sha256 (hex) of the JSON list of question, version, rating, what it undoes ("" for nothing), response, instant
        in UTC and elapsed milliseconds: no space, keys sorted. Written out, for most have no response.
        """
        numbers = "null" if self.version is None else self.version, "null" if self.rating is None else self.rating
        response = "null" if self.response is None else _CANONICAL.encode(self.response)
        elapsed = "null" if self.elapsed_ms is None else self.elapsed_ms
        canonical = (
            f'["{self.question}",{numbers[0]},{numbers[1]},"{self.undoes or ""}",'
            f'{response},"{self.occurred_at.isoformat()}",{elapsed}]'
        )
        return hashlib.sha256(canonical.encode()).hexdigest()


_ALL: Final = TypeAdapter(list[ReviewItem])


@dataclass(frozen=True, slots=True)
class ItemProblem:
    """Why one item was rejected; `pointer` is a JSON Pointer into the item."""

    pointer: str
    code: str
    detail: str


class Result(NamedTuple):
    """What became of one item.

    `created`: kept now. `duplicate`: it was there. `conflict`: another review has this id; the first one stands.
    `effective_at`, `rating` and `score` are those of the review that stands.
    """

    id: UUID | None
    status: Status
    problem: ItemProblem | None = None
    effective_at: datetime | None = None
    rating: int | None = None
    score: float | None = None


def rejected(id_: UUID | None, pointer: str, code: str, detail: str) -> Result:
    return Result(id_, "rejected", ItemProblem(pointer, code, detail))


def read(raw: Any) -> ReviewItem | Result:
    """Return the item, or the rejection that names its first fault."""
    try:
        return ReviewItem.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        pointer = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in first["loc"])
        return rejected(_id_of(raw), pointer, first["type"], first["msg"])


def read_all(raws: Sequence[Any]) -> list[ReviewItem | Result]:
    """The same of many: all at once where all are right, which is quicker."""
    try:
        return [*_ALL.validate_python(raws)]
    except ValidationError:
        return [read(raw) for raw in raws]


def _id_of(raw: Any) -> UUID | None:
    """Return the id of an item that is wrong elsewhere, so that the client can tell which."""
    found = raw.get("id") if isinstance(raw, dict) else None
    try:
        return UUID(found) if isinstance(found, str) else None
    except ValueError:
        return None
