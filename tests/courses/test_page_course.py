"""The course page: the lessons as a path, and where this learner goes on."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from courses.models import Course
from courses.progress import advance

URL = "/courses/small-course/"


@pytest.fixture
def signed_in(client, learner):
    client.force_login(learner)
    return client


def test_it_shows_lessons_in_order_to_a_visitor(client, course):
    page = client.get(URL).content.decode()
    assert "A small course" in page
    assert page.index("Neurons") < page.index("Learning rate")
    assert "Start with the first lesson" in page
    assert reverse("account_signup") in page


def test_it_speaks_the_language_of_the_reader(client, course):
    page = client.get(URL, headers={"accept-language": "zh-hans"}).content.decode()
    assert '<html lang="zh-hans">' in page
    assert '<h1 lang="zh-hans">小课程</h1>' in page
    assert "学习率" in page


def test_it_falls_back_to_the_first_language_with_a_notice(client, course):
    course.texts.filter(locale="zh-hans").delete()
    page = client.get(URL, headers={"accept-language": "zh-hans"}).content.decode()
    assert '<h1 lang="en">A small course</h1>' in page
    assert "English" in page


def test_it_goes_on_where_the_learner_stopped(signed_in, course, lesson, learner):
    advance(learner, lesson, 0.4, ["what-a-neuron-is", "training"], now=timezone.now())
    page = signed_in.get(URL).content.decode()
    assert 'href="/courses/small-course/neurons/#training">Go on reading' in page
    assert "40 % read" in page
    assert "0 of 2 lessons read" in page


def test_it_offers_the_next_lesson_after_one_is_read(signed_in, course, lesson, learner):
    advance(learner, lesson, 1.0, [], now=timezone.now())
    page = signed_in.get(URL).content.decode()
    assert 'href="/courses/small-course/learning-rate/">Read the next lesson' in page
    assert "1 of 2 lessons read" in page


def test_it_says_so_when_everything_is_read(signed_in, course, learner):
    for lesson in course.lessons.all():
        advance(learner, lesson, 1.0, [], now=timezone.now())
    assert "You have read every lesson" in signed_in.get(URL).content.decode()


def test_it_shows_how_the_quiz_went(signed_in, course, lesson, learner):
    quiz = lesson.quizzes.get()
    page = signed_in.get(URL).content.decode()
    assert "Quiz with 1 question" in page
    now = datetime.datetime.now(datetime.UTC)
    quiz.attempts.create(user=learner, started_at=now, submitted_at=now, score=1.5, max_score=2)
    quiz.attempts.create(user=learner, started_at=now, submitted_at=now, score=1, max_score=2)
    assert "best 75 %" in signed_in.get(URL).content.decode()
    quiz.attempts.create(user=learner, started_at=now, max_score=2)
    assert "begun" in signed_in.get(URL).content.decode()


def test_it_needs_at_most_ten_queries(signed_in, shipped_course, learner, django_assert_max_num_queries):
    for lesson in shipped_course.lessons.all():
        advance(learner, lesson, 0.5, [], now=timezone.now())
    with django_assert_max_num_queries(10):
        signed_in.get(shipped_course.get_absolute_url())


@pytest.mark.parametrize("archived", [True, False])
def test_it_is_not_there_if_it_is_unknown_or_archived(client, course, archived):
    if archived:
        Course.objects.update(archived_at=timezone.now())
    assert client.get(URL if archived else "/courses/other/").status_code == 404


def test_the_list_leads_to_the_only_course(client, course):
    assert client.get("/courses/").headers["Location"] == URL


def test_the_list_shows_several_courses(client, course, shipped_course):
    page = client.get("/courses/").content.decode()
    assert "A small course" in page
    assert shipped_course.get_absolute_url() in page


def test_the_list_says_when_there_is_none(client, db):
    assert "There is no course here yet" in client.get("/courses/").content.decode()
