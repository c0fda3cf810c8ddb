"""Lesson 10, Training, validation and test sets: digits learnt by heart, and a training that stops in time."""

from tests.course.claims import Claim, Reference, Trained

BY_HEART, IN_TIME = "digits-by-heart", "stop-in-time"
RIGHT_LABELS = 359 / 449
"""What a reader who named every digit rightly would score on the training rows."""


def patience(epochs: int) -> dict[str, int]:
    return {"early_stopping.patience": epochs}


def best_epoch(run: Trained) -> int:
    losses = run.history("val_loss")
    return losses.index(min(losses)) + 1


def test_accuracy(run: Trained) -> float:
    assert run.finished.test is not None
    assert run.finished.test.accuracy is not None
    return run.finished.test.accuracy


def passes_80_percent_at(run: Trained) -> int:
    return next(epoch.number for epoch in run.epochs if (epoch.accuracy or 0) > RIGHT_LABELS)


def goes_back(run: Trained, patience: int) -> bool:
    """Stopped early, so many epochs after the one whose weights are put back, which is the best."""
    best = run.finished.best_epoch
    stopped = run.finished.stopped == "early_stopping" and len(run.epochs) - (best or 0) == patience
    return stopped and best == best_epoch(run)


CLAIMS = [
    Claim(
        BY_HEART,
        "449 train, 450 validate, 898 test",
        lambda run: (run.started.training_rows, run.started.validation_rows, run.started.test_rows) == (449, 450, 898),
    ),
    Claim(BY_HEART, "9,610 weights and biases", lambda run: run.started.parameters == 9610),
    Claim(
        BY_HEART,
        "the training loss falls from 1.89 to 0.07",
        lambda run: 1.7 < run.history("loss")[0] < 2.1 and run.last("loss") < 0.12,
    ),
    Claim(
        BY_HEART,
        "the validation loss turns at 0.49 after the ninth epoch",
        lambda run: 6 <= best_epoch(run) <= 12 and 0.46 < run.best("val_loss") < 0.53,
    ),
    Claim(BY_HEART, "and climbs to 0.80", lambda run: 0.7 < run.last("val_loss") < 0.95),
    Claim(
        BY_HEART,
        "after epoch 9: training 78 %, validation 91 %",
        lambda run: 0.75 < run.history("accuracy")[8] < 0.8 and 0.87 < run.history("val_accuracy")[8] < 0.94,
    ),
    Claim(
        BY_HEART,
        "after epoch 60: training 99 %, validation 79 %",
        lambda run: run.last("accuracy") > 0.98 and 0.75 < run.last("val_accuracy") < 0.83,
    ),
    Claim(
        BY_HEART,
        "the training accuracy passes 80 % in the twelfth epoch",
        lambda run: 10 <= passes_80_percent_at(run) <= 14,
    ),
    Claim(BY_HEART, "test: 79 % after sixty epochs", lambda run: 0.75 < test_accuracy(run) < 0.83),
    Claim(
        BY_HEART,
        "right labels: all rows by heart, 96 % in validation",
        lambda run: run.last("accuracy") == 1 and 0.94 < run.last("val_accuracy") < 0.98,
        {"data.label_noise": 0.0},
    ),
    Claim(
        BY_HEART,
        "1,294 rows: 90 % in validation",
        lambda run: run.started.training_rows == 1294 and 0.86 < run.last("val_accuracy") < 0.94,
        {"data.test": 0.2, "data.validation": 0.1},
    ),
    Claim(
        IN_TIME,
        "patience 5: ends after epoch 14, back to epoch 9",
        lambda run: goes_back(run, 5) and 11 <= len(run.epochs) <= 17,
    ),
    Claim(IN_TIME, "test: 92 % with early stopping", lambda run: 0.89 < test_accuracy(run) < 0.94),
    Claim(
        IN_TIME,
        "patience 1: stops after seven epochs, too soon",
        lambda run: goes_back(run, 1) and len(run.epochs) < 10 and run.best("val_loss") > 0.495,
        patience(1),
    ),
    Claim(
        IN_TIME,
        "patience 20: 29 epochs, back to epoch 9 all the same",
        lambda run: goes_back(run, 20) and 26 <= len(run.epochs) <= 32,
        patience(20),
    ),
]

REFERENCES = [
    Reference(
        "below-the-valley",
        {
            "layers": [
                {"kind": "dense", "units": 128, "activation": "relu"},
                {"kind": "dropout", "rate": 0.7},
                {"kind": "dense", "units": 10, "activation": "softmax"},
            ]
        },
    )
]
