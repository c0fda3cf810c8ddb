"""PUT, GET /sandbox/runs/{id}/, the list, cancel and epochs …"""

import uuid
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from sandbox import runs
from sandbox.models import Run
from sandbox.serializers import EpochSerializer
from tests.sandbox.samples import NOW, epoch, finished, queued, spec

pytestmark = pytest.mark.django_db

RUNS = "/api/v1/sandbox/runs/"


def put(api: APIClient, run_id: uuid.UUID | str, **body: Any) -> Any:
    return api.put(f"{RUNS}{run_id}/", {"spec": spec(), **body}, format="json")


class TestPut:
    def test_it_starts_a_run_once(self, api: APIClient) -> None:
        run_id = uuid.uuid4()
        first, again = put(api, run_id, title="Mine"), put(api, run_id, title="Mine")
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json() == again.json()
        assert first.json()["status"] == "queued"
        assert first.json()["place"] == {"position": 1, "waiting": 1, "seconds": 0}
        assert Run.objects.count() == 1

    def test_it_fills_in_defaults_before_it_compares(self, api: APIClient) -> None:
        run_id = uuid.uuid4()
        short = spec(optimizer={"kind": "adam", "learning_rate": 0.0001})
        assert put(api, run_id, spec=short).status_code == 201
        assert put(api, run_id).status_code == 200

    def test_it_refuses_another_spec_under_the_same_id(self, api: APIClient) -> None:
        run_id = uuid.uuid4()
        put(api, run_id)
        answer = put(api, run_id, spec=spec(epochs=3))
        assert answer.status_code == 409
        assert answer["Content-Type"] == "application/problem+json"

    def test_it_hides_what_belongs_to_somebody_else(self, api: APIClient, other_learner: User) -> None:
        theirs = queued(other_learner)
        assert put(api, theirs.pk).status_code == 404
        for method, path in [("get", ""), ("post", "cancel/"), ("get", "epochs/"), ("get", "events/")]:
            assert getattr(api, method)(f"{RUNS}{theirs.pk}/{path}").status_code == 404

    def test_it_says_when_to_come_back(self, api: APIClient) -> None:
        for _ in range(5):
            put(api, uuid.uuid4())
        answer = put(api, uuid.uuid4())
        assert answer.status_code == 429
        assert int(answer["Retry-After"]) >= 1
        assert "number 5" in answer.json()["detail"]

    def test_it_says_when_the_server_is_full(self, api: APIClient, other_learner: User, settings) -> None:
        settings.SANDBOX_BACKLOG = 1
        queued(other_learner)
        api.raise_request_exception = False
        answer = put(api, uuid.uuid4())
        assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
        assert int(answer["Retry-After"]) >= 1

    def test_it_knows_no_preset_that_is_not_there(self, api: APIClient) -> None:
        assert put(api, uuid.uuid4(), preset=str(uuid.uuid4())).status_code == 404

    def test_it_asks_who_you_are(self) -> None:
        assert put(APIClient(), uuid.uuid4()).status_code in (401, 403)

    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"colour": "red"}, "/spec/colour"),
            ({"epochs": 10_000}, "/spec/epochs"),
            ({"epochs": "20"}, "/spec/epochs"),
            ({"layers": [{"kind": "dense", "units": True, "activation": "relu"}]}, "/spec/layers/0/units"),
            ({"layers": [{"kind": "dense", "units": 2, "activation": "swoosh"}]}, "/spec/layers/0/activation"),
            ({"layers": []}, "/spec/layers"),
            ({"optimizer": {"kind": "sgd", "learning_rate": -1}}, "/spec/optimizer/learning_rate"),
            ({"data": {"kind": "circles", "rows": 10}}, "/spec/data/rows"),
            ({"layers": [{"kind": "dense", "units": 1, "activation": "softmax"}]}, "/spec/layers/0/units"),
            ({"data": {"kind": "clinical_trial", "rows": 20_000}, "batch_size": 1, "epochs": 30}, "/spec/epochs"),
        ],
    )
    def test_it_points_to_the_field(self, api: APIClient, changes: dict[str, Any], pointer: str) -> None:
        answer = put(api, uuid.uuid4(), spec=spec(**changes))
        assert answer.status_code == 422
        assert pointer in [error["pointer"] for error in answer.json()["errors"]]
        assert Run.objects.count() == 0

    def test_it_refuses_nan(self, api: APIClient) -> None:
        body = '{"spec": {"schema": 1, "epochs": NaN}}'
        answer = api.put(f"{RUNS}{uuid.uuid4()}/", body, content_type="application/json")
        assert answer.status_code == 400
        assert answer["Content-Type"] == "application/problem+json"

    def test_it_refuses_unknown_keys_beside_the_spec(self, api: APIClient) -> None:
        answer = put(api, uuid.uuid4(), owner="me")
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/owner"]


class TestRead:
    def test_it_lists_your_own_newest_first(self, api: APIClient, learner: User, other_learner: User) -> None:
        queued(other_learner)
        mine = [queued(learner, minutes=minutes) for minutes in range(3)]
        answer = api.get(RUNS, {"limit": 2}).json()
        assert [run["id"] for run in answer["results"]] == [str(mine[2].pk), str(mine[1].pk)]
        rest = api.get(answer["next"]).json()
        assert [run["id"] for run in rest["results"]] == [str(mine[0].pk)]

    def test_it_needs_few_queries(self, api: APIClient, learner: User, django_assert_max_num_queries) -> None:
        for minutes in range(5):
            queued(learner, minutes=minutes)
        with django_assert_max_num_queries(10):
            api.get(RUNS)

    def test_it_tells_the_outcome(self, api: APIClient, learner: User) -> None:
        answer = api.get(f"{RUNS}{finished(learner).pk}/").json()
        assert answer["status"] == "succeeded"
        assert answer["outcome"]["metrics"]["val_accuracy"] == 0.93
        assert (answer["epochs_done"], answer["epochs_planned"], answer["place"]) == (3, 20, None)

    def test_it_gives_each_epoch_once(self, api: APIClient, learner: User) -> None:
        run = finished(learner)
        answer = api.get(f"{RUNS}{run.pk}/epochs/").json()
        assert [each["number"] for each in answer["epochs"]] == [1, 2, 3]
        assert [each["number"] for each in api.get(f"{RUNS}{run.pk}/epochs/?after=2").json()["epochs"]] == [3]

    def test_it_gives_whatever_the_run_measures(self, api: APIClient, learner: User) -> None:
        queued(learner)
        run = runs.claim(now=NOW)
        assert run
        values = {"accuracy": None, "r2_score": 0.5, "val_r2_score": -0.25, "learning_rate": 0.01}
        runs.append(runs.lease_of(run), [epoch(1, **values)], now=NOW)
        (found,) = api.get(f"{RUNS}{run.pk}/epochs/").json()["epochs"]
        assert values.items() <= found.items()
        assert set(found) <= set(EpochSerializer().fields)

    def test_it_forgets_the_epochs_of_a_lost_attempt(self, api: APIClient, learner: User) -> None:
        queued(learner)
        run = runs.claim(now=NOW)
        assert run
        runs.append(runs.lease_of(run), [epoch(1), epoch(2)], now=NOW)
        runs.release(runs.lease_of(run), now=NOW)
        assert api.get(f"{RUNS}{run.pk}/epochs/").json()["epochs"] == []

    def test_it_has_no_numbers_that_are_none(self, api: APIClient, learner: User) -> None:
        queued(learner)
        run = runs.claim(now=NOW)
        assert run
        runs.append(runs.lease_of(run), [epoch(1, loss=None, nonfinite={"loss": "nan"})], now=NOW)
        answer = api.get(f"{RUNS}{run.pk}/epochs/")
        assert b"NaN" not in answer.content
        assert answer.json()["epochs"][0]["nonfinite"] == {"loss": "nan"}

    @pytest.mark.parametrize("after", ["-1", "x", "1.5", "99999999999"])
    def test_it_refuses_a_number_that_is_none(self, api: APIClient, learner: User, after: str) -> None:
        assert api.get(f"{RUNS}{queued(learner).pk}/epochs/", {"after": after}).status_code == 422


class TestCancel:
    def test_it_cancels_a_waiting_run(self, api: APIClient, learner: User) -> None:
        answer = api.post(f"{RUNS}{queued(learner).pk}/cancel/")
        assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")

    def test_it_may_be_repeated(self, api: APIClient, learner: User) -> None:
        run = finished(learner)
        assert api.post(f"{RUNS}{run.pk}/cancel/").json()["status"] == "succeeded"
