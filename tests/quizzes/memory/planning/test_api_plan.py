from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from courses.models import Course
from quizzes.models import CoursePlan, MemoryState, StudyPlan
from tests.quizzes.factories import NOW, make_course
from tests.quizzes.memory.samples import more_cards, open_lesson, rate, remember

URL = "/api/v1/memory/plan/"
PLAN: dict[str, Any] = {
    "desired_retention": 0.9,
    "new_per_day": 12,
    "reviews_per_day": None,
    "minutes_per_day": 30,
    "easy_days": {"6": 0},
    "courses": [],
}


@pytest.fixture
def course(learner: User) -> Course:
    course = make_course()
    open_lesson(learner, course)
    return course


def put(api: APIClient, **changed: Any) -> dict[str, Any]:
    response = api.put(URL, PLAN | changed, format="json")
    assert response.status_code == 200, response.json()
    body: dict[str, Any] = response.json()
    return body


def test_a_learner_without_a_plan_has_the_usual_one(api: APIClient, course: Course) -> None:
    body = api.get(URL).json()
    assert body["new_per_day"] == 20
    assert (body["reviews_per_day"], body["minutes_per_day"], body["easy_days"]) == (None, None, {})
    assert [one["course"] for one in body["courses"]] == ["small"]
    assert body["courses"][0]["exam"] is None
    assert [one["desired_retention"] for one in body["workload"]][::9] == [0.7, 0.79, 0.88, 0.97]


def test_the_coming_days_are_foreseen(api: APIClient, learner: User, course: Course) -> None:
    overdue, later = more_cards(course, 2)
    remember(learner, overdue, timezone.now() - timedelta(days=2))
    remember(learner, later, timezone.now() + timedelta(days=4))
    forecast = api.get(URL).json()["forecast"]
    assert [day["reviews"] for day in forecast[:6]] == [1, 0, 0, 0, 1, 0]
    assert (len(forecast), forecast[0]["minutes"]) == (30, 1)


def test_it_is_kept_as_a_whole(api: APIClient, learner: User, course: Course) -> None:
    exam = (timezone.now() + timedelta(days=30)).date()
    sent = {"course": "small", "desired_retention": 0.95, "exam_on": exam.isoformat()}
    body = put(api, courses=[sent])
    assert body == api.get(URL).json()
    assert body["easy_days"] == {"6": 0.0}
    assert body["courses"][0] | {"exam": None} == {**sent, "title": "Small", "exam": None}
    assert body["courses"][0]["exam"]["unseen"] == 1
    put(api, courses=[])
    assert CoursePlan.objects.values_list("desired_retention", "exam_on").get(user=learner) == (None, None)


def test_the_same_again_changes_nothing(api: APIClient, course: Course) -> None:
    assert put(api) == put(api)
    assert StudyPlan.objects.count() == 1


def test_a_retention_of_a_course_moves_its_cards_alone(api: APIClient, learner: User, course: Course) -> None:
    other = make_course("other")
    for one in (course, other):
        card = one.questions.get(slug="card-epoch")
        for days in (20, 19, 11):
            rate(learner, card, at=NOW - timedelta(days=days))
    before = {state.question.course.slug: state.due for state in MemoryState.objects.select_related("question__course")}
    put(api, courses=[{"course": "small", "desired_retention": 0.97}])
    after = {state.question.course.slug: state.due for state in MemoryState.objects.select_related("question__course")}
    assert after["small"] < before["small"]
    assert after["other"] == before["other"]


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"desired_retention": 0.99}, "/desired_retention"),
        ({"desired_retention": "0.9"}, "/desired_retention"),
        ({"new_per_day": 501}, "/new_per_day"),
        ({"new_per_day": True}, "/new_per_day"),
        ({"reviews_per_day": 0}, "/reviews_per_day"),
        ({"minutes_per_day": 601}, "/minutes_per_day"),
        ({"easy_days": {"7": 1}}, "/easy_days/7/[key]"),
        ({"easy_days": {"1": 0.3}}, "/easy_days/1"),
        ({"easy_days": {str(day): 0 for day in range(7)}}, ""),
        ({"courses": [{"course": "nowhere"}]}, "/courses/0/course"),
        ({"courses": [{"course": "small"}, {"course": "small"}]}, ""),
        ({"courses": [{"course": "small", "exam_on": "soon"}]}, "/courses/0/exam_on"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_what_is_wrong_is_named(api: APIClient, course: Course, changed: dict[str, Any], pointer: str) -> None:
    response = api.put(URL, PLAN | changed, format="json")
    assert response.status_code == 422
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]
    assert not StudyPlan.objects.exists()


def test_a_field_that_is_left_out_is_missed(api: APIClient, course: Course) -> None:
    response = api.put(URL, {name: value for name, value in PLAN.items() if name != "minutes_per_day"}, format="json")
    assert [error["pointer"] for error in response.json()["errors"]] == ["/minutes_per_day"]


def test_a_visitor_is_told_to_log_in(db: None) -> None:
    assert APIClient().get(URL).status_code == 401


def test_the_plan_of_another_learner_is_not_touched(api: APIClient, other_learner: User, course: Course) -> None:
    StudyPlan.objects.create(user=other_learner, new_per_day=3)
    CoursePlan.objects.create(user=other_learner, course=course, exam_on=date(2030, 1, 1))
    put(api)
    assert StudyPlan.objects.get(user=other_learner).new_per_day == 3
    assert CoursePlan.objects.get(user=other_learner).exam_on == date(2030, 1, 1)


@pytest.mark.parametrize("cards", [1, 60])
def test_it_takes_at_most_ten_queries(
    api: APIClient, learner: User, course: Course, cards: int, django_assert_max_num_queries: Any
) -> None:
    for card in more_cards(course, cards):
        remember(learner, card, timezone.now())
    with django_assert_max_num_queries(10):
        assert api.get(URL).status_code == 200
