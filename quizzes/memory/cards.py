"""A question as a card of the daily review, and the outcome of an answered one; for the page and the API alike."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import User
from quizzes import layouts, presenting
from quizzes.memory import fsrs, plans, queue
from quizzes.memory.fsrs import Phase, Preview, State, Terms
from quizzes.memory.schemas import ReviewOutcome
from quizzes.models import MemoryState, Question, QuestionVersion, Review
from quizzes.regrading import standing
from quizzes.regrading.standing import Held


@dataclass(frozen=True)
class Card:
    """`state` is None for a card that is new to the learner."""

    question: Question
    version: QuestionVersion
    state: State | None
    terms: Terms

    def public(self, locale: str, review_id: uuid.UUID) -> dict[str, Any]:
        """Return what may be seen before answering; a flashcard has both sides, for its learner grades alone.

        `review_id`: of the coming review; another one asks with other numbers.
        """
        texts = self.version.texts_in(locale, self.question.course.fallback)
        body = self.version.parsed.asked(layouts.seed_of(0, review_id))
        shown: dict[str, Any] = body.public(texts).model_dump()
        return shown

    def previews(self, now: datetime, review_id: uuid.UUID | None = None) -> list[Preview]:
        return fsrs.previews(self.state, now, self.terms, review_id)


def load(user: User, questions: Sequence[uuid.UUID], states: Mapping[uuid.UUID, State] | None = None) -> list[Card]:
    """Return the cards of these questions in this order, in three queries; left out are those that are gone, or that no
    card can ask. `states`: of these questions, where they have been read already."""
    plan = plans.plan_of(user)
    rows = Question.every.visible_to(user.pk).exclude(kind=queue.NEVER_DUE)
    found = rows.select_related("current", "course", "section__lesson__course").in_bulk(questions)
    states = states_of(user, questions) if states is None else states
    cards = []
    for id_ in questions:
        question = found.get(id_)
        if question is not None and question.current is not None:
            terms = plan.terms(id_, question.course_id)
            cards.append(Card(question, question.current, states.get(id_), terms))
    return cards


def states_of(user: User, questions: Sequence[uuid.UUID]) -> dict[uuid.UUID, State]:
    rows = MemoryState.objects.by(user.pk).filter(question__in=questions).order_by()
    return {row.question_id: state_of(row) for row in rows}


def state_of(row: MemoryState) -> State:
    return State(
        state=Phase(row.state),
        step=row.step,
        stability=row.stability,
        difficulty=row.difficulty,
        due=row.due,
        last_review=row.last_review,
        reps=row.reps,
        lapses=row.lapses,
        state_hash=row.state_hash,
    )


def coming_review_id(user: User, question: uuid.UUID) -> uuid.UUID:
    """Return the id of the learner's next review of a question on a page.

    It is made from how many there have been: two tabs and a second click make the same review, another sitting, or
    another try after an undo, makes another.
    """
    count = Review.objects.by(user.pk).filter(question=question).count()
    return uuid.uuid5(question, f"{user.pk}/{count}")


def outcomes(user: User, review_ids: Sequence[uuid.UUID], locale: str) -> dict[uuid.UUID, ReviewOutcome]:
    """Return mark, feedback and key, as they hold now, of those reviews that were graded here, in two queries."""
    rows = Review.objects.by(user.pk).filter(review_id__in=review_ids, response__isnull=False)
    related = list(rows.select_related("version", "question__course", "question__section__lesson__course"))
    held = standing.held_of_reviews(user.pk, [review.review_id for review in related]) if related else {}
    return {review.review_id: _outcome(review, held.get(review.review_id), locale) for review in related}


def outcome(review: Review, locale: str) -> ReviewOutcome:
    """Return mark, feedback and key of a review with a response, as they hold now."""
    held = standing.held_of_reviews(review.user_id, [review.review_id])
    return _outcome(review, held.get(review.review_id), locale)


def _outcome(review: Review, held: Held | None, locale: str) -> ReviewOutcome:
    version, score = (held.version, held.score) if held else (review.version, review.score)
    response = review.response
    assert version is not None
    assert response is not None
    assert score is not None
    texts, body = version.texts_in(locale, review.question.course.fallback), version.parsed.asked_for(response)
    return ReviewOutcome(
        response=response,
        score=score,
        **presenting.explanation(body, response, texts),
        key=body.revealed(),
        explained_in=presenting.explained_in(review.question),
    )
