"""One weight update: the engine's own step in numbers, and an equation that is true."""

import functools
import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from sandbox.probe_messages import WeightUpdate, WeightUpdates
from sandbox.probe_rules import update_sizes
from sandbox.spec import Spec, layer_names, steps_per_epoch
from tests.sandbox.kinds import DIGITS, dense, layer
from tests.sandbox.specs import notes_spec
from tests.sandbox.test_engine_probes import PLAIN, SMALL, array, trained

pytestmark = pytest.mark.keras

STEP = 3
"""Of the second epoch."""


def sgd(**options: Any) -> dict[str, Any]:
    return {"optimizer": {"kind": "sgd", "learning_rate": 0.1, **options}}


def clipped(kind: str, limit: float) -> dict[str, Any]:
    return {"optimizer": {"kind": "adam", "learning_rate": 0.01, "clipping": {"kind": kind, "limit": limit}}}


def other(kind: str, **options: Any) -> dict[str, Any]:
    return {"optimizer": {"kind": kind, "learning_rate": 0.01, **options}}


PICTURE = [layer("reshape", shape=[8, 8, 1]), layer("conv_2d", filters=4, kernel_size=3), layer("flatten")]
UPDATES: dict[str, dict[str, Any]] = {
    "SGD": sgd(),
    "SGD, shuffled by nobody": {**sgd(), "shuffle": False},
    "momentum": sgd(momentum=0.9),
    "Nesterov": sgd(momentum=0.9, nesterov=True),
    "Adam": other("adam"),
    "AdamW": other("adamw", weight_decay=0.1),
    "Nadam": other("nadam"),
    "RMSprop": other("rmsprop"),
    "RMSprop, centered, momentum": other("rmsprop", centered=True, momentum=0.8),
    "Adagrad": other("adagrad"),
    "Adadelta": other("adadelta"),
    "dropout": {"layers": [dense(16, "relu"), layer("dropout", rate=0.4), dense(2, "softmax")], **other("adam")},
    "noise": {"layers": [dense(16, "relu"), layer("gaussian_noise", stddev=0.4), dense(2, "softmax")], **sgd()},
    "class weights": {"class_weights": [1, 7.5], **sgd()},
    "penalty": {
        "layers": [dense(16, "relu", kernel_regularizer={"l1": 0.01, "l2": 0.1}), dense(2, "softmax")],
        **sgd(),
    },
    "clipped values": clipped("value", 0.001),
    "clipped norms": clipped("norm", 0.01),
    "clipped global norm": clipped("global_norm", 0.01),
    "schedule": sgd(schedule={"kind": "cosine", "decay_steps": 40, "warmup_steps": 5}),
    "batch normalization": {"layers": [dense(8), layer("batch_normalization"), dense(2, "softmax")], **other("adam")},
    "convolution": {"data": DIGITS, "layers": [*PICTURE, dense(10, "softmax")], "batch_size": 32, **sgd(momentum=0.5)},
    "recurrent": {
        "data": DIGITS,
        "layers": [layer("reshape", shape=[8, 8]), layer("gru", units=4), dense(10, "softmax")],
        "batch_size": 256,
        **other("adam"),
    },
    "embedding": {
        "data": {"kind": "digits", "scaling": "none"},
        "layers": [layer("embedding", input_dim=17, output_dim=2), layer("flatten"), dense(10, "softmax")],
        "batch_size": 64,
        **other("adam"),
    },
}


EVERY_DAY = [
    *("SGD", "momentum", "Adam", "AdamW", "dropout", "class weights", "clipped global norm", "batch normalization"),
    "embedding",
]


def updates(names: Iterable[str] = UPDATES) -> list[Any]:
    """Each name is a case; those that are not for every day are slow."""
    return [pytest.param(name, marks=[] if name in EVERY_DAY else [pytest.mark.slow]) for name in names]


def update_spec(name: str) -> Spec:
    return notes_spec(**{"data": SMALL, **UPDATES[name]})


@functools.cache
def asked(spec: Spec, step: int = STEP) -> tuple[WeightUpdates, Any]:
    """The answer for a step of the second epoch, and the engine's own network after that step."""
    from sandbox.engine.updates import update

    network, parts, state = trained(spec)
    epoch = network.begin_epoch(2)
    epoch.run_to(step + 1)
    return update(spec, state, parts, 1, step), network


@pytest.mark.parametrize("name", updates())
def test_the_new_weights_are_those_of_the_engine_bit_for_bit(name: str) -> None:
    answer, network = asked(update_spec(name))
    after = {(one.name, weight.name): weight.numpy() for one in network.model.layers for weight in one.weights}
    assert [(weight.layer, weight.name) for weight in answer.weights] == [*after]
    for weight in answer.weights:
        assert np.array_equal(array(weight.new), after[weight.layer, weight.name])
    memories = sum(len(weight.memory) for weight in answer.weights) + len(answer.memory)
    scheduled = network.spec.optimizer.schedule is not None
    assert memories == len(network.optimizer.variables) - (1 if scheduled else 2), "all but iteration, learning rate"


@pytest.mark.parametrize("step", [0, 1, 16])
def test_it_may_be_any_step_of_the_epoch_the_smaller_last_batch_too(step: int) -> None:
    spec = update_spec("momentum")
    assert steps_per_epoch(spec) == 17
    answer, network = asked(spec, step)
    assert np.array_equal(array(answer.weights[0].new), network.model.get_weights()[0])
    assert (answer.rows, answer.iteration) == (6 if step == 16 else 10, 17 + step)


def test_it_names_the_rows_and_the_loss_of_its_batch() -> None:
    answer, _ = asked(PLAIN)
    order = np.random.default_rng((PLAIN.seed, 2)).permutation(np.arange(166, dtype=np.int32))
    assert list(answer.samples) == order[10 * STEP : 10 * STEP + 10].tolist()
    assert answer.loss is not None


@pytest.mark.parametrize("name", updates(["clipped values", "clipped norms", "clipped global norm"]))
def test_a_clipped_gradient_is_told_with_what_it_was_before(name: str) -> None:
    spec = update_spec(name)
    answer, _ = asked(spec)
    assert answer.clipping == spec.optimizer.clipping
    assert answer.clipping
    limit = answer.clipping.limit
    used = [array(weight.gradient).astype(np.float64) for weight in answer.weights]
    raw = [array(weight.raw_gradient).astype(np.float64) for weight in answer.weights]
    whole = np.sqrt(sum((each**2).sum() for each in raw))
    assert any(not np.array_equal(*each) for each in zip(used, raw, strict=True))
    for after, before in zip(used, raw, strict=True):
        norm = {"norm": np.sqrt((before**2).sum()), "global_norm": whole}.get(answer.clipping.kind, 0)
        expected = before * min(1, limit / norm) if norm else np.clip(before, -limit, limit)
        assert after == pytest.approx(expected, rel=1e-5, abs=1e-12)


def test_a_gradient_that_is_not_clipped_is_told_once() -> None:
    answer, _ = asked(PLAIN)
    assert answer.clipping is None
    assert all(weight.raw_gradient is None for weight in answer.weights)


def test_running_means_change_without_a_gradient() -> None:
    answer, _ = asked(update_spec("batch normalization"))
    moving = [weight for weight in answer.weights if weight.name.startswith("moving")]
    assert len(moving) == 2
    for weight in moving:
        assert (weight.gradient, weight.memory) == (None, ())
        assert weight.old != weight.new


@pytest.mark.parametrize("name", updates())
def test_the_size_of_an_update_is_known_from_the_spec(name: str) -> None:
    spec = update_spec(name)
    answer, _ = asked(spec)
    counted = dict.fromkeys(layer_names(spec.layers), 0)
    for weight in answer.weights:
        pairs = [(one.before, one.after) for one in weight.memory]
        arrays = [
            weight.old,
            weight.new,
            weight.gradient,
            weight.raw_gradient,
            *(each for pair in pairs for each in pair),
        ]
        counted[weight.layer] += sum(len(each.values) for each in arrays if each)
    assert counted == update_sizes(spec)


def test_one_layer_alone() -> None:
    from sandbox.engine.updates import update

    _, parts, state = trained(PLAIN)
    whole, part = update(PLAIN, state, parts, 1, 0), update(PLAIN, state, parts, 1, 0, layer="dense_2")
    assert part.weights == tuple(weight for weight in whole.weights if weight.layer == "dense_2")


def test_a_step_after_the_loss_broke_is_none() -> None:
    from sandbox.engine.updates import DivergedError, update

    layers = [dense(64), dense(64), dense(2)]
    spec = notes_spec(data=SMALL, layers=layers, loss="mean_squared_error", **sgd(learning_rate=10.0))
    _, parts, _ = trained(PLAIN)
    from sandbox.engine.loop import Network
    from sandbox.engine.state import pack

    state = pack(Network(spec, parts.training, parts.validation).state())
    assert update(spec, state, parts, 0, 0).loss is not None
    with pytest.raises(DivergedError):
        update(spec, state, parts, 0, 16)


# --- the equation is true ---------------------------------------------------------------------------------------------


def evaluated(answer: WeightUpdates, weight: WeightUpdate) -> dict[str, Any]:
    """Every quantity after the statements of the equation have been carried out, in numpy's float32."""
    names: dict[str, Any] = {name: np.float32(value) for name, value in answer.constants.items()}
    names |= {"learning_rate": np.float32(answer.learning_rate), "t": np.float32(answer.iteration + 1)}
    names |= {one.name: array(one.before) for one in (*answer.memory, *weight.memory)}
    names |= {"old": array(weight.old), "gradient": array(weight.gradient), "sqrt": np.sqrt}
    text = re.sub(r"√(\w+)", r"sqrt(\1)", answer.equation).replace("√(", "sqrt(")
    for signs in ("·*", "−-", ("²", "**np.float32(2)"), ("^", "**")):
        text = text.replace(*signs)
    text = re.sub(r"\b(\d+(\.\d+)?)\b", r"np.float32(\1)", text.replace("np.float32(2)", "TWO"))
    text = text.replace("TWO", "np.float32(2)")
    for statement in text.split(";"):
        name, formula = statement.split(" = ")
        names[name.strip()] = eval(formula, {"np": np}, names)
    return names


EXACT = ["SGD", "momentum", "Nesterov", "class weights", "penalty", "noise", "schedule", "convolution"]


@pytest.mark.parametrize("name", updates(EXACT))
def test_the_equation_of_sgd_is_true_to_the_last_bit(name: str) -> None:
    answer, _ = asked(update_spec(name))
    for weight in answer.weights:
        found = evaluated(answer, weight)
        assert np.array_equal(found["new"], array(weight.new))
        for one in weight.memory:
            assert np.array_equal(found[one.name], array(one.after))


def test_the_plain_equation_is_what_it_says() -> None:
    answer, _ = asked(update_spec("SGD"))
    assert answer.equation == "new = old − learning_rate · gradient"
    for weight in answer.weights:
        new = array(weight.old) - np.float32(answer.learning_rate) * array(weight.gradient)
        assert np.array_equal(new, array(weight.new))


@pytest.mark.parametrize("name", updates(name for name in UPDATES if name not in (*EXACT, "embedding")))
def test_the_equation_of_every_optimizer_is_true(name: str) -> None:
    answer, _ = asked(update_spec(name))
    for weight in answer.weights:
        if weight.gradient is None:
            continue
        found = evaluated(answer, weight)
        assert found["new"] == pytest.approx(array(weight.new), rel=1e-6, abs=1e-7)
        for one in (*weight.memory, *answer.memory):
            assert found[one.name] == pytest.approx(array(one.after), rel=1e-5, abs=1e-7)


def test_the_equation_is_nearly_true_for_what_is_looked_up() -> None:
    """Each look-up is subtracted by itself: rounded in another order than their sum."""
    answer, _ = asked(notes_spec(**{**UPDATES["embedding"], **sgd()}))
    assert [weight.looked_up for weight in answer.weights] == [True, False, False]
    for weight in answer.weights:
        found = evaluated(answer, weight)["new"]
        assert found == pytest.approx(array(weight.new), abs=2e-7)
        assert np.array_equal(found, array(weight.new)) or weight.looked_up


@pytest.mark.parametrize("name", updates(name for name in UPDATES if name.lower().startswith("adam")))
def test_the_equation_of_adam_is_true_within_a_ten_millionth(name: str) -> None:
    answer, _ = asked(update_spec(name))
    for weight in answer.weights:
        assert np.abs(evaluated(answer, weight)["new"] - array(weight.new)).max() <= 1e-7
