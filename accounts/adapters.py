from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language

from accounts.language import remember_language
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
        if not user.has_usable_password():  # wherever the login was meant to lead, first a password is chosen
            details["redirect_url"] = reverse("account_set_password")
        response: HttpResponse = super().post_login(request, user, **details)
        remember_language(response, user.locale)
        return response


def _use_up_password(request: HttpRequest, user: User) -> None:
    """A one-time password opens one session; from there its owner chooses a new one."""
    user.set_unusable_password()
    user.has_one_time_password = False
    user.save(update_fields=["password", "has_one_time_password"])
    update_session_auth_hash(request, user)
