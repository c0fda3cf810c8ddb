"""`model.fit` and the engine's loops side by side on ten networks: what the choice of a loop rests on.

    python -m tests.benchmarks.engine

Each side runs in a process of its own. `fit` is the script a learner would write, imports left out; `graph` and `XLA`
are the engine's two loops by themselves; `chosen` is what a run gets: a request to a forkserver that has loaded Keras,
500 epochs, its last epochs after the switch where the plan switches. Epochs include their validation on all sides.
"""

import itertools
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.cost import switch_after
from sandbox.spec import Spec
from tests.sandbox.specs import dense, notes_spec

FIT_EPOCHS, LOOP_EPOCHS, RUN_EPOCHS, LAST = 4, 12, 500, 20
PICTURE, SEQUENCE = {"kind": "reshape", "shape": [8, 8, 1]}, {"kind": "reshape", "shape": [8, 8]}
OUTPUT = {"kind": "dense", "units": 10, "activation": "softmax"}
DIGITS: dict[str, Any] = {"data": {"kind": "digits"}, "batch_size": 32}
CONVOLUTION = {"kind": "conv_2d", "filters": 8, "kernel_size": 3, "activation": "relu"}
CSV_ROWS, CSV_COLUMNS = 20_000, 8
CSV = {
    "kind": "table",
    "table": "00000000-0000-0000-0000-000000000000",
    "target": "y",
    "rows": CSV_ROWS,
    "columns": [{"name": f"x{number}"} for number in range(CSV_COLUMNS)],
    "classes": ["no", "yes"],
}
SPECS: dict[str, dict[str, Any]] = {
    "notes 16-32-2": {},
    "dense 4-2": {"data": {"kind": "circles", "rows": 500}, "layers": dense((4, "relu"), (2, "softmax"))},
    "dense 64-64-2": {"layers": dense((64, "relu"), (64, "relu"), (2, "softmax"))},
    "dense 6 × 8": {"data": {"kind": "spiral", "rows": 500}, "layers": dense(*[(8, "tanh")] * 6, (2, "softmax"))},
    "digits 64-10": {**DIGITS, "layers": dense((64, "relu"), (10, "softmax"))},
    "digits CNN": {
        **DIGITS,
        "layers": [PICTURE, CONVOLUTION, {"kind": "max_pooling_2d"}, {"kind": "flatten"}, OUTPUT],
    },
    "digits LSTM": {**DIGITS, "layers": [SEQUENCE, {"kind": "lstm", "units": 16}, OUTPUT]},
    "digits GRU": {**DIGITS, "layers": [SEQUENCE, {"kind": "gru", "units": 16}, OUTPUT]},
    "regression 32-32-1": {
        "data": {"kind": "sine", "rows": 1000},
        "layers": dense((32, "relu"), (32, "relu"), (1, "linear")),
        "loss": "mean_squared_error",
    },
    "CSV, 20,000 rows": {"data": CSV, "layers": dense((32, "relu"), (2, "softmax")), "batch_size": 64},
}


@dataclass(frozen=True)
class Times:
    """Seconds: to the end of the first epoch, and of a later epoch."""

    first: float
    epoch: float


def spec_of(name: str, **changes: Any) -> Spec:
    return notes_spec(**SPECS[name], **changes)


def csv() -> bytes:
    """Numbers from −1 to 1 without a generator: rows that any machine makes alike."""
    lines = [",".join([*(f"x{number}" for number in range(CSV_COLUMNS)), "y"])]
    for row in range(CSV_ROWS):
        values = [((row * (7 + 12 * number) + number) % 2003) / 1001.5 - 1 for number in range(CSV_COLUMNS)]
        lines.append(",".join([*(f"{value:.4f}" for value in values), "yes" if values[0] * values[1] > 0 else "no"]))
    return "\n".join(lines).encode()


def main(arguments: Sequence[str]) -> None:
    sides: dict[str, Callable[[str], Times]] = {"fit": by_fit, "graph": by_graph, "xla": by_xla, "chosen": chosen}
    match list(arguments):
        case [side] if side in sides:
            if side == "chosen":
                by_request("notes 16-32-2", epochs=1)  # the forkserver loads Keras once, before any request
            print(json.dumps({name: asdict(sides[side](name)) for name in SPECS}))
        case _:
            print_table({side: _in_own_process(side) for side in sides})


def _in_own_process(side: str) -> dict[str, Times]:
    command = [sys.executable, "-m", "tests.benchmarks.engine", side]
    result = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return {name: Times(**times) for name, times in json.loads(result.stdout.splitlines()[-1]).items()}


# --- the four sides ---------------------------------------------------------------------------------------------------


def by_fit(name: str) -> Times:
    from tests.sandbox.keras_script import compiled, wanted

    import keras  # isort: skip  (the script above sets the environment)

    spec, parts, ends = spec_of(name), _parts(name), [time.perf_counter()]
    model = compiled(spec)
    note = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: ends.append(time.perf_counter()))
    model.fit(
        parts.training.inputs,
        wanted(spec, parts.training.labels),
        validation_data=(parts.validation.inputs, wanted(spec, parts.validation.labels)),
        batch_size=spec.batch_size,
        epochs=FIT_EPOCHS,
        verbose=0,
        callbacks=[note],
    )
    return _times(ends)


def by_graph(name: str) -> Times:
    return _by_loop(name, jit=False)


def by_xla(name: str) -> Times:
    return _by_loop(name, jit=True)


def _by_loop(name: str, *, jit: bool) -> Times:
    import tests.sandbox.keras_script  # noqa: F401  (sets the environment)
    from sandbox.engine.loop import Network

    parts = _parts(name)
    ends = [time.perf_counter()]
    network = Network(spec_of(name), parts.training, parts.validation, jit=jit)
    for number in range(1, LOOP_EPOCHS + 1):
        network.train_epoch(number)
        network.validate()
        ends.append(time.perf_counter())
    return _times(ends)


def chosen(name: str) -> Times:
    return by_request(name, epochs=RUN_EPOCHS)


def by_request(name: str, *, epochs: int) -> Times:
    """From the request to the arrival of the first epoch in the parent; the last epochs as the child measured them."""
    from sandbox.children import Child, start_forkserver
    from sandbox.messages import EpochEnded

    start_forkserver()
    spec = spec_of(name, epochs=epochs)
    begun, first, seconds = time.perf_counter(), 0.0, []
    with Child.start(spec, table=csv() if spec.data.kind == "table" else None) as child:
        while child.ended is None:
            if isinstance(message := child.poll(timeout=1), EpochEnded):
                first = first or time.perf_counter() - begun
                seconds.append(message.seconds)
    assert len(seconds) == epochs, child.ended
    return Times(first, statistics.median(seconds[-LAST:]))


def _parts(name: str) -> Any:
    from sandbox.engine.data import prepare
    from sandbox.engine.table_rows import rows_of

    spec = spec_of(name)
    return prepare(spec, rows_of(csv(), spec.data) if spec.data.kind == "table" else None)


def _times(ends: list[float]) -> Times:
    later = [after - before for before, after in itertools.pairwise(ends[1:])]
    return Times(ends[1] - ends[0], statistics.median(later))


# --- the table --------------------------------------------------------------------------------------------------------


def print_table(sides: dict[str, dict[str, Times]]) -> None:
    print("first: ms to the end of the first epoch; epoch: ms of a later one; Adam, batch 10 or 32; × against fit\n")
    print(f"{'':21}{'fit':>15}{'graph':>15}{'XLA':>15}{'chosen':>15}{'switch':>9}{'first':>8}{'epoch':>8}")
    print(f"{'':21}" + f"{'first   epoch':>15}" * 4 + f"{'after':>9}{'×':>8}{'×':>8}")
    for name in SPECS:
        cells = "".join(f"{times[name].first * 1000:>7.0f}{times[name].epoch * 1000:>8.1f}" for times in sides.values())
        fit, ours = sides["fit"][name], sides["chosen"][name]
        after = switch_after(spec_of(name, epochs=RUN_EPOCHS))
        print(f"{name:21}{cells}{after or '–':>9}{fit.first / ours.first:>8.1f}{fit.epoch / ours.epoch:>8.1f}")


if __name__ == "__main__":
    main(sys.argv[1:])
