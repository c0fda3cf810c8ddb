"""The spec: a validated description of an experiment, and the arithmetic that needs no TensorFlow.

`parse_spec` is the door: behind it every number is finite, bounded and of its own type, every name is one of ours.
`check` then says what a teacher would say of a spec that is well formed but makes little sense. Pure: no Django.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from sandbox.advice import Severity, advice
from sandbox.datasets import DATASETS, Dataset, gettext_noop

Activation = Literal["linear", "relu", "sigmoid", "tanh", "softmax", "elu", "selu", "gelu", "softplus"]
Loss = Literal[
    "sparse_categorical_crossentropy", "categorical_crossentropy", "binary_crossentropy", "mean_squared_error"
]
Split = Literal["last_rows", "shuffled"]


@dataclass(frozen=True)
class Limits:
    """How much one experiment may ask for. The defaults are hard maxima: a setting may lower them, never raise them."""

    spec_bytes: int = 32 * 1024
    layers: int = 16
    units: int = 512
    parameters: int = 250_000
    activations: int = 500_000  # floats of one sample, all layers
    batch_activations: int = 16_000_000  # floats of one batch, all layers
    rows: int = 20_000
    epochs: int = 500
    steps: int = 500_000
    seconds: float = 60.0  # of one CPU, as estimated by sandbox.cost

    def __post_init__(self) -> None:
        for field in fields(self):
            if not 0 < getattr(self, field.name) <= field.default:
                raise ValueError(f"limit {field.name} must lie between 0 and {field.default}")


MAXIMA = Limits()

Seed = Annotated[int, Field(ge=0, le=2**32 - 1)]
LearningRate = Annotated[float, Field(ge=1e-7, le=10)]
Share = Annotated[float, Field(ge=0, lt=1)]


class Strict(BaseModel):
    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, allow_inf_nan=False, serialize_by_alias=True, validate_default=True
    )


class _Data(Strict):
    """Validation rows are taken as Keras' `validation_split` takes them ("last_rows") or drawn by the seed."""

    validation: Annotated[float, Field(ge=0, le=0.9)] = 0.1
    split: Split = "last_rows"
    seed: Seed = 1


class ClinicalTrial(_Data):
    kind: Literal["clinical_trial"]
    rows: Annotated[int, Field(ge=100, le=MAXIMA.rows)] = 2100


class Circles(_Data):
    kind: Literal["circles"]
    rows: Annotated[int, Field(ge=100, le=MAXIMA.rows)] = 500
    noise: Annotated[float, Field(ge=0, le=0.5)] = 0.1


class Digits(_Data):
    kind: Literal["digits"]
    rows: Annotated[int, Field(ge=1797, le=1797)] = 1797


Data = Annotated[ClinicalTrial | Circles | Digits, Field(discriminator="kind")]


class Dense(Strict):
    kind: Literal["dense"]
    units: Annotated[int, Field(ge=1, le=MAXIMA.units)]
    activation: Activation = "linear"


Layer = Dense  # becomes a union, discriminated by `kind`, with the second layer kind


class Sgd(Strict):
    kind: Literal["sgd"]
    learning_rate: LearningRate = 0.01
    momentum: Share = 0.0
    nesterov: bool = False


class Adam(Strict):
    kind: Literal["adam"]
    learning_rate: LearningRate = 0.001
    beta_1: Share = 0.9
    beta_2: Share = 0.999
    epsilon: Annotated[float, Field(ge=1e-12, le=1)] = 1e-7


Optimizer = Annotated[Sgd | Adam, Field(discriminator="kind")]


class Spec(Strict):
    version: Annotated[int, Field(alias="schema", ge=1, le=1)]
    data: Data
    # Strict mode would insist on a Python tuple here; JSON and YAML give lists.
    layers: Annotated[tuple[Layer, ...], Field(min_length=1, max_length=MAXIMA.layers, strict=False)]
    optimizer: Optimizer
    loss: Loss
    epochs: Annotated[int, Field(ge=1, le=MAXIMA.epochs)]
    batch_size: Annotated[int, Field(ge=1, le=MAXIMA.rows)]
    shuffle: bool = True
    seed: Seed = 1


# --- the door -------------------------------------------------------------------------------------------------------


def parse_spec(value: object, limits: Limits = MAXIMA) -> Spec:
    """The one way in for a mapping from outside (decoded JSON or YAML).

    Raises pydantic.ValidationError; each error's `loc` is the path in the given value, so that it makes a pointer.
    """
    try:
        spec = Spec.model_validate(value)
    except ValidationError as error:
        raise _with_plain_paths(error) from None
    over = list(_over_limits(spec, limits))
    if over:
        raise ValidationError.from_exception_data("Spec", over)
    return spec


def _with_plain_paths(error: ValidationError) -> ValidationError:
    """Pydantic puts the tag of a union into the path (data.circles.rows); no such key exists in the JSON."""
    details: list[InitErrorDetails] = []
    for line in error.errors(include_url=False):
        loc = line["loc"]
        if len(loc) > 1 and loc[0] in ("data", "optimizer"):
            loc = (loc[0], *loc[2:])
        if line["type"] in ("union_tag_invalid", "union_tag_not_found"):
            loc = (*loc, "kind")
        problem = PydanticCustomError(line["type"], "{message}", {"message": line["msg"]})
        details.append(InitErrorDetails(type=problem, loc=loc, input=line["input"]))
    return ValidationError.from_exception_data(error.title, details)


def _over_limits(spec: Spec, limits: Limits) -> Iterator[InitErrorDetails]:
    units = [layer.units for layer in spec.layers]
    layers, of_layer = gettext_noop("layers"), gettext_noop("units in a layer")
    weights, per_sample = gettext_noop("weights and biases"), gettext_noop("values per sample")
    per_batch, batch_rows = gettext_noop("values per batch"), gettext_noop("rows in a batch, as many as the data has")
    rows, epochs, steps = gettext_noop("rows"), gettext_noop("epochs"), gettext_noop("training steps")
    checks: list[tuple[tuple[str | int, ...], str, int, int]] = [
        (("layers",), layers, len(units), limits.layers),
        *((("layers", index, "units"), of_layer, count, limits.units) for index, count in enumerate(units)),
        (("layers",), weights, parameter_count(spec), limits.parameters),
        (("layers",), per_sample, sum(units), limits.activations),
        (("batch_size",), per_batch, sum(units) * spec.batch_size, limits.batch_activations),
        (("data", "rows"), rows, spec.data.rows, limits.rows),
        (("epochs",), epochs, spec.epochs, limits.epochs),
        (("batch_size",), batch_rows, spec.batch_size, spec.data.rows),
        (("epochs",), steps, total_steps(spec), limits.steps),
    ]
    for loc, what, asked, most in checks:
        if asked > most:
            context: dict[str, Any] = {"what": what, "asked": f"{asked:,}", "most": f"{most:,}"}
            problem = PydanticCustomError("over_limit", "At most {most} {what}; this asks for {asked}.", context)
            yield InitErrorDetails(type=problem, loc=loc, input=asked)


# --- shapes, sizes and steps ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LayerShape:
    """One layer's inputs and outputs per sample, and the number of its weights and biases."""

    inputs: int
    outputs: int
    parameters: int


def dataset(spec: Spec) -> Dataset:
    return DATASETS[spec.data.kind]


def shapes(spec: Spec) -> list[LayerShape]:
    result: list[LayerShape] = []
    inputs = len(dataset(spec).features)
    for layer in spec.layers:
        result.append(LayerShape(inputs, layer.units, inputs * layer.units + layer.units))
        inputs = layer.units
    return result


def parameter_count(spec: Spec) -> int:
    return sum(shape.parameters for shape in shapes(spec))


def training_rows(spec: Spec) -> int:
    """Rows left after the validation rows are put aside, rounded as Keras rounds them."""
    return math.floor(spec.data.rows * (1 - spec.data.validation))


def validation_rows(spec: Spec) -> int:
    return spec.data.rows - training_rows(spec)


def steps_per_epoch(spec: Spec) -> int:
    return math.ceil(training_rows(spec) / spec.batch_size)


def total_steps(spec: Spec) -> int:
    return spec.epochs * steps_per_epoch(spec)


# --- sense across fields --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SpecProblem:
    """`detail` is English; `sandbox.advice.ADVICE[code]` is its message id, to be filled in with `parameters`."""

    pointer: str
    code: str
    detail: str
    severity: Severity
    parameters: Mapping[str, str | int]


def check(spec: Spec) -> list[SpecProblem]:
    """What makes no sense (severity "error": must not be trained) or is probably not meant ("warning")."""
    return [*_check_hidden_layers(spec), *_check_output(spec), *_check_optimizer(spec)]


def _problem(pointer: str, code: str, **parameters: str | int) -> SpecProblem:
    severity, text = advice(code)
    return SpecProblem(pointer, code, text % parameters, severity, parameters)


def _check_hidden_layers(spec: Spec) -> Iterator[SpecProblem]:
    for index, layer in enumerate(spec.layers[:-1]):
        pointer = f"/layers/{index}/activation"
        if layer.activation == "softmax" and layer.units == 1:
            yield _problem(pointer, "softmax_on_one_unit")
        elif layer.activation == "softmax":
            yield _problem(pointer, "softmax_in_hidden_layer")
        elif layer.activation == "linear":
            yield _problem(pointer, "linear_hidden_layer")


def _check_output(spec: Spec) -> Iterator[SpecProblem]:
    yield from _check_output_units(spec)
    yield from _check_output_activation(spec)


def _check_output_units(spec: Spec) -> Iterator[SpecProblem]:
    index, units, classes = len(spec.layers) - 1, spec.layers[-1].units, len(dataset(spec).classes)
    pointer = f"/layers/{index}/units"
    one_output_will_do = classes == 2 and spec.loss in ("binary_crossentropy", "mean_squared_error")
    if units == 1 and one_output_will_do:
        return
    if units < classes:
        yield _problem(pointer, "too_few_outputs", units=units, classes=classes)
    elif units > classes and spec.loss == "sparse_categorical_crossentropy":
        yield _problem(pointer, "unused_outputs", units=units, classes=classes)
    elif units > classes:
        yield _problem(pointer, "too_many_outputs", units=units, classes=classes, loss=spec.loss)


def _check_output_activation(spec: Spec) -> Iterator[SpecProblem]:
    output, pointer = spec.layers[-1], f"/layers/{len(spec.layers) - 1}/activation"
    if output.activation == "softmax" and output.units == 1:
        yield _problem(pointer, "softmax_on_one_unit")
    elif spec.loss == "mean_squared_error":
        return
    elif output.activation == "linear":
        yield _problem(pointer, "linear_output_with_crossentropy", loss=spec.loss)
    elif output.activation not in ("softmax", "sigmoid"):
        yield _problem(pointer, "no_probabilities", activation=output.activation, loss=spec.loss)
    elif output.activation == "sigmoid" and spec.loss != "binary_crossentropy" and output.units > 1:
        yield _problem(pointer, "sigmoid_with_categorical_loss", units=output.units, loss=spec.loss)
    elif output.activation == "softmax" and spec.loss == "binary_crossentropy":
        yield _problem("/loss", "softmax_with_binary_loss", units=output.units)


def _check_optimizer(spec: Spec) -> Iterator[SpecProblem]:
    if isinstance(spec.optimizer, Sgd) and spec.optimizer.nesterov and spec.optimizer.momentum == 0:
        yield _problem("/optimizer/nesterov", "nesterov_without_momentum")
