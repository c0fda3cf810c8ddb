"""Today and Statistics for an app: the numbers of the pages, in strict types."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from rest_framework.test import APIClient

from accounts.models import User
from courses.models import Course
from quizzes.memory.insight.schemas import MemoryStatistics, MemoryToday
from quizzes.models import CardMark, MemoryState, StudyPlan
from tests.quizzes.factories import NOW, make_course
from tests.quizzes.memory.samples import more_cards, open_lesson, rate, remember

TODAY, STATISTICS = "/api/v1/memory/today/", "/api/v1/memory/statistics/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def read(api: APIClient, address: str, **query: str) -> dict[str, Any]:
    response = api.get(address, query)
    assert response.status_code == 200, response.json()
    body: dict[str, Any] = response.json()
    return body


class TestToday:
    def test_it_says_what_now_how_long_and_why(self, api: APIClient, learner: User, course: Course) -> None:
        open_lesson(learner, course)
        (card,) = more_cards(course, 1)
        remember(learner, card, NOW - timedelta(days=2))
        body = read(api, TODAY)
        assert (body["ready"], body["new"], body["minutes"], body["done"]) == (2, 1, 1, 0)
        assert [(part["part"], part["cards"]) for part in body["parts"]] == [("cards", 1), ("new", 1)]
        due, new = body["first"]
        assert (due["why"], due["days_overdue"], due["asks"]) == ("due", 2, "What is an epoch?")
        assert 0 < due["predicted_recall"] < due["desired_retention"] == 0.9
        assert (new["why"], new["due"], new["predicted_recall"], new["lesson"]) == ("new", None, None, "Nets")
        assert body["lesson"]["slug"] == "nets"
        assert body["lesson"]["fits"] is True
        assert body["next_due"] is None
        assert MemoryToday.model_validate(body, strict=False)

    def test_it_says_what_waits_and_why(self, api: APIClient, learner: User, course: Course) -> None:
        StudyPlan.objects.create(user=learner, reviews_per_day=1)
        step, suspended, *cards = more_cards(course, 5)
        remember(learner, step, NOW + timedelta(minutes=30), MemoryState.State.LEARNING)
        for card in (suspended, *cards):
            remember(learner, card, NOW)
        CardMark.objects.create(user=learner, question=suspended, suspended_at=NOW, updated_at=NOW)
        body = read(api, TODAY)
        assert [one["question"] for one in body["waiting"]] == [str(step.pk)]
        assert body["left_out"] == [{"because": "reviews_per_day", "cards": 3}]
        assert body["suspended"] == 1

    def test_a_new_learner_has_a_lesson_and_nothing_else(self, api: APIClient, course: Course) -> None:
        body = read(api, TODAY)
        assert (body["ready"], body["parts"], body["first"], body["next_due"]) == (0, [], [], None)
        assert body["lesson"]["is_begun"] is False

    def test_answers_are_not_in_it(self, api: APIClient, learner: User, course: Course) -> None:
        open_lesson(learner, course)
        assert "One pass over" not in api.get(TODAY).content.decode()


class TestStatistics:
    def test_it_has_what_the_page_has(self, api: APIClient, learner: User, course: Course) -> None:
        cards = more_cards(course, 3)
        rate(learner, *cards, at=NOW - timedelta(days=2))
        rate(learner, cards[0])
        body = read(api, STATISTICS)
        assert (body["course"], body["time_zone"], body["today"]) == (None, "UTC", "2026-03-01")
        assert body["all_time"] == body["last_30_days"]
        assert body["all_time"] | {"minutes": 0} == {
            "reviews": 4,
            "minutes": 0,
            "came_back": 1,
            "recalled": 1,
            "retention": 1.0,
        }
        assert [one["day"] for one in body["days"]] == ["2026-02-27", "2026-03-01"]
        assert (body["days_studied_of_last_30"], body["longest_run"], body["current_run"]) == (2, 1, 1)
        assert len(body["weeks"]) == 26
        assert sum(week["tally"]["reviews"] for week in body["weeks"]) == 4
        assert [hour["hour"] for hour in body["hours"]] == [12]
        assert len(body["upcoming"]) == 30
        assert body["cards"] == sum(one["cards"] for one in body["stability"]) == 3
        assert body["stability"][-1]["below"] is None
        assert sum(one["cards"] for one in body["difficulty"]) == 3
        assert MemoryStatistics.model_validate(body, strict=False)

    def test_before_any_review_it_is_empty_and_not_missing(self, api: APIClient) -> None:
        body = read(api, STATISTICS)
        assert (body["all_time"]["reviews"], body["all_time"]["retention"], body["median_stability"]) == (0, None, None)
        assert len(body["upcoming"]) == 30

    def test_it_can_be_of_one_course(self, api: APIClient, learner: User, course: Course) -> None:
        other = make_course("other")
        rate(learner, course.questions.get(slug="card-epoch"), other.questions.get(slug="card-epoch"))
        assert read(api, STATISTICS)["all_time"]["reviews"] == 2
        body = read(api, STATISTICS, course="other")
        assert (body["course"], body["all_time"]["reviews"]) == ("other", 1)

    def test_a_course_that_nothing_is_remembered_of_is_a_problem(self, api: APIClient, course: Course) -> None:
        response = api.get(STATISTICS, {"course": "small"})
        assert response.status_code == 404
        assert response["Content-Type"] == "application/problem+json"

    def test_an_unknown_parameter_is_named(self, api: APIClient) -> None:
        response = api.get(STATISTICS, {"cuorse": "small"})
        assert response.status_code == 422
        assert response.json()["errors"][0]["pointer"] == "/cuorse"


@pytest.mark.parametrize("address", [TODAY, STATISTICS])
class TestBoth:
    def test_a_visitor_is_turned_away(self, db: None, address: str) -> None:
        assert APIClient().get(address).status_code == 401

    def test_it_is_about_oneself(self, api: APIClient, other_learner: User, course: Course, address: str) -> None:
        before = read(api, address)
        rate(other_learner, *more_cards(course, 2))
        assert read(api, address) == before

    def test_it_needs_at_most_ten_queries(
        self, api: APIClient, learner: User, course: Course, address: str, django_assert_max_num_queries
    ) -> None:
        open_lesson(learner, course)
        rate(learner, *more_cards(course, 30), at=NOW - timedelta(days=9))
        with django_assert_max_num_queries(10):
            api.get(address)
