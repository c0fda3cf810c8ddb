import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from quizzes import access, attempts, presenting
from quizzes.attempts import Place
from quizzes.models import Attempt, Quiz

EARLIER_ATTEMPTS_SHOWN = 20


class LearnerRequest(HttpRequest):
    user: User


@login_required
@require_http_methods(["GET", "POST"])
def quiz(request: LearnerRequest, quiz_id: uuid.UUID) -> HttpResponse:
    """The start page; a POST starts an attempt, or goes on with the open one."""
    found = access.visible_quiz(quiz_id)
    if request.method == "GET":
        return _quiz_page(request, found)
    try:
        attempt = attempts.resume_or_start(request.user, found, now=timezone.now())
    except attempts.QuizIsEmptyError:
        return _quiz_page(request, found, status=409)
    return redirect("quizzes:attempt", attempt.id)


def _quiz_page(request: LearnerRequest, found: Quiz, status: int = 200) -> HttpResponse:
    earlier = list(Attempt.objects.filter(user=request.user, quiz=found)[:EARLIER_ATTEMPTS_SHOWN])
    locale = get_language() or ""
    context = {
        "quiz": found,
        "title": found.title(locale, found.lesson.course.fallback),
        "lesson": found.lesson,
        "count": found.slots.active().exclude(question__current=None).count(),
        "open_attempt": next((attempt for attempt in earlier if attempt.submitted_at is None), None),
        "earlier": [attempt for attempt in earlier if attempt.submitted_at is not None],
    }
    return render(request, "quizzes/quiz.html", context, status=status)


@login_required
@require_GET
def attempt(request: LearnerRequest, attempt_id: uuid.UUID) -> HttpResponse:
    """Where the learner is: the first question without an answer, the last one if all have one, or the result."""
    found = access.own_attempt(request.user, attempt_id)
    if found.submitted_at is not None:
        return redirect("quizzes:attempt_review", found.id)
    places = attempts.places(found)
    current = next((place for place in places if place.response is None), places[-1])
    return redirect("quizzes:attempt_question", found.id, current.position)


@login_required
@require_http_methods(["GET", "POST"])
def attempt_question(request: LearnerRequest, attempt_id: uuid.UUID, position: int) -> HttpResponse:
    """One question; a POST checks the answer. The first answer stands, whatever is posted later."""
    found = access.own_attempt(request.user, attempt_id)
    places = attempts.places(found)
    if not 1 <= position <= len(places):
        raise Http404(access.NOTHING)
    if request.method == "GET":
        return _question_page(request, found, places, position)
    return _check(request, found, places, position)


def _check(request: LearnerRequest, found: Attempt, places: list[Place], position: int) -> HttpResponse:
    place = places[position - 1]
    response = place.version.parsed.response_from_form(request.POST.dict())
    try:
        answered = attempts.answer(found, place.slot_id, response, now=timezone.now())
    except attempts.ResponseRefusedError as error:
        fault = presenting.fault(error.code)
        return _question_page(request, found, places, position, fault=fault, status=200 if _htmx(request) else 422)
    except attempts.SubmittedError:
        return redirect("quizzes:attempt_review", found.id)
    if answered.status == "conflict":
        messages.info(request, _("You had already answered this question. Your first answer stands."))
    if not _htmx(request):
        return redirect("quizzes:attempt_question", found.id, position)
    return _question_page(request, found, attempts.places(found), position)


def _question_page(
    request: LearnerRequest, found: Attempt, places: list[Place], position: int, *, fault: str = "", status: int = 200
) -> HttpResponse:
    place, locale = places[position - 1], get_language() or ""
    fallback = found.quiz.lesson.course.fallback
    outcome = presenting.outcome(found, place, locale)
    unanswered = [other.position for other in places if other.response is None]
    context: dict[str, Any] = {
        "attempt": found,
        "title": found.quiz.title(locale, fallback),
        "place": place,
        "position": position,
        "total": len(places),
        "answered": len(places) - len(unanswered),
        "next": next((other for other in unanswered if other > position), None) or next(iter(unanswered), None),
        "unanswered": len(unanswered),
        "offers_finish": 0 < len(unanswered) < len(places) and position >= unanswered[-1],
        "question": place.version.public(locale, fallback),
        "outcome": outcome.model_dump() if outcome else None,
        "right_parts": sum(outcome.parts.values()) if outcome else 0,
        "kind_template": _kind_template(place),
        "fault": fault,
        "given": request.POST.dict() if fault else {},
    }
    template = "quizzes/attempt.html#question" if _htmx(request) else "quizzes/attempt.html"
    return render(request, template, context, status=status)


def _htmx(request: HttpRequest) -> bool:
    return bool(request.headers.get("HX-Request")) and not request.headers.get("HX-History-Restore-Request")


@login_required
@require_POST
def attempt_submit(request: LearnerRequest, attempt_id: uuid.UUID) -> HttpResponseRedirect:
    found = attempts.submit(access.own_attempt(request.user, attempt_id), now=timezone.now())
    return redirect("quizzes:attempt_review", found.id)


@login_required
@require_GET
def attempt_review(request: LearnerRequest, attempt_id: uuid.UUID) -> HttpResponse:
    found = access.own_attempt(request.user, attempt_id)
    if found.submitted_at is None:
        return redirect("quizzes:attempt", found.id)
    locale, now = get_language() or "", timezone.now()
    places = attempts.places(found)
    fallback = found.quiz.lesson.course.fallback
    context = {
        "attempt": found,
        "title": found.quiz.title(locale, fallback),
        "items": [_reviewed(found, place, locale, fallback) for place in places],
        "unanswered": sum(place.response is None for place in places),
        "missed": sum(place.missed for place in places),
        "next_due": attempts.next_due(found, places),
        "now": now,
    }
    return render(request, "quizzes/attempt_review.html", context)


def _reviewed(found: Attempt, place: Place, locale: str, fallback: str) -> dict[str, Any]:
    outcome = presenting.outcome(found, place, locale)
    key = place.version.parsed.revealed()
    return {
        "place": place,
        "question": place.version.public(locale, fallback),
        "outcome": outcome.model_dump() if outcome else None,
        "right_parts": sum(outcome.parts.values()) if outcome else 0,
        "key": key.model_dump() if key else None,
        "explained_in": presenting.explained_in(place.question),
        "kind_template": _kind_template(place),
    }


def _kind_template(place: Place) -> str:
    return f"quizzes/kinds/{place.version.parsed.kind}.html"
