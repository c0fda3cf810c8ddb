"""What a learner writes for the own memory is seen by nobody else, wherever courses and their questions are shown."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from courses.models import Course, Section
from quizzes.memory.browsing import own_cards
from quizzes.memory.browsing.own_cards import OwnCard
from quizzes.models import Question, Quiz
from tests.quizzes.memory.samples import rate

SECRET = "Zwiebelfisch"


@pytest.fixture
def card(shipped_course: Course, learner: User) -> Question:
    """In the middle of a lesson, reviewed once, put into a file of the course by nobody."""
    section = Section.objects.select_related("lesson").filter(lesson__slug="learning-rate").order_by("position")[1]
    cards = [OwnCard(uuid.uuid4(), f"{SECRET}-vorn", f"{SECRET}-hinten", section)]
    (kept,) = own_cards.keep(learner, shipped_course, cards, now=timezone.now())
    rate(learner, kept.question, at=timezone.now())
    return kept.question


@pytest.fixture(params=["other", "instructor", "superuser"])
def stranger(request, other_learner: User, instructor: User, admin_user: User) -> User:
    users: dict[str, User] = {"other": other_learner, "instructor": instructor, "superuser": admin_user}
    return users[request.param]


def pages(course: Course, card: Question) -> Iterator[str]:
    lesson = f"/courses/{course.slug}/learning-rate/"
    yield from (f"/courses/{course.slug}/", lesson, f"/search/{course.slug}/?q={SECRET}", "/", "/review/")
    yield from (
        f"/practice/{course.slug}/",
        "/memory/cards/",
        f"/memory/cards/?q={SECRET}",
        f"/memory/cards/{card.pk}/",
    )
    yield from ("/memory/cards/export/?format=csv", "/memory/cards/export/?format=csv&memory=1")
    yield from (f"/authoring/{course.slug}/", f"/authoring/{course.slug}/questions/")
    yield f"/authoring/{course.slug}/learning-rate/en/"
    for format_ in ("gift", "moodle_xml", "csv", "aiken"):
        yield f"/question-export/{course.slug}/?format={format_}&locale=en&lesson=&anyway=1"
    quiz = Quiz.objects.get(lesson__slug="learning-rate", lesson__course=course)
    yield from (f"/quizzes/{quiz.pk}/", f"/quizzes/{quiz.pk}/statistics/", f"/courses/{course.slug}/leeches/")
    yield from (f"/questions/{card.pk}/regrade/", f"/questions/{card.pk}/regrade/key/")
    yield from (f"/admin/quizzes/{model}/?q=own-" for model in ("question", "review", "memorystate"))
    yield from (f"/admin/quizzes/question/{card.pk}/change/", "/admin/quizzes/review/", "/admin/quizzes/memorystate/")


def calls(course: Course, card: Question) -> Iterator[str]:
    lesson = course.lessons.get(slug="learning-rate")
    yield from (f"/api/v1/courses/{course.slug}/", f"/api/v1/lessons/{lesson.pk}/", f"/api/v1/cards/?q={SECRET}")
    yield from (f"/api/v1/cards/{card.pk}/", f"/api/v1/memory/{card.pk}/", f"/api/v1/memory/{card.pk}/mark/")
    yield from ("/api/v1/reviews/queue/?limit=200&horizon=30", f"/api/v1/questions/{card.pk}/regrades/")
    yield f"/api/v1/courses/{course.slug}/questions/export/?format=csv"


def test_no_page_shows_it_to_anybody_else(
    client: Client, stranger: User, shipped_course: Course, card: Question
) -> None:
    client.force_login(stranger)
    for page in pages(shipped_course, card):
        answer = client.get(page)
        text = answer.getvalue().decode("utf-8", "replace")
        assert f"{SECRET}-" not in text, page
        assert f"own-{card.pk}" not in text, page
        assert answer.status_code < 500, page
        if str(card.pk) in page:
            assert answer.status_code in {302, 404}, page


def test_no_answer_of_the_api_shows_it_to_anybody_else(stranger: User, shipped_course: Course, card: Question) -> None:
    api = APIClient()
    api.force_authenticate(stranger)
    for call in calls(shipped_course, card):
        answer = api.get(call)
        assert f"{SECRET}-" not in answer.content.decode(), call
        assert answer.status_code == (404 if str(card.pk) in call else answer.status_code), call
    item = {"id": str(uuid.uuid4()), "question": str(card.pk), "rating": 3, "occurred_at": timezone.now().isoformat()}
    results = api.post("/api/v1/reviews/", {"reviews": [item]}, format="json").json()["results"]
    assert results[0]["status"] == "rejected"


def test_its_learner_reads_what_is_remembered_of_it(api: APIClient, card: Question) -> None:
    assert api.get(f"/api/v1/memory/{card.pk}/").json()["reps"] == 1


def test_a_course_that_is_taken_out_and_brought_in_knows_nothing_of_it(
    shipped_course: Course, card: Question, tmp_path: Path
) -> None:
    folder = tmp_path / "course"
    call_command("export_course", shipped_course.slug, str(folder), verbosity=0)
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert files
    assert not [file for file in files if SECRET.encode() in file.read_bytes()]
    call_command("import_course", str(folder), verbosity=0)
    kept = Question.every.get(pk=card.pk)
    assert (kept.archived_at, kept.section_id, kept.current_id) == (None, card.section_id, card.current_id)
