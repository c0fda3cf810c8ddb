"""Packages of Anki between preview and import, and the pictures of a learner's own cards.

Written only by `quizzes.memory.anki.files` (packages) and `quizzes.memory.anki.pictures`.
"""

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class AnkiPackageQuerySet(models.QuerySet["AnkiPackage"]):
    def by(self, user_id: uuid.UUID) -> Self:
        return self.filter(owner=user_id)

    def waiting(self) -> Self:
        return self.filter(status=AnkiPackage.Status.READY)

    def older_than(self, moment: datetime) -> Self:
        return self.filter(made_at__lt=moment)

    def takeable(self, silent_since: datetime) -> Self:
        """To be imported, and nobody is at it; or whoever was has said nothing since then."""
        nobody = Q(token=None) | Q(worked_at__lt=silent_since)
        return self.filter(nobody, status=AnkiPackage.Status.IMPORTING)


class AnkiPackage(models.Model):
    """What a learner has sent, for themselves alone. Kept for a day; its bytes (`AnkiContent`) until it is imported.

    `progress`: {"cards", "reviews"} done so far and {"all_cards", "all_reviews"}. `result`: what the import did.
    """

    class Status(models.TextChoices):
        READY = "ready", pgettext_lazy("package", "ready to import")
        IMPORTING = "importing", pgettext_lazy("package", "is being imported")
        IMPORTED = "imported", pgettext_lazy("package", "imported")
        FAILED = "failed", pgettext_lazy("package", "stopped")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="anki_packages", verbose_name=_("owner")
    )
    course = models.ForeignKey("courses.Course", models.CASCADE, related_name="+", verbose_name=_("course"))
    name = models.CharField(_("name"), max_length=200)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.READY)
    token = models.UUIDField(_("token of the worker"), null=True)
    worked_at = models.DateTimeField(_("last sign of the worker"), null=True)
    progress = models.JSONField(_("progress"), default=dict)
    result = models.JSONField(_("result"), default=dict)
    made_at = models.DateTimeField(_("made at"))
    imported_at = models.DateTimeField(_("imported at"), null=True)

    objects = AnkiPackageQuerySet.as_manager()

    class Meta:
        verbose_name = _("Anki package")
        verbose_name_plural = _("Anki packages")
        ordering = ["-made_at"]
        indexes = [models.Index(fields=["made_at"])]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("quizzes:anki_package", args=[self.pk])


class AnkiContent(models.Model):
    """The bytes of a package. In a row of their own: SQLite writes a whole row again for every step of the progress."""

    package = models.OneToOneField(
        AnkiPackage, models.CASCADE, primary_key=True, related_name="stored", verbose_name=_("Anki package")
    )
    content = models.BinaryField(_("content"))

    class Meta:
        verbose_name = _("content of an Anki package")
        verbose_name_plural = _("contents of Anki packages")

    def __str__(self) -> str:
        return str(self.package_id)


class OwnPictureQuerySet(models.QuerySet["OwnPicture"]):
    def by(self, user_id: uuid.UUID) -> Self:
        return self.filter(owner=user_id)

    def light(self) -> Self:
        """Without their bytes."""
        return self.defer("content")


class OwnPicture(models.Model):
    """A picture on cards that a learner made, shown to nobody else. The same bytes are kept once.

    Texts name it as `![what there is to see](picture:<id>)`.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="own_pictures", verbose_name=_("owner")
    )
    name = models.CharField(_("name"), max_length=200)
    media_type = models.CharField(_("media type"), max_length=20)
    size = models.PositiveIntegerField(_("bytes"))
    content = models.BinaryField(_("content"))
    made_at = models.DateTimeField(_("made at"))

    objects = OwnPictureQuerySet.as_manager()

    class Meta:
        verbose_name = _("own picture")
        verbose_name_plural = _("own pictures")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("quizzes:own_picture", args=[self.pk])
