"""The only writer of runs and their events.

                    ┌──────────────────────────── release (worker stops), reap (worker lost, first time)
                    ▼                            │
    create ──▶  queued ──claim──▶ running ──finish──▶ succeeded | diverged | timed_out | out_of_memory | failed
                    │                │  └──finish after cancel──▶ cancelled
                    │                └──reap (worker lost again)──▶ failed
                    └──cancel──▶ cancelled

Every change is a guarded update (`filter(status=old).update(status=new)`) that changes one row or nothing, so of two
who try, one succeeds. Guarantees:

* A run is created once for an id, whatever the number of requests.
* What a worker writes is fenced by (run, attempt, token): once its lease was given away, its writes touch no row.
* `last_seq` of a run moves in the transaction that adds the events: who sees the number sees the events.
"""

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.http import Http404

from sandbox.models import Event, Failure, Preset, Run, RunQuerySet, Snapshot, Status
from sandbox.queueing import PACE_SAMPLES, TRAININGS_AT_A_TIME, expected_starts, fair_order, pace

if TYPE_CHECKING:
    from accounts.models import User

LEASE = timedelta(seconds=settings.SANDBOX_LEASE_SECONDS)
MAX_LOSSES = 2
"""A run whose worker died is trained once more; the second time it has failed."""


class ConflictError(Exception):
    """This id already names a run of this learner with another spec."""


class QueueFullError(Exception):
    """The learner has as many waiting runs as allowed."""

    def __init__(self, limit: int, position: int, retry_after: int) -> None:
        super().__init__(f"{limit} runs are waiting already")
        self.limit = limit
        self.position = position
        self.retry_after = retry_after


class BackloggedError(Exception):
    """The whole site has as many waiting runs as it takes."""

    retry_after = 60


@dataclass(frozen=True)
class Lease:
    """The right to write to one attempt of one run, until it expires or is given to somebody else."""

    run_id: uuid.UUID
    attempt: int
    token: uuid.UUID


@dataclass(frozen=True)
class Draft:
    """An event before it has its number."""

    kind: str
    payload: dict[str, Any] = field(default_factory=dict)
    number: int = 0


@dataclass(frozen=True)
class Place:
    """Where a waiting run stands: 1 is next. `seconds`: it is expected to start after so many, if nobody else comes."""

    position: int
    waiting: int
    seconds: int

    def as_json(self) -> dict[str, int]:
        return asdict(self)


class Standing(Enum):
    """What a worker finds when it looks at its run."""

    KEPT = "kept"
    CANCEL = "cancel"
    LOST = "lost"


def create(
    owner: "User",
    run_id: uuid.UUID,
    spec: dict[str, Any],
    *,
    preset: Preset | None = None,
    title: str = "",
    estimated_seconds: float = 0.0,
    now: datetime,
) -> Run:
    """Queue a run of a validated spec and wake a worker once it is committed.

    The same id with the same spec returns the run that is there (`created_at` tells). Raises ConflictError,
    QueueFullError, BackloggedError, or Http404 where the id belongs to somebody else.
    """
    with transaction.atomic():
        _lock(owner.pk)
        existing = Run.objects.filter(pk=run_id).first()
        if existing is not None:
            return _same(existing, owner, spec)
        _check_quota(owner)
        run = Run.objects.create(
            pk=run_id,
            owner=owner,
            spec=spec,
            preset=preset,
            title=title,
            estimated_seconds=estimated_seconds,
            created_at=now,
        )
        transaction.on_commit(wake_worker, robust=True)
    return run


def _lock(owner_id: uuid.UUID) -> None:
    """Serialise the verbs of one learner: two tabs must not slip past the quota together."""
    from django.contrib.auth import get_user_model

    get_user_model().objects.select_for_update().get(pk=owner_id)


def _same(existing: Run, owner: "User", spec: dict[str, Any]) -> Run:
    if existing.owner_id != owner.pk:
        raise Http404("There is no such run.")
    if existing.spec != spec:
        raise ConflictError
    return existing


def _check_quota(owner: "User") -> None:
    waiting = list(Run.objects.queued().filter(owner=owner)[: settings.SANDBOX_QUEUED_PER_LEARNER])
    if len(waiting) >= settings.SANDBOX_QUEUED_PER_LEARNER:
        first, last = place(waiting[0]), place(waiting[-1])
        wait = first.seconds if first else 1  # then one of them waits no more
        raise QueueFullError(len(waiting), last.position if last else 0, retry_after=max(1, min(600, wait)))
    if Run.objects.queued().count() >= settings.SANDBOX_BACKLOG:
        raise BackloggedError


def wake_worker() -> None:
    """Tell the workers that there may be something to claim. A lost wake only delays: they also look every minute."""
    from sandbox.tasks import wake  # the task calls the worker, which calls this module

    wake()


def place(run: Run) -> Place | None:
    """Where a waiting run stands in the fair order; None if it does not wait."""
    return places([run.pk]).get(run.pk) if run.status == Status.QUEUED else None


def places(run_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Place]:
    """The places of those runs that wait."""
    wanted, waiting = set(run_ids), {row[0]: row for row in _line()}
    if not wanted.intersection(waiting):
        return {}
    running = list(Run.objects.running().values_list("owner_id", "estimated_seconds", "epochs_done", "spec__epochs"))
    order = fair_order([row[:2] for row in waiting.values()], Counter(owner for owner, *_ in running))
    starts = expected_starts(
        [waiting[pk][1:] for pk in order],
        [(owner, seconds * max(0.0, 1 - done / (epochs or 1))) for owner, seconds, done, epochs in running],
        seats=max(TRAININGS_AT_A_TIME, len(running)),  # more run where more consumers do
        seats_per_owner=settings.SANDBOX_RUNNING_PER_LEARNER,
    )
    measured = current_pace()
    return {
        pk: Place(index + 1, len(order), round(start * measured))
        for index, (pk, start) in enumerate(zip(order, starts, strict=True))
        if pk in wanted
    }


def _line() -> list[tuple[uuid.UUID, uuid.UUID, float]]:
    """Id, owner and estimated seconds of the waiting runs, in the order in which their owners joined the line: when
    they made the run, or had their last turn."""
    waiting = list(Run.objects.queued().values_list("pk", "owner_id", "estimated_seconds", "created_at"))
    if not waiting:
        return []
    turns = Run.objects.last_start_per_owner((owner for _, owner, _, _ in waiting), since=waiting[0][3])
    waiting.sort(key=lambda row: max(row[3], turns.get(row[1], row[3])))  # stable: else the oldest first
    return [row[:3] for row in waiting]


def current_pace() -> float:
    """How many seconds pass on this installation for one that `sandbox.cost` estimates, as its last runs tell.

    For what people are told, and for nothing else: what is refused or how a run is trained depends on the spec alone.
    """
    last = Run.objects.last_succeeded().values_list("started_at", "finished_at", "estimated_seconds")[:PACE_SAMPLES]
    return pace(((end - start).total_seconds(), seconds) for start, end, seconds in last if start and end)


def cancel(run: Run, *, now: datetime) -> Run:
    """Cancel a waiting run at once; ask the worker of a running one to stop. A finished run stays as it is."""
    with transaction.atomic():
        changed = Run.objects.filter(pk=run.pk, status=Status.QUEUED).update(
            status=Status.CANCELLED, cancel_requested_at=now, finished_at=now, last_seq=F("last_seq") + 1
        )
        if changed:
            _store(run.pk, run.attempt, [_end(Status.CANCELLED)], now)
    if not changed:
        Run.objects.running().filter(pk=run.pk, cancel_requested_at__isnull=True).update(cancel_requested_at=now)
    run.refresh_from_db()
    return run


def claim(*, now: datetime) -> Run | None:
    """Take the next run in the fair order, with a fresh lease; None if nothing may be taken.

    A learner never has more than SANDBOX_RUNNING_PER_LEARNER running.
    """
    with transaction.atomic():
        running = Run.objects.running_per_owner()
        most = settings.SANDBOX_RUNNING_PER_LEARNER
        free = [((pk, owner), owner) for pk, owner, _ in _line() if running.get(owner, 0) < most]
        for run_id, owner_id in fair_order(free, running):
            _lock(owner_id)
            if Run.objects.running().filter(owner=owner_id).count() >= most:
                continue
            if run := _take(run_id, now):
                return run
    return None


def _take(run_id: uuid.UUID, now: datetime) -> Run | None:
    changed = Run.objects.filter(pk=run_id, status=Status.QUEUED).update(
        status=Status.RUNNING,
        lease_token=uuid.uuid4(),
        lease_expires_at=now + LEASE,
        started_at=now,
        epochs_done=0,
        last_seq=F("last_seq") + 1,
    )
    if not changed:
        return None
    run = Run.objects.get(pk=run_id)
    _store(run.pk, run.attempt, [Draft(Event.CLAIMED)], now)
    return run


def lease_of(run: Run) -> Lease:
    if run.lease_token is None:
        raise ValueError("only a claimed run has a lease")
    return Lease(run.pk, run.attempt, run.lease_token)


def standing(lease: Lease) -> Standing:
    row = Run.objects.leased(lease.run_id, lease.attempt, lease.token).values_list("cancel_requested_at").first()
    if row is None:
        return Standing.LOST
    return Standing.KEPT if row[0] is None else Standing.CANCEL


def renew(lease: Lease, *, now: datetime) -> bool:
    """Keep the run for another LEASE; False if it is not ours any more."""
    mine = Run.objects.leased(lease.run_id, lease.attempt, lease.token)
    return bool(mine.update(lease_expires_at=now + LEASE))


def append(
    lease: Lease, drafts: Sequence[Draft], states: Mapping[int, bytes] = MappingProxyType({}), *, now: datetime
) -> bool:
    """Number and add events, and keep the states after some epochs: all or none. False if the run is not ours any
    more."""
    changes = {"last_seq": F("last_seq") + len(drafts), "lease_expires_at": now + LEASE}
    if epochs := [draft.number for draft in drafts if draft.kind == Event.EPOCH]:
        changes["epochs_done"] = epochs[-1]
    with transaction.atomic():
        if not Run.objects.leased(lease.run_id, lease.attempt, lease.token).update(**changes):
            return False
        _store(lease.run_id, lease.attempt, drafts, now)
        Snapshot.objects.bulk_create(
            Snapshot(run_id=lease.run_id, attempt=lease.attempt, epoch=epoch, state=state)
            for epoch, state in states.items()
        )
    return True


def finish(
    lease: Lease,
    status: Status,
    *,
    outcome: dict[str, Any] | None = None,
    failure: Failure = Failure.NONE,
    detail: str = "",
    now: datetime,
) -> bool:
    """End the run with its outcome and the `end` event; False if it is not ours any more."""
    with transaction.atomic():
        changed = Run.objects.leased(lease.run_id, lease.attempt, lease.token).update(
            status=status,
            outcome=outcome or {},
            failure=failure,
            failure_detail=detail[:500],
            finished_at=now,
            lease_token=None,
            lease_expires_at=None,
            last_seq=F("last_seq") + 1,
        )
        if changed:
            _store(lease.run_id, lease.attempt, [_end(status, failure, outcome or {})], now)
    return bool(changed)


def release(lease: Lease, *, now: datetime) -> bool:
    """Give the run back because this worker stops: it will be trained from the start by another."""
    return _requeue(Run.objects.leased(lease.run_id, lease.attempt, lease.token), lease.run_id, 0, now)


def reap(*, now: datetime) -> int:
    """Deal with runs whose worker fell silent: queue them again, or fail them the second time. Returns how many."""
    return sum(_reap_one(run, now) for run in Run.objects.expired(now))


def _reap_one(run: Run, now: datetime) -> bool:
    lease = lease_of(run)
    still_silent = Run.objects.leased(run.pk, run.attempt, lease.token).filter(lease_expires_at__lt=now)
    if run.cancel_requested_at is not None:
        return finish(lease, Status.CANCELLED, now=now)
    if run.losses + 1 < MAX_LOSSES:
        return _requeue(still_silent, run.pk, 1, now)
    with transaction.atomic():
        if not still_silent.update(losses=F("losses") + 1):
            return False
        return finish(lease, Status.FAILED, failure=Failure.WORKER_LOST, now=now)


def _requeue(mine: RunQuerySet, run_id: uuid.UUID, losses: int, now: datetime) -> bool:
    with transaction.atomic():
        changed = mine.update(
            status=Status.QUEUED,
            attempt=F("attempt") + 1,
            losses=F("losses") + losses,
            lease_token=None,
            lease_expires_at=None,
            started_at=None,
            epochs_done=0,
            last_seq=F("last_seq") + 1,
        )
        if changed:
            attempt = Run.objects.values_list("attempt", flat=True).get(pk=run_id)
            _store(run_id, attempt, [Draft(Event.RESET)], now)
            transaction.on_commit(wake_worker, robust=True)
    return bool(changed)


def _end(status: Status, failure: Failure = Failure.NONE, outcome: dict[str, Any] | None = None) -> Draft:
    return Draft(Event.END, {"status": str(status), "failure": str(failure), "outcome": outcome or {}})


def _store(run_id: uuid.UUID, attempt: int, drafts: Iterable[Draft], now: datetime) -> None:
    """Add events below the `last_seq` that this transaction has just moved (so the row is locked)."""
    drafts = list(drafts)
    first = Run.objects.values_list("last_seq", flat=True).get(pk=run_id) - len(drafts) + 1
    Event.objects.bulk_create(
        Event(
            run_id=run_id,
            attempt=attempt,
            seq=first + index,
            kind=draft.kind,
            number=draft.number,
            payload=draft.payload,
            created_at=now,
        )
        for index, draft in enumerate(drafts)
    )
