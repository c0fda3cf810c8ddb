from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.db.models import CharField, DateTimeField
from django.utils import timezone

from config.prepared import Prepared


class SessionStore(DatabaseSessionStore):
    """Sessions in the database, each found by SQL that is written once in a process: every request asks for one."""

    def _get_session_from_db(self) -> Any:
        found = _SESSION.first(key=self.session_key, now=timezone.now())
        if found is None:
            self._session_key = None
        return found


_SESSION = Prepared(
    lambda key, now: SessionStore.get_model_class().objects.filter(session_key=key, expire_date__gt=now),
    key=CharField(),
    now=DateTimeField(),
)
