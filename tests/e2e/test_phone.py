"""The journey of an app: everything a learner does, through `/api/v1/` with a session token."""

import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests import thoughtless
from tests.servers import Installation

COURSE = "/api/v1/courses/deep-learning-with-keras/"


@pytest.fixture(params=["en", "zh-hans"])
def phone(request: pytest.FixtureRequest, installation: Installation) -> Iterator[httpx.Client]:
    """An app that has just signed its learner up."""
    with httpx.Client(
        base_url=installation.url, headers={"Accept-Language": request.param, "Accept": "application/json"}, timeout=30
    ) as client:
        account = {"email": f"phone-{uuid.uuid4().hex[:8]}@example.org", "password": "correct horse battery"}
        answer = client.post("/_allauth/app/v1/auth/signup", json=account)
        assert answer.status_code == 200, answer.text
        client.headers["X-Session-Token"] = answer.json()["meta"]["session_token"]
        yield client


def get(phone: httpx.Client, path: str, **parameters: Any) -> Any:
    answer = phone.get(path, params=parameters)
    assert answer.status_code == 200, f"{path}: {answer.text}"
    return answer.json()


@pytest.mark.keras
def test_a_phone_plays_the_whole_round(phone: httpx.Client) -> None:
    locale = phone.headers["Accept-Language"]
    assert get(phone, "/api/v1/me/")["locale"] == locale

    lessons = get(phone, COURSE + "lessons/")["results"]
    lesson = get(phone, f"/api/v1/lessons/{lessons[-1]['id']}/")
    assert lesson["locale"] == locale
    assert "<math" in lesson["html"]
    assert "<mark>" in lesson["html"]
    read = phone.put(f"/api/v1/lessons/{lesson['id']}/progress/", json={"position": 0.5, "sections": []})
    assert read.status_code == 200, read.text

    missed = miss_a_question(phone, lesson["quiz"]["id"])
    queue = get(phone, "/api/v1/reviews/queue/", limit=50)["cards"]
    assert missed in {card["question"] for card in queue}
    cards = [card for card in queue if card["kind"] == "flashcard"]
    assert cards, "the flashcards of the lesson are in today's review"
    rate_a_flashcard(phone, cards[0]["question"])
    train_the_experiment(phone)


def miss_a_question(phone: httpx.Client, quiz_id: str) -> str:
    """Answer the whole quiz thoughtlessly; return a question that was missed."""
    quiz = get(phone, f"/api/v1/quizzes/{quiz_id}/")
    responses = [{"slot": slot["id"], "response": thoughtless.response(slot["body"])} for slot in quiz["slots"]]
    attempt = f"/api/v1/attempts/{uuid.uuid4()}/"
    for status in [201, 200]:  # an answer that got lost is sent again
        sent = phone.put(attempt, json={"quiz": quiz_id, "responses": responses})
        assert sent.status_code == status, sent.text
    for _ in range(2):
        assert phone.post(attempt + "submit/").status_code == 200
    review = get(phone, attempt + "review/")
    assert 0 < review["score"] < review["max_score"]
    marks = {outcome["slot"]: outcome["score"] for outcome in get(phone, attempt)["responses"]}
    return str(next(slot["question"] for slot in quiz["slots"] if marks[slot["id"]] == 0))


def rate_a_flashcard(phone: httpx.Client, question: str) -> None:
    item = {"id": str(uuid.uuid4()), "question": question, "rating": 3, "occurred_at": "2020-01-01T10:00:00Z"}
    for status in ["created", "duplicate"]:
        answer = phone.post("/api/v1/reviews/", json={"reviews": [item]})
        assert answer.status_code == 200, answer.text
        assert [result["status"] for result in answer.json()["results"]] == [status]
    memory = get(phone, f"/api/v1/memory/{question}/")
    assert memory["reps"] == 1
    assert memory["due"]


def train_the_experiment(phone: httpx.Client) -> None:
    preset = get(phone, "/api/v1/sandbox/presets/")["results"][0]
    spec = {**preset["spec"], "epochs": 5, "optimizer": {**preset["spec"]["optimizer"], "learning_rate": 0.02}}
    estimate = phone.post("/api/v1/sandbox/estimate/", json={"spec": spec})
    assert estimate.status_code == 200, estimate.text

    run = f"/api/v1/sandbox/runs/{uuid.uuid4()}/"
    for status in [201, 200]:
        created = phone.put(run, json={"spec": spec})
        assert created.status_code == status, created.text
    deadline = time.monotonic() + 60
    while (state := get(phone, run))["status"] in {"queued", "running"}:
        assert time.monotonic() < deadline, state
        time.sleep(0.1)
    assert state["status"] == "succeeded", state
    epochs = get(phone, run + "epochs/", after=0)["epochs"]
    assert [epoch["number"] for epoch in epochs] == [1, 2, 3, 4, 5]


def at_once(phone: httpx.Client, requests: list[tuple[str, dict[str, Any]]]) -> list[httpx.Response]:
    """Send these all together, as several devices of one learner might."""

    def put(request: tuple[str, dict[str, Any]]) -> httpx.Response:
        with httpx.Client(base_url=phone.base_url, headers=phone.headers, timeout=30) as device:
            return device.put(request[0], json=request[1])

    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(put, requests))


def test_devices_that_begin_at_once_do_not_get_more_attempts_than_there_are(phone: httpx.Client, quizzes) -> None:
    quiz = quizzes["twice"]
    sent = at_once(phone, [(f"/api/v1/attempts/{uuid.uuid4()}/", {"quiz": quiz}) for _ in range(6)])
    assert sorted(answer.status_code for answer in sent) == [201, 201, 409, 409, 409, 409]
    assert {answer.json()["type"].split(":")[-1] for answer in sent if answer.status_code == 409} == {"no_attempt_left"}


def test_devices_that_answer_at_once_are_marked_once_and_the_newest_of_kept_answers_stays(
    phone: httpx.Client, quizzes
) -> None:
    for name in ("free", "deferred"):
        quiz, attempt = quizzes[name], f"/api/v1/attempts/{uuid.uuid4()}/"
        assert phone.put(attempt, json={"quiz": quiz}).status_code == 201
        place = get(phone, attempt)["places"][0]
        choices = [choice["id"] for choice in place["body"]["choices"]]
        given = [
            {"slot": place["slot"], "response": {"choice": choices[number % len(choices)]}, "sequence": number + 1}
            for number in range(8)
        ]
        sent = at_once(phone, [(attempt, {"quiz": quiz, "responses": [one]}) for one in given])
        statuses = sorted(answer.json()["results"][0]["status"] for answer in sent)
        state = get(phone, attempt)
        if name == "deferred":
            assert set(statuses) <= {"saved", "outdated"}
            assert state["places"][0]["kept"]["sequence"] == 8
        else:
            assert statuses.count("created") == 1
            assert len(state["responses"]) == 1
            assert get(phone, f"/api/v1/memory/{place['question']}/")["reps"] == 1


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"colour": "red"}, "/spec/colour"),
        ({"epochs": 10_000}, "/spec/epochs"),
        ({"layers": [{"kind": "dense", "units": True, "activation": "relu"}]}, "/spec/layers/0/units"),
    ],
)
def test_a_bad_spec_is_refused_with_a_pointer(phone: httpx.Client, change: dict[str, Any], pointer: str) -> None:
    preset = get(phone, "/api/v1/sandbox/presets/")["results"][0]
    answer = phone.put(f"/api/v1/sandbox/runs/{uuid.uuid4()}/", json={"spec": {**preset["spec"], **change}})
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert any(error["pointer"].startswith(pointer) for error in answer.json()["errors"]), answer.json()


@pytest.mark.parametrize(
    ("body", "status"),
    [(b'{"spec": NaN}', 400), (b"{", 400), (b"[" * 2000, 400), (b'{"spec": 1, "spec": 2}', 400), (b"null", 422)],
)
def test_a_body_that_is_no_json_is_a_problem(phone: httpx.Client, body: bytes, status: int) -> None:
    answer = phone.put(
        f"/api/v1/sandbox/runs/{uuid.uuid4()}/", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == status


def test_an_unknown_path_and_a_stranger_get_problems(phone: httpx.Client) -> None:
    for path in [
        "/api/",
        "/api/v1/nothing/",
        f"/api/v1/attempts/{uuid.uuid4()}/",
        f"/api/v1/sandbox/runs/{uuid.uuid4()}/",
    ]:
        answer = phone.get(path)
        assert answer.status_code == 404, path
        assert answer.headers["Content-Type"] == "application/problem+json", path
    phone.headers["X-Session-Token"] = "gone"
    answer = phone.get("/api/v1/me/")
    assert answer.status_code == 401
    assert answer.json()["status"] == 401
