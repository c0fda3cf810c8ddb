"""Data sets, presets, the schema of a spec and estimates …"""

import uuid
from datetime import timedelta

import pytest
from jsonschema import Draft202012Validator
from rest_framework.test import APIClient

from accounts.models import User
from courses.models import Course
from sandbox import runs
from sandbox.admission import admit
from sandbox.datasets import DATASETS
from sandbox.models import Preset, Status
from tests.sandbox.kinds import EVERY
from tests.sandbox.samples import NOW, queued, spec

pytestmark = pytest.mark.django_db


def make_preset(slug: str, **fields: object) -> Preset:
    texts = {"en": {"title": slug.title(), "summary": "Look."}, "zh-hans": {"title": "学习率", "summary": "看。"}}
    return Preset.objects.create(pk=uuid.uuid4(), collection="a", slug=slug, texts=texts, spec=spec(), **fields)


def test_it_describes_the_data_sets(api: APIClient) -> None:
    answer = api.get("/api/v1/sandbox/datasets/")
    found = {each["kind"]: each for each in answer.json()}
    assert set(found) == set(DATASETS)
    assert found["clinical_trial"]["classes"] == ["no side effects", "side effects"]
    assert (found["clinical_trial"]["default_scaling"], found["circles"]["default_scaling"]) == ("min_max", "none")
    assert [kind for kind in found if found[kind]["is_regression"]] == ["line", "sine", "diabetes"]
    assert [kind for kind in found if found[kind]["is_whole"]] == ["clinical_trial", "digits"]
    assert [kind for kind in found if found[kind]["is_sorted"]] == ["iris", "wine"]
    assert found["digits"]["features"][0] == {"name": "0:0", "low": 0, "high": 16}
    assert api.get("/api/v1/sandbox/datasets/", HTTP_IF_NONE_MATCH=answer["ETag"]).status_code == 304


def test_it_lists_presets_in_the_language_asked_for(api: APIClient) -> None:
    preset = make_preset("rates")
    make_preset("old", archived_at=NOW)
    answer = api.get("/api/v1/sandbox/presets/", HTTP_ACCEPT_LANGUAGE="zh-hans").json()
    assert [(each["id"], each["title"]) for each in answer["results"]] == [(str(preset.pk), "学习率")]


def test_it_gives_the_schema_of_a_spec(api: APIClient) -> None:
    schema = api.get("/api/v1/sandbox/schema/").json()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert {"data", "layers", "optimizer", "loss", "epochs", "batch_size"} <= set(schema["properties"])
    Draft202012Validator.check_schema(schema)


def test_the_schema_agrees_with_the_door(api: APIClient, shipped_course: Course) -> None:
    schema = Draft202012Validator(api.get("/api/v1/sandbox/schema/").json())
    presets = [preset.spec for preset in Preset.objects.offered()]
    assert presets
    for each in [*presets, *EVERY.values(), *(admit(each).as_json() for each in EVERY.values())]:
        schema.validate(each)
    for change in ({"epochs": 0}, {"colour": "red"}, {"layers": []}, {"optimizer": {"kind": "lion"}}):
        assert not schema.is_valid(spec(**change))


def test_it_estimates_without_training(api: APIClient) -> None:
    answer = api.post("/api/v1/sandbox/estimate/", {"spec": spec()}).json()
    assert answer["parameters"] == (16 + 16) + (16 * 32 + 32) + (32 * 2 + 2)
    assert (answer["training_rows"], answer["validation_rows"], answer["steps_per_epoch"]) == (1890, 210, 189)
    assert 0 < answer["seconds"] < 10
    assert answer["remarks"] == []


def test_it_estimates_by_what_the_last_runs_took_on_this_server(api: APIClient, learner: User, settings) -> None:
    before = api.post("/api/v1/sandbox/estimate/", {"spec": spec()}).json()["seconds"]
    for _ in range(3):
        queued(learner, estimated_seconds=2.0)
        run = runs.claim(now=NOW)
        assert run is not None
        runs.finish(runs.lease_of(run), Status.SUCCEEDED, now=NOW + timedelta(seconds=60))
    after = api.post("/api/v1/sandbox/estimate/", {"spec": spec()}).json()["seconds"]
    assert after == pytest.approx(20 * before), "thirty times as slow is more than a machine can be"
    long = api.post("/api/v1/sandbox/estimate/", {"spec": spec(epochs=100, batch_size=1)})
    assert long.status_code == 200, "what is refused depends on the spec alone"
    assert long.json()["seconds"] > settings.SANDBOX_COST_SECONDS


def test_it_remarks_on_what_is_probably_not_meant(api: APIClient) -> None:
    layers = [*spec()["layers"][:2], {"kind": "dense", "units": 2, "activation": "sigmoid"}]
    answer = api.post("/api/v1/sandbox/estimate/", {"spec": spec(layers=layers)}).json()
    assert [each["pointer"] for each in answer["remarks"]] == ["/spec/layers/2/activation"]


def test_it_refuses_an_estimate_of_nonsense(api: APIClient) -> None:
    answer = api.post("/api/v1/sandbox/estimate/", {"spec": spec(epochs=0)})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/spec/epochs"
