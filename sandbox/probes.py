"""The only writer of questions to a run's network, and of their answers.

            ┌─────────── release (worker stops), or its lease runs out (worker lost)
            ▼             │
    ask ──▶ queued ──claim──▶ running ──finish──▶ done
     ▲          │                └──fail──▶ failed ──ask, RETRY later──▶ queued
     │          └──nobody took it for ABANDONED──▶ failed
     └── the same question again: the row that is there, with its answer once it has one

Every change is a guarded update that changes one row or nothing. A claim is fenced by the moment its lease ends: a
worker that lost it writes to no row. An answer depends on the question alone, so it is kept until newer ones of its run
need the room.
"""

import hashlib
import json
import uuid
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet

from sandbox.models import Probe, ProbeKind, ProbeStatus, Run, Snapshot
from sandbox.queueing import fair_order

LEASE = timedelta(seconds=30)
"""A child that answers has 20 seconds."""
RETRY = timedelta(seconds=30)
"""So long a failure is the answer; then the same question is tried again."""
ABANDONED = timedelta(minutes=5)
"""Nobody waits for an answer any more."""


class TooManyError(Exception):
    """The learner has as many unanswered questions as allowed."""


def snapshots_of(run: Run) -> list[int]:
    """After which epochs the state of the run's current attempt was kept, in order."""
    kept = Snapshot.objects.filter(run=run, attempt=run.attempt)
    return list(kept.order_by("epoch").values_list("epoch", flat=True))


def key_of(attempt: int, kind: str, parameters: dict[str, Any]) -> str:
    text = json.dumps([attempt, kind, parameters], sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def ask(run: Run, kind: ProbeKind, parameters: dict[str, Any], *, now: datetime) -> Probe:
    """Queue a question to the run's current attempt and wake a worker once it is committed.

    The same question returns the row that is there, answered or not. Raises TooManyError.
    """
    key = key_of(run.attempt, kind, parameters)
    if (known := _known(run, key)) and not _may_be_tried_again(known, now):
        return known
    with transaction.atomic():
        _lock(run.owner_id)
        known = _known(run, key)
        if known and not _may_be_tried_again(known, now):
            return known
        _check_quota(run.owner_id)
        probe = _again(known, now) if known else _create(run, kind, parameters, key, now)
        transaction.on_commit(wake_worker, robust=True)
    return probe


def _known(run: Run, key: str) -> Probe | None:
    return Probe.objects.filter(run=run, key=key).first()


def _lock(owner_id: uuid.UUID) -> None:
    """Serialise the questions of one learner."""
    get_user_model().objects.select_for_update().get(pk=owner_id)


def _check_quota(owner_id: uuid.UUID) -> None:
    if Probe.objects.open().filter(run__owner=owner_id).count() >= settings.SANDBOX_OPEN_PROBES_PER_LEARNER:
        raise TooManyError


def _create(run: Run, kind: ProbeKind, parameters: dict[str, Any], key: str, now: datetime) -> Probe:
    size = len(json.dumps(parameters))
    probe = Probe.objects.create(
        run=run, attempt=run.attempt, kind=kind, parameters=parameters, key=key, bytes=size, created_at=now
    )
    _make_room(run.pk)
    return probe


def _may_be_tried_again(probe: Probe, now: datetime) -> bool:
    return probe.status == ProbeStatus.FAILED and probe.finished_at is not None and now - probe.finished_at >= RETRY


def _again(failed: Probe, now: datetime) -> Probe:
    Probe.objects.filter(pk=failed.pk, status=ProbeStatus.FAILED).update(
        status=ProbeStatus.QUEUED, problem="", created_at=now, finished_at=None
    )
    failed.refresh_from_db()
    return failed


def wake_worker() -> None:
    """Tell the workers that there is a question. A lost wake only delays: they also look every minute."""
    from sandbox.tasks import wake_probe  # the task calls the worker, which calls this module

    wake_probe()


def _make_room(run_id: uuid.UUID) -> None:
    """Let the oldest answers of a run go, beyond so many or so many bytes; open questions stay."""
    kept, total = 0, 0
    rows = Probe.objects.filter(run=run_id).order_by("-created_at", "-id").values_list("pk", "bytes", "status")
    for pk, size, status in rows:
        kept, total = kept + 1, total + size
        over = kept > settings.SANDBOX_PROBES_PER_RUN or total > settings.SANDBOX_PROBE_BYTES
        if over and kept > 1 and status in (ProbeStatus.DONE, ProbeStatus.FAILED):
            Probe.objects.filter(pk=pk).delete()


# --- what a worker does -----------------------------------------------------------------------------------------------


def claim(*, now: datetime) -> Probe | None:
    """Take the next question, learners in fair turns, with a fresh lease; None if there is none."""
    with transaction.atomic():
        _give_up(now)
        waiting = Probe.objects.free(now).values_list("pk", "run__owner_id")
        held = Probe.objects.open().filter(status=ProbeStatus.RUNNING, lease_expires_at__gte=now)
        for probe_id in fair_order(list(waiting), Counter(held.values_list("run__owner_id", flat=True))):
            changed = Probe.objects.free(now).filter(pk=probe_id)
            if changed.order_by().update(status=ProbeStatus.RUNNING, lease_expires_at=now + LEASE):
                return Probe.objects.select_related("run").get(pk=probe_id)
    return None


def _give_up(now: datetime) -> None:
    Probe.objects.free(now).filter(created_at__lt=now - ABANDONED).order_by().update(
        status=ProbeStatus.FAILED, problem="abandoned", finished_at=now, lease_expires_at=None
    )


def finish(
    probe: Probe, *, answer: dict[str, Any] | None = None, file: bytes | None = None, size: int, now: datetime
) -> bool:
    """Keep the answer, of `size` bytes; False if the question is not ours any more."""
    with transaction.atomic():
        changed = _held(probe).update(
            status=ProbeStatus.DONE,
            answer=answer,
            file=file,
            bytes=probe.bytes + size,
            finished_at=now,
            lease_expires_at=None,
        )
        if changed:
            _make_room(probe.run_id)
    return bool(changed)


def fail(probe: Probe, problem: str, *, now: datetime) -> bool:
    """Keep that there is no answer, by the code of the reason."""
    changed = _held(probe).update(
        status=ProbeStatus.FAILED, problem=problem[:40], finished_at=now, lease_expires_at=None
    )
    return bool(changed)


def release(probe: Probe) -> bool:
    """Give the question back because this worker stops."""
    changed = _held(probe).update(status=ProbeStatus.QUEUED, lease_expires_at=None)
    if changed:
        transaction.on_commit(wake_worker, robust=True)
    return bool(changed)


def _held(probe: Probe) -> QuerySet[Probe]:
    """The row as this worker claimed it: nobody else has been given it since."""
    return Probe.objects.filter(pk=probe.pk, status=ProbeStatus.RUNNING, lease_expires_at=probe.lease_expires_at)
