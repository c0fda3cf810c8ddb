"""What lesson 1, "What machine learning is", says about its experiments."""

import numpy as np

from sandbox.admission import admit
from tests.course.claims import Claim, Reference, Trained, entries

ONE_LINE = {"kind": "dense", "units": 1, "activation": "linear"}


def error_of_the_rule(slope: float) -> float:
    """Mean squared error of `y = slope · x`, a rule by hand, on the validation rows of the first preset."""
    from sandbox.engine.data import prepare

    rows = prepare(admit(entries("experiments")["slope-and-intercept"]["spec"]).spec).validation
    return float(np.mean((slope * rows.inputs[:, 0] - rows.labels) ** 2))


def settles_beside_the_rule(run: Trained) -> bool:
    return all(abs(loss - 0.28) < 0.01 for loss in run.history("val_loss")[9:])


CLAIMS = [
    Claim("slope-and-intercept", "It learns from 160 points; 40 are kept aside.", lambda run: (
        run.started.training_rows, run.started.validation_rows, run.started.parameters) == (160, 40, 2)),
    Claim("slope-and-intercept", "The rule by hand, y = 2x, has an MSE of 0.278 on the points kept aside.",
          lambda run: abs(error_of_the_rule(2.0) - 0.278) < 0.0005),
    Claim("slope-and-intercept", "The validation loss is 1.00 after the first pass, 0.031 after the fifth.",
          lambda run: 0.9 < run.history("val_loss")[0] < 1.1 and 0.02 < run.history("val_loss")[4] < 0.04),
    Claim("slope-and-intercept", "It ends at 0.012, less than a twentieth of the rule's error.",
          lambda run: 0.010 < run.last("val_loss") < 0.278 / 20),
    Claim("slope-and-intercept", "Without noise the loss sinks below a millionth.",
          lambda run: run.last("val_loss") < 1e-6, {"data.noise": 0.0}),
    Claim("slope-and-intercept", "With a noise of 0.3 it ends at 0.105.",
          lambda run: 0.095 < run.last("val_loss") < 0.115, {"data.noise": 0.3}),
    Claim("line-through-zero", "From the tenth pass on it stays at 0.28.", settles_beside_the_rule),
    Claim("line-through-zero", "It cannot beat the rule by hand.",
          lambda run: run.last("val_loss") > error_of_the_rule(2.0) - 0.005),
]  # fmt: skip

REFERENCES = [Reference("two-numbers-are-enough", {"layers": [ONE_LINE], "epochs": 20})]
