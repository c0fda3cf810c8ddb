"""What the queue carries: wake-up calls. The run rows are the truth; losing a call only delays."""

from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from sandbox import worker
from sandbox.runs import LEASE

SETTLED_SECONDS = int(LEASE.total_seconds()) + 1
"""After this long a lease that a dead worker left behind has expired."""


@db_task()
def wake() -> None:
    """Train whatever waits."""
    worker.work(timezone.now)


@db_periodic_task(crontab(minute="*"))
def sweep() -> None:
    """Once a minute: runs of workers that died, and runs whose wake-up call was lost."""
    worker.work(timezone.now)


def look_around() -> None:
    """At the start of a consumer: take what waits now, and soon what a killed consumer has left behind."""
    wake()
    wake.schedule(delay=SETTLED_SECONDS)
