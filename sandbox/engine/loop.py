"""One epoch of training as one compiled function: the same weights as `model.fit`, without its machinery.

The rows of the epoch are put in order once; a `tf.while_loop` runs over the full batches; a smaller last batch is one
more step of its own shape. Each step is Keras' train step: forward, loss, gradients, `optimizer.apply`. With
`shuffle: false` the weights end bit-identical to `fit(shuffle=False)`, and the reported values are Keras' own: the
running mean of the batches' values, weighted by their size, in float32. An epoch may be run in chunks of steps: the
sums are carried on, so the numbers do not depend on where it was cut.
"""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from sandbox.engine.data import Rows, targets
from sandbox.engine.network import COUNTED, build_loss, build_model, build_optimizer, mean_metric
from sandbox.spec import Metric, Spec, metrics, shapes, steps_per_epoch

OUTPUT_VALUES = 4_000_000

State = list[NDArray[Any]]
"""Every variable of a network in a fixed order: weights, generators of random layers, the optimizer's memory."""


@dataclass(frozen=True)
class Totals:
    """Means over the rows seen. `steps` < the number of batches where a loss that is not finite ended the loop."""

    loss: float
    metrics: dict[Metric, float]
    steps: int

    @property
    def is_finite(self) -> bool:
        return bool(np.isfinite(self.loss))


class Network:
    """A model being trained on one spec's rows. Functions are traced once, at their first use.

    `jit` compiles the same functions by XLA: faster steps, other rounding in the last bits.
    """

    def __init__(self, spec: Spec, training: Rows, validation: Rows, *, jit: bool = False) -> None:
        self.spec = spec
        self.model = build_model(spec)
        self.optimizer = build_optimizer(spec)
        self.optimizer.build(self.model.trainable_variables)
        self.training = _tensors(spec, training)
        self.validation = _tensors(spec, validation)
        self._loss = build_loss(spec)
        self._means = {name: function for name in metrics(spec) if (function := mean_metric(spec, name))}
        self._counted = {name: COUNTED[name]() for name in metrics(spec) if name not in self._means}
        self._weights = None if spec.class_weights is None else tf.constant(spec.class_weights, tf.float32)
        for metric in self._counted.values():
            self._prepare(metric)
        compiled: Any = {"autograph": False, "jit_compile": jit or None}
        self._train = tf.function(self._training_chunk, **compiled)
        self._validate = tf.function(self._validation_chunk, **compiled)
        self._in_order = np.arange(len(training), dtype=np.int32)
        self._start_sums = [np.float32(0)] * (2 + len(self._means))

    # --- an epoch ---

    def compile(self) -> None:
        """Trace and compile without a step: afterwards the first epoch costs what the others cost."""
        nothing = tf.constant(0)
        self._train(tf.constant(self._in_order), nothing, nothing, *self._start_sums)
        self._validate(nothing)

    def begin_epoch(self, number: int) -> "Epoch":
        """Epochs count from 1; the order of the rows depends on (seed, number) alone."""
        for metric in self._counted.values():
            metric.reset_state()
        return Epoch(self, self._order(number))

    def train_epoch(self, number: int) -> Totals:
        epoch = self.begin_epoch(number)
        epoch.run_to(epoch.steps)
        return epoch.totals()

    def validate(self) -> Totals:
        for metric in self._counted.values():
            metric.reset_state()
        return self.totals(self._validate(tf.constant(len(self.validation[0]))))

    def chunk(self, order: Any, first: int, last: int, sums: Any) -> Any:
        return self._train(order, tf.constant(first), tf.constant(last), *sums)

    def totals(self, state: Any) -> Totals:
        steps, loss, rows, *sums = (value.numpy() for value in state)
        found = {name: float(total / rows) for name, total in zip(self._means, sums, strict=True)}
        found |= {name: float(metric.result()) for name, metric in self._counted.items()}
        return Totals(float(loss / rows), {name: found[name] for name in metrics(self.spec)}, int(steps))

    def _order(self, number: int) -> NDArray[np.int32]:
        if not self.spec.shuffle:
            return self._in_order
        return np.random.default_rng((self.spec.seed, number)).permutation(self._in_order)

    # --- state ---

    @property
    def variables(self) -> list[Any]:
        return [*self.model.variables, *self.optimizer.variables]

    def state(self) -> State:
        return [variable.numpy() for variable in self.variables]

    def restore(self, state: State) -> None:
        for variable, value in zip(self.variables, state, strict=True):
            variable.assign(value)

    def outputs(self, rows: Rows) -> NDArray[np.float32]:
        """What the network gives for each row, some megabytes of activations at a time."""
        size = max(1, OUTPUT_VALUES // sum(shape.values for shape in shapes(self.spec)))
        starts = range(0, len(rows), size)
        return np.concatenate([self._outputs_of(rows.inputs[start : start + size]) for start in starts])

    def _outputs_of(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        result: NDArray[np.float32] = self.model(tf.constant(inputs), training=False).numpy()
        return result

    def weights_are_finite(self) -> bool:
        return all(np.isfinite(weight).all() for weight in self.model.get_weights())

    # --- traced ---

    def _training_chunk(self, order: Any, first: Any, last: Any, *sums: Any) -> Any:
        inputs, wanted = (tf.gather(tensor, order) for tensor in self.training)
        return self._over_batches(self._train_step, inputs, wanted, first, last, sums)

    def _validation_chunk(self, last: Any) -> Any:
        return self._over_batches(self._validation_step, *self.validation, tf.constant(0), last, self._start_sums)

    def _over_batches(self, step: Any, inputs: Any, wanted: Any, first: Any, last: Any, sums: Any) -> Any:
        """Run `step` over batches `first` to `last`; returns (steps done, sum of loss × rows, rows, sums of means)."""
        size = self.spec.batch_size
        full, rest = divmod(int(inputs.shape[0]), size)

        def unfinished(done: Any, loss: Any, *_: Any) -> Any:
            return tf.logical_and(done < tf.minimum(last, full), tf.math.is_finite(loss))

        def full_batch(done: Any, *sums: Any) -> Any:
            start = done * size
            batch = (_rows(inputs, start, size), _rows(wanted, start, size))
            return (done + 1, *_add(sums, step(*batch), size))

        state: Any = (first, *(tf.convert_to_tensor(value, tf.float32) for value in sums))
        if full:
            state = tf.while_loop(unfinished, full_batch, state, parallel_iterations=1)
        if not rest:
            return state

        def last_batch() -> Any:
            done, *sums = state
            batch = (inputs[full * size :], wanted[full * size :])
            return (done + 1, *_add(sums, step(*batch), rest))

        has_come = tf.logical_and(tf.equal(state[0], full), last > full)
        return tf.cond(tf.logical_and(has_come, tf.math.is_finite(state[1])), last_batch, lambda: state)

    def _train_step(self, inputs: Any, wanted: Any) -> Any:
        variables = self.model.trainable_variables
        with tf.GradientTape() as tape:
            outputs = self.model(inputs, training=True)
            loss = self.loss(wanted, outputs)
        self._apply(loss, tape.gradient(loss, variables))
        return self._measured(loss, wanted, outputs)

    def _apply(self, loss: Any, gradients: Any) -> None:
        self.optimizer.apply(gradients, self.model.trainable_variables)

    def _validation_step(self, inputs: Any, wanted: Any) -> Any:
        outputs = self.model(inputs, training=False)
        return self._measured(self._with_penalties(self._loss(wanted, outputs)), wanted, outputs)

    def loss(self, wanted: Any, outputs: Any) -> Any:
        """As Keras' `compute_loss`: the mean over the batch, weighted by class, plus the regularizers' penalties."""
        weights = None if self._weights is None else tf.gather(self._weights, _classes(wanted))
        return self._with_penalties(self._loss(wanted, outputs, sample_weight=weights))

    def _with_penalties(self, loss: Any) -> Any:
        return sum(self.model.losses, loss)

    def _measured(self, loss: Any, wanted: Any, outputs: Any) -> Any:
        for metric in self._counted.values():
            metric.update_state(wanted, outputs)
        return [loss, *(tf.reduce_sum(function(wanted, outputs)) for function in self._means.values())]

    def _prepare(self, metric: Any) -> None:
        """Have a metric that makes its variables at its first use make them now, outside the compiled function."""
        inputs, wanted = self.training
        metric.update_state(wanted[:1], self.model(inputs[:1], training=False))
        metric.reset_state()


class Epoch:
    """One epoch under way: run it to a step, look, run it on."""

    def __init__(self, network: Network, order: NDArray[np.int32]) -> None:
        self.network = network
        self.order = order
        self.steps = steps_per_epoch(network.spec)
        self.done = 0
        self.seconds = 0.0
        self._tensor = tf.constant(order)
        self._state: Any = (tf.constant(0), *network._start_sums)

    @property
    def is_over(self) -> bool:
        """All steps are done, or the loss is no number any more."""
        return self.done >= self.steps or not np.isfinite(self._state[1])

    def run_to(self, step: int) -> None:
        begun = time.perf_counter()
        self._state = self.network.chunk(self._tensor, self.done, step, self._state[1:])
        self.done = int(self._state[0])
        self.seconds += time.perf_counter() - begun

    def totals(self) -> Totals:
        return self.network.totals(self._state)


def _tensors(spec: Spec, rows: Rows) -> tuple[Any, Any]:
    return tf.constant(rows.inputs), tf.constant(targets(spec, rows.labels))


def _rows(tensor: Any, first: Any, size: int) -> Any:
    """A slice whose shape is known when tracing."""
    return tf.slice(tensor, [first, *(0 for _ in tensor.shape[1:])], [size, *tensor.shape[1:]])


def _classes(wanted: Any) -> Any:
    """The class of each row, whatever the form of the targets."""
    if len(wanted.shape) == 1:
        return wanted
    return tf.argmax(wanted, axis=1) if wanted.shape[1] > 1 else tf.cast(wanted[:, 0], tf.int32)


def _add(sums: Any, step: Any, size: int) -> Any:
    """As Keras' Mean adds: in float32, batch by batch."""
    (loss, rows, *means), (step_loss, *step_means) = sums, step
    added = (total + value for total, value in zip(means, step_means, strict=True))
    return (loss + step_loss * float(size), rows + float(size), *added)
