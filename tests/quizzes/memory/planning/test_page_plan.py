from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from courses.models import Course
from quizzes.models import CoursePlan, MemoryState, StudyPlan
from tests.quizzes.factories import NOW, make_course
from tests.quizzes.memory.samples import more_cards, open_lesson, rate, remember

PAGE = "/memory/plan/"
EXAM = date(2026, 3, 20)
TODAY = date(2026, 3, 1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def course(learner: User) -> Course:
    course = make_course()
    open_lesson(learner, course)
    return course


def form(**changed: Any) -> dict[str, Any]:
    days = {f"day_{weekday}": "1" for weekday in range(7)}
    day = {"new_per_day": "20", "reviews_per_day": "", "minutes_per_day": "", "desired_retention": "90"}
    course = {"course-small-desired_retention": "", "course-small-exam_on": ""}
    return {**day, **days, **course, **changed}


def html(page: Client, address: str = PAGE) -> str:
    response = page.get(address)
    assert response.status_code == 200
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ")


class TestWhatIsKept:
    def test_the_day_and_the_week(self, page: Client, learner: User, course: Course) -> None:
        sent = form(new_per_day="7", reviews_per_day="60", minutes_per_day="25", day_5="0.5", day_6="0")
        response = page.post(PAGE, sent, follow=True)
        assert "Saved." in response.content.decode()
        plan = StudyPlan.objects.get(user=learner)
        assert (plan.new_per_day, plan.reviews_per_day, plan.minutes_per_day) == (7, 60, 25)
        assert plan.easy_days == {"5": 0.5, "6": 0.0}
        assert 'value="25"' in response.content.decode()

    def test_an_exam_and_a_retention_of_a_course(self, page: Client, learner: User, course: Course) -> None:
        sent = {"course-small-desired_retention": "94", "course-small-exam_on": EXAM.isoformat()}
        page.post(PAGE, form(**sent))
        plan = CoursePlan.objects.get(user=learner)
        assert (plan.course, plan.desired_retention, plan.exam_on) == (course, 0.94, EXAM)
        page.post(PAGE, form())
        plan.refresh_from_db()
        assert (plan.desired_retention, plan.exam_on) == (None, None)

    def test_weights_and_evidence_stay_as_they_are(self, page: Client, learner: User, course: Course) -> None:
        weights = [0.3] * 21
        StudyPlan.objects.create(user=learner, weights=weights, quiz_evidence=False)
        CoursePlan.objects.create(user=learner, course=course, weights=weights)
        page.post(PAGE, form())
        assert StudyPlan.objects.values_list("weights", "quiz_evidence").get() == (weights, False)
        assert CoursePlan.objects.values_list("weights", flat=True).get() == weights

    def test_a_retention_that_changes_gives_the_cards_new_dates(
        self, page: Client, learner: User, course: Course
    ) -> None:
        card = course.questions.get(slug="card-epoch")
        for days in (0, 1, 9):
            rate(learner, card, at=NOW - timedelta(days=20 - days))
        before = MemoryState.objects.get()
        page.post(PAGE, form(desired_retention="80"))
        learner.refresh_from_db()
        after = MemoryState.objects.get()
        assert learner.desired_retention == 0.8
        assert after.due > before.due
        assert after.stability == before.stability

    def test_the_same_plan_again_folds_nothing(
        self, page: Client, course: Course, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        page.post(PAGE, form(desired_retention="85"))
        monkeypatch.setattr("quizzes.memory.reviews.rebuild", lambda user: pytest.fail("folded again"))
        page.post(PAGE, form(desired_retention="85", new_per_day="3"))
        assert StudyPlan.objects.get().new_per_day == 3


class TestWhatIsWrong:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("new_per_day", "501"),
            ("new_per_day", ""),
            ("reviews_per_day", "0"),
            ("minutes_per_day", "601"),
            ("desired_retention", "69"),
            ("desired_retention", "98"),
            ("desired_retention", "NaN"),
            ("day_3", "0.7"),
            ("course-small-exam_on", "2026-02-28"),
            ("course-small-desired_retention", "much"),
        ],
    )
    def test_it_is_said_at_the_field_and_nothing_is_saved(
        self, page: Client, course: Course, field: str, value: str
    ) -> None:
        response = page.post(PAGE, form(**{"new_per_day": "9", field: value}))
        assert response.status_code == 422
        text = response.content.decode()
        assert "Nothing is saved yet" in text
        assert "errorlist" in text
        assert not StudyPlan.objects.exists()

    def test_a_week_has_at_least_one_day(self, page: Client, course: Course) -> None:
        response = page.post(PAGE, form(**{f"day_{weekday}": "0" for weekday in range(7)}))
        assert "Leave at least one day of the week." in response.content.decode()

    def test_a_visitor_is_sent_to_the_login(self, client: Client, db: None) -> None:
        assert "/accounts/login/" in client.get(PAGE).url

    def test_a_course_that_was_not_begun_is_not_touched(self, page: Client, learner: User, course: Course) -> None:
        make_course("foreign")
        page.post(PAGE, form(**{"course-foreign-exam_on": EXAM.isoformat()}))
        assert not CoursePlan.objects.filter(course__slug="foreign").exists()


class TestWhatItLeadsTo:
    def test_the_work_is_drawn_and_in_a_table(self, page: Client, learner: User, course: Course) -> None:
        for card in more_cards(course, 40):
            remember(learner, card, NOW + timedelta(days=1))
        text = html(page)
        assert "90 % is about" in text
        assert 'class="plan-line"' in text
        assert "Simulated for your 41 cards over the next 90 days" in text
        assert '<span class="badge badge--good">chosen</span>' in text

    def test_with_few_cards_those_of_the_courses_are_taken(self, page: Client, course: Course) -> None:
        assert "You have few cards yet" in html(page)

    def test_without_any_card_it_says_so(self, page: Client) -> None:
        assert "As soon as a course has cards" in html(page)

    def test_another_retention_can_be_looked_at(self, page: Client, learner: User, course: Course) -> None:
        text = html(page, f"{reverse('quizzes:study_plan_workload')}?desired_retention=80")
        assert "80 % is about" in text
        assert "<html" not in text
        learner.refresh_from_db()
        assert learner.desired_retention == 0.9

    def test_what_will_not_fit_before_the_exam_is_said(self, page: Client, course: Course) -> None:
        more_cards(course, 119)
        page.post(PAGE, form(**{"new_per_day": "4", "course-small-exam_on": "2026-03-21"}))
        assert "40 of 120 cards will not be asked before the exam unless you do 2 more a day." in html(page)

    def test_an_exam_that_has_passed_is_asked_for_again(self, page: Client, learner: User, course: Course) -> None:
        CoursePlan.objects.create(user=learner, course=course, exam_on=TODAY - timedelta(days=1))
        text = html(page)
        assert "2026-02-28" not in text
        assert "Until the exam" not in text

    @pytest.mark.parametrize("cards", [1, 60])
    def test_it_takes_at_most_ten_queries(
        self, page: Client, learner: User, course: Course, cards: int, django_assert_max_num_queries: Any
    ) -> None:
        CoursePlan.objects.create(user=learner, course=course, exam_on=EXAM)
        for card in more_cards(course, cards):
            remember(learner, card, NOW)
        with django_assert_max_num_queries(10):
            html(page)


def test_it_speaks_chinese(page: Client, course: Course) -> None:
    response = page.get(PAGE, headers={"accept-language": "zh-hans"})
    assert 'lang="zh-hans"' in response.content.decode()
