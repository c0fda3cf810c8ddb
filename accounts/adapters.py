from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language

from accounts.middleware import SESSION_KEY
from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):
    """What an account carries from one device to the next: language and time zone."""

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        user.locale = get_language() or settings.LANGUAGE_CODE
        saved: User = super().save_user(request, user, form, commit=commit)
        return saved

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        request.session[SESSION_KEY] = user.time_zone
        if user.has_one_time_password:
            _use_up_password(request, user)

    def post_login(self, request: HttpRequest, user: User, **details: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **details)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            user.locale,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            samesite="Lax",
        )
        return response

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        if request.user.is_authenticated and not request.user.has_usable_password():
            return reverse("account_set_password")
        return str(super().get_login_redirect_url(request))


def _use_up_password(request: HttpRequest, user: User) -> None:
    """A one-time password opens one session; from there its owner chooses a new one."""
    user.set_unusable_password()
    user.has_one_time_password = False
    user.save(update_fields=["password", "has_one_time_password"])
    update_session_auth_hash(request, user)
