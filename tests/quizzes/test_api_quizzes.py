import uuid

import pytest

from quizzes.models import Question, Slot
from tests.quizzes.factories import NOW, QUESTIONS, import_yaml, make_course, the_quiz


@pytest.fixture
def quiz(db):
    return the_quiz(make_course())


@pytest.fixture
def url(quiz):
    return f"/api/v1/quizzes/{quiz.id}/"


def test_it_gives_the_questions_in_order(api, quiz, url) -> None:
    body = api.get(url).json()
    assert (body["id"], body["title"], body["course"], body["locale"]) == (str(quiz.id), "First steps", "small", "en")
    choice, cloze = body["slots"]
    assert choice["id"] == str(Slot.objects.get(question__slug="nonlinear").id)
    assert (choice["position"], choice["version"], choice["concepts"]) == (1, 1, ["activation-function"])
    assert choice["body"]["kind"] == "single_choice"
    assert [option["id"] for option in choice["body"]["choices"]] == ["nonlinear", "linear", "constant"]
    assert "[[sum]]" in cloze["body"]["text"]
    assert [blank["name"] for blank in cloze["body"]["blanks"]] == ["sum", "name"]


def test_it_gives_no_key_no_feedback_and_no_accepted_answer(api, url) -> None:
    text = api.get(url).content.decode()
    for secret in ["key", "accept", "forward pass", "前向传播", "Depth needs", "depth adds nothing", "From input"]:
        assert secret not in text


def test_it_speaks_the_language_that_is_asked_for(api, url) -> None:
    body = api.get(url, headers={"accept-language": "zh-hans"}).json()
    assert (body["locale"], body["title"]) == ("zh-hans", "第一步")
    assert body["slots"][0]["body"]["choices"][0] == {"id": "nonlinear", "text": "非线性"}


def test_an_unchanged_quiz_is_304_and_a_changed_one_is_not(api, quiz, url) -> None:
    first = api.get(url)
    assert first["ETag"].startswith('"')
    unchanged = api.get(url, headers={"if-none-match": first["ETag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    import_yaml(quiz.lesson.course, QUESTIONS.replace("**function**", "*function*"))
    changed = api.get(url, headers={"if-none-match": first["ETag"]})
    assert (changed.status_code, changed.json()["slots"][0]["version"]) == (200, 2)


def test_archived_slots_are_left_out(api, url) -> None:
    Question.objects.filter(slug="nonlinear").update(archived_at=NOW)
    slots = api.get(url).json()["slots"]
    assert [(slot["position"], slot["body"]["kind"]) for slot in slots] == [(1, "cloze")]


def test_strangers_and_unknown_ids_get_problems(client, api, url) -> None:
    anonymous = client.get(url)
    assert (anonymous.status_code, anonymous["Content-Type"]) == (401, "application/problem+json")
    unknown = api.get(f"/api/v1/quizzes/{uuid.uuid4()}/")
    assert (unknown.status_code, unknown["Content-Type"]) == (404, "application/problem+json")


def test_it_needs_at_most_10_queries(api, url, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(10):
        api.get(url)
