"""A whole run inside the child: from a spec to the messages its parent reads."""

import time
from collections.abc import Callable, Iterator
from typing import Literal

import keras
import numpy as np
import tensorflow as tf

from sandbox.engine.data import Rows, training_and_validation
from sandbox.engine.evaluation import confusion, predicted_classes
from sandbox.engine.loop import Network, Totals
from sandbox.messages import (
    Confusion,
    Divergence,
    EpochEnded,
    Finished,
    Metrics,
    NonFinite,
    Started,
    Versions,
    finite,
    name_of_nonfinite,
)
from sandbox.spec import Spec, dataset, parameter_count, steps_per_epoch

ENGINE_VERSION = "graph-1"  # part of every result: changes whenever the same spec would give other bits


def versions() -> Versions:
    return Versions(engine=ENGINE_VERSION, keras=keras.__version__, tensorflow=tf.__version__, numpy=np.__version__)


def train(spec: Spec, *, stop: Callable[[], bool] = lambda: False) -> Iterator[Started | EpochEnded | Finished]:
    """Yields Started, one EpochEnded per epoch as soon as it ends, then Finished; nothing more once `stop` says so."""
    begun = time.perf_counter()
    training, validation = training_and_validation(spec)
    network = Network(spec, training, validation)
    yield Started(
        parameters=parameter_count(spec),
        steps_per_epoch=steps_per_epoch(spec),
        training_rows=len(training),
        validation_rows=len(validation),
    )
    epoch: EpochEnded | None = None
    diverged: Divergence | None = None
    for number in range(1, spec.epochs + 1):
        epoch, diverged = _one_epoch(network, number, validates=len(validation) > 0)
        yield epoch
        if diverged:
            break
        if stop():
            return
    assert epoch is not None
    if diverged is None and not network.weights_are_finite():  # broken by the very last step
        diverged = Divergence(epoch=epoch.number, step=None, value="nan")
    yield Finished(
        outcome="diverged" if diverged else "succeeded",
        epochs=epoch.number,
        metrics=Metrics(
            loss=epoch.loss, accuracy=epoch.accuracy, val_loss=epoch.val_loss, val_accuracy=epoch.val_accuracy
        ),
        confusion=None if diverged else _confusion(network, training, validation),
        diverged=diverged,
        seconds=time.perf_counter() - begun,
        versions=versions(),
    )


def _one_epoch(network: Network, number: int, *, validates: bool) -> tuple[EpochEnded, Divergence | None]:
    begun = time.perf_counter()
    trained = network.train_epoch(number)
    validated = network.validate() if validates and np.isfinite(trained.loss) else None
    epoch = _epoch_ended(number, trained, validated, time.perf_counter() - begun)
    if value := epoch.nonfinite.get("loss"):
        return epoch, Divergence(epoch=number, step=trained.steps, value=value)
    if value := epoch.nonfinite.get("val_loss"):
        return epoch, Divergence(epoch=number, step=None, value=value)
    return epoch, None


def _epoch_ended(number: int, trained: Totals, validated: Totals | None, seconds: float) -> EpochEnded:
    nonfinite: dict[Literal["loss", "val_loss"], NonFinite] = {}
    if value := name_of_nonfinite(trained.loss):
        nonfinite["loss"] = value
    if validated and (value := name_of_nonfinite(validated.loss)):
        nonfinite["val_loss"] = value
    return EpochEnded(
        number=number,
        loss=finite(trained.loss),
        accuracy=trained.accuracy,
        val_loss=finite(validated.loss) if validated else None,
        val_accuracy=validated.accuracy if validated else None,
        seconds=seconds,
        nonfinite=nonfinite,
    )


def _confusion(network: Network, training: Rows, validation: Rows) -> Confusion:
    rows = validation if len(validation) else training
    predicted = predicted_classes(network.outputs(rows))
    classes = dataset(network.spec).classes
    return confusion(rows.labels, predicted, classes, "validation" if len(validation) else "training")
