"""Data sets, presets, the schema of a spec and estimates …"""

import uuid

import pytest
from rest_framework.test import APIClient

from sandbox.models import Preset
from tests.sandbox.samples import NOW, spec

pytestmark = pytest.mark.django_db


def make_preset(slug: str, **fields: object) -> Preset:
    texts = {"en": {"title": slug.title(), "summary": "Look."}, "zh-hans": {"title": "学习率", "summary": "看。"}}
    return Preset.objects.create(pk=uuid.uuid4(), collection="a", slug=slug, texts=texts, spec=spec(), **fields)


def test_it_describes_the_data_sets(api: APIClient) -> None:
    answer = api.get("/api/v1/sandbox/datasets/")
    assert [each["kind"] for each in answer.json()] == ["clinical_trial", "circles", "digits"]
    assert answer.json()[0]["classes"] == ["no side effects", "side effects"]
    assert api.get("/api/v1/sandbox/datasets/", HTTP_IF_NONE_MATCH=answer["ETag"]).status_code == 304


def test_it_lists_presets_in_the_language_asked_for(api: APIClient) -> None:
    preset = make_preset("rates")
    make_preset("old", archived_at=NOW)
    answer = api.get("/api/v1/sandbox/presets/", HTTP_ACCEPT_LANGUAGE="zh-hans").json()
    assert [(each["id"], each["title"]) for each in answer["results"]] == [(str(preset.pk), "学习率")]


def test_it_gives_the_schema_of_a_spec(api: APIClient) -> None:
    schema = api.get("/api/v1/sandbox/schema/").json()
    assert {"data", "layers", "optimizer", "loss", "epochs", "batch_size"} <= set(schema["properties"])


def test_it_estimates_without_training(api: APIClient) -> None:
    answer = api.post("/api/v1/sandbox/estimate/", {"spec": spec()}).json()
    assert answer["parameters"] == (16 + 16) + (16 * 32 + 32) + (32 * 2 + 2)
    assert (answer["training_rows"], answer["validation_rows"], answer["steps_per_epoch"]) == (1890, 210, 189)
    assert 0 < answer["seconds"] < 10
    assert answer["remarks"] == []


def test_it_remarks_on_what_is_probably_not_meant(api: APIClient) -> None:
    layers = [*spec()["layers"][:2], {"kind": "dense", "units": 2, "activation": "sigmoid"}]
    answer = api.post("/api/v1/sandbox/estimate/", {"spec": spec(layers=layers)}).json()
    assert [each["pointer"] for each in answer["remarks"]] == ["/spec/layers/2/activation"]


def test_it_refuses_an_estimate_of_nonsense(api: APIClient) -> None:
    answer = api.post("/api/v1/sandbox/estimate/", {"spec": spec(epochs=0)})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/spec/epochs"
