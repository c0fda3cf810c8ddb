"""Lesson 5, Activation functions: rings without a bend, a wave with some, and a deep network that sleeps."""

import math
from typing import Any

from tests.course.claims import Claim, Reference, Trained, changed, entries, train

WAVE, RINGS = "bends-of-a-wave", "flat-rings"
GUESS = math.log(2)
HIDDEN_LAYERS = ("layers.0.activation", "layers.1.activation")
FIVE_LINEAR_LAYERS = [
    *({"kind": "dense", "units": 16, "activation": "linear"} for _ in range(5)),
    {"kind": "dense", "units": 2, "activation": "softmax"},
]
FOUR_OF_TANH = {f"layers.{index}.activation": "tanh" for index in range(4)}
WITH_RELU = dict.fromkeys(HIDDEN_LAYERS, "relu")


def guesses(run: Trained) -> bool:
    """In the last ten epochs the loss is that of a guess, and no more than chance comes of it."""
    losses, shares = run.history("loss")[-10:], run.history("val_accuracy")[-10:]
    return all(abs(loss - GUESS) < 0.01 for loss in losses) and sum(shares) / 10 < 0.65


def parts_the_rings(run: Trained) -> bool:
    """About 97 % of the validation points after two epochs, and no worse at the end."""
    return run.history("val_accuracy")[1] > 0.93 and run.last("val_accuracy") > 0.95


def asleep(activation: str) -> dict[str, Any]:
    """The deep network of the challenge."""
    hidden = [{"kind": "dense", "units": 8, "activation": activation} for _ in range(4)]
    output = {"kind": "dense", "units": 2, "activation": "softmax"}
    return {"layers": [*hidden, output], "optimizer": {"kind": "sgd", "learning_rate": 0.1}}


def trains_like_softmax(run: Trained) -> bool:
    twin = train(changed(entries("experiments")[RINGS]["spec"], WITH_RELU))
    return all(run.history(name) == twin.history(name) for name in ("loss", "val_loss", "accuracy", "val_accuracy"))


def ends_at(run: Trained, low: float, high: float) -> bool:
    return low < run.last("val_loss") < high


CLAIMS = [
    Claim(WAVE, "2 nodes: 0.135", lambda run: ends_at(run, 0.11, 0.16)),
    Claim(WAVE, "4 nodes: 0.042", lambda run: ends_at(run, 0.02, 0.06), {"layers.0.units": 4}),
    Claim(
        WAVE,
        "16 nodes: 0.010, the scatter of the points",
        lambda run: ends_at(run, 0.008, 0.018),
        {"layers.0.units": 16},
    ),
    Claim(
        WAVE,
        "16 linear nodes: 0.18",
        lambda run: ends_at(run, 0.165, 0.21),
        {"layers.0.units": 16, "layers.0.activation": "linear"},
    ),
    Claim(
        RINGS,
        "354 weights and biases, 1,000 points, 200 of them for validation",
        lambda run: (run.started.parameters, run.started.training_rows, run.started.validation_rows) == (354, 800, 200),
    ),
    Claim(RINGS, "after 30 epochs still a guess: 0.69", guesses),
    Claim(
        RINGS,
        "three more linear layers: 1,170 numbers, the same result",
        lambda run: run.started.parameters == 1170 and guesses(run),
        {"layers": FIVE_LINEAR_LAYERS},
    ),
    Claim(RINGS, "relu in the first hidden layer", parts_the_rings, {HIDDEN_LAYERS[0]: "relu"}),
    Claim(RINGS, "relu in the second hidden layer", parts_the_rings, {HIDDEN_LAYERS[1]: "relu"}),
    Claim(
        RINGS,
        "two sigmoids at the end: the curves of softmax to the last digit",
        trains_like_softmax,
        {**WITH_RELU, "layers.2.activation": "sigmoid"},
    ),
    Claim(RINGS, "the challenge: four layers of sigmoid still guess after 30 epochs", guesses, asleep("sigmoid")),
    Claim(
        RINGS,
        "the challenge: with tanh the same 258 numbers get about 99 % right",
        lambda run: run.started.parameters == 258 and run.last("val_accuracy") > 0.95,
        asleep("tanh"),
    ),
]

REFERENCES = [Reference("wake-the-deep-network", FOUR_OF_TANH)]
