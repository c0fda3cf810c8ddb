"""The page on which an instructor reads which cards of a course its learners forget again and again."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from courses.access import find_taught
from courses.models import Course
from quizzes import presenting
from quizzes.memory.reviewing import changes, leeches
from quizzes.memory.reviewing.learners import LearnerRequest
from quizzes.memory.reviewing.leeches import CourseLeech
from quizzes.statistics.wording import percent


@dataclass(frozen=True)
class ShownLeech:
    """`share`: of those who know the card, in whole percent, and `told` in words."""

    leech: CourseLeech
    wording: str
    lesson: str
    share: int
    told: str
    explained_in: Any
    is_marked: bool


@login_required
@require_GET
def course_leeches(request: LearnerRequest, course_slug: str) -> HttpResponse:
    """The leeches of a course, those of most learners first; for who teaches it."""
    course = find_taught(request.user, course_slug)
    locale = get_language() or ""
    shown = [_shown(leech, course, locale) for leech in leeches.of_course(course)]
    context = {
        "course": course,
        "course_text": course.text(locale),
        "leeches": shown,
        "lapses": leeches.LAPSES,
        "few_lapses": leeches.FEW_LAPSES,
    }
    return render(request, "quizzes/course_leeches.html", context)


def _shown(leech: CourseLeech, course: Course, locale: str) -> ShownLeech:
    question = leech.question
    texts = question.current.texts_in(locale, course.fallback) if question.current else {}
    bodies = sorted(question.lesson.bodies.all(), key=lambda body: body.locale != locale) if question.lesson else []
    return ShownLeech(
        leech=leech,
        wording=changes.wording(texts) or question.slug,
        lesson=bodies[0].title if bodies else "",
        share=round(100 * leech.learners / leech.memories),
        told=percent(leech.learners / leech.memories),
        explained_in=presenting.explained_in(question),
        is_marked=question.kind != "flashcard",
    )
