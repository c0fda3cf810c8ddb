"""Commands to a training: who may give them, how often they count, and what a worker is told."""

import uuid
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from sandbox import runs, steering
from sandbox.models import Event, Run
from tests.sandbox.samples import NOW, finished, queued, spec

pytestmark = pytest.mark.django_db


@pytest.fixture
def training(learner: User) -> Run:
    queued(learner)
    claimed = runs.claim(now=NOW)
    assert claimed is not None
    return claimed


def path(run: Run) -> str:
    return f"/api/v1/sandbox/runs/{run.pk}/commands/"


def command(kind: str = "pause", **more: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "kind": kind, **more}


def told(run: Run, seen: int = 0) -> list[tuple[str, float | None]]:
    return [(each.kind, each.learning_rate) for each in steering.after(runs.lease_of(run), seen)]


def test_a_worker_is_told_every_command_once_and_in_order(api: APIClient, training: Run) -> None:
    for body in (command("pause"), command("set_learning_rate", learning_rate=0.5), command("resume")):
        assert api.post(path(training), body).status_code == 202
    assert told(training) == [("pause", None), ("set_learning_rate", 0.5), ("resume", None)]
    first = next(iter(steering.after(runs.lease_of(training), 0)))
    assert told(training, first.pk) == [("set_learning_rate", 0.5), ("resume", None)]


def test_the_same_command_sent_twice_is_one(api: APIClient, training: Run) -> None:
    body = command("step_batch")
    assert [api.post(path(training), body).status_code for _ in range(2)] == [202, 202]
    assert told(training) == [("step_batch", None)]


def test_a_training_that_starts_anew_is_not_steered_by_what_the_lost_one_was_told(
    api: APIClient, training: Run
) -> None:
    api.post(path(training), command("pause"))
    runs.release(runs.lease_of(training), now=NOW)
    again = runs.claim(now=NOW)
    assert again is not None
    assert told(again) == []


def test_only_a_run_that_trains_can_be_steered(api: APIClient, learner: User) -> None:
    done = finished(learner)
    waiting = queued(learner)
    for run in (waiting, done):
        answer = api.post(path(run), command())
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:engram:problem:not_running")


def test_a_run_of_somebody_else_is_not_there(api: APIClient, other_learner: User) -> None:
    run = queued(other_learner)
    assert api.post(path(run), command()).status_code == 404
    assert api.get(f"/api/v1/sandbox/runs/{run.pk}/boundary/").status_code == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"kind": "pause"}, "/id"),
        (command("explode"), "/kind"),
        (command("cancel"), "/kind"),
        (command("pause", more=1), "/more"),
        (command("pause", learning_rate=0.1), ""),
        (command("set_learning_rate"), ""),
        (command("set_learning_rate", learning_rate=0), "/learning_rate"),
        (command("set_learning_rate", learning_rate=True), "/learning_rate"),
    ],
)
def test_a_wrong_command_names_its_field(api: APIClient, training: Run, body: Any, pointer: str) -> None:
    answer = api.post(path(training), body)
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert told(training) == []


def test_a_rate_that_follows_a_schedule_cannot_be_set(api: APIClient, learner: User) -> None:
    schedule = {"kind": "step", "decay_steps": 100, "decay_rate": 0.5}
    scheduled = spec(optimizer={"kind": "adam", "learning_rate": 0.01, "schedule": schedule})
    run = runs.create(learner, uuid.uuid4(), scheduled, now=NOW)
    runs.claim(now=NOW)
    answer = api.post(path(run), command("set_learning_rate", learning_rate=0.1))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/learning_rate"
    assert api.post(path(run), command("pause")).status_code == 202


def test_nobody_presses_a_button_more_often_than_that(
    api: APIClient, training: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steering, "MOST_COMMANDS", 2)
    assert [api.post(path(training), command()).status_code for _ in range(3)] == [202, 202, 429]


def test_the_newest_boundary_up_to_an_epoch_is_given(api: APIClient, training: Run) -> None:
    drawn = {"low": [-1.0, -1.0], "high": [1.0, 1.0], "classes": "AA==", "certainty": "AA=="}
    drafts = [runs.Draft(Event.BOUNDARY, {"epoch": number, **drawn}) for number in (1, 3)]
    runs.append(runs.lease_of(training), drafts, now=NOW)
    address = f"/api/v1/sandbox/runs/{training.pk}/boundary/"
    assert api.get(address).json()["epoch"] == 3
    assert api.get(address, {"epoch": 2}).json()["epoch"] == 1
    assert api.get(address, {"epoch": 0}).status_code == 404
    assert api.get(address, {"epoch": "-1"}).status_code == 422
