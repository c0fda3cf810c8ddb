"""Takes runs one after another and trains each in a child process of its own.

The worker believes only checked messages, numbers them by writing them, and holds its run by a lease. Whatever ends
the worker (SIGKILL included), the run is either finished or will be taken again; no epoch is written twice.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from sandbox import children, messages, runs, steering, uploads
from sandbox.children import Child
from sandbox.messages import (
    AnyMessage,
    Boundary,
    Changed,
    EpochEnded,
    Finished,
    Inspected,
    Snapshot,
    Started,
)
from sandbox.models import Event, Failure, Run, Status
from sandbox.probe_messages import Reply
from sandbox.queueing import TRAININGS_AT_A_TIME
from sandbox.runs import Draft, Lease, Standing
from sandbox.seats import Seats
from sandbox.spec import Spec, parse_spec

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]
After = Callable[[UUID], None]

POLL_SECONDS = 0.05
WRITE_SECONDS = 0.25
"""At most four writes a second for one run; the first epoch is written at once."""
LOOK_SECONDS = 0.1
"""How often the worker looks what the learner has asked for."""
RENEW_SECONDS = runs.LEASE.total_seconds() / 3

stopping = threading.Event()
"""Set when the consumer stops: runs are given back to the queue instead of being waited for."""

_FAILURES = {
    Status.DIVERGED: Failure.NONFINITE,
    Status.TIMED_OUT: Failure.TIME_LIMIT,
    Status.OUT_OF_MEMORY: Failure.MEMORY_LIMIT,
    Status.FAILED: Failure.CRASHED,
}


_seats = Seats(TRAININGS_AT_A_TIME)


def nothing(run_id: UUID) -> None:
    """Leave a run that is over as it is."""


def work(clock: Clock, after: After = nothing) -> int:
    """Train runs until none can be claimed or the consumer stops, where fewer than TRAININGS_AT_A_TIME train; else
    those who do will see to it. `after` is told of each run when it is over. Returns how many were taken."""
    runs.reap(now=clock())
    return _seats.take(partial(_train_waiting, clock, after))


def _train_waiting(clock: Clock, after: After) -> int:
    taken = 0
    while children.wait_until_ready(given_up=stopping.is_set) and (run := runs.claim(now=clock())):
        train(run, clock)
        after(run.pk)
        taken += 1
    return taken


def train(run: Run, clock: Clock) -> None:
    """Train one claimed run to its end, whatever that is."""
    lease = runs.lease_of(run)
    try:
        spec = parse_spec(run.spec)
        table = uploads.content_for(spec, run.owner_id)
    except (ValidationError, uploads.GoneError) as error:
        logger.warning("run %s cannot be trained any more: %s", run.pk, error)
        runs.finish(lease, Status.FAILED, failure=Failure.REFUSED, now=clock())
        return
    _Training(lease, spec, table, clock).drive()


class _Training:
    """One child and the history it writes."""

    def __init__(self, lease: Lease, spec: Spec, table: bytes | None, clock: Clock) -> None:
        self.lease = lease
        self.spec = spec
        self.table = table
        self.clock = clock
        self.pending: list[Draft] = []
        self.states: dict[int, bytes] = {}
        self.commands_seen = 0
        self.finished: Finished | None = None
        self.write_at = 0.0
        self.look_at = 0.0
        self.renew_at = time.monotonic() + RENEW_SECONDS

    def drive(self) -> None:
        with Child.start(self.spec, table=self.table) as child:
            while child.ended is None:
                self._note(child.poll(timeout=POLL_SECONDS))
                if not (self._write_if_due() and self._hold(child)):
                    return
            self._finish(Status(child.ended.outcome), child.ended.detail)

    def _note(self, message: AnyMessage | Reply | None) -> None:
        match message:
            case EpochEnded():
                self.pending.append(Draft(Event.EPOCH, message.payload(), message.number))
            case Snapshot():
                self.states[message.epoch] = message.state
            case Finished():
                self.finished = message
            case Started() | Changed() | Inspected() | Boundary():
                self.pending.append(Draft(message.kind, message.model_dump(mode="json", exclude={"kind"})))

    def _write_if_due(self) -> bool:
        if not self.pending or time.monotonic() < self.write_at:
            return True
        return self._write()

    def _write(self) -> bool:
        """Write what is pending; False if the run is not ours any more.

        That may take seconds where another writer is slow, but the lease counts from before.
        """
        begun = time.monotonic()
        kept = runs.append(self.lease, self.pending, self.states, now=self.clock())
        if any(draft.kind == Event.EPOCH for draft in self.pending):
            self.write_at = time.monotonic() + WRITE_SECONDS
        self.pending, self.states = [], {}
        self.renew_at = begun + RENEW_SECONDS
        return kept

    def _hold(self, child: Child) -> bool:
        """Renew the lease and look for a cancellation; False if this worker has to let go of the run."""
        now = time.monotonic()
        if now >= self.renew_at:
            runs.renew(self.lease, now=self.clock())
            self.renew_at = now + RENEW_SECONDS
        if stopping.is_set():
            runs.release(self.lease, now=self.clock())
            return False
        if now >= self.look_at:
            self.look_at = now + LOOK_SECONDS
            standing = runs.standing(self.lease)
            if standing is Standing.CANCEL:
                child.cancel()
            self._pass_commands(child)
            return standing is not Standing.LOST
        return True

    def _pass_commands(self, child: Child) -> None:
        for command in steering.after(self.lease, self.commands_seen):
            told = {"kind": command.kind, "learning_rate": command.learning_rate}
            child.tell(messages.Command.model_validate(told))
            self.commands_seen = command.pk

    def _finish(self, status: Status, detail: str) -> None:
        if (self.pending or self.states) and not self._write():
            return
        outcome = _outcome(self.finished) if self.finished else {}
        failure = _FAILURES.get(status, Failure.NONE)
        runs.finish(self.lease, status, outcome=outcome, failure=failure, detail=detail, now=self.clock())


def _outcome(finished: Finished) -> dict[str, Any]:
    """What is stored of the result: metrics as in an epoch."""
    stored = finished.model_dump(mode="json", exclude={"kind", "outcome", "metrics", "test"})
    measured = {
        "metrics": finished.metrics and finished.metrics.measured(),
        "test": finished.test and finished.test.measured(),
    }
    return {**stored, **measured}
