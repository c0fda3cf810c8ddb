"""GET forward/, update/, model/, snapshots/ and POST predict/ of a run; test_worker has the answers …"""

import uuid
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from sandbox import probe_api, probes
from sandbox.models import Probe, Run, Snapshot
from tests.sandbox.kinds import DIGITS, dense
from tests.sandbox.samples import NOW, finished, queued, spec

RUNS = "/api/v1/sandbox/runs/"
QUESTIONS = ["snapshots/", "forward/", "update/", "model/"]
LARGE = spec(data=DIGITS, layers=[dense(64, "relu"), dense(128, "relu"), dense(10, "softmax")])


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe_api, "WAIT_SECONDS", 0)


@pytest.fixture
def run(learner: User) -> Run:
    """Trained for three epochs; its state was kept after none of them and after the last."""
    run = finished(learner)
    for epoch in (0, 3):
        Snapshot.objects.create(run=run, attempt=run.attempt, epoch=epoch, state=b"")
    return run


def get(api: APIClient, run: Run, path: str) -> Any:
    return api.get(f"{RUNS}{run.pk}/{path}")


def predict(api: APIClient, run: Run, **body: Any) -> Any:
    return api.post(f"{RUNS}{run.pk}/predict/", body, format="json")


def pointers(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.content
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


@pytest.mark.django_db
class TestAsking:
    def test_it_lists_the_snapshots(self, api: APIClient, run: Run) -> None:
        assert get(api, run, "snapshots/").json() == {"attempt": 1, "epochs": [0, 3]}

    @pytest.mark.parametrize("path", QUESTIONS[1:])
    def test_it_is_queued_where_no_worker_answers(self, api: APIClient, run: Run, path: str) -> None:
        answer = get(api, run, path)
        assert (answer.status_code, answer["Retry-After"]) == (202, "1")
        assert answer.json() == {"status": "queued", "epoch": 3}
        assert get(api, run, path).status_code == 202
        assert Probe.objects.count() == 1

    def test_it_gives_the_answer_once_it_is_there(self, api: APIClient, run: Run) -> None:
        get(api, run, "forward/?sample=7&epoch=0")
        probe = probes.claim(now=NOW)
        assert probe is not None
        assert probe.parameters == {"epoch": 0, "sample": 7, "layer": None}
        probes.finish(probe, answer={"kind": "forward", "loss": 0.1}, size=9, now=NOW)
        answer = get(api, run, "forward/?epoch=0&sample=7")
        assert (answer.status_code, answer.json()) == (200, {"epoch": 0, "kind": "forward", "loss": 0.1})

    def test_it_needs_few_queries(self, api: APIClient, run: Run, django_assert_max_num_queries) -> None:
        get(api, run, "forward/")
        with django_assert_max_num_queries(6):
            get(api, run, "forward/")

    def test_it_waits_only_on_some_threads(self, api: APIClient, run: Run, monkeypatch) -> None:
        monkeypatch.setattr(probe_api, "WAIT_SECONDS", 60)
        for _ in range(probe_api.WAITING):
            probe_api._waiting.acquire()
        try:
            assert get(api, run, "forward/").status_code == 202
        finally:
            probe_api._waiting.release(probe_api.WAITING)

    @pytest.mark.parametrize("path", QUESTIONS)
    def test_it_hides_what_belongs_to_somebody_else(self, api: APIClient, other_learner: User, path: str) -> None:
        theirs = queued(other_learner)
        assert get(api, theirs, path).status_code == 404
        assert predict(api, theirs, inputs=[[1]]).status_code == 404
        assert api.get(f"{RUNS}{uuid.uuid4()}/{path}").status_code == 404

    @pytest.mark.parametrize("path", QUESTIONS[1:])
    def test_it_says_that_nothing_has_been_kept_yet(self, api: APIClient, learner: User, path: str) -> None:
        waiting = queued(learner)
        answer = get(api, waiting, path)
        assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
        assert predict(api, waiting, inputs=[[1]]).status_code == 409
        assert get(api, waiting, "snapshots/").json()["epochs"] == []

    @pytest.mark.parametrize(
        ("path", "found"),
        [
            ("forward/?sample=2100", ("/sample", "out_of_range")),
            ("forward/?sample=-1", ("/sample", "invalid")),
            ("forward/?sample=one", ("/sample", "invalid")),
            ("forward/?sample=99999999999", ("/sample", "invalid")),
            ("forward/?layer=dense_9", ("/layer", "unknown_layer")),
            ("forward/?epoch=2", ("/epoch", "no_snapshot")),
            ("update/?step=189", ("/step", "out_of_range")),
            ("update/?step=1.5", ("/step", "invalid")),
            ("update/?layer=", ("/layer", "unknown_layer")),
            ("model/?epoch=1", ("/epoch", "no_snapshot")),
            ("model/?epoch=x", ("/epoch", "invalid")),
        ],
    )
    def test_it_points_to_the_parameter(self, api: APIClient, run: Run, path: str, found: tuple[str, str]) -> None:
        assert pointers(get(api, run, path)) == [found]
        assert Probe.objects.count() == 0

    def test_it_names_the_epochs_that_there_are(self, api: APIClient, run: Run) -> None:
        assert "0, 3" in get(api, run, "forward/?epoch=2").json()["errors"][0]["detail"]

    @pytest.mark.parametrize("path", ["forward/", "update/"])
    def test_it_asks_for_a_layer_where_all_are_too_many_numbers(self, api: APIClient, run: Run, path: str) -> None:
        Run.objects.filter(pk=run.pk).update(spec=LARGE)
        refused = get(api, run, path)
        assert pointers(refused) == [("/layer", "layer_needed")]
        assert "dense_1, dense_2, dense_3" in refused.json()["errors"][0]["detail"]
        assert get(api, run, f"{path}?layer=dense_2").status_code == 202

    @pytest.mark.parametrize(
        ("body", "found"),
        [
            ({}, ("/inputs", "missing")),
            ({"inputs": []}, ("/inputs", "too_short")),
            ({"inputs": [[1]] * 1001}, ("/inputs", "too_long")),
            ({"inputs": "12"}, ("/inputs", "list_type")),
            ({"inputs": [[1], [1, 2]]}, ("/inputs/1", "wrong_width")),
            ({"inputs": [[1], [True]]}, ("/inputs/1/0", "no_number")),
            ({"inputs": [["old"]]}, ("/inputs/0/0", "no_number")),
            ({"inputs": [[1]], "epoch": 5}, ("/epoch", "no_snapshot")),
            ({"inputs": [[1]], "epoch": "3"}, ("/epoch", "int_type")),
            ({"inputs": [[1]], "batch_size": 3}, ("/batch_size", "extra_forbidden")),
        ],
    )
    def test_it_points_to_the_row(self, api: APIClient, run: Run, body: Any, found: tuple[str, str]) -> None:
        assert pointers(predict(api, run, **body)) == [found]

    def test_it_names_no_more_wrong_rows_than_one_would_read(self, api: APIClient, run: Run) -> None:
        assert len(pointers(predict(api, run, inputs=[["x"]] * 1000))) == 20

    def test_it_refuses_the_twenty_first_open_question(self, api: APIClient, run: Run) -> None:
        for sample in range(20):
            assert get(api, run, f"forward/?sample={sample}").status_code == 202
        answer = get(api, run, "forward/?sample=20")
        assert (answer.status_code, answer["Retry-After"]) == (429, "2")
        assert get(api, run, "forward/?sample=3").status_code == 202

    @pytest.mark.parametrize(
        ("path", "problem", "status", "code"),
        [
            ("update/", "diverged", 422, "invalid"),
            ("update/", "timed_out", 422, "invalid"),
            ("forward/", "timed_out", 503, "timed_out"),
            ("forward/", "table_gone", 410, "table_gone"),
            ("forward/", "out_of_memory", 503, "out_of_memory"),
            ("model/", "failed", 503, "failed"),
        ],
    )
    def test_it_says_why_there_is_no_answer(
        self, api: APIClient, run: Run, path: str, problem: str, status: int, code: str
    ) -> None:
        get(api, run, path)
        Probe.objects.update(status="failed", problem=problem, finished_at=None)
        api.raise_request_exception = False
        answer = get(api, run, path)
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
        assert answer.json()["type"].endswith(f":{code}")
        assert ("Retry-After" in answer) == (status == 503)

    def test_it_knows_no_spec_that_can_no_longer_be_read(self, api: APIClient, run: Run) -> None:
        Run.objects.filter(pk=run.pk).update(spec={"schema": 0})
        assert get(api, run, "forward/").status_code == 410
