"""What the queue carries for courses: wake-up calls. The rows of uploads are the truth; losing a call only delays."""

from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from courses import upload_worker, uploads
from sandbox.seats import Seats
from sandbox.worker import stopping

# One: a course keeps a processor busy for as long as it takes.
UPLOADS_AT_A_TIME = 1
_seats = Seats(UPLOADS_AT_A_TIME)


def _work() -> None:
    _seats.take(lambda: upload_worker.work(timezone.now, stopping.is_set))


@db_task()
def wake_uploads() -> None:
    """Read and import whatever waits."""
    _work()


@db_periodic_task(crontab(minute="*"))
def sweep_uploads() -> None:
    """Once a minute: uploads whose worker died, and uploads whose wake-up call was lost."""
    uploads.reap(now=timezone.now())
    _work()


@db_periodic_task(crontab(minute="23"))
def forget_uploads() -> None:
    """Once an hour: what was never imported."""
    uploads.forget_old(now=timezone.now())
