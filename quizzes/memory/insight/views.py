"""The page Statistics: what a learner's reviews add up to."""

from datetime import date, timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from accounts.models import User
from quizzes.memory.insight import reading, sums, wording
from quizzes.memory.insight.reading import History, Shown
from quizzes.memory.insight.sums import Calendar
from quizzes.memory.insight.wording import Chart
from quizzes.statistics.wording import percent
from quizzes.templatetags.memory import interval


class LearnerRequest(HttpRequest):
    user: User


@login_required
@require_GET
def statistics(request: LearnerRequest) -> HttpResponse:
    """All that the learner remembers, or what of one course (`?course=<slug>`)."""
    learner, now = request.user, timezone.now()
    courses = reading.courses_of(learner, get_language() or "")
    course = chosen(courses, request.GET.get("course", ""))
    found = reading.history_of(learner, now=now, course=course)
    today = Calendar(learner.zone, learner.day_start_hour).day_of(int(now.timestamp()))
    month = found.activity.between(today - timedelta(days=sums.RECENT_DAYS - 1), today)
    context: dict[str, Any] = {
        "courses": courses if len(courses) > 1 else [],
        "course": course,
        "is_empty": not found.activity.days and not found.stabilities,
        "month": month,
        "recalled": wording.share(month),
        "wanted": percent(found.desired_retention),
        "rhythm": sums.rhythm(found.activity.days, today),
        "cards": len(found.stabilities),
    }
    if not context["is_empty"]:
        context["year"] = wording.year(found, today)
        context["charts"] = _charts(found, today)
    return render(request, "quizzes/memory_statistics.html", context)


def chosen(courses: list[Shown], slug: str) -> Shown | None:
    """Return the course that is asked for, None for all. Http404 if the learner remembers nothing of it."""
    if not slug:
        return None
    for course in courses:
        if course.slug == slug:
            return course
    raise Http404("You have not reviewed anything of this course.")


def _charts(found: History, today: date) -> list[Chart]:
    shown = [wording.retention(found, today), wording.upcoming(found, today)]
    if found.stabilities:
        shown.append(wording.stability(found, lambda days: interval(timedelta(days=days))))
        shown.append(wording.difficulty(found))
    shown.append(wording.time_spent(found, today))
    if found.activity.days:
        shown.append(wording.hours(found))
    return shown
