"""What the API of the lab takes and gives."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from quizzes.kinds.base import Strict
from quizzes.memory.lab.rows import Why
from quizzes.memory.lab.sets import Memory


class LabQuery(Strict):
    memory: Memory = "own"


class LabFigures(Strict):
    """Mean log-loss in nats over the validation rows: less is better, a coin has 0.693.

    `constant`: the share recalled in training, said of every row. `own`: null without weights of your own.
    `uncertainty`: about the standard error of the difference of any two of them, and of a network.
    """

    constant: float
    published: float
    own: float | None
    uncertainty: float
    coin: float


class LabRun(Strict):
    """`log_loss` is the validation loss of the best epoch. Null where it is not the log-loss of the same rows:
    `incomparable` says why (other rows, another loss, a penalty on the weights)."""

    id: UUID
    log_loss: float | None
    incomparable: Why | None


class Lab(Strict):
    """Your reviews as a data set, in the order of time: the last fifth is for validation.

    `figures` is null as long as there are fewer than `rows_needed` rows or nothing to tell apart. `table` holds exactly
    these rows, and `spec` is a first network for it, to be sent to `sandbox/runs/`; both null until the table is made.
    `newer_reviews`: what the log has gained since.
    """

    memory: Memory
    rows: int
    rows_needed: int
    share_recalled: Annotated[float, Field(ge=0, le=1)]
    training_rows: int
    validation_rows: int
    figures: LabFigures | None
    table: UUID | None
    made_at: datetime | None
    newer_reviews: int
    target: Literal["recalled"]
    spec: dict[str, Any] | None
    runs: list[LabRun]
