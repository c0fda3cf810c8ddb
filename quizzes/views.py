"""The pages of a quiz: what awaits the learner, one question at a time, the end, the result."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from quizzes import access, attempts, layouts, presenting
from quizzes import places as reading
from quizzes.attempt_errors import (
    AttemptError,
    NoAttemptLeftError,
    QuizIsEmptyError,
    QuizIsNotOpenError,
    ResponseRefusedError,
    SubmittedError,
)
from quizzes.attempts import Answered, Saved
from quizzes.form_fields import answer_in, htmx, number_in
from quizzes.judging import Given
from quizzes.models import Attempt, Quiz
from quizzes.places import Place
from quizzes.presenting import Seen
from quizzes.regrading import notices
from quizzes.rules import CERTAINTIES, Rules

EARLIER_ATTEMPTS_SHOWN = 20
LARGEST_SEQUENCE = 2**53


class LearnerRequest(HttpRequest):
    user: User


# --- before ----------------------------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "POST"])
def quiz(request: LearnerRequest, quiz_id: uuid.UUID) -> HttpResponse:
    """The start page; a POST starts an attempt, or goes on with the open one."""
    found, now = access.visible_quiz(quiz_id), timezone.now()
    if request.method == "GET":
        return _quiz_page(request, found, now)
    try:
        attempt = attempts.resume_or_start(request.user, found, now=now)
    except (QuizIsEmptyError, QuizIsNotOpenError, NoAttemptLeftError):
        return _quiz_page(request, found, now, status=409)
    return redirect("quizzes:attempt", attempt.id)


def _quiz_page(request: LearnerRequest, found: Quiz, now: datetime, status: int = 200) -> HttpResponse:
    rules, mine = (
        found.parsed_rules,
        list(Attempt.objects.filter(user=request.user, quiz=found).order_by("-started_at")),
    )
    open_attempt = next((one for one in mine if one.submitted_at is None and not one.ran_out(now)), None)
    left = None if rules.attempts is None else max(0, rules.attempts - sum(one.counts for one in mine))
    earlier = [one for one in mine if one is not open_attempt]
    teaches = access.teaches(request.user, found)
    locale = get_language() or ""
    context = {
        "quiz": found,
        "title": found.title(locale, found.lesson.course.fallback),
        "lesson": found.lesson,
        "rules": rules,
        "count": found.slots.active().count(),
        "open_attempt": open_attempt,
        "earlier": [_Earlier.of(one, now) for one in earlier[:EARLIER_ATTEMPTS_SHOWN]],
        "result": _result(earlier, rules, now),
        "left": left,
        "minutes": rules.time_limit // 60 if rules.time_limit and rules.time_limit % 60 == 0 else None,
        "passing_percent": round(rules.passing * 100) if rules.passing else None,
        "is_early": rules.is_early(now),
        "is_closed": rules.is_closed(now),
        "may_start": (rules.is_open(now) and left != 0) or teaches,
        "may_see_class": teaches,
        "unfilled": layouts.unfilled(found) if teaches else 0,
    }
    return render(request, "quizzes/quiz.html", context, status=status)


@dataclass(frozen=True)
class _Earlier:
    """An attempt that has ended; `score` is None where the rules do not show it now."""

    attempt: Attempt
    score: float | None
    passed: bool | None

    @classmethod
    def of(cls, attempt: Attempt, now: datetime) -> "_Earlier":
        state = presenting.attempt_state(attempt, now)
        return cls(attempt, state["score"], state["passed"])


def _result(earlier: list[Attempt], rules: Rules, now: datetime) -> int | None:
    """What several attempts come to, in percent, where the marks are shown."""
    seen = [one for one in earlier if one.counts and Seen.of(one, now).marks]
    share = attempts.result_of(seen, rules) if len(seen) > 1 else None
    return None if share is None else round(share * 100)


# --- one question at a time ------------------------------------------------------------------------------------------


@login_required
@require_GET
def attempt(request: LearnerRequest, attempt_id: uuid.UUID) -> HttpResponse:
    """Where the learner is: the first question without an answer, the last one if all have one, or the result."""
    found = _open_attempt(request, attempt_id)
    if found.submitted_at is not None:
        return redirect("quizzes:attempt_review", found.id)
    places = reading.of_attempt(found)
    current = next((place for place in places if not place.is_answered), places[-1])
    return redirect("quizzes:attempt_question", found.id, current.position)


@login_required
@require_http_methods(["GET", "POST"])
def attempt_question(request: LearnerRequest, attempt_id: uuid.UUID, position: int) -> HttpResponse:
    """One question; a POST checks the answer, or keeps it for the end."""
    found = _open_attempt(request, attempt_id)
    places = reading.of_attempt(found)
    place = _place_at(places, position)
    if found.submitted_at is not None and request.method == "POST":
        return _leave(request, found)
    if request.method == "GET":
        return _question_page(request, found, places, position)
    if found.parsed_rules.marks_at_once:
        return _check(request, found, place)
    return _keep(request, found, places, place)


@login_required
@require_POST
def attempt_draft(request: LearnerRequest, attempt_id: uuid.UUID, position: int) -> JsonResponse:
    """Keep what is being written, unmarked. The page calls this while the learner writes."""
    found = _open_attempt(request, attempt_id)
    place = _place_at(reading.of_attempt(found), position)
    given = _given(request, place, sequence=number_in(request.POST, "sequence", LARGEST_SEQUENCE))
    (result,) = attempts.save_all(found, [given], now=timezone.now())
    if isinstance(result, Saved):
        return JsonResponse({"status": result.status, "sequence": result.answer.sequence})
    if isinstance(result, Answered):
        return JsonResponse({"status": "marked"})
    return JsonResponse({"status": "refused", "code": result.code}, status=409)


def _check(request: LearnerRequest, found: Attempt, place: Place) -> HttpResponse:
    given = _given(request, place)
    if found.parsed_rules.certainty and given.certainty is None and place.response is None:
        fault = _("Say how sure you are, then check.")
        return _question_page(request, found, reading.of_attempt(found), place.position, fault=fault)
    (result,) = attempts.answer_all(found, [given], now=timezone.now())
    if isinstance(result, ResponseRefusedError):
        fault = presenting.fault(result.code)
        return _question_page(request, found, reading.of_attempt(found), place.position, fault=fault)
    if isinstance(result, SubmittedError):
        return _leave(request, found)
    if isinstance(result, AttemptError):
        raise Http404(access.NOTHING)
    if result.status == "conflict":
        messages.info(request, _("You had already answered this question. Your first answer stands."))
    if isinstance(result, Answered) and result.status == "duplicate" and result.response is None:
        messages.info(request, _("You have tried this already. It does not count again."))
    if not htmx(request):
        return redirect("quizzes:attempt_question", found.id, place.position)
    return _question_page(request, found, reading.of_attempt(found), place.position)


def _keep(request: LearnerRequest, found: Attempt, places: list[Place], place: Place) -> HttpResponse:
    """Keep the answer for the end, and go on: to the next question, or where the learner chose."""
    (result,) = attempts.save_all(found, [_given(request, place)], now=timezone.now())
    if isinstance(result, SubmittedError):
        return _leave(request, found)
    if isinstance(result, AttemptError):
        raise Http404(access.NOTHING)
    if isinstance(result, Saved) and result.refused is not None and result.refused.code != "empty":
        fault = _("Kept as it is, but it could not be marked yet.") + " " + presenting.fault(result.refused.code)
        return _question_page(request, found, reading.of_attempt(found), place.position, fault=fault)
    following = place.position + 1
    if following > len(places):
        return _go(request, "quizzes:attempt_finish", found.id)
    if not htmx(request):
        return redirect("quizzes:attempt_question", found.id, following)
    response = _question_page(request, found, reading.of_attempt(found), following)
    response["HX-Push-Url"] = reverse("quizzes:attempt_question", args=[found.id, following])
    return response


def _open_attempt(request: LearnerRequest, attempt_id: uuid.UUID) -> Attempt:
    """The learner's own; it ends here if its time is up."""
    found = access.own_attempt(request.user, attempt_id)
    attempts.close_if_over(found, now=timezone.now())
    return found


def _place_at(places: list[Place], position: int) -> Place:
    if not 1 <= position <= len(places):
        raise Http404(access.NOTHING)
    return places[position - 1]


def _given(request: HttpRequest, place: Place, sequence: int | None = None) -> Given:
    certainty = number_in(request.POST, "certainty", max(CERTAINTIES))
    response = place.body.response_from_form(answer_in(request.POST))
    return Given(place.slot_id, response, certainty=certainty or None, sequence=sequence)


def _leave(request: HttpRequest, found: Attempt) -> HttpResponse:
    """The attempt has ended meanwhile: by its time, in another tab, on another device."""
    if found.submitted_at is not None and found.submitted_at == found.expires_at:
        messages.info(request, _("Your time was up. What had been saved was handed in."))
    return _go(request, "quizzes:attempt_review", found.id)


def _go(request: HttpRequest, name: str, *arguments: Any) -> HttpResponse:
    response: HttpResponse = redirect(name, *arguments)
    if htmx(request):
        response = HttpResponse(headers={"HX-Redirect": response["Location"]})
    return response


def _question_page(
    request: LearnerRequest, found: Attempt, places: list[Place], position: int, *, fault: str = ""
) -> HttpResponse:
    place, locale, now = places[position - 1], get_language() or "", timezone.now()
    fallback = found.quiz.lesson.course.fallback
    outcome = presenting.outcome(found, place, locale, now)
    tried = presenting.tried(found, place, locale, now)
    unanswered = [other.position for other in places if not other.is_answered]
    context: dict[str, Any] = {
        "attempt": found,
        "rules": found.parsed_rules,
        "now": now,
        "title": found.quiz.title(locale, fallback),
        "place": place,
        "places": places,
        "position": position,
        "total": len(places),
        "answered": len(places) - len(unanswered),
        "next": next((other for other in unanswered if other > position), None) or next(iter(unanswered), None),
        "unanswered": len(unanswered),
        "offers_finish": 0 < len(unanswered) < len(places) and position >= unanswered[-1],
        "question": place.body.public(place.texts(found, locale)).model_dump(),
        "outcome": outcome.model_dump() if outcome else None,
        "marks_shown": Seen.of(found, now).marks,
        "right_parts": sum(outcome.parts.values()) if outcome else 0,
        "tried": tried,
        "certainties": CERTAINTIES,
        "kind_template": _kind_template(place),
        "fault": fault,
        "given": request.POST.dict() if fault else _standing(place),
        "certainty": number_in(request.POST, "certainty", max(CERTAINTIES)) if fault else _stated(place),
    }
    template = "quizzes/attempt.html#question" if htmx(request) else "quizzes/attempt.html"
    return render(request, template, context, status=422 if fault and not htmx(request) else 200)


def _standing(place: Place) -> dict[str, str]:
    """What stands in the form: what was marked, else what was kept, else what was tried last."""
    kept = place.response or place.saved or (place.tries[-1] if place.tries else None)
    return place.body.form_of(kept.answer) if kept else {}


def _stated(place: Place) -> int | None:
    kept = place.response or place.saved
    return kept.certainty if kept else None


# --- the end ---------------------------------------------------------------------------------------------------------


@login_required
@require_GET
def attempt_finish(request: LearnerRequest, attempt_id: uuid.UUID) -> HttpResponse:
    """What is answered and what is not, before everything is handed in."""
    found = _open_attempt(request, attempt_id)
    if found.submitted_at is not None:
        return redirect("quizzes:attempt_review", found.id)
    places = reading.of_attempt(found)
    context = {
        "attempt": found,
        "rules": found.parsed_rules,
        "now": timezone.now(),
        "title": found.quiz.title(get_language() or "", found.quiz.lesson.course.fallback),
        "places": places,
        "unanswered": sum(not place.is_answered for place in places),
    }
    return render(request, "quizzes/attempt_finish.html", context)


@login_required
@require_POST
def attempt_submit(request: LearnerRequest, attempt_id: uuid.UUID) -> HttpResponseRedirect:
    found = attempts.submit(access.own_attempt(request.user, attempt_id), now=timezone.now())
    return redirect("quizzes:attempt_review", found.id)


@login_required
@require_GET
def attempt_review(request: LearnerRequest, attempt_id: uuid.UUID) -> HttpResponse:
    found = _open_attempt(request, attempt_id)
    if found.submitted_at is None:
        return redirect("quizzes:attempt", found.id)
    locale, now = get_language() or "", timezone.now()
    places, seen = reading.of_attempt(found), Seen.of(found, now)
    fallback = found.quiz.lesson.course.fallback
    context = {
        "attempt": found,
        "rules": found.parsed_rules,
        "seen": seen,
        "passed": found.parsed_rules.passed(found.score or 0.0, found.max_score) if seen.marks else None,
        "title": found.quiz.title(locale, fallback),
        "items": [_reviewed(found, place, locale, now) for place in places] if seen.marks or seen.answers else [],
        "unanswered": sum(place.response is None for place in places),
        "notices": notices.of_attempt(found) if seen.marks else [],
        "missed": sum(place.missed for place in places),
        "next_due": reading.next_due(found, places) if seen.marks else None,
        "now": now,
    }
    return render(request, "quizzes/attempt_review.html", context)


def _reviewed(found: Attempt, place: Place, locale: str, now: datetime) -> dict[str, Any]:
    outcome = presenting.outcome(found, place, locale, now)
    key = place.body.revealed() if Seen.of(found, now).answers else None
    return {
        "place": place,
        "question": place.body.public(place.texts(found, locale)).model_dump(),
        "outcome": outcome.model_dump() if outcome else None,
        "right_parts": sum(outcome.parts.values()) if outcome else 0,
        "given": _standing(place),
        "key": key.model_dump() if key else None,
        "explained_in": presenting.explained_in(place.question),
        "kind_template": _kind_template(place),
    }


def _kind_template(place: Place) -> str:
    return f"quizzes/kinds/{place.version.parsed.kind}.html"
