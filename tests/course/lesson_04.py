"""Lesson 4, Layers: one network of each kind on the digits, and what a normalization layer is for."""

from collections.abc import Sequence
from typing import Any

from tests.course.claims import Claim, Reference, Trained

UNSCALED, NORMALIZED = "cells-unscaled", "cells-normalized"
DENSE, CONVOLUTIONAL, RECURRENT = "digits-dense", "digits-convolutional", "digits-recurrent"
BENIGN = 72 / 114
"""The share of benign tumours among the validation rows."""

FOUR_FILTERS: Sequence[dict[str, Any]] = (
    {"kind": "reshape", "shape": [8, 8, 1]},
    {"kind": "conv_2d", "filters": 4, "kernel_size": 3, "activation": "relu"},
    {"kind": "max_pooling_2d", "pool_size": 2},
    {"kind": "flatten"},
    {"kind": "dense", "units": 10, "activation": "softmax"},
)


def calls_all_benign(run: Trained) -> bool:
    assert run.finished.confusion is not None
    return run.finished.confusion.counts == ((0, 42), (0, 72))


def reads(run: Trained, low: float, high: float) -> bool:
    """The share of the validation digits that are read rightly after the last epoch."""
    return low < run.last("val_accuracy") < high


def is_of_size(run: Trained, parameters: int) -> bool:
    """With 360 digits for validation and 20 epochs, as the text says of all three."""
    return (run.started.parameters, run.started.validation_rows, len(run.epochs)) == (parameters, 360, 20)


CLAIMS = [
    Claim(UNSCALED, "114 validation rows", lambda run: run.started.validation_rows == 114),
    Claim(UNSCALED, "says benign to every one of them", calls_all_benign),
    Claim(UNSCALED, "right for 63 %", lambda run: abs(run.last("val_accuracy") - BENIGN) < 0.001),
    Claim(
        UNSCALED,
        "twenty epochs do not change it, and after the first ones the loss hardly moves",
        lambda run: (
            all(abs(share - BENIGN) < 0.001 for share in run.history("val_accuracy")[1:])
            and all(0.64 < loss < 0.7 for loss in run.history("loss")[1:])
        ),
    ),
    Claim(NORMALIZED, "right about 94 % at the end", lambda run: 0.9 < run.last("val_accuracy") < 0.985),
    Claim(
        NORMALIZED,
        "in the first epochs it looks worse at validation, though not in training",
        lambda run: (
            max(run.history("val_accuracy")[:3]) < BENIGN - 0.1 and min(run.history("accuracy")[:3]) > BENIGN + 0.05
        ),
    ),
    Claim(DENSE, "2,410 weights and biases, 360 digits for validation", lambda run: is_of_size(run, 2410)),
    Claim(DENSE, "97 %", lambda run: reads(run, 0.945, 0.98)),
    Claim(CONVOLUTIONAL, "842, a third of the dense network's", lambda run: is_of_size(run, 842)),
    Claim(CONVOLUTIONAL, "98 %", lambda run: reads(run, 0.955, 0.99)),
    Claim(RECURRENT, "1,042", lambda run: is_of_size(run, 1042)),
    Claim(RECURRENT, "95 %", lambda run: reads(run, 0.925, 0.97)),
    Claim(
        CONVOLUTIONAL,
        "the challenge: four filters do as well with 410 numbers",
        lambda run: run.started.parameters == 410 and run.last("val_accuracy") > 0.91,
        {"layers": FOUR_FILTERS, "epochs": 30},
    ),
    Claim(
        DENSE,
        "the challenge: each node fewer shows",
        lambda run: run.last("val_accuracy") < 0.9,
        {"layers.0.units": 5, "epochs": 30},
    ),
]

REFERENCES = [Reference("digits-in-500-numbers", {"layers.0.units": 6, "epochs": 30})]
