"""Learners with cards, for the tests of memory."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from courses.models import Course, Progress
from quizzes.memory import reviews
from quizzes.models import MemoryState, Question, QuestionVersion, Review
from tests.quizzes.factories import NOW


def open_lesson(user: User, course: Course) -> None:
    lesson = course.lessons.get()
    Progress.objects.create(user=user, lesson=lesson, opened_at=NOW, updated_at=NOW)


def remember(user: User, question: Question, due: datetime, state: int = MemoryState.State.REVIEW) -> None:
    MemoryState.objects.create(
        user=user,
        question=question,
        state=state,
        step=None if state == MemoryState.State.REVIEW else 0,
        stability=3.0,
        difficulty=5.0,
        due=due,
        last_review=due - timedelta(days=3),
        reps=1,
        lapses=0,
        state_hash="",
    )


def more_cards(course: Course, count: int) -> list[Question]:
    model = course.questions.get(slug="card-epoch")
    assert model.current is not None
    made = []
    for number in range(count):
        row = Question(id=uuid.uuid4(), course=course, lesson=model.lesson, slug=f"z-{number:03}", kind="flashcard")
        row.save()
        row.current = QuestionVersion.objects.create(
            question=row,
            number=1,
            body=model.current.body,
            rendered=model.current.rendered,
            content_hash="",
            created_at=NOW,
        )
        row.save()
        made.append(row)
    return made


def rate(user: User, *questions: Question, at: datetime = NOW) -> None:
    items: list[dict[str, Any]] = [
        {"id": str(uuid.uuid4()), "question": str(one.pk), "rating": 3, "occurred_at": at.isoformat()}
        for one in questions
    ]
    results = reviews.record(user, reviews.read_all(items), source=Review.Source.FLASHCARD, now=at)
    assert {result.status for result in results} == {"created"}


def own_card(user: User, course: Course) -> Question:
    """A card that the learner made."""
    (card,) = more_cards(course, 1)
    card.owner, card.slug = user, f"own-{card.pk}"
    card.save()
    return card
