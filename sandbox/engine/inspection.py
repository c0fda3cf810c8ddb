"""What a network looks like from inside at one moment: statistics of its layers, and its decision boundary."""

import base64
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from sandbox.engine.data import Scale
from sandbox.engine.evaluation import predicted_classes
from sandbox.engine.loop import Network
from sandbox.messages import BINS, GRID, Boundary, Histogram, Inspected, LayerStatistics
from sandbox.spec import Spec, dataset, output_width

BATCH = 256
"""Statistics are taken on the first training rows, at most so many; always the same."""
MARGIN = 0.1


def inspect(network: Network, epoch: int) -> Inspected:
    """Weights, gradients and outputs of every layer; the network is left as it was."""
    inputs, wanted = (tensor[:BATCH] for tensor in network.training)
    outputs: list[Any] = []
    with tf.GradientTape() as tape:
        value = inputs
        for layer in network.model.layers:
            value = layer(value, training=False)
            outputs.append(value)
        loss = network.loss(wanted, value)
    gradients = iter(tape.gradient(loss, network.model.trainable_variables))
    layers = [
        _statistics(layer, output.numpy(), [_dense(next(gradients)) for _ in layer.trainable_variables])
        for layer, output in zip(network.model.layers, outputs, strict=True)
    ]
    return Inspected(epoch=epoch, layers=tuple(layers))


def _dense(gradient: Any) -> NDArray[np.float32]:
    """The gradient of an embedding comes as the rows that were looked up."""
    array: NDArray[np.float32] = tf.convert_to_tensor(gradient).numpy()
    return array


def _statistics(layer: Any, outputs: NDArray[np.float32], gradients: list[NDArray[np.float32]]) -> LayerStatistics:
    weights = [variable.numpy() for variable in layer.trainable_variables]
    norm = float(np.sqrt(sum(float(np.sum(np.square(each, dtype=np.float64))) for each in gradients)))
    return LayerStatistics(
        name=layer.name,
        weights=histogram(weights) if weights else None,
        gradients=histogram(gradients) if gradients else None,
        activations=histogram([outputs]),
        gradient_norm=norm if gradients and np.isfinite(norm) else None,
        silent=float((outputs == 0).all(axis=0).mean()),
    )


def histogram(arrays: list[NDArray[np.float32]]) -> Histogram:
    values = np.concatenate([array.ravel() for array in arrays]).astype(np.float64)
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    counts, _ = np.histogram(finite, BINS, (low, high if high > low else low + 1e-9))
    return Histogram(low=low, high=high, counts=tuple(counts.tolist()), nonfinite=values.size - finite.size)


def has_boundary(spec: Spec) -> bool:
    described = dataset(spec)
    return len(described.features) == 2 and not described.is_regression


def boundary(network: Network, scale: Scale, epoch: int) -> Boundary:
    """The predicted class over the plane, a little beyond the training rows, and how sure the network is of it."""
    rows = scale.back(network.training[0].numpy())
    low, high = rows.min(axis=0), rows.max(axis=0)
    low, high = low - MARGIN * (high - low), high + MARGIN * (high - low)
    x, y = (np.linspace(low[axis], high[axis], GRID, dtype=np.float32) for axis in (0, 1))
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    outputs = network.model(tf.constant(scale(points)), training=False).numpy()
    classes = predicted_classes(outputs, threshold=0.0 if network.spec.from_logits else 0.5)
    return Boundary(
        epoch=epoch,
        low=(float(low[0]), float(low[1])),
        high=(float(high[0]), float(high[1])),
        classes=base64.b64encode(classes.astype(np.uint8).tobytes()),
        certainty=base64.b64encode(_certainty(network.spec, outputs)),
    )


def _certainty(spec: Spec, outputs: NDArray[np.float32]) -> bytes:
    """0: no better than a guess; 255: certain."""
    exact = outputs.astype(np.float64)
    if output_width(spec) == 1:
        probability = 1 / (1 + np.exp(-exact[:, 0])) if spec.from_logits else exact[:, 0]
        share = np.abs(2 * probability - 1)
    else:
        if spec.from_logits:
            exact = np.exp(exact - exact.max(axis=1, keepdims=True))
        total = exact.sum(axis=1)
        best = exact.max(axis=1) / np.where(total > 0, total, 1)
        share = (best - 1 / exact.shape[1]) / (1 - 1 / exact.shape[1])
    return np.asarray(np.nan_to_num(np.clip(share, 0, 1)) * 255, np.uint8).tobytes()
