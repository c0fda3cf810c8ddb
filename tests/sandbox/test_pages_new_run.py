"""The recipe of a new run …"""

import re
import uuid
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from sandbox.forms import RecipeForm
from sandbox.models import Preset, Run
from sandbox.recipes import STARTER, Recipe
from tests.sandbox.samples import finished, queued, spec

pytestmark = pytest.mark.django_db

URL = "/sandbox/new/"


@pytest.fixture
def signed_in(client: Client, learner: User) -> Client:
    client.force_login(learner)
    return client


def filled_in(**changes: Any) -> dict[str, Any]:
    """What a browser sends of the starting recipe."""
    recipe = Recipe.of_spec(STARTER)
    fields = {name: value for name, value in recipe.form.initial.items() if value not in (False, None)}
    for index, layer in enumerate(recipe.layers.forms):
        fields.update({f"layers-{index}-{name}": value for name, value in layer.initial.items()})
    count = len(recipe.layers.forms)
    management = {"layers-TOTAL_FORMS": count, "layers-INITIAL_FORMS": count}
    return {"run_id": str(uuid.uuid4()), "press": "start", **fields, **management, **changes}


def test_it_starts_from_something_that_trains(signed_in: Client) -> None:
    html = signed_in.get(URL).content.decode()
    assert "Start training" in html
    assert "Takes about" in html
    assert html.count('class="layers__row"') == 2
    assert "<svg" in html
    assert "A network with layers of 2-8-2 nodes" in html


def test_it_starts_as_it_stands(signed_in: Client) -> None:
    html = signed_in.get(URL).content.decode()
    assert {name for name in RecipeForm.base_fields if f'name="{name}"' not in html} == set()


def test_it_is_filled_in_from_a_preset(signed_in: Client) -> None:
    texts = {
        "en": {"title": "The trial", "summary": "One input."},
        "zh-hans": {"title": "试验", "summary": "一个输入。"},
    }
    preset = Preset.objects.create(pk=uuid.uuid4(), collection="a", slug="trial", texts=texts, spec=spec())
    html = signed_in.get(URL, {"preset": preset.pk}).content.decode()
    assert "One input." in html
    assert re.search(r'name="learning_rate" value="0.0001"', html)
    assert html.count('class="layers__row"') == 3


@pytest.mark.parametrize("query", [{"preset": str(uuid.uuid4())}, {"preset": "x"}, {"from": str(uuid.uuid4())}])
def test_it_knows_no_recipe_that_is_not_there(signed_in: Client, query: dict[str, str]) -> None:
    assert signed_in.get(URL, query).status_code == 404


def test_it_is_filled_in_from_your_own_run_only(signed_in: Client, learner: User, other_learner: User) -> None:
    assert signed_in.get(URL, {"from": finished(learner).pk}).status_code == 200
    assert signed_in.get(URL, {"from": queued(other_learner).pk}).status_code == 404


def test_it_starts_a_run(signed_in: Client) -> None:
    fields = filled_in(learning_rate="0.05", title="Faster")
    answer = signed_in.post(URL, fields)
    run = Run.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == f"/sandbox/runs/{run.pk}/"
    assert run.spec["optimizer"]["learning_rate"] == 0.05
    assert run.title == "Faster"
    signed_in.post(URL, fields)
    assert Run.objects.count() == 1, "a double click starts one run"
    signed_in.post(URL, {**fields, "epochs": 3})
    assert Run.objects.count() == 2, "a changed recipe is another run"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"epochs": "0"}, "Ensure this value is greater than or equal to 1."),
        ({"learning_rate": ""}, "This field is required."),
        ({"learning_rate": "nan"}, "Enter a number."),
        ({"layers-1-units": "1"}, "Give the last layer 2 units"),
        ({"layers-0-units": "100000"}, "Ensure this value is less than or equal to 512."),
        ({"batch_size": "600"}, "At most 500 rows in a batch"),
        ({"rows": "20000", "batch_size": "1", "epochs": "500"}, "At most 500,000 training steps"),
        ({"dataset": "mnist"}, "Select a valid choice."),
        ({"dataset": "table"}, "Select a valid choice."),
        ({"dataset": "iris"}, "3 classes"),
        ({"dataset": "line"}, "here a number is to be predicted"),
        ({"dataset": "spiral", "classes": "6"}, "Classes"),
        ({"optimizer": "lion"}, "Select a valid choice."),
        ({"optimizer": "adamw", "weight_decay": "2"}, "less than or equal to 1."),
    ],
)
def test_it_explains_beside_the_field(signed_in: Client, changes: dict[str, str], words: str) -> None:
    answer = signed_in.post(URL, filled_in(**changes))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert Run.objects.count() == 0


def test_it_trains_a_regression(signed_in: Client) -> None:
    fields = filled_in(
        dataset="sine",
        loss="huber",
        optimizer="nadam",
        noise="0.2",
        **{"layers-1-units": 1, "layers-1-activation": "linear"},
    )
    assert signed_in.post(URL, fields).status_code == 302
    run = Run.objects.get().spec
    assert (run["data"]["kind"], run["data"]["noise"], run["loss"]) == ("sine", 0.2, "huber")
    assert run["optimizer"]["kind"] == "nadam"


def test_an_empty_field_means_the_usual(signed_in: Client) -> None:
    fields = filled_in(dataset="wine", split="stratified", optimizer="adadelta", rho="", epsilon="", scaling="")
    signed_in.post(URL, {**fields, "layers-1-units": 3})
    run = Run.objects.get().spec
    assert (run["data"]["rows"], run["data"]["scaling"]) == (178, "standard")
    assert (run["optimizer"]["rho"], run["optimizer"]["epsilon"]) == (0.95, 1e-7)


def test_it_opens_more_settings_where_something_is_wrong_there(signed_in: Client) -> None:
    answer = signed_in.post(URL, filled_in(label_noise="0.9"))
    assert answer.status_code == 422
    assert '<details class="recipe__more" open>' in answer.content.decode()


def test_it_adds_a_layer_before_the_last(signed_in: Client) -> None:
    html = signed_in.post(URL, filled_in(press="add_layer")).content.decode()
    assert html.count('class="layers__row"') == 3
    assert "A network with layers of 2-8-8-2 nodes" in html


def test_it_removes_the_layer_that_was_meant(signed_in: Client) -> None:
    html = signed_in.post(URL, filled_in(press="remove_layer-0")).content.decode()
    assert "A network with layers of 2-2 nodes" in html
    assert Run.objects.count() == 0


def test_it_estimates_again_without_starting(signed_in: Client) -> None:
    html = signed_in.post(URL, filled_in(press="preview", **{"layers-0-activation": "linear"})).content.decode()
    assert "adds nothing" in html
    html = signed_in.post(URL, filled_in(press="preview", epochs="-1")).content.decode()
    assert "This cannot be trained yet" in html
    assert Run.objects.count() == 0


def test_it_says_that_the_queue_is_full(signed_in: Client, learner: User) -> None:
    for _ in range(5):
        queued(learner)
    answer = signed_in.post(URL, filled_in())
    assert answer.status_code == 429
    assert "5 of your runs wait already" in answer.content.decode()


def test_it_survives_broken_posts(signed_in: Client) -> None:
    assert signed_in.post(URL, {}).status_code == 422
    assert signed_in.post(URL, filled_in(**{"layers-TOTAL_FORMS": "-4"})).status_code == 422
    assert signed_in.post(URL, filled_in(run_id="x")).status_code == 404
