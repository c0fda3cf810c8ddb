"""`model.fit` and the engine side by side on the notes' network, each in a process of its own.

    python -m tests.benchmarks.engine

The fit side is the script a learner would run, imports included. The engine side is what a run gets: a request to a
worker whose forkserver has already loaded Keras. Epochs include their validation on both sides.
"""

import itertools
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from tests.sandbox.specs import notes_spec

ENGINE_RUNS = 5
SPEC = notes_spec()


@dataclass(frozen=True)
class Side:
    """`runs`: for each run, the seconds from its start to the end of each epoch."""

    runs: list[list[float]]
    fit_called: float = 0.0


def main(arguments: Sequence[str]) -> None:
    match list(arguments):
        case ["fit"]:
            print(json.dumps(asdict(measure_fit())))
        case ["engine"]:
            print(json.dumps(asdict(measure_engine())))
        case _:
            print_side_by_side(_in_own_process("fit"), _in_own_process("engine"))


def _in_own_process(side: str) -> Side:
    command = [sys.executable, "-m", "tests.benchmarks.engine", side]
    result = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return Side(**json.loads(result.stdout.splitlines()[-1]))


def measure_fit() -> Side:
    """From the start of the script; `fit_called` is when `fit` was called."""
    begun = time.perf_counter()
    import keras

    from sandbox.engine.data import make_rows

    rows = make_rows(SPEC)
    keras.utils.set_random_seed(SPEC.seed)
    model = keras.Sequential([keras.Input((1,))])
    for layer in SPEC.layers:
        model.add(keras.layers.Dense(layer.units, activation=layer.activation))
    optimizer = keras.optimizers.Adam(learning_rate=SPEC.optimizer.learning_rate)
    model.compile(optimizer=optimizer, loss=SPEC.loss, metrics=["accuracy"])
    ends: list[float] = []
    note = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: ends.append(time.perf_counter() - begun))
    called = time.perf_counter() - begun
    model.fit(
        rows.inputs,
        rows.labels,
        validation_split=SPEC.data.validation,
        batch_size=SPEC.batch_size,
        epochs=SPEC.epochs,
        shuffle=SPEC.shuffle,
        verbose=0,
        callbacks=[note],
    )
    return Side([ends], fit_called=called)


def measure_engine() -> Side:
    """From each request to the arrival of the epoch in the parent; the first run only warms the forkserver."""
    from sandbox.children import Child, start_forkserver
    from sandbox.messages import EpochEnded

    start_forkserver()
    runs: list[list[float]] = []
    for _ in range(ENGINE_RUNS + 1):
        begun = time.perf_counter()
        ends: list[float] = []
        with Child.start(SPEC) as child:
            while child.ended is None:
                if isinstance(child.poll(timeout=1), EpochEnded):
                    ends.append(time.perf_counter() - begun)
        runs.append(ends)
    return Side(runs[1:])


def print_side_by_side(fit: Side, engine: Side) -> None:
    rows = {
        "start of script | request → first epoch": (_first(fit), _first(engine)),
        "fit() called | request → first epoch": (_first(fit) - fit.fit_called, _first(engine)),
        "each further epoch (median)": (_further(fit), _further(engine)),
        f"start | request → all {SPEC.epochs} epochs": (_last(fit), _last(engine)),
    }
    print(f"1→16→32→2, {SPEC.data.rows:,} rows, batch {SPEC.batch_size}, Adam; engine: median of {ENGINE_RUNS} runs\n")
    print(f"{'':42}{'model.fit':>12}{'engine':>12}{'ratio':>9}")
    for name, (theirs, ours) in rows.items():
        print(f"{name:42}{theirs * 1000:>9.1f} ms{ours * 1000:>9.1f} ms{theirs / ours:>8.1f}×")


def _first(side: Side) -> float:
    return statistics.median(ends[0] for ends in side.runs)


def _last(side: Side) -> float:
    return statistics.median(ends[-1] for ends in side.runs)


def _further(side: Side) -> float:
    return statistics.median(later - earlier for ends in side.runs for earlier, later in itertools.pairwise(ends))


if __name__ == "__main__":
    main(sys.argv[1:])
