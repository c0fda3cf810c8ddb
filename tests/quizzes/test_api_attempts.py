import uuid

import pytest
from rest_framework.test import APIClient

from quizzes.models import Attempt, Response, Review, Slot
from tests.quizzes.factories import make_course, the_quiz

RIGHT, WRONG = {"choice": "nonlinear"}, {"choice": "linear"}
FILLED = {"blanks": {"sum": "weighted-sum", "name": "前向传播"}}


@pytest.fixture
def quiz(db):
    return the_quiz(make_course())


@pytest.fixture
def attempt_id():
    return uuid.uuid4()


@pytest.fixture
def url(attempt_id):
    return f"/api/v1/attempts/{attempt_id}/"


@pytest.fixture
def slots(quiz):
    return {slot.question.slug: str(slot.id) for slot in Slot.objects.select_related("question")}


@pytest.fixture
def put(api, quiz, url, slots):
    def send(*given, **more):
        responses = [{"slot": slots.get(slug, slug), "response": response, **more} for slug, response in given]
        return api.put(url, {"quiz": str(quiz.id), "responses": responses})

    return send


def test_it_starts_and_marks_in_one_request(put, slots) -> None:
    response = put(("nonlinear", WRONG))
    assert response.status_code == 201
    body = response.json()
    assert (body["score"], body["max_score"], body["submitted_at"], body["preview"]) == (None, 2, None, False)
    (result,) = body["results"]
    assert (result["slot"], result["status"], result["problem"]) == (slots["nonlinear"], "created", None)
    outcome = result["outcome"]
    assert (outcome["score"], outcome["parts"], outcome["response"]) == (0.0, {"choice": False}, WRONG)
    assert outcome["key"] == {"kind": "single_choice", "choice": "nonlinear"}
    assert "Stacked linear maps" in outcome["feedback"][0]
    assert outcome["explained_in"]["url"] == "/courses/small/nets/#activations"


def test_repeating_a_request_changes_nothing(put) -> None:
    first = put(("nonlinear", WRONG), ("output", FILLED))
    again = put(("nonlinear", WRONG), ("output", FILLED))
    assert (first.status_code, again.status_code) == (201, 200)
    assert [result["status"] for result in again.json()["results"]] == ["duplicate", "duplicate"]
    assert [result["outcome"] for result in again.json()["results"]] == [
        result["outcome"] for result in first.json()["results"]
    ]
    assert Response.objects.count() == Review.objects.count() == 2


def test_another_answer_is_a_conflict_and_the_first_one_stands(put) -> None:
    put(("nonlinear", WRONG))
    (result,) = put(("nonlinear", RIGHT)).json()["results"]
    assert (result["status"], result["outcome"]["score"], result["outcome"]["response"]) == ("conflict", 0.0, WRONG)


def test_one_bad_answer_never_blocks_the_others(put) -> None:
    stranger = str(uuid.uuid4())
    response = put(("nonlinear", {"choice": "z"}), (stranger, RIGHT), ("output", FILLED))
    bad, unknown, good = response.json()["results"]
    assert (bad["status"], bad["problem"]["pointer"], bad["problem"]["code"]) == (
        "rejected",
        "/choice",
        "unknown_choice",
    )
    assert (unknown["status"], unknown["problem"]["code"]) == ("rejected", "unknown_slot")
    assert (good["status"], good["outcome"]["score"]) == ("created", 1.0)
    assert bad["outcome"] is None


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"quiz": "x"}, "/quiz"),
        ({"quiz": 5}, "/quiz"),
        ({"surprise": 1}, "/surprise"),
        ({"responses": {}}, "/responses"),
        ({"responses": [{"slot": "x", "response": {}}]}, "/responses/0/slot"),
        ({"responses": [{"slot": str(uuid.uuid4())}]}, "/responses/0/response"),
        ({"responses": [{"slot": str(uuid.uuid4()), "response": {}, "version": True}]}, "/responses/0/version"),
        ({"responses": [{"slot": str(uuid.uuid4()), "response": {}, "answered_at": 5}]}, "/responses/0/answered_at"),
    ],
)
def test_a_body_that_does_not_fit_is_422_with_the_field(api, quiz, url, change, pointer) -> None:
    response = api.put(url, {"quiz": str(quiz.id), "responses": [], **change})
    assert response.status_code == 422
    assert pointer in {error["pointer"] for error in response.json()["errors"]}
    assert not Attempt.objects.exists()


@pytest.mark.parametrize("body", [[], None, 5, "x"])
def test_any_other_json_is_422(api, url, quiz, body) -> None:
    assert api.put(url, body).status_code == 422


def test_an_offline_answer_keeps_its_moment(put) -> None:
    put(("nonlinear", RIGHT), answered_at="2026-02-01T08:00:00+08:00", version=1, elapsed_ms=4200)
    review = Review.objects.get()
    assert review.occurred_at.isoformat() == "2026-02-01T00:00:00+00:00"
    assert review.elapsed_ms == 4200


def test_reading_it_gives_the_marks_and_keeps_the_other_keys(api, url, put, slots) -> None:
    put(("nonlinear", RIGHT))
    response = api.get(url)
    body = response.json()
    assert [(place["slot"], place["answered"]) for place in body["places"]] == [
        (slots["nonlinear"], True),
        (slots["output"], False),
    ]
    (marked,) = body["responses"]
    assert (marked["slot"], marked["key"]["choice"]) == (slots["nonlinear"], "nonlinear")
    assert response.content.decode().count('"key"') == 1
    assert "forward pass" not in response.content.decode()


def test_submitting_fixes_the_score_and_repeating_it_changes_nothing(api, url, put) -> None:
    put(("nonlinear", RIGHT))
    first = api.post(f"{url}submit/").json()
    again = api.post(f"{url}submit/").json()
    assert (first["score"], first["max_score"]) == (1.0, 2)
    assert first == again
    (late,) = put(("output", FILLED)).json()["results"]
    assert (late["status"], late["problem"]["code"]) == ("rejected", "submitted")


def test_the_review_shows_every_key_and_what_comes_back(api, url, put) -> None:
    put(("nonlinear", WRONG))
    early = api.get(f"{url}review/")
    assert (early.status_code, early.json()["type"]) == (409, "urn:engram:problem:not_submitted")
    api.post(f"{url}submit/")
    body = api.get(f"{url}review/").json()
    missed, unanswered = body["slots"]
    assert (missed["outcome"]["score"], missed["key"]["choice"]) == (0.0, "nonlinear")
    assert unanswered["outcome"] is None
    assert unanswered["key"]["blanks"] == {
        "sum": ["weighted-sum"],
        "name": ["forward pass", "forward propagation", "前向传播"],
    }
    assert unanswered["explained_in"]["section"] == "forward"
    assert (body["missed"], body["next_due"] is not None) == (1, True)


def test_someone_elses_attempt_is_not_there(put, url, quiz, other_learner) -> None:
    put(("nonlinear", RIGHT))
    stranger = APIClient()
    stranger.force_authenticate(other_learner)
    for response in [
        stranger.get(url),
        stranger.put(url, {"quiz": str(quiz.id)}),
        stranger.post(f"{url}submit/"),
        stranger.get(f"{url}review/"),
    ]:
        assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    assert Attempt.objects.get().submitted_at is None


def test_an_id_of_another_quiz_is_409_and_an_unknown_quiz_404(api, url, put) -> None:
    assert api.put(url, {"quiz": str(uuid.uuid4())}).status_code == 404
    put()
    other = the_quiz(make_course("other"))
    response = api.put(url, {"quiz": str(other.id)})
    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (409, "/quiz")


def test_an_attempt_goes_on_after_its_quiz_was_archived(put, quiz) -> None:
    put()
    quiz.archived_at = quiz.lesson.course.archived_at = "2026-03-01T00:00:00Z"
    quiz.save()
    assert put(("nonlinear", RIGHT)).json()["results"][0]["status"] == "created"


def test_an_empty_quiz_is_409(api, url, quiz) -> None:
    Slot.objects.update(archived_at="2026-03-01T00:00:00Z")
    assert api.put(url, {"quiz": str(quiz.id)}).json()["type"] == "urn:engram:problem:quiz_is_empty"


def test_reads_need_at_most_10_queries(api, url, put, django_assert_max_num_queries) -> None:
    put(("nonlinear", RIGHT), ("output", FILLED))
    with django_assert_max_num_queries(10):
        api.get(url)
    api.post(f"{url}submit/")
    with django_assert_max_num_queries(10):
        api.get(f"{url}review/")
