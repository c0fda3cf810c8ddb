"""Lesson 6, Training: the loss curve of the digits, and the batches that make it rough or smooth."""

import math
from itertools import pairwise

from tests.course.claims import Claim, Reference, Trained

WATCHED = "watch-the-loss"
GUESS = math.log(10)


def gains(run: Trained) -> list[float]:
    """By how much each epoch lowers the training loss, the second epoch first."""
    return [before - after for before, after in pairwise(run.history("loss"))]


def bends(run: Trained) -> bool:
    """Each of the epochs 5 to 10 gains less than the one before."""
    return all(earlier > later for earlier, later in pairwise(gains(run)[2:9]))


def jumps_and_comes_back(run: Trained) -> bool:
    """After the first epochs, one validation loss stands out from its two neighbours."""
    later = run.history("val_loss")[2:]
    windows = zip(later, later[1:], later[2:], strict=False)
    return any(peak > 2 * max(before, after) for before, peak, after in windows)


CLAIMS = [
    Claim(
        WATCHED,
        "2,410 weights and biases; 1,350 steps",
        lambda run: run.started.parameters == 2410 and 30 * run.started.steps_per_epoch == 1350,
    ),
    Claim(WATCHED, "starts just below a pure guess", lambda run: GUESS - 0.4 < run.history("loss")[0] < GUESS),
    Claim(
        WATCHED,
        "up to the fourth epoch each lowers the loss by about 0.3, and then it reads 84 %",
        lambda run: all(0.25 < gain < 0.4 for gain in gains(run)[:3]) and 0.81 < run.history("accuracy")[3] < 0.87,
    ),
    Claim(WATCHED, "from the fifth epoch to the tenth each gains less", bends),
    Claim(
        WATCHED,
        "epochs 21 to 30 together gain 0.05, down to 0.13",
        lambda run: sum(gains(run)[19:]) < 0.08 and 0.1 < run.last("loss") < 0.16,
    ),
    Claim(
        WATCHED,
        "the second line: lower at first, a little higher in the end",
        lambda run: (
            run.history("val_loss")[0] < run.history("loss")[0]
            and run.last("loss") < run.last("val_loss") < run.last("loss") + 0.15
        ),
    ),
    Claim(WATCHED, "a loss of 0.13 goes with 3 % wrong", lambda run: 0.955 < run.last("accuracy") < 0.985),
    Claim(
        WATCHED,
        "37 %, 92 %, 95 % of the validation rows",
        lambda run: (
            0.25 < run.history("val_accuracy")[0] < 0.5
            and 0.89 < run.history("val_accuracy")[9] < 0.945
            and 0.93 < run.last("val_accuracy") < 0.97
        ),
    ),
    Claim(
        WATCHED,
        "all rows in one batch: smooth, 30 steps, and only down to 2.11",
        lambda run: (
            run.started.steps_per_epoch == 1
            and min(gains(run)) > 0
            and max(gains(run)) < 0.03
            and 2.05 < run.last("loss") < 2.2
        ),
        {"batch_size": 1437},
    ),
    Claim(
        WATCHED,
        "batches of 4: 10,800 steps, down to 0.025",
        lambda run: 30 * run.started.steps_per_epoch == 10_800 and run.last("loss") < 0.04,
        {"batch_size": 4},
    ),
    Claim(
        WATCHED,
        "batches of 4: the validation loss jumps for an epoch, and is back in the next",
        jumps_and_comes_back,
        {"batch_size": 4},
    ),
    Claim(
        WATCHED,
        "the challenge: a validation loss of 0.40 after ten epochs",
        lambda run: 0.36 < run.last("val_loss") < 0.44,
        {"epochs": 10},
    ),
    Claim(
        WATCHED,
        "the challenge: smaller batches alone get there",
        lambda run: run.last("val_loss") < 0.19,
        {"epochs": 10, "batch_size": 8},
    ),
    Claim(
        WATCHED,
        "the challenge: a larger learning rate alone gets there",
        lambda run: run.last("val_loss") < 0.18,
        {"epochs": 10, "optimizer.learning_rate": 0.3},
    ),
]

REFERENCES = [Reference("downhill-in-ten", {"batch_size": 8, "optimizer.learning_rate": 0.1})]
