import json
import uuid

import pytest

from accounts.models import User
from courses.models import Course
from quizzes import attempts, personal_data
from quizzes.models import Attempt, CardMark, CoursePlan, MemoryState, Question, Response, Review, StudyPlan
from tests.quizzes.factories import NOW, make_course, the_quiz
from tests.quizzes.memory.samples import own_card, rate


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


def test_it_exports_plans_marks_and_own_cards_and_erases_them(active: User, other_learner: User) -> None:
    course = Course.objects.get()
    for user in (active, other_learner):
        StudyPlan.objects.create(user=user, minutes_per_day=15)
        CoursePlan.objects.create(user=user, course=course, desired_retention=0.95)
        card = own_card(user, course)
        rate(user, card)
        CardMark.objects.create(user=user, question=card, note="nudge", updated_at=NOW)
    export = json.loads(json.dumps(personal_data.export(active)))
    assert export["study_plan"]["minutes_per_day"] == 15
    assert [plan["desired_retention"] for plan in export["course_plans"]] == [0.95]
    assert [mark["note"] for mark in export["card_marks"]] == ["nudge"]
    assert [card["kind"] for card in export["own_cards"]] == ["flashcard"]
    personal_data.erase(active)
    for rows in (StudyPlan.objects, CoursePlan.objects, CardMark.objects):
        assert [row.user for row in rows.all()] == [other_learner]
    assert [card.owner for card in Question.every.exclude(owner=None)] == [other_learner]


def test_it_erases_every_row_of_the_person_and_of_nobody_else(active: User, other_learner: User) -> None:
    rate(other_learner, active.reviews.get(source="flashcard").question)
    personal_data.erase(active)
    for rows in (Attempt.objects, Response.objects):
        assert not rows.exists()
    assert [review.user for review in Review.objects.all()] == [other_learner]
    assert [state.user for state in MemoryState.objects.all()] == [other_learner]
