"""All that is kept of one person, to take away or to erase.

Every app that keeps something personal has a module `personal_data` with the two functions `export(user)` and
`erase(user)`. This one finds them by name, so that accounts depends on no other app.
"""

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.db import transaction

from accounts.models import User

EXPORT_FORMAT = 1


def export_everything(user: User) -> dict[str, Any]:
    """What every app keeps of `user`, as JSON values, under the app's name."""
    parts = {label: module.export(user) for label, module in _parts()}
    return {"format": EXPORT_FORMAT, **parts}


@transaction.atomic
def erase_everything(user: User) -> None:
    """Delete the account and every row that hangs on it, the last app first. There is no way back."""
    for _label, module in reversed(list(_parts())):
        module.erase(user)


def export(user: User) -> dict[str, Any]:
    return {
        "id": str(user.pk),
        "email": user.email,
        "name": user.name,
        "date_joined": user.date_joined.isoformat(),
        "last_login": user.last_login.isoformat() if user.last_login else None,
        "locale": user.locale,
        "time_zone": user.time_zone,
        "day_start_hour": user.day_start_hour,
        "desired_retention": user.desired_retention,
        "two_step_login": sorted(Authenticator.objects.filter(user=user).values_list("type", flat=True)),
        "devices": [
            {"ip": session.ip, "user_agent": session.user_agent, "since": session.created_at.isoformat()}
            for session in UserSession.objects.filter(user=user).order_by("created_at")
        ],
    }


def erase(user: User) -> None:
    for session in UserSession.objects.filter(user=user):
        session.end()
    user.delete()


def _parts() -> Iterator[tuple[str, ModuleType]]:
    """The apps that keep something personal, in the order of INSTALLED_APPS, which is that of their dependencies."""
    for config in apps.get_app_configs():
        if find_spec(f"{config.name}.personal_data"):
            yield config.label, import_module(f"{config.name}.personal_data")
