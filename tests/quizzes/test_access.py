import uuid

import pytest
from django.http import Http404

from quizzes import access, attempts
from quizzes.models import Question
from tests.quizzes.factories import NOW, make_course, the_quiz


@pytest.fixture
def quiz(db):
    return the_quiz(make_course())


def test_every_learner_sees_a_published_quiz(quiz) -> None:
    assert access.visible_quiz(quiz.id) == quiz


@pytest.mark.parametrize("archived", ["quiz", "lesson", "course"])
def test_what_is_archived_is_not_there(quiz, archived) -> None:
    row = {"quiz": quiz, "lesson": quiz.lesson, "course": quiz.lesson.course}[archived]
    row.archived_at = NOW
    row.save()
    with pytest.raises(Http404):
        access.visible_quiz(quiz.id)


def test_an_attempt_is_there_for_its_learner_alone(quiz, learner, other_learner) -> None:
    attempt, _ = attempts.start(learner, quiz, uuid.uuid4(), now=NOW)
    assert access.own_attempt(learner, attempt.id) == attempt
    for stranger, attempt_id in [(other_learner, attempt.id), (learner, uuid.uuid4())]:
        with pytest.raises(Http404):
            access.own_attempt(stranger, attempt_id)


def test_an_archived_question_is_not_there(quiz) -> None:
    question = Question.objects.get(slug="card-epoch")
    assert access.visible_question(question.id) == question
    Question.objects.update(archived_at=NOW)
    with pytest.raises(Http404):
        access.visible_question(question.id)
