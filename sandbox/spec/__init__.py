"""The spec: a validated description of an experiment, and the arithmetic that needs no TensorFlow.

`parse_spec` is the door: behind it every number is finite, bounded and of its own type, every name is one of ours, and
every layer fits the one before. `sandbox.spec.sense` then says what a teacher would say of a spec that is well formed
but makes little sense. Pure: no Django.
"""

import math
from collections.abc import Callable, Iterator
from typing import Annotated, Any

from pydantic import Field, ValidationError
from pydantic_core import InitErrorDetails

from sandbox.advice import ADVICE
from sandbox.datasets import DATASETS, Dataset, Feature, gettext_noop, with_classes
from sandbox.spec.base import MAXIMA, Activation, Epochs, Limits, Seed, Strict, at_most
from sandbox.spec.data import Blobs, Data, IncompleteError, Spiral, TableData
from sandbox.spec.layers import Layer
from sandbox.spec.refusals import Path, in_plain_words, refusal
from sandbox.spec.shapes import LayerShape, ShapeError, layer_names, layer_shapes
from sandbox.spec.training import (
    ClassWeights,
    EarlyStopping,
    Loss,
    Measure,
    Metric,
    Optimizer,
    ReduceOnPlateau,
    Snapshots,
    Target,
)

__all__ = [
    "MAXIMA", "Activation", "Dataset", "Limits", "Loss", "Measure", "Metric", "Spec", "TableData", "dataset",
    "layer_names", "measures", "metrics", "output_width", "parameter_count", "parse_spec", "shapes", "steps_per_epoch",
    "test_rows", "total_steps", "training_rows", "validation_rows",
]  # fmt: skip


class Spec(Strict):
    version: Annotated[int, Field(alias="schema", ge=1, le=1)]
    data: Data
    # Strict mode would insist on a Python tuple here; JSON and YAML give lists.
    layers: Annotated[
        tuple[Layer, ...], Field(min_length=1, max_length=MAXIMA.layers, strict=False), at_most(MAXIMA.layers)
    ]
    optimizer: Optimizer
    loss: Loss
    from_logits: Annotated[bool, Field(description="The outputs are weighted sums, the loss does the squashing.")] = (
        False
    )
    metrics: Annotated[
        tuple[Metric, ...] | None,
        Field(max_length=4, strict=False, description="Without: accuracy, or the mean absolute error of a regression."),
        at_most(4),
    ] = None
    class_weights: ClassWeights | None = None
    epochs: Epochs
    batch_size: Annotated[int, Field(ge=1, le=MAXIMA.rows)]
    shuffle: bool = True
    seed: Seed = 1
    early_stopping: EarlyStopping | None = None
    reduce_on_plateau: ReduceOnPlateau | None = None
    stop_at: Target | None = None
    snapshots: Snapshots | None = None


# --- the door -------------------------------------------------------------------------------------------------------

OVER_LIMIT = gettext_noop("At most %(most)s %(what)s; this asks for %(asked)s.")
Complete = Callable[[TableData], TableData]
"""Fills in rows, columns and classes of a table; raises IncompleteError."""


def parse_spec(value: object, limits: Limits = MAXIMA, complete: Complete | None = None) -> Spec:
    """The one way in for a mapping from outside (decoded JSON or YAML).

    Raises pydantic.ValidationError; each error's `loc` is the path in the given value, so that it makes a pointer.
    What `complete` makes of a table takes the place of what was sent; without it the spec has to be complete.
    """
    try:
        spec = Spec.model_validate(value)
    except ValidationError as error:
        raise in_plain_words(error) from None
    if isinstance(spec.data, TableData):
        spec = spec.model_copy(update={"data": _completed(spec.data, complete)})
    if misfits := [*_misfits(spec)]:
        raise ValidationError.from_exception_data("Spec", misfits)
    if over := [*_over_limits(spec, limits)]:
        raise ValidationError.from_exception_data("Spec", over)
    return spec


def _completed(data: TableData, complete: Complete | None) -> TableData:
    try:
        if complete is not None:
            return complete(data)
        if not data.columns:
            raise IncompleteError("table", "unknown_table")
    except IncompleteError as error:
        misfit = _misfit(("data", error.key), error.code, error.parameters)
        raise ValidationError.from_exception_data("Spec", [misfit]) from None
    return data


def _misfits(spec: Spec) -> Iterator[InitErrorDetails]:
    """Names given twice, and the first layer that does not fit what comes before it."""
    seen = {"input_layer"}  # Keras' own layer of the inputs
    for index, layer in enumerate(spec.layers):
        if layer.name and layer.name in seen:
            yield _misfit(("layers", index, "name"), "duplicate_name", {"name": layer.name})
        seen |= {layer.name} if layer.name else set()
    try:
        shapes(spec)
    except ShapeError as error:
        yield _misfit(("layers", error.index, error.key), error.code, error.parameters)
    if training_rows(spec) < 1:
        yield _misfit(("data", "validation"), "no_training_rows", {})


def _misfit(loc: Path, code: str, parameters: dict[str, Any]) -> InitErrorDetails:
    return refusal(loc, code, ADVICE[code][1], parameters)


def _over_limits(spec: Spec, limits: Limits) -> Iterator[InitErrorDetails]:
    found = shapes(spec)
    values, parameters = sum(shape.values for shape in found), sum(shape.parameters for shape in found)
    of_layer, filters = gettext_noop("units in a layer"), gettext_noop("filters in a layer")
    checks: list[tuple[Path, str, int, int]] = [
        (("layers",), gettext_noop("layers"), len(spec.layers), limits.layers),
        *((("layers", i, "units"), of_layer, getattr(x, "units", 0), limits.units) for i, x in enumerate(spec.layers)),
        *((("layers", i, "filters"), filters, getattr(x, "filters", 0), limits.filters)
          for i, x in enumerate(spec.layers)),
        (("layers",), gettext_noop("weights and biases"), parameters, limits.parameters),
        (("layers",), gettext_noop("values per sample"), values, limits.activations),
        (("batch_size",), gettext_noop("values per batch"), values * spec.batch_size, limits.batch_activations),
        (("data", "rows"), gettext_noop("rows"), spec.data.rows, limits.rows),
        (("data",), gettext_noop("inputs"), len(dataset(spec).features), limits.columns),
        (("data",), gettext_noop("classes in the data"), len(dataset(spec).classes), limits.classes),
        (("epochs",), gettext_noop("epochs"), spec.epochs, limits.epochs),
        (("batch_size",), gettext_noop("rows in a batch, as many as the data has"), spec.batch_size, spec.data.rows),
        (("epochs",), gettext_noop("training steps"), total_steps(spec), limits.steps),
    ]  # fmt: skip
    for loc, what, asked, most in checks:
        if asked > most:
            sizes = {"what": what, "asked": f"{asked:,}", "most": f"{most:,}"}
            yield refusal(loc, "over_limit", OVER_LIMIT, sizes)


# --- what the data is, shapes, sizes and steps ------------------------------------------------------------------------


def dataset(spec: Spec) -> Dataset:
    """The description of the spec's data."""
    return describe(spec.data)


def describe(data: Data) -> Dataset:
    if isinstance(data, TableData):
        return _table(data)
    found = DATASETS[data.kind]
    return with_classes(found, data.classes) if isinstance(data, Blobs | Spiral) else found


def _table(data: TableData) -> Dataset:
    """Categories become one input each, 0 or 1."""
    features = [
        Feature(f"{column.name} = {category}" if category else column.name, 0.0, 1.0)
        for column in data.columns
        for category in (column.categories or ("",))
    ]
    return Dataset("table", data.target, "", "", tuple(features), data.classes, data.rows, data.rows, data.rows)


def shapes(spec: Spec) -> tuple[LayerShape, ...]:
    """Raises ShapeError where a layer does not fit; never behind the door."""
    return layer_shapes(spec.layers, (len(dataset(spec).features),))


def output_width(spec: Spec) -> int:
    """How many numbers the network gives for one sample."""
    return math.prod(shapes(spec)[-1].outputs)


def parameter_count(spec: Spec) -> int:
    return sum(shape.parameters for shape in shapes(spec))


def test_rows(spec: Spec) -> int:
    return math.floor(spec.data.rows * spec.data.test)


def training_rows(spec: Spec) -> int:
    """Rows left after the test and validation rows are put aside, rounded as Keras rounds `validation_split`."""
    return math.floor((spec.data.rows - test_rows(spec)) * (1 - spec.data.validation))


def validation_rows(spec: Spec) -> int:
    return spec.data.rows - test_rows(spec) - training_rows(spec)


def steps_per_epoch(spec: Spec) -> int:
    return math.ceil(training_rows(spec) / spec.batch_size)


def total_steps(spec: Spec) -> int:
    return spec.epochs * steps_per_epoch(spec)


def metrics(spec: Spec) -> tuple[Metric, ...]:
    """What is measured beside the loss."""
    if spec.metrics is not None:
        return spec.metrics
    return ("mean_absolute_error",) if dataset(spec).is_regression else ("accuracy",)


def measures(spec: Spec) -> tuple[Measure, ...]:
    """Every number an epoch ends with, in the order of Keras' history."""
    of_training: tuple[Any, ...] = ("loss", *metrics(spec))
    of_validation = tuple(f"val_{name}" for name in of_training) if validation_rows(spec) else ()
    return (*of_training, *of_validation)
