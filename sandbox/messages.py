"""What the training child says to its parent: one JSON object per frame, typed, bounded, without NaN.

The parent believes nothing else: `read_message` is the door. TensorFlow-free and Django-free.
"""

import math
from typing import Annotated, Any, Literal

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, TypeAdapter, model_validator

MAX_MESSAGE_BYTES = 5 * 1024 * 1024
"""Of the largest frame, a snapshot of all weights with their optimizer's memory; the others are held far below."""
MAX_DETAIL_CHARACTERS = 2000
MAX_STATE_BYTES = 3 * 1024 * 1024 + 64 * 1024
BINS = 20
GRID = 48
"""Points along each side of a decision boundary."""

Count = Annotated[int, Field(ge=0)]
Ratio = Annotated[float, Field(ge=0, le=1)]
ShortText = Annotated[str, Field(max_length=100)]
NonFinite = Literal["nan", "inf", "-inf"]


class Message(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class Versions(Message):
    """What the numbers depend on: the same versions on the same machine give the same bits."""

    engine: ShortText
    keras: ShortText
    tensorflow: ShortText
    numpy: ShortText


class Started(Message):
    """The network is built; the first epoch begins. `switch_after`: from the next epoch on XLA's code trains."""

    kind: Literal["started"] = "started"
    parameters: Count
    steps_per_epoch: Count
    training_rows: Count
    validation_rows: Count
    test_rows: Count = 0
    switch_after: Annotated[int, Field(ge=1)] | None = None


class Measures(Message):
    """Loss and metrics as Keras reports them: the running mean over the epoch, validation at its end.

    None: not measured in this run, or (loss and val_loss, named in `nonfinite`) no finite number.
    """

    loss: float | None
    accuracy: Ratio | None = None
    auc: Ratio | None = None
    precision: Ratio | None = None
    recall: Ratio | None = None
    mean_absolute_error: float | None = None
    r2_score: float | None = None
    val_loss: float | None = None
    val_accuracy: Ratio | None = None
    val_auc: Ratio | None = None
    val_precision: Ratio | None = None
    val_recall: Ratio | None = None
    val_mean_absolute_error: float | None = None
    val_r2_score: float | None = None

    def measured(self) -> dict[str, float | None]:
        """Loss and accuracy with their validation, always, and whatever else was measured."""
        always = ("loss", "accuracy", "val_loss", "val_accuracy")
        values = ((name, getattr(self, name)) for name in Measures.model_fields)
        return {name: value for name, value in values if value is not None or name in always}


class EpochEnded(Measures):
    """`learning_rate` is that of the epoch's last step, `seconds` the time of training and validation."""

    kind: Literal["epoch"] = "epoch"
    number: Annotated[int, Field(ge=1)]
    seconds: Annotated[float, Field(ge=0)]
    learning_rate: float | None = None
    nonfinite: dict[Literal["loss", "val_loss"], NonFinite] = {}

    @model_validator(mode="after")
    def nonfinite_values_are_none(self) -> "EpochEnded":
        if any(getattr(self, name) is not None for name in self.nonfinite):
            raise ValueError("a non-finite value must be None")
        return self

    def payload(self) -> dict[str, Any]:
        """What is stored and sent on."""
        own = {"number": self.number, "seconds": self.seconds, "learning_rate": self.learning_rate}
        return {**own, **self.measured(), "nonfinite": dict(self.nonfinite)}


class Changed(Message):
    """A command was carried out, before step `step` (from 0) of epoch `epoch`."""

    kind: Literal["changed"] = "changed"
    epoch: Annotated[int, Field(ge=1)]
    step: Count
    state: Literal["training", "paused"]
    learning_rate: float | None = None


class Histogram(Message):
    """Counts of values in equally wide bins from `low` to `high`; values that are no numbers are counted apart."""

    low: float
    high: float
    counts: Annotated[tuple[Count, ...], Field(max_length=BINS)]
    nonfinite: Count = 0


class LayerStatistics(Message):
    """One layer on a fixed batch of training rows: its weights, their gradients, what it gives."""

    name: ShortText
    weights: Histogram | None
    gradients: Histogram | None
    activations: Histogram
    gradient_norm: float | None
    silent: Ratio
    """Share of outputs that are 0 for every row of the batch: dead relu units."""


class Inspected(Message):
    kind: Literal["layers"] = "layers"
    epoch: Count
    layers: Annotated[tuple[LayerStatistics, ...], Field(max_length=16)]


class Boundary(Message):
    """What the network says over the plane of its two inputs, as they are before scaling.

    `classes` and `certainty` (0 to 255) hold GRID × GRID bytes, row by row from the lowest x₂.
    """

    kind: Literal["boundary"] = "boundary"
    epoch: Count
    low: tuple[float, float]
    high: tuple[float, float]
    classes: Annotated[Base64Bytes, Field(min_length=GRID * GRID, max_length=GRID * GRID)]
    certainty: Annotated[Base64Bytes, Field(min_length=GRID * GRID, max_length=GRID * GRID)]


class Snapshot(Message):
    """Every variable after `epoch` epochs, as `sandbox.engine.state` packs them."""

    kind: Literal["snapshot"] = "snapshot"
    epoch: Count
    state: Annotated[Base64Bytes, Field(max_length=MAX_STATE_BYTES)]


class Confusion(Message):
    """counts[true class][predicted class] over the validation rows, or the training rows where there are none."""

    rows_of: Literal["validation", "training"]
    labels: Annotated[tuple[ShortText, ...], Field(max_length=50)]
    counts: Annotated[tuple[tuple[Count, ...], ...], Field(max_length=50)]
    recall: Annotated[tuple[Ratio | None, ...], Field(max_length=50)]
    precision: Annotated[tuple[Ratio | None, ...], Field(max_length=50)] = ()

    @model_validator(mode="after")
    def square(self) -> "Confusion":
        size = len(self.labels)
        if len(self.counts) != size or len(self.recall) != size or any(len(row) != size for row in self.counts):
            raise ValueError("one row, one column and one recall per label")
        return self


class Divergence(Message):
    """Where the loss stopped being a finite number: step counts from 1 within the epoch; None is the validation."""

    epoch: Annotated[int, Field(ge=1)]
    step: Annotated[int, Field(ge=1)] | None
    value: NonFinite
    layer: ShortText | None = None
    """The first layer that gave no finite number; None where the loss itself did."""

    def in_words(self) -> str:
        where = f"step {self.step}" if self.step else "after its last step"
        layer = f", first in layer {self.layer}" if self.layer else ""
        return f"the loss became {self.value} in epoch {self.epoch}, {where}{layer}"


class Finished(Message):
    kind: Literal["finished"] = "finished"
    outcome: Literal["succeeded", "diverged"]
    epochs: Count
    metrics: Measures | None
    confusion: Confusion | None
    diverged: Divergence | None = None
    stopped: Literal["early_stopping", "target"] | None = None
    """Why the run ended before its last epoch, if it did."""
    best_epoch: Annotated[int, Field(ge=1)] | None = None
    """The epoch whose weights early stopping put back."""
    test: Measures | None = None
    """Measured once, at the end, on the rows that were kept apart."""
    seconds: Annotated[float, Field(ge=0)]
    versions: Versions


class Command(Message):
    """What the parent says to its child. A step runs one batch or one epoch of a paused training."""

    kind: Literal["cancel", "pause", "resume", "step_batch", "step_epoch", "set_learning_rate"]
    learning_rate: Annotated[float, Field(ge=1e-7, le=10)] | None = None

    @model_validator(mode="after")
    def rate_goes_with_its_kind(self) -> "Command":
        if (self.learning_rate is not None) != (self.kind == "set_learning_rate"):
            raise ValueError("a learning rate goes with set_learning_rate")
        return self


FailureCode = Literal["out_of_memory", "diverged", "failed"]
"""A training that diverges ends in a Finished; a question fails where the loss breaks before the step it is about."""


class Failed(Message):
    kind: Literal["failed"] = "failed"
    code: FailureCode
    detail: Annotated[str, Field(max_length=MAX_DETAIL_CHARACTERS)]


AnyMessage = Started | EpochEnded | Changed | Inspected | Boundary | Snapshot | Finished | Failed
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
