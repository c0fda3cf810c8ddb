"""GET /lessons/{id}/: the text, its sections, and its concepts with the recall predicted for who asks."""

import datetime
import uuid

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from courses.ids import content_id
from courses.models import Progress
from quizzes.models import MemoryState, Question
from sandbox.models import Preset


@pytest.fixture
def url(lesson):
    return f"/api/v1/lessons/{lesson.pk}/"


def test_it_gives_the_whole_lesson_to_visitors(url, lesson):
    lesson_data = APIClient().get(url).json()

    assert lesson_data["title"] == "Neurons"
    assert lesson_data["course"] == "small-course"
    assert lesson_data["locale"] == "en"
    assert "<mark>neuron</mark>" in lesson_data["html"]
    assert "<math" in lesson_data["html"]
    assert f"?preset={Preset.objects.get().pk}" in lesson_data["html"]
    assert lesson_data["sections"][0] == {
        "id": str(content_id("small-course", "section", "neurons/what-a-neuron-is")),
        "slug": "what-a-neuron-is",
        "title": "What a neuron is",
        "level": 2,
    }
    assert [concept["slug"] for concept in lesson_data["concepts"]] == ["neuron", "learning-rate"]
    assert lesson_data["concepts"][0]["recall"] is None
    assert lesson_data["presets"] == [
        {"id": str(Preset.objects.get().pk), "slug": "two-three-two", "title": "Two rings"}
    ]
    assert lesson_data["quiz"] == {
        "id": str(lesson.quizzes.get().pk), "title": "Neurons", "questions": 1, "best": None,
    }  # fmt: skip
    assert lesson_data["flashcards"] == 1
    assert lesson_data["progress"] is None


def test_it_is_in_the_language_asked_for_down_to_the_buttons(url):
    lesson = APIClient().get(f"{url}?locale=zh-hans").json()
    assert lesson["locale"] == "zh-hans"
    assert lesson["sections"][0]["title"] == "什么是神经元"
    assert lesson["concepts"][0]["name"] == "神经元"
    assert lesson["quiz"]["title"] == "神经元"
    assert lesson["presets"][0]["title"] == "两个圆环"
    assert APIClient().get(url, headers={"accept-language": "zh-hans"}).json()["title"] == "神经元"


def test_it_falls_back_to_the_first_language(url, lesson):
    lesson.bodies.filter(locale="zh-hans").delete()
    assert APIClient().get(f"{url}?locale=zh-hans").json()["locale"] == "en"


def test_it_predicts_recall_for_the_learner(url, api, learner):
    now = timezone.now()
    MemoryState.objects.create(
        user=learner, question=Question.objects.get(slug="what-it-adds"), state=2, stability=10.0, difficulty=5.0,
        due=now, last_review=now - datetime.timedelta(days=10), reps=3, lapses=0, state_hash="x",
    )  # fmt: skip
    concepts = api.get(url).json()["concepts"]
    assert concepts[0]["recall"] == pytest.approx(0.9, abs=0.001)
    assert concepts[1]["recall"] is None


def test_reading_it_opens_nothing(url, api):
    api.get(url)
    assert not Progress.objects.exists()


def test_it_answers_304_until_the_lesson_changes(url, lesson):
    etag = APIClient().get(url).headers["ETag"]
    assert APIClient().get(url, headers={"if-none-match": etag}).status_code == 304
    assert APIClient().get(f"{url}?locale=zh-hans", headers={"if-none-match": etag}).status_code == 200
    lesson.bodies.filter(locale="en").update(title="Nerves")
    assert APIClient().get(url, headers={"if-none-match": etag}).status_code == 200


@pytest.mark.parametrize("case", ["unknown", "archived"])
def test_it_is_not_there_if_archived_or_unknown(url, lesson, case):
    lesson.archived_at = timezone.now()
    lesson.save()
    answer = APIClient().get(url if case == "archived" else f"/api/v1/lessons/{uuid.uuid4()}/")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_it_needs_at_most_ten_queries(api, shipped_course, django_assert_max_num_queries):
    lesson = shipped_course.lessons.first()
    with django_assert_max_num_queries(10):
        api.get(f"/api/v1/lessons/{lesson.pk}/")
