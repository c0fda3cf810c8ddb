"""The daily review: one card, its answer, its rating, the next. A POST ends in a redirect; htmx gets only a part."""

import uuid
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from quizzes import access, presenting
from quizzes.form_fields import answer_in, htmx, number_in, uuid_in
from quizzes.memory import cards, queue, reviews, sittings
from quizzes.memory.cards import Card
from quizzes.memory.fsrs import Rating
from quizzes.memory.reviews import Result, ReviewItem
from quizzes.memory.sittings import Sitting
from quizzes.models import Review

WAKE_WITHIN_SECONDS = 3600
"""A page that waits for a step shows it by itself if that is due within an hour."""


class LearnerRequest(HttpRequest):
    user: User


@login_required
@require_GET
def review(request: LearnerRequest) -> HttpResponse:
    """The next card; after 20 of them a pause; in the end, when the next one comes back."""
    sitting = sittings.sitting(request.user, number_in(request.GET, "since"))
    if sitting.is_long:
        return _pause(request, sitting, timezone.now())
    return _next_card(request, sitting, timezone.now(), first=uuid_in(request.GET, "card"))


def _pause(request: LearnerRequest, sitting: Sitting, now: datetime) -> HttpResponse:
    context = {
        "sitting": sitting,
        "ratings": [(_name(rating), count) for rating, count in sitting.by_rating.items()],
        "left": queue.counts(request.user, now=now).due,
        "last": sitting.last,
        "last_due": _due_of(request.user, sitting.last),
        "now": now,
    }
    return _render(request, "pause", context)


def _next_card(
    request: LearnerRequest,
    sitting: Sitting,
    now: datetime,
    *,
    first: uuid.UUID | None = None,
    fault: str = "",
    status: int = 200,
) -> HttpResponse:
    """Show `first` if it may be asked, else the head of the queue."""
    today = queue.today(request.user, now=now)
    last = sitting.last
    in_line = [one.question for one in today.ready]
    wanted = list(dict.fromkeys([*([first] if first else []), *in_line[:1]]))
    states = cards.states_of(request.user, [*wanted, *([last.question_id] if last else [])])
    found = cards.load(request.user, wanted, states)
    if not found:
        return _nothing_left(request, sitting, today, now)
    card = found[0]
    left = len(in_line) + (card.question.pk not in in_line)
    context = _card_context(request.user, card, now) | {
        **_progress(sitting, left),
        "last": last,
        "last_due": states[last.question_id].due if last and last.question_id in states else None,
        "sitting": sitting,
        "now": now,
        "fault": fault,
        "given": request.POST.dict() if fault else {},
    }
    return _render(request, "card", context, status)


def _card_context(user: User, card: Card, now: datetime) -> dict[str, Any]:
    kind, review_id = card.question.kind, cards.coming_review_id(user, card.question.pk)
    return {
        "card": card,
        "question": card.public(get_language() or "", review_id),
        "review_id": review_id,
        "ratings": [(preview, _name(preview.rating)) for preview in card.previews(now, review_id)],
        "is_flashcard": kind == "flashcard",
        "explained_in": presenting.explained_in(card.question),
        "kind_template": f"quizzes/kinds/{kind}.html",
    }


def _progress(sitting: Sitting, left: int) -> dict[str, int]:
    return {"left": left, "done": len(sitting.reviews), "total": left + len(sitting.reviews)}


def _nothing_left(request: LearnerRequest, sitting: Sitting, today: queue.Today, now: datetime) -> HttpResponse:
    due = queue.next_due(request.user)
    seconds = max(1, int((due - now).total_seconds()) + 1) if due else None
    context = {
        "sitting": sitting,
        "waiting": len(today.waiting),
        "next_due": due,
        "wake_after": seconds if seconds and seconds <= WAKE_WITHIN_SECONDS else None,
        "last": sitting.last,
        "last_due": _due_of(request.user, sitting.last),
        "now": now,
    }
    return _render(request, "done", context)


@login_required
@require_POST
def rate(request: LearnerRequest) -> HttpResponse:
    """Keep the rating of a flashcard. The same card rated in two tabs, or twice, is one review: the first."""
    result = _record(request, {"rating": number_in(request.POST, "rating")})
    if result.status == "rejected":
        raise Http404(access.NOTHING)
    return redirect(_address(request.POST))


@login_required
@require_POST
def answer(request: LearnerRequest) -> HttpResponse:
    """Grade a response; show mark, feedback and where it is explained."""
    question = uuid_in(request.POST, "question")
    if question is None:
        raise Http404(access.NOTHING)
    version = access.version_of(access.visible_question(question), number_in(request.POST, "version"))
    result = _record(request, {"response": version.parsed.response_from_form(answer_in(request.POST))})
    if result.status == "rejected":
        sitting = sittings.sitting(request.user, number_in(request.POST, "since"))
        fault, status = presenting.fault(result.problem.code if result.problem else ""), 200 if htmx(request) else 422
        return _next_card(request, sitting, timezone.now(), first=version.question_id, fault=fault, status=status)
    since = {"since": request.POST.get("since", "")}
    return redirect(f"{reverse('quizzes:review_answered', args=[result.id])}?{urlencode(since)}")


@login_required
@require_GET
def answered(request: LearnerRequest, review_id: uuid.UUID) -> HttpResponse:
    """A question that was answered in the review: mark, feedback, the paragraph that explains it, when it returns."""
    related = ("version", "question__course", "question__section__lesson__course")
    rows = Review.objects.by(request.user.pk).filter(review_id=review_id, response__isnull=False)
    found = rows.select_related(*related).first()
    if found is None or found.version is None:
        raise Http404(access.NOTHING)
    locale, now = get_language() or "", timezone.now()
    sitting = sittings.sitting(request.user, number_in(request.GET, "since"))
    outcome = cards.outcome(found, locale).model_dump()
    texts = found.version.texts_in(locale, found.question.course.fallback)
    context = {
        "review": found,
        "question": found.version.parsed.asked_for(found.response).public(texts).model_dump(),
        "outcome": outcome,
        "right_parts": sum(outcome["parts"].values()),
        "kind_template": f"quizzes/kinds/{found.question.kind}.html",
        **_progress(sitting, queue.counts(request.user, now=now).due),
        "due": _due_of(request.user, found),
        "next": _address(request.GET),
        "now": now,
    }
    return _render(request, "answered", context)


@login_required
@require_POST
def undo(request: LearnerRequest) -> HttpResponse:
    """Take back one of the learner's own reviews, and ask its card again."""
    review_id, now = uuid_in(request.POST, "review"), timezone.now()
    found = Review.objects.by(request.user.pk).filter(review_id=review_id, undoes=None).first() if review_id else None
    if found is None:
        raise Http404(access.NOTHING)
    item = ReviewItem(
        id=uuid.uuid5(found.review_id, "undo"), question=found.question_id, occurred_at=now, undoes=found.review_id
    )
    reviews.record(request.user, [item], source=Review.Source.FLASHCARD, now=now)
    return redirect(_address(request.POST, card=str(found.question_id)))


def _record(request: LearnerRequest, given: dict[str, Any]) -> Result:
    """Keep what the form holds: one review under the id that the page made for it."""
    now = timezone.now()
    item = {
        "id": request.POST.get("review"),
        "question": request.POST.get("question"),
        "version": number_in(request.POST, "version"),
        "occurred_at": now,
        "elapsed_ms": number_in(request.POST, "elapsed_ms"),
        **given,
    }
    return reviews.record(request.user, reviews.read_all([item]), source=Review.Source.FLASHCARD, now=now)[0]


def _address(form: QueryDict, **more: str) -> str:
    """Return the address of the next card of the same sitting."""
    since = number_in(form, "since")
    query = ({} if since is None else {"since": str(since)}) | more
    return f"{reverse('quizzes:review')}?{urlencode(query)}" if query else reverse("quizzes:review")


def _due_of(user: User, last: Review | None) -> datetime | None:
    if last is None:
        return None
    state = cards.states_of(user, [last.question_id]).get(last.question_id)
    return state.due if state else None


def _name(rating: Rating) -> str:
    return {Rating.AGAIN: _("Again"), Rating.HARD: _("Hard"), Rating.GOOD: _("Good"), Rating.EASY: _("Easy")}[rating]


def _render(request: HttpRequest, part: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Render the page around one of its partials, or for htmx only the partial."""
    template = f"quizzes/review_{part}.html" if htmx(request) else "quizzes/review.html"
    return render(request, template, {**context, "part": f"quizzes/review_{part}.html"}, status=status)
