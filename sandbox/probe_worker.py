"""Takes questions to trained networks one after another and has each answered by a child of its own.

Beside the trainings, not behind them: a learner who asks waits for the answer. Whatever ends the worker, the question
is answered once, by it or by the next.
"""

import json
import logging
from collections.abc import Callable
from functools import partial

from pydantic import ValidationError

from sandbox import probes, uploads
from sandbox.children import Child, Ending, wait_until_ready
from sandbox.engine.child import PROBE_LIMITS, ChildLimits, ProbeJob
from sandbox.models import Probe, ProbeKind, Snapshot
from sandbox.probe_messages import Answered, File
from sandbox.seats import Seats
from sandbox.spec import parse_spec
from sandbox.worker import Clock, stopping

logger = logging.getLogger(__name__)

ANSWERS_AT_A_TIME = 2
POLL_SECONDS = 0.1
"""How often a child that is asked is watched."""

_seats = Seats(ANSWERS_AT_A_TIME)


class _GoneError(Exception):
    """What the question is about is no longer there; the code says what."""


def work(clock: Clock) -> int:
    """Answer questions until none can be claimed or the consumer stops. Returns how many were taken."""
    return _seats.take(partial(_answer_waiting, clock))


def _answer_waiting(clock: Clock) -> int:
    taken = 0
    while wait_until_ready(given_up=stopping.is_set) and (probe := probes.claim(now=clock())):
        answer(probe, clock)
        taken += 1
    return taken


def answer(probe: Probe, clock: Clock) -> None:
    """Answer one claimed question, or keep why there is no answer."""
    try:
        reply = ask(_job(probe), given_up=stopping.is_set)
    except _GoneError as gone:
        probes.fail(probe, str(gone), now=clock())
        return
    if isinstance(reply, File):
        probes.finish(probe, file=reply.content, size=len(reply.content), now=clock())
    elif not isinstance(reply, Ending):
        text = reply.answer.model_dump_json()
        probes.finish(probe, answer=json.loads(text), size=len(text), now=clock())
    elif stopping.is_set():
        probes.release(probe)
    else:
        logger.warning("probe %s has no answer: %s %s", probe.pk, reply.outcome, reply.detail)
        probes.fail(probe, reply.outcome, now=clock())


def _job(probe: Probe) -> ProbeJob:
    try:
        spec = parse_spec(probe.run.spec)
        needs_rows = probe.kind != ProbeKind.MODEL
        table = uploads.content_for(spec, probe.run.owner_id) if needs_rows else None
    except ValidationError:
        raise _GoneError("outdated_spec") from None
    except uploads.GoneError:
        raise _GoneError("table_gone") from None
    question = {**probe.parameters, "kind": probe.kind}
    kept = Snapshot.objects.filter(run=probe.run_id, attempt=probe.attempt, epoch=question["epoch"]).first()
    if kept is None:
        raise _GoneError("snapshot_gone")
    if probe.kind != ProbeKind.UPDATE:  # all other answers depend on the state alone
        del question["epoch"]
    return ProbeJob(spec.model_dump_json(), bytes(kept.state), json.dumps(question), table)


def ask(
    job: ProbeJob, *, limits: ChildLimits = PROBE_LIMITS, given_up: Callable[[], bool] = lambda: False
) -> Answered | File | Ending:
    """Drive a child that answers one question: its answer, or how it ended without one. `given_up` is asked meanwhile
    whether anybody still waits."""
    with Child(job, limits, epochs=0) as child:
        while child.ended is None and not given_up():
            message = child.poll(timeout=POLL_SECONDS)
            if isinstance(message, Answered | File):
                return message
    assert child.ended is not None
    return child.ended
