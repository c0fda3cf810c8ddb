"""The daily review: one card, its answer, its rating, the next. A POST ends in a redirect; htmx gets only a part."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from quizzes import access, presenting
from quizzes.form_fields import answer_in, htmx, number_in, uuid_in
from quizzes.kinds.base import plain
from quizzes.memory import reviews
from quizzes.memory.fsrs import Rating
from quizzes.memory.planning import queue
from quizzes.memory.reviewing import cards, changes, leeches, marks, sittings, typed
from quizzes.memory.reviewing.cards import Card
from quizzes.memory.reviewing.learners import LearnerRequest, for_learners
from quizzes.memory.reviewing.sittings import Sitting
from quizzes.memory.reviews import Result, ReviewItem
from quizzes.models import Review

WAKE_WITHIN_SECONDS = 3600
"""A page that waits for a step shows it by itself if that is due within an hour."""
TYPING = "typing"
"""The cookie of a browser whose learner types answers before seeing them."""


@for_learners
@require_GET
def review(request: LearnerRequest) -> HttpResponse:
    """The next card; after 20 of them a pause; in the end, when the next one comes back."""
    sitting = sittings.sitting(request.user, number_in(request.GET, "since"))
    if sitting.is_long:
        return _pause(request, sitting, timezone.now())
    return next_card(request, sitting, timezone.now(), first=uuid_in(request.GET, "card"))


def _pause(request: LearnerRequest, sitting: Sitting, now: datetime) -> HttpResponse:
    today = queue.today(request.user, now=now)
    context = {
        "ratings": [(_name(rating), count) for rating, count in sitting.by_rating.items()],
        "left": len(today.ready),
        **_beside(request, sitting, _load(request.user, _ids_beside(request, sitting), today), now),
    }
    return _render(request, "pause", context)


def next_card(
    request: LearnerRequest,
    sitting: Sitting,
    now: datetime,
    *,
    first: uuid.UUID | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """Show `first` if it may be asked, else the head of the queue. `more` goes to the template."""
    today = queue.today(request.user, now=now)
    in_line = [one.question for one in today.ready]
    wanted = [*([first] if first else []), *in_line[:1]]
    found = _load(request.user, [*wanted, *_ids_beside(request, sitting)], today)
    card = next((found[id_] for id_ in wanted if id_ in found), None)
    beside = _beside(request, sitting, found, now)
    if card is None:
        return _nothing_left(request, today, now, beside)
    left = len(in_line) + (card.question.pk not in in_line)
    due = next((one for one in today.ready if one.question == card.question.pk), None)
    context = _card_context(request, card, now) | {
        **_progress(sitting, left),
        **beside,
        "why": _why(due) if due else "",
        "fault": "",
        "given": {},
        **more,
    }
    return _render(request, "card", context, status)


def _load(user: User, questions: Iterable[uuid.UUID], today: queue.Day) -> dict[uuid.UUID, Card]:
    return {card.question.pk: card for card in cards.load(user, list(questions), today.plan.plan, with_log=True)}


def _card_context(request: LearnerRequest, card: Card, now: datetime) -> dict[str, Any]:
    kind, review_id, locale = card.question.kind, card.coming_review_id, get_language() or ""
    return {
        "card": card,
        "question": card.public(locale, review_id),
        "review_id": review_id,
        "ratings": [(preview, _name(preview.rating)) for preview in card.previews(now, review_id)],
        "is_flashcard": kind == "flashcard",
        "explained_in": presenting.explained_in(card.question),
        "kind_template": f"quizzes/kinds/{kind}.html",
        "change": changes.since_last_seen(card, locale),
        "typing": request.COOKIES.get(TYPING) == "on",
        "note": card.mark.note if card.mark else "",
        "is_suspended": card.mark is not None and card.mark.suspended_at is not None,
    }


def _ids_beside(request: LearnerRequest, sitting: Sitting) -> list[uuid.UUID]:
    """Return the questions that are told about beside the card: the last one, the one just laid aside, the leech."""
    named = [uuid_in(request.GET, "marked"), uuid_in(request.GET, "leech")]
    return [id_ for id_ in [sitting.last.question_id if sitting.last else None, *named] if id_ is not None]


def _beside(
    request: LearnerRequest, sitting: Sitting, found: Mapping[uuid.UUID, Card], now: datetime
) -> dict[str, Any]:
    last = found.get(sitting.last.question_id) if sitting.last else None
    laid_aside, leech = (found.get(uuid_in(request.GET, name) or uuid.UUID(int=0)) for name in ("marked", "leech"))
    return {
        "sitting": sitting,
        "now": now,
        "last": sitting.last,
        "last_due": last.state.due if last and last.state else None,
        "laid_aside": laid_aside if laid_aside and marks.is_laid_aside(laid_aside.mark, now) else None,
        "leech": leech_context(request.user, leech) if leech else None,
    }


def leech_context(user: User, card: Card) -> dict[str, Any] | None:
    """Return what is said of a card that is a leech; None if it is none."""
    if card.state is None or not leeches.is_leech(card.state.lapses, card.state.reps):
        return None
    texts = card.texts(get_language() or "")
    return {
        "question": card.question,
        "wording": changes.wording(texts),
        "lapses": card.state.lapses,
        "is_suspended": card.mark is not None and card.mark.suspended_at is not None,
        "explained_in": presenting.explained_in(card.question),
        "help": leeches.help_with(user, card.question),
    }


def _why(due: queue.Due) -> str:
    """Return why a card is asked now, in a few words."""
    if due.why == queue.Why.EXAM and due.exam_in is not None:
        return ngettext(
            "Asked early, for the exam in %(days)d day.", "Asked early, for the exam in %(days)d days.", due.exam_in
        ) % {"days": due.exam_in}
    return {
        queue.Why.STEP: _("One more step of learning it."),
        queue.Why.DUE: _("You are about to forget this one."),
        queue.Why.CHANGED: _("Its text has changed since you saw it."),
        queue.Why.EARLY: _("A little early: there is room today."),
        queue.Why.NEW: _("New to you."),
    }.get(due.why, "")


def _progress(sitting: Sitting, left: int) -> dict[str, int]:
    return {"left": left, "done": len(sitting.reviews), "total": left + len(sitting.reviews)}


def _nothing_left(request: LearnerRequest, today: queue.Day, now: datetime, beside: Mapping[str, Any]) -> HttpResponse:
    due = queue.next_due(request.user)
    seconds = max(1, int((due - now).total_seconds()) + 1) if due else None
    context = {
        **beside,
        "waiting": len(today.waiting),
        "done": today.done,
        "next_due": due,
        "wake_after": seconds if seconds and seconds <= WAKE_WITHIN_SECONDS else None,
    }
    return _render(request, "done", context)


@for_learners
@require_POST
def rate(request: LearnerRequest) -> HttpResponse:
    """Keep the rating of a flashcard. The same card rated in two tabs, or twice, is one review: the first."""
    result = _record(request, {"rating": number_in(request.POST, "rating")}, timezone.now())
    if result.status == "rejected":
        raise Http404(access.NOTHING)
    return redirect(address(request.POST, **_news_of_leech(request, result)))


@for_learners
@require_POST
def compare(request: LearnerRequest) -> HttpResponse:
    """Show a flashcard's back beside what was typed. Nothing is kept, the learner rates alone."""
    question, text = uuid_in(request.POST, "question"), request.POST.get("typed", "").strip()
    if question is None:
        raise Http404(access.NOTHING)
    version = access.version_of(access.visible_question(question, request.user), number_in(request.POST, "version"))
    back = version.texts_in(get_language() or "", version.question.course.fallback).get("back")
    if back is None:
        raise Http404(access.NOTHING)
    comparison = typed.compare(text, plain(typed.breaks(back))) if text else None
    if htmx(request):
        return render(request, "quizzes/review_typed.html", {"comparison": comparison})
    sitting = sittings.sitting(request.user, number_in(request.POST, "since"))
    return next_card(request, sitting, timezone.now(), first=question, comparison=comparison, is_open=True)


@for_learners
@require_POST
def answer(request: LearnerRequest) -> HttpResponse:
    """Grade a response; show mark, feedback and where it is explained."""
    question, now = uuid_in(request.POST, "question"), timezone.now()
    result = _record(request, {"response": _response_in(request)}, now)
    if result.status == "rejected":
        sitting = sittings.sitting(request.user, number_in(request.POST, "since"))
        fault, status = presenting.fault(result.problem.code if result.problem else ""), 200 if htmx(request) else 422
        return next_card(request, sitting, now, first=question, fault=fault, given=request.POST.dict(), status=status)
    return redirect(_address_of_outcome(request, result, **_news_of_leech(request, result)))


def _response_in(request: LearnerRequest) -> Any:
    question = uuid_in(request.POST, "question")
    if question is None:
        raise Http404(access.NOTHING)
    version = access.version_of(access.visible_question(question, request.user), number_in(request.POST, "version"))
    return version.parsed.response_from_form(answer_in(request.POST))


@require_POST
def kept(request: LearnerRequest) -> JsonResponse:
    """Take a rating or an answer that a page could not send when it was given, as the form that held it.

    `learner` is who gave it: of anybody else it is refused (409), and stays in that browser. What was kept under its
    id before stands, so that to send it again changes nothing. `next` is what to show then.
    """
    if not request.user.is_authenticated:
        return JsonResponse({"status": "login"}, status=401)
    if request.POST.get("learner") != str(request.user.pk):
        return JsonResponse({"status": "other_learner"}, status=409)
    rating = number_in(request.POST, "rating")
    given = {"response": _response_in(request)} if rating is None else {"rating": rating}
    result = _record(request, given, request.POST.get("occurred_at", ""))
    if result.status == "rejected":
        return JsonResponse({"status": result.status, "next": address(request.POST)})
    news = _news_of_leech(request, result)
    after = address(request.POST, **news) if result.score is None else _address_of_outcome(request, result, **news)
    return JsonResponse({"status": result.status, "next": after})


@for_learners
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
    today = queue.today(request.user, now=now)
    card = _load(request.user, [found.question_id], today).get(found.question_id)
    mark = card.mark if card else None
    context = {
        "review": found,
        "card": card,
        "sitting": sitting,
        "question": found.version.parsed.asked_for(found.response).public(texts).model_dump(),
        "outcome": outcome,
        "right_parts": sum(outcome["parts"].values()),
        "kind_template": f"quizzes/kinds/{found.question.kind}.html",
        **_progress(sitting, len(today.ready)),
        "due": card.state.due if card and card.state else None,
        "next": address(request.GET),
        "now": now,
        "note": mark.note if mark else "",
        "is_suspended": mark is not None and mark.suspended_at is not None,
        "leech": leech_context(request.user, card) if card and "leech" in request.GET else None,
    }
    return _render(request, "answered", context)


@for_learners
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
    return redirect(address(request.POST, card=str(found.question_id)))


def _record(request: LearnerRequest, given: dict[str, Any], occurred_at: datetime | str) -> Result:
    """Keep what the form holds: one review under the id that the page made for it."""
    item = {
        "id": request.POST.get("review"),
        "question": request.POST.get("question"),
        "version": number_in(request.POST, "version"),
        "occurred_at": occurred_at,
        "elapsed_ms": number_in(request.POST, "elapsed_ms"),
        **given,
    }
    items = reviews.read_all([item])
    return reviews.record(request.user, items, source=Review.Source.FLASHCARD, now=timezone.now())[0]


def _news_of_leech(request: LearnerRequest, result: Result) -> dict[str, str]:
    """Return what to add to the address if this review has made the card a leech, and remember that it was told.

    A form that is sent again is answered as it was before.
    """
    question = uuid_in(request.POST, "question")
    if result.rating != Rating.AGAIN or question is None:
        return {}
    state = cards.states_of(request.user, [question]).get(question)
    mark = marks.of(request.user, [question]).get(question)
    told_at = mark.leech_seen if mark else 0
    if state is None:
        return {}
    was_told = result.status != "created" and told_at == state.lapses > 0
    if not was_told and not leeches.is_news(state.lapses, state.reps, told_at):
        return {}
    marks.tell_leech(request.user, question, state.lapses, now=timezone.now())
    return {"leech": str(question)}


def address(form: QueryDict, **more: str) -> str:
    """Return the address of the next card of the same sitting."""
    since = number_in(form, "since")
    query = ({} if since is None else {"since": str(since)}) | more
    return f"{reverse('quizzes:review')}?{urlencode(query)}" if query else reverse("quizzes:review")


def _address_of_outcome(request: LearnerRequest, result: Result, **more: str) -> str:
    query = {"since": request.POST.get("since", "")} | more
    return f"{reverse('quizzes:review_answered', args=[result.id])}?{urlencode(query)}"


def _name(rating: Rating) -> str:
    return {Rating.AGAIN: _("Again"), Rating.HARD: _("Hard"), Rating.GOOD: _("Good"), Rating.EASY: _("Easy")}[rating]


def _render(request: LearnerRequest, part: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Render the page around one of its partials, or for htmx only the partial."""
    template = f"quizzes/review_{part}.html" if htmx(request) else "quizzes/review.html"
    return render(request, template, {**context, "part": f"quizzes/review_{part}.html"}, status=status)
