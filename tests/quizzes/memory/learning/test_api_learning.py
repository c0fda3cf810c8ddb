"""GET, PATCH /memory/learning/ and POST /memory/learning/fit/."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from courses.models import Course
from quizzes import tasks
from quizzes.memory import fsrs, plans
from quizzes.memory.fsrs import DEFAULT_WEIGHTS
from quizzes.memory.learning import own_weights
from quizzes.memory.planning import queue
from quizzes.models import CoursePlan, FittedWeights, MemoryState, StudyPlan
from tests.quizzes.factories import NOW, make_course
from tests.quizzes.memory.learning.simulated import FORGETFUL, forgetful_log, keep
from tests.quizzes.memory.samples import rate

URL = "/api/v1/memory/learning/"


@pytest.fixture
def forgetful(learner: User) -> User:
    course: Course = make_course()
    keep(learner, course, forgetful_log())
    return learner


def learn(user: User) -> FittedWeights:
    found = own_weights.learn(user, now=NOW)
    assert found is not None
    assert found.row is not None
    return found.row


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    found: list[object] = []
    monkeypatch.setattr(tasks, "fit_learner", found.append)
    return found


def change(api: APIClient, **fields: Any) -> Any:
    return api.patch(URL, fields, format="json")


def test_a_stranger_gets_401(client, db: None) -> None:
    assert client.get(URL).status_code == 401
    assert client.post(URL + "fit/").status_code == 401


def test_before_the_first_review(api: APIClient) -> None:
    body = api.get(URL).json()
    assert body["in_use"] == "published"
    assert (body["needed"], body["missing"]) == (500, 500)
    assert body["predicted"] is None
    assert body["fits"] == []
    assert body["shares_reviews"] is False
    assert body["quiz_evidence"]["counts"] is True
    assert body["quiz_evidence"]["decided"] is None


def test_after_a_fit(api: APIClient, forgetful: User) -> None:
    row = learn(forgetful)
    body = api.get(URL).json()
    assert body["in_use"] == "own"
    assert body["missing"] == 0
    predicted = body["predicted"]
    assert predicted["log_loss"] == row.log_loss_after
    assert sum(one["count"] for one in predicted["calibration"]) == predicted["reviews"] == row.unseen
    (fit,) = body["fits"]
    assert (fit["id"], fit["accepted"], fit["reason"], fit["in_use"]) == (row.pk, True, "better", True)
    assert fit["log_loss_after"] < fit["log_loss_before"] == fit["log_loss_published"]


def test_a_fit_is_asked_for(api: APIClient, forgetful: User, asked: list[object]) -> None:
    answer = api.post(URL + "fit/")
    assert answer.status_code == 202
    assert answer.json()["asked_at"]
    assert asked == [forgetful.pk]
    again = api.post(URL + "fit/")
    assert again.status_code == 429
    assert again["Content-Type"] == "application/problem+json"
    assert int(again["Retry-After"]) == 60


def test_right_after_a_fit_it_is_429(api: APIClient, forgetful: User, asked: list[object]) -> None:
    own_weights.learn(forgetful, now=timezone.now() - timedelta(minutes=2))
    answer = api.post(URL + "fit/")
    assert answer.status_code == 429
    assert 120 < int(answer["Retry-After"]) <= 180
    assert asked == []


def test_with_too_few_reviews_it_is_409_and_says_how_many(api: APIClient, asked: list[object]) -> None:
    answer = api.post(URL + "fit/")
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:engram:problem:too_few_reviews"
    assert "500 more reviews" in answer.json()["detail"]
    assert asked == []


def test_back_to_the_published_weights_and_forth(api: APIClient, forgetful: User) -> None:
    row = learn(forgetful)
    assert change(api, weights="published").json()["in_use"] == "published"
    assert plans.plan_of(forgetful).weights == DEFAULT_WEIGHTS
    assert change(api, weights=row.pk).json()["in_use"] == "own"


def test_several_things_at_once_or_none(api: APIClient, learner: User) -> None:
    body = change(api, shares_reviews=True, quiz_evidence=False).json()
    assert body["shares_reviews"] is True
    assert (body["quiz_evidence"]["counts"], body["quiz_evidence"]["decided"]) == (False, False)
    assert change(api, weights=12345, shares_reviews=False).status_code == 404
    assert StudyPlan.objects.get(user=learner).shares_reviews is True


def test_somebody_elses_fit_is_404(api: APIClient, forgetful: User, other_learner: User) -> None:
    row = learn(forgetful)
    api.force_authenticate(other_learner)
    assert change(api, weights=row.pk).status_code == 404
    assert api.get(URL).json()["fits"] == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"shares_reviews": "yes"}, "/shares_reviews"),
        ({"quiz_evidence": None}, ""),
        ({"weights": 0}, "/weights"),
        ({"weights": "mine"}, "/weights"),
        ({"quiz_evidenc": True}, "/quiz_evidenc"),
        ([], ""),
    ],
)
def test_bad_input_is_422_and_names_the_field(api: APIClient, learner: User, body: Any, pointer: str) -> None:
    answer = api.patch(URL, body, format="json")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith(pointer)
    assert not StudyPlan.objects.exists()


@pytest.mark.parametrize("with_fit", [True, False])
def test_the_queries_are_bounded(
    api: APIClient, forgetful: User, with_fit: bool, django_assert_max_num_queries
) -> None:
    if with_fit:
        learn(forgetful)
    with django_assert_max_num_queries(10):
        api.get(URL)


@pytest.mark.parametrize("whose", ["own", "of the course"])
def test_predicted_recall_is_that_of_the_weights_in_use(api: APIClient, learner: User, whose: str) -> None:
    """Weights have a forgetting curve of their own: on the card, and in the means of concept and lesson."""
    card = make_course().questions.get(slug="card-epoch")
    concept, now = card.concepts.get(), timezone.now()
    if whose == "own":
        StudyPlan.objects.create(user=learner, weights=list(FORGETFUL))
    else:
        CoursePlan.objects.create(user=learner, course=card.course, weights=list(FORGETFUL))
    rate(learner, card, at=now - timedelta(days=30, minutes=1))
    state = MemoryState.objects.get(user=learner, question=card)
    expected = fsrs.recall(state.stability, state.last_review, now, FORGETFUL)
    assert abs(expected - fsrs.recall(state.stability, state.last_review, now)) > 0.01
    assert api.get(f"/api/v1/memory/{card.pk}/").json()["retrievability"] == expected
    assert queue.recall_by_concept(learner, [concept], now=now) == {concept.pk: expected}
    assert queue.of_lesson(learner, card.lesson, [concept], now=now).recall == {concept.pk: expected}
    assert queue.recall_by_lesson(learner, now=now) == {card.lesson_id: expected}
