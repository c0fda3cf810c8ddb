"""The lab: a learner's own reviews as a data set, and a network's log-loss beside that of FSRS."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from courses.models import LessonBody, in_locale
from quizzes.memory.lab import presenting, rows, sets
from quizzes.memory.lab.sets import Memory
from sandbox.uploads import NoRoomError

LESSON = "training-validation-and-test-sets"
"""The lesson that this is an example of, where a course has it."""


class LearnerRequest(HttpRequest):
    user: User


@login_required
@require_GET
def show(request: LearnerRequest) -> HttpResponse:
    """What the data is, how well FSRS predicts it, and how well the learner's networks do."""
    found = sets.of_learner(request.user, _memory(request.GET.get("memory")))
    runs = sets.runs_on(request.user, found.table) if found.table else []
    context = {**presenting.context(found, runs), "target": rows.TARGET, "lesson_body": _lesson()}
    return render(request, "quizzes/memory_lab.html", context)


def _lesson() -> LessonBody | None:
    """The title of the lesson in the reader's language. One query."""
    bodies = LessonBody.objects.filter(
        lesson__slug=LESSON, lesson__archived_at=None, lesson__course__archived_at=None
    ).order_by("lesson__course", "pk")
    titles = list(bodies.select_related("lesson__course").defer("markdown", "parts", "contents"))
    of_first = [title for title in titles if title.lesson_id == titles[0].lesson_id]
    return in_locale(of_first, get_language() or "", of_first[0].lesson.course.fallback) if of_first else None


@login_required
@require_POST
def make(request: LearnerRequest) -> HttpResponse:
    """Make the table of today's rows and open the studio with it. Pressed twice it is the same table."""
    memory = _memory(request.POST.get("memory"))
    try:
        table = sets.make(request.user, memory, now=timezone.now())
    except sets.NotEnoughError:
        messages.error(request, _("There is not enough to train on yet."))
        return redirect(_address(memory))
    except NoRoomError as full:
        words = _("You keep %(tables)d tables already, or %(megabytes)d MB of them. Remove one first.")
        messages.error(request, words % {"tables": full.most_tables, "megabytes": full.most_bytes // 1024**2})
        return redirect(_address(memory))
    return redirect(f"{reverse('sandbox:new_run')}?{urlencode({'table': table.pk, 'target': rows.TARGET})}")


def _memory(text: str | None) -> Memory:
    return "simulated" if text == "simulated" else "own"


def _address(memory: Memory) -> str:
    return reverse("quizzes:memory_lab") + ("?memory=simulated" if memory == "simulated" else "")
