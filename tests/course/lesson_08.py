"""Lesson 8, Loss functions: a loss that can be predicted from the noise, and digits under two losses."""

from tests.course.claims import Claim, Reference

LINE = "line-by-hand"

CLAIMS = [
    Claim(
        LINE,
        "the loss ends near the square of the noise, 0.01: at 0.0092, and val_loss at 0.0095",
        lambda run: 0.0085 < run.last("loss") < 0.01 and 0.0088 < run.last("val_loss") < 0.0102,
    ),
    Claim(LINE, "400 training rows, 100 for validation", lambda run: run.started.validation_rows == 100),
    Claim(
        LINE,
        "three times the noise, nine times the loss: about 0.09, at 0.083",
        lambda run: 0.076 < run.last("loss") < 0.09,
        {"data.noise": 0.3},
    ),
    Claim(
        LINE,
        "the mean absolute error ends at 0.079",
        lambda run: 0.074 < run.last("loss") < 0.084,
        {"loss": "mean_absolute_error"},
    ),
    Claim(
        LINE,
        "it is the same line: trained on squares, its mean absolute error is no other",
        lambda run: 0.074 < run.last("mean_absolute_error") < 0.084,
    ),
    Claim(
        LINE,
        "with sigmoid the loss ends at 0.61",
        lambda run: 0.55 < run.last("loss") < 0.67,
        {"layers.0.activation": "sigmoid"},
    ),
    Claim(
        "watch-the-loss",
        "the challenge: the digits under squares, 20 % after ten epochs",
        lambda run: 0.12 < run.last("val_accuracy") < 0.28,
        {"epochs": 10, "loss": "mean_squared_error"},
    ),
    Claim(
        "watch-the-loss",
        "the challenge: 92 % under cross-entropy",
        lambda run: 0.89 < run.last("val_accuracy") < 0.945,
        {"epochs": 10},
    ),
    Claim(
        "watch-the-loss",
        "the challenge: squares reach 96 % with a learning rate of 5",
        lambda run: 0.93 < run.last("val_accuracy") < 0.98,
        {"epochs": 10, "loss": "mean_squared_error", "optimizer.learning_rate": 5.0},
    ),
]

REFERENCES = [Reference("another-ruler", {"loss": "sparse_categorical_crossentropy"})]
