import uuid
from datetime import datetime
from typing import cast

from django.http import Http404
from django.utils import timezone
from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from quizzes import access, layouts, presenting
from quizzes.kinds.base import Strict
from quizzes.memory import fsrs, plans, reviews, schemas
from quizzes.memory.fsrs import State, Weights
from quizzes.memory.planning import queue
from quizzes.memory.reviewing import cards, leeches
from quizzes.memory.reviewing.cards import Card
from quizzes.models import Review


class ReviewsView(APIView):
    @extend_schema(
        operation_id="reviews_record",
        request=schemas.ReviewBatch,
        responses={200: schemas.ReviewResults},
    )
    def post(self, request: Request) -> Response:
        """Keep up to 500 reviews; answer with one result per item, in the same order, after they are stored.

        Repeating a request changes nothing: what was kept is a `duplicate`. One bad item never blocks the others. The
        order in which reviews arrive, also from several devices, never matters.
        """
        learner = _learner(request)
        items = reviews.read_all(schemas.ReviewEnvelope.model_validate(request.data).reviews)
        results = reviews.record(learner, items, source=Review.Source.FLASHCARD, now=timezone.now())
        answer = schemas.ReviewResults.model_validate({"results": results}, from_attributes=True)
        graded = [result.id for result in results if result.score is not None and result.id is not None]
        if graded:
            answer = answer.with_outcomes(cards.outcomes(learner, graded, get_language() or ""))
        return Response(answer)


class QueueView(APIView):
    @extend_schema(
        operation_id="reviews_queue",
        parameters=[
            OpenApiParameter(
                "limit", int, description=f"How many cards at most, 1 to {schemas.MAX_CARDS}; 50 if absent."
            ),
            OpenApiParameter(
                "horizon",
                int,
                description="How many days beyond the learner's study day, "
                f"0 to {schemas.MAX_HORIZON_DAYS}; for an app that will be offline. 0 if absent.",
            ),
        ],
        responses=schemas.Queue,
    )
    def get(self, request: Request) -> Response:
        """The cards of the learner's study day in the order of asking, new ones included, as the plan has it; then what
        falls due within the horizon."""
        query = schemas.QueueQuery.model_validate(request.query_params.dict())
        learner, now, locale = _learner(request), timezone.now(), get_language() or ""
        today = queue.today(learner, now=now)
        due = {one.question: one for one in queue.until(learner, today, now=now, days=query.horizon, limit=query.limit)}
        found = cards.load(learner, list(due), today.plan.plan)
        body = schemas.Queue(
            cards=[_card(card, due[card.question.pk], now, locale) for card in found],
            next_due=queue.next_due(learner),
            minutes=today.minutes,
            budget=today.budget,
            left_out=schemas.LeftOutCounts(**{str(why): count for why, count in today.left_out_by.items()}),
        )
        return _answer(body)


class MemoryView(APIView):
    @extend_schema(operation_id="memory_read", responses=schemas.Memory)
    def get(self, request: Request, question_id: uuid.UUID) -> Response:
        """What the learner's reviews of this question add up to; 404 before the first."""
        question = access.visible_question(question_id, _learner(request))
        state = cards.states_of(_learner(request), [question.pk]).get(question.pk)
        if state is None:
            raise Http404("You have not answered this question yet.")
        weights = plans.plan_of(_learner(request)).weights_of(question.course_id)
        return _answer(_memory(question.pk, state, timezone.now(), weights))


def _answer(body: Strict) -> Response:
    return Response(body.model_dump(mode="json"))


def _learner(request: Request) -> User:
    """The permission class lets nobody else in."""
    return cast("User", request.user)


def _memory(question: uuid.UUID, state: State, now: datetime, weights: Weights) -> schemas.Memory:
    return schemas.Memory(
        question=question,
        state=cast("schemas.PhaseName", state.state.name.lower()),
        step=state.step,
        stability=state.stability,
        difficulty=state.difficulty,
        due=state.due,
        last_review=state.last_review,
        reps=state.reps,
        lapses=state.lapses,
        retrievability=fsrs.retrievability(state, now, weights),
        leech=leeches.is_leech(state.lapses, state.reps),
        state_hash=state.state_hash,
    )


def _reason(due: queue.Due) -> schemas.Reason:
    since = due.due if due.why is queue.Why.DUE else None
    return schemas.Reason(why=due.why.value, since=since, exam_in_days=due.exam_in)


def _card(card: Card, due: queue.Due, now: datetime, locale: str) -> schemas.QueueCard:
    previews = [
        schemas.RatingPreview(
            rating=int(preview.rating), due=preview.due, interval_seconds=round(preview.interval.total_seconds())
        )
        for preview in card.previews(now)
    ]
    texts = card.version.texts_in(locale, card.question.course.fallback)
    seed = layouts.seed_of(card.state.reps if card.state else 0, card.question.pk)
    return schemas.QueueCard(
        question=card.question.pk,
        kind=card.question.kind,
        version=card.version.number,
        body=card.version.parsed.asked(seed).public(texts),
        course=card.question.course.slug,
        lesson=card.question.lesson_id,
        explained_in=presenting.explained_in(card.question),
        memory=_memory(card.question.pk, card.state, now, card.terms.weights) if card.state else None,
        previews=previews,
        reason=_reason(due),
    )
