"""A whole run inside the child: from a spec to the messages its parent reads.

Epochs run in the graph; where the plan of the spec says so (`sandbox.cost.switch_after`), a second network compiles by
XLA in a thread meanwhile and takes over exactly after the planned epoch, however long that takes. An epoch is run in
chunks, and commands are obeyed between them.
"""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Literal

import keras
import numpy as np
import tensorflow as tf

from sandbox.cost import estimate, snapshot_epochs, switch_after
from sandbox.engine.control import Control
from sandbox.engine.data import Parts, Rows, prepare
from sandbox.engine.divergence import Memory
from sandbox.engine.evaluation import confusion, predicted_classes
from sandbox.engine.inspection import boundary, has_boundary, inspect
from sandbox.engine.loop import Epoch, Network, State, Totals
from sandbox.engine.state import snapshot
from sandbox.engine.stops import Measured, Patience, Plateau, reaches
from sandbox.messages import (
    AnyMessage,
    Command,
    Confusion,
    Divergence,
    EpochEnded,
    Finished,
    Measures,
    NonFinite,
    Started,
    Versions,
    finite,
    name_of_nonfinite,
)
from sandbox.spec import Spec, dataset, parameter_count, steps_per_epoch

ENGINE_VERSION = "graph-2"  # part of every result: changes whenever the same spec would give other bits
CHUNK_SECONDS = 0.1
"""So long runs a chunk before the child listens again."""

Stopped = Literal["early_stopping", "target"]


def versions() -> Versions:
    return Versions(engine=ENGINE_VERSION, keras=keras.__version__, tensorflow=tf.__version__, numpy=np.__version__)


def nobody(_: float) -> Command | None:
    """Commands of a run that nobody steers."""
    return None


def train(
    spec: Spec, *, table: Rows | None = None, commands: Callable[[float], Command | None] = nobody
) -> Iterator[AnyMessage]:
    """Yields Started, an EpochEnded per epoch as soon as it ends, what else there is to tell, then Finished.

    `commands(seconds)` waits so long for the next command; after a cancel nothing more comes.
    """
    return _Run(spec, table, Control(commands)).messages()


class _Run:
    def __init__(self, spec: Spec, table: Rows | None, control: Control) -> None:
        self.spec = spec
        self.control = control
        self.begun = time.perf_counter()
        self.parts: Parts = prepare(spec, table)
        self.network = Network(spec, self.parts.training, self.parts.validation)
        self.switch_after = switch_after(spec)
        self.fast: _FastNetwork | None = None
        self.kept = frozenset(snapshot_epochs(spec))
        self.memory = Memory()
        self.patience = Patience(spec.early_stopping) if spec.early_stopping else None
        self.plateau = Plateau(spec.reduce_on_plateau) if spec.reduce_on_plateau else None
        self.best: State | None = None
        self.stopped: Stopped | None = None
        self.last: EpochEnded | None = None
        self.step_seconds = estimate(spec).epoch_seconds / steps_per_epoch(spec)

    def messages(self) -> Iterator[AnyMessage]:
        yield self._started()
        if 0 in self.kept:
            yield snapshot(self.network, 0)
        for number in range(1, self.spec.epochs + 1):
            self._switch(number)
            epoch = self.network.begin_epoch(number)
            self.memory.keep(self.network, number)
            yield from self._run_epoch(epoch, number)
            if self.control.cancelled:
                return
            self.last, diverged = self._end_epoch(epoch, number)
            yield self.last
            if diverged or self._is_over(number):
                break
            yield from self._look_inside(number)
        yield from self._finish(diverged)

    def _started(self) -> Started:
        parts = self.parts
        return Started(
            parameters=parameter_count(self.spec),
            steps_per_epoch=steps_per_epoch(self.spec),
            training_rows=len(parts.training),
            validation_rows=len(parts.validation),
            test_rows=len(parts.test),
            switch_after=self.switch_after,
        )

    def _switch(self, number: int) -> None:
        """XLA's network is compiled from the second epoch on (tracing both at once would delay the first), and goes on
        with the state of the other one."""
        if self.switch_after is None:
            return
        if number == 2:
            self.fast = _FastNetwork(self.spec, self.parts)
        if number == self.switch_after + 1:
            assert self.fast is not None
            fast = self.fast.ready()
            fast.restore(self.network.state())
            self.network = fast

    # --- an epoch ---

    def _run_epoch(self, epoch: Epoch, number: int) -> Iterator[AnyMessage]:
        """Chunk by chunk, as the control allows."""
        while not epoch.is_over:
            yield from self.control.obey(self.network, epoch, number)
            if self.control.cancelled:
                return
            begun, first = time.perf_counter(), epoch.done
            epoch.run_to(min(epoch.steps, first + self.control.allowed(self._chunk_steps())))
            self.control.count(epoch.done - first)
            if number > 1 and epoch.done > first:  # the first chunk was traced too
                self.step_seconds = (time.perf_counter() - begun) / (epoch.done - first)

    def _chunk_steps(self) -> int:
        return max(1, int(CHUNK_SECONDS / self.step_seconds))

    def _end_epoch(self, epoch: Epoch, number: int) -> tuple[EpochEnded, Divergence | None]:
        trained = epoch.totals()
        begun = time.perf_counter()
        validated = self.network.validate() if len(self.parts.validation) and trained.is_finite else None
        seconds = epoch.seconds + time.perf_counter() - begun
        rate = float(str(self.network.optimizer.learning_rate.numpy()))  # the shortest number that is this float32
        ended = _epoch_ended(number, trained, validated, seconds, rate)
        return ended, self._divergence(ended, trained, number)

    def _divergence(self, ended: EpochEnded, trained: Totals, number: int) -> Divergence | None:
        if value := ended.nonfinite.get("loss"):
            layer = self.memory.layer_that_broke(self.network, number, trained.steps)
            return Divergence(epoch=number, step=trained.steps, value=value, layer=layer)
        if value := ended.nonfinite.get("val_loss"):
            return Divergence(epoch=number, step=None, value=value)
        return None

    def _is_over(self, number: int) -> bool:
        """Early stopping, a target reached; and what the plateau does to the learning rate."""
        assert self.last is not None
        measured: Measured = {name: value for name, value in self.last.measured().items() if value is not None}
        if self.plateau:
            rate = float(self.network.optimizer.learning_rate.numpy())
            if (lower := self.plateau.look(measured, rate)) != rate:
                self.network.optimizer.learning_rate.assign(lower)
        if self.spec.stop_at and reaches(self.spec.stop_at, measured):
            self.stopped = "target"
        if self.patience:
            if self.patience.look(number, measured):
                self.stopped = "early_stopping"
            if self.patience.best_epoch == number and self.patience.stop.restore_best_weights:
                self.best = self.network.state()
        return self.stopped is not None

    def _look_inside(self, number: int) -> Iterator[AnyMessage]:
        if number in self.kept and number != self.spec.epochs:
            yield from self._pictures(number)

    def _pictures(self, number: int) -> Iterator[AnyMessage]:
        yield snapshot(self.network, number)
        yield inspect(self.network, number)
        if has_boundary(self.spec):
            yield boundary(self.network, self.parts.scale, number)

    # --- the end ---

    def _finish(self, diverged: Divergence | None) -> Iterator[AnyMessage]:
        last = self.last
        assert last is not None
        if diverged is None and not self.network.weights_are_finite():  # broken by the very last step
            diverged = Divergence(epoch=last.number, step=None, value="nan")
        if diverged is None:
            if self.best is not None:
                self.network.restore(self.best)
            yield from self._pictures(last.number)
        yield Finished(
            outcome="diverged" if diverged else "succeeded",
            epochs=last.number,
            metrics=Measures(**last.measured()),
            confusion=None if diverged else self._confusion(),
            diverged=diverged,
            stopped=self.stopped,
            best_epoch=self.patience.best_epoch if self.patience and self.best is not None else None,
            test=None if diverged else self._tested(),
            seconds=time.perf_counter() - self.begun,
            versions=versions(),
        )

    def _confusion(self) -> Confusion | None:
        described = dataset(self.spec)
        if described.is_regression:
            return None
        rows = self.parts.validation if len(self.parts.validation) else self.parts.training
        threshold = 0.0 if self.spec.from_logits else 0.5
        predicted = predicted_classes(self.network.outputs(rows), threshold)
        of: Literal["validation", "training"] = "validation" if len(self.parts.validation) else "training"
        return confusion(rows.labels, predicted, described.classes, of)

    def _tested(self) -> Measures | None:
        """The test rows are looked at once, here."""
        if not len(self.parts.test):
            return None
        examined = Network(self.spec, self.parts.training, self.parts.test)
        examined.restore(self.network.state())
        totals = examined.validate()
        return Measures(loss=finite(totals.loss), **{name: finite(value) for name, value in totals.metrics.items()})


class _FastNetwork:
    """The same network, compiled by XLA in a thread; nothing of it trains before `ready`."""

    def __init__(self, spec: Spec, parts: Parts) -> None:
        self._spec = spec
        self._parts = parts
        self._network: Network | None = None
        self._error: BaseException | None = None
        # No daemon: a process that ends while XLA compiles would be aborted. The training child ends without waiting.
        self._thread = threading.Thread(target=self._compile, name="xla", daemon=False)
        self._thread.start()

    def _compile(self) -> None:
        try:
            network = Network(self._spec, self._parts.training, self._parts.validation, jit=True)
            network.compile()
            self._network = network
        except BaseException as error:
            self._error = error

    def ready(self) -> Network:
        self._thread.join()
        if self._network is None:
            raise self._error or RuntimeError("the compiler gave neither a network nor an error")
        return self._network


def _epoch_ended(
    number: int, trained: Totals, validated: Totals | None, seconds: float, learning_rate: float
) -> EpochEnded:
    nonfinite: dict[Literal["loss", "val_loss"], NonFinite] = {}
    measured: dict[str, Any] = {"loss": finite(trained.loss)}
    measured |= {name: finite(value) for name, value in trained.metrics.items()}
    if value := name_of_nonfinite(trained.loss):
        nonfinite["loss"] = value
    if validated:
        measured["val_loss"] = finite(validated.loss)
        measured |= {f"val_{name}": finite(value) for name, value in validated.metrics.items()}
        if value := name_of_nonfinite(validated.loss):
            nonfinite["val_loss"] = value
    return EpochEnded(
        number=number, seconds=seconds, learning_rate=finite(learning_rate), nonfinite=nonfinite, **measured
    )
