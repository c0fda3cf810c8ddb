"""The lab for apps …"""

import uuid
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from courses.models import Course
from quizzes.memory.lab import rows as lab
from quizzes.memory.lab import sets as lab_sets
from sandbox.admission import admit
from sandbox.models import Table
from tests.quizzes.memory.lab.samples import remembers, table_of, trained

URL = "/api/v1/memory/lab/"


@pytest.fixture
def cards(learner: User, course: Course) -> Any:
    return remembers(learner, course)


def read(api: APIClient, query: str = "") -> Any:
    answer = api.get(URL + query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_it_gives_the_figures_and_no_table_yet(api: APIClient, learner: User, cards: Any) -> None:
    body, found = read(api), lab_sets.of_learner(learner)
    figures = lab.figures(found.examples, has_own=False)
    assert (body["rows"], body["rows_needed"], body["memory"]) == (len(found.examples), 100, "own")
    assert body["training_rows"] + body["validation_rows"] == body["rows"]
    assert body["figures"]["published"] == figures.published
    assert (body["figures"]["own"], body["figures"]["coin"]) == (None, pytest.approx(0.6931, abs=1e-4))
    assert (body["table"], body["spec"], body["made_at"], body["runs"]) == (None, None, None, [])


def test_it_makes_the_table_once_and_says_what_to_train(api: APIClient, learner: User, cards: Any) -> None:
    first, again = api.post(URL, {}, format="json"), api.post(URL, {"memory": "own"}, format="json")
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    table = Table.objects.get(owner=learner)
    assert first.json()["table"] == str(table.pk)
    admitted = admit(first.json()["spec"], Table.objects.owned_by(learner))
    assert admitted.remarks == []


def test_it_lists_runs_and_why_some_cannot_be_compared(api: APIClient, learner: User, cards: Any) -> None:
    table = table_of(learner)
    good, other = trained(learner, table, 0.7, 0.5), trained(learner, table, 0.1, split="shuffled")
    listed = {run["id"]: (run["log_loss"], run["incomparable"]) for run in read(api)["runs"]}
    assert listed == {str(good.pk): (0.5, None), str(other.pk): (None, "rows")}


def test_with_too_few_rows_it_is_a_problem(api: APIClient) -> None:
    assert read(api)["figures"] is None
    answer = api.post(URL, {}, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "not_enough")
    assert "100 rows are needed" in answer.json()["detail"]


def test_without_room_it_is_a_problem(api: APIClient, cards: Any, settings: Any) -> None:
    settings.SANDBOX_TABLES_PER_LEARNER = 0
    answer = api.post(URL, {}, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "no_room")


def test_the_simulated_memory_is_there_for_everybody(api: APIClient) -> None:
    body = read(api, "?memory=simulated")
    assert body["rows"] > 3000
    assert body["figures"]["published"] < body["figures"]["constant"]


@pytest.mark.parametrize("query", ["?memory=other", "?limit=3"])
def test_what_it_does_not_know_is_a_problem(api: APIClient, query: str) -> None:
    answer = api.get(URL + query)
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"


def test_bad_bodies_name_the_field(api: APIClient) -> None:
    answer = api.post(URL, {"memory": 3}, format="json")
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/memory"]


def test_others_see_nothing_of_it(api: APIClient, other_learner: User, course: Course) -> None:
    remembers(other_learner, course)
    table_of(other_learner)
    assert (read(api)["rows"], read(api)["table"]) == (0, None)
    assert APIClient().get(URL).status_code in (401, 403)
    assert uuid.UUID(str(Table.objects.get().owner_id)) == other_learner.pk
