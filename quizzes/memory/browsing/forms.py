"""What a learner fills in: the two sides of a card, or a file of cards."""

import uuid
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from courses.models import Course, Progress
from courses.upload_forms import megabytes
from quizzes.memory.browsing import tables
from quizzes.memory.browsing.files import text_fault
from quizzes.memory.browsing.own_cards import CardTextError, TooManyCardsError

MAX_TEXT: Final = 10_000


def too_large(size: int) -> str:
    values = {"size": megabytes(size), "most": megabytes(tables.MAX_BYTES)}
    return gettext("This file has %(size)s; at most %(most)s are taken.") % values


class _InCourse(forms.Form):
    """The course of a card: that of the lesson opened last, unless another is chosen."""

    course = forms.ChoiceField(label=_("Course"))

    def __init__(self, user: User, locale: str, sent: Any = None, files: Any = None, **more: Any) -> None:
        super().__init__(sent, files, **more)
        self.courses = {course.slug: course for course in Course.objects.published().with_texts()}
        field = self.fields["course"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (slug, text.title if (text := course.text(locale)) else slug) for slug, course in self.courses.items()
        ]
        if "course" not in self.initial:
            opened = Progress.objects.by(user.pk).filter(lesson__course__archived_at=None).order_by("-updated_at")
            self.initial["course"] = opened.values_list("lesson__course__slug", flat=True).first()
        if len(self.courses) == 1:
            field.widget = forms.HiddenInput()
            self.initial["course"] = next(iter(self.courses))

    def clean_course(self) -> Course:
        return self.courses[self.cleaned_data["course"]]


class OwnCardForm(forms.Form):
    """`id` is made with the form, so that a form sent twice is one card."""

    id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    section = forms.UUIDField(widget=forms.HiddenInput, required=False)
    front = forms.CharField(
        label=pgettext_lazy("side of a card", "Front"),
        help_text=_("What you want to be asked."),
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write what the card shall ask.")},
    )
    back = forms.CharField(
        label=pgettext_lazy("side of a card", "Back"),
        help_text=_("What you want to know then."),
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": _("Write what the answer is.")},
    )

    def refuse(self, fault: Exception) -> None:
        """Tell why the card was not kept; nothing that was written is lost."""
        if isinstance(fault, CardTextError):
            self.add_error(fault.side, text_fault(fault))
        elif isinstance(fault, TooManyCardsError):
            message = _("You have %(most)s cards of your own, and more are not kept; put-away ones count.")
            self.add_error(None, message % {"most": fault.most})
        else:
            raise fault


class NewCardForm(_InCourse, OwnCardForm):
    field_order = ["front", "back", "course", "section", "id"]


class CardFileForm(_InCourse):
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "CSV or TSV with the columns front and back; a column id tells which card it is. "
            "At most 1 MB and 5,000 cards."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt"}),
        error_messages={
            "required": _("Choose a file first."),
            "empty": _("This file is empty."),
            "missing": _("Choose a file first."),
        },
    )
    field_order = ["file", "course"]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > tables.MAX_BYTES:
            raise ValidationError(too_large(file.size))
        return file
