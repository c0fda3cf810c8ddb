"""Ends and changes that the numbers of an epoch bring about, as Keras' own callbacks bring them about."""

from typing import Any

import pytest

from sandbox.messages import EpochEnded, Finished, Inspected
from sandbox.spec import Spec
from tests.sandbox.specs import dense, notes_spec

pytestmark = pytest.mark.keras

OVERFITTING: dict[str, Any] = {
    "data": {"kind": "moons", "rows": 100, "noise": 0.3, "validation": 0.5, "split": "last_rows"},
    "layers": dense((32, "relu"), (2, "softmax")),
    "optimizer": {"kind": "adam", "learning_rate": 0.05},
    "batch_size": 10,
    "epochs": 30,
    "shuffle": False,
}


def run(spec: Spec) -> tuple[list[EpochEnded], Finished]:
    from sandbox.engine.training import train

    *messages, finished = train(spec)
    assert isinstance(finished, Finished)
    return [message for message in messages if isinstance(message, EpochEnded)], finished


@pytest.mark.parametrize(
    "stops",
    [
        pytest.param({"early_stopping": {"patience": 3}}, marks=pytest.mark.slow),
        {"early_stopping": {"patience": 0, "monitor": "loss"}},
        {"early_stopping": {"patience": 4, "monitor": "val_accuracy", "min_delta": 0.01, "restore_best_weights": True}},
        pytest.param({"reduce_on_plateau": {"patience": 2, "factor": 0.5, "min_delta": 0.01}}, marks=pytest.mark.slow),
        {"reduce_on_plateau": {"patience": 1, "factor": 0.1, "cooldown": 2, "min_learning_rate": 0.0002}},
        {"early_stopping": {"patience": 8}, "reduce_on_plateau": {"patience": 3, "factor": 0.2}},
    ],
)
def test_it_does_what_keras_callbacks_do(stops: dict[str, Any]) -> None:
    from tests.sandbox.keras_script import fit

    spec = notes_spec(**OVERFITTING, **stops)
    fitted = fit(spec)
    epochs, finished = run(spec)
    assert [epoch.loss for epoch in epochs] == fitted.history["loss"]
    assert [epoch.val_accuracy for epoch in epochs] == fitted.history["val_accuracy"]
    if spec.early_stopping and len(epochs) < spec.epochs:
        assert finished.stopped == "early_stopping"


def test_the_best_weights_are_put_back() -> None:
    stopping = {"patience": 5, "restore_best_weights": True}
    epochs, finished = run(notes_spec(**OVERFITTING, early_stopping=stopping))
    best = min(epochs, key=lambda epoch: epoch.val_loss or 0)
    assert finished.best_epoch == best.number < len(epochs)
    assert finished.confusion is not None
    right = sum(row[index] for index, row in enumerate(finished.confusion.counts))
    assert right / 50 == pytest.approx(best.val_accuracy, abs=1e-6)


def test_it_stops_at_the_first_epoch_that_reaches_the_target() -> None:
    epochs, finished = run(notes_spec(**OVERFITTING, stop_at={"monitor": "accuracy", "value": 0.9}))
    assert finished.stopped == "target"
    assert (epochs[-1].accuracy or 0) >= 0.9
    assert all((epoch.accuracy or 0) < 0.9 for epoch in epochs[:-1])


def test_test_rows_are_measured_once_at_the_end() -> None:
    spec = notes_spec(data={"kind": "clinical_trial", "rows": 1000, "test": 0.2}, epochs=3)
    _, finished = run(spec)
    assert finished.test is not None
    assert 0 < (finished.test.accuracy or 0) <= 1
    assert (finished.test.accuracy or 0) * 200 == pytest.approx(round((finished.test.accuracy or 0) * 200), abs=1e-3)


def test_it_names_the_layer_that_broke_first() -> None:
    """Exponential units overflow in the second layer long before the loss notices anything else."""
    spec = notes_spec(
        layers=[
            {"kind": "dense", "units": 8, "activation": "linear", "name": "calm"},
            {"kind": "dense", "units": 8, "activation": "exponential", "name": "wild"},
            {"kind": "dense", "units": 1},
        ],
        loss="mean_squared_error",
        optimizer={"kind": "sgd", "learning_rate": 1.0},
        epochs=5,
    )
    _, finished = run(spec)
    assert finished.outcome == "diverged"
    assert finished.diverged is not None
    assert finished.diverged.layer in {"calm", "wild"}
    assert finished.diverged.layer in finished.diverged.in_words()


def test_layers_are_inspected_without_disturbing_the_training() -> None:
    from sandbox.engine.training import train

    dropout = [{"kind": "dense", "units": 16, "activation": "relu"}, {"kind": "dropout", "rate": 0.5}]
    spec = notes_spec(layers=[*dropout, {"kind": "dense", "units": 2, "activation": "softmax"}], epochs=4)
    often, seldom = (
        spec.model_copy(update={"snapshots": None}),
        notes_spec(
            layers=[*dropout, {"kind": "dense", "units": 2, "activation": "softmax"}], epochs=4, snapshots={"every": 4}
        ),
    )
    assert [epoch.loss for epoch in run(often)[0]] == [epoch.loss for epoch in run(seldom)[0]]
    inspected = [message for message in train(often) if isinstance(message, Inspected)]
    assert [message.epoch for message in inspected] == [1, 2, 3, 4]
    hidden, drop, output = inspected[-1].layers
    assert hidden.weights is not None
    assert sum(hidden.weights.counts) == 16 + 16
    assert drop.weights is None
    assert drop.gradient_norm is None
    assert (output.gradient_norm or 0) > 0
    assert 0 <= hidden.silent <= 1


def test_a_boundary_covers_the_plane_of_two_inputs() -> None:
    from sandbox.engine.training import train
    from sandbox.messages import GRID, Boundary

    spec = notes_spec(
        data={"kind": "blobs", "classes": 3, "noise": 0.05, "scaling": "standard"},
        layers=dense((16, "tanh"), (3, "softmax")),
        optimizer={"kind": "adam", "learning_rate": 0.05},
        epochs=20,
    )
    drawn = [message for message in train(spec) if isinstance(message, Boundary)][-1]
    assert drawn.low[0] < -0.5
    assert drawn.high[0] > 1
    right = drawn.classes[(GRID // 2) * GRID + GRID - 1]
    assert right == 0, "the first blob lies to the right"
    assert set(drawn.classes) == {0, 1, 2}
    assert max(drawn.certainty) > 200
