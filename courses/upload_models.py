"""What an author has sent: notes or a zip, until it is imported, and what became of it. Written only by
`courses.uploads`, where the states are drawn.
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

from accounts.models import User


class Status(models.TextChoices):
    UPLOADED = "uploaded", pgettext_lazy("upload", "waits to be read")
    CHECKING = "checking", pgettext_lazy("upload", "is being read")
    READY = "ready", pgettext_lazy("upload", "ready to import")
    REFUSED = "refused", pgettext_lazy("upload", "cannot be imported")
    IMPORTING = "importing", pgettext_lazy("upload", "is being imported")
    IMPORTED = "imported", pgettext_lazy("upload", "imported")
    FAILED = "failed", pgettext_lazy("upload", "stopped")


class Refusal(models.TextChoices):
    """Why a REFUSED upload cannot be imported; `detail` holds what the reader of the file says of it."""

    NONE = ""
    UNREADABLE = "unreadable"
    NO_COURSE = "no_course"
    SEVERAL_NOTES = "several_notes"
    ERRORS = "errors"
    NOT_YOURS = "not_yours"
    OTHER_COURSE = "other_course"


class Failure(models.TextChoices):
    """Why a FAILED upload stopped."""

    NONE = ""
    LOST = "lost"
    CRASHED = "crashed"


WORKED_ON = (Status.CHECKING, Status.IMPORTING)


class CourseUploadQuerySet(models.QuerySet["CourseUpload"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(owner=user.pk)

    def light(self) -> Self:
        """Without what only the page of one upload shows."""
        return self.defer("findings", "draft")

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")

    def never_imported(self) -> Self:
        return self.exclude(status=Status.IMPORTED)

    def waiting(self) -> Self:
        """What a worker may take, the oldest first: to be read, or to be imported because somebody said so."""
        waits = Q(status=Status.UPLOADED) | Q(status=Status.IMPORTING, lease_token=None)
        return self.filter(waits).order_by("created_at", "pk")

    def leased(self, upload_id: uuid.UUID, token: uuid.UUID) -> Self:
        """The one row, if this lease still holds it."""
        return self.filter(pk=upload_id, lease_token=token, status__in=WORKED_ON)

    def silent(self, now: datetime) -> Self:
        """Those whose worker has not been heard of for as long as a lease lasts."""
        return self.filter(status__in=WORKED_ON, lease_expires_at__lt=now)


class CourseUpload(models.Model):
    """One file, what was found in it, and whether it was imported.

    `title`, `slug` and `locale` are what its course is drafted with (notes) or what it says itself (a course folder).
    `findings` is what `courses.preview_folders` found; `draft` the report of drafting, for notes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="course_uploads", verbose_name=_("uploaded by")
    )
    course = models.ForeignKey(
        "courses.Course", models.SET_NULL, null=True, blank=True, related_name="uploads", verbose_name=_("course")
    )
    name = models.CharField(_("file"), max_length=200)
    size = models.PositiveIntegerField(_("bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    # The only course that it may be imported into, if it was sent from the page of one.
    target = models.CharField(_("meant for"), max_length=100, blank=True)
    is_notes = models.BooleanField(_("notes"), default=False)
    title = models.CharField(_("title"), max_length=200, blank=True)
    slug = models.CharField(_("slug"), max_length=100, blank=True)
    locale = models.CharField(_("language"), max_length=20, blank=True)

    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.UPLOADED)
    refusal = models.CharField(max_length=20, choices=Refusal, default=Refusal.NONE, blank=True)
    failure = models.CharField(max_length=20, choices=Failure, default=Failure.NONE, blank=True)
    detail = models.CharField(max_length=1_000, blank=True)
    findings = models.JSONField(_("findings"), default=dict, blank=True)
    draft = models.JSONField(_("report of drafting"), default=dict, blank=True)
    # The course as it was edited here when its author agreed that the import goes over it.
    agreed_edit = models.DateTimeField(null=True, blank=True)

    created_at = models.DateTimeField(_("uploaded at"))
    changed_at = models.DateTimeField(_("changed at"))
    imported_at = models.DateTimeField(_("imported at"), null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)

    objects = CourseUploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("upload of a course")
        verbose_name_plural = _("uploads of courses")
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["owner", "-created_at"], name="upload_of_author"),
            models.Index(fields=["status"], condition=~Q(status="imported"), name="upload_not_yet_imported"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("courses:upload", args=[self.pk])

    @property
    def is_under_way(self) -> bool:
        """Whether it is read or imported, or waits for that."""
        return self.status in (Status.UPLOADED, *WORKED_ON)

    @property
    def is_checked(self) -> bool:
        """Whether it has been read to its end, so that what is left to do is the import."""
        return bool(self.findings) and self.refusal == Refusal.NONE

    def is_silent(self, now: datetime) -> bool:
        return self.status in WORKED_ON and self.lease_expires_at is not None and self.lease_expires_at < now


class UploadPiece(models.Model):
    """A stretch of an uploaded file. In the database, so that every web process and every worker can reach it; in
    pieces, so that none of them holds the whole in memory."""

    upload = models.ForeignKey(CourseUpload, models.CASCADE, related_name="pieces", verbose_name=_("upload"))
    number = models.PositiveIntegerField(_("number"))
    content = models.BinaryField(_("content"))

    class Meta:
        verbose_name = _("piece of an upload")
        verbose_name_plural = _("pieces of uploads")
        ordering = ["upload", "number"]
        constraints = [models.UniqueConstraint(fields=["upload", "number"], name="unique_piece_of_upload")]

    def __str__(self) -> str:
        return f"{self.upload_id} / {self.number}"
