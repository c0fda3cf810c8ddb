"""The switch from the graph to XLA's code: where the plan says, with the numbers the plan promises."""

from typing import Any

import pytest

from sandbox.cost import switch_after
from sandbox.messages import EpochEnded, Started
from sandbox.spec import Spec
from tests.sandbox.specs import dense, notes_spec

pytestmark = pytest.mark.keras

LONG: dict[str, Any] = {"epochs": 200, "optimizer": {"kind": "adam", "learning_rate": 0.0001}}
DIGITS = {"kind": "digits"}
OUTPUT = {"kind": "dense", "units": 10, "activation": "softmax"}
XLA_TOLERANCE = 1e-3
"""Of a loss near 0.3 a few hundred epochs after the switch: XLA rounds some last bits otherwise, and Adam's steps carry
that on; after one epoch the weights differ by less than 1e-6."""


def losses(spec: Spec) -> tuple[Started, list[float | None]]:
    from sandbox.engine.training import train

    started, *rest = train(spec)
    assert isinstance(started, Started)
    return started, [message.loss for message in rest if isinstance(message, EpochEnded)]


@pytest.mark.parametrize("epochs", [120, pytest.param(200, marks=pytest.mark.slow)])
def test_graph_epochs_until_the_switch_and_nearly_the_same_numbers_after_it(
    monkeypatch: pytest.MonkeyPatch, epochs: int
) -> None:
    spec = notes_spec(**{**LONG, "epochs": epochs})
    started, switched = losses(spec)
    after = switch_after(spec)
    assert after is not None
    assert started.switch_after == after < spec.epochs
    monkeypatch.setattr("sandbox.engine.training.switch_after", lambda _: None)
    _, graph = losses(spec)
    assert switched[:after] == graph[:after]
    assert switched[after:] == pytest.approx(graph[after:], abs=XLA_TOLERANCE)
    assert switched[after:] != graph[after:]


@pytest.mark.slow
def test_the_same_spec_gives_the_same_bits_however_long_the_compiler_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    from sandbox.engine.loop import Network

    spec = notes_spec(**LONG)
    _, usual = losses(spec)
    compile_now = Network.compile

    def compile_late(network: Network) -> None:
        time.sleep(5)
        compile_now(network)

    monkeypatch.setattr(Network, "compile", compile_late)
    assert losses(spec)[1] == usual


@pytest.mark.parametrize(
    ("layers", "data", "switches"),
    [
        (dense((16, "relu"), (2, "softmax")), {"kind": "clinical_trial"}, True),
        ([{"kind": "reshape", "shape": [8, 8]}, {"kind": "lstm", "units": 16}, OUTPUT], DIGITS, True),
        ([{"kind": "dropout", "rate": 0.1}, *dense((2, "softmax"))], {"kind": "clinical_trial"}, False),
        ([{"kind": "gaussian_noise", "stddev": 0.1}, *dense((2, "softmax"))], {"kind": "clinical_trial"}, False),
        (
            [
                {"kind": "reshape", "shape": [8, 8, 1]},
                {"kind": "conv_2d", "filters": 8, "kernel_size": 3},
                {"kind": "flatten"},
                OUTPUT,
            ],
            DIGITS,
            False,
        ),
    ],
)
def test_random_layers_and_convolutions_stay_in_the_graph(layers: Any, data: Any, switches: bool) -> None:
    assert (switch_after(notes_spec(layers=layers, data=data, epochs=500)) is not None) is switches


def test_a_short_run_stays_in_the_graph() -> None:
    assert switch_after(notes_spec()) is None
