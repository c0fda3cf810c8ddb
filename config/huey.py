"""Which queue carries "there is work" from the web process to the workers: one URL decides.

The rows of runs and probes are the truth; a message in the queue only wakes a worker. Losing one delays a run until
the next reap.
"""

from typing import Any
from urllib.parse import urlsplit

from huey.serializer import SignedSerializer

WORKERS = 4
"""Threads: two for trainings (`sandbox.worker`), one for uploads of courses (`courses.tasks`), and one more so that a
question is answered while those are busy."""


def queue_settings(url: str, secret: str) -> dict[str, Any]:
    """Return Huey's settings for `sqlite:///path`, `redis://…` or `postgresql://…`; anything else is a ValueError."""
    scheme = urlsplit(url).scheme
    connection: dict[str, Any]
    if scheme == "sqlite":
        huey_class, connection = "huey.SqliteHuey", {"filename": url.removeprefix("sqlite:///")}
    elif scheme in {"redis", "rediss"}:
        huey_class, connection = "huey.PriorityRedisHuey", {"url": url}
    elif scheme in {"postgres", "postgresql"}:
        huey_class, connection = "huey.PostgresHuey", {"dsn": url}
    else:
        raise ValueError(f"QUEUE_URL must begin with sqlite:///, redis:// or postgresql://, not {scheme!r}")
    return {
        "huey_class": huey_class,
        "name": "engram",
        "results": False,
        "immediate": False,
        "utc": True,
        "serializer": SignedSerializer(secret=secret),
        "connection": connection,
        # A worker looks again after at most 50 ms: a learner who presses Start does not wait for the queue.
        "consumer": {
            "workers": WORKERS,
            "worker_type": "thread",
            "initial_delay": 0.01,
            "max_delay": 0.05,
            "check_worker_health": True,
        },
    }
