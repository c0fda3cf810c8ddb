"""`run_huey` with a forkserver: Keras is imported once, before the first run, in a process that trains nothing."""

from functools import partial
from typing import Any

from huey.consumer import Consumer
from huey.contrib.djhuey import HUEY
from huey.contrib.djhuey.management.commands import run_huey

from config.supervision import end_with_supervisors
from courses.tasks import wake_uploads
from sandbox import children, tasks, worker

SHUTDOWN_SECONDS = 5


class StoppingConsumer(Consumer):  # type: ignore[misc]
    """Stops within seconds, however long the trainings are: they are given back to the queue."""

    def stop(self, graceful: bool = False) -> None:
        worker.stopping.set()
        super().stop(graceful=True)


class Command(run_huey.Command):  # type: ignore[misc]
    def handle(self, *args: Any, **options: Any) -> None:
        end_with_supervisors()
        # From the main thread, before the workers' threads exist: the kernel ties the forkserver's life to it.
        children.start_forkserver()
        tasks.look_around()
        wake_uploads()
        HUEY.create_consumer = partial(StoppingConsumer, HUEY, shutdown_timeout=SHUTDOWN_SECONDS)
        super().handle(*args, **options)
