"""What an instructor chooses: a file of questions and where it goes, or what to take away."""

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language_info, gettext, pgettext
from django.utils.translation import gettext_lazy as _

from courses.models import Course, Lesson
from courses.upload_forms import megabytes
from quizzes.bank.formats import FORMATS
from quizzes.interchange.items import MAX_BYTES

ENDINGS = ".gift,.txt,.xml,.csv,.xlsx"


def too_large(size: int) -> str:
    values = {"size": megabytes(size), "most": megabytes(MAX_BYTES)}
    return gettext("This file has %(size)s; at most %(most)s are taken.") % values


def language_name(code: str) -> str:
    try:
        return str(get_language_info(code)["name_local"])
    except KeyError:
        return code


class _Chosen(forms.Form):
    """Format, lesson and language: of the course, in the order of its lessons."""

    ids = "id_%s"

    format = forms.ChoiceField(label=_("Format"), required=False)
    lesson = forms.ChoiceField(label=_("Lesson"), required=False)
    locale = forms.ChoiceField(label=_("Language of the texts"))

    def __init__(self, course: Course, page_locale: str, sent: Any = None, files: Any = None) -> None:
        super().__init__(sent, files, auto_id=self.ids)
        self.initial["locale"] = page_locale if page_locale in course.locales else course.fallback
        lessons = Lesson.objects.published().filter(course=course).in_order().with_titles()
        self.lessons = {lesson.slug: lesson for lesson in lessons}
        titles = []
        for lesson in self.lessons.values():
            lesson.course = course
            body = lesson.body(page_locale)
            titles.append((lesson.slug, body.title if body else lesson.slug))
        self._choose("lesson", [("", self.lesson_left_open()), *titles])
        self._choose("format", [(one.name, one.label) for one in FORMATS.values()])
        self._choose("locale", [(code, language_name(code)) for code in course.locales])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def lesson_left_open(self) -> str:
        raise NotImplementedError

    def clean_lesson(self) -> Lesson | None:
        return self.lessons.get(self.cleaned_data["lesson"])


class ImportForm(_Chosen):
    """`upload` is made with the form, so that a form sent twice is one file."""

    upload = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    file = forms.FileField(
        label=_("File"),
        help_text=_("GIFT, Moodle XML, CSV, Excel or Aiken; at most 5 MB and 5,000 questions."),
        widget=forms.FileInput(attrs={"accept": ENDINGS}),
        error_messages={
            "required": _("Choose a file first."),
            "empty": _("This file is empty."),
            "missing": _("Choose a file first."),
        },
    )
    field_order = ["file", "format", "lesson", "locale", "upload"]

    def __init__(self, course: Course, page_locale: str, sent: Any = None, files: Any = None) -> None:
        super().__init__(course, page_locale, sent, files)
        known = [(one.name, one.label) for one in FORMATS.values()]
        self._choose("format", [("", pgettext("format", "what the file looks like")), *known])
        self.fields["lesson"].help_text = gettext("Where new questions go, after those that are there.")

    def lesson_left_open(self) -> str:
        return gettext("the one that each question’s category names")

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise ValidationError(too_large(file.size))
        return file


class ExportForm(_Chosen):
    ids = "export_%s"

    def __init__(self, course: Course, page_locale: str, sent: Any = None) -> None:
        super().__init__(course, page_locale, sent)
        self.fields["format"].required = True

    def lesson_left_open(self) -> str:
        return gettext("all of the course")
