"""What a run will cost, estimated before any TensorFlow is loaded."""

from typing import Any

import pytest

from sandbox.cost import estimate, snapshot_epochs, state_bytes
from tests.sandbox.specs import dense, notes_spec

CIRCLES = {"kind": "circles", "rows": 20_000}
MUCH: dict[str, Any] = {
    "data": CIRCLES,
    "layers": dense((400, "relu"), (400, "relu"), (2, "softmax")),
    "batch_size": 256,
}


def test_it_knows_the_notes_network() -> None:
    cost = estimate(notes_spec())
    assert 0.010 < cost.epoch_seconds < 0.030
    assert 0.2 < cost.first_epoch_seconds < 0.6
    assert 0.5 < cost.seconds < 1.2
    assert cost.memory_bytes < 200_000_000


@pytest.mark.parametrize(
    "more",
    [
        {"epochs": 21},
        {"batch_size": 5},
        {"data": {"kind": "clinical_trial", "rows": 3000}},
        {"layers": dense((16, "relu"), (33, "relu"), (2, "softmax"))},
        {"layers": dense((16, "relu"), (32, "relu"), (2, "relu"), (2, "softmax"))},
    ],
)
def test_more_of_anything_costs_more(more: dict[str, Any]) -> None:
    assert estimate(notes_spec(**more)).seconds > estimate(notes_spec()).seconds


def test_sgd_costs_less_than_adam() -> None:
    assert estimate(notes_spec(optimizer={"kind": "sgd"})).seconds < estimate(notes_spec()).seconds


def test_the_longest_allowed_experiment_costs_too_much() -> None:
    assert estimate(notes_spec(**MUCH, epochs=500)).seconds > 60


def test_a_faster_core_takes_less_time_and_the_same_memory() -> None:
    slow, fast = estimate(notes_spec()), estimate(notes_spec(), core_speed=2.0)
    assert fast.seconds == pytest.approx(slow.seconds / 2)
    assert fast.memory_bytes == slow.memory_bytes


@pytest.mark.keras
@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [{}, {"optimizer": {"kind": "sgd"}}, {**MUCH, "epochs": 5}, {"layers": dense(*[(8, "relu")] * 15, (2, "softmax"))}],
)
def test_it_is_within_a_factor_of_four_of_the_truth(changes: dict[str, Any]) -> None:
    from sandbox.engine.training import train
    from sandbox.messages import EpochEnded

    spec = notes_spec(**changes)
    measured = [message.seconds for message in train(spec) if isinstance(message, EpochEnded)]
    typical = sorted(measured)[len(measured) // 2]
    assert typical / 4 < estimate(spec).epoch_seconds < typical * 4


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (0, 4, 8, 12, 16, 20)),
        ({"epochs": 3}, (0, 1, 2, 3)),
        ({"epochs": 1}, (0, 1)),
        ({"epochs": 6, "snapshots": {"every": 4}}, (0, 4, 6)),
    ],
)
def test_weights_are_kept_at_the_start_at_the_end_and_evenly_between(
    changes: dict[str, Any], expected: tuple[int, ...]
) -> None:
    assert snapshot_epochs(notes_spec(**changes)) == expected


@pytest.mark.parametrize("layers", [dense((2, "softmax")), dense((400, "relu"), (400, "relu"), (2, "softmax"))])
def test_at_most_200_states_and_4_mb_of_them_are_kept(layers: list[dict[str, Any]]) -> None:
    spec = notes_spec(layers=layers, epochs=500, snapshots={"every": 1})
    kept = snapshot_epochs(spec)
    assert kept[-1] == 500
    assert len(kept) <= 200
    assert len(kept) * state_bytes(spec) <= 4 * 1024 * 1024
    assert sorted(set(kept)) == list(kept)
