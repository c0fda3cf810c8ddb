"""Dropout layers in the recipe: rows beside the dense ones …"""

import re
import uuid
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from sandbox.admission import admit
from sandbox.models import Preset, Run
from tests.course.claims import changed, entries
from tests.course.lesson_10 import REFERENCES
from tests.sandbox.form_fields import fields_of
from tests.sandbox.kinds import dense, layer
from tests.sandbox.samples import spec
from tests.sandbox.test_pages_new_run import filled_in

pytestmark = pytest.mark.django_db

URL = "/sandbox/new/"
WITH_DROPOUT = [layer("dropout", rate=0.125), dense(6, "relu"), layer("dropout", rate=0.5), dense(2, "softmax")]


@pytest.fixture
def signed_in(client: Client, learner: User) -> Client:
    client.force_login(learner)
    return client


def preset_of(stored: dict[str, Any]) -> Preset:
    texts = {"en": {"title": "A preset", "summary": "Look."}}
    return Preset.objects.create(pk=uuid.uuid4(), collection="a", slug="x", texts=texts, spec=stored)


def opened(client: Client, stored: dict[str, Any]) -> dict[str, str]:
    answer = client.get(URL, {"preset": preset_of(admit(stored).as_json()).pk})
    return fields_of(answer.content.decode(), "recipe")


def pressed(client: Client, fields: dict[str, Any], button: str, **changes: Any) -> str:
    answer = client.post(URL, {**fields, **changes, "press": button})
    assert answer.status_code == 200
    return answer.content.decode()


def kinds_in(html: str) -> list[str]:
    return re.findall(r'class="layers__row" data-kind="(\w+)"', html)


def test_the_challenge_of_lesson_10_is_met_with_the_form_alone(signed_in: Client) -> None:
    (reference,) = REFERENCES
    start = entries("challenges")[reference.challenge]["start"]
    html = pressed(signed_in, opened(signed_in, start), "add_dropout")
    assert kinds_in(html) == ["dense", "dropout", "dense"]
    fields = {**fields_of(html, "recipe"), "layers-1-rate": "0.7", "press": "start"}
    assert signed_in.post(URL, fields).status_code == 302
    assert Run.objects.get().spec == admit(changed(start, reference.changes)).as_json()


def test_a_preset_with_dropout_is_open_and_starts_unchanged(signed_in: Client) -> None:
    sent = spec(layers=WITH_DROPOUT)
    fields = opened(signed_in, sent)
    assert "base" not in fields
    assert (fields["layers-0-rate"], fields["layers-1-units"], fields["layers-2-rate"]) == ("0.125", "6", "0.5")
    assert signed_in.post(URL, {**fields, "press": "start"}).status_code == 302
    assert Run.objects.get().spec == admit(sent).as_json()


@pytest.mark.parametrize("rate", [0.0, 1e-07, 1 / 3, 0.9999999999999999])
def test_a_rate_comes_back_to_the_last_digit(signed_in: Client, rate: float) -> None:
    layers = [dense(6, "relu"), layer("dropout", rate=rate), dense(2, "softmax")]
    signed_in.post(URL, {**opened(signed_in, spec(layers=layers)), "press": "start"})
    assert Run.objects.get().spec["layers"][1] == {"kind": "dropout", "name": None, "rate": rate}


def test_the_names_of_layers_go_with_their_rows(signed_in: Client) -> None:
    named = [dense(6, "relu", name="first"), layer("dropout", rate=0.5, name="gate"), dense(2, "softmax")]
    fields = opened(signed_in, spec(layers=named))
    moved = pressed(signed_in, fields, "move_up-1")
    assert "<code>gate</code>" in moved
    signed_in.post(URL, {**fields_of(moved, "recipe"), "press": "start"})
    assert [each["name"] for each in Run.objects.get().spec["layers"]] == ["gate", "first", None]
    twice = signed_in.post(URL, {**fields, "layers-1-name": "first", "press": "start"})
    assert "Two layers are called “first”." in twice.content.decode()


@pytest.mark.parametrize("odd", [dense(4, use_bias=False), layer("gaussian_noise", stddev=0.1)])
def test_what_rows_cannot_show_stays_locked(signed_in: Client, odd: dict[str, Any]) -> None:
    sent = spec(layers=[dense(6, "relu"), odd, dense(2, "softmax")])
    fields = opened(signed_in, sent)
    assert not [name for name in fields if name.startswith("layers-")]
    signed_in.post(URL, {**fields, "press": "start"})
    assert Run.objects.get().spec == admit(sent).as_json()


def test_layers_let_go_leave_those_that_rows_can_show(signed_in: Client) -> None:
    odd = [dense(6, "relu", use_bias=False), layer("flatten"), layer("dropout", rate=0.25), dense(2, "softmax")]
    html = pressed(signed_in, opened(signed_in, spec(layers=odd)), "let_go")
    assert kinds_in(html) == ["dense", "dropout", "dense"]
    assert 'name="base"' not in html


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        ("1", "The rate is a number from 0 to 1, but not 1 itself"),
        ("-0.1", "The rate is a number from 0 to 1, but not 1 itself"),
        ("", "This field is required."),
        ("half", "Enter a number."),
        ("nan", "Enter a number."),
    ],
)
def test_a_wrong_rate_is_explained_at_its_field(signed_in: Client, rate: str, words: str) -> None:
    fields = fields_of(pressed(signed_in, filled_in(), "add_dropout"), "recipe")
    answer = signed_in.post(URL, {**fields, "layers-1-rate": rate, "press": "start"})
    assert answer.status_code == 422
    html = answer.content.decode()
    row = html[html.index('data-kind="dropout"') : html.index('value="remove_layer-1"')]
    assert words in row
    assert 'aria-invalid="true"' in row
    assert "Layer 2: Rate: " + words in html
    assert Run.objects.count() == 0


def test_a_row_of_another_kind_is_refused(signed_in: Client) -> None:
    answer = signed_in.post(URL, filled_in(**{"layers-0-kind": "lambda"}))
    assert answer.status_code == 422
    assert "Select a valid choice. lambda is not one of the available choices." in answer.content.decode()


def test_a_row_without_a_kind_is_dense(signed_in: Client) -> None:
    fields = {name: value for name, value in filled_in().items() if not name.endswith("-kind")}
    assert signed_in.post(URL, fields).status_code == 302
    assert [each["kind"] for each in Run.objects.get().spec["layers"]] == ["dense", "dense"]


def test_a_network_of_dropout_alone_has_nothing_to_train(signed_in: Client) -> None:
    fields = fields_of(pressed(signed_in, filled_in(), "add_dropout"), "recipe")
    for _ in range(2):
        last = int(fields["layers-TOTAL_FORMS"]) - 1
        drop = 0 if fields["layers-0-kind"] == "dense" else last
        fields = fields_of(pressed(signed_in, fields, f"remove_layer-{drop}"), "recipe")
    answer = signed_in.post(URL, {**fields, "press": "start"})
    assert answer.status_code == 422
    assert "there is nothing to train" in answer.content.decode()


def test_dropout_on_the_answer_is_warned_of(signed_in: Client) -> None:
    fields = fields_of(pressed(signed_in, filled_in(), "add_dropout"), "recipe")
    assert "The last layer disturbs the answer itself" in pressed(signed_in, fields, "move_down-1")


def test_the_drawing_shows_the_dropout(signed_in: Client) -> None:
    html = pressed(signed_in, filled_in(), "add_dropout")
    drawing = html[html.index('<figure class="network-figure"') : html.index("</figure>")]
    assert "dropout 0.2" in drawing


@pytest.mark.parametrize(
    ("button", "order"),
    [
        ("move_up-1", ["0.5", "8", "2"]),
        ("move_down-1", ["8", "2", "0.5"]),
        ("move_down-0", ["0.5", "8", "2"]),
        ("move_up-2", ["8", "2", "0.5"]),
        ("move_up-0", ["8", "0.5", "2"]),
        ("move_down-2", ["8", "0.5", "2"]),
        ("move_up-9", ["8", "0.5", "2"]),
        ("move_down-x", ["8", "0.5", "2"]),
        ("move_up-" + "9" * 5000, ["8", "0.5", "2"]),
        ("remove_layer-1", ["8", "2"]),
        ("remove_layer-7", ["8", "0.5", "2"]),
    ],
)
def test_rows_move_and_go_with_what_is_in_them(signed_in: Client, button: str, order: list[str]) -> None:
    fields = fields_of(pressed(signed_in, filled_in(), "add_dropout"), "recipe")
    moved = fields_of(pressed(signed_in, fields, button, **{"layers-1-rate": "0.5"}), "recipe")
    rows = range(int(moved["layers-TOTAL_FORMS"]))
    assert [moved.get(f"layers-{row}-units") or moved[f"layers-{row}-rate"] for row in rows] == order


def test_what_is_wrong_in_a_row_moves_with_it(signed_in: Client) -> None:
    fields = fields_of(pressed(signed_in, filled_in(), "add_dropout"), "recipe")
    html = pressed(signed_in, fields, "move_up-1", **{"layers-1-rate": "7"})
    assert "Layer 1: Rate: The rate is a number from 0 to 1" in html


def test_there_is_room_for_sixteen_layers(signed_in: Client) -> None:
    rows = {f"layers-{row}-{name}": value for row in range(15) for name, value in layer("dropout", rate=0.1).items()}
    html = pressed(signed_in, {**filled_in(), **rows, "layers-TOTAL_FORMS": 15}, "add_dropout")
    assert len(kinds_in(html)) == 16
    assert re.search(r'value="add_dropout" disabled', html)
    again = pressed(signed_in, fields_of(html, "recipe"), "add_dropout")
    assert len(kinds_in(again)) == 16
