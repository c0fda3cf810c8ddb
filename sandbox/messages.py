"""What the training child says to its parent: one JSON object per frame, typed, bounded, without NaN.

The parent believes nothing else: `read_message` is the door. TensorFlow-free and Django-free.
"""

import math
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

MAX_MESSAGE_BYTES = 64 * 1024
MAX_DETAIL_CHARACTERS = 2000

Count = Annotated[int, Field(ge=0)]
Ratio = Annotated[float, Field(ge=0, le=1)]
ShortText = Annotated[str, Field(max_length=100)]
NonFinite = Literal["nan", "inf", "-inf"]


class _Message(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class Versions(_Message):
    """What the numbers depend on: the same versions on the same machine give the same bits."""

    engine: ShortText
    keras: ShortText
    tensorflow: ShortText
    numpy: ShortText


class Started(_Message):
    """The network is built; the first epoch begins."""

    kind: Literal["started"] = "started"
    parameters: Count
    steps_per_epoch: Count
    training_rows: Count
    validation_rows: Count


class EpochEnded(_Message):
    """Losses and accuracies as Keras reports them: the running mean over the epoch, validation at its end.

    A value that is no finite number is None here and named in `nonfinite`; a value that was not measured is None only.
    """

    kind: Literal["epoch"] = "epoch"
    number: Annotated[int, Field(ge=1)]
    loss: float | None
    accuracy: Ratio | None
    val_loss: float | None = None
    val_accuracy: Ratio | None = None
    seconds: Annotated[float, Field(ge=0)]
    nonfinite: dict[Literal["loss", "val_loss"], NonFinite] = {}

    @model_validator(mode="after")
    def nonfinite_values_are_none(self) -> "EpochEnded":
        if any(getattr(self, name) is not None for name in self.nonfinite):
            raise ValueError("a non-finite value must be None")
        return self


class Metrics(_Message):
    """The last epoch's values; None where a value was not measured or was no finite number."""

    loss: float | None
    accuracy: Ratio | None
    val_loss: float | None
    val_accuracy: Ratio | None


class Confusion(_Message):
    """counts[true class][predicted class] over the validation rows, or the training rows where there are none."""

    rows_of: Literal["validation", "training"]
    labels: Annotated[tuple[ShortText, ...], Field(max_length=50)]
    counts: Annotated[tuple[tuple[Count, ...], ...], Field(max_length=50)]
    recall: Annotated[tuple[Ratio | None, ...], Field(max_length=50)]

    @model_validator(mode="after")
    def square(self) -> "Confusion":
        size = len(self.labels)
        if len(self.counts) != size or len(self.recall) != size or any(len(row) != size for row in self.counts):
            raise ValueError("one row, one column and one recall per label")
        return self


class Divergence(_Message):
    """Where the loss stopped being a finite number: step counts from 1 within the epoch; None is the validation."""

    epoch: Annotated[int, Field(ge=1)]
    step: Annotated[int, Field(ge=1)] | None
    value: NonFinite

    def in_words(self) -> str:
        where = f"step {self.step}" if self.step else "after its last step"
        return f"the loss became {self.value} in epoch {self.epoch}, {where}"


class Finished(_Message):
    kind: Literal["finished"] = "finished"
    outcome: Literal["succeeded", "diverged"]
    epochs: Count
    metrics: Metrics | None
    confusion: Confusion | None
    diverged: Divergence | None = None
    seconds: Annotated[float, Field(ge=0)]
    versions: Versions


class Failed(_Message):
    kind: Literal["failed"] = "failed"
    code: Literal["out_of_memory", "failed"]
    detail: Annotated[str, Field(max_length=MAX_DETAIL_CHARACTERS)]


AnyMessage = Started | EpochEnded | Finished | Failed
_message: TypeAdapter[AnyMessage] = TypeAdapter(Annotated[AnyMessage, Field(discriminator="kind")])


def read_message(frame: bytes) -> AnyMessage:
    """Raises ValueError (pydantic's included) for anything but one message of at most MAX_MESSAGE_BYTES."""
    if len(frame) > MAX_MESSAGE_BYTES:
        raise ValueError(f"a message of {len(frame)} bytes; at most {MAX_MESSAGE_BYTES} are read")
    return _message.validate_json(frame)


def write_message(message: BaseModel) -> bytes:
    return message.model_dump_json().encode()


def finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def name_of_nonfinite(value: float) -> NonFinite | None:
    if math.isfinite(value):
        return None
    return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
