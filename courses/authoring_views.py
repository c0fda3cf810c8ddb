"""Pages of those who make courses: what they teach, one course with its lessons and imports, a course as a zip."""

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.conf import settings
from django.db.models import Count, Max, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User
from courses import access
from courses.archives import pack
from courses.folders import export_files
from courses.models import Course, CourseText, Lesson, LessonBody, LessonVersion
from courses.upload_forms import UploadForm, megabytes
from courses.upload_models import CourseUpload
from courses.version_models import Source
from courses.views import current_locale
from quizzes.models import Question
from sandbox.models import Preset

UPLOADS_SHOWN = 20


def author_of(request: HttpRequest) -> User:
    """Who makes courses and asks for this page; learners and visitors find nothing here (Http404)."""
    if not access.may_author(cast("User", request.user)):
        raise Http404
    return cast("User", request.user)


@dataclass
class Size:
    """How much there is of a course or a lesson."""

    lessons: int = 0
    questions: int = 0
    cards: int = 0
    experiments: int = 0

    @property
    def parts(self) -> list[tuple[str, int]]:
        return [(name, getattr(self, name)) for name in ("questions", "cards", "experiments") if getattr(self, name)]


@dataclass(frozen=True)
class TaughtCourse:
    course: Course
    text: CourseText | None
    size: Size


@dataclass(frozen=True)
class TaughtLesson:
    """`bodies`: its texts, in the order of the languages of the course. `edited_at`: when one was last changed here."""

    lesson: Lesson
    body: LessonBody | None
    bodies: Sequence[LessonBody]
    size: Size
    edited_at: datetime | None


@require_safe
def authoring(request: HttpRequest) -> HttpResponse:
    """The courses somebody teaches, what they have uploaded, and where to upload."""
    return authoring_page(request, author_of(request))


@require_safe
def authoring_course(request: HttpRequest, slug: str) -> HttpResponse:
    """One course: its lessons to edit, its imports, the course as a zip, and where to send a newer version."""
    author = author_of(request)
    return course_page(request, author, access.find_taught(author, slug))


@require_safe
def download(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """The folder that the course could be imported from, as a zip that is made while it is sent."""
    course = access.find_taught(author_of(request), slug)
    response = StreamingHttpResponse(pack(export_files(course), course.slug), content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{course.slug}.zip"'
    return response


# --- the pages, with or without what was wrong with an upload --------------------------------------------------------


def authoring_page(request: HttpRequest, author: User, *, fault: str = "", status: int = 200) -> HttpResponse:
    courses = list(access.taught_by(author).with_texts())
    sizes = _sizes_of_courses(courses)
    mine = CourseUpload.objects.owned_by(author).light().never_imported().newest_first()
    context = {
        "courses": [TaughtCourse(course, course.text(current_locale()), sizes[course.pk]) for course in courses],
        "uploads": mine[:UPLOADS_SHOWN],
        **_form(fault),
    }
    return render(request, "courses/authoring.html", context, status=status)


def course_page(
    request: HttpRequest, author: User, course: Course, *, fault: str = "", status: int = 200
) -> HttpResponse:
    about = Q(course=course) | Q(target=course.slug, owner=author)
    uploads = CourseUpload.objects.filter(about).light().select_related("owner").newest_first()
    context = {
        "course": course,
        "text": course.text(current_locale()),
        "lessons": _lessons(course),
        "uploads": uploads[:UPLOADS_SHOWN],
        **_form(fault),
    }
    return render(request, "courses/authoring_course.html", context, status=status)


def _form(fault: str) -> dict[str, Any]:
    return {
        "form": UploadForm(),
        "fault": fault,
        "most_bytes": settings.COURSE_UPLOAD_BYTES,
        "most": megabytes(settings.COURSE_UPLOAD_BYTES),
        "kept_hours": settings.COURSE_UPLOAD_HOURS,
        "now": timezone.now(),
    }


# --- how much there is -----------------------------------------------------------------------------------------------


def _sizes_of_courses(courses: Sequence[Course]) -> dict[uuid.UUID, Size]:
    sizes = {course.pk: Size() for course in courses}
    by_slug = {course.slug: sizes[course.pk] for course in courses}
    lessons = Lesson.objects.published().filter(course__in=sizes).order_by()
    for course, number in lessons.values_list("course").annotate(Count("pk")):
        sizes[course].lessons = number
    _count_questions(Question.objects.filter(course__in=sizes), "course", sizes)
    presets = Preset.objects.filter(collection__in=by_slug, archived_at=None, is_challenge=False).order_by()
    for slug, number in presets.values_list("collection").annotate(Count("pk")):
        by_slug[slug].experiments = number
    return sizes


def _count_questions(questions: "QuerySet[Question]", of: str, sizes: dict[uuid.UUID, Size]) -> None:
    published = questions.filter(archived_at=None, current__isnull=False).order_by()
    for pk, kind, number in published.values_list(of, "kind").annotate(Count("pk")):
        if kind == "flashcard":
            sizes[pk].cards += number
        else:
            sizes[pk].questions += number


def _lessons(course: Course) -> list[TaughtLesson]:
    lessons = list(Lesson.objects.published().filter(course=course).in_order().with_titles())
    sizes = {lesson.pk: Size() for lesson in lessons}
    _count_questions(Question.objects.filter(lesson__in=sizes), "lesson", sizes)
    presets = Preset.objects.filter(collection=course.slug, archived_at=None, is_challenge=False)
    for lesson_id, number in Counter(presets.values_list("lesson_id", flat=True)).items():
        if lesson_id in sizes:
            sizes[lesson_id].experiments = number
    edited = LessonVersion.objects.filter(lesson__in=sizes).exclude(source=Source.IMPORT).order_by()
    edited_at = dict(edited.values_list("lesson").annotate(Max("created_at")))
    rows = []
    for lesson in lessons:
        lesson.course = course
        bodies = sorted(lesson.bodies.all(), key=lambda body: _place(course.locales, body.locale))
        body = lesson.body(current_locale())
        rows.append(TaughtLesson(lesson, body, bodies, sizes[lesson.pk], edited_at.get(lesson.pk)))
    return rows


def _place(locales: Iterable[str], locale: str) -> int:
    known = list(locales)
    return known.index(locale) if locale in known else len(known)
