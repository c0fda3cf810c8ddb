"""All cards of a learner, and the own ones among them, for apps."""

import uuid
from typing import Any, cast
from urllib.parse import urlencode

from django.http import Http404
from django.utils import timezone
from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from config.problems import FieldError, Problem
from courses.models import Course, Section
from quizzes import access, presenting
from quizzes.memory import plans, schemas
from quizzes.memory.browsing import finding, own_cards
from quizzes.memory.browsing import history as card_history
from quizzes.memory.browsing.finding import Browsed
from quizzes.memory.browsing.own_cards import CardTextError, OwnCard, TooManyCardsError, UnknownCardError
from quizzes.memory.browsing.schemas import (
    Card,
    CardMarks,
    CardPage,
    CardsQuery,
    KeptCard,
    ListedCard,
    OwnCardBody,
    PastReview,
)


class CardsView(APIView):
    @extend_schema(
        operation_id="cards_list",
        parameters=[
            OpenApiParameter("q", str, description="Words that all stand in the card or in the learner's note."),
            OpenApiParameter("course", str, description="The slug of a course."),
            OpenApiParameter("lesson", uuid.UUID, description="The id of a lesson."),
            OpenApiParameter("kind", str, description="The kind of the question."),
            OpenApiParameter("state", str, enum=["new", "learning", "review", "relearning"]),
            OpenApiParameter(
                "only",
                {"type": "array", "items": {"type": "string", "enum": list(finding.ONLY)}},
                description="All of these hold; `put_away` cards are left out otherwise.",
            ),
            OpenApiParameter("cursor", str, description="From `next` of the page before."),
            OpenApiParameter("limit", int, description="How many at most, 1 to 200; 50 if absent."),
        ],
        responses=CardPage,
    )
    def get(self, request: Request) -> Response:
        """Every card that the learner has or may have, with memory and marks; in an order that stays, by id."""
        given = {**request.query_params.dict(), "only": request.query_params.getlist("only")}
        query, now, learner = CardsQuery.model_validate(given), timezone.now(), _learner(request)
        plan, rows = plans.plan_of(learner), finding.cards_of(learner, query, now=now)
        ids = finding.ids_after(rows, query, query.cursor, query.limit + 1)
        found = {one.question.pk: one for one in finding.browsed(learner, rows.filter(pk__in=ids), plan, now=now)}
        shown = [found[pk] for pk in ids[: query.limit] if pk in found]
        more = str(ids[query.limit - 1]) if len(ids) > query.limit else None
        page = CardPage(next=_next(request, more), results=[_listed(one) for one in shown])
        return Response(page.model_dump(mode="json"))


class CardView(APIView):
    @extend_schema(operation_id="card_read", responses=Card)
    def get(self, request: Request, question_id: uuid.UUID) -> Response:
        """One card, also an own one that was put away."""
        return Response(_card(_learner(request), _found(request, question_id)).model_dump(mode="json"))

    @extend_schema(operation_id="card_keep", request=OwnCardBody, responses={200: KeptCard, 201: KeptCard})
    def put(self, request: Request, question_id: uuid.UUID) -> Response:
        """Make an own card, or change it, or bring it back. The same again changes nothing.

        The app makes the id, at random. 404 for an id that is not the learner's.
        """
        body, learner = OwnCardBody.model_validate(request.data), _learner(request)
        if not own_cards.may_be_of(learner, question_id):
            raise _wrong("", "not_random", "The id of a new card is a random UUID, of version 4 or 7.")
        course, section = _course(body), _section(body)
        try:
            card = OwnCard(question_id, body.front, body.back, section)
            (kept,) = own_cards.keep(learner, course, [card], now=timezone.now())
        except UnknownCardError:
            raise Http404(access.NOTHING) from None
        except CardTextError as fault:
            raise _wrong(f"/{fault.side}", fault.code, str(fault)) from None
        except TooManyCardsError as fault:
            raise Problem(409, "Too many cards", str(fault), code="too_many_cards") from None
        answer = KeptCard(status=kept.status, **dict(_card(learner, _found(request, question_id))))
        return Response(answer.model_dump(mode="json"), status=201 if kept.status == "created" else 200)

    @extend_schema(operation_id="card_put_away", responses={204: OpenApiResponse(description="It is asked no more.")})
    def delete(self, request: Request, question_id: uuid.UUID) -> Response:
        """Put an own card away: it is asked no more, its reviews are kept, and PUT brings it back."""
        try:
            own_cards.put_away(_learner(request), [question_id], now=timezone.now())
        except UnknownCardError:
            raise Http404(access.NOTHING) from None
        return Response(status=204)


# --- what comes in ---------------------------------------------------------------------------------------------------


def _learner(request: Request) -> User:
    """The permission class lets nobody else in."""
    return cast("User", request.user)


def _found(request: Request, question_id: uuid.UUID) -> Browsed:
    found = finding.card_of(_learner(request), question_id, now=timezone.now())
    if found is None:
        raise Http404(access.NOTHING)
    return found


def _course(body: OwnCardBody) -> Course:
    course = Course.objects.published().filter(slug=body.course).first()
    if course is None:
        raise _wrong("/course", "unknown_course", "There is no such course.")
    return course


def _section(body: OwnCardBody) -> Section | None:
    if body.section is None:
        return None
    rows = Section.objects.published().filter(lesson__archived_at=None, lesson__course__slug=body.course)
    section = rows.select_related("lesson").filter(pk=body.section).first()
    if section is None:
        raise _wrong("/section", "unknown_section", "The course has no such section.")
    return section


def _wrong(pointer: str, code: str, detail: str) -> Problem:
    return Problem(422, "Some fields are not valid", errors=[FieldError(pointer, code, detail)], code="invalid")


# --- what goes out ---------------------------------------------------------------------------------------------------


def _next(request: Request, cursor: str | None) -> str | None:
    if cursor is None:
        return None
    query: dict[str, Any] = {**request.query_params.dict(), "only": request.query_params.getlist("only")}
    return request.build_absolute_uri(f"{request.path}?{urlencode({**query, 'cursor': cursor}, doseq=True)}")


def _listed(one: Browsed) -> ListedCard:
    return ListedCard(**_common(one))


def _card(learner: User, one: Browsed) -> Card:
    texts = one.texts(get_language() or "")
    past = card_history.of_card(learner, one.question, plans.plan_of(learner))
    history = [
        PastReview(
            id=review.id,
            at=review.at,
            rating=review.rating,
            source=review.source,
            undone=review.is_undone,
            stability=review.after.stability if review.after else None,
            due=review.after.due if review.after else None,
        )
        for review in past
    ]
    return Card(**_common(one), body=one.version.parsed.public(texts), history=history)


def _common(one: Browsed) -> dict[str, Any]:
    question, written = one.question, one.written() if one.is_own else {}
    return {
        "question": question.pk,
        "kind": question.kind,
        "own": one.is_own,
        "put_away": one.is_put_away,
        "course": question.course.slug,
        "lesson": question.lesson_id,
        "explained_in": presenting.explained_in(question),
        "version": one.version.number,
        "text": one.asks(get_language() or ""),
        "front": written.get("front"),
        "back": written.get("back"),
        "memory": _memory(one),
        "marks": CardMarks(buried_until=one.buried_until, suspended=one.suspended_at is not None, note=one.note),
    }


def _memory(one: Browsed) -> schemas.Memory | None:
    state = one.state
    if state is None or one.recall is None:
        return None
    return schemas.Memory(
        question=one.question.pk,
        state=cast("schemas.PhaseName", state.state.name.lower()),
        step=state.step,
        stability=state.stability,
        difficulty=state.difficulty,
        due=state.due,
        last_review=state.last_review,
        reps=state.reps,
        lapses=state.lapses,
        retrievability=one.recall,
        leech=one.is_leech,
        state_hash=state.state_hash,
    )
