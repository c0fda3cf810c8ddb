from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from courses.models import Course
from quizzes.models import MemoryState, StudyPlan
from tests.quizzes.factories import make_course
from tests.quizzes.memory.samples import more_cards, open_lesson, remember

URL = "/api/v1/reviews/queue/"


@pytest.fixture
def course(learner: User) -> Course:
    course = make_course()
    open_lesson(learner, course)
    return course


def queue(api: APIClient, **query: Any) -> dict[str, Any]:
    response = api.get(URL, query)
    assert response.status_code == 200, response.json()
    body: dict[str, Any] = response.json()
    return body


def test_a_new_card_has_both_sides_and_what_each_rating_would_give(api: APIClient, course: Course) -> None:
    (card,) = queue(api)["cards"]
    assert card["body"]["front"] == "<p>What is an epoch?</p>"
    assert card["body"]["back"]
    assert card["memory"] is None
    assert [preview["interval_seconds"] for preview in card["previews"]] == [60, 330, 600, 8 * 86_400]
    assert card["explained_in"]["section"] == "forward"
    assert (card["version"], card["course"]) == (1, "small")


def test_a_graded_question_has_all_but_its_key(api: APIClient, learner: User, course: Course) -> None:
    remember(learner, course.questions.get(slug="output"), timezone.now(), MemoryState.State.RELEARNING)
    response = api.get(URL)
    card = response.json()["cards"][0]
    assert card["kind"] == "cloze"
    assert card["memory"]["state"] == "relearning"
    assert 0 < card["memory"]["retrievability"] <= 1
    for secret in ["forward propagation", "From input to output", '"key"', "accept"]:
        assert secret not in response.content.decode()


def test_the_horizon_brings_the_coming_days(api: APIClient, learner: User, course: Course) -> None:
    (later,) = more_cards(course, 1)
    remember(learner, later, timezone.now() + timedelta(days=5))
    assert str(later.pk) not in {card["question"] for card in queue(api, horizon=2)["cards"]}
    found = queue(api, horizon=6)
    assert str(later.pk) in {card["question"] for card in found["cards"]}
    assert found["next_due"] is not None


def test_the_limit_holds(api: APIClient, course: Course) -> None:
    more_cards(course, 5)
    assert len(queue(api, limit=2)["cards"]) == 2


def test_each_card_says_why(api: APIClient, learner: User, course: Course) -> None:
    due, later = more_cards(course, 2)
    at = timezone.now() - timedelta(days=1)
    remember(learner, due, at)
    remember(learner, later, timezone.now() + timedelta(days=2, hours=1))
    reasons = {card["question"]: card["reason"] for card in queue(api, horizon=5)["cards"]}
    since = reasons[str(due.pk)].pop("since")
    assert datetime.fromisoformat(since) == at
    assert reasons[str(due.pk)] == {"why": "due", "exam_in_days": None}
    assert reasons[str(later.pk)] == {"why": "later", "since": None, "exam_in_days": None}
    new = course.questions.get(slug="card-epoch")
    assert reasons[str(new.pk)] == {"why": "new", "since": None, "exam_in_days": None}


def test_the_limits_and_what_they_leave_out_are_told(api: APIClient, learner: User, course: Course) -> None:
    for card in more_cards(course, 4):
        remember(learner, card, timezone.now() - timedelta(days=5))
    StudyPlan.objects.create(user=learner, reviews_per_day=1, minutes_per_day=20)
    found = queue(api)
    assert (len(found["cards"]), found["minutes"], found["budget"]) == (2, 1, 20)
    assert found["left_out"] == {
        "reviews_per_day": 3,
        "minutes_per_day": 0,
        "even_days": 0,
        "sibling": 0,
        "buried": 0,
    }


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "horizon=-1", "horizon=31", "colour=red"])
def test_a_query_out_of_range_is_a_problem(api: APIClient, query: str) -> None:
    response = api.get(f"{URL}?{query}")
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == f"/{query.partition('=')[0]}"


def test_it_speaks_the_language_of_the_request(api: APIClient, course: Course) -> None:
    response = api.get(URL, headers={"accept-language": "zh-hans"})
    assert "遍历训练集一次" in response.json()["cards"][0]["body"]["back"]


@pytest.mark.parametrize("cards", [1, 40])
def test_it_takes_at_most_ten_queries(
    api: APIClient, learner: User, course: Course, cards: int, django_assert_max_num_queries: Any
) -> None:
    for card in more_cards(course, cards):
        remember(learner, card, timezone.now())
    with django_assert_max_num_queries(10):
        queue(api)
