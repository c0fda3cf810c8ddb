"""Lesson 7, How a network learns: the notes' training script on the clinical trial."""

from itertools import pairwise

from tests.course.claims import Claim, Reference, Trained

TRIAL = "clinical-trial"
FIVE_EPOCHS = {"epochs": 5, "batch_size": 100}


def falls_to_the_end(run: Trained) -> bool:
    return all(later < earlier for earlier, later in pairwise(run.history("loss")))


def stays_where_it_is(run: Trained) -> bool:
    """The last fifteen epochs bring no more than one person in a hundred, and none of the 60 goes past the labels."""
    late = run.history("accuracy")[45:]
    return max(late) - min(late) < 0.01 and run.best("accuracy") < 0.955


CLAIMS = [
    Claim(
        TRIAL,
        "2,100 people, 10 % held back: 1,890 train, 210 validate",
        lambda run: (run.started.training_rows, run.started.validation_rows) == (1890, 210),
    ),
    Claim(TRIAL, "one epoch is 189 updates", lambda run: run.started.steps_per_epoch == 189),
    Claim(TRIAL, "20 epochs are 3,780 updates", lambda run: len(run.epochs) * run.started.steps_per_epoch == 3780),
    Claim(TRIAL, "642 weights and biases", lambda run: run.started.parameters == 642),
    Claim(
        TRIAL,
        "after the first epoch the validation loss looks better: 0.667 against 0.674",
        lambda run: 0.65 < run.history("val_loss")[0] < run.history("loss")[0] < 0.69,
    ),
    Claim(TRIAL, "55 % after the first epoch", lambda run: 0.48 < run.history("val_accuracy")[0] < 0.62),
    Claim(TRIAL, "84 % after the tenth", lambda run: 0.8 < run.history("val_accuracy")[9] < 0.88),
    Claim(TRIAL, "90 % after the twentieth", lambda run: 0.87 < run.last("val_accuracy") < 0.93),
    Claim(TRIAL, "the loss is still falling when the run ends", falls_to_the_end),
    Claim(
        TRIAL,
        "a sigmoid on the two output nodes trains and prints the same losses",
        lambda run: (
            abs(run.history("loss")[0] - 0.6741) < 0.002
            and abs(run.last("loss") - 0.3143) < 0.004
            and abs(run.last("val_loss") - 0.3144) < 0.004
        ),
        {"layers.2.activation": "sigmoid"},
    ),
    Claim(
        TRIAL,
        "60 epochs: validation comes to 93 %, training to 95 %",
        lambda run: 0.915 < run.last("val_accuracy") < 0.95 and 0.94 < run.last("accuracy") < 0.955,
        {"epochs": 60},
    ),
    Claim(TRIAL, "60 epochs: there it stays", stays_where_it_is, {"epochs": 60}),
    Claim(
        TRIAL, "batches of 100: 19 updates an epoch", lambda run: run.started.steps_per_epoch == 19, {"batch_size": 100}
    ),
    Claim(TRIAL, "batches of 100: only 71 %", lambda run: 0.65 < run.last("val_accuracy") < 0.78, {"batch_size": 100}),
    Claim(
        TRIAL,
        "the challenge: 95 updates, the loss hardly moves",
        lambda run: len(run.epochs) * run.started.steps_per_epoch == 95 and run.last("val_loss") > 0.64,
        FIVE_EPOCHS,
    ),
    Claim(
        TRIAL,
        "the challenge: batches of 1 make 9,450 updates, and that is enough",
        lambda run: len(run.epochs) * run.started.steps_per_epoch == 9450 and run.last("val_loss") < 0.35,
        {"epochs": 5, "batch_size": 1},
    ),
]

REFERENCES = [Reference("five-epochs", {"batch_size": 10, "optimizer.learning_rate": 0.001})]
