"""Files of questions between preview and import. Written only by `quizzes.bank.files`."""

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class QuestionFileQuerySet(models.QuerySet["QuestionFile"]):
    def by(self, author: User) -> Self:
        return self.filter(author=author)

    def waiting(self) -> Self:
        """Those that were not imported."""
        return self.filter(imported_at=None)

    def older_than(self, moment: datetime) -> Self:
        return self.filter(made_at__lt=moment)

    def light(self) -> Self:
        """Without what stands in them."""
        return self.defer("content")


class QuestionFile(models.Model):
    """What an instructor has sent, for themselves alone. Kept for a day; without its content once it is imported.

    `lesson`: where new questions go; None where each goes to the lesson that its category ends with. `result`: what the
    import did, for its page.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    course = models.ForeignKey("courses.Course", models.CASCADE, related_name="+", verbose_name=_("course"))
    lesson = models.ForeignKey("courses.Lesson", models.CASCADE, null=True, related_name="+", verbose_name=_("lesson"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="question_files", verbose_name=_("author")
    )
    name = models.CharField(_("name"), max_length=200)
    format = models.CharField(_("format"), max_length=20)
    locale = models.CharField(_("language"), max_length=20)
    content = models.BinaryField(_("content"))
    made_at = models.DateTimeField(_("made at"))
    imported_at = models.DateTimeField(_("imported at"), null=True)
    result = models.JSONField(_("result"), default=dict)

    objects = QuestionFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("file of questions")
        verbose_name_plural = _("files of questions")
        ordering = ["-made_at"]
        indexes = [models.Index(fields=["made_at"])]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("quizzes:question_file", args=[self.pk])
