"""Questions to a network as it was after an epoch, answered in a child from the packed state.

Every number is one that Keras computes in the graph (a `tf.function` without XLA), for one sample at a time in a
forward pass. The engine's own step is asked for a weight update: see `sandbox.engine.updates`.
"""

import base64
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from sandbox.engine.data import Floats, Parts, Rows, Scale, prepare, targets
from sandbox.engine.evaluation import predicted_classes
from sandbox.engine.network import build_loss, build_model
from sandbox.engine.numbers import all_numbers, finite_or_none
from sandbox.engine.state import restore_model
from sandbox.engine.updates import update
from sandbox.messages import finite, name_of_nonfinite
from sandbox.probe_messages import (
    Answered,
    Cell,
    File,
    Forward,
    ForwardPass,
    LayerPass,
    ModelFile,
    Predict,
    Prediction,
    Predictions,
    Update,
)
from sandbox.probe_rules import columns
from sandbox.spec import Spec, dataset

Part = Literal["training", "validation", "test"]
Arrays = dict[str, NDArray[np.float32]]


def reply(
    spec: Spec, state: bytes, question: Forward | Update | Predict | ModelFile, table: Rows | None
) -> Answered | File:
    """Raises DivergedError where the training breaks before the step that is asked for."""
    if isinstance(question, ModelFile):
        return File(content=base64.b64encode(model_file(spec, state)))
    parts = prepare(spec, table)
    match question:
        case Forward(sample=sample, layer=layer):
            return Answered(answer=forward(spec, state, parts, sample, layer=layer))
        case Update(epoch=epoch, step=step, layer=layer):
            return Answered(answer=update(spec, state, parts, epoch, step, layer=layer))
        case Predict(inputs=inputs):
            return Answered(answer=predict(spec, state, parts.scale, inputs))


def _restored(spec: Spec, state: bytes) -> Any:
    model = build_model(spec)
    restore_model(model, state)
    return model


# --- forward pass -----------------------------------------------------------------------------------------------------


def forward(spec: Spec, state: bytes, parts: Parts, sample: int, *, layer: str | None = None) -> ForwardPass:
    """One sample on its way through the layers, or through `layer` alone. Training rows come first, then validation,
    then test rows. The last output is that of `model(x)`, bit for bit."""
    model, (part, row) = _restored(spec, state), _row(parts, sample)
    trace = tf.function(partial(_pass, model, build_loss(spec)), autograph=False)
    passed, loss = trace(tf.constant(row.inputs), tf.constant(targets(spec, row.labels)))
    outputs, loss = passed[-1]["outputs"].numpy(), float(loss)
    nonfinite = name_of_nonfinite(loss)
    return ForwardPass(
        sample=sample,
        part=part,
        label=float(row.labels[0]),
        outputs=all_numbers({"outputs": outputs[0]})["outputs"],
        predicted=_predicted(spec, outputs)[0],
        loss=finite(loss),
        nonfinite={"loss": nonfinite} if nonfinite else {},
        layers=_layers(spec, model, passed, layer),
    )


def _row(parts: Parts, sample: int) -> tuple[Part, Rows]:
    named: list[tuple[Part, Rows]] = [
        ("training", parts.training),
        ("validation", parts.validation),
        ("test", parts.test),
    ]
    for name, rows in named:
        if sample < len(rows):
            return name, rows.take(np.array([sample]))
        sample -= len(rows)
    raise ValueError("there is no such sample")


def _pass(model: Any, loss: Any, inputs: Any, wanted: Any) -> Any:
    """Traced: the arrays of every layer, by the names of LayerPass, and the loss."""
    passed = []
    for layer in model.layers:
        arrays = {"inputs": inputs, **(_weighted_sums(layer, inputs) if isinstance(layer, keras.layers.Dense) else {})}
        inputs = layer(inputs, training=False)
        passed.append({**arrays, "outputs": inputs})
    return passed, loss(wanted, inputs)


def _weighted_sums(layer: Any, inputs: Any) -> dict[str, Any]:
    """What `keras.layers.Dense.call` does before the activation, and each product by itself."""
    sums = keras.ops.matmul(inputs, layer.kernel)
    if layer.bias is not None:
        sums = keras.ops.add(sums, layer.bias)
    return {"products": tf.expand_dims(inputs, -1) * layer.kernel, "sums": sums}


def _layers(spec: Spec, model: Any, passed: Any, only: str | None) -> tuple[LayerPass, ...]:
    arrays: dict[tuple[str, str], NDArray[np.float32]] = {}
    wanted = [number for number, layer in enumerate(model.layers) if only in (None, layer.name)]
    for number in wanted:
        layer = model.layers[number]
        for name, tensor in passed[number].items():
            arrays[layer.name, name] = tensor.numpy()[0]
        if isinstance(layer, keras.layers.Dense):
            arrays |= {(layer.name, weight.name): weight.numpy() for weight in layer.weights}
    given = all_numbers(arrays)
    return tuple(
        LayerPass(
            name=model.layers[number].name,
            kind=spec.layers[number].kind,
            activation=getattr(spec.layers[number], "activation", None),
            **{name: numbers for (layer, name), numbers in given.items() if layer == model.layers[number].name},
        )
        for number in wanted
    )


def _predicted(spec: Spec, outputs: NDArray[np.float32]) -> list[int | None]:
    """The class of each row of outputs; None in a regression."""
    if dataset(spec).is_regression:
        return [None] * len(outputs)
    return [*predicted_classes(outputs, threshold=0.0 if spec.from_logits else 0.5).tolist()]


# --- predictions ------------------------------------------------------------------------------------------------------


def predict(spec: Spec, state: bytes, scale: Scale, inputs: Sequence[Sequence[Cell]]) -> Predictions:
    """What the network says of rows given as they are before scaling, the categories of a table by their names."""
    run = tf.function(partial(_restored(spec, state), training=False), autograph=False)
    outputs = run(tf.constant(scale(_encoded(spec, inputs)))).numpy()
    found = zip(outputs, _predicted(spec, outputs), strict=True)
    return Predictions(rows=tuple(_prediction(spec, row, predicted) for row, predicted in found))


def _encoded(spec: Spec, inputs: Sequence[Sequence[Cell]]) -> Floats:
    """One row of numbers for each row of cells; a category becomes 0s and a 1, as in `sandbox.engine.table_rows`."""
    wanted = [column.categories for column in columns(spec)]
    rows = [[n for cell, names in zip(row, wanted, strict=True) for n in _numbers(cell, names)] for row in inputs]
    return np.array(rows, np.float32)


def _numbers(cell: Cell, categories: tuple[str, ...]) -> list[float]:
    return [float(cell == name) for name in categories] if categories else [float(cell)]


def _prediction(spec: Spec, outputs: NDArray[np.float32], predicted: int | None) -> Prediction:
    values = finite_or_none(outputs)
    return Prediction(
        outputs=values,
        predicted=predicted,
        probability=None if predicted is None else _probability(spec, outputs, predicted),
        nonfinite=values.count(None),
    )


def _probability(spec: Spec, outputs: NDArray[np.float32], predicted: int) -> float | None:
    """Of the predicted class, as far as an output is one: logits are squashed first, other numbers are none."""
    exact = outputs.astype(np.float64)
    if len(outputs) == 1:
        yes = 1 / (1 + np.exp(-exact[0])) if spec.from_logits else exact[0]
        probability = float(yes if predicted else 1 - yes)
    else:
        if spec.from_logits:
            exact = np.exp(exact - exact.max()) / np.exp(exact - exact.max()).sum()
        probability = float(exact[predicted])
    return probability if 0 <= probability <= 1 else None


# --- file -------------------------------------------------------------------------------------------------------------


def model_file(spec: Spec, state: bytes) -> bytes:
    """A `.keras` file of the network with these weights, for `keras.saving.load_model`; it holds no optimizer."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.keras")
        keras.saving.save_model(_restored(spec, state), path)
        return path.read_bytes()
