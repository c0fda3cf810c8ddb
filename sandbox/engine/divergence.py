"""Where a training broke: the first layer that gave no finite number, found by going back a little and looking."""

import time

import numpy as np
import tensorflow as tf

from sandbox.engine.loop import Network, State

KEEP_SECONDS = 0.02
"""So much training may be lost and done again; keeping a state costs a tenth of a millisecond."""


class Memory:
    """The state before one of the last epochs."""

    def __init__(self) -> None:
        self._number = 0
        self._state: State = []
        self._kept_at = 0.0

    def keep(self, network: Network, number: int) -> None:
        """Remember the state before epoch `number`, unless one was kept just now."""
        now = time.perf_counter()
        if not self._state or now - self._kept_at > KEEP_SECONDS:
            self._number, self._state, self._kept_at = number, network.state(), now

    def layer_that_broke(self, network: Network, number: int, step: int) -> str | None:
        """Train again up to the step before step `step` (from 1) of epoch `number`, then look at its batch layer by
        layer. None if every layer's output is finite: then it was the loss."""
        network.restore(self._state)
        for earlier in range(self._number, number):
            network.train_epoch(earlier)
        epoch = network.begin_epoch(number)
        epoch.run_to(step - 1)
        size = network.spec.batch_size
        batch = epoch.order[(step - 1) * size : step * size]
        return _first_broken_layer(network, tf.gather(network.training[0], batch))


def _first_broken_layer(network: Network, inputs: tf.Tensor) -> str | None:
    value = inputs
    for layer in network.model.layers:
        value = layer(value, training=False)
        weights_are_finite = all(np.isfinite(weight.numpy()).all() for weight in layer.weights)
        if not (weights_are_finite and np.isfinite(value.numpy()).all()):
            return str(layer.name)
    return None
