"""The page of practice: one question, its answer, the next."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from courses.access import find_course
from courses.models import Concept, Course
from quizzes import access, checkpoints, practice, presenting
from quizzes.checkpoints import Answered, Checkpoint
from quizzes.form_fields import answer_in, htmx, number_in, uuid_in
from quizzes.memory.reviewing import sittings
from quizzes.models import Review
from quizzes.views import LearnerRequest


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def practise(request: LearnerRequest, course_slug: str) -> HttpResponse:
    """Ask the weakest question; a POST marks an answer and shows what is right about it."""
    course = find_course(course_slug)
    concept = _concept(course, request.GET.get("concept", ""))
    if request.method == "POST":
        return _answered(request, course, concept)
    after = uuid_in(request.GET, "after")
    found = practice.next_question(
        request.user, course, concept, now=timezone.now(), after=[after] if after is not None else []
    )
    if found is None:
        return _render(request, course, concept, None)
    return _render(request, course, concept, checkpoints.ask(access.visible_question(found), get_language() or ""))


def _answered(request: LearnerRequest, course: Course, concept: Concept | None) -> HttpResponse:
    question_id, review_id = uuid_in(request.POST, "question"), uuid_in(request.POST, "review")
    if question_id is None or review_id is None:
        raise Http404(access.NOTHING)
    question, locale = access.visible_question(question_id), get_language() or ""
    if question.course_id != course.pk or question.kind in checkpoints.UNASKED:
        raise Http404(access.NOTHING)
    asked = checkpoints.ask(question, locale, review_id)
    version = access.version_of(question, number_in(request.POST, "version"))
    response = version.parsed.response_from_form(answer_in(request.POST))
    result = checkpoints.answer(
        request.user,
        question,
        version,
        response,
        review_id=review_id,
        locale=locale,
        now=timezone.now(),
        source=Review.Source.PRACTICE,
    )
    if not isinstance(result, Answered):
        fault = presenting.fault(result.code)
        return _render(request, course, concept, asked, fault=fault, given=request.POST.dict())
    outcome = result.outcome.model_dump()
    body = version.parsed.asked_for(response)
    return _render(
        request,
        course,
        concept,
        asked,
        question=body.public(version.texts_in(locale, course.fallback)).model_dump(),
        outcome=outcome,
        right_parts=sum(outcome["parts"].values()),
        explained_in=presenting.explained_in(question),
        kept=result.kept,
    )


def _concept(course: Course, slug: str) -> Concept | None:
    return get_object_or_404(Concept, course=course, slug=slug, archived_at=None) if slug else None


def _render(
    request: LearnerRequest, course: Course, concept: Concept | None, asked: Checkpoint | None, **more: Any
) -> HttpResponse:
    sitting = sittings.sitting(request.user, number_in(request.GET, "since"), Review.Source.PRACTICE)
    query = {"since": str(sitting.since)} | ({"concept": concept.slug} if concept else {})
    locale = get_language() or ""
    text = next(iter(sorted(concept.texts.all(), key=lambda one: one.locale != locale)), None) if concept else None
    context = {
        "course": course,
        "concept": concept,
        "concept_text": text,
        "checkpoint": asked,
        "question": asked.shown if asked else None,
        "kind_template": asked.kind_template if asked else "",
        "sitting": sitting,
        "asked_query": f"?{urlencode(query)}",
        "next_query": f"?{urlencode(query | ({'after': str(asked.question.pk)} if asked else {}))}",
        **more,
    }
    template = "quizzes/practice.html#practice" if htmx(request) else "quizzes/practice.html"
    status = 422 if more.get("fault") and not htmx(request) else 200
    return render(request, template, context, status=status)
