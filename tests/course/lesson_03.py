"""Lesson 3, Artificial neural networks: seventeen numbers around a ring."""

from tests.course.claims import Claim, Reference, Trained

RINGS = "two-three-two"
GUESS = 0.6931


def always_guesses(run: Trained) -> bool:
    return all(abs(loss - GUESS) < 0.02 for loss in run.history("loss"))


CLAIMS = [
    Claim(RINGS, "17 weights and biases", lambda run: run.started.parameters == 17),
    Claim(
        RINGS,
        "500 points, 100 of them kept for validation",
        lambda run: (run.started.training_rows, run.started.validation_rows) == (400, 100),
    ),
    Claim(RINGS, "about 67 % after the first epoch", lambda run: 0.57 < run.history("val_accuracy")[0] < 0.77),
    Claim(RINGS, "about 90 % after the tenth", lambda run: 0.84 < run.history("val_accuracy")[9] < 0.95),
    Claim(RINGS, "about 98 % after the fortieth", lambda run: run.last("val_accuracy") > 0.95),
    Claim(
        RINGS,
        "linear: ends at 56 %, the loss stays at 0.69, what guessing costs",
        lambda run: 0.46 < run.last("val_accuracy") < 0.66 and always_guesses(run),
        {"layers.0.activation": "linear"},
    ),
    Claim(
        RINGS,
        "two hidden nodes: stops at 77 %",
        lambda run: 0.7 < run.last("val_accuracy") < 0.84 and run.best("val_accuracy") < 0.86,
        {"layers.0.units": 2},
    ),
]

REFERENCES = [
    Reference(
        "opposite-corners",
        {
            "layers": [
                {"kind": "dense", "units": 7, "activation": "relu"},
                {"kind": "dense", "units": 2, "activation": "softmax"},
            ]
        },
    )
]
