"""Who steers a training: commands between chunks, and how many steps may be run until the next look."""

import math
from collections.abc import Callable, Iterator
from typing import Any

from sandbox.messages import Changed, Command

PAUSE_SECONDS = 300.0
"""A training that is paused for longer is cancelled: it holds memory and a place."""


class Control:
    """Free, or paused with so many steps allowed."""

    def __init__(self, commands: Callable[[float], Command | None]) -> None:
        self.cancelled = False
        self._commands = commands
        self._steps = math.inf
        """Steps that may be run before the training pauses."""

    def allowed(self, most: int) -> int:
        return int(min(most, self._steps))

    def count(self, steps: int) -> None:
        self._steps -= steps

    def obey(self, network: Any, epoch: Any, number: int) -> Iterator[Changed]:
        """Carry out every command that is there, up to one that runs a step; while paused, wait for one that does."""
        while not self.cancelled:
            paused = self._steps <= 0
            command = self._commands(PAUSE_SECONDS if paused else 0)
            if command is None:
                self.cancelled = paused
                return
            self._carry_out(command, network, epoch)
            if not self.cancelled:
                yield Changed(
                    epoch=number,
                    step=epoch.done,
                    state="training" if math.isinf(self._steps) else "paused",
                    learning_rate=command.learning_rate,
                )
            if command.kind in ("step_batch", "step_epoch"):
                return

    def _carry_out(self, command: Command, network: Any, epoch: Any) -> None:
        match command.kind:
            case "cancel":
                self.cancelled = True
            case "pause":
                self._steps = 0
            case "resume":
                self._steps = math.inf
            case "step_batch":
                self._steps = 1
            case "step_epoch":
                self._steps = epoch.steps - epoch.done
            case "set_learning_rate":
                network.optimizer.learning_rate.assign(command.learning_rate)
