"""What a learner chooses: a package and the course of its cards, or what to take away."""

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from courses.models import Course
from courses.upload_forms import megabytes


def too_large(size: int) -> str:
    values = {"size": megabytes(size), "most": megabytes(settings.ANKI_PACKAGE_BYTES)}
    return gettext("This package has %(size)s; at most %(most)s are taken.") % values


class _OfCourse(forms.Form):
    course = forms.ChoiceField(label=_("Course"))

    def __init__(self, locale: str, sent: Any = None, files: Any = None, auto_id: str = "id_%s") -> None:
        super().__init__(sent, files, auto_id=auto_id)
        self.courses = {course.slug: course for course in Course.objects.published().with_texts()}
        field = self.fields["course"]
        assert isinstance(field, forms.ChoiceField)
        texts = [(slug, course.text(locale)) for slug, course in self.courses.items()]
        titles = {slug: text.title if text else slug for slug, text in texts}
        field.choices = [(slug, titles[slug]) for slug in sorted(titles, key=titles.__getitem__)]

    def clean_course(self) -> Course:
        return self.courses[self.cleaned_data["course"]]


class ImportForm(_OfCourse):
    """`upload` is made with the form, so that a form sent twice is one package."""

    upload = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    file = forms.FileField(
        label=_("Package of Anki (.apkg)"),
        widget=forms.FileInput(attrs={"accept": ".apkg,.colpkg"}),
        error_messages={
            "required": _("Choose a file first."),
            "empty": _("This file is empty."),
            "missing": _("Choose a file first."),
        },
    )
    field_order = ["file", "course", "upload"]

    def __init__(self, locale: str, sent: Any = None, files: Any = None) -> None:
        super().__init__(locale, sent, files)
        self.fields["course"].label = gettext("The cards belong to")

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.ANKI_PACKAGE_BYTES:
            raise ValidationError(too_large(file.size))
        return file


class ExportForm(_OfCourse):
    scheduling = forms.BooleanField(
        label=_("With my memory: intervals, stability and every review"), required=False, initial=True
    )

    def __init__(self, locale: str, sent: Any = None) -> None:
        super().__init__(locale, sent, auto_id="export_%s")
