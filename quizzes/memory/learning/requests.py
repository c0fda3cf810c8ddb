"""Asking for a fit: at most one request a minute, none within five minutes of a fit, none with too few reviews."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.core.cache import cache

from accounts.models import User
from quizzes.memory.learning import presenting

ONE_REQUEST: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Refused:
    """Exactly one says why: `missing` outcomes, or the `wait`."""

    missing: int = 0
    wait: timedelta = timedelta(0)


def ask(user: User, *, now: datetime) -> Refused | None:
    """Put a fit in the queue, or return why not."""
    from quizzes.tasks import fit_learner  # the tasks call every verb of the app

    found = presenting.of_learner(user, now=now)
    if found.missing:
        return Refused(missing=found.missing)
    if found.pause:
        return Refused(wait=found.pause)
    if not cache.add(f"fit-asked-{user.pk}", now, ONE_REQUEST.total_seconds()):
        return Refused(wait=ONE_REQUEST)
    fit_learner(user.pk)
    return None
