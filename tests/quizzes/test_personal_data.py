import json
import uuid

import pytest

from accounts.models import User
from quizzes import attempts, personal_data
from quizzes.models import Attempt, MemoryState, Response, Review
from tests.quizzes.factories import NOW, make_course, the_quiz
from tests.quizzes.memory.test_queue import rate


@pytest.fixture
def active(learner: User) -> User:
    """Has answered a question of a quiz and rated a card."""
    course = make_course()
    attempt, _created = attempts.start(learner, the_quiz(course), uuid.uuid4(), now=NOW)
    slot = course.questions.get(slug="nonlinear").slots.get()
    attempts.answer(attempt, slot.pk, {"choice": "linear"}, now=NOW)
    rate(learner, course.questions.get(slug="card-epoch"))
    return learner


def test_it_exports_answers_reviews_and_memory_as_json(active: User) -> None:
    export = json.loads(json.dumps(personal_data.export(active)))
    (attempt,) = export["attempts"]
    assert attempt["responses"][0]["answer"] == {"choice": "linear"}
    assert [(review["source"], review["rating"]) for review in export["reviews"]] == [("quiz", 1), ("flashcard", 3)]
    assert len(export["memory"]) == 2


def test_it_erases_every_row_of_the_person_and_of_nobody_else(active: User, other_learner: User) -> None:
    rate(other_learner, active.reviews.get(source="flashcard").question)
    personal_data.erase(active)
    for rows in (Attempt.objects, Response.objects):
        assert not rows.exists()
    assert [review.user for review in Review.objects.all()] == [other_learner]
    assert [state.user for state in MemoryState.objects.all()] == [other_learner]
