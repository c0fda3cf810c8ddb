"""Tables of courses and of how far each learner has read.

Content (Course, Lesson, Section, Concept) is archived, never deleted, because progress, attempts and memory hang on it.
Its texts are rows per locale, written only by `courses.importing`. Progress is written only by `courses.progress`.
"""

from collections.abc import Iterable, Sequence
from typing import Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Prefetch, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

# Django looks for tables here.
from courses.upload_models import CourseUpload as CourseUpload  # noqa: PLC0414
from courses.upload_models import UploadPiece as UploadPiece  # noqa: PLC0414
from courses.version_models import LessonVersion as LessonVersion  # noqa: PLC0414

Text = TypeVar("Text", "CourseText", "ConceptText", "LessonBody")


def in_locale(texts: Iterable[Text], locale: str, fallback: str) -> Text | None:
    """Return the text in `locale`, else in `fallback` (the course's first locale), else any."""
    by_locale = {text.locale: text for text in texts}
    return by_locale.get(locale) or by_locale.get(fallback) or next(iter(by_locale.values()), None)


class CourseQuerySet(models.QuerySet["Course"]):
    def published(self) -> Self:
        return self.filter(archived_at=None)

    def with_texts(self) -> Self:
        return self.prefetch_related("texts")


class Course(models.Model):
    """A course has lessons in order. `locales` says in which languages; the first is the one to fall back on."""

    id = models.UUIDField(primary_key=True, editable=False)
    slug = models.SlugField(_("slug"), max_length=100, unique=True)
    licence = models.CharField(_("licence"), max_length=100, blank=True)
    locales = models.JSONField(_("languages"), default=list)
    content_hash = models.CharField(_("content hash"), max_length=64, blank=True)
    archived_at = models.DateTimeField(_("archived at"), null=True, blank=True)
    # When somebody last changed it here; an import of its folder takes that back, and so is only made when asked for.
    edited_at = models.DateTimeField(_("edited at"), null=True, blank=True)
    instructors = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="instructed_courses", verbose_name=_("instructors")
    )

    objects = CourseQuerySet.as_manager()

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug

    def get_absolute_url(self) -> str:
        return reverse("courses:course", args=[self.slug])

    @property
    def fallback(self) -> str:
        locales: Sequence[str] = self.locales
        return locales[0] if locales else settings.LANGUAGE_CODE

    def text(self, locale: str) -> "CourseText | None":
        return in_locale(self.texts.all(), locale, self.fallback)


class CourseText(models.Model):
    course = models.ForeignKey(Course, models.CASCADE, related_name="texts", verbose_name=_("course"))
    locale = models.CharField(_("language"), max_length=20)
    title = models.CharField(_("title"), max_length=200)
    summary = models.TextField(_("summary"), blank=True)

    class Meta:
        verbose_name = _("course text")
        verbose_name_plural = _("course texts")
        ordering = ["course", "locale"]
        constraints = [models.UniqueConstraint(fields=["course", "locale"], name="unique_course_text_in_locale")]

    def __str__(self) -> str:
        return self.title


def light_bodies() -> "Prefetch[str]":
    """Every body of a lesson, but only what a list shows: not the text."""
    return Prefetch("bodies", LessonBody.objects.defer("markdown", "parts", "contents"))


class LessonQuerySet(models.QuerySet["Lesson"]):
    def published(self) -> Self:
        return self.filter(archived_at=None, course__archived_at=None)

    def with_titles(self) -> Self:
        """With every body, but only what a list shows: not the text."""
        return self.prefetch_related(light_bodies())

    def with_texts(self) -> Self:
        """With every body, text included: for one lesson."""
        return self.prefetch_related(Prefetch("bodies", LessonBody.objects.defer("markdown")))

    def in_order(self) -> Self:
        return self.order_by("position", "slug")


class Lesson(models.Model):
    """A lesson of a course, at its place. What it says is in its bodies, one per locale."""

    id = models.UUIDField(primary_key=True, editable=False)
    course = models.ForeignKey(Course, models.PROTECT, related_name="lessons", verbose_name=_("course"))
    slug = models.SlugField(_("slug"), max_length=100)
    position = models.PositiveIntegerField(_("position"))
    folder = models.CharField(_("folder"), max_length=100, blank=True)
    archived_at = models.DateTimeField(_("archived at"), null=True, blank=True)

    objects = LessonQuerySet.as_manager()

    class Meta:
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")
        ordering = ["course", "position"]
        constraints = [models.UniqueConstraint(fields=["course", "slug"], name="unique_lesson_in_course")]

    def __str__(self) -> str:
        return self.slug

    def get_absolute_url(self) -> str:
        return reverse("courses:lesson", args=[self.course.slug, self.slug])

    @property
    def folder_name(self) -> str:
        """Where it stands in a course folder: where it was found, or would be put."""
        return self.folder or f"{self.position:02d}-{self.slug}"

    def body(self, locale: str) -> "LessonBody | None":
        return in_locale(self.bodies.all(), locale, self.course.fallback)


class LessonBody(models.Model):
    """One lesson in one language, rendered when it was imported.

    `parts`: `[{"html": …} | {"directive": "preset" | "question" | "challenge", "ref": …, "caption": html}]`, in the
    order of reading.
    `contents`: the headings, `[{"id", "title", "level"}]`. `minutes`: to read it, at least 1.
    """

    lesson = models.ForeignKey(Lesson, models.CASCADE, related_name="bodies", verbose_name=_("lesson"))
    locale = models.CharField(_("language"), max_length=20)
    title = models.CharField(_("title"), max_length=200)
    summary = models.TextField(_("summary"), blank=True)
    markdown = models.TextField(_("Markdown"))
    parts = models.JSONField(_("rendered parts"), default=list)
    contents = models.JSONField(_("table of contents"), default=list)
    minutes = models.PositiveIntegerField(_("minutes to read"), default=1)
    content_hash = models.CharField(_("content hash"), max_length=64)

    class Meta:
        verbose_name = _("lesson text")
        verbose_name_plural = _("lesson texts")
        ordering = ["lesson", "locale"]
        constraints = [models.UniqueConstraint(fields=["lesson", "locale"], name="unique_lesson_body_in_locale")]

    def __str__(self) -> str:
        return self.title


class LessonPicture(models.Model):
    """A picture that a text of the lesson shows; it is in the rendered text, too. `name`: its path in the folder."""

    lesson = models.ForeignKey(Lesson, models.CASCADE, related_name="pictures", verbose_name=_("lesson"))
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=10)
    content = models.BinaryField(_("content"))
    content_hash = models.CharField(_("content hash"), max_length=64)

    class Meta:
        verbose_name = _("picture of a lesson")
        verbose_name_plural = _("pictures of lessons")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["lesson", "name"], name="unique_picture_in_lesson")]

    def __str__(self) -> str:
        return self.name


class SectionQuerySet(models.QuerySet["Section"]):
    def published(self) -> Self:
        return self.filter(archived_at=None)

    def in_order(self) -> Self:
        return self.order_by("position", "slug")


class Section(models.Model):
    """A heading of a lesson: what a question can point at. Its title is in the contents of each body."""

    id = models.UUIDField(primary_key=True, editable=False)
    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="sections", verbose_name=_("lesson"))
    slug = models.SlugField(_("slug"), max_length=100)
    position = models.PositiveIntegerField(_("position"))
    archived_at = models.DateTimeField(_("archived at"), null=True, blank=True)

    objects = SectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        ordering = ["lesson", "position"]
        constraints = [models.UniqueConstraint(fields=["lesson", "slug"], name="unique_section_in_lesson")]

    def __str__(self) -> str:
        return self.slug

    def get_absolute_url(self) -> str:
        lesson = self.lesson.get_absolute_url()
        return lesson if self.archived_at else f"{lesson}#{self.slug}"


class ConceptQuerySet(models.QuerySet["Concept"]):
    def published(self) -> Self:
        return self.filter(archived_at=None, course__archived_at=None)

    def with_texts(self) -> Self:
        return self.prefetch_related("texts")


class Concept(models.Model):
    """A named idea of a course. Sections explain it, questions test it."""

    id = models.UUIDField(primary_key=True, editable=False)
    course = models.ForeignKey(Course, models.PROTECT, related_name="concepts", verbose_name=_("course"))
    slug = models.SlugField(_("slug"), max_length=100)
    position = models.PositiveIntegerField(_("position"), default=0)
    sections = models.ManyToManyField(Section, blank=True, related_name="concepts", verbose_name=_("explained in"))
    archived_at = models.DateTimeField(_("archived at"), null=True, blank=True)

    objects = ConceptQuerySet.as_manager()

    class Meta:
        verbose_name = _("concept")
        verbose_name_plural = _("concepts")
        ordering = ["course", "slug"]
        constraints = [models.UniqueConstraint(fields=["course", "slug"], name="unique_concept_in_course")]

    def __str__(self) -> str:
        return self.slug

    def text(self, locale: str, fallback: str) -> "ConceptText | None":
        return in_locale(self.texts.all(), locale, fallback)


class ConceptTextQuerySet(models.QuerySet["ConceptText"]):
    def explained_in(self, lesson: Lesson) -> Self:
        """The texts of concepts that a section of this lesson explains, in reading order."""
        published = self.filter(concept__archived_at=None)
        return (
            published.filter(concept__sections__lesson=lesson, concept__sections__archived_at=None)
            .annotate(first_explained=models.Min("concept__sections__position"))
            .order_by("first_explained", "concept__slug")
        )


class ConceptText(models.Model):
    """Name and definition of a concept in one language; `definition_html` is the rendered definition."""

    concept = models.ForeignKey(Concept, models.CASCADE, related_name="texts", verbose_name=_("concept"))
    locale = models.CharField(_("language"), max_length=20)
    name = models.CharField(_("name"), max_length=200)
    definition = models.TextField(_("definition"), blank=True)
    definition_html = models.TextField(_("rendered definition"), blank=True)

    objects = ConceptTextQuerySet.as_manager()

    class Meta:
        verbose_name = _("concept text")
        verbose_name_plural = _("concept texts")
        ordering = ["concept", "locale"]
        constraints = [models.UniqueConstraint(fields=["concept", "locale"], name="unique_concept_text_in_locale")]

    def __str__(self) -> str:
        return self.name


class ProgressQuerySet(models.QuerySet["Progress"]):
    def by(self, user_id: object) -> Self:
        return self.filter(user_id=user_id)

    def in_course(self, course: Course) -> Self:
        return self.filter(lesson__course=course, lesson__archived_at=None)


class Progress(models.Model):
    """How far one learner has read one lesson. It only grows, so the order in which devices report cannot matter.

    `position`: the furthest point read, 0…1. `sections`: slugs of the headings that have been on the screen.
    """

    # Read to the end, give or take the last lines below the fold.
    FINISHED = 0.95

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="progress", verbose_name=_("learner")
    )
    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="progress", verbose_name=_("lesson"))
    position = models.FloatField(_("position"), default=0.0)
    sections = models.JSONField(_("sections seen"), default=list)
    opened_at = models.DateTimeField(_("opened at"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = ProgressQuerySet.as_manager()

    class Meta:
        verbose_name = _("progress")
        verbose_name_plural = _("progress")
        ordering = ["-updated_at"]
        constraints = [
            models.UniqueConstraint(fields=["user", "lesson"], name="unique_progress_in_lesson"),
            models.CheckConstraint(condition=Q(position__gte=0, position__lte=1), name="progress_position_0_to_1"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} / {self.lesson_id}"

    @property
    def percent(self) -> int:
        return round(self.position * 100)

    @property
    def finished(self) -> bool:
        return self.position >= self.FINISHED


class SearchEntryQuerySet(models.QuerySet["SearchEntry"]):
    def published(self) -> Self:
        return self.filter(course__archived_at=None)

    def in_language(self, locale: str) -> Self:
        return self.filter(locale=locale)


class SearchEntry(models.Model):
    """One thing that a search can find, in one language: a cache of the content, written only by `courses.searching`.

    `title_words` and `body_words` are what the full-text index reads: normalised, a space around every Han character.
    The index itself (FTS5 on SQLite, GIN on PostgreSQL) stands in the migrations, with the triggers that keep it.
    """

    class Kind(models.TextChoices):
        SECTION = "section", _("section")
        CONCEPT = "concept", _("concept")
        QUESTION = "question", _("question")

    course = models.ForeignKey(Course, models.CASCADE, related_name="search_entries", verbose_name=_("course"))
    lesson = models.ForeignKey(Lesson, models.CASCADE, null=True, related_name="+", verbose_name=_("lesson"))
    locale = models.CharField(_("language"), max_length=20)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    target = models.UUIDField(_("target"))
    anchor = models.CharField(_("anchor"), max_length=100)
    title = models.CharField(_("title"), max_length=300)
    context = models.CharField(_("where it stands"), max_length=200, blank=True)
    body = models.TextField(_("body"), blank=True)
    title_words = models.TextField(_("words of the title"))
    body_words = models.TextField(_("words of the body"), blank=True)

    objects = SearchEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("search entry")
        verbose_name_plural = _("search entries")
        constraints = [
            models.UniqueConstraint(fields=["course", "locale", "kind", "target"], name="unique_search_entry")
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        if self.kind == self.Kind.CONCEPT or self.lesson is None:
            return reverse("courses:concept", args=[self.course.slug, self.anchor])
        return f"{self.lesson.get_absolute_url()}#{self.anchor}"
