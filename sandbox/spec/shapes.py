"""Shapes, sizes and work of a network from its spec alone, by arithmetic: TensorFlow is not asked.

A shape is that of one sample; the batch is not counted. Formulas are those of Keras' layers (`compute_output_shape`,
`count_params`), and a test compares them with Keras for every layer kind.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, singledispatch
from typing import Any

from sandbox.spec import layers as kinds

Shape = tuple[int, ...]
GATES = {"simple_rnn": 1, "lstm": 4, "gru": 3}


class ShapeError(Exception):
    """Layer `index` cannot follow what comes before it. `code` is one of `sandbox.advice`."""

    def __init__(self, index: int, key: str, code: str, **parameters: str | int) -> None:
        super().__init__(f"layer {index}: {code}")
        self.index = index
        self.key = key
        self.code = code
        self.parameters = parameters


@dataclass(frozen=True)
class LayerShape:
    """One layer's input and output per sample, its numbers, and its multiplications for one sample."""

    inputs: Shape
    outputs: Shape
    trainable: int = 0
    fixed: int = 0
    """Numbers that are kept but not trained: the running mean and variance of a batch normalization."""
    multiplications: int = 0
    inner_values: int = 0
    """Values of one sample inside the layer that the gradient needs: the gates of each step of a recurrent layer."""

    @property
    def parameters(self) -> int:
        return self.trainable + self.fixed

    @property
    def values(self) -> int:
        return math.prod(self.outputs) + self.inner_values


@lru_cache(maxsize=128)
def layer_shapes(layers: tuple[kinds.Layer, ...], inputs: Shape) -> tuple[LayerShape, ...]:
    """The shapes of all layers in order. Raises ShapeError at the first that does not fit.

    Kept because what admits, estimates and draws a spec asks for them some thirty times.
    """
    found: list[LayerShape] = []
    for index, layer in enumerate(layers):
        shape = _shape(layer, index, inputs)
        found.append(shape)
        inputs = shape.outputs
    return tuple(found)


@singledispatch
def _shape(layer: kinds.Layer, index: int, inputs: Shape) -> LayerShape:
    """Layers that change values, not shapes."""
    return LayerShape(inputs, inputs)


@_shape.register
def _batch_normalization(layer: kinds.BatchNormalization, index: int, inputs: Shape) -> LayerShape:
    return LayerShape(inputs, inputs, trainable=2 * inputs[-1], fixed=2 * inputs[-1])


@_shape.register
def _layer_normalization(layer: kinds.LayerNormalization, index: int, inputs: Shape) -> LayerShape:
    return LayerShape(inputs, inputs, trainable=2 * inputs[-1])


@_shape.register
def _flatten(layer: kinds.Flatten, index: int, inputs: Shape) -> LayerShape:
    return LayerShape(inputs, (math.prod(inputs),))


@_shape.register
def _pooling(layer: kinds.Pooling, index: int, inputs: Shape) -> LayerShape:
    strides = layer.strides or layer.pool_size
    sides = _slide(index, layer.kind, "pool_size", inputs, layer.pool_size, strides, layer.padding)
    return LayerShape(inputs, (*sides, inputs[-1]))


@_shape.register
def _global_pooling(layer: kinds.GlobalPooling, index: int, inputs: Shape) -> LayerShape:
    _need_rank(index, layer.kind, inputs)
    return LayerShape(inputs, inputs[-1:])


@_shape.register
def _dense(layer: kinds.Dense, index: int, inputs: Shape) -> LayerShape:
    weights = inputs[-1] * layer.units
    places = math.prod(inputs[:-1])
    outputs = (*inputs[:-1], layer.units)
    return LayerShape(inputs, outputs, weights + layer.units * layer.use_bias, multiplications=places * weights)


@_shape.register
def _convolution(layer: kinds.Convolution, index: int, inputs: Shape) -> LayerShape:
    sides = _slide(index, layer.kind, "kernel_size", inputs, layer.kernel_size, layer.strides, layer.padding)
    weights = layer.kernel_size ** len(sides) * inputs[-1] * layer.filters
    trainable = weights + layer.filters * layer.use_bias
    return LayerShape(inputs, (*sides, layer.filters), trainable, multiplications=math.prod(sides) * weights)


def _slide(index: int, kind: str, key: str, inputs: Shape, window: int, strides: int, padding: str) -> Shape:
    """How often a window fits along each side."""
    _need_rank(index, kind, inputs)
    sides = inputs[:-1]
    if padding == "same":
        return tuple(-(-side // strides) for side in sides)
    if window > min(sides):
        raise ShapeError(index, key, "window_too_large", window=window, side=min(sides))
    return tuple((side - window) // strides + 1 for side in sides)


def _need_rank(index: int, kind: str, inputs: Shape) -> None:
    """Sequences are (steps, features), pictures (height, width, channels)."""
    is_picture = kind.endswith("2d")
    if len(inputs) != (3 if is_picture else 2):
        code = "needs_picture" if is_picture else "needs_sequence"
        raise ShapeError(index, "kind", code, kind=kind, shape=in_words(inputs))


@_shape.register
def _recurrent(layer: kinds.Recurrent, index: int, inputs: Shape) -> LayerShape:
    if len(inputs) != 2:
        raise ShapeError(index, "kind", "needs_sequence", kind=layer.kind, shape=in_words(inputs))
    (steps, features), gates, units = inputs, GATES[layer.kind], layer.units
    weights = gates * units * (features + units)
    biases = gates * units * (2 if layer.kind == "gru" else 1) * layer.use_bias
    outputs = (steps, units) if layer.return_sequences else (units,)
    inner = steps * units * gates
    return LayerShape(inputs, outputs, weights + biases, multiplications=steps * weights, inner_values=inner)


@_shape.register
def _embedding(layer: kinds.Embedding, index: int, inputs: Shape) -> LayerShape:
    if index:
        raise ShapeError(index, "kind", "embedding_not_first")
    return LayerShape(inputs, (*inputs, layer.output_dim), layer.input_dim * layer.output_dim)


@_shape.register
def _reshape(layer: kinds.Reshape, index: int, inputs: Shape) -> LayerShape:
    if math.prod(layer.shape) != math.prod(inputs):
        sizes: dict[str, Any] = {"here": math.prod(inputs), "asked": math.prod(layer.shape)}
        raise ShapeError(index, "shape", "reshape_mismatch", **sizes)
    return LayerShape(inputs, layer.shape)


def in_words(shape: Shape) -> str:
    return " × ".join(map(str, shape))


def layer_names(layers: Sequence[kinds.Layer]) -> list[str]:
    """Every layer's name: its own, or its kind and place; all different."""
    own = {layer.name for layer in layers if layer.name}
    names: list[str] = []
    for index, layer in enumerate(layers):
        name = layer.name or f"{layer.kind}_{index + 1}"
        while not layer.name and name in own:
            name += "_"
        names.append(name)
    return names
