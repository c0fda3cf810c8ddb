"""What may be asked of a network, from its spec alone: how many numbers an answer has, and which rows can be predicted.
Pure: no TensorFlow, no numpy."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sandbox.cost import moments
from sandbox.datasets import gettext_noop
from sandbox.probe_messages import MAX_ANSWER_BYTES
from sandbox.spec import Spec, TableData, dataset, layer_names, output_width, shapes
from sandbox.spec import layers as kinds
from sandbox.spec.shapes import LayerShape

MOST_NUMBERS = 20_000
"""An answer with more is given layer by layer, and a layer with more is cut."""
BYTES_PER_NUMBER = 24
MOST_OUTPUTS = MAX_ANSWER_BYTES // 2 // BYTES_PER_NUMBER
"""Of all predicted rows together."""
LARGEST = 3.4028234e38
"""The network computes in float32: beyond is infinity."""


# --- sizes ------------------------------------------------------------------------------------------------------------


def forward_sizes(spec: Spec) -> dict[str, int]:
    """Numbers of a forward pass, by layer: inputs and outputs; of dense layers kernel, bias, products and sums too."""
    return {
        name: _forward_size(layer, shape)
        for name, layer, shape in zip(layer_names(spec.layers), spec.layers, shapes(spec), strict=True)
    }


def _forward_size(layer: kinds.Layer, shape: LayerShape) -> int:
    inputs, outputs = math.prod(shape.inputs), math.prod(shape.outputs)
    if not isinstance(layer, kinds.Dense):
        return inputs + outputs
    return inputs + shape.parameters + inputs * layer.units + 2 * outputs


def update_sizes(spec: Spec) -> dict[str, int]:
    """Numbers of a weight update, by layer: old, new, the gradient (before clipping too), the optimizer's memory
    before and after."""
    each = 3 + (spec.optimizer.clipping is not None) + 2 * moments(spec)
    found = zip(layer_names(spec.layers), shapes(spec), strict=True)
    return {name: shape.trainable * each + shape.fixed * 2 for name, shape in found}


def fits_whole(sizes: dict[str, int]) -> bool:
    return sum(sizes.values()) <= MOST_NUMBERS


def shares(sizes: Sequence[int], most: int = MOST_NUMBERS) -> list[int]:
    """How many numbers of each array are given where at most `most` may be: small arrays whole, large ones alike."""
    given = [0] * len(sizes)
    for left, index in zip(range(len(sizes), 0, -1), sorted(range(len(sizes)), key=sizes.__getitem__), strict=True):
        given[index] = min(sizes[index], most // left)
        most -= given[index]
    return given


# --- rows to predict --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """What a cell may hold: one of the categories, or else a number; whole and below `below` for an embedding."""

    categories: tuple[str, ...] = ()
    below: int | None = None


@dataclass(frozen=True)
class Misfit:
    """Cell (row, column) cannot be predicted from; `column` is None where the whole row is to blame, `row` None for
    all of them together. `message` is an English message id."""

    row: int | None
    column: int | None
    code: str
    message: str
    parameters: dict[str, int | str]


def columns(spec: Spec) -> list[Column]:
    """The cells of a row, in order."""
    if isinstance(spec.data, TableData):
        return [Column(column.categories) for column in spec.data.columns]
    first = spec.layers[0]
    below = first.input_dim if isinstance(first, kinds.Embedding) else None
    return [Column(below=below) for _ in dataset(spec).features]


def misfits(spec: Spec, inputs: Sequence[object]) -> Iterator[Misfit]:
    """Everything about these rows (decoded JSON) that the network of this spec cannot take; without any they are rows
    of `Cell`."""
    if len(inputs) * output_width(spec) > MOST_OUTPUTS:
        message = gettext_noop("This network gives %(outputs)d numbers a row: at most %(rows)d rows are predicted.")
        sizes = {"outputs": output_width(spec), "rows": MOST_OUTPUTS // output_width(spec)}
        yield Misfit(None, None, "too_many_rows", message, {**sizes})
        return
    wanted = columns(spec)
    for number, row in enumerate(inputs):
        if not isinstance(row, list) or len(row) != len(wanted):
            message = gettext_noop("A row is a list of %(wanted)d values, one for each input.")
            yield Misfit(number, None, "wrong_width", message, {"wanted": len(wanted)})
            continue
        for place, (cell, column) in enumerate(zip(row, wanted, strict=True)):
            if found := _misfit(cell, column):
                yield Misfit(number, place, *found)


def _misfit(cell: object, column: Column) -> tuple[str, str, dict[str, int | str]] | None:
    if column.categories:
        if isinstance(cell, str) and cell in column.categories:
            return None
        return "unknown_category", gettext_noop("This is none of the column's categories."), {}
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return "no_number", gettext_noop("This input is a number."), {}
    if not abs(cell) <= LARGEST:
        return "too_large", gettext_noop("This number is too large for the network."), {}
    if column.below is not None and not (0 <= cell < column.below and cell == int(cell)):
        message = gettext_noop("The network looks this input up in a table: a whole number below %(below)d.")
        return "no_whole_number", message, {"below": column.below}
    return None
