"""GET /courses/, /courses/{slug}/ and /courses/{slug}/lessons/: open to everyone, in the language asked for."""

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from courses.models import Course
from courses.progress import advance


@pytest.fixture
def visitor():
    return APIClient()


def test_it_lists_courses_to_visitors(visitor, course):
    answer = visitor.get("/api/v1/courses/")

    assert answer.status_code == 200
    assert answer.data["results"] == [
        {
            "id": str(course.pk),
            "slug": "small-course",
            "locale": "en",
            "locales": ["en", "zh-hans"],
            "title": "A small course",
            "summary": "Two lessons for the tests.",
            "licence": "CC-BY-SA-4.0",
            "content_hash": course.content_hash,
        }
    ]


def test_it_leaves_out_archived_courses(visitor, course):
    Course.objects.update(archived_at=timezone.now())
    assert visitor.get("/api/v1/courses/").data["results"] == []
    assert visitor.get("/api/v1/courses/small-course/").status_code == 404


@pytest.mark.parametrize(
    ("query", "language", "title"),
    [
        ("", "en", "A small course"),
        ("", "zh-hans", "小课程"),
        ("?locale=zh-hans", "en", "小课程"),
        ("?locale=fr", "en", "A small course"),
    ],
)
def test_it_speaks_the_language_asked_for(visitor, course, query, language, title):
    headers = {"accept-language": language}
    assert visitor.get(f"/api/v1/courses/small-course/{query}", headers=headers).data["title"] == title
    assert visitor.get(f"/api/v1/courses/{query}", headers=headers).data["results"][0]["title"] == title


def test_it_refuses_what_is_no_language(visitor, course):
    answer = visitor.get("/api/v1/courses/?locale=<script>")
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"][0]["pointer"] == "/locale"


def test_it_lists_lessons_in_order_and_in_pages(visitor, course):
    first = visitor.get("/api/v1/courses/small-course/lessons/?limit=1").data
    assert [lesson["slug"] for lesson in first["results"]] == ["neurons"]
    second = visitor.get(first["next"]).data
    assert [lesson["slug"] for lesson in second["results"]] == ["learning-rate"]
    assert second["next"] is None
    assert second["results"][0]["minutes"] >= 1
    assert second["results"][0]["progress"] is None


def test_it_tells_learners_their_own_progress(api, course, lesson, learner, other_learner):
    advance(other_learner, lesson, 0.9, [], now=timezone.now())
    advance(learner, lesson, 0.25, ["training"], now=timezone.now())
    lessons = api.get("/api/v1/courses/small-course/lessons/").data["results"]
    assert lessons[0]["progress"]["position"] == 0.25
    assert lessons[0]["progress"]["sections"] == ["training"]
    assert lessons[1]["progress"] is None


def test_it_answers_304_to_who_has_it_already(visitor, course):
    for url in ("/api/v1/courses/", "/api/v1/courses/small-course/", "/api/v1/courses/small-course/lessons/"):
        etag = visitor.get(url).headers["ETag"]
        assert visitor.get(url, headers={"if-none-match": etag}).status_code == 304


def test_it_answers_a_problem_for_an_unknown_course(visitor, db):
    for url in ("/api/v1/courses/other/", "/api/v1/courses/other/lessons/"):
        answer = visitor.get(url)
        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_it_needs_few_queries_however_many_lessons(api, shipped_course, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        api.get(f"/api/v1/courses/{shipped_course.slug}/lessons/")
