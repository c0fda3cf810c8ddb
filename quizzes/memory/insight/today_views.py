"""The page Today: what now, how long, and why this card now."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from accounts.models import User
from quizzes.memory.insight import outlook, today_wording


class LearnerRequest(HttpRequest):
    user: User


@login_required
@require_GET
def today(request: LearnerRequest) -> HttpResponse:
    now = timezone.now()
    found = outlook.outlook(request.user, now=now, locale=get_language() or "")
    day, told = found.day, today_wording.parts(found.shares)
    context = {
        "day": day,
        "ready": len(day.ready),
        "parts": told,
        "first": today_wording.first(found.first),
        "left_out": today_wording.left_out(found),
        "later": today_wording.later(day),
        "next_due": found.next_due,
        "is_beginner": not day.ready and not day.done and found.next_due is None,
        "planned": day.done + len(day.ready),
        "now": now,
    }
    return render(request, "quizzes/today.html", context)
