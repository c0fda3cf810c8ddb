"""Who asks: a person by the session of a browser, or by the session token of an app.

Both are looked up anew for each request, so that a session that has ended elsewhere, or a learner who may not enter any
more, is refused at once by every process.
"""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from allauth.core.internal.sessionkit import get_session_user
from django.db.models import UUIDField
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import User
from config.prepared import Prepared
from config.sessions import SessionStore

_USER = Prepared(lambda pk: User.objects.filter(pk=pk), pk=UUIDField())


class Backend(AuthenticationBackend):
    """allauth's, which finds the learner of a session by SQL that is written once in a process."""

    def get_user(self, user_id: Any) -> User | None:
        user = _USER.first(pk=user_id)
        return user if user is not None and self.user_can_authenticate(user) else None


class SessionTokenAuthentication(BaseAuthentication):
    """The session token of an app, which `/_allauth/app/v1/` gave out: the key of its session.

    A token that is gone answers 401, so that an app knows to log in again and to keep what it has queued.
    """

    def authenticate(self, request: Request) -> tuple[User, SessionStore] | None:
        token = request.headers.get("X-Session-Token")
        if not token:
            return None
        session = SessionStore(token)
        user = get_session_user(session)
        if not isinstance(user, User):
            raise AuthenticationFailed("This session token is not valid any more.", code="session_token_invalid")
        return user, session

    def authenticate_header(self, request: Request) -> str:
        return "X-Session-Token"
