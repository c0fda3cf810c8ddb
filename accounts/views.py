import json
from typing import cast

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import personal_data
from accounts.forms import DeletionForm, PreferencesForm
from accounts.language import remember_language
from accounts.middleware import SESSION_KEY
from accounts.models import User
from quizzes.memory import reviews


@login_required
@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    user = cast("User", request.user)
    form = PreferencesForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.save()
            if "desired_retention" in form.changed_data:
                reviews.rebuild(user)
        return _saved(request, user)
    return render(request, "accounts/preferences.html", {"form": form}, status=422 if form.errors else 200)


def _saved(request: HttpRequest, user: User) -> HttpResponse:
    """Language and time zone count from the next page on, in this browser too."""
    request.session[SESSION_KEY] = user.time_zone
    with translation.override(user.locale):
        messages.success(request, _("Saved."))
    response = redirect("accounts:preferences")
    remember_language(response, user.locale)
    return response


@login_required
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    body = personal_data.export_everything(cast("User", request.user))
    text = json.dumps(body, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
    return HttpResponse(
        text,
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="engram.json"', "Cache-Control": "no-store"},
    )


@login_required
@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest) -> HttpResponse:
    user = cast("User", request.user)
    form = DeletionForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        personal_data.erase_everything(user)
        logout(request)
        messages.success(request, _("Your account and everything in it is deleted."))
        return redirect("home")
    return render(request, "accounts/delete.html", {"form": form}, status=422 if form.errors else 200)
