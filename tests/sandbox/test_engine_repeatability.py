"""The same spec and seed give the same bits: in another process, beside other trainings, on a machine that is busy."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from sandbox.children import Child, start_forkserver
from sandbox.cost import switch_after
from sandbox.messages import EpochEnded, Snapshot
from sandbox.spec import Spec
from tests.sandbox.specs import notes_spec

pytestmark = [pytest.mark.keras, pytest.mark.slow]

DIGITS = {"kind": "digits", "split": "stratified"}
OUTPUT = {"kind": "dense", "units": 10, "activation": "softmax"}
SPECS: dict[str, dict[str, Any]] = {
    "a switch to XLA": {"epochs": 150},
    "a CNN": {
        "data": DIGITS,
        "layers": [
            {"kind": "reshape", "shape": [8, 8, 1]},
            {"kind": "conv_2d", "filters": 8, "kernel_size": 3, "activation": "relu"},
            {"kind": "flatten"},
            OUTPUT,
        ],
        "epochs": 4,
        "batch_size": 32,
    },
    "an LSTM": {
        "data": DIGITS,
        "layers": [{"kind": "reshape", "shape": [8, 8]}, {"kind": "lstm", "units": 8}, OUTPUT],
        "epochs": 4,
        "batch_size": 32,
    },
    "dropout": {"layers": [{"kind": "dropout", "rate": 0.2}, {"kind": "dense", "units": 2, "activation": "softmax"}]},
}


@contextmanager
def busy(processes: int = 3) -> Iterator[None]:
    """More work than a small machine has processors for."""
    spinning = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for process in spinning:
            process.kill()
            process.wait()


def train(spec: Spec) -> tuple[list[dict[str, Any]], dict[int, bytes]]:
    """The epochs without their times, and every state that was kept."""
    epochs, states = [], {}
    with Child.start(spec) as child:
        while child.ended is None:
            match child.poll(timeout=1):
                case EpochEnded() as epoch:
                    epochs.append({**epoch.payload(), "seconds": 0})
                case Snapshot() as snapshot:
                    states[snapshot.epoch] = snapshot.state
    assert child.ended.outcome == "succeeded", child.ended
    return epochs, states


@pytest.mark.parametrize("name", SPECS)
def test_every_process_gives_the_same_bits_however_busy_the_machine_is(name: str) -> None:
    start_forkserver()
    spec = notes_spec(**SPECS[name])
    assert (switch_after(spec) is not None) is (name == "a switch to XLA")
    alone = train(spec)
    assert len(alone[0]) == spec.epochs
    with busy(), ThreadPoolExecutor(3) as pool:
        together = list(pool.map(train, [spec] * 3))
    assert all(numbers == alone for numbers in together)
