"""The page Plan: what a learner wants of a day, of a week, of a course, and what that leads to."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from quizzes.form_fields import number_in
from quizzes.memory.planning import deciding, outlook, wording
from quizzes.memory.planning.forms import MOST, CourseForm, PlanForm, decision_of, forms_of, in_per_cent
from quizzes.memory.planning.outlook import CourseOutlook, PlanOutlook
from quizzes.memory.reviewing.learners import LearnerRequest, for_learners


@for_learners
@require_http_methods(["GET", "POST"])
def study_plan(request: LearnerRequest) -> HttpResponse:
    """Show the plan; keep the one that is sent."""
    found = outlook.of_learner(request.user, timezone.now())
    form, courses = forms_of(found, request.POST if request.method == "POST" else None)
    if request.method == "GET":
        return _page(request, found, form, courses)
    if not all([form.is_valid(), *(one.is_valid() for one in courses)]):
        return _page(request, found, form, courses, status=422)
    has_changed = deciding.decide(request.user, decision_of(form, courses))
    messages.success(request, _("Saved. All cards have new dates.") if has_changed else _("Saved."))
    return redirect("quizzes:study_plan")


@for_learners
@require_GET
def workload(request: LearnerRequest) -> HttpResponse:
    """The simulated workload alone, another desired retention marked; nothing is kept."""
    found = outlook.of_learner(request.user, timezone.now())
    asked = number_in(request.GET, "desired_retention", int(MOST))
    share = max(0.7, asked / 100) if asked else found.plan.plan.desired_retention
    shown = wording.workload(found.simulated, share)
    return render(request, "quizzes/plan_workload_part.html", {"workload": shown})


def _page(
    request: LearnerRequest, found: PlanOutlook, form: PlanForm, courses: list[CourseForm], status: int = 200
) -> HttpResponse:
    desired = found.plan.plan.desired_retention
    context: dict[str, Any] = {
        "form": form,
        "courses": [(_title(one.found), one, _exam(one.found)) for one in courses],
        "has_errors": any([form.errors, *(one.errors for one in courses)]),
        "workload": wording.workload(found.simulated, desired),
        "desired": in_per_cent(desired),
    }
    return render(request, "quizzes/plan.html", context, status=status)


def _title(one: CourseOutlook) -> str:
    text = one.course.text(get_language() or "")
    return text.title if text else one.course.slug


def _exam(one: CourseOutlook) -> wording.ExamShown | None:
    return wording.exam(one.outlook) if one.outlook else None
