"""GET …/events/ …"""

import json
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.http import StreamingHttpResponse
from rest_framework.test import APIClient

from accounts.models import User
from sandbox import live
from sandbox.models import Run
from tests.sandbox.samples import finished, queued

pytestmark = pytest.mark.django_db


def events(api: APIClient, run: Run, **headers: Any) -> Any:
    return api.get(f"/api/v1/sandbox/runs/{run.pk}/events/", **headers)


async def _read(response: StreamingHttpResponse) -> str:
    return b"".join([part async for part in response]).decode()


def lines(text: str, field: str) -> list[str]:
    return [line.removeprefix(f"{field}: ") for line in text.splitlines() if line.startswith(f"{field}: ")]


def test_it_lists_the_history_as_json(api: APIClient, learner: User) -> None:
    answer = events(api, finished(learner), HTTP_ACCEPT="application/json").json()
    assert answer["status"] == "succeeded"
    assert [event["kind"] for event in answer["events"]] == ["claimed", "epoch", "epoch", "epoch", "end"]
    assert [event["seq"] for event in answer["events"]] == [1, 2, 3, 4, 5]


def test_it_lists_what_comes_after(api: APIClient, learner: User) -> None:
    run = finished(learner)
    answer = api.get(f"/api/v1/sandbox/runs/{run.pk}/events/?after=4", HTTP_ACCEPT="application/json").json()
    assert [event["kind"] for event in answer["events"]] == ["end"]


def test_it_tells_the_place_while_the_run_waits(api: APIClient, learner: User) -> None:
    answer = events(api, queued(learner), HTTP_ACCEPT="application/json").json()
    assert answer == {"status": "queued", "place": {"position": 1, "waiting": 1, "seconds": 0}, "events": []}


def test_it_replays_a_finished_run_as_a_stream_that_ends(api: APIClient, learner: User) -> None:
    answer = events(api, finished(learner), HTTP_ACCEPT="text/event-stream")
    assert answer["Content-Type"].startswith("text/event-stream")
    assert answer["Cache-Control"] == "no-cache, no-transform"
    text = async_to_sync(_read)(answer)
    assert text.startswith("retry: 2000\n\n")
    assert lines(text, "id") == ["1", "2", "3", "4", "5"]
    assert lines(text, "event") == ["claimed", "epoch", "epoch", "epoch", "end"]
    assert json.loads(lines(text, "data")[-1])["payload"]["status"] == "succeeded"


def test_it_resumes_where_the_browser_was(api: APIClient, learner: User) -> None:
    answer = events(api, finished(learner), HTTP_ACCEPT="text/event-stream", HTTP_LAST_EVENT_ID="3")
    assert lines(async_to_sync(_read)(answer), "id") == ["4", "5"]


def test_it_tells_a_browser_that_has_everything_not_to_come_back(api: APIClient, learner: User) -> None:
    answer = events(api, finished(learner), HTTP_ACCEPT="text/event-stream", HTTP_LAST_EVENT_ID="5")
    assert answer.status_code == 204


def test_it_hides_the_run_of_somebody_else(api: APIClient, other_learner: User) -> None:
    answer = events(api, finished(other_learner), HTTP_ACCEPT="text/event-stream")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


def test_it_limits_the_streams_of_one_user(api: APIClient, learner: User, monkeypatch) -> None:
    monkeypatch.setattr(live, "STREAMS_PER_USER", 0)
    answer = events(api, queued(learner), HTTP_ACCEPT="text/event-stream")
    assert answer.status_code == 429
