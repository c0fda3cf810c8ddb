import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, UUIDField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, get_language_info
from django.views.decorators.http import require_safe

from accounts.models import User
from config.prepared import Prepared
from courses import access
from courses.models import Course, Lesson, LessonBody, Progress
from quizzes.memory.planning import queue
from quizzes.models import Attempt, Quiz


@dataclass(frozen=True)
class QuizState:
    """The quiz of a lesson and how far this learner is with it. `best`: the best share of the marks, 0…1."""

    quiz: Quiz
    title: str
    questions: int
    best: float | None
    open: bool

    @property
    def best_percent(self) -> int | None:
        return None if self.best is None else round(self.best * 100)


@dataclass(frozen=True)
class Step:
    """A lesson on the path of a course."""

    lesson: Lesson
    body: LessonBody | None
    progress: Progress | None
    quiz: QuizState | None
    recall: float | None

    @property
    def finished(self) -> bool:
        return self.progress is not None and self.progress.finished

    @property
    def recall_percent(self) -> int | None:
        return None if self.recall is None else round(self.recall * 100)

    @property
    def resume_url(self) -> str:
        """Where this learner stopped: the last section seen."""
        seen = self.progress.sections if self.progress and not self.finished else []
        url = self.lesson.get_absolute_url()
        return f"{url}#{seen[-1]}" if seen else url


@require_safe
def courses(request: HttpRequest) -> HttpResponse:
    """All courses; the only one, if there is only one."""
    found = list(Course.objects.published().with_texts())
    if len(found) == 1:
        return redirect(found[0])
    cards = [{"course": course, "text": course.text(current_locale())} for course in found]
    return render(request, "courses/courses.html", {"cards": cards})


@require_safe
def course(request: HttpRequest, slug: str) -> HttpResponse:
    """The lessons of a course as a path, and where to go on."""
    found = access.find_course(slug)
    steps = _path(found, signed_in(request), current_locale(), timezone.now())
    text = found.text(current_locale())
    context = {
        "course": found,
        "text": text,
        "foreign": foreign_name(text.locale if text else "", current_locale()),
        "steps": steps,
        "next_step": next((step for step in steps if not step.finished), None),
        "begun": any(step.progress for step in steps),
        "read": sum(step.finished for step in steps),
        "minutes": sum(step.body.minutes for step in steps if step.body),
    }
    return render(request, "courses/course.html", context)


# --- what pages and API read -----------------------------------------------------------------------------------------


def signed_in(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def current_locale() -> str:
    return get_language() or ""


def quizzes_by_lesson(lessons: Sequence[Lesson], learner: User | None, locale: str) -> dict[uuid.UUID, QuizState]:
    """The quiz of each lesson that has one, in one query."""
    fallback = {lesson.pk: lesson.course.fallback for lesson in lessons}
    if learner:
        rows = _QUIZZES_OF_LEARNER(lessons=list(fallback), learner=learner.pk)
    else:
        rows = [(*row, None, False) for row in _QUIZZES(lessons=list(fallback))]
    states = {}
    for *columns, questions, best, is_open in rows:
        quiz = Quiz.from_db(None, _QUIZ_COLUMNS, columns)
        title = quiz.title(locale, fallback[quiz.lesson_id])
        states[quiz.lesson_id] = QuizState(quiz, title, questions, best, is_open)
    return states


_QUIZ_COLUMNS = ["id", "lesson_id", "slug", "texts"]


def _write_quizzes(lessons: Any, learner: Any = None) -> QuerySet[Quiz, tuple[Any, ...]]:
    """In an order in which the first by slug comes last, should a lesson ever have two."""
    asks = Q(slots__question__archived_at=None, slots__question__current__isnull=False)
    asked = Q(asks | Q(slots__draw__isnull=False), slots__archived_at=None)
    found = Quiz.objects.published().filter(lesson__id__in=lessons).order_by("-slug")
    found = found.annotate(questions=Count("slots", filter=asked, distinct=True))
    if learner is None:
        return found.values_list(*_QUIZ_COLUMNS, "questions")
    mine = Attempt.objects.filter(quiz=OuterRef("pk"), user=learner)
    submitted = Q(attempts__user=learner, attempts__submitted_at__isnull=False, attempts__max_score__gt=0)
    of_learner = found.annotate(
        best=Max(F("attempts__score") / F("attempts__max_score"), filter=submitted),
        is_open=Exists(mine.filter(submitted_at=None)),
    )
    return of_learner.values_list(*_QUIZ_COLUMNS, "questions", "best", "is_open")


_QUIZZES = Prepared(_write_quizzes, lessons=UUIDField())
_QUIZZES_OF_LEARNER = Prepared(_write_quizzes, lessons=UUIDField(), learner=UUIDField())


# --- parts of the pages ----------------------------------------------------------------------------------------------


def _path(course: Course, learner: User | None, locale: str, now: datetime) -> list[Step]:
    lessons = list(Lesson.objects.published().filter(course=course).in_order().with_titles())
    for one in lessons:
        one.course = course
    quizzes = quizzes_by_lesson(lessons, learner, locale)
    progress: dict[uuid.UUID, Progress] = {}
    recall: dict[uuid.UUID, float] = {}
    if learner:
        progress = {row.lesson_id: row for row in Progress.objects.by(learner.pk).in_course(course)}
        recall = queue.recall_by_lesson(learner, now=now)
    return [
        Step(one, one.body(locale), progress.get(one.pk), quizzes.get(one.pk), recall.get(one.pk)) for one in lessons
    ]


def foreign_name(shown: str, wanted: str) -> str:
    """The name of the language of a text if it is not the one that was asked for."""
    if not shown or shown == wanted:
        return ""
    try:
        return str(get_language_info(shown)["name_local"])
    except KeyError:
        return shown
