"""Presets of a course folder …"""

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sandbox.admission import admit
from sandbox.importing import PresetDraft, import_presets, read_presets
from sandbox.models import Preset
from tests.sandbox.kinds import EVERY
from tests.sandbox.samples import NOW, spec


def experiment(**changes: Any) -> dict[str, Any]:
    texts = {"en": {"title": "Two, three, two", "summary": "Look."}, "zh-hans": {"title": "二三二"}}
    return {"id": "two-three-two", "section": "nodes", "texts": texts, "spec": spec(), **changes}


def test_it_reads_what_is_right() -> None:
    drafts, problems = read_presets([experiment()])
    assert problems == []
    assert [(draft.slug, draft.section, draft.texts["zh-hans"]["title"]) for draft in drafts] == [
        ("two-three-two", "nodes", "二三二")
    ]


@pytest.mark.parametrize("kind", EVERY)
def test_it_reads_every_kind_of_spec(kind: str) -> None:
    (draft,), problems = read_presets([experiment(spec=EVERY[kind])])
    assert problems == []
    assert draft.spec == admit(EVERY[kind]).as_json()


def test_it_takes_no_table_of_a_learner() -> None:
    data = {"kind": "table", "table": str(uuid.uuid4()), "target": "price"}
    _, problems = read_presets([experiment(spec=spec(data=data))])
    assert [path for path, _ in problems] == [(0, "spec", "data", "table")]


def test_it_fills_in_the_defaults_of_a_spec() -> None:
    short = spec(optimizer={"kind": "adam"})
    (draft,), _ = read_presets([experiment(spec=short)])
    assert draft.spec["optimizer"]["learning_rate"] == 0.001


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ({"not": "a list"}, ()),
        ([experiment(colour="red")], (0, "colour")),
        ([experiment(id="Two Three")], (0, "id")),
        ([experiment(texts={})], (0, "texts")),
        ([experiment(texts={"en": {"summary": "x"}})], (0, "texts", "en", "title")),
        ([experiment(), experiment(id="b", spec=spec(epochs=0))], (1, "spec", "epochs")),
        ([experiment(spec=spec(extra=1))], (0, "spec", "extra")),
        (
            [experiment(spec=spec(optimizer={"kind": "sgd", "learning_rate": 99.0}))],
            (0, "spec", "optimizer", "learning_rate"),
        ),
        (
            [experiment(spec=spec(layers=[{"kind": "dense", "units": 1, "activation": "softmax"}]))],
            (0, "spec", "layers", 0, "units"),
        ),
        ([experiment(), experiment()], (1, "id")),
        (["text"], (0,)),
        ([None], (0,)),
    ],
)
def test_it_names_the_place_of_a_mistake(raw: object, path: tuple[str | int, ...]) -> None:
    _, problems = read_presets(raw)
    assert path in [found for found, _ in problems]
    assert all(message for _, message in problems)


def drafts(*slugs: str) -> list[tuple[uuid.UUID, str, PresetDraft]]:
    (draft,), _ = read_presets([experiment()])
    return [(uuid.uuid5(uuid.NAMESPACE_URL, slug), slug, replace(draft, slug=slug)) for slug in slugs]


@pytest.mark.django_db
class TestImport:
    def test_it_keeps_the_order(self) -> None:
        import_presets("a", drafts("second", "first"), now=NOW)
        assert [preset.slug for preset in Preset.objects.offered()] == ["second", "first"]

    def test_it_writes_nothing_the_second_time(self, django_assert_num_queries) -> None:
        import_presets("a", drafts("x", "y"), now=NOW)
        with django_assert_num_queries(2) as queries:
            import_presets("a", drafts("x", "y"), now=NOW)
        assert all(query["sql"].startswith("SELECT") for query in queries)

    def test_it_archives_what_is_gone_and_takes_it_back(self) -> None:
        import_presets("a", drafts("x", "y"), now=NOW)
        import_presets("b", drafts("z"), now=NOW)
        import_presets("a", drafts("x"), now=NOW + timedelta(days=1))
        assert [str(preset) for preset in Preset.objects.offered()] == ["a/x", "b/z"]
        import_presets("a", drafts("x", "y"), now=NOW + timedelta(days=2))
        assert Preset.objects.offered().count() == 3
