from typing import Any

from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.views import defaults, i18n
from django.views.decorators.http import require_GET, require_POST
from drf_spectacular.views import SpectacularSwaggerSplitView

from accounts.models import User
from config import home as home_page
from config import problems
from quizzes.memory.planning import queue


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What Engram is, for a visitor; what to do now, for a learner."""
    now, locale = timezone.now(), get_language() or settings.LANGUAGE_CODE
    user = request.user if isinstance(request.user, User) else None
    today = queue.today(user, now=now) if user else None
    paths = home_page.paths(user, locale, now, today.plan.plan if today else None)
    path = paths[0] if paths else None
    context: dict[str, Any] = {"path": path, "other_paths": paths[1:]}
    if user is None:
        return render(request, "landing.html", context)
    context |= {
        "next_step": path.next_step if path else None,
        "today": today,
        "run": home_page.last_run(user),
    }
    return render(request, "home.html", context)


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Switch the language of the site for this browser, and of the account if there is one."""
    response: HttpResponse = i18n.set_language(request)
    chosen = request.POST.get("language", "")
    if request.user.is_authenticated and chosen in dict(settings.LANGUAGES):
        User.objects.filter(pk=request.user.pk).update(locale=chosen)
    return response


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith("/api/"):
        return problems.unknown_path(request)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    if request.path.startswith("/api/"):
        return problems.problem_response(500, "server_error", "Something went wrong here; it has been logged.")
    return defaults.server_error(request)


# Swagger writes styles into the page; scripts stay as strict as everywhere.
@method_decorator(csp_replace({"style-src": ["'self'", "'unsafe-inline'"]}), name="dispatch")
class ApiDocumentation(SpectacularSwaggerSplitView):
    """The API for people, from files of our own; works without a network."""
