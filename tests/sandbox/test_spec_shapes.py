"""Shapes and sizes by our own arithmetic, and Keras' opinion of the same layers."""

import math
from collections.abc import Iterator
from itertools import product
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

import tests.sandbox.keras_script  # noqa: F401 - sets the environment of Keras
from sandbox.spec.base import Activation, BiasInitializer, Initializer
from sandbox.spec.layers import Layer
from sandbox.spec.shapes import LayerShape, Shape, ShapeError, layer_names, layer_shapes

LAYERS: TypeAdapter[tuple[Layer, ...]] = TypeAdapter(tuple[Layer, ...])

ROW, SEQUENCE, PICTURE = (12,), (7, 3), (9, 6, 2)


def read(*layers: dict[str, Any]) -> tuple[Layer, ...]:
    return LAYERS.validate_python(layers)


def shape_of(inputs: Shape, kind: str, **options: Any) -> LayerShape:
    return layer_shapes(read({"kind": kind, **options}), inputs)[0]


# --- by hand ---


@pytest.mark.parametrize(
    ("inputs", "layer", "outputs", "trainable", "multiplications"),
    [
        (ROW, {"kind": "dense", "units": 5}, (5,), 12 * 5 + 5, 12 * 5),
        (ROW, {"kind": "dense", "units": 5, "use_bias": False}, (5,), 12 * 5, 12 * 5),
        (SEQUENCE, {"kind": "dense", "units": 5}, (7, 5), 3 * 5 + 5, 7 * 3 * 5),
        (SEQUENCE, {"kind": "conv_1d", "filters": 4, "kernel_size": 3}, (5, 4), 3 * 3 * 4 + 4, 5 * 3 * 3 * 4),
        (PICTURE, {"kind": "conv_2d", "filters": 4, "kernel_size": 3}, (7, 4, 4), 9 * 2 * 4 + 4, 7 * 4 * 9 * 2 * 4),
        (SEQUENCE, {"kind": "simple_rnn", "units": 5}, (5,), 5 * (3 + 5 + 1), 7 * 5 * (3 + 5)),
        (SEQUENCE, {"kind": "lstm", "units": 5}, (5,), 4 * 5 * (3 + 5 + 1), 7 * 4 * 5 * (3 + 5)),
        (SEQUENCE, {"kind": "gru", "units": 5}, (5,), 3 * 5 * (3 + 5 + 2), 7 * 3 * 5 * (3 + 5)),
        (ROW, {"kind": "embedding", "input_dim": 17, "output_dim": 4}, (12, 4), 17 * 4, 0),
        (PICTURE, {"kind": "batch_normalization"}, PICTURE, 4, 0),
        (PICTURE, {"kind": "flatten"}, (108,), 0, 0),
    ],
)
def test_a_layer_has_the_size_that_a_learner_counts(
    inputs: Shape, layer: dict[str, Any], outputs: Shape, trainable: int, multiplications: int
) -> None:
    found = shape_of(inputs, **layer)
    assert (found.outputs, found.trainable, found.multiplications) == (outputs, trainable, multiplications)


def test_a_batch_normalization_has_numbers_that_are_not_trained() -> None:
    found = shape_of(PICTURE, "batch_normalization")
    assert (found.trainable, found.fixed, found.parameters) == (4, 4, 8)


def test_a_recurrent_layer_holds_the_gates_of_every_step() -> None:
    assert shape_of(SEQUENCE, "lstm", units=5).values == 5 + 7 * 4 * 5
    assert shape_of(SEQUENCE, "gru", units=5, return_sequences=True).values == 7 * 5 + 7 * 3 * 5


def test_names_that_are_made_differ_from_those_that_are_given() -> None:
    layers = read({"kind": "flatten", "name": "flatten_2"}, {"kind": "flatten"}, {"kind": "flatten"})
    assert layer_names(layers) == ["flatten_2", "flatten_2_", "flatten_3"]


@pytest.mark.parametrize(
    ("inputs", "layer", "key", "code"),
    [
        (ROW, {"kind": "conv_1d", "filters": 1, "kernel_size": 1}, "kind", "needs_sequence"),
        (PICTURE, {"kind": "global_average_pooling_1d"}, "kind", "needs_sequence"),
        (PICTURE, {"kind": "gru", "units": 1}, "kind", "needs_sequence"),
        (SEQUENCE, {"kind": "max_pooling_2d"}, "kind", "needs_picture"),
        (SEQUENCE, {"kind": "conv_1d", "filters": 1, "kernel_size": 8}, "kernel_size", "window_too_large"),
        (PICTURE, {"kind": "average_pooling_2d", "pool_size": 7}, "pool_size", "window_too_large"),
        (PICTURE, {"kind": "reshape", "shape": [9, 6]}, "shape", "reshape_mismatch"),
    ],
)
def test_the_first_layer_that_does_not_fit_is_named(inputs: Shape, layer: dict[str, Any], key: str, code: str) -> None:
    with pytest.raises(ShapeError) as refused:
        layer_shapes(read({"kind": "dropout", "rate": 0.1}, layer, layer), inputs)
    assert (refused.value.index, refused.value.key, refused.value.code) == (1, key, code)


# --- as Keras counts ---

Case = tuple[Shape, dict[str, Any]]


WINDOWS = [(1, 1, "valid"), (2, 1, "same"), (3, 2, "valid"), (3, 2, "same"), (6, 4, "same"), (6, None, "valid")]


def of_any_rank(inputs: Shape) -> Iterator[Case]:
    yield (inputs, {"kind": "activation", "activation": "relu"})
    yield (inputs, {"kind": "dropout", "rate": 0.5})
    yield (inputs, {"kind": "gaussian_noise", "stddev": 0.1})
    yield (inputs, {"kind": "batch_normalization"})
    yield (inputs, {"kind": "layer_normalization"})
    yield (inputs, {"kind": "flatten"})
    yield (inputs, {"kind": "reshape", "shape": [math.prod(inputs), 1, 1]})
    for use_bias in (True, False):
        yield (inputs, {"kind": "dense", "units": 5, "use_bias": use_bias, "kernel_regularizer": {"l1": 0.1}})


def sliding(inputs: Shape, rank: str) -> Iterator[Case]:
    """Windows that fit once, several times, with a rest, and not at all without padding."""
    yield (inputs, {"kind": f"global_average_pooling_{rank}"})
    yield (inputs, {"kind": f"conv_{rank}", "filters": 2, "kernel_size": 10, "padding": "same"})
    for window, strides, filling in WINDOWS:
        options = {"strides": strides, "padding": filling}
        for pooling in ("max", "average"):
            yield (inputs, {"kind": f"{pooling}_pooling_{rank}", "pool_size": window} | options)
        for use_bias in (True, False) if strides else ():
            yield (
                inputs,
                {"kind": f"conv_{rank}", "filters": 4, "kernel_size": window, "use_bias": use_bias} | options,
            )


def recurrent_cases() -> Iterator[Case]:
    for kind, use_bias, return_sequences in product(("simple_rnn", "lstm", "gru"), (True, False), (True, False)):
        options = {"use_bias": use_bias, "return_sequences": return_sequences}
        yield (SEQUENCE, {"kind": kind, "units": 5, **options})


def cases() -> Iterator[Case]:
    """Every kind, in every rank it takes, with the options that change a shape or a size."""
    for inputs in (ROW, SEQUENCE, PICTURE):
        yield from of_any_rank(inputs)
    yield (ROW, {"kind": "embedding", "input_dim": 17, "output_dim": 4})
    yield from sliding(SEQUENCE, "1d")
    yield from sliding(PICTURE, "2d")
    yield from recurrent_cases()


CASES = list(cases())


@pytest.fixture(scope="module")
def keras() -> Any:
    import keras

    return keras


def of_keras(keras: Any, layers: tuple[Layer, ...], inputs: Shape) -> list[tuple[Shape, int, int]]:
    """Of each layer: output shape, all its numbers, those that are trained. ValueError where one does not fit."""
    from sandbox.engine.network import build_layer

    tensor, found = keras.Input(inputs), []
    for layer, name in zip(layers, layer_names(layers), strict=True):
        built = build_layer(layer, name)
        tensor = built(tensor)
        trained = sum(math.prod(weight.shape) for weight in built.trainable_weights)
        found.append((tuple(tensor.shape[1:]), built.count_params(), trained))
    return found


def ours(layers: tuple[Layer, ...], inputs: Shape) -> list[tuple[Shape, int, int]]:
    return [(shape.outputs, shape.parameters, shape.trainable) for shape in layer_shapes(layers, inputs)]


def test_every_kind_of_layer_is_compared() -> None:
    assert {layer["kind"] for _, layer in CASES} == set(KINDS)


@pytest.mark.keras
@pytest.mark.parametrize(("inputs", "layer"), CASES, ids=[f"{layer['kind']}-{rank}" for rank, layer in CASES])
def test_keras_counts_the_same(keras: Any, inputs: Shape, layer: dict[str, Any]) -> None:
    layers = read(layer)
    assert ours(layers, inputs) == of_keras(keras, layers, inputs)


@pytest.mark.keras
@pytest.mark.parametrize(
    ("key", "names"),
    [
        ("activation", get_args(Activation)),
        ("kernel_initializer", get_args(Initializer)),
        ("recurrent_initializer", get_args(Initializer)),
        ("bias_initializer", get_args(BiasInitializer)),
    ],
)
def test_keras_knows_every_name_that_the_door_lets_in(keras: Any, key: str, names: tuple[str, ...]) -> None:
    for name in names:
        layers: list[dict[str, Any]] = [{"kind": "lstm", "units": 2, key: name}]
        if key != "recurrent_initializer":
            convolution = {"kind": "conv_1d", "filters": 2, "kernel_size": 2, key: name}
            layers = [convolution, *layers, {"kind": "dense", "units": 3, key: name}]
        of_keras(keras, read(*layers), SEQUENCE)


@pytest.mark.keras
def test_what_does_not_fit_here_does_not_fit_in_keras(keras: Any) -> None:
    for _, layer in CASES:
        for other in (ROW, SEQUENCE, PICTURE, (2, 2), (2, 2, 2)):
            layers = read(layer)
            try:
                ours(layers, other)
            except ShapeError:
                with pytest.raises(ValueError, match=r"."):
                    of_keras(keras, layers, other)


# --- any stack of layers ---

small = st.integers(1, 4)
whether = st.booleans()
padding = st.sampled_from(["valid", "same"])


def kind(name: str, **options: Any) -> Any:
    return st.fixed_dictionaries({"kind": st.just(name), **options})


def convolution(name: str) -> Any:
    return kind(name, filters=small, kernel_size=small, strides=small, padding=padding, use_bias=whether)


def pooling(name: str) -> Any:
    return kind(name, pool_size=small, strides=st.none() | small, padding=padding)


def recurrent(name: str) -> Any:
    return kind(name, units=small, use_bias=whether, return_sequences=whether)


RESHAPE = kind("reshape", shape=st.lists(st.integers(1, 12), min_size=1, max_size=3))
ANYWHERE: dict[str, Any] = {
    "dense": kind("dense", units=small, use_bias=whether),
    "activation": kind("activation", activation=st.sampled_from(get_args(Activation))),
    "dropout": kind("dropout", rate=st.sampled_from([0.0, 0.5])),
    "gaussian_noise": kind("gaussian_noise", stddev=st.sampled_from([0.0, 0.5])),
    "batch_normalization": kind("batch_normalization"),
    "layer_normalization": kind("layer_normalization"),
    "flatten": kind("flatten"),
    "reshape": RESHAPE,
}
IN_ROWS: dict[str, Any] = {"embedding": kind("embedding", input_dim=st.integers(1, 9), output_dim=small)}
IN_SEQUENCES: dict[str, Any] = {
    "conv_1d": convolution("conv_1d"),
    "max_pooling_1d": pooling("max_pooling_1d"),
    "average_pooling_1d": pooling("average_pooling_1d"),
    "global_average_pooling_1d": kind("global_average_pooling_1d"),
    "simple_rnn": recurrent("simple_rnn"),
    "lstm": recurrent("lstm"),
    "gru": recurrent("gru"),
}
IN_PICTURES: dict[str, Any] = {
    "conv_2d": convolution("conv_2d"),
    "max_pooling_2d": pooling("max_pooling_2d"),
    "average_pooling_2d": pooling("average_pooling_2d"),
    "global_average_pooling_2d": kind("global_average_pooling_2d"),
}
OF_RANK = {1: IN_ROWS, 2: IN_SEQUENCES, 3: IN_PICTURES}
KINDS = {**ANYWHERE, **IN_ROWS, **IN_SEQUENCES, **IN_PICTURES}


@st.composite
def stacks(draw: Any) -> tuple[Shape, tuple[Layer, ...]]:
    """Up to six layers, most of which fit what comes before them."""
    inputs = tuple(draw(st.lists(st.integers(1, 9), min_size=1, max_size=3)))
    shape, layers = inputs, []
    for _ in range(draw(st.integers(1, 6))):
        fitting = {**OF_RANK[len(shape)], **ANYWHERE}
        layer = draw(st.one_of([*fitting.values(), factored(shape)]))
        layers.append(layer)
        try:
            shape = layer_shapes(read(*layers), inputs)[-1].outputs
        except ShapeError:
            break
    return inputs, read(*layers)


def factored(shape: Shape) -> Any:
    """A reshape that fits."""
    size = math.prod(shape)
    divisors = [divisor for divisor in range(1, min(size, 64) + 1) if size % divisor == 0]
    return kind("reshape", shape=st.sampled_from(divisors).map(lambda side: [side, size // side]))


@pytest.mark.keras
@pytest.mark.slow
@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(stacks())
def test_keras_counts_the_same_in_any_stack_of_layers(keras: Any, stack: tuple[Shape, tuple[Layer, ...]]) -> None:
    inputs, layers = stack
    keras.backend.clear_session()
    try:
        expected = ours(layers, inputs)
    except ShapeError as error:
        assume(error.code != "embedding_not_first")  # Keras would look floats up as if they were whole numbers
        with pytest.raises(ValueError, match=r"."):
            of_keras(keras, layers, inputs)
    else:
        assert of_keras(keras, layers, inputs) == expected
