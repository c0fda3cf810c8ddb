"""Lesson 9, Learning rate: a race of five rates, and a bowl to jump out of."""

import math
from itertools import pairwise
from typing import Any

from tests.course.claims import Claim, Reference, Trained

RACE, BOWL = "learning-rate-race", "out-of-the-bowl"


def rate(value: float) -> dict[str, Any]:
    return {"optimizer.learning_rate": value}


def sgd(value: float) -> dict[str, Any]:
    return {"optimizer": {"kind": "sgd", "learning_rate": value}, "epochs": 5}


def near(run: Trained, *expected: float, within: float = 0.02) -> bool:
    """The training loss after epochs 1, 5 and 20."""
    losses = run.history("loss")
    return all(abs(losses[at] - value) < within for at, value in zip((0, 4, 19), expected, strict=True))


def settled(run: Trained) -> bool:
    """From the fifth epoch on, the validation loss stays near one value."""
    late = run.history("val_loss")[4:]
    return min(late) > 0.24 and max(late) < 0.275


def restless(run: Trained) -> bool:
    late = run.history("val_loss")[4:]
    return min(late) < 0.24 and max(late) > 0.35 and run.last("loss") < 0.3


def stuck(run: Trained) -> bool:
    """Worse than saying 50 : 50 to everybody, in every epoch."""
    return run.outcome == "succeeded" and min(run.history("loss")) > math.log(2) and run.last("accuracy") < 0.55


def jumps(run: Trained) -> bool:
    """Finite to the end, but up as often as down, and never as calm as at a rate of 1."""
    losses = run.history("loss")
    ups = sum(later > earlier for earlier, later in pairwise(losses))
    return run.outcome == "succeeded" and ups >= 5 and max(losses[4:]) > 0.15


CLAIMS = [
    Claim(RACE, "0.001: smooth", lambda run: near(run, 0.585, 0.256, 0.230)),
    Claim(RACE, "0.001: settled after five epochs", settled),
    Claim(RACE, "0.0001: slow", lambda run: near(run, 0.674, 0.585, 0.314), rate(0.0001)),
    Claim(
        RACE,
        "0.0001: still falling",
        lambda run: all(later < earlier for earlier, later in pairwise(run.history("loss"))),
        rate(0.0001),
    ),
    Claim(RACE, "0.01: 0.328, 0.235, 0.216", lambda run: near(run, 0.328, 0.235, 0.216, within=0.03), rate(0.01)),
    Claim(
        RACE,
        "0.01: almost done after two epochs, restless after that",
        lambda run: (
            run.history("loss")[1] < run.last("loss") + 0.07
            and max(run.history("val_loss")[4:]) - min(run.history("val_loss")[4:]) > 0.05
        ),
        rate(0.01),
    ),
    Claim(RACE, "0.1: 0.316, 0.235, 0.243", lambda run: near(run, 0.316, 0.235, 0.243, within=0.05), rate(0.1)),
    Claim(RACE, "0.1: the validation loss jumps about between 0.22 and 0.41", restless, rate(0.1)),
    Claim(RACE, "1: stuck, worse than a guess", stuck, rate(1.0)),
    Claim(RACE, "1: 1.001, 0.733, 0.727", lambda run: near(run, 1.0, 0.733, 0.727, within=0.1), rate(1.0)),
    Claim(
        BOWL,
        "1: sinks to 0.1 and stays there",
        lambda run: all(0.085 < loss < 0.115 for loss in run.history("loss")[2:]),
    ),
    Claim(BOWL, "1.5: jumps up and down", jumps, rate(1.5)),
    Claim(
        BOWL,
        "1.7: 247, then more than a million",
        lambda run: 50 < run.history("loss")[0] < 2000 and run.history("loss")[1] > 1e6,
        rate(1.7),
    ),
    Claim(
        BOWL,
        "1.7: ends as diverged, in about the tenth epoch",
        lambda run: run.outcome == "diverged" and 8 <= len(run.epochs) <= 12,
        rate(1.7),
    ),
    Claim(
        RACE,
        "the challenge: Adam at 0.001 reaches 0.256 in five epochs",
        lambda run: abs(run.history("loss")[4] - 0.256) < 0.02,
    ),
    Claim(
        RACE,
        "the challenge: SGD at 0.001 is still at 0.66",
        lambda run: abs(run.last("loss") - 0.66) < 0.01,
        sgd(0.001),
    ),
    Claim(
        RACE,
        "the challenge: SGD at 1 is stuck again",
        lambda run: min(run.history("loss")) > math.log(2),
        sgd(1.0),
    ),
]

REFERENCES = [Reference("sgd-wants-another-rate", {"optimizer.learning_rate": 0.1})]
