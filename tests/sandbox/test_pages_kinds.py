"""Every kind of spec that the door lets in, on every page that shows or starts one …"""

import json
import uuid
from html import unescape
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from sandbox import access, runs, uploads
from sandbox.admission import admit
from sandbox.models import Preset, Run, Status
from sandbox.spec import Spec, dataset, measures, parse_spec
from tests.sandbox.form_fields import fields_of
from tests.sandbox.kinds import EVERY, NETWORKS, dense
from tests.sandbox.samples import NOW, OUTCOME, epoch, spec

pytestmark = pytest.mark.django_db

NEW = "/sandbox/new/"
OLD: dict[str, Any] = {"schema": 0, "network": "2-2", "<script>": 1}
EVERY_DAY = {
    *("circles", "digits", "diabetes", "line", "adam", "adagrad", "pictures", "recurrent", "one-output", "logits"),
    *("metrics", "nothing-measured", "stops", "schedule", "momentum", "huber", "shuffled-labels", "no-validation"),
}
"""Each way in which specs differ. Every kind goes through an unchanged recipe every day."""
KINDS = [pytest.param(kind, marks=[] if kind in EVERY_DAY else [pytest.mark.slow]) for kind in EVERY]


@pytest.fixture
def signed_in(client: Client, learner: User) -> Client:
    client.force_login(learner)
    return client


def preset_of(stored: dict[str, Any]) -> Preset:
    texts = {"en": {"title": "A preset", "summary": "Look."}}
    return Preset.objects.create(pk=uuid.uuid4(), collection="a", slug="x", texts=texts, spec=stored)


def run_of(owner: User, stored: dict[str, Any]) -> Run:
    return runs.create(owner, uuid.uuid4(), stored, now=NOW)


def ended(owner: User, sent: dict[str, Any], **outcome: Any) -> Run:
    """A run with two epochs of whatever its spec measures."""
    parsed = parse_spec(sent)
    run_of(owner, admit(sent).as_json())
    run = runs.claim(now=NOW)
    assert run
    values = _measured(parsed)
    runs.append(runs.lease_of(run), [epoch(number, **values) for number in (1, 2)], now=NOW)
    confusion = None if dataset(parsed).is_regression else OUTCOME["confusion"]
    runs.finish(
        runs.lease_of(run),
        Status.SUCCEEDED,
        outcome={**OUTCOME, "metrics": values, "confusion": confusion, **outcome},
        now=NOW,
    )
    run.refresh_from_db()
    return run


def _measured(parsed: Spec) -> dict[str, Any]:
    always = dict.fromkeys(("loss", "accuracy", "val_loss", "val_accuracy"))
    return {**always, **{name: 0.125 + index / 10 for index, name in enumerate(measures(parsed))}}


def get(client: Client, path: str, language: str = "en", **query: Any) -> str:
    answer = client.get(path, query, headers={"accept-language": language})
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("kind", EVERY)
def test_a_preset_that_is_started_unchanged_trains_its_own_spec(signed_in: Client, kind: str) -> None:
    stored = admit(EVERY[kind]).as_json()
    html = get(signed_in, NEW, preset=preset_of(stored).pk)
    answer = signed_in.post(NEW, {**fields_of(html, "recipe"), "press": "start"})
    assert answer.status_code == 302, [*answer.context["wrong"], *answer.context["recipe"].problems]
    assert Run.objects.get().spec == stored


@pytest.mark.parametrize("kind", KINDS)
def test_a_changed_rate_leaves_the_rest_as_it_is(signed_in: Client, learner: User, kind: str) -> None:
    stored = admit(EVERY[kind]).as_json()
    earlier = run_of(learner, stored)
    fields = fields_of(get(signed_in, NEW, **{"from": earlier.pk}), "recipe")
    signed_in.post(NEW, {**fields, "press": "start", "learning_rate": "0.0125", "epochs": "7"})
    changed = Run.objects.exclude(pk=earlier.pk).get().spec
    assert changed == {**stored, "optimizer": {**stored["optimizer"], "learning_rate": 0.0125}, "epochs": 7}


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_shows_what_it_measures(signed_in: Client, learner: User, kind: str) -> None:
    run, parsed = ended(learner, EVERY[kind]), parse_spec(EVERY[kind])
    html = get(signed_in, f"/sandbox/runs/{run.pk}/")
    assert html.count('<figure class="chart"') == (1 if parsed.metrics == () else 2)
    assert "<svg" in html
    assert ("confusion__right" in html) == (not dataset(parsed).is_regression)
    assert html.count('<dd class="number">0.') + html.count(" %</dd>") >= len(measures(parsed))
    assert 'style="' not in html
    assert get(signed_in, "/sandbox/")


@pytest.mark.parametrize("network", NETWORKS)
def test_the_recipe_shows_the_layers_it_cannot_change(signed_in: Client, network: str) -> None:
    stored = admit(EVERY[network]).as_json()
    html = get(signed_in, NEW, preset=preset_of(stored).pk)
    assert html.count("layers__row--kept") == len(stored["layers"])
    assert 'name="layers-' not in html
    assert "<code>reshape</code> shape 8, 8" in html
    assert "<dt>Share for the test</dt><dd>10.0 %</dd>" in html


def test_the_recipe_names_what_it_keeps(signed_in: Client) -> None:
    html = get(signed_in, NEW, preset=preset_of(admit(EVERY["stops"]).as_json()).pk)
    assert "<dt>Early stopping</dt><dd>monitor val_loss, patience 3, min_delta 0, restore_best_weights yes" in html
    assert "<dt>Stop at a target</dt><dd>monitor val_accuracy, value 0.95" in html
    assert html.count('class="layers__row"') == 3, "plain dense layers stay fields"


def test_what_is_kept_can_be_let_go(signed_in: Client) -> None:
    fields = fields_of(get(signed_in, NEW, preset=preset_of(admit(EVERY["pictures"]).as_json()).pk), "recipe")
    html = signed_in.post(NEW, {**fields, "press": "let_go"}).content.decode()
    assert 'name="base"' not in html
    assert html.count('class="layers__row"') == 2, "the dropout and the dense layer of the preset"
    signed_in.post(NEW, {**fields_of(html, "recipe"), "press": "start"})
    assert [layer["kind"] for layer in Run.objects.get().spec["layers"]] == ["dropout", "dense"]


def test_of_another_data_set_only_the_common_parts_are_kept(signed_in: Client) -> None:
    stored = admit(EVERY["steep-line"]).as_json()
    fields = fields_of(get(signed_in, NEW, preset=preset_of(stored).pk), "recipe")
    preview = signed_in.post(NEW, {**fields, "press": "preview", "dataset": "sine"}).content.decode()
    assert "Slope of the line" not in preview
    signed_in.post(NEW, {**fields, "press": "start", "dataset": "sine"})
    assert Run.objects.get().spec["data"]["kind"] == "sine"


@pytest.mark.parametrize(
    "base",
    ["x", "[]", "{}", "[" * 50_000, '"' + "x" * 70_000 + '"', json.dumps(spec(epochs=0)), '{"schema": NaN}'],
)
def test_a_broken_base_is_refused_with_words(signed_in: Client, base: str) -> None:
    fields = fields_of(get(signed_in, NEW), "recipe")
    answer = signed_in.post(NEW, {**fields, "press": "start", "base": base})
    assert answer.status_code == 422
    assert "could not be read" in answer.content.decode()
    assert Run.objects.count() == 0


def test_a_forged_base_passes_the_door_like_every_spec(signed_in: Client) -> None:
    fields = fields_of(get(signed_in, NEW), "recipe")
    forged = json.dumps(spec(class_weights=[1.0, 2.0, 3.0]))
    answer = signed_in.post(NEW, {**fields, "press": "start", "base": forged})
    assert answer.status_code == 422
    assert "3 class weight" in answer.content.decode()


def test_a_run_of_an_older_schema_can_be_read(signed_in: Client, learner: User) -> None:
    run = run_of(learner, OLD)
    html = get(signed_in, f"/sandbox/runs/{run.pk}/")
    assert "This recipe is of an older kind" in html
    assert '"network": "2-2"' in unescape(html)
    assert "<script>&quot;" not in html
    assert get(signed_in, "/sandbox/")
    assert "can no longer be read" in get(signed_in, NEW, **{"from": run.pk})
    assert get(signed_in, "/")


def test_a_finished_run_of_an_older_schema_shows_what_it_measured(signed_in: Client, learner: User) -> None:
    run = ended(learner, spec(), test={"loss": 0.3, "accuracy": 0.875})
    Run.objects.update(spec={**OLD, "data": {"kind": "clinical_trial"}})
    html = get(signed_in, f"/sandbox/runs/{run.pk}/")
    assert 'data-chart="accuracy"' in html
    assert "Test accuracy" in html
    assert "87.5 %" in html


def test_a_preset_of_an_older_schema_starts_from_something_that_trains(signed_in: Client) -> None:
    html = get(signed_in, NEW, preset=preset_of(OLD).pk)
    assert "can no longer be read" in html
    assert "Takes about" in html


def test_a_regression_speaks_of_numbers(signed_in: Client, learner: User) -> None:
    run = ended(learner, EVERY["diabetes"])
    html = get(signed_in, f"/sandbox/runs/{run.pk}/")
    for words in (
        "How far off is it on average?",
        "Validation mean absolute error",
        "the predictions for the validation rows are off by 0.4250 on average",
        'data-chart="mean_absolute_error" data-writing="decimal" data-low="0"',
        'data-key="val_mean_absolute_error"',
        ">progression<",
    ):
        assert words in html
    assert "ccuracy" not in html.replace('"accuracy": null', "").replace('"val_accuracy": null', "")
    studio = get(signed_in, "/sandbox/")
    assert "Diabetes, 6-1" in studio
    assert "Validation mean absolute error</span> 0.4250" in studio
    assert "Validation mean absolute error 0.4250" in get(signed_in, "/")


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ({"stopped": "early_stopping", "epochs": 2, "best_epoch": 1}, "The weights are those of epoch 1."),
        ({"stopped": "early_stopping", "epochs": 2}, "after epoch 2: val_loss did not get better any more."),
        ({"stopped": "target", "epochs": 2}, "The target was reached in epoch 2: val_accuracy 0.95."),
    ],
)
def test_a_run_tells_why_it_ended_early(signed_in: Client, learner: User, outcome: dict[str, Any], words: str) -> None:
    run = ended(learner, EVERY["stops"], **outcome)
    assert words in get(signed_in, f"/sandbox/runs/{run.pk}/")


def test_runs_without_a_name_are_called_by_what_they_train(signed_in: Client, learner: User) -> None:
    for kind in ("pictures", "recurrent", "circles"):
        run_of(learner, admit(EVERY[kind]).as_json())
    html = get(signed_in, "/sandbox/")
    assert "Handwritten digits, conv 8 – conv 12 – dense 10" in html
    assert "Handwritten digits, LSTM 6 – GRU 5 – simple RNN 4 – dense 10" in html
    assert "Two circles, 6-2" in html


# --- a learner's own table --------------------------------------------------------------------------------------------

CSV = "size,colour,<b>tall</b>,verdict\n" + "\n".join(
    f"{row % 7 + row / 10},{('red', 'blue', 'age')[row % 3]},{row % 5},{('yes', 'input')[row % 2]}" for row in range(60)
)


def table_spec(owner: User, target: str = "verdict", **changes: Any) -> dict[str, Any]:
    table = uploads.upload(owner, "mine.csv", CSV.encode(), now=NOW)
    data = {"kind": "table", "table": str(table.pk), "target": target, "validation": 0.25, "split": "shuffled"}
    layers = [dense(4, "relu"), dense(2, "softmax")]
    sent = spec(**{"data": data, "layers": layers, "batch_size": 8, **changes})
    return admit(sent, access.tables_of(owner)).as_json()


def test_a_run_of_a_table_can_be_trained_again_with_changes(signed_in: Client, learner: User) -> None:
    stored = table_spec(learner)
    earlier = run_of(learner, stored)
    html = get(signed_in, NEW, **{"from": earlier.pk})
    assert "Your table, for verdict" in html
    assert "<dt>Table</dt><dd>verdict, 3 columns</dd>" in html
    signed_in.post(NEW, {**fields_of(html, "recipe"), "press": "start", "epochs": "3"})
    assert Run.objects.exclude(pk=earlier.pk).get().spec == {**stored, "epochs": 3}


def test_the_table_of_a_recipe_can_be_left(signed_in: Client, learner: User) -> None:
    html = get(signed_in, NEW, **{"from": run_of(learner, table_spec(learner)).pk})
    fields = {**fields_of(html, "recipe"), "press": "start", "dataset": "circles", "rows": "300"}
    assert signed_in.post(NEW, fields).status_code == 302
    assert Run.objects.newest_first()[0].spec["data"]["kind"] == "circles"


def test_a_table_that_is_gone_or_of_somebody_else_is_not_trained(
    signed_in: Client, learner: User, other_learner: User
) -> None:
    theirs = table_spec(other_learner)
    fields = fields_of(get(signed_in, NEW, **{"from": run_of(learner, theirs).pk}), "recipe")
    assert signed_in.post(NEW, {**fields, "press": "start"}).status_code == 422
    assert Run.objects.count() == 1


def test_a_table_keeps_its_own_words(signed_in: Client, learner: User) -> None:
    run = run_of(learner, table_spec(learner))
    html = get(signed_in, f"/sandbox/runs/{run.pk}/", "zh-hans")
    assert ">size<" in html
    assert ">&lt;b&gt;tall&lt;/b&gt;<" in html
    assert ">input<" in html
    assert ">colour = age<" in html
