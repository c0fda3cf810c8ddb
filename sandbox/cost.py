"""What a run will cost, from its spec alone: seconds of one processor core and bytes of memory.

The constants are fitted to the compiled loop on one thread of a current server core (notes' network: 103 µs a step
with Adam, 61 with SGD; 16 layers: 384 and 154). The estimate refuses what is far too long and orders a queue; it is
not a promise, and `core_speed` scales it to another machine.
"""

from dataclasses import dataclass

from sandbox.spec import Sgd, Spec, dataset, parameter_count, steps_per_epoch, training_rows, validation_rows

START_SECONDS = 0.2
TRACE_SECONDS_PER_LAYER = {"sgd": 0.02, "adam": 0.06}
STEP_SECONDS = 35e-6
STEP_SECONDS_PER_LAYER = {"sgd": 7.5e-6, "adam": 22e-6}
UPDATE_SECONDS_PER_PARAMETER = {"sgd": 0.2e-9, "adam": 1.2e-9}
SECONDS_PER_OPERATION = 1 / 60e9
SECONDS_PER_VALUE = 1.5e-9  # activations and their gradients, element by element
VALIDATION_STEP_SECONDS = 20e-6
VALIDATION_STEP_SECONDS_PER_LAYER = 5e-6

CHILD_BYTES = 150_000_000  # private memory of a child that has built and traced something small


@dataclass(frozen=True)
class Estimate:
    """`seconds` is the whole run, from start to result, on an idle core."""

    first_epoch_seconds: float
    epoch_seconds: float
    seconds: float
    memory_bytes: int


def estimate(spec: Spec, *, core_speed: float = 1.0) -> Estimate:
    """`core_speed` 2.0 is a core twice as fast as the one the constants come from."""
    epoch = (_training_seconds(spec) + _validation_seconds(spec)) / core_speed
    start = _start_seconds(spec) / core_speed
    return Estimate(
        first_epoch_seconds=start + epoch,
        epoch_seconds=epoch,
        seconds=start + spec.epochs * epoch,
        memory_bytes=_memory_bytes(spec),
    )


def _start_seconds(spec: Spec) -> float:
    """Fork, build, trace; a smaller last batch is traced too."""
    traces = 1 if training_rows(spec) % spec.batch_size == 0 else 2
    return START_SECONDS + traces * TRACE_SECONDS_PER_LAYER[spec.optimizer.kind] * len(spec.layers)


def _training_seconds(spec: Spec) -> float:
    kind, parameters = spec.optimizer.kind, parameter_count(spec)
    step = STEP_SECONDS + STEP_SECONDS_PER_LAYER[kind] * len(spec.layers)
    step += UPDATE_SECONDS_PER_PARAMETER[kind] * parameters
    row = 6 * parameters * SECONDS_PER_OPERATION + _values(spec) * SECONDS_PER_VALUE
    return steps_per_epoch(spec) * step + training_rows(spec) * row


def _validation_seconds(spec: Spec) -> float:
    rows = validation_rows(spec)
    steps = -(-rows // spec.batch_size)
    step = VALIDATION_STEP_SECONDS + VALIDATION_STEP_SECONDS_PER_LAYER * len(spec.layers)
    row = 2 * parameter_count(spec) * SECONDS_PER_OPERATION + _values(spec) * SECONDS_PER_VALUE / 3
    return steps * step + rows * row


def _values(spec: Spec) -> int:
    return sum(layer.units for layer in spec.layers)


def _memory_bytes(spec: Spec) -> int:
    """float32: the rows (as given and in the epoch's order), weights with the optimizer's moments, activations."""
    features = len(dataset(spec).features) + 1
    moments = 1 if isinstance(spec.optimizer, Sgd) else 2
    floats = 2 * spec.data.rows * features + (2 + moments) * parameter_count(spec)
    floats += 4 * max(spec.batch_size, 1) * _values(spec)
    return CHILD_BYTES + 4 * floats
