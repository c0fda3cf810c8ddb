"""The engine's correctness proof: the same weights and the same history as Keras' own `fit`, bit for bit."""

from typing import Any

import pytest

from sandbox.spec import Spec
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

    from sandbox.engine.data import training_and_validation
    from sandbox.engine.loop import Network
    from tests.sandbox.keras_script import fit

    fitted = fit(spec)
    training, validation = training_and_validation(spec)
    network = Network(spec, training, validation)
    history: dict[str, list[float]] = {name: [] for name in fitted.history}
    for number in range(1, spec.epochs + 1):
        trained = network.train_epoch(number)
        history["loss"].append(trained.loss)
        history["accuracy"].append(trained.accuracy)
        if len(validation):
            validated = network.validate()
            history["val_loss"].append(validated.loss)
            history["val_accuracy"].append(validated.accuracy)
    for ours, theirs in zip(network.model.get_weights(), fitted.weights, strict=True):
        assert np.array_equal(ours, theirs)
    assert history == fitted.history


@pytest.mark.parametrize("name", EVERY_DAY)
def test_it_ends_with_the_weights_and_history_of_fit(name: str) -> None:
    assert_same_as_fit(notes_spec(shuffle=False, **EVERY_DAY[name]))


@pytest.mark.slow
@pytest.mark.parametrize("name", EXHAUSTIVE)
def test_it_ends_with_the_weights_and_history_of_fit_for(name: str) -> None:
    assert_same_as_fit(notes_spec(shuffle=False, **EXHAUSTIVE[name]))
