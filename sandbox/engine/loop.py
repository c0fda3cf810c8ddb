"""One epoch of training as one compiled function: the same weights as `model.fit`, without its machinery.

The rows of the epoch are put in order once; a `tf.while_loop` runs over the full batches; a smaller last batch is one
more step of its own shape. Each step is Keras' train step: forward, loss, gradients, `optimizer.apply`. With
`shuffle: false` the weights end bit-identical to `fit(shuffle=False)`, and the reported values are Keras' own: the
running mean of the batches' values, weighted by their size, in float32.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from sandbox.engine.data import Rows, targets
from sandbox.engine.network import build_loss, build_model, build_optimizer, matches
from sandbox.spec import Spec


@dataclass(frozen=True)
class Totals:
    """Means over the rows seen. `steps` < the number of batches where a loss that is not finite ended the loop."""

    loss: float
    accuracy: float
    steps: int


class Network:
    """A model being trained on one spec's rows. Functions are traced once, at their first use."""

    def __init__(self, spec: Spec, training: Rows, validation: Rows) -> None:
        self.spec = spec
        self.model = build_model(spec)
        self.optimizer = build_optimizer(spec)
        self.optimizer.build(self.model.trainable_variables)
        self._loss = build_loss(spec)
        self._matches = matches(spec)
        self._rows = len(training)
        self._training = _tensors(spec, training)
        self._validation = _tensors(spec, validation)
        self._train = tf.function(self._whole_epoch, autograph=False)
        self._validate = tf.function(self._whole_validation, autograph=False)
        self._in_order = np.arange(self._rows, dtype=np.int32)

    def train_epoch(self, number: int) -> Totals:
        """Epochs count from 1; the order of the rows depends on (seed, number) alone."""
        return _totals(self._train(tf.constant(self._order(number))))

    def validate(self) -> Totals:
        return _totals(self._validate())

    def outputs(self, rows: Rows) -> NDArray[np.float32]:
        result: NDArray[np.float32] = self.model(tf.constant(rows.inputs), training=False).numpy()
        return result

    def weights_are_finite(self) -> bool:
        return all(np.isfinite(weight).all() for weight in self.model.get_weights())

    def _order(self, number: int) -> NDArray[np.int32]:
        if not self.spec.shuffle:
            return self._in_order
        return np.random.default_rng((self.spec.seed, number)).permutation(self._in_order)

    # --- traced ---

    def _whole_epoch(self, order: Any) -> Any:
        inputs, wanted = (tf.gather(tensor, order) for tensor in self._training)
        return self._over_batches(self._train_step, inputs, wanted)

    def _whole_validation(self) -> Any:
        return self._over_batches(self._validation_step, *self._validation)

    def _over_batches(self, step: Any, inputs: Any, wanted: Any) -> Any:
        """Run `step` over all batches in order; returns (sum of loss × rows, sum of matches, rows, steps)."""
        size = self.spec.batch_size
        full, rest = divmod(int(inputs.shape[0]), size)

        def unfinished(done: Any, loss: Any, *_: Any) -> Any:
            return tf.logical_and(done < full, tf.math.is_finite(loss))

        def full_batch(done: Any, *sums: Any) -> Any:
            first = done * size
            batch = (_rows(inputs, first, size), _rows(wanted, first, size))
            return (done + 1, *_add(sums, step(*batch), size))

        zero = tf.constant(0.0)
        state: Any = (tf.constant(0), zero, zero, zero)
        if full:
            state = tf.while_loop(unfinished, full_batch, state, parallel_iterations=1)
        if not rest:
            return state

        def last_batch() -> Any:
            done, *sums = state
            batch = (inputs[full * size :], wanted[full * size :])
            return (done + 1, *_add(sums, step(*batch), rest))

        if not full:
            return last_batch()
        return tf.cond(tf.math.is_finite(state[1]), last_batch, lambda: state)

    def _train_step(self, inputs: Any, wanted: Any) -> Any:
        variables = self.model.trainable_variables
        with tf.GradientTape() as tape:
            outputs = self.model(inputs, training=True)
            loss = self._loss(wanted, outputs)
        self.optimizer.apply(tape.gradient(loss, variables), variables)
        return loss, self._matches(wanted, outputs)

    def _validation_step(self, inputs: Any, wanted: Any) -> Any:
        outputs = self.model(inputs, training=False)
        return self._loss(wanted, outputs), self._matches(wanted, outputs)


def _tensors(spec: Spec, rows: Rows) -> tuple[Any, Any]:
    return tf.constant(rows.inputs), tf.constant(targets(spec, rows.labels))


def _rows(tensor: Any, first: Any, size: int) -> Any:
    """A slice whose shape is known when tracing."""
    return tf.slice(tensor, [first, *(0 for _ in tensor.shape[1:])], [size, *tensor.shape[1:]])


def _add(sums: Any, step: Any, size: int) -> Any:
    """As Keras' Mean adds: in float32, batch by batch."""
    loss, right, rows = sums
    step_loss, step_matches = step
    return loss + step_loss * float(size), right + tf.reduce_sum(step_matches), rows + float(size)


def _totals(state: Any) -> Totals:
    steps, loss, right, rows = (value.numpy() for value in state)
    return Totals(loss=float(loss / rows), accuracy=float(right / rows), steps=int(steps))
