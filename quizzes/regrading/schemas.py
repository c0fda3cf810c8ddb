"""What the API of decisions about questions takes and gives; the OpenAPI document is made from these types."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from quizzes.kinds.base import Strict

Reason = Annotated[str, StringConstraints(max_length=2000, strip_whitespace=True)]


class RegradeBody(Strict):
    """`version`: the number of the version by whose key all answers are judged; null keeps the question out of memory.

    `reason` is read by the learners concerned.
    """

    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None
    reason: Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]


class UndoBody(Strict):
    reason: Reason = ""


class DryRunQuery(Strict):
    dry_run: Annotated[bool, Field(strict=False)] = False


class ChangedAttempt(Strict):
    """`mark_*` are those of this question; `score_*` of the attempt, null while it is open; `passed_*` null where there
    is nothing to pass. `preview`: an instructor's, which counts nowhere."""

    attempt: UUID
    learner: str
    quiz: UUID
    preview: bool
    max_score: float
    mark_before: float
    mark_after: float
    score_before: float | None
    score_after: float | None
    passed_before: bool | None
    passed_after: bool | None


class ChangedMemory(Strict):
    """`*_before`, `*_after`: null where the learner has no card of the question. Stability is in days."""

    learner: str
    due_before: datetime | None
    due_after: datetime | None
    stability_before: float | None
    stability_after: float | None


class RegradeDifference(Strict):
    """What is changed, or would be. `hash` is the ETag: send it as If-Match to have just this done.

    `judged` answers were looked at, `unjudged` of them could not be judged and keep what they had. `learners`,
    `risen`, `fallen`, `passes_*` leave previews out. `sooner`, `later`, `left_out`, `taken_in` count cards. `facility`:
    the mean mark as a share of the maximum. `attempts` and `memory` list at most 100 each.
    """

    hash: str
    judged: int
    unjudged: int
    responses: int
    reviews: int
    learners: int
    risen: int
    fallen: int
    passes_gained: int
    passes_lost: int
    sooner: int
    later: int
    left_out: int
    taken_in: int
    facility_before: float | None
    facility_after: float | None
    attempts: list[ChangedAttempt]
    memory: list[ChangedMemory]


class RegradeRow(Strict):
    """A decision. `version` null: kept out of memory. `taken_back_by`: the id of the decision that takes it back."""

    id: int
    question: UUID
    version: int | None
    reason: str
    author: str | None
    made_at: datetime
    undoes: int | None
    taken_back_by: int | None
    learners: int


class Regrades(Strict):
    """The newest first."""

    regrades: list[RegradeRow]


class RegradeResult(Strict):
    """`regrade` is null after a dry run."""

    regrade: RegradeRow | None
    difference: RegradeDifference
