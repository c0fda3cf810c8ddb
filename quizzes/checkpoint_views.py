"""A checkpoint by itself: what htmx puts into the lesson, and a page of its own where there are no scripts."""

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from accounts.models import User
from quizzes import access, checkpoints, presenting
from quizzes.checkpoints import Answered, Checkpoint
from quizzes.models import QuestionVersion


@require_http_methods(["GET", "HEAD", "POST"])
def checkpoint(request: HttpRequest, question_id: uuid.UUID) -> HttpResponse:
    """Ask the question; or mark the answer and show what is right about it, and where it stands in the lesson."""
    question = access.visible_question(question_id)
    if question.kind in checkpoints.UNASKED:
        raise Http404(access.NOTHING)
    locale = get_language() or ""
    asked = checkpoints.ask(question, locale)
    if request.method != "POST":
        return _render(request, asked)
    version = _version(request, asked)
    result = checkpoints.answer(
        request.user if isinstance(request.user, User) else None,
        question,
        version,
        version.parsed.response_from_form(request.POST.dict()),
        review_id=_review_id(request),
        locale=locale,
        now=timezone.now(),
    )
    if not isinstance(result, Answered):
        status = 200 if _htmx(request) else 422
        return _render(request, asked, status, fault=presenting.fault(result.code), given=request.POST.dict())
    outcome = result.outcome.model_dump()
    return _render(
        request,
        asked,
        question=version.parsed.public(version.texts_in(locale, question.course.fallback)).model_dump(),
        outcome=outcome,
        right_parts=sum(outcome["parts"].values()),
        kept=result.kept,
    )


def _version(request: HttpRequest, asked: Checkpoint) -> QuestionVersion:
    """The version that the form shows: it may have been mended since."""
    number = request.POST.get("version", "")
    if not (number.isascii() and number.isdigit() and len(number) < 9):
        raise Http404(access.NOTHING)
    found = QuestionVersion.objects.filter(question=asked.question, number=int(number)).first()
    if found is None:
        raise Http404(access.NOTHING)
    return found


def _review_id(request: HttpRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("review", ""))
    except ValueError:
        raise Http404(access.NOTHING) from None


def _htmx(request: HttpRequest) -> bool:
    return bool(request.headers.get("HX-Request")) and not request.headers.get("HX-History-Restore-Request")


def _render(request: HttpRequest, asked: Checkpoint, status: int = 200, **more: Any) -> HttpResponse:
    lesson = asked.question.lesson
    context = {"checkpoint": asked, "question": asked.shown, "lesson": lesson, "renewed": True, **more}
    template = "quizzes/checkpoint_card.html" if _htmx(request) else "quizzes/checkpoint.html"
    return render(request, template, context, status=status)
