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
from quizzes.form_fields import answer_in, htmx, number_in, uuid_in


@require_http_methods(["GET", "HEAD", "POST"])
def checkpoint(request: HttpRequest, question_id: uuid.UUID) -> HttpResponse:
    """Ask the question; or mark the answer and show what is right about it, and where it stands in the lesson."""
    question = access.visible_question(question_id)
    if question.kind in checkpoints.UNASKED:
        raise Http404(access.NOTHING)
    locale = get_language() or ""
    if request.method != "POST":
        return _render(request, checkpoints.ask(question, locale))
    review_id = uuid_in(request.POST, "review")
    if review_id is None:
        raise Http404(access.NOTHING)
    asked = checkpoints.ask(question, locale, review_id)
    version = access.version_of(question, number_in(request.POST, "version"))
    response = version.parsed.response_from_form(answer_in(request.POST))
    result = checkpoints.answer(
        request.user if isinstance(request.user, User) else None,
        question,
        version,
        response,
        review_id=review_id,
        locale=locale,
        now=timezone.now(),
    )
    if not isinstance(result, Answered):
        status = 200 if htmx(request) else 422
        return _render(request, asked, status, fault=presenting.fault(result.code), given=request.POST.dict())
    body = version.parsed.asked_for(response)
    outcome = result.outcome.model_dump()
    return _render(
        request,
        asked,
        question=body.public(version.texts_in(locale, question.course.fallback)).model_dump(),
        outcome=outcome,
        right_parts=sum(outcome["parts"].values()),
        kept=result.kept,
    )


def _render(request: HttpRequest, asked: Checkpoint, status: int = 200, **more: Any) -> HttpResponse:
    lesson = asked.question.lesson
    context = {"checkpoint": asked, "question": asked.shown, "lesson": lesson, "renewed": True, **more}
    template = "quizzes/checkpoint_card.html" if htmx(request) else "quizzes/checkpoint.html"
    return render(request, template, context, status=status)
