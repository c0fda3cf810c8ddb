"""What instructors see of the questions, attempts and memory of their courses. Read only: content comes from course
folders, history is never changed."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from config.read_only import ReadOnlyInline
from courses.access import ReadOnlyCourseAdmin
from quizzes.models import Attempt, Judgement, MemoryState, Question, QuestionVersion, Quiz, Response, Review, Slot


def as_text(value: Any) -> SafeString:
    return format_html("<pre>{}</pre>", json.dumps(value, indent=2, ensure_ascii=False))


class VersionInline(ReadOnlyInline):
    model = QuestionVersion
    fields = readonly_fields = ("number", "created_at", "written")
    ordering = ["-number"]

    @admin.display(description=_("as written"))
    def written(self, version: QuestionVersion) -> SafeString:
        return as_text(version.body)


@admin.register(Question)
class QuestionAdmin(ReadOnlyCourseAdmin):
    course_path = "course"
    list_display = ["slug", "kind", "course", "lesson", "version", "answers", "facility_index", "archived_at"]
    list_filter = ["course", "kind", "lesson", ("archived_at", admin.EmptyFieldListFilter)]
    list_select_related = ["course", "lesson", "current"]
    search_fields = ["slug", "concepts__slug", "concepts__texts__name"]
    search_help_text = _("Stable id or concept")
    fields = ["id", "slug", "kind", "difficulty", "course", "lesson", "section", "concepts", "decide", "archived_at"]
    readonly_fields = ["decide"]
    inlines = [VersionInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        scoped = Question.objects.filter(pk__in=rows.order_by().values("pk"))
        return scoped.with_facility()

    @admin.display(description=_("a wrong key"))
    def decide(self, question: Question) -> SafeString:
        url = reverse("quizzes:regrade", args=[question.pk])
        return format_html('<a href="{}">{}</a>', url, _("Mend it, judge anew, or keep it out of memory"))

    @admin.display(description=_("version"), ordering="current__number")
    def version(self, question: Question) -> int | None:
        return question.current.number if question.current else None

    @admin.display(description=_("answers"), ordering="responses")
    def answers(self, question: Any) -> int:
        count: int = question.responses
        return count

    @admin.display(description=_("facility index"), ordering="facility", empty_value="–")
    def facility_index(self, question: Any) -> str | None:
        """The mean mark of its answers in attempts; previews left out."""
        return None if question.facility is None else f"{question.facility:.0%}"


class SlotInline(ReadOnlyInline):
    model = Slot
    fields = readonly_fields = ("position", "question", "draw", "mark", "archived_at")
    ordering = ["archived_at", "position"]


@admin.register(Quiz)
class QuizAdmin(ReadOnlyCourseAdmin):
    course_path = "lesson__course"
    list_display = ["slug", "lesson", "questions", "submitted", "archived_at"]
    list_filter = ["lesson__course", ("archived_at", admin.EmptyFieldListFilter)]
    list_select_related = ["lesson"]
    search_fields = ["slug", "lesson__slug"]
    fields = ["id", "slug", "lesson", "titles", "rules_set", "archived_at"]
    readonly_fields = ["titles", "rules_set"]
    inlines = [SlotInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        submitted = Q(attempts__submitted_at__isnull=False, attempts__counts=True)
        rows: QuerySet[Any] = super().get_queryset(request)
        annotated: QuerySet[Any] = rows.annotate(
            question_count=Count("slots", filter=Q(slots__archived_at=None), distinct=True),
            submitted_count=Count("attempts", filter=submitted, distinct=True),
        )
        return annotated

    @admin.display(description=_("questions"))
    def questions(self, quiz: Any) -> int:
        count: int = quiz.question_count
        return count

    @admin.display(description=_("submitted attempts"))
    def submitted(self, quiz: Any) -> int:
        count: int = quiz.submitted_count
        return count

    @admin.display(description=_("titles"))
    def titles(self, quiz: Quiz) -> SafeString:
        return as_text(quiz.texts)

    @admin.display(description=_("rules"))
    def rules_set(self, quiz: Quiz) -> SafeString:
        return as_text(quiz.rules)


class ResponseInline(ReadOnlyInline):
    model = Response
    fields = readonly_fields = ("question", "given", "score", "mark", "answered_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("version__question")

    @admin.display(description=_("question"))
    def question(self, response: Response) -> str:
        return f"{response.version.question.slug} ({response.version.number})"

    @admin.display(description=_("answer"))
    def given(self, response: Response) -> SafeString:
        return as_text(response.answer)


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyCourseAdmin):
    course_path = "quiz__lesson__course"
    list_display = ["learner", "quiz", "started_at", "submitted_at", "marks", "counts"]
    list_filter = ["quiz__lesson__course", "quiz", "counts", ("submitted_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user", "quiz"]
    search_fields = ["user__email", "user__name", "quiz__slug"]
    search_help_text = _("Learner or quiz")
    date_hierarchy = "started_at"
    fields = ["id", "user", "quiz", "started_at", "submitted_at", "marks", "counts"]
    readonly_fields = ["marks"]
    inlines = [ResponseInline]

    @admin.display(description=_("learner"), ordering="user__email")
    def learner(self, attempt: Attempt) -> str:
        return str(attempt.user)

    @admin.display(description=_("score"), ordering="score", empty_value="–")
    def marks(self, attempt: Attempt) -> str | None:
        return None if attempt.score is None else f"{attempt.score:g} / {attempt.max_score:g}"


@admin.register(Judgement)
class JudgementAdmin(ReadOnlyCourseAdmin):
    course_path = "question__course"
    list_display = ["user", "question", "score", "judged_at", "counts"]
    list_filter = ["question__course", "question", "counts"]
    list_select_related = ["user", "question"]
    search_fields = ["user__email", "user__name", "question__slug"]
    search_help_text = _("Learner or question")
    date_hierarchy = "judged_at"
    fields = ["user", "question", "version", "run", "score", "met", "had", "judged_at", "counts"]
    readonly_fields = ["met", "had"]

    @admin.display(description=_("parts"))
    def met(self, judgement: Judgement) -> SafeString:
        return as_text(judgement.parts)

    @admin.display(description=_("values"))
    def had(self, judgement: Judgement) -> SafeString:
        return as_text(judgement.values)


class OfCourses(ReadOnlyCourseAdmin):
    """Rows about questions of courses: cards that learners made for themselves are nobody else's business."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(question__owner=None)


@admin.register(Review)
class ReviewAdmin(OfCourses):
    course_path = "question__course"
    list_display = ["user", "question", "rating", "score", "source", "effective_at", "is_undo"]
    list_filter = ["question__course", "source", "rating"]
    list_select_related = ["user", "question"]
    search_fields = ["user__email", "user__name", "question__slug"]
    search_help_text = _("Learner or question")
    date_hierarchy = "effective_at"
    ordering = ["-effective_at"]

    @admin.display(description=_("undoes another"), boolean=True)
    def is_undo(self, review: Review) -> bool:
        return review.undoes is not None


@admin.register(MemoryState)
class MemoryStateAdmin(OfCourses):
    course_path = "question__course"
    list_display = ["user", "question", "state", "stability", "difficulty", "due", "reps", "lapses"]
    list_filter = ["question__course", "state"]
    list_select_related = ["user", "question"]
    search_fields = ["user__email", "user__name", "question__slug"]
    search_help_text = _("Learner or question")
    date_hierarchy = "due"
