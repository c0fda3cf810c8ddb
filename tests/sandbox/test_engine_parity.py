"""The engine's correctness proof: the same weights and the same history as Keras' own `fit`, bit for bit.

What is not bit-identical is tested with its tolerance and its reason: the reported loss of a network with penalties,
hard_silu, and a batch normalization behind a layer with weights.
"""

from typing import Any, get_args

import pytest

from sandbox.spec import Activation, Spec
from sandbox.spec.base import Initializer
from tests.sandbox.specs import dense, notes_spec

pytestmark = pytest.mark.keras

SMALL = {"kind": "clinical_trial", "rows": 205, "validation": 0.1}
CIRCLES = {"kind": "circles", "rows": 230, "noise": 0.1, "validation": 0.2}
DIGITS = {"kind": "digits", "validation": 0.1}
SGD = {"kind": "sgd", "learning_rate": 0.1}
MOMENTUM = {"kind": "sgd", "learning_rate": 0.05, "momentum": 0.9}
NESTEROV = MOMENTUM | {"nesterov": True}
ADAM = {"kind": "adam", "learning_rate": 0.01}
ADAM_TUNED = {"kind": "adam", "learning_rate": 0.01, "beta_1": 0.8, "beta_2": 0.99, "epsilon": 1e-5}

EVERY_DAY: dict[str, dict[str, Any]] = {
    "notes' network, Adam": {"epochs": 3},
    "SGD, partial last batches": {"data": SMALL, "optimizer": SGD, "epochs": 3},
    "Adam, partial last batches": {"data": SMALL, "optimizer": ADAM, "epochs": 3},
    "one sigmoid output": {
        "data": CIRCLES,
        "layers": dense((8, "tanh"), (1, "sigmoid")),
        "loss": "binary_crossentropy",
        "optimizer": ADAM,
        "epochs": 2,
        "batch_size": 32,
    },
}

DIGITS_FEW = {"kind": "digits", "validation": 0.9, "split": "shuffled"}
OUTPUT = {"kind": "dense", "units": 10, "activation": "softmax"}
PICTURE, SEQUENCE = {"kind": "reshape", "shape": [8, 8, 1]}, {"kind": "reshape", "shape": [8, 8]}
CONVOLUTION = {"kind": "conv_2d", "filters": 4, "kernel_size": 3, "activation": "relu"}
EVERY_DAY |= {
    "a small CNN": {
        "data": DIGITS_FEW,
        "layers": [PICTURE, CONVOLUTION, {"kind": "max_pooling_2d"}, {"kind": "flatten"}, OUTPUT],
        "epochs": 2,
        "batch_size": 32,
    },
    "LSTM, AdamW, cosine with warm-up": {
        "data": DIGITS_FEW,
        "layers": [SEQUENCE, {"kind": "lstm", "units": 8}, OUTPUT],
        "optimizer": {"kind": "adamw", "schedule": {"kind": "cosine", "decay_steps": 20, "warmup_steps": 3}},
        "epochs": 2,
        "batch_size": 32,
    },
    "dropout, class weights, clipping, L2": {
        "data": SMALL,
        "layers": [
            {"kind": "dense", "units": 8, "activation": "relu", "kernel_regularizer": {"l2": 0.01}},
            {"kind": "dropout", "rate": 0.3},
            {"kind": "dense", "units": 2, "activation": "softmax"},
        ],
        "optimizer": {"kind": "rmsprop", "clipping": {"kind": "global_norm", "limit": 0.5}},
        "class_weights": [1.0, 2.5],
        "epochs": 3,
    },
    "regression, Huber": {
        "data": {"kind": "sine", "rows": 205},
        "layers": dense((8, "tanh"), (1, "linear")),
        "loss": "huber",
        "metrics": ["mean_absolute_error", "r2_score"],
        "epochs": 2,
    },
    "logits, AUC and recall": {
        "data": SMALL,
        "layers": dense((8, "relu"), (1, "sigmoid")),
        "loss": "binary_crossentropy",
        "metrics": ["accuracy", "auc", "precision", "recall"],
        "epochs": 2,
    },
}

EXHAUSTIVE: dict[str, dict[str, Any]] = {
    "SGD with momentum": {"data": SMALL, "optimizer": MOMENTUM, "epochs": 4},
    "SGD with Nesterov momentum": {"data": SMALL, "optimizer": NESTEROV, "epochs": 4},
    "Adam with its own betas": {"data": SMALL, "optimizer": ADAM_TUNED, "epochs": 4},
    "no validation rows": {"data": SMALL | {"validation": 0.0}, "optimizer": ADAM, "epochs": 3},
    "one batch larger than the training rows": {"data": SMALL, "optimizer": SGD, "epochs": 3, "batch_size": 200},
    "the whole data set as one batch": {"data": SMALL | {"validation": 0.0}, "epochs": 3, "batch_size": 205},
    "batches of one row": {"data": SMALL, "optimizer": SGD, "epochs": 2, "batch_size": 1},
    "digits, one-hot targets": {
        "data": DIGITS,
        "layers": dense((64, "relu"), (10, "softmax")),
        "loss": "categorical_crossentropy",
        "epochs": 3,
        "batch_size": 32,
    },
    "digits, sparse targets, SGD": {
        "data": DIGITS,
        "layers": dense((64, "relu"), (32, "gelu"), (10, "softmax")),
        "optimizer": SGD,
        "epochs": 3,
        "batch_size": 32,
    },
    "squared error, one linear output": {
        "data": CIRCLES,
        "layers": dense((8, "tanh"), (1, "linear")),
        "loss": "mean_squared_error",
        "optimizer": SGD,
        "epochs": 3,
    },
    "squared error, an output per class": {
        "data": CIRCLES,
        "layers": dense((8, "relu"), (2, "softmax")),
        "loss": "mean_squared_error",
        "epochs": 3,
    },
    "binary crossentropy, an output per class": {
        "data": CIRCLES,
        "layers": dense((8, "relu"), (2, "sigmoid")),
        "loss": "binary_crossentropy",
        "epochs": 3,
    },
    "two sigmoids and sparse crossentropy, as in the notes": {
        "data": SMALL,
        "layers": dense((16, "relu"), (2, "sigmoid")),
        "epochs": 3,
    },
    "outputs that stand for no class": {"data": SMALL, "layers": dense((8, "relu"), (4, "softmax")), "epochs": 3},
    **{
        f"{activation} hidden units": {"data": CIRCLES, "layers": dense((8, activation), (2, "softmax")), "epochs": 3}
        for activation in ("linear", "sigmoid", "tanh", "elu", "selu", "gelu", "softplus", "softmax")
    },
    "sixteen layers": {"data": CIRCLES, "layers": dense(*[(6, "selu")] * 15, (2, "softmax")), "epochs": 2},
    "all of the notes' epochs": {},
}


def assert_same_as_fit(spec: Spec) -> None:
    import numpy as np

    from sandbox.engine.data import prepare
    from sandbox.engine.loop import Network
    from tests.sandbox.keras_script import fit

    fitted = fit(spec)
    parts = prepare(spec)
    network = Network(spec, parts.training, parts.validation)
    history: dict[str, list[float]] = {name: [] for name in fitted.history}
    for number in range(1, spec.epochs + 1):
        note(history, "", network.train_epoch(number))
        if len(parts.validation):
            note(history, "val_", network.validate())
    for ours, theirs in zip(network.model.get_weights(), fitted.weights, strict=True):
        assert np.array_equal(ours, theirs)
    if any(getattr(layer, "kernel_regularizer", None) for layer in spec.layers):
        assert_nearly(history, fitted.history)
    else:
        assert history == fitted.history


def assert_nearly(ours: dict[str, list[float]], theirs: dict[str, list[float]]) -> None:
    """With a penalty the graph's optimizer sums loss and penalty in another order inside a loop: the reported loss may
    differ in its last bit. Gradients and weights do not."""
    assert ours.keys() == theirs.keys()
    for name, values in ours.items():
        assert values == pytest.approx(theirs[name], rel=5e-7), name


def note(history: dict[str, list[float]], prefix: str, totals: Any) -> None:
    history[f"{prefix}loss"].append(totals.loss)
    for name, value in totals.metrics.items():
        history[prefix + name].append(value)


@pytest.mark.parametrize("name", EVERY_DAY)
def test_it_ends_with_the_weights_and_history_of_fit(name: str) -> None:
    assert_same_as_fit(notes_spec(shuffle=False, **EVERY_DAY[name]))


@pytest.mark.slow
@pytest.mark.parametrize("name", EXHAUSTIVE)
def test_it_ends_with_the_weights_and_history_of_fit_for(name: str) -> None:
    assert_same_as_fit(notes_spec(shuffle=False, **EXHAUSTIVE[name]))


# --- everything with everything ---------------------------------------------------------------------------------------

STACKS: dict[str, list[dict[str, Any]]] = {
    "dense": dense((8, "relu")),
    "activation": [{"kind": "dense", "units": 8}, {"kind": "activation", "activation": "silu"}],
    "dropout": [*dense((8, "relu")), {"kind": "dropout", "rate": 0.3}],
    "gaussian noise": [{"kind": "gaussian_noise", "stddev": 0.3}, *dense((8, "relu"))],
    "batch normalization": [{"kind": "batch_normalization"}, *dense((8, "relu"))],
    "layer normalization": [*dense((8, "gelu")), {"kind": "layer_normalization"}],
    "L1 and L2": [{"kind": "dense", "units": 8, "activation": "tanh", "kernel_regularizer": {"l1": 0.001, "l2": 0.01}}],
    "initializers": [
        {"kind": "dense", "units": 8, "kernel_initializer": "orthogonal", "bias_initializer": "random_normal"}
    ],
    "conv 2d": [PICTURE, CONVOLUTION, {"kind": "max_pooling_2d"}, {"kind": "flatten"}],
    "strided conv 2d": [
        PICTURE,
        {**CONVOLUTION, "strides": 2, "padding": "same"},
        {"kind": "average_pooling_2d"},
        {"kind": "global_average_pooling_2d"},
    ],
    "conv 1d": [SEQUENCE, {"kind": "conv_1d", "filters": 4, "kernel_size": 3}, {"kind": "max_pooling_1d"},
                {"kind": "flatten"}],
    "padded conv 1d": [SEQUENCE, {"kind": "conv_1d", "filters": 4, "kernel_size": 3, "padding": "same"},
                       {"kind": "average_pooling_1d"}, {"kind": "global_average_pooling_1d"}],
    "simple rnn": [SEQUENCE, {"kind": "simple_rnn", "units": 8}],
    "two LSTMs": [SEQUENCE, {"kind": "lstm", "units": 6, "return_sequences": True}, {"kind": "lstm", "units": 4}],
    "GRU": [SEQUENCE, {"kind": "gru", "units": 8}],
    "embedding": [{"kind": "embedding", "input_dim": 17, "output_dim": 4}, {"kind": "global_average_pooling_1d"}],
}  # fmt: skip
RULES: dict[str, dict[str, Any]] = {
    "SGD": {"kind": "sgd", "learning_rate": 0.05},
    "momentum": {"kind": "sgd", "learning_rate": 0.05, "momentum": 0.9,
                 "schedule": {"kind": "warm_up", "warmup_steps": 5}},
    "Nesterov": {"kind": "sgd", "learning_rate": 0.05, "momentum": 0.9, "nesterov": True,
                 "clipping": {"kind": "value", "limit": 0.05}},
    "Adam": {"kind": "adam", "learning_rate": 0.01, "clipping": {"kind": "global_norm", "limit": 0.2}},
    "AdamW": {"kind": "adamw", "learning_rate": 0.01, "schedule": {"kind": "cosine", "decay_steps": 20}},
    "Nadam": {"kind": "nadam", "learning_rate": 0.01},
    "RMSprop": {"kind": "rmsprop", "schedule": {"kind": "exponential", "decay_steps": 5, "decay_rate": 0.9}},
    "centered RMSprop": {"kind": "rmsprop", "centered": True, "momentum": 0.9},
    "Adagrad": {"kind": "adagrad", "clipping": {"kind": "norm", "limit": 0.1}},
    "Adadelta": {"kind": "adadelta", "schedule": {"kind": "step", "decay_steps": 5, "decay_rate": 0.5}},
}  # fmt: skip
GOALS: dict[str, dict[str, Any]] = {
    "sparse": {"loss": "sparse_categorical_crossentropy", "output": "softmax"},
    "sparse, logits": {"loss": "sparse_categorical_crossentropy", "output": "linear", "from_logits": True},
    "one-hot": {"loss": "categorical_crossentropy", "output": "softmax", "metrics": ["accuracy", "auc", "recall"]},
    "one-hot, logits, weights": {"loss": "categorical_crossentropy", "output": "linear", "from_logits": True,
                                 "class_weights": [1.0, 2.0, 0.5, *[1.0] * 7]},
    "binary": {"loss": "binary_crossentropy", "output": "sigmoid", "metrics": ["precision"]},
    "squared": {"loss": "mean_squared_error", "output": "softmax"},
    "absolute, weights": {"loss": "mean_absolute_error", "output": "sigmoid", "class_weights": [3.0, *[1.0] * 9]},
    "Huber": {"loss": "huber", "output": "linear"},
}  # fmt: skip


REFUSED = {("embedding", "centered RMSprop")}
"""Keras fails at the first step of these; the door refuses them."""


def pairs() -> list[tuple[str, str, str]]:
    """Triples in which every stack meets every rule, every stack every goal and every rule every goal."""
    rules, goals = list(RULES), list(GOALS)
    found = [
        (stack, rule, goals[(row + 3 * column) % len(goals)])
        for row, stack in enumerate(STACKS)
        for column, rule in enumerate(rules)
        if (stack, rule) not in REFUSED
    ]
    seen = {(stack, goal) for stack, _, goal in found}
    found += [(stack, "Adam", goal) for stack in STACKS for goal in goals if (stack, goal) not in seen]
    met = {(rule, goal) for _, rule, goal in found}
    return found + [("dense", rule, goal) for rule in rules for goal in goals if (rule, goal) not in met]


@pytest.mark.slow
@pytest.mark.parametrize(("stack", "rule", "goal"), pairs())
def test_every_layer_meets_every_optimizer_and_every_loss(stack: str, rule: str, goal: str) -> None:
    wanted = dict(GOALS[goal])
    output = {"kind": "dense", "units": 10, "activation": wanted.pop("output")}
    scaling = "none" if stack == "embedding" else "min_max"
    spec = notes_spec(
        data={**DIGITS_FEW, "scaling": scaling},
        layers=[*STACKS[stack], output],
        optimizer=RULES[rule],
        epochs=2,
        batch_size=32,
        shuffle=False,
        **wanted,
    )
    assert_same_as_fit(spec)


def few_digits(layers: list[dict[str, Any]], epochs: int) -> Spec:
    return notes_spec(data=DIGITS_FEW, layers=layers, optimizer=SGD, epochs=epochs, batch_size=32, shuffle=False)


EXACT_ACTIVATIONS = [name for name in get_args(Activation) if name != "hard_silu"]


@pytest.mark.slow
@pytest.mark.parametrize("activation", EXACT_ACTIVATIONS)
def test_every_activation_ends_as_fit_ends(activation: str) -> None:
    layers = [{"kind": "dense", "units": 8}, {"kind": "activation", "activation": activation}, OUTPUT]
    assert_same_as_fit(few_digits(layers, epochs=2))


@pytest.mark.slow
@pytest.mark.parametrize("initializer", get_args(Initializer))
def test_every_initializer_starts_as_fit_starts(initializer: str) -> None:
    layers = [{"kind": "dense", "units": 8, "activation": "tanh", "kernel_initializer": initializer}, OUTPUT]
    assert_same_as_fit(few_digits(layers, epochs=1))


@pytest.mark.slow
@pytest.mark.parametrize("before", ["dense and batch normalization", "conv 2d and batch normalization", "hard_silu"])
def test_what_differs_from_fit_differs_in_the_last_bits_only(before: str) -> None:
    """The gradient that passes a batch normalization is a sum of three paths, and the graph's optimizer adds them in
    another order inside a loop than in `fit`; hard_silu's product of three is grouped otherwise. With SGD that stays in
    the last bits; an optimizer that divides by the size of a gradient would blow up the bias before a normalization,
    whose gradient is nothing but such bits."""
    import numpy as np

    from sandbox.engine.data import prepare
    from sandbox.engine.loop import Network
    from tests.sandbox.keras_script import fit

    normalized = [{"kind": "batch_normalization"}, {"kind": "flatten"}, OUTPUT]
    stacks: dict[str, list[dict[str, Any]]] = {
        "dense and batch normalization": [{"kind": "dense", "units": 8}, *normalized],
        "conv 2d and batch normalization": [PICTURE, CONVOLUTION, *normalized],
        "hard_silu": [{"kind": "dense", "units": 8, "activation": "hard_silu"}, OUTPUT],
    }
    spec = few_digits(stacks[before], epochs=2)
    parts = prepare(spec)
    network = Network(spec, parts.training, parts.validation)
    for number in (1, 2):
        network.train_epoch(number)
    for ours, theirs in zip(network.model.get_weights(), fit(spec).weights, strict=True):
        assert np.abs(ours - theirs).max() < 1e-6


XLA_STACKS = [name for name in STACKS if name not in {"dropout", "gaussian noise", "conv 2d", "strided conv 2d"}]
XLA_TOLERANCE = 1e-5
"""After one epoch of at most 51 steps; random layers and two-dimensional convolutions never run by XLA."""


@pytest.mark.slow
@pytest.mark.parametrize("stack", XLA_STACKS)
@pytest.mark.parametrize("rule", ["SGD", "Adam", "RMSprop"])
def test_xla_stays_within_its_tolerance(stack: str, rule: str) -> None:
    import numpy as np

    from sandbox.engine.data import prepare
    from sandbox.engine.loop import Network

    scaling = "none" if stack == "embedding" else "min_max"
    data = {"kind": "digits", "validation": 0.5, "scaling": scaling}
    spec = notes_spec(data=data, layers=[*STACKS[stack], OUTPUT], optimizer=RULES[rule], batch_size=32)
    parts = prepare(spec)
    graph, xla = (Network(spec, parts.training, parts.validation, jit=jit) for jit in (False, True))
    assert graph.train_epoch(1).loss == pytest.approx(xla.train_epoch(1).loss, abs=XLA_TOLERANCE)
    for one, other in zip(graph.model.get_weights(), xla.model.get_weights(), strict=True):
        assert np.abs(one - other).max() < XLA_TOLERANCE
