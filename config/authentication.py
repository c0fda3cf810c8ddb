from allauth.headless.contrib.rest_framework.authentication import XSessionTokenAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request


class SessionTokenAuthentication(XSessionTokenAuthentication):
    """The session token of an app, which `/_allauth/app/v1/` gave out.

    A token that is gone answers 401, so that an app knows to log in again and to keep what it has queued.
    """

    def authenticate(self, request: Request) -> tuple[object, object] | None:
        found: tuple[object, object] | None = super().authenticate(request)
        if found is None and self.get_session_token(request):
            raise AuthenticationFailed("This session token is not valid any more.", code="session_token_invalid")
        return found

    def authenticate_header(self, request: Request) -> str:
        return "X-Session-Token"
