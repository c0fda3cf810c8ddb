import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from rest_framework.test import APIClient

from accounts.models import User
from courses.models import Course
from quizzes.models import MemoryState, Question
from tests.quizzes.factories import NOW
from tests.quizzes.memory.samples import more_cards, own_card, remember

NOTHING = {"buried": False, "suspended": False, "note": ""}


@pytest.fixture
def card(learner: User, course: Course) -> Question:
    (card,) = more_cards(course, 1)
    remember(learner, card, NOW)
    return card


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def address(question: Any) -> str:
    return f"/api/v1/memory/{getattr(question, 'pk', question)}/mark/"


def put(api: APIClient, question: Any, **fields: Any) -> Any:
    return api.put(address(question), NOTHING | fields, format="json")


def queued(api: APIClient) -> list[str]:
    return [card["question"] for card in api.get("/api/v1/reviews/queue/").json()["cards"]]


class TestAMark:
    def test_a_card_that_was_never_marked_has_an_empty_one(self, api: APIClient, card: Question) -> None:
        found = api.get(address(card)).json()
        assert {key: found[key] for key in NOTHING} == NOTHING
        assert found["suspended_at"] is None

    def test_suspended_it_leaves_the_queue_and_comes_back(self, api: APIClient, card: Question) -> None:
        answer = put(api, card, suspended=True)
        assert answer.status_code == 200
        assert answer.json()["suspended"] is True
        assert str(card.pk) not in queued(api)
        put(api, card)
        assert str(card.pk) in queued(api)

    def test_buried_it_comes_back_on_the_next_study_day(self, api: APIClient, card: Question, clock: Any) -> None:
        answer = put(api, card, buried=True).json()
        assert answer["buried"] is True
        assert answer["buried_until"] > NOW.isoformat()
        clock.move_to(NOW + timedelta(days=1))
        assert api.get(address(card)).json()["buried"] is False

    def test_memory_is_not_touched(self, api: APIClient, card: Question) -> None:
        before = MemoryState.objects.values().get()
        put(api, card, suspended=True, buried=True, note="x")
        assert MemoryState.objects.values().get() == before

    def test_a_note_is_given_back_as_safe_html(self, api: APIClient, card: Question) -> None:
        answer = put(api, card, note="**mine** <script>alert(1)</script>").json()
        assert "<strong>mine</strong>" in answer["note_html"]
        assert "<script" not in answer["note_html"]

    def test_the_same_twice_is_the_same(self, api: APIClient, card: Question) -> None:
        assert put(api, card, suspended=True, note="x").json() == put(api, card, suspended=True, note="x").json()

    def test_an_own_card_can_be_marked(self, api: APIClient, learner: User, course: Course) -> None:
        assert put(api, own_card(learner, course), suspended=True).status_code == 200


class TestTheDoor:
    def test_the_own_card_of_another_learner_is_not_there(
        self, api: APIClient, other_learner: User, course: Course
    ) -> None:
        foreign = own_card(other_learner, course)
        assert put(api, foreign, suspended=True).status_code == 404
        assert api.get(address(foreign)).status_code == 404

    def test_no_such_question(self, api: APIClient, course: Course) -> None:
        assert put(api, uuid.uuid4()).status_code == 404

    def test_a_visitor_is_nobody(self, card: Question) -> None:
        assert APIClient().put(address(card), NOTHING, format="json").status_code in {401, 403}

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({"buried": False, "suspended": False}, "/note"),
            (NOTHING | {"suspended": "yes"}, "/suspended"),
            (NOTHING | {"note": "x" * 2001}, "/note"),
            (NOTHING | {"leech_seen": 9}, "/leech_seen"),
        ],
    )
    def test_a_wrong_body_is_told_which_field(
        self, api: APIClient, card: Question, body: dict[str, Any], pointer: str
    ) -> None:
        answer = api.put(address(card), body, format="json")
        assert answer.status_code == 422
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_memory_says_whether_it_is_a_leech(api: APIClient, card: Question) -> None:
    assert api.get(f"/api/v1/memory/{card.pk}/").json()["leech"] is False
    MemoryState.objects.update(lapses=4, reps=20)
    assert api.get(f"/api/v1/memory/{card.pk}/").json()["leech"] is True
