"""What a run will cost, from its spec alone: seconds of one processor core and bytes of memory; and, since it rests on
the same figures, which loop trains it.

The constants are fitted to the compiled loops on one thread of a current server core (`make bench BENCH=engine` prints
what they rest on; the notes' network: 88 µs a step with Adam, 46 with SGD, 12 by XLA). The estimate refuses what is far
too long and orders a queue; it is not a promise, and `core_speed` scales it to another machine. The plan is a function
of the spec and of nothing else, so that the same spec gives the same numbers everywhere.
"""

import math
from dataclasses import dataclass

from sandbox.spec import Spec, dataset, metrics, shapes, steps_per_epoch, training_rows, validation_rows
from sandbox.spec import layers as kinds
from sandbox.spec.training import RMSprop, Sgd

START_SECONDS = 0.15
STEP_SECONDS = 24e-6
LAYER_SECONDS = {
    "dense": 4.4e-6, "activation": 8e-6, "dropout": 22e-6, "gaussian_noise": 25e-6, "batch_normalization": 25e-6,
    "layer_normalization": 22e-6, "flatten": 1e-6, "reshape": 1e-6, "conv_1d": 15e-6, "conv_2d": 20e-6,
    "embedding": 10e-6,
}  # fmt: skip
POOLING_SECONDS = 10e-6
TIME_STEP_SECONDS = {"simple_rnn": 32e-6, "lstm": 57e-6, "gru": 66e-6}
UPDATE_SECONDS = {
    "sgd": 1e-6, "adam": 7.6e-6, "adamw": 9.4e-6, "nadam": 12.9e-6, "rmsprop": 4.2e-6, "adagrad": 2.9e-6,
    "adadelta": 7.4e-6,
}  # fmt: skip
"""For each weight matrix and bias vector; and for each number in them:"""
UPDATE_SECONDS_PER_PARAMETER = 0.7e-9
COUNTED_METRIC_SECONDS = 25e-6
SECONDS_PER_OPERATION = 1 / 80e9
SECONDS_PER_VALUE = 6e-9  # inputs, activations and their gradients, element by element
VALIDATION_SHARE = 0.35  # of what the same batch costs in training, without its update

TRACE_SECONDS = 0.08
TRACE_SECONDS_PER_LAYER = 0.013
TRACE_SECONDS_PER_RECURRENT_LAYER = 0.3
TRACE_SECONDS_PER_UPDATE = {
    "sgd": 0.002, "adam": 0.013, "adamw": 0.013, "nadam": 0.025, "rmsprop": 0.005, "adagrad": 0.004, "adadelta": 0.008,
}  # fmt: skip
TRACES_WITH_REST = 1.6  # a smaller last batch is traced too

XLA_EPOCH_SECONDS = 0.8e-3
XLA_STEP_SECONDS = 3e-6
XLA_LAYER_SECONDS = 2e-6
XLA_TIME_STEP_SECONDS = 20e-6
XLA_SECONDS_PER_OPERATION = 1 / 60e9
XLA_SECONDS_PER_VALUE = 1.5e-9
COMPILE_SECONDS = 0.8
COMPILE_SECONDS_PER_LAYER = 0.1
COMPILE_SECONDS_PER_RECURRENT_LAYER = 2.2
COMPILE_MARGIN = 1.25
"""Graph epochs last at least this much longer than compiling, so that the switch seldom waits."""
LEAST_GAIN_SECONDS = 0.5

CHILD_BYTES = 150_000_000  # private memory of a child that has built and traced something small
XLA_BYTES = 120_000_000
MOMENTS = {"sgd": 0, "adam": 2, "adamw": 2, "nadam": 2, "rmsprop": 1, "adagrad": 1, "adadelta": 2}

MOST_SNAPSHOTS = 200
MOST_SNAPSHOT_BYTES = 4 * 1024 * 1024
SNAPSHOTS_UNASKED = 5


@dataclass(frozen=True)
class Estimate:
    """`seconds` is the whole run, from start to result, on an idle core."""

    first_epoch_seconds: float
    epoch_seconds: float
    seconds: float
    memory_bytes: int


def estimate(spec: Spec, *, core_speed: float = 1.0) -> Estimate:
    """`core_speed` 2.0 is a core twice as fast as the one the constants come from."""
    epoch, start = graph_epoch_seconds(spec), _start_seconds(spec)
    graph_epochs = switch_after(spec) or spec.epochs
    training = graph_epochs * epoch
    if graph_epochs < spec.epochs:
        training += (spec.epochs - graph_epochs) * xla_epoch_seconds(spec)
    return Estimate(
        first_epoch_seconds=(start + epoch) / core_speed,
        epoch_seconds=epoch / core_speed,
        seconds=(start + training) / core_speed,
        memory_bytes=_memory_bytes(spec),
    )


# --- the two loops ----------------------------------------------------------------------------------------------------


def switch_after(spec: Spec) -> int | None:
    """After how many epochs XLA's code takes over from the graph; None if the graph trains to the end.

    XLA never trains random layers (its masks are others) nor layers that slide over pictures (it is slower there).
    """
    if any(isinstance(layer, kinds.Random | kinds.OnPictures) for layer in spec.layers):
        return None
    graph, xla = graph_epoch_seconds(spec), xla_epoch_seconds(spec)
    epochs = math.ceil(COMPILE_MARGIN * _compile_seconds(spec) / graph)
    if xla >= graph or epochs >= spec.epochs:
        return None
    gain = (spec.epochs - epochs) * (graph - xla)
    return epochs if gain >= LEAST_GAIN_SECONDS else None


def graph_epoch_seconds(spec: Spec) -> float:
    """Training and validation."""
    batch = _batch_seconds(spec)
    per_row = _row_seconds(spec, SECONDS_PER_OPERATION, SECONDS_PER_VALUE)
    validation = math.ceil(validation_rows(spec) / spec.batch_size) * batch + validation_rows(spec) * per_row
    training = steps_per_epoch(spec) * (batch + _update_seconds(spec)) + training_rows(spec) * per_row
    return training + VALIDATION_SHARE * validation


def xla_epoch_seconds(spec: Spec) -> float:
    step = XLA_STEP_SECONDS + XLA_LAYER_SECONDS * len(spec.layers) + XLA_TIME_STEP_SECONDS * _time_steps(spec)
    per_row = _row_seconds(spec, XLA_SECONDS_PER_OPERATION, XLA_SECONDS_PER_VALUE)
    return XLA_EPOCH_SECONDS + steps_per_epoch(spec) * step + training_rows(spec) * per_row


def _batch_seconds(spec: Spec) -> float:
    """What a batch costs whatever its size."""
    seconds = STEP_SECONDS
    for layer, shape in zip(spec.layers, shapes(spec), strict=True):
        if isinstance(layer, kinds.Recurrent):
            seconds += TIME_STEP_SECONDS[layer.kind] * shape.inputs[0]
        else:
            seconds += LAYER_SECONDS.get(layer.kind, POOLING_SECONDS)
    return seconds + COUNTED_METRIC_SECONDS * sum(
        name not in ("accuracy", "mean_absolute_error") for name in metrics(spec)
    )


def _row_seconds(spec: Spec, per_operation: float, per_value: float) -> float:
    found = shapes(spec)
    values = len(dataset(spec).features) + sum(shape.values for shape in found)
    return 6 * sum(shape.multiplications for shape in found) * per_operation + values * per_value


def _update_seconds(spec: Spec) -> float:
    of_numbers = sum(shape.trainable for shape in shapes(spec)) * UPDATE_SECONDS_PER_PARAMETER
    return _variables(spec) * UPDATE_SECONDS[spec.optimizer.kind] + of_numbers


def _variables(spec: Spec) -> int:
    """Weight matrices and bias vectors, about two for each layer that has any."""
    return sum(2 if not isinstance(layer, kinds.Recurrent) else 3
               for layer, shape in zip(spec.layers, shapes(spec), strict=True) if shape.trainable)  # fmt: skip


def _time_steps(spec: Spec) -> int:
    recurrent = (
        shape for layer, shape in zip(spec.layers, shapes(spec), strict=True) if isinstance(layer, kinds.Recurrent)
    )
    return sum(shape.inputs[0] for shape in recurrent)


# --- start, memory, snapshots -----------------------------------------------------------------------------------------


def _start_seconds(spec: Spec) -> float:
    """Fork, build, trace."""
    recurrent = sum(isinstance(layer, kinds.Recurrent) for layer in spec.layers)
    trace = TRACE_SECONDS + TRACE_SECONDS_PER_LAYER * len(spec.layers) + TRACE_SECONDS_PER_RECURRENT_LAYER * recurrent
    trace += TRACE_SECONDS_PER_UPDATE[spec.optimizer.kind] * _variables(spec)
    return START_SECONDS + trace * (1 if training_rows(spec) % spec.batch_size == 0 else TRACES_WITH_REST)


def _compile_seconds(spec: Spec) -> float:
    recurrent = sum(isinstance(layer, kinds.Recurrent) for layer in spec.layers)
    per_layer = COMPILE_SECONDS_PER_LAYER * len(spec.layers) + COMPILE_SECONDS_PER_RECURRENT_LAYER * recurrent
    return COMPILE_SECONDS + per_layer


def moments(spec: Spec) -> int:
    """How many arrays of a weight's own size the optimizer remembers of it."""
    optimizer, number = spec.optimizer, MOMENTS[spec.optimizer.kind]
    if isinstance(optimizer, Sgd | RMSprop):
        number += optimizer.momentum > 0
    if isinstance(optimizer, RMSprop):
        number += optimizer.centered
    return number


def state_bytes(spec: Spec) -> int:
    """Weights and what the optimizer remembers of each: one snapshot."""
    fixed, trainable = sum(shape.fixed for shape in shapes(spec)), sum(shape.trainable for shape in shapes(spec))
    return 4 * (fixed + trainable * (1 + moments(spec))) + 64


def snapshot_epochs(spec: Spec) -> tuple[int, ...]:
    """After which epochs the weights are kept: the last, then 0 (before training), then evenly between.

    At most 200 and at most 4 MB a run; after each fifth of the epochs where the spec does not ask for more.
    """
    room = min(MOST_SNAPSHOTS, MOST_SNAPSHOT_BYTES // state_bytes(spec))
    every = spec.snapshots.every if spec.snapshots else math.ceil(spec.epochs / SNAPSHOTS_UNASKED)
    every = max(every, math.ceil(spec.epochs / max(1, room - 2)))
    wanted = [spec.epochs, 0, *range(every, spec.epochs, every)]
    return tuple(sorted(wanted[:room]))


def _memory_bytes(spec: Spec) -> int:
    """float32: the rows (as given and in the epoch's order), the state, the batch's activations."""
    features = len(dataset(spec).features) + 1
    values = sum(shape.values for shape in shapes(spec))
    floats = 2 * spec.data.rows * features + 4 * max(spec.batch_size, 1) * values
    xla = XLA_BYTES if switch_after(spec) else 0
    return CHILD_BYTES + xla + 2 * state_bytes(spec) + 4 * floats
