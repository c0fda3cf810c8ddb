"""A whole run as its messages tell it; the numbers themselves are compared with Keras in test_engine_parity."""

from typing import Any

import pytest

from sandbox.messages import Command, EpochEnded, Finished, Started
from sandbox.spec import Spec
from tests.sandbox.specs import dense, notes_spec

pytestmark = pytest.mark.keras

EXPLODING: dict[str, Any] = {
    "layers": dense((16, "relu"), (1, "linear")),
    "loss": "mean_squared_error",
    "optimizer": {"kind": "sgd", "learning_rate": 10.0},
}


def run(spec: Spec) -> tuple[Started, list[EpochEnded], Finished]:
    from sandbox.engine.training import train

    started, *between, finished = train(spec)
    assert isinstance(started, Started)
    assert isinstance(finished, Finished)
    return started, [message for message in between if isinstance(message, EpochEnded)], finished


def test_it_tells_sizes_epochs_and_the_result() -> None:
    started, epochs, finished = run(notes_spec(epochs=2))
    assert (started.parameters, started.steps_per_epoch) == (642, 189)
    assert (started.training_rows, started.validation_rows) == (1890, 210)
    assert [epoch.number for epoch in epochs] == [1, 2]
    assert finished.outcome == "succeeded"
    assert finished.metrics is not None
    assert finished.metrics.val_loss == epochs[-1].val_loss
    assert finished.versions.keras.startswith("3.")


def test_the_confusion_matrix_counts_every_validation_row_and_agrees_with_the_accuracy() -> None:
    _, epochs, finished = run(notes_spec(epochs=3))
    assert finished.confusion is not None
    counts = finished.confusion.counts
    assert finished.confusion.rows_of == "validation"
    assert sum(map(sum, counts)) == 210
    right = sum(counts[index][index] for index in range(2))
    assert right / 210 == pytest.approx(epochs[-1].val_accuracy, abs=1e-6)
    assert finished.confusion.recall[1] == counts[1][1] / sum(counts[1])


def test_without_validation_rows_the_matrix_is_of_the_training_rows() -> None:
    _, epochs, finished = run(notes_spec(data={"kind": "circles", "rows": 100, "validation": 0.0}, epochs=1))
    assert epochs[0].val_loss is None
    assert finished.confusion is not None
    assert finished.confusion.rows_of == "training"
    assert sum(map(sum, finished.confusion.counts)) == 100


def test_the_same_spec_gives_the_same_numbers_and_another_seed_others() -> None:
    def losses(**changes: Any) -> list[float | None]:
        return [epoch.loss for epoch in run(notes_spec(epochs=2, **changes))[1]]

    assert losses() == losses()
    assert losses() != losses(seed=2)


def test_shuffling_gives_each_epoch_another_order() -> None:
    import numpy as np

    from sandbox.engine.data import prepare
    from sandbox.engine.loop import Network

    parts = prepare(notes_spec())
    network = Network(notes_spec(), parts.training, parts.validation)
    first, second = network._order(1), network._order(2)
    assert not np.array_equal(first, second)
    assert np.array_equal(np.sort(first), np.arange(1890))
    assert np.array_equal(first, network._order(1))


def test_it_ends_as_diverged_at_the_step_whose_loss_is_no_number() -> None:
    _, epochs, finished = run(notes_spec(**EXPLODING))
    assert finished.outcome == "diverged"
    assert finished.diverged is not None
    assert finished.diverged.epoch == len(epochs) == 1
    assert 1 <= (finished.diverged.step or 0) < 189
    assert epochs[-1].loss is None
    assert epochs[-1].nonfinite["loss"] in ("nan", "inf")
    assert finished.confusion is None


def test_weights_broken_by_the_very_last_step_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    from sandbox.engine.loop import Network

    monkeypatch.setattr(Network, "weights_are_finite", lambda self: False)
    _, epochs, finished = run(notes_spec(epochs=2))
    assert len(epochs) == 2
    assert finished.outcome == "diverged"
    assert finished.diverged is not None
    assert (finished.diverged.epoch, finished.diverged.step) == (2, None)
    assert finished.confusion is None


def test_it_stops_when_told_to() -> None:
    from sandbox.engine.training import train

    seen: list[object] = []

    def commands(_: float) -> Command | None:
        return Command(kind="cancel") if sum(isinstance(each, EpochEnded) for each in seen) == 2 else None

    for message in train(notes_spec(epochs=50), commands=commands):
        seen.append(message)
    assert sum(isinstance(message, EpochEnded) for message in seen) == 2
    assert not any(isinstance(message, Finished) for message in seen)


def test_outputs_that_stand_for_no_class_share_a_row() -> None:
    import numpy as np

    from sandbox.engine.evaluation import NO_CLASS, confusion

    matrix = confusion(np.array([0, 1, 1], np.int32), np.array([0, 5, 9]), ("a", "b"), "training")
    assert matrix.labels == ("a", "b", NO_CLASS)
    assert matrix.counts == ((1, 0, 0), (0, 0, 2), (0, 0, 0))
    assert matrix.recall == (1.0, 0.0, None)


@pytest.mark.slow
def test_circles_are_learned_with_relu_and_not_without() -> None:
    circles = {"kind": "circles", "rows": 500, "noise": 0.05}
    adam = {"kind": "adam", "learning_rate": 0.01}
    accuracies = {
        activation: run(
            notes_spec(
                data=circles,
                optimizer=adam,
                epochs=30,
                layers=dense((16, activation), (16, activation), (2, "softmax")),
            )
        )[2].metrics
        for activation in ("relu", "linear")
    }
    assert accuracies["relu"] is not None
    assert accuracies["linear"] is not None
    assert (accuracies["relu"].val_accuracy or 0) > 0.95
    assert (accuracies["linear"].val_accuracy or 1) < 0.75
