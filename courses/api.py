"""REST of courses: everyone may read; a learner's progress is the learner's."""

import re
import uuid
from typing import Any, cast

from django.conf import settings
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language, override
from drf_spectacular.utils import OpenApiParameter, extend_schema
from pydantic import ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from config.etags import conditional
from config.problems import FieldError, Problem, from_pydantic
from courses import access, article_views, lesson_views, progress, views
from courses.ids import content_id
from courses.models import Course, Lesson, LessonBody, Progress
from courses.serializers import (
    ChallengeSerializer,
    CourseSerializer,
    LessonSerializer,
    LessonSummarySerializer,
    ProgressBody,
    ProgressSerializer,
)
from quizzes import challenge_states

LOCALE = OpenApiParameter(
    "locale", str, description="The language wanted, such as `en` or `zh-hans`; otherwise Accept-Language decides."
)


def _locale(request: Request) -> str:
    wanted = request.query_params.get("locale")
    if wanted is None:
        return get_language() or ""
    if not re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", wanted):
        errors = [FieldError("/locale", "invalid", "This is no language, such as en or zh-hans.")]
        raise Problem(422, "Some fields are not valid", errors=errors, code="invalid")
    return wanted


def _learner(request: Request) -> User | None:
    return request.user if isinstance(request.user, User) else None


def _progress(learner: User | None, course: Course) -> dict[uuid.UUID, Progress]:
    rows = Progress.objects.by(learner.pk).in_course(course) if learner else Progress.objects.none()
    return {row.lesson_id: row for row in rows}


class Courses(ListAPIView[Course]):
    """Courses, in the language asked for."""

    permission_classes = [AllowAny]
    serializer_class = CourseSerializer
    queryset = Course.objects.published().with_texts()
    ordering = "slug"

    def get_serializer_context(self) -> dict[str, Any]:
        if getattr(self, "swagger_fake_view", False):  # while the API is being described
            return {}
        return {"locale": _locale(self.request)}

    @extend_schema(operation_id="courses_list", parameters=[LOCALE])
    @conditional
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.list(request, *args, **kwargs)


class OneCourse(APIView):
    permission_classes = [AllowAny]

    @extend_schema(operation_id="course_read", parameters=[LOCALE], responses=CourseSerializer)
    @conditional
    def get(self, request: Request, slug: str) -> Response:
        """One course, in the language asked for."""
        course = access.find_course(slug)
        return Response(CourseSerializer(course, context={"locale": _locale(request)}).data)


class Lessons(ListAPIView[Lesson]):
    """The lessons of a course in order, without their texts."""

    permission_classes = [AllowAny]
    serializer_class = LessonSummarySerializer
    queryset = Lesson.objects.none()
    ordering = ("position", "slug")

    def get_queryset(self) -> QuerySet[Lesson]:
        lessons = Lesson.objects.published().filter(course=self.course)
        return lessons.select_related("course").with_titles()

    def get_serializer_context(self) -> dict[str, Any]:
        if getattr(self, "swagger_fake_view", False):  # while the API is being described
            return {}
        return {"locale": _locale(self.request), "progress": _progress(_learner(self.request), self.course)}

    @extend_schema(operation_id="lessons_list", parameters=[LOCALE])
    @conditional
    def get(self, request: Request, slug: str) -> Response:
        self.course = access.find_course(slug)
        return self.list(request)


class OneLesson(APIView):
    permission_classes = [AllowAny]

    @extend_schema(operation_id="lesson_read", parameters=[LOCALE], responses=LessonSerializer)
    @conditional
    def get(self, request: Request, lesson_id: uuid.UUID) -> Response:
        """The text of a lesson, its sections, and its concepts with the recall predicted for who asks.

        Reading it here does not open it: an app says so with `PUT …/progress/`.
        """
        lesson = access.find_lesson(article_views.with_flashcards(Lesson.objects.all(), "pk"), pk=lesson_id)
        locale, learner = _locale(request), _learner(request)
        body = lesson.body(locale)
        if body is None:
            raise Problem(404, "Not found", "This lesson has no text.", code="not_found")
        context = {"locale": locale, "progress": _progress(learner, lesson.course)}
        summary = LessonSummarySerializer(lesson, context=context).data
        return Response({**summary, **_text(lesson, body, learner)})


def _text(lesson: Any, body: LessonBody, learner: User | None) -> dict[str, Any]:
    """What `LessonSerializer` has beyond the summary."""
    quiz = views.quizzes_by_lesson([lesson], learner, body.locale).get(lesson.pk)
    presets = article_views.presets_by_slug(lesson.course)
    with override(body.locale if body.locale in dict(settings.LANGUAGES) else None):
        parts = article_views.filled_parts(body, presets, asked={})
        for part in parts:
            if part.get("directive") in {"question", "challenge"}:
                part["question"] = content_id(lesson.course.slug, "question", part["ref"])
        html = render_to_string("courses/parts.html", {"parts": parts, "body": body})
        questions = challenge_states.placed(lesson.course, article_views.asked_in(body), learner)
        posed = challenge_states.in_text(questions, presets, body.locale)
        challenges = [ChallengeSerializer(one).data for one in posed.values()]
    ids = {section.slug: section.pk for section in lesson.sections.published()}
    concepts, due = lesson_views.remembered(lesson, learner, body.locale, timezone.now())
    return {
        "html": html,
        "sections": [
            {"id": ids[heading["id"]], "slug": heading["id"], "title": heading["title"], "level": heading["level"]}
            for heading in body.contents
            if heading["id"] in ids
        ],
        "concepts": [
            {
                "id": one.concept.pk,
                "slug": one.concept.slug,
                "name": one.text.name,
                "definition": one.text.definition_html,
                "recall": one.recall,
            }
            for one in concepts
        ],
        "presets": [
            {"id": part["preset"].pk, "slug": part["ref"], "title": part["title"]} for part in parts if "preset" in part
        ],
        "quiz": {"id": quiz.quiz.pk, "title": quiz.title, "questions": quiz.questions, "best": quiz.best}
        if quiz
        else None,
        "flashcards": lesson.flashcards,
        "due": due,
        "challenges": challenges,
    }


class LessonProgress(APIView):
    @extend_schema(operation_id="lesson_progress", request=ProgressBody, responses=ProgressSerializer)
    def put(self, request: Request, lesson_id: uuid.UUID) -> Response:
        """Merge what one device reports into what is known; the answer is the merged progress.

        The furthest position and every section seen are kept, so a report may come late, twice or out of order.
        The first report opens the lesson: its flashcards may come up in reviews.
        """
        lesson = access.find_lesson(Lesson.objects.all(), pk=lesson_id)
        try:
            body = ProgressBody.model_validate(request.data)
        except ValidationError as error:
            raise from_pydantic(error) from None
        merged = progress.advance(cast("User", request.user), lesson, body.position, body.sections, now=timezone.now())
        return Response(ProgressSerializer(merged).data)
