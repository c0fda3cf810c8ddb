import uuid
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from quizzes.memory import fsrs
from quizzes.models import Question
from tests.quizzes.factories import NOW, make_course
from tests.quizzes.memory.samples import rate


@pytest.fixture
def card(db: None) -> Question:
    return make_course().questions.get(slug="card-epoch")


def read(api: APIClient, question: object) -> Any:
    return api.get(f"/api/v1/memory/{question}/")


def test_it_says_what_the_reviews_add_up_to(api: APIClient, learner: User, card: Question) -> None:
    rate(learner, card)
    body = read(api, card.pk).json()
    assert (body["state"], body["step"], body["reps"], body["lapses"]) == ("learning", 1, 1, 0)
    assert body["stability"] == pytest.approx(2.3065)
    assert body["due"] == "2026-03-01T12:10:00Z"
    assert 0 < body["retrievability"] < 1
    review = learner.reviews.get()
    entry = fsrs.Entry(review.review_id, 3, NOW, NOW)
    assert body["state_hash"] == fsrs.state_hash([entry])


def test_nothing_is_there_before_the_first_review_nor_for_another_learner(
    api: APIClient, other_learner: User, card: Question
) -> None:
    assert read(api, card.pk).status_code == 404
    rate(other_learner, card)
    assert read(api, card.pk).status_code == 404


def test_an_unknown_question_is_a_problem(api: APIClient) -> None:
    response = read(api, uuid.uuid4())
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
