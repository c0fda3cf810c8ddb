"""What the queue carries: wake-up calls. The rows of runs and probes are the truth; losing a call only delays."""

from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from sandbox import probe_worker, probes, runs, worker

SETTLED_SECONDS = int(runs.LEASE.total_seconds()) + 1
"""After this long a lease that a dead worker left behind has expired."""
PROBES_SETTLED_SECONDS = int(probes.LEASE.total_seconds()) + 1


@db_task()
def wake() -> None:
    """Train whatever waits."""
    worker.work(timezone.now)


@db_task()
def wake_probe() -> None:
    """Answer whatever questions wait."""
    probe_worker.work(timezone.now)


@db_periodic_task(crontab(minute="*"))
def sweep() -> None:
    """Once a minute: runs of workers that died, and runs whose wake-up call was lost."""
    worker.work(timezone.now)


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
