"""A training that is steered: commands between chunks, and what the numbers do then."""

from typing import Any

import pytest

from sandbox.messages import AnyMessage, Changed, Command, EpochEnded, Finished
from tests.sandbox.specs import notes_spec

pytestmark = pytest.mark.keras


def steer(script: dict[int, list[Command]], **changes: Any) -> list[AnyMessage]:
    """Train; after epoch n the commands `script[n]` are given one by one, `script[0]` before the first."""
    from sandbox.engine.training import train

    seen: list[AnyMessage] = []

    def listen(_: float) -> Command | None:
        waiting = script.get(sum(isinstance(message, EpochEnded) for message in seen))
        return waiting.pop(0) if waiting else None

    for message in train(notes_spec(**changes), commands=listen):
        seen.append(message)
    return seen


def epochs(messages: list[AnyMessage]) -> list[EpochEnded]:
    return [message for message in messages if isinstance(message, EpochEnded)]


def changes(messages: list[AnyMessage]) -> list[Changed]:
    return [message for message in messages if isinstance(message, Changed)]


def numbers(messages: list[AnyMessage]) -> list[float | None]:
    return [epoch.loss for epoch in epochs(messages)]


def test_batches_and_epochs_one_by_one_give_the_numbers_of_a_run_nobody_steers() -> None:
    steps = [Command(kind="pause"), *[Command(kind="step_batch")] * 3, Command(kind="step_epoch")]
    steered = steer({0: steps, 1: [Command(kind="step_epoch")], 2: [Command(kind="resume")]}, epochs=4)
    assert numbers(steered) == numbers(steer({}, epochs=4))
    told = [(change.epoch, change.step, change.state) for change in changes(steered)]
    assert told == [
        (1, 0, "paused"),
        (1, 0, "paused"),
        (1, 1, "paused"),
        (1, 2, "paused"),
        (1, 3, "paused"),
        (2, 0, "paused"),
        (3, 0, "training"),
    ]


def test_a_new_learning_rate_counts_from_the_next_step_on() -> None:
    rate = Command(kind="set_learning_rate", learning_rate=0.01)
    steered, alone = steer({1: [rate]}, epochs=3), steer({}, epochs=3)
    assert numbers(steered)[0] == numbers(alone)[0]
    assert numbers(steered)[1:] != numbers(alone)[1:]
    assert [epoch.learning_rate for epoch in epochs(steered)] == [0.0001, 0.01, 0.01]
    assert [(change.epoch, change.learning_rate) for change in changes(steered)] == [(2, 0.01)]


def test_a_pause_that_nobody_ends_is_a_cancellation() -> None:
    seen = steer({1: [Command(kind="pause")]}, epochs=5)
    assert len(epochs(seen)) == 1
    assert not any(isinstance(message, Finished) for message in seen)


def test_long_epochs_are_cut_so_that_commands_are_heard() -> None:
    """Nobody waits for a whole epoch: most looks are a small part of it apart. The numbers do not know of the cuts."""
    import itertools
    import time

    from sandbox.engine.training import train

    looks: list[float] = []

    def listen(_: float) -> None:
        looks.append(time.perf_counter())

    spec = notes_spec(data={"kind": "circles", "rows": 15_000, "validation": 0.0}, batch_size=2, epochs=1)
    losses = [message.loss for message in train(spec, commands=listen) if isinstance(message, EpochEnded)]
    gaps = sorted(later - earlier for earlier, later in itertools.pairwise(looks))
    assert len(looks) > 3
    assert gaps[len(gaps) // 2] < (looks[-1] - looks[0]) / 4
    whole = [message.loss for message in train(spec) if isinstance(message, EpochEnded)]
    assert losses == whole
