"""What instructors see of their courses and learners. Texts come from course folders, so nothing here changes them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, F, IntegerField, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from config.read_only import ReadOnlyInline
from courses.access import CourseScopedAdmin, ReadOnlyCourseAdmin
from courses.models import (
    Concept,
    ConceptText,
    Course,
    CourseText,
    Lesson,
    LessonBody,
    Progress,
    Section,
    light_bodies,
)
from quizzes.models import Attempt, MemoryState

ARCHIVED = ("archived_at", admin.EmptyFieldListFilter)


class CourseTextInline(ReadOnlyInline):
    model = CourseText
    fields = readonly_fields = ("locale", "title", "summary")


class LessonInline(ReadOnlyInline):
    model = Lesson
    fields = readonly_fields = ("position", "slug", "archived_at")
    show_change_link = True


@admin.register(Course)
class CourseAdmin(CourseScopedAdmin):
    """The only thing that is set here is who teaches the course."""

    list_display = ["title", "slug", "languages", "lesson_count", "learner_count", "teachers", "archived_at"]
    list_filter = [ARCHIVED]
    search_fields = ["slug", "texts__title"]
    search_help_text = _("Slug or title")
    fields = ["id", "slug", "licence", "languages", "content_hash", "archived_at", "instructors"]
    readonly_fields = ["id", "slug", "licence", "languages", "content_hash", "archived_at"]
    inlines = [CourseTextInline, LessonInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).prefetch_related("texts", "instructors")
        annotated: QuerySet[Any] = rows.annotate(
            lesson_total=Count("lessons", filter=Q(lessons__archived_at=None), distinct=True),
            learner_total=Count("lessons__progress__user", distinct=True),
        )
        return annotated

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Boxes to tick: Django's two boxes side by side and its search field have no names for a screen reader."""
        staff = db_field.remote_field.model.objects.filter(is_staff=True)
        return db_field.formfield(
            queryset=staff,
            widget=forms.CheckboxSelectMultiple,
            help_text=_("Only people who may enter the administration are listed."),
        )

    @admin.display(description=_("title"))
    def title(self, course: Course) -> str:
        text = course.text(_locale())
        return text.title if text else course.slug

    @admin.display(description=_("languages"))
    def languages(self, course: Course) -> str:
        return ", ".join(course.locales)

    @admin.display(description=_("lessons"), ordering="lesson_total")
    def lesson_count(self, course: Any) -> int:
        return int(course.lesson_total)

    @admin.display(description=_("learners"), ordering="learner_total")
    def learner_count(self, course: Any) -> int:
        return int(course.learner_total)

    @admin.display(description=_("instructors"))
    def teachers(self, course: Course) -> str:
        return ", ".join(str(user) for user in course.instructors.all())


class LessonBodyInline(ReadOnlyInline):
    model = LessonBody
    fields = readonly_fields = ("locale", "title", "summary", "minutes", "preview")
    verbose_name_plural = _("texts")

    @admin.display(description=_("text"))
    def preview(self, body: LessonBody) -> SafeString:
        """The rendered text, folded. It has been cleaned when it was imported."""
        html = render_to_string("courses/parts.html", {"parts": body.parts, "body": body})
        return format_html(
            '<details><summary>{}</summary><div lang="{}">{}</div></details>',
            gettext("Show"), body.locale, mark_safe(html),
        )  # fmt: skip


class SectionInline(ReadOnlyInline):
    model = Section
    fields = readonly_fields = ("position", "slug", "explains", "archived_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("concepts")

    @admin.display(description=_("concepts"))
    def explains(self, section: Section) -> str:
        return ", ".join(concept.slug for concept in section.concepts.all())


@admin.register(Lesson)
class LessonAdmin(ReadOnlyCourseAdmin):
    course_path = "course"
    list_display = ["title", "course", "position", "opened", "finished", "on_the_site", "archived_at"]
    list_filter = [("course", admin.RelatedOnlyFieldListFilter), ARCHIVED]
    list_select_related = ["course"]
    search_fields = ["slug", "bodies__title"]
    search_help_text = _("Slug or title")
    ordering = ["course", "position"]
    fields = ["id", "course", "slug", "position", "on_the_site", "archived_at"]
    readonly_fields = ["on_the_site"]
    inlines = [LessonBodyInline, SectionInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).prefetch_related(light_bodies())
        read = Q(progress__position__gte=Progress.FINISHED)
        annotated: QuerySet[Any] = rows.annotate(
            opened_total=Count("progress"), finished_total=Count("progress", filter=read)
        )
        return annotated

    @admin.display(description=_("title"))
    def title(self, lesson: Lesson) -> str:
        body = lesson.body(_locale())
        return body.title if body else lesson.slug

    @admin.display(description=_("opened by"), ordering="opened_total")
    def opened(self, lesson: Any) -> int:
        return int(lesson.opened_total)

    @admin.display(description=_("read by"), ordering="finished_total")
    def finished(self, lesson: Any) -> int:
        return int(lesson.finished_total)

    @admin.display(description=_("page"))
    def on_the_site(self, lesson: Lesson) -> SafeString | str:
        if lesson.archived_at is not None:
            return "–"
        return format_html('<a href="{}">{}</a>', lesson.get_absolute_url(), gettext("Read"))


class ConceptTextInline(ReadOnlyInline):
    model = ConceptText
    fields = readonly_fields = ("locale", "name", "definition")


@admin.register(Concept)
class ConceptAdmin(ReadOnlyCourseAdmin):
    course_path = "course"
    list_display = ["name", "slug", "course", "explained_in", "question_count", "archived_at"]
    list_filter = [("course", admin.RelatedOnlyFieldListFilter), ARCHIVED]
    list_select_related = ["course"]
    search_fields = ["slug", "texts__name"]
    search_help_text = _("Slug or name")
    fields = ["id", "course", "slug", "explained_in", "archived_at"]
    readonly_fields = ["explained_in"]
    inlines = [ConceptTextInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).prefetch_related("texts", "sections__lesson")
        asked = Q(questions__archived_at=None)
        annotated: QuerySet[Any] = rows.annotate(question_total=Count("questions", filter=asked, distinct=True))
        return annotated

    @admin.display(description=_("name"))
    def name(self, concept: Concept) -> str:
        text = concept.text(_locale(), concept.course.fallback)
        return text.name if text else concept.slug

    @admin.display(description=_("explained in"))
    def explained_in(self, concept: Concept) -> str:
        return ", ".join(f"{section.lesson.slug}#{section.slug}" for section in concept.sections.all())

    @admin.display(description=_("questions"), ordering="question_total")
    def question_count(self, concept: Any) -> int:
        return int(concept.question_total)


class ReadFilter(admin.SimpleListFilter):
    title = _("read")
    parameter_name = "read"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("to the end")), ("no", _("not to the end"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        finished = Q(position__gte=Progress.FINISHED)
        return {"yes": queryset.filter(finished), "no": queryset.exclude(finished)}.get(self.value() or "", queryset)


@admin.register(Progress)
class ProgressAdmin(ReadOnlyCourseAdmin):
    """How each learner is getting on, lesson by lesson."""

    course_path = "lesson__course"
    list_display = ["learner", "course", "lesson", "read", "sections_seen", "best_quiz", "cards_due", "last_seen"]
    list_filter = [
        ("lesson__course", admin.RelatedOnlyFieldListFilter),
        ("lesson", admin.RelatedOnlyFieldListFilter),
        ReadFilter,
        "updated_at",
    ]
    list_select_related = ["user", "lesson__course"]
    search_fields = ["user__email", "user__name"]
    search_help_text = _("E-mail or name of a learner")
    date_hierarchy = "updated_at"
    ordering = ["-updated_at"]
    fields = ["user", "lesson", "read", "sections", "best_quiz", "cards_due", "opened_at", "updated_at"]
    readonly_fields = ["read", "best_quiz", "cards_due"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).annotate(section_total=_count_of_sections())
        annotated: QuerySet[Any] = rows.annotate(best=_best_quiz(), due=_cards_due())
        return annotated

    @admin.display(description=_("learner"), ordering="user__email")
    def learner(self, progress: Progress) -> str:
        return f"{progress.user.name} · {progress.user.email}" if progress.user.name else progress.user.email

    @admin.display(description=_("course"), ordering="lesson__course__slug")
    def course(self, progress: Progress) -> str:
        return progress.lesson.course.slug

    @admin.display(description=_("read"), ordering="position")
    def read(self, progress: Progress) -> str:
        return f"{progress.percent} %"

    @admin.display(description=_("sections seen"))
    def sections_seen(self, progress: Any) -> str:
        return f"{len(progress.sections)} / {progress.section_total}"

    @admin.display(description=_("best quiz result"), ordering="best")
    def best_quiz(self, progress: Any) -> str:
        return "–" if progress.best is None else f"{round(progress.best * 100)} %"

    @admin.display(description=_("cards due"), ordering="due")
    def cards_due(self, progress: Any) -> int:
        return int(progress.due)

    @admin.display(description=_("last seen"), ordering="updated_at")
    def last_seen(self, progress: Progress) -> Any:
        return progress.updated_at


def _count_of_sections() -> Coalesce:
    sections = Section.objects.published().filter(lesson=OuterRef("lesson")).order_by().values("lesson")
    return Coalesce(Subquery(sections.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0)


def _best_quiz() -> Subquery:
    """The learner's best share of the marks in the quiz of this lesson, 0…1."""
    attempts = Attempt.objects.submitted().filter(
        user=OuterRef("user"), quiz__lesson=OuterRef("lesson"), max_score__gt=0
    )
    grouped = attempts.order_by().values("quiz__lesson")
    return Subquery(grouped.annotate(best=Max(F("score") / F("max_score"))).values("best"))


def _cards_due() -> Coalesce:
    """How many questions of this lesson the learner should review now."""
    states = MemoryState.objects.filter(user=OuterRef("user"), question__lesson=OuterRef("lesson"))
    due = states.filter(question__archived_at=None, due__lte=timezone.now()).order_by().values("question__lesson")
    return Coalesce(Subquery(due.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0)


def _locale() -> str:
    return get_language() or ""
