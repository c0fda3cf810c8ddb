"""What authors send: a file, and what the course of their notes shall be called."""

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from courses import uploads
from courses.decoding import MAX_NOTES_BYTES
from courses.models import Course
from courses.upload_models import CourseUpload

ENDINGS = ".md,.markdown,.txt,.zip"


def megabytes(size: int) -> str:
    """A size as people read it: `340 KB`, `2.5 MB`."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))} KB"
    return f"{size / 1_000_000:.1f}".removesuffix(".0") + " MB"


def too_large(size: int, most: int) -> str:
    values = {"size": megabytes(size), "most": megabytes(most)}
    return (
        gettext("This file has %(size)s; at most %(most)s are taken. Leave out pictures that no text shows.") % values
    )


class UploadForm(forms.Form):
    """`upload` is made with the form, so that a form sent twice is one upload."""

    upload = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    file = forms.FileField(
        label=_("File"),
        widget=forms.FileInput(attrs={"accept": ENDINGS}),
        error_messages={
            "required": _("Choose a file first."),
            "empty": _("This file is empty."),
            "missing": _("Choose a file first."),
        },
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.COURSE_UPLOAD_BYTES:
            raise ValidationError(too_large(file.size, settings.COURSE_UPLOAD_BYTES))
        is_zip = uploads.is_zip(file.read(4))
        file.seek(0)
        if not is_zip and file.size > MAX_NOTES_BYTES:
            values = {"size": megabytes(file.size), "most": megabytes(MAX_NOTES_BYTES)}
            message = gettext(
                "These notes have %(size)s; at most %(most)s are read at a time. Divide them or upload a course folder."
            )
            raise ValidationError(message % values)
        return file


class NotesForm(forms.Form):
    """What the course of some notes is called, where, and in which language it is written."""

    title = forms.CharField(label=_("Title of the course"), max_length=200)
    slug = forms.RegexField(
        r"^[a-z0-9]+(-[a-z0-9]+)*$",
        label=_("Address"),
        help_text=_("Small letters, digits and hyphens, as in /courses/deep-learning/."),
        max_length=100,
        error_messages={"invalid": _("An address has small letters, digits and single hyphens only.")},
    )
    locale = forms.ChoiceField(label=_("Language of the notes"), choices=settings.LANGUAGES)

    def __init__(self, author: User, upload: CourseUpload, sent: Any = None) -> None:
        super().__init__(sent, initial={"title": upload.title, "slug": upload.slug, "locale": upload.locale})
        self.author = author
        if upload.target:  # sent from the page of that course
            self.fields["slug"].disabled = True

    def clean_slug(self) -> str:
        slug = str(self.cleaned_data["slug"])
        if not uploads.may_write(self.author, Course.objects.filter(slug=slug).first()):
            raise ValidationError(gettext("There is a course with this address already, and you do not teach it."))
        return slug
