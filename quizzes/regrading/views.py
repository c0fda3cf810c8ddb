"""What an instructor does about a question that turned out to be wrong: mend its key, look at what judging all answers
anew would change, decide, and take a decision back. Works without scripts."""

import uuid
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods

from accounts.models import User
from courses.problem_wording import in_words
from courses.upload_presentation import KINDS
from quizzes.models import Question, QuestionVersion
from quizzes.regrading import decisions, mending, presenting
from quizzes.regrading.access import decision_of, taught_question
from quizzes.regrading.decisions import ChangedMeanwhileError, RegradeError
from quizzes.regrading.difference import Difference

OUT = "out"
"""Instead of the number of a version: the question is kept out of memory."""


@require_http_methods(["GET", "HEAD", "POST"])
def regrade(request: HttpRequest, question_id: uuid.UUID) -> HttpResponse:
    """What judging by `?version=` (the newest, if left out) would change; a POST does just that, or says what is
    different by now (409)."""
    question = taught_question(request.user, question_id)
    chosen = (request.POST if request.method == "POST" else request.GET).get("version", "")
    version = None if chosen == OUT else _version(question, chosen)
    if request.method != "POST":
        return _page(request, question, version)
    reason = request.POST.get("reason", "").strip()
    if not reason:
        return _page(request, question, version, status=422, missing_reason=True)
    return _decide(request, question, version, reason)


def _decide(request: HttpRequest, question: Question, version: QuestionVersion | None, reason: str) -> HttpResponse:
    expected, now = request.POST.get("expected", ""), timezone.now()
    author = cast("User", request.user)
    try:
        if version is None:
            decisions.exclude(question, author=author, reason=reason, now=now, expected=expected)
        else:
            decisions.regrade(question, version, author=author, reason=reason, now=now, expected=expected)
    except ChangedMeanwhileError as changed:
        return _page(request, question, version, found=changed.difference, status=409, is_changed=True, reason=reason)
    except RegradeError:
        return _page(request, question, version, status=409)
    done = (
        gettext("The question is kept out of memory.") if version is None else gettext("All answers are judged anew.")
    )
    messages.success(request, done)
    return redirect("quizzes:regrade", question.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, question_id: uuid.UUID, regrade_id: int) -> HttpResponse:
    """What taking a decision back would change; a POST takes it back."""
    question = taught_question(request.user, question_id)
    decision = decision_of(question, regrade_id)
    context: dict[str, Any] = {**_frame(question), "decision": decision}
    status = 200
    try:
        if request.method == "POST":
            _take_back(request, question, regrade_id)
            messages.success(request, gettext("The decision is taken back."))
            return redirect("quizzes:regrade", question.pk)
        found = decisions.preview_undo(decision)
    except ChangedMeanwhileError as changed:
        found, status, context["is_changed"] = changed.difference, 409, True
    except RegradeError:
        messages.info(request, gettext("This has been taken back already."))
        return redirect("quizzes:regrade", question.pk)
    return render(request, "quizzes/regrade_undo.html", {**context, **_shown(question, found)}, status=status)


def _take_back(request: HttpRequest, question: Question, regrade_id: int) -> None:
    decisions.undo(
        decision_of(question, regrade_id),
        author=cast("User", request.user),
        reason=request.POST.get("reason", "").strip(),
        now=timezone.now(),
        expected=request.POST.get("expected", ""),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def mend(request: HttpRequest, question_id: uuid.UUID) -> HttpResponse:
    """The question as its author wrote it; a POST saves a new version, unless it has errors (422) or somebody else has
    saved one meanwhile (409)."""
    question = taught_question(request.user, question_id)
    if question.kind in mending.UNMENDED:
        return redirect("quizzes:regrade", question.pk)
    assert question.current is not None
    number = question.current.number
    if request.method != "POST":
        return _mending_page(request, question, mending.written(question), number)
    text = request.POST.get("text", "").replace("\r\n", "\n")
    sent = request.POST.get("based_on", "")
    based_on = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 9 else -1
    try:
        version = mending.save(question, text, based_on=based_on, now=timezone.now())
    except mending.ConflictError:
        return _mending_page(request, question, text, number, status=409, newest=mending.written(question))
    except mending.RefusedError as refused:
        findings = [{"line": one.line, "said": in_words(one.message)} for one in refused.problems]
        return _mending_page(request, question, text, based_on, status=422, findings=findings)
    if version is None:
        messages.info(request, gettext("Nothing has changed: this is what the question says already."))
    else:
        words = gettext(
            "Saved as version %(number)d. It is asked from now on; below is what judging by it would change."
        )
        messages.success(request, words % {"number": version.number})
    return redirect("quizzes:regrade", question.pk)


# --- the pages -------------------------------------------------------------------------------------------------------


def _version(question: Question, chosen: str) -> QuestionVersion:
    """The chosen version; the current one, if that is none."""
    assert question.current is not None
    if chosen.isascii() and chosen.isdigit() and len(chosen) < 9:
        return question.versions.filter(number=int(chosen)).first() or question.current
    return question.current


def _frame(question: Question) -> dict[str, Any]:
    locale = get_language() or ""
    return {
        "question": question,
        "course": question.course,
        "course_text": question.course.text(locale),
        "kind": KINDS.get(question.kind, question.kind),
        "prompt": presenting.prompt(question, locale),
        "may_mend": question.kind not in mending.UNMENDED,
    }


def _shown(question: Question, found: Difference) -> dict[str, Any]:
    return {"shown": presenting.shown(found, get_language() or "", question.course.fallback), "difference": found}


def _page(
    request: HttpRequest,
    question: Question,
    version: QuestionVersion | None,
    *,
    found: Difference | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    context = {
        **_frame(question),
        "versions": presenting.versions(question, get_language() or ""),
        "decisions": presenting.decisions(question),
        "chosen": version,
        "is_exclusion": version is None,
        "reason": request.POST.get("reason", ""),
        **more,
    }
    try:
        context |= _shown(question, found or decisions.preview(question, version))
    except RegradeError as refused:
        context["refused"] = refused.code
    return render(request, "quizzes/regrade.html", context, status=status)


def _mending_page(
    request: HttpRequest, question: Question, text: str, based_on: int, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {**_frame(question), "text": text, "based_on": based_on, "lines": max(12, text.count("\n") + 3), **more}
    return render(request, "quizzes/regrade_mend.html", context, status=status)
