"""What the texts of the shipped course claim about its experiments, and runs that meet its challenges.

Each lesson has a module here with `CLAIMS` and `REFERENCES`; `test_experiments` trains them all.
"""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sandbox.admission import admit
from sandbox.messages import EpochEnded, Finished, Started

COURSE = Path(__file__).resolve().parent.parent.parent / "courses" / "content" / "deep-learning-with-keras"


@dataclass(frozen=True)
class Trained:
    """A run as its messages told it. The lists have one value an epoch, the first epoch first."""

    started: Started
    epochs: list[EpochEnded]
    finished: Finished

    @property
    def outcome(self) -> str:
        return self.finished.outcome

    def history(self, name: str) -> list[float]:
        """`loss`, `accuracy`, `val_loss`, `val_accuracy`…; NaN where the epoch had no finite number."""
        values = [getattr(epoch, name) for epoch in self.epochs]
        return [float("nan") if value is None else float(value) for value in values]

    def last(self, name: str) -> float:
        return self.history(name)[-1]

    def best(self, name: str) -> float:
        """The lowest loss or the highest accuracy."""
        return (min if "loss" in name or "error" in name else max)(self.history(name))


@dataclass(frozen=True)
class Claim:
    """A sentence of the course about a preset, trained with `changes` (`{"optimizer.learning_rate": 1.0}`)."""

    preset: str
    says: str
    check: Callable[[Trained], bool]
    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Reference:
    """A run that meets a challenge: the spec that the challenge starts with, changed."""

    challenge: str
    changes: Mapping[str, Any]


def changed(spec: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The spec with the value at each dotted path replaced; numbers in a path count the items of a list."""
    result = copy.deepcopy(dict(spec))
    for path, value in changes.items():
        *way, last = (int(part) if part.isdigit() else part for part in path.split("."))
        place: Any = result
        for part in way:
            place = place[part]
        place[last] = value
    return result


def entries(kind: str) -> dict[str, dict[str, Any]]:
    """The `experiments` or `challenges` of all lessons, by id."""
    found: dict[str, dict[str, Any]] = {}
    for file in sorted(COURSE.glob("*/experiments.yaml")):
        found |= {entry["id"]: entry for entry in yaml.safe_load(file.read_text("utf-8")).get(kind) or []}
    return found


def train(spec: Mapping[str, Any]) -> Trained:
    from sandbox.engine.training import train as messages_of

    messages = list(messages_of(admit(dict(spec)).spec))
    started, finished = messages[0], messages[-1]
    assert isinstance(started, Started)
    assert isinstance(finished, Finished)
    return Trained(started, [message for message in messages if isinstance(message, EpochEnded)], finished)
