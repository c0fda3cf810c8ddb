"""What a network answers to questions about itself: the numbers of Keras, to the last bit."""

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tests.sandbox.keras_script  # noqa: F401  (sets the environment of a child before TensorFlow is loaded)
from sandbox.probe_messages import ForwardPass, Numbers
from sandbox.probe_rules import forward_sizes
from sandbox.spec import Spec, parse_spec
from tests.sandbox.kinds import DIGITS, EVERY, NETWORKS, dense, layer, of_numbers
from tests.sandbox.specs import notes_spec
from tests.sandbox.tables import TABLE_ID, flowers, table_spec

pytestmark = pytest.mark.keras

SMALL = {"kind": "clinical_trial", "rows": 205, "validation": 0.1, "test": 0.1}
PLAIN = notes_spec(data=SMALL)
LARGE = notes_spec(data=DIGITS, layers=[dense(64, "relu"), dense(200, "relu"), dense(10, "softmax")])


def trained(spec: Spec, parts: Any = None) -> tuple[Any, Any, bytes]:
    """The engine's network after one epoch, its rows, and its packed state."""
    from sandbox.engine.data import prepare
    from sandbox.engine.loop import Network
    from sandbox.engine.state import pack

    parts = parts or prepare(spec)
    network = Network(spec, parts.training, parts.validation)
    network.train_epoch(1)
    return network, parts, pack(network.state())


def array(numbers: Numbers | None) -> Any:
    assert numbers is not None
    assert not numbers.cut
    values = [np.nan if value is None else value for value in numbers.values]
    found = np.array(values, np.float64).astype(np.float32).reshape(numbers.shape)
    assert np.array_equal(found.astype(np.float64).ravel(), values, equal_nan=True), "each number is a float32"
    return found


# --- forward pass -----------------------------------------------------------------------------------------------------


@functools.cache
def passed(spec: Spec, sample: int = 0) -> tuple[ForwardPass, Any, Any]:
    """The answer, and what Keras gives for the same row in the graph and layer by layer."""
    import tensorflow as tf

    from sandbox.engine.probes import forward

    network, parts, state = trained(spec)
    row = tf.constant(parts.training.inputs[sample : sample + 1])
    outputs = tf.function(lambda x: network.model(x, training=False), autograph=False)(row)
    return forward(spec, state, parts, sample), outputs.numpy()[0], network


FORWARD = ["adam", *NETWORKS, "embedding", "one-output", "logits", "huber"]


@pytest.mark.parametrize("name", FORWARD)
def test_the_last_output_is_that_of_the_model_bit_for_bit(name: str) -> None:
    answer, outputs, _ = passed(parse_spec(EVERY[name]))
    assert np.array_equal(array(answer.outputs), outputs)
    assert np.array_equal(array(answer.layers[-1].outputs), outputs)
    for before, after in zip(answer.layers, answer.layers[1:], strict=False):
        assert before.outputs == after.inputs


def test_every_kind_of_layer_is_among_them() -> None:
    from sandbox.engine.network import LAYERS

    kinds = {one["kind"] for name in FORWARD for one in EVERY[name]["layers"]}
    assert kinds == set(LAYERS)


def test_the_sums_of_a_dense_layer_are_its_products_added_in_order() -> None:
    import keras

    answer, _, network = passed(PLAIN, sample=7)
    for found, built in zip(answer.layers, network.model.layers, strict=True):
        inputs, kernel, products = array(found.inputs), array(found.kernel), array(found.products)
        assert np.array_equal(kernel, built.kernel.numpy())
        assert np.array_equal(products, inputs[:, np.newaxis] * kernel)
        sums = np.zeros(kernel.shape[1], np.float32)
        for row in products:
            sums = sums + row
        assert np.array_equal(array(found.sums), sums + array(found.bias))
        activated = keras.activations.get(found.activation)(array(found.sums)[np.newaxis])
        assert np.array_equal(array(found.outputs), np.asarray(activated)[0])


def test_a_dense_layer_over_a_sequence_keeps_its_steps_apart() -> None:
    layers = [layer("reshape", shape=[8, 8]), dense(3, "relu", use_bias=False), layer("flatten"), dense(10, "softmax")]
    answer, outputs, _ = passed(parse_spec({**EVERY["rows"], "layers": layers}))
    found = answer.layers[1]
    assert (found.products and found.products.shape, found.sums and found.sums.shape) == ((8, 8, 3), (8, 3))
    assert found.bias is None
    assert np.array_equal(array(answer.outputs), outputs)


def test_samples_are_counted_through_training_validation_and_test() -> None:
    from sandbox.engine.probes import forward

    _, parts, state = trained(PLAIN)
    first, second = len(parts.training), len(parts.training) + len(parts.validation)
    asked = [(0, "training"), (first - 1, "training"), (first, "validation"), (second, "test"), (204, "test")]
    rows = np.concatenate([parts.training.inputs, parts.validation.inputs, parts.test.inputs])
    labels = np.concatenate([parts.training.labels, parts.validation.labels, parts.test.labels])
    for sample, part in asked:
        answer = forward(PLAIN, state, parts, sample)
        assert (answer.part, answer.label) == (part, labels[sample])
        assert np.array_equal(array(answer.layers[0].inputs), rows[sample])
    with pytest.raises(ValueError, match="no such sample"):
        forward(PLAIN, state, parts, 205)


def test_the_loss_is_that_of_the_sample_alone() -> None:
    weighted = notes_spec(data=SMALL, class_weights=[1, 30.0])
    for spec in (PLAIN, weighted):
        answer, outputs, _ = passed(spec, sample=2)
        assert answer.loss == pytest.approx(-np.log(outputs[int(answer.label)]), rel=1e-6)
        assert answer.predicted == outputs.argmax()


def test_a_regression_has_no_class() -> None:
    answer, outputs, _ = passed(parse_spec(of_numbers("line")))
    assert answer.predicted is None
    assert answer.loss == pytest.approx((outputs[0] - answer.label) ** 2, rel=1e-5)


def test_a_network_too_large_is_told_layer_by_layer() -> None:
    from sandbox.engine.probes import forward

    _, parts, state = trained(LARGE)
    (first,) = forward(LARGE, state, parts, 0, layer="dense_1").layers
    assert not any(numbers.cut for numbers in (first.inputs, first.kernel, first.products) if numbers)
    (second,) = forward(LARGE, state, parts, 0, layer="dense_2").layers
    assert second.kernel
    assert second.products
    assert (second.kernel.shape, second.products.shape) == ((64, 200), (64, 200))
    assert second.kernel.cut
    assert second.products.cut
    assert not second.inputs.cut
    assert sum(len(getattr(second, name).values) for name in ("inputs", "kernel", "bias", "products")) <= 20_000


@pytest.mark.parametrize("name", FORWARD)
def test_the_size_is_known_from_the_spec(name: str) -> None:
    spec = parse_spec(EVERY[name])
    answer, _, _ = passed(spec)
    arrays = ("inputs", "outputs", "kernel", "bias", "products", "sums")
    counted = {
        one.name: sum(int(np.prod(numbers.shape)) for field in arrays if (numbers := getattr(one, field)))
        for one in answer.layers
    }
    assert counted == forward_sizes(spec)


def test_what_is_no_number_is_null_and_counted() -> None:
    from sandbox.engine.probes import forward
    from sandbox.engine.state import pack

    network, parts, _ = trained(PLAIN)
    state = network.state()
    answer = forward(PLAIN, pack([np.full_like(state[0], np.inf), *state[1:]]), parts, 3)
    first = answer.layers[0]
    assert first.kernel
    assert (first.kernel.values, first.kernel.nonfinite) == ((None,) * 16, 16)
    assert answer.loss is None
    assert answer.nonfinite == {"loss": "nan"}
    assert "NaN" not in answer.model_dump_json()


# --- predictions and the file -----------------------------------------------------------------------------------------


def test_rows_are_predicted_in_their_own_units() -> None:
    from sandbox.engine.probes import predict

    network, parts, state = trained(PLAIN)
    answer = predict(PLAIN, state, parts.scale, [[20], [90.5]])
    scaled = parts.scale(np.array([[20], [90.5]], np.float32))
    outputs = network.model(scaled, training=False).numpy()
    assert [row.outputs for row in answer.rows] == [tuple(row) for row in outputs.astype(float).tolist()]
    assert [row.predicted for row in answer.rows] == outputs.argmax(axis=1).tolist()
    assert [row.probability for row in answer.rows] == outputs.max(axis=1).astype(float).tolist()


def test_the_categories_of_a_table_are_named() -> None:
    from sandbox.engine.data import prepare
    from sandbox.engine.probes import predict
    from sandbox.engine.table_rows import rows_of
    from sandbox.tables import complete, read_table

    content = flowers()
    asked = table_spec(TABLE_ID, target="petal", outputs=1)
    asked |= {"loss": "mean_squared_error", "layers": [dense(1)]}
    spec = parse_spec(asked, complete=lambda data: complete(data, read_table(content)))
    rows = rows_of(content, spec.data)  # type: ignore[arg-type]
    parts = prepare(spec, rows)
    network, _, state = trained(spec, parts)
    names = spec.data.columns[1].categories  # type: ignore[union-attr]
    answer = predict(spec, state, parts.scale, [[1.25, name] for name in names])
    encoded = np.concatenate([np.full((3, 1), 1.25), np.eye(3)], axis=1).astype(np.float32)
    outputs = network.model(parts.scale(encoded), training=False).numpy()
    assert [row.outputs[0] for row in answer.rows] == outputs[:, 0].astype(float).tolist()
    assert {row.predicted for row in answer.rows} == {None}


@pytest.mark.parametrize("name", ["logits", "one-output"])
def test_a_probability_is_that_of_the_predicted_class(name: str) -> None:
    from sandbox.engine.probes import predict

    spec = parse_spec(EVERY[name])
    _, parts, state = trained(spec)
    for row in predict(spec, state, parts.scale, [[13], [100]]).rows:
        assert row.probability is not None
        assert 0.5 <= row.probability <= 1
        exact = np.array(row.outputs, np.float64)
        if name == "logits":
            assert row.probability == pytest.approx(np.exp(exact).max() / np.exp(exact).sum())
        else:
            assert row.probability == (exact[0] if row.predicted else 1 - exact[0])


def test_outputs_that_are_no_probabilities_have_none() -> None:
    from sandbox.engine.probes import predict

    spec = notes_spec(data=SMALL, layers=[dense(2)], loss="mean_squared_error")
    network, parts, _ = trained(spec)
    from sandbox.engine.state import pack

    state = pack([np.full_like(network.state()[0], 100), *network.state()[1:]])
    (row,) = predict(spec, state, parts.scale, [[90]]).rows
    assert row.probability is None


@pytest.mark.parametrize("name", ["adam", "pictures", pytest.param("recurrent", marks=pytest.mark.slow)])
def test_the_file_is_the_network(name: str, tmp_path: Path) -> None:
    import keras

    from sandbox.engine.probes import model_file

    spec = parse_spec(EVERY[name])
    network, parts, state = trained(spec)
    path = tmp_path / "model.keras"
    path.write_bytes(model_file(spec, state))
    loaded = keras.saving.load_model(path)
    rows = parts.training.inputs[:20]
    assert np.array_equal(loaded(rows, training=False).numpy(), network.model(rows, training=False).numpy())
