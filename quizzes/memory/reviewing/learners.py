"""Who is let in to the pages of the review, and what happens to those who are not."""

import functools
from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.models import User
from quizzes.form_fields import htmx

View = Callable[..., HttpResponse]


class LearnerRequest(HttpRequest):
    user: User


def for_learners(view: View) -> View:
    """As `login_required`, for pages on which something is sent: htmx is told (401), so that what was to be sent stays
    on the page instead of the page of the login; and after the login one comes back to the review, not to an address
    that only takes forms."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *arguments, **named)
        if htmx(request):
            return HttpResponse(status=401)
        there = request.get_full_path() if request.method in {"GET", "HEAD"} else reverse("quizzes:review")
        return redirect_to_login(there)

    return guarded
