"""What a learner does to the card of the review beside answering it: bury, suspend, take up again, note, type."""

import uuid
from typing import Final

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from quizzes import access
from quizzes.form_fields import htmx, uuid_in
from quizzes.memory.planning import queue
from quizzes.memory.reviewing import marks
from quizzes.memory.reviewing.learners import LearnerRequest, for_learners
from quizzes.memory.reviewing.marks import NoteChangedError
from quizzes.memory.reviewing.views import TYPING, address

_YEAR: Final = 60 * 60 * 24 * 365


@for_learners
@require_POST
def mark(request: LearnerRequest) -> HttpResponse:
    """Lay a card aside until tomorrow (`bury`) or for good (`suspend`), or take it up again (`take_up`)."""
    question, now = _question(request), timezone.now()
    wanted = request.POST.get("do", "")
    if wanted == "take_up":
        marks.take_up(request.user, [question], now=now)
        return redirect(address(request.POST, card=str(question)))
    if wanted == "suspend":
        marks.suspend(request.user, [question], now=now)
    elif wanted == "bury":
        _, tomorrow = queue.study_day(now, request.user.zone, request.user.day_start_hour)
        marks.bury(request.user, [question], until=tomorrow, now=now)
    else:
        raise Http404(access.NOTHING)
    return redirect(address(request.POST, marked=str(question)))


@for_learners
@require_POST
def note(request: LearnerRequest) -> HttpResponse:
    """Keep the learner's own words about a card. If another device has changed them meanwhile, both are shown."""
    question, now = _question(request), timezone.now()
    text, before = request.POST.get("note", ""), request.POST.get("before")
    context = {"question_id": question, "since": request.POST.get("since", "")}
    try:
        found = marks.note(request.user, question, _typed(text), now=now, instead_of=before and _typed(before))
    except NoteChangedError as changed:
        context |= {"note": changed.mark.note, "draft": text, "is_conflict": True}
        template = "quizzes/review_note.html" if htmx(request) else "quizzes/review_note_page.html"
        return render(request, template, context, status=200 if htmx(request) else 409)
    if not htmx(request):
        return redirect(address(request.POST, card=str(question)))
    return render(request, "quizzes/review_note.html", {**context, "note": found.note, "is_saved": True})


def _typed(text: str) -> str:
    """Return the text of a field as it was typed: browsers send other line ends, and no text holds a NUL."""
    return text.replace("\r\n", "\n").replace("\x00", "")


@for_learners
@require_POST
def typing(request: LearnerRequest) -> HttpResponse:
    """Have the answer of a flashcard typed before it is shown, or no longer; remembered by this browser."""
    question = uuid_in(request.POST, "question")
    response = redirect(address(request.POST, **({"card": str(question)} if question else {})))
    if request.POST.get("typing") == "on":
        response.set_cookie(TYPING, "on", _YEAR, httponly=True, samesite="Lax", secure=request.is_secure())
    else:
        response.delete_cookie(TYPING, samesite="Lax")
    return response


def _question(request: LearnerRequest) -> uuid.UUID:
    question = uuid_in(request.POST, "question")
    if question is None:
        raise Http404(access.NOTHING)
    return access.visible_question(question, request.user).pk
