"""What lesson 2, "Deep learning", says about its experiments."""

from tests.course.claims import Claim, Reference, Trained

ANSWERS = {"kind": "dense", "units": 10, "activation": "softmax"}
NARROW = {"kind": "dense", "units": 72, "activation": "relu"}


def misses(run: Trained) -> int:
    """How many of the validation rows the network gets wrong after the last epoch."""
    return round((1 - run.last("val_accuracy")) * run.started.validation_rows)


def stays_at_chance(run: Trained) -> bool:
    return all(0.04 < accuracy < 0.16 for accuracy in run.history("val_accuracy"))


CLAIMS = [
    Claim("digits-with-labels", "1,437 digits to learn from, 360 kept aside; 26,122 weights and biases.", lambda run: (
        run.started.training_rows, run.started.validation_rows, run.started.parameters) == (1437, 360, 26122)),
    Claim("digits-with-labels", "About 89% after the first pass, about 98% after the twentieth; it misses 7 of 360.",
          lambda run: 0.84 < run.history("val_accuracy")[0] < 0.93 and run.history("val_accuracy")[19] > 0.965
          and misses(run) <= 11),
    Claim("digits-with-labels", "Without hidden layers it ends at 95%, with 17 misses.",
          lambda run: 0.94 < run.last("val_accuracy") < 0.965 and 13 <= misses(run) <= 21, {"layers": [ANSWERS]}),
    Claim("digits-with-shuffled-labels", "In training it climbs to 97%.", lambda run: run.last("accuracy") > 0.94),
    Claim("digits-with-shuffled-labels", "On the validation digits it stays around the 10% of a guess.",
          stays_at_chance),
]  # fmt: skip

REFERENCES = [Reference("by-heart", {"layers": [NARROW, NARROW, NARROW, ANSWERS]})]
