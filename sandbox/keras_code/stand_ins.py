"""The sandbox's data in the place of the code's own, and the layers that make them fit."""

import ast
import math
from dataclasses import dataclass, field
from typing import Any

from sandbox.datasets import DATASETS, Dataset
from sandbox.keras_code.values import Model, Scope
from sandbox.spec.training import CROSS_ENTROPIES

DATASET_BY_INPUTS = {
    1: "clinical_trial", 2: "circles", 4: "iris", 10: "diabetes", 13: "wine", 30: "breast_cancer", 64: "digits",
}  # fmt: skip
# Where one input is to give a number; a single layer can learn no more than a line.
LINE, CURVE = "line", "sine"
DIGITS_SIDE = 8
PICTURE, ROWS = (DIGITS_SIDE, DIGITS_SIDE, 1), (DIGITS_SIDE, DIGITS_SIDE)
LEAST_PICTURE = 16
"""Two numbers from here on, the same twice, are a picture without its channel rather than a sequence."""


@dataclass
class Network:
    """The layers of a spec, and where in the code each of them stands."""

    layers: list[dict[str, Any]] = field(default_factory=list)
    nodes: list[ast.AST] = field(default_factory=list)
    inputs: tuple[int, ...] | None = None

    def put(self, index: int, settings: dict[str, Any], node: ast.AST) -> None:
        self.layers.insert(index, settings)
        self.nodes.insert(index, node)


def data_of(network: Network, validation: float, model: Model, scope: Scope) -> dict[str, Any]:
    """Chooses a data set by the inputs; pictures and sequences get a reshape in front."""
    shape = _shape(network, model, scope)
    dataset = _dataset(math.prod(shape), network.layers, model)
    if dataset is None and _is_picture(shape):
        dataset = DATASETS["digits"]
    if dataset is None:
        shown = ", ".join(f"{DATASETS[kind].title} ({width})" for width, kind in DATASET_BY_INPUTS.items())
        raise scope.refused(model.layers[0].node, "no_dataset", inputs=math.prod(shape), datasets=shown)
    _lay_out(network, shape, dataset, model, scope)
    place = model.fit.node if model.fit else model.node
    scope.note(place, "no_data", name=model.fit.data_name if model.fit else "fit()", dataset=dataset.title)
    data = {"kind": dataset.kind, "rows": dataset.default_rows, "validation": validation, "split": "last_rows"}
    if dataset.is_sorted and validation:
        data["split"] = "shuffled"
        scope.note(place, "sorted_data", dataset=dataset.title)
    # An embedding looks whole numbers up; scaled they are none.
    unscaled = {"scaling": "none"} if network.layers[0]["kind"] == "embedding" else {}
    return {**data, "seed": 1, **unscaled}


def _shape(network: Network, model: Model, scope: Scope) -> tuple[int, ...]:
    if network.inputs is not None:
        return network.inputs
    first = network.layers[0]
    if first["kind"] == "reshape":
        return (math.prod(first["shape"]),)
    if first["kind"].endswith("2d"):
        shape: tuple[int, ...] = PICTURE
    elif first["kind"].endswith("1d") or first["kind"] in ("lstm", "gru", "simple_rnn"):
        shape = ROWS
    else:
        scope.note(model.node, "no_input")
        return (1,)
    scope.note(model.node, "no_input_shape", shape=str(shape))
    return shape


def _is_picture(shape: tuple[int, ...]) -> bool:
    return len(shape) == 3 or (len(shape) == 2 and shape[0] == shape[1] >= LEAST_PICTURE)


def _dataset(inputs: int, layers: list[dict[str, Any]], model: Model) -> Dataset | None:
    """The set that stands in for the code's own data; one of a regression only where the loss compares numbers."""
    dataset = DATASETS.get(DATASET_BY_INPUTS.get(inputs, ""))
    loss = model.compilation.loss.name if model.compilation else ""
    last = layers[-1]
    gives_number = last["kind"] == "dense" and last["units"] == 1 and last["activation"] == "linear"
    if inputs == 1 and gives_number and loss not in CROSS_ENTROPIES:
        return DATASETS[LINE if len(layers) == 1 else CURVE]
    if dataset is not None and dataset.is_regression and loss in CROSS_ENTROPIES:
        return None
    return dataset


def _lay_out(network: Network, shape: tuple[int, ...], dataset: Dataset, model: Model, scope: Scope) -> None:
    """The rows of the data set in the shape that the first layer expects."""
    node = model.layers[0].node
    if math.prod(shape) != len(dataset.features):
        digits = PICTURE if len(shape) == 3 else ROWS
        scope.note(node, "other_pictures", shape=str(shape), digits=str(digits))
        shape = digits
    if len(shape) == 1:
        return
    if network.layers[0]["kind"] == "flatten" and len(network.layers) > 1:
        scope.note(network.nodes[0], "flat_already")
        del network.layers[0], network.nodes[0]
        return
    scope.note(node, "reshaped", shape=str(shape))
    network.put(0, {"kind": "reshape", "shape": [*shape]}, node)
