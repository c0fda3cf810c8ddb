import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from courses.models import Course
from quizzes.models import Question, Review

URL = "/api/v1/reviews/"


@pytest.fixture
def card(course: Course) -> Question:
    return course.questions.get(slug="card-epoch")


def item(question: Question, **more: Any) -> dict[str, Any]:
    parts = {"id": str(uuid.uuid4()), "question": str(question.pk), "occurred_at": "2026-03-01T10:00:00+08:00"}
    return parts | (more or {"rating": 3})


def send(api: APIClient, *items: Any) -> list[dict[str, Any]]:
    response = api.post(URL, {"reviews": list(items)})
    assert response.status_code == 200, response.json()
    results: list[dict[str, Any]] = response.json()["results"]
    return results


def test_it_answers_one_result_per_item_in_order(api: APIClient, card: Question) -> None:
    good = item(card)
    results = send(api, good, item(card, rating=5), "no review", good, good | {"rating": 1})
    assert [result["status"] for result in results] == ["created", "rejected", "rejected", "duplicate", "conflict"]
    assert results[0]["id"] == good["id"]
    assert results[0]["effective_at"] == "2026-03-01T02:00:00Z"
    assert results[1]["problem"]["pointer"] == "/rating"
    assert results[2]["id"] is None


def test_a_clock_that_is_ahead_gets_the_moment_of_receipt(api: APIClient, card: Question) -> None:
    ahead = (timezone.now() + timedelta(days=3)).isoformat()
    (result,) = send(api, item(card) | {"occurred_at": ahead})
    assert result["effective_at"] == Review.objects.get().received_at.isoformat().replace("+00:00", "Z")


def test_a_response_is_graded_here_and_answered_with_its_outcome(api: APIClient, course: Course) -> None:
    question = course.questions.get(slug="nonlinear")
    (result,) = send(api, item(question, response={"choice": "linear"}))
    assert result["rating"] == 1
    outcome = result["outcome"]
    assert (outcome["score"], outcome["key"]["choice"]) == (0.0, "nonlinear")
    assert outcome["feedback"][0].startswith("<p>Stacked linear maps")
    assert outcome["explained_in"]["section"] == "activations"


def test_a_refused_response_reveals_nothing(api: APIClient, course: Course) -> None:
    question = course.questions.get(slug="nonlinear")
    (result,) = send(api, item(question, response={"choice": "x"}))
    assert result["problem"]["pointer"] == "/response/choice"
    assert result["outcome"] is None


def test_an_undo_takes_a_review_back(api: APIClient, card: Question) -> None:
    first = item(card)
    send(api, first, item(card, undoes=first["id"]))
    assert api.get(f"/api/v1/memory/{card.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/reviews"),
        ({"reviews": {}}, "/reviews"),
        ({"reviews": [], "more": 1}, "/more"),
        ({"reviews": [1] * 501}, "/reviews"),
        ([], ""),
    ],
)
def test_another_body_is_a_problem(api: APIClient, body: Any, pointer: str) -> None:
    response = api.post(URL, body)
    assert response.status_code == 422
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["errors"][0]["pointer"] == pointer


def test_an_empty_batch_is_fine(api: APIClient) -> None:
    assert send(api) == []


def test_a_visitor_is_refused(db: None) -> None:
    assert APIClient().post(URL, {"reviews": []}).status_code == 401


def test_two_learners_may_use_the_same_id(api: APIClient, other_learner: User, card: Question) -> None:
    review = item(card)
    send(api, review)
    other = APIClient()
    other.force_authenticate(other_learner)
    assert send(other, review)[0]["status"] == "created"


def test_it_does_not_ask_more_for_500_than_for_a_few(
    api: APIClient, card: Question, django_assert_max_num_queries: Any
) -> None:
    batch = [item(card, rating=3, elapsed_ms=number) for number in range(500)]
    with django_assert_max_num_queries(30):  # 10 of them insert 50 rows each
        results = send(api, *batch)
    assert {result["status"] for result in results} == {"created"}
