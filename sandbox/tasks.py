"""What the queue carries: wake-up calls. The rows of runs and probes are the truth; losing a call only delays."""

import logging
from uuid import UUID

from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from quizzes import challenges
from sandbox import probe_worker, probes, runs, worker

logger = logging.getLogger(__name__)

SETTLED_SECONDS = int(runs.LEASE.total_seconds()) + 1
"""After this long a lease that a dead worker left behind has expired."""
PROBES_SETTLED_SECONDS = int(probes.LEASE.total_seconds()) + 1


def judge(run_id: UUID) -> None:
    """Judge a run of a challenge. Whatever goes wrong with that, the run has ended as it has; `sweep` tries again."""
    try:
        challenges.judge(run_id, now=timezone.now())
    except Exception:
        logger.exception("run %s could not be judged", run_id)


@db_task()
def wake() -> None:
    """Train whatever waits."""
    worker.work(timezone.now, judge)


@db_task()
def wake_probe() -> None:
    """Answer whatever questions wait."""
    probe_worker.work(timezone.now)


@db_periodic_task(crontab(minute="*"))
def sweep() -> None:
    """Once a minute: runs of workers that died, runs whose wake-up call was lost, and runs that nobody has judged."""
    worker.work(timezone.now, judge)
    challenges.judge_missed(now=timezone.now())


@db_periodic_task(crontab(minute="*"))
def sweep_probes() -> None:
    """Likewise questions."""
    probe_worker.work(timezone.now)


def look_around() -> None:
    """At the start of a consumer: take what waits now, and soon what a killed consumer has left behind."""
    wake()
    wake.schedule(delay=SETTLED_SECONDS)
    wake_probe()
    wake_probe.schedule(delay=PROBES_SETTLED_SECONDS)
