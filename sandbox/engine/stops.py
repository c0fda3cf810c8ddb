"""What happens at the end of an epoch because of its numbers: the rules of Keras' callbacks, without Keras."""

import math
from dataclasses import dataclass

import numpy as np

from sandbox.spec.training import EarlyStopping, ReduceOnPlateau, Target, smaller_is_better

Measured = dict[str, float]
"""Every measure of an epoch by its name, such as `val_loss`."""


@dataclass
class _Best:
    """The best value so far, and whether a new one is better by more than `min_delta`."""

    smaller: bool
    min_delta: float
    value: float

    @classmethod
    def of(cls, stop: EarlyStopping | ReduceOnPlateau) -> "_Best":
        smaller = smaller_is_better(stop.monitor)
        return cls(smaller, stop.min_delta, math.inf if smaller else -math.inf)

    def improves(self, value: float) -> bool:
        """Compared in float32, as Keras compares."""
        shifted = np.float32(value + self.min_delta if self.smaller else value - self.min_delta)
        better = shifted < np.float32(self.value) if self.smaller else shifted > np.float32(self.value)
        if better:
            self.value = value
        return bool(better)


class Patience:
    """Keras' EarlyStopping: says after each epoch whether to stop, and whether this epoch is the best."""

    def __init__(self, stop: EarlyStopping) -> None:
        self.stop = stop
        self.best_epoch: int | None = None
        self._best = _Best.of(stop)
        self._waited = 0

    def look(self, epoch: int, measured: Measured) -> bool:
        """True: enough epochs have passed without an improvement."""
        self._waited += 1
        if self._best.improves(measured[self.stop.monitor]):
            self.best_epoch = epoch
            self._waited = 0
        elif self.best_epoch is None:
            self.best_epoch = epoch
        return self._waited >= self.stop.patience and epoch > 1 and self._waited > 0


class Plateau:
    """Keras' ReduceLROnPlateau: the learning rate for the next epoch."""

    def __init__(self, plateau: ReduceOnPlateau) -> None:
        self.plateau = plateau
        self._best = _Best.of(plateau)
        self._waited = 0
        self._cooldown = 0

    def look(self, measured: Measured, rate: float) -> float:
        if self._cooldown > 0:
            self._cooldown -= 1
            self._waited = 0
        if self._best.improves(measured[self.plateau.monitor]):
            self._waited = 0
        elif self._cooldown <= 0:
            self._waited += 1
            if self._waited >= self.plateau.patience and rate > np.float32(self.plateau.min_learning_rate):
                self._cooldown, self._waited = self.plateau.cooldown, 0
                return max(rate * self.plateau.factor, self.plateau.min_learning_rate)
        return rate


def reaches(target: Target, measured: Measured) -> bool:
    value = measured[target.monitor]
    return value <= target.value if smaller_is_better(target.monitor) else value >= target.value
