"""The texts of lessons as they once were. Append-only; written only by `courses.versions`."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User

if TYPE_CHECKING:
    from courses.models import LessonBody


class Source(models.TextChoices):
    """How a text came to be what it is."""

    IMPORT = "import", pgettext_lazy("source of a version", "Import")
    EDITOR = "editor", pgettext_lazy("source of a version", "Editor")
    RESTORE = "restore", pgettext_lazy("source of a version", "Restored")


class LessonVersionQuerySet(models.QuerySet["LessonVersion"]):
    def of(self, body: "LessonBody") -> Self:
        return self.filter(lesson=body.lesson_id, locale=body.locale)

    def by(self, user: User) -> Self:
        return self.filter(author=user.pk)

    def newest_first(self) -> Self:
        return self.order_by("-number")

    def light(self) -> Self:
        """Without the texts."""
        return self.defer("markdown", "summary")


class LessonVersion(models.Model):
    """A lesson in one language after one change of its text. The one with the highest number is what its body says.

    `author` is None where a command imported it, and where the account is gone. `content_hash` is that of the text
    alone, however it is rendered (`versions.text_hash`).
    """

    lesson = models.ForeignKey("courses.Lesson", models.CASCADE, related_name="versions", verbose_name=_("lesson"))
    locale = models.CharField(_("language"), max_length=20)
    number = models.PositiveIntegerField(_("number"))
    title = models.CharField(_("title"), max_length=200)
    summary = models.TextField(_("summary"), blank=True)
    markdown = models.TextField(_("Markdown"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="lesson_versions",
        verbose_name=_("author"),
    )
    source = models.CharField(_("source"), max_length=10, choices=Source)
    created_at = models.DateTimeField(_("created at"))
    content_hash = models.CharField(_("content hash"), max_length=64)

    objects = LessonVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of a lesson text")
        verbose_name_plural = _("versions of lesson texts")
        ordering = ["lesson", "locale", "number"]
        constraints = [models.UniqueConstraint(fields=["lesson", "locale", "number"], name="unique_version_of_text")]

    def __str__(self) -> str:
        return f"{self.lesson_id} {self.locale} v{self.number}"
