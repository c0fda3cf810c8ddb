"""The form of the page Plan: the learner's day, and one part for each course that was begun."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from courses.models import Course
from quizzes.memory.planning.candidates import Wishes
from quizzes.memory.planning.deciding import Decision
from quizzes.memory.planning.outlook import CourseOutlook, PlanOutlook

EASY: Final = [("1", _("as usual")), ("0.5", _("half")), ("0", _("day off"))]
LEAST, MOST = Decimal(70), Decimal(97)


def _per_cent(**given: Any) -> forms.DecimalField:
    widget = forms.NumberInput(attrs={"step": "1", "inputmode": "decimal"})
    return forms.DecimalField(min_value=LEAST, max_value=MOST, max_digits=5, decimal_places=2, widget=widget, **given)


class PlanForm(forms.Form):
    new_per_day = forms.IntegerField(
        label=_("New cards a day, at most"),
        help_text=_("Each new card comes back several times in the weeks after. 0 pauses new cards."),
        min_value=0,
        max_value=500,
    )
    reviews_per_day = forms.IntegerField(
        label=_("Reviews a day, at most"),
        help_text=_("The most urgent come first; the others wait. Empty: all that are due."),
        required=False,
        min_value=1,
        max_value=5000,
    )
    minutes_per_day = forms.IntegerField(
        label=_("Minutes a day, at most"),
        help_text=_("Reviews first, then new cards, then the next lesson, as far as they fit. Empty: no limit."),
        required=False,
        min_value=1,
        max_value=600,
    )
    desired_retention = _per_cent(
        label=_("Per cent you want to know when a card comes back"),
        help_text=_("From 70 to 97. More means shorter pauses and more reviews. All cards are given new dates."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for weekday, name in WEEKDAYS.items():
            self.fields[f"day_{weekday}"] = forms.ChoiceField(label=name, choices=EASY)
        self.fields["desired_retention"].widget.attrs["autocomplete"] = "off"

    @property
    def days(self) -> list[forms.BoundField]:
        return [self[f"day_{weekday}"] for weekday in WEEKDAYS]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if all(cleaned.get(f"day_{weekday}") == "0" for weekday in WEEKDAYS):
            self.add_error("day_0", forms.ValidationError(_("Leave at least one day of the week."), code="no_day"))
        return cleaned


class CourseForm(forms.Form):
    desired_retention = _per_cent(
        label=_("Per cent you want to know"), help_text=_("Empty: as in all courses."), required=False
    )
    exam_on = forms.DateField(
        label=_("Exam on"),
        help_text=_("In the two weeks before, its cards are asked so that you know them on that day."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, given: Any, found: CourseOutlook, today: date, initial: dict[str, Any]) -> None:
        super().__init__(given, prefix=f"course-{found.course.slug}", initial=initial)
        self.found, self.today = found, today

    @property
    def course(self) -> Course:
        return self.found.course

    def clean_exam_on(self) -> date | None:
        exam_on: date | None = self.cleaned_data["exam_on"]
        if exam_on is not None and exam_on < self.today:
            raise forms.ValidationError(_("This day has passed."), code="passed")
        return exam_on


def forms_of(found: PlanOutlook, given: Any = None) -> tuple[PlanForm, list[CourseForm]]:
    """Return the forms as the plan stands, or bound to what was sent."""
    wishes, today = found.plan.wishes, found.today.date
    easy = {f"day_{day}": _choice(wishes.easy_days.get(day, 1.0)) for day in WEEKDAYS}
    initial = {
        "new_per_day": wishes.new_per_day,
        "reviews_per_day": wishes.reviews_per_day,
        "minutes_per_day": wishes.minutes_per_day,
        "desired_retention": in_per_cent(found.plan.plan.desired_retention),
    }
    return PlanForm(given, initial=initial | easy), [_course_form(given, one, today) for one in found.courses]


def _course_form(given: Any, one: CourseOutlook, today: date) -> CourseForm:
    retention = in_per_cent(one.desired) if one.desired else None
    exam_on = one.exam_on if one.exam_on and one.exam_on >= today else None
    return CourseForm(given, one, today, {"desired_retention": retention, "exam_on": exam_on})


def decision_of(form: PlanForm, courses: Sequence[CourseForm]) -> Decision:
    """Return what valid forms say."""
    day = form.cleaned_data
    exams: dict[UUID, date] = {}
    own: dict[UUID, float] = {}
    for one in courses:
        if one.cleaned_data["exam_on"]:
            exams[one.course.pk] = one.cleaned_data["exam_on"]
        if one.cleaned_data["desired_retention"]:
            own[one.course.pk] = share_of(one.cleaned_data["desired_retention"])
    wishes = Wishes(
        new_per_day=day["new_per_day"],
        reviews_per_day=day["reviews_per_day"],
        minutes_per_day=day["minutes_per_day"],
        easy_days={weekday: float(day[f"day_{weekday}"]) for weekday in WEEKDAYS},
        exams=exams,
    )
    return Decision(wishes, share_of(day["desired_retention"]), own)


def in_per_cent(share: float) -> str:
    return f"{share * 100:.2f}".rstrip("0").rstrip(".")


def share_of(per_cent: Decimal) -> float:
    return float(per_cent / 100)


def _choice(share: float) -> str:
    return f"{share:g}"
