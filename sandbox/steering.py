"""Commands to a training under way: the only writer of them, and what a worker reads.

A command belongs to one attempt of its run: a training that starts anew is not steered by what the lost one was told.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from sandbox.models import Command, Run, Status
from sandbox.runs import Lease

MOST_COMMANDS = 1000
"""For one attempt of a run: nobody presses a button more often."""


class NotRunningError(Exception):
    """The run waits or has ended; there is nothing to steer."""


class TooManyError(Exception):
    """More commands than one attempt takes."""


class ScheduledError(Exception):
    """The learning rate follows a schedule; it cannot be set by hand."""


def give(run: Run, key: uuid.UUID, kind: str, learning_rate: float | None, *, now: datetime) -> Command:
    """Add a command for the worker; the same key again returns the command that is there.

    Raises NotRunningError, ScheduledError or TooManyError.
    """
    with transaction.atomic():
        current = Run.objects.select_for_update().get(pk=run.pk)
        if given := Command.objects.filter(run=current, key=key).first():
            return given
        _check(current, kind)
        return Command.objects.create(
            key=key, run=current, attempt=current.attempt, kind=kind, learning_rate=learning_rate, created_at=now
        )


def _check(run: Run, kind: str) -> None:
    if run.status != Status.RUNNING:
        raise NotRunningError
    if kind == "set_learning_rate" and run.spec["optimizer"].get("schedule") is not None:
        raise ScheduledError
    if Command.objects.filter(run=run, attempt=run.attempt).count() >= MOST_COMMANDS:
        raise TooManyError


def after(lease: Lease, seen: int) -> Iterable[Command]:
    """What was said to this attempt after command number `seen`, in order."""
    return Command.objects.filter(run_id=lease.run_id, attempt=lease.attempt, pk__gt=seen).order_by("pk")
