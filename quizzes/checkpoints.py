"""Checkpoints: questions in the text of a lesson, answered in place.

A learner's answer is evidence (a review); a visitor's and an instructor's is only marked.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import User
from courses.access import is_instructor
from quizzes import grading, layouts, presenting
from quizzes.kinds import Refused
from quizzes.memory import reviews
from quizzes.memory.reviewing import cards
from quizzes.memory.schemas import ReviewOutcome
from quizzes.models import Question, QuestionVersion, Review


@dataclass(frozen=True)
class Checkpoint:
    """A question as it is asked in one language. `review_id`: of the review that an answer will be."""

    question: Question
    version: QuestionVersion
    locale: str
    shown: dict[str, Any]
    review_id: uuid.UUID

    @property
    def kind_template(self) -> str:
        return f"quizzes/kinds/{self.question.kind}.html"

    @property
    def suffix(self) -> str:
        """Tells the ids of one checkpoint from those of the others on the page."""
        return f"-{self.question.slug}"


@dataclass(frozen=True)
class Answered:
    """`kept`: whether it is evidence of the learner's memory."""

    outcome: ReviewOutcome
    kept: bool


def in_text(questions: Iterable[Question], locale: str) -> dict[str, Checkpoint]:
    """Of the questions that a text places, those that can be asked in it, by slug."""
    return {question.slug: ask(question, locale) for question in questions if question.kind not in UNASKED}


UNASKED = ("flashcard", "challenge")
"""Kinds that a form cannot answer: the learner grades the one alone, a run answers the other."""


def ask(question: Question, locale: str, review_id: uuid.UUID | None = None) -> Checkpoint:
    """Ask the current version anew, under a review id of its own: a form sent twice is one review.

    With a `review_id`, as it was asked under that one.
    """
    version = question.current
    assert version is not None
    review_id = review_id or uuid.uuid4()
    spoken = locale if locale in version.rendered else question.course.fallback
    body = version.parsed.asked(layouts.seed_of(0, review_id))
    shown = body.public(version.texts_in(locale, question.course.fallback)).model_dump()
    return Checkpoint(question, version, spoken, shown, review_id)


def answer(
    learner: User | None,
    question: Question,
    version: QuestionVersion,
    response: Any,
    *,
    review_id: uuid.UUID,
    locale: str,
    now: datetime,
    source: Review.Source = Review.Source.CHECKPOINT,
) -> Answered | Refused:
    """Mark a response; keep it as a review if it is a learner's. The same review id again gives the same outcome."""
    graded = grading.grade(version.parsed, response)
    if isinstance(graded, Refused):
        return graded
    if learner is None or is_instructor(learner, question.course):
        return Answered(_outcome(question, version, response, graded.score, locale), kept=False)
    item = {
        "id": str(review_id),
        "question": str(question.pk),
        "version": version.number,
        "response": response,
        "occurred_at": now,
    }
    reviews.record(learner, reviews.read_all([item]), source=source, now=now)
    related = Review.objects.by(learner.pk).select_related("version", "question__course")
    standing = related.filter(question=question, response__isnull=False).get(review_id=review_id)
    return Answered(cards.outcome(standing, locale), kept=True)


def _outcome(question: Question, version: QuestionVersion, response: Any, score: float, locale: str) -> ReviewOutcome:
    texts, body = version.texts_in(locale, question.course.fallback), version.parsed.asked_for(response)
    return ReviewOutcome(
        response=response,
        score=score,
        **presenting.explanation(body, response, texts),
        key=body.revealed(),
        explained_in=None,
    )
