"""What is asked of a run's network, and what the child answers: typed, bounded, without NaN.

    Forward · Update · Predict · ModelFile  →  child  →  Answered (numbers) | File (bytes) | Failed

The parent believes nothing else: `read_reply` is the door. TensorFlow-free and Django-free.
"""

from typing import Annotated, Literal

from pydantic import Base64Bytes, Field, TypeAdapter

from sandbox.messages import Count, Failed, Message, NonFinite, ShortText
from sandbox.spec.training import Clipping

MAX_ANSWER_BYTES = 2 * 1024 * 1024
MAX_FILE_BYTES = 8 * 1024 * 1024
MAX_REPLY_BYTES = MAX_FILE_BYTES * 4 // 3 + 1024
"""A file travels in base64."""
MOST_INPUT_ROWS = 1000
MOST_SAMPLES_NAMED = 100

# --- what is asked ----------------------------------------------------------------------------------------------------


class Forward(Message):
    """The way of one sample through the network. `sample` counts training, then validation, then test rows."""

    kind: Literal["forward"] = "forward"
    sample: Count
    layer: ShortText | None = None
    """Only this layer; None for all."""


class Update(Message):
    """One step of the epoch after the snapshot's; `step` counts from 0."""

    kind: Literal["update"] = "update"
    epoch: Count
    step: Count
    layer: ShortText | None = None


Cell = float | str


class Predict(Message):
    """Rows as they are before scaling: one number for each input, or the name of a table's category."""

    kind: Literal["predict"] = "predict"
    inputs: Annotated[tuple[tuple[Cell, ...], ...], Field(min_length=1, max_length=MOST_INPUT_ROWS)]


class ModelFile(Message):
    kind: Literal["model"] = "model"


Question = Annotated[Forward | Update | Predict | ModelFile, Field(discriminator="kind")]
_question: TypeAdapter[Forward | Update | Predict | ModelFile] = TypeAdapter(Question)


def read_question(text: str) -> Forward | Update | Predict | ModelFile:
    """Raises ValueError (pydantic's) for anything but one question as JSON."""
    return _question.validate_json(text)


# --- what is answered -------------------------------------------------------------------------------------------------


class Numbers(Message):
    """An array of float32, row by row, each number the exact double of its float32.

    `cut`: only the first numbers are here, `shape` is still that of the whole. `nonfinite` counts those that are null.
    """

    shape: tuple[Count, ...]
    values: tuple[float | None, ...]
    cut: bool = False
    nonfinite: Count = 0


class LayerPass(Message):
    """What one sample is before and after a layer. Of a dense layer also how it comes about:
    products[…, i, j] = inputs[…, i] · kernel[i, j];  sums[…, j] = Σᵢ products[…, i, j] + bias[j];
    outputs = activation(sums). Keras adds the products in the order of i, in float32."""

    name: ShortText
    kind: ShortText
    activation: ShortText | None = None
    inputs: Numbers
    outputs: Numbers
    kernel: Numbers | None = None
    bias: Numbers | None = None
    products: Numbers | None = None
    sums: Numbers | None = None


class ForwardPass(Message):
    """`label` is the number of the class, or the number to be predicted; `loss` that of this sample alone, without
    class weights and penalties of regularizers."""

    kind: Literal["forward"] = "forward"
    sample: Count
    part: Literal["training", "validation", "test"]
    label: float
    outputs: Numbers
    predicted: Count | None
    """The class; None in a regression."""
    loss: float | None
    nonfinite: dict[Literal["loss"], NonFinite] = {}
    layers: Annotated[tuple[LayerPass, ...], Field(max_length=16)]


class OptimizerMemory(Message):
    """What the optimizer remembers of one weight array (or of the steps so far), before and after the step."""

    name: ShortText
    before: Numbers
    after: Numbers


class WeightUpdate(Message):
    """One weight array in one step. `gradient` is what the optimizer used; `raw_gradient` what it was before it was
    clipped, where it is clipped. Arrays that are not trained (running means) have no gradient.

    `looked_up`: the array of an embedding. Its gradient comes as one row for each time a line was looked up, and Keras
    clips, squares and subtracts them one by one: the equation holds for each of them, and only nearly for `gradient`,
    which is their sum.
    """

    layer: ShortText
    name: ShortText
    looked_up: bool = False
    old: Numbers
    gradient: Numbers | None
    raw_gradient: Numbers | None = None
    memory: tuple[OptimizerMemory, ...] = ()
    new: Numbers


class WeightUpdates(Message):
    """One step: the batch, what the optimizer brought along, and each weight before and after.

    `loss` is the batch's, as it was minimized. `equation` names its quantities as this answer does; `constants` are
    those of the spec; t = `iteration` + 1 counts the steps from the first of the training, this one included.
    """

    kind: Literal["update"] = "update"
    step: Count
    rows: Count
    samples: Annotated[tuple[Count, ...], Field(max_length=MOST_SAMPLES_NAMED)]
    """The first training rows of the batch, by number."""
    loss: float | None
    nonfinite: dict[Literal["loss"], NonFinite] = {}
    optimizer: ShortText
    equation: Annotated[str, Field(max_length=500)]
    constants: dict[str, float]
    learning_rate: float
    """In force in this step: the exact double of its float32."""
    iteration: Count
    memory: tuple[OptimizerMemory, ...] = ()
    clipping: Clipping | None = None
    weights: tuple[WeightUpdate, ...]


class Prediction(Message):
    """`probability` of the predicted class; None where the outputs are no probabilities."""

    outputs: tuple[float | None, ...]
    predicted: Count | None
    probability: float | None
    nonfinite: Count = 0


class Predictions(Message):
    kind: Literal["predict"] = "predict"
    rows: Annotated[tuple[Prediction, ...], Field(max_length=MOST_INPUT_ROWS)]


class Answered(Message):
    kind: Literal["answered"] = "answered"
    answer: Annotated[ForwardPass | WeightUpdates | Predictions, Field(discriminator="kind")]


class File(Message):
    kind: Literal["file"] = "file"
    content: Annotated[Base64Bytes, Field(max_length=MAX_FILE_BYTES)]


Reply = Answered | File | Failed
_reply: TypeAdapter[Reply] = TypeAdapter(Annotated[Reply, Field(discriminator="kind")])


def read_reply(frame: bytes) -> Reply:
    """Raises ValueError (pydantic's included) for anything but one reply within the limits of its kind."""
    if len(frame) > MAX_REPLY_BYTES:
        raise ValueError(f"a reply of {len(frame)} bytes; at most {MAX_REPLY_BYTES} are read")
    reply = _reply.validate_json(frame)
    if not isinstance(reply, File) and len(frame) > MAX_ANSWER_BYTES:
        raise ValueError(f"an answer of {len(frame)} bytes; at most {MAX_ANSWER_BYTES} are read")
    return reply
