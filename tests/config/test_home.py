import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import User
from courses.models import Course, Lesson, Progress
from quizzes.memory import reviews
from quizzes.models import Review
from sandbox.models import Run


@pytest.fixture
def page(client: Client, learner: User) -> Client:
    client.force_login(learner)
    return client


def read(user: User, lesson: Lesson, position: float = 1.0) -> None:
    moment = timezone.now() - timedelta(hours=1)
    Progress.objects.create(user=user, lesson=lesson, position=position, opened_at=moment, updated_at=moment)


def html_of(client: Client) -> str:
    response = client.get("/")
    assert response.status_code == 200
    return response.content.decode()


def test_it_shows_a_visitor_what_engram_is_and_the_way_in(client: Client, shipped_course: Course) -> None:
    html = html_of(client)
    assert "Learn how neural networks learn" in html
    assert 'href="/accounts/signup/"' in html
    assert f'href="{shipped_course.get_absolute_url()}"' in html
    assert "Learning rate" in html


@pytest.mark.django_db
def test_it_greets_a_visitor_where_there_is_no_course(client: Client) -> None:
    assert "There is no course here yet" in html_of(client)


def test_it_tells_a_learner_where_there_is_no_course(page: Client) -> None:
    html = html_of(page)
    assert "There is no course here yet" in html
    assert 'href="/sandbox/"' in html


def test_it_offers_a_beginner_the_first_lesson(page: Client, shipped_course: Course) -> None:
    html = html_of(page)
    first = shipped_course.lessons.in_order().first()
    assert "Read this lesson" in html
    assert f'href="{first.get_absolute_url()}"' in html
    assert "You have not trained a network yet" in html


def test_it_goes_on_with_the_lesson_that_was_begun(page: Client, learner: User, shipped_course: Course) -> None:
    first, second = shipped_course.lessons.in_order()[:2]
    read(learner, first)
    read(learner, second, 0.4)
    html = html_of(page)
    assert "40 % read" in html


def test_it_asks_for_the_cards_of_an_opened_lesson_first(page: Client, learner: User, shipped_course: Course) -> None:
    read(learner, shipped_course.lessons.in_order().first(), 0.5)
    html = html_of(page)
    assert "want to be remembered" in html
    assert 'href="/review/"' in html
    assert "Go on reading" in html


def test_it_shows_the_last_run(page: Client, learner: User, other_learner: User) -> None:
    Run.objects.create(owner=learner, title="Mine", spec={"epochs": 20}, epochs_done=7)
    Run.objects.create(owner=other_learner, title="Not mine", spec={"epochs": 20})
    html = html_of(page)
    assert "Mine" in html
    assert "7 of 20 epochs" in html
    assert "Not mine" not in html


def test_it_speaks_chinese(client: Client, shipped_course: Course) -> None:
    html = client.get("/", headers={"accept-language": "zh-CN"}).content.decode()
    assert "学习率" in html


def test_it_needs_at_most_ten_queries(
    page: Client, learner: User, shipped_course: Course, django_assert_max_num_queries
) -> None:
    for lesson in shipped_course.lessons.all():
        read(learner, lesson, 0.5)
    Run.objects.create(owner=learner, title="Mine", spec={"epochs": 20})
    with django_assert_max_num_queries(10):
        page.get("/")


def test_the_day_and_its_cards_are_the_page_todays(page: Client, learner: User, shipped_course: Course) -> None:
    read(learner, shipped_course.lessons.in_order().first(), 0.5)
    html, today = html_of(page), page.get("/api/v1/memory/today/").json()
    assert f"{today['ready']} cards want to be remembered" in html
    assert f"about {today['minutes']} minute" in html
    assert 'href="/today/"' in html


@time_machine.travel(datetime(2026, 3, 1, 12, 0, tzinfo=UTC), tick=False)
def test_it_tells_of_a_day_that_is_done(page: Client, learner: User, shipped_course: Course) -> None:
    lesson = shipped_course.lessons.in_order().first()
    read(learner, lesson, 0.5)
    for card in page.get("/api/v1/reviews/queue/?limit=200").json()["cards"]:
        item = {"id": str(uuid.uuid4()), "question": card["question"], "rating": 4, "occurred_at": timezone.now()}
        reviews.record(learner, reviews.read_all([item]), source=Review.Source.FLASHCARD, now=timezone.now())
    html = html_of(page)
    assert "want to be remembered" not in html
    assert re.search(r"Done for today: \d+ cards answered", html)
    assert "Go on reading" in html
