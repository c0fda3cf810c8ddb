import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from courses.rendering import render_fragment
from quizzes import grading, kinds
from quizzes.kinds import Graded, Refused
from quizzes.kinds.base import Sheet

SAMPLE = {
    "kind": "hotspot",
    "network": {"inputs": 2, "layers": [3, 3, 2]},
    "key": ["layer-3"],
    "texts": {"en": {"prompt": "Where does the network **answer**?", "feedback": "The last layer is the output."}},
}
RIGHT = {"targets": ["layer-3"]}
WRONG = {"targets": ["layer-0"]}
FORM = {"target": "layer-3"}
SECRETS = ["last layer", "the output", "output", "input layer", "(the input)", "hidden layer"]

LAYERS = ["layer-0", "layer-1", "layer-2", "layer-3"]


def body(**changes):
    return kinds.parse({**SAMPLE, **changes})


def mark(asked, *targets):
    graded = grading.grade(asked, {"targets": list(targets)})
    assert isinstance(graded, Graded), graded
    return graded


def shown(asked):
    return asked.public(asked.render(render_fragment)["en"])


# --- what can be clicked ---------------------------------------------------------------------------------------------


def test_the_layers_can_be_clicked_or_the_nodes_as_the_key_says() -> None:
    assert shown(body()).targets == LAYERS
    nodes = shown(body(key=["node-1-2"])).targets
    assert nodes[:3] == ["node-0-1", "node-0-2", "node-1-1"]
    assert len(nodes) == 10


def test_nodes_of_a_layer_that_is_cut_short_cannot_be_clicked() -> None:
    asked = body(network={"inputs": 784, "layers": [8, 7, 0]}, key=["node-2-1"])
    assert asked.targets == [f"node-2-{node}" for node in range(1, 8)]


def test_the_drawing_has_a_row_for_each_node_and_dots_for_those_left_out() -> None:
    columns = shown(body(network={"inputs": 784, "layers": [3, 0, 10]})).laid_out(Sheet()).columns
    assert [[spot and spot.node for spot in column.rows] for column in columns] == [
        [1, 2, 3, None, 782, 783, 784],
        [1, 2, 3],
        [],
        [1, 2, 3, None, 8, 9, 10],
    ]
    assert [column.is_bar for column in columns] == [False, False, True, False]
    assert [column.edges.count("<line") for column in columns] == [0, 6 * 3, 3, 6]


@given(
    inputs=st.integers(1, 20),
    layers=st.lists(st.integers(0, 20), min_size=1, max_size=9),
)
def test_every_edge_begins_and_ends_within_the_drawing(inputs, layers) -> None:
    drawing = shown(body(network={"inputs": inputs, "layers": layers}, key=["layer-0"])).laid_out(Sheet())
    for column in drawing.columns:
        for piece in column.edges.split("/>")[:-1]:
            for end in ("y1", "y2"):
                assert 0 < float(piece.partition(f'{end}="')[2].partition('"')[0]) < drawing.height


def test_nothing_in_the_public_question_says_what_a_layer_is_for() -> None:
    text = json.dumps(shown(body()).model_dump())
    assert "output" not in text
    assert "input" not in text


# --- marks -----------------------------------------------------------------------------------------------------------


def test_one_click_is_right_or_wrong() -> None:
    assert (mark(body(), "layer-3").score, mark(body(), "layer-2").score) == (1, 0)


def test_any_one_of_several_is_right() -> None:
    asked = body(key=["layer-1", "layer-2"])
    assert [mark(asked, layer).score for layer in LAYERS] == [0, 1, 1, 0]
    assert asked.revealed().targets == ["layer-1", "layer-2"]


@pytest.mark.parametrize(
    ("clicked", "score"),
    [
        (["layer-1", "layer-2"], 1),
        (["layer-2", "layer-1"], 1),
        (["layer-1"], 0.5),
        (["layer-1", "layer-0"], 0),
        (LAYERS, 0),
        (["layer-1", "layer-2", "layer-0"], 0.5),
    ],
)
def test_of_many_a_wrong_click_takes_back_a_right_one(clicked, score) -> None:
    assert mark(body(many=True, key=["layer-1", "layer-2"]), *clicked).score == score


@given(data=st.data(), many=st.booleans())
def test_the_mark_is_between_0_and_1_and_1_only_for_the_key(data, many) -> None:
    key = data.draw(st.lists(st.sampled_from(LAYERS), min_size=1, max_size=3, unique=True))
    clicked = data.draw(st.lists(st.sampled_from(LAYERS), min_size=1, max_size=4 if many else 1, unique=True))
    score = mark(body(many=many, key=key), *clicked).score
    assert 0 <= score <= 1
    assert (score == 1) == (set(clicked) == set(key) if many else clicked[0] in key)


@pytest.mark.parametrize(
    ("targets", "code"),
    [
        ([], "empty"),
        (["layer-9"], "unknown_target"),
        (["node-0-1"], "unknown_target"),
        (["layer-1", "layer-1"], "given_twice"),
        (["layer-1", "layer-2"], "too_many"),
    ],
)
def test_what_is_no_response_is_refused(targets, code) -> None:
    refused = grading.grade(body(), {"targets": targets})
    assert isinstance(refused, Refused)
    assert (refused.pointer, refused.code) == ("/targets", code)


@pytest.mark.parametrize("many", [False, True])
def test_a_form_gives_the_response_back(many) -> None:
    asked = body(many=many, key=["layer-1", "layer-2"])
    response = {"targets": ["layer-1", "layer-2"] if many else ["layer-2"]}
    assert asked.response_from_form(asked.form_of(response)) == response


# --- authors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"key": []}, "at least 1"),
        ({"key": ["output"]}, "String should match"),
        ({"key": ["layer-4"]}, "'layer-4' of the key cannot be clicked; there are layer-0, layer-1"),
        ({"key": ["node-0-3"]}, "'node-0-3' of the key cannot be clicked"),
        ({"key": ["layer-0", "node-1-1"]}, "'node-1-1' of the key cannot be clicked"),
        ({"key": ["layer-0", "layer-0"]}, "stands twice"),
        ({"key": LAYERS}, "at least one must be wrong"),
        ({"network": {"inputs": 0, "layers": [1]}}, "greater than or equal to 1"),
        ({"network": {"inputs": 1, "layers": []}}, "at least 1"),
        ({"network": {"inputs": 1, "layers": [1] * 10}}, "at most 9"),
        ({"texts": {"en": {"prompt": "?", "names": ["dense"]}}}, "one for each of the 4 columns"),
    ],
)
def test_an_author_is_told_what_does_not_fit(changes, message) -> None:
    with pytest.raises(ValidationError, match=message):
        body(**changes)


# --- the page --------------------------------------------------------------------------------------------------------


def test_the_page_names_columns_by_place_and_says_what_they_are_for_only_after_the_answer(client, quiz_page) -> None:
    address = quiz_page(SAMPLE)
    before = client.get(address).content.decode()
    assert before.count('type="radio" name="target"') == 4
    assert "Column 4 of 4, 2 nodes" in before
    assert "output" not in before
    after = " ".join(client.post(address, {"target": "layer-1"}, follow=True).content.decode().split())
    assert "Column 2 of 4, 3 nodes (a hidden layer)" in after
    assert "Column 4 of 4, 2 nodes (the output)" in after
    assert "Not right yet" in after
    assert 'type="radio"' not in after


def test_nodes_are_boxes_where_several_are_meant(client, quiz_page) -> None:
    address = quiz_page({**SAMPLE, "many": True, "key": ["node-3-1", "node-3-2"]})
    before = client.get(address).content.decode()
    assert before.count('type="checkbox"') == 10
    assert "Column 4 of 4, node 2 of 2" in before
    after = client.post(address, {"target-node-3-1": "1", "target-node-0-1": "1"}, follow=True).content.decode()
    for words in ("Your answer, right", "Your answer<", "Right, not chosen"):
        assert words in after


def test_names_stand_above_the_columns_and_are_no_markup(client, quiz_page) -> None:
    names = ["input", "<b>dense</b>", "dropout", "softmax"]
    asked = {**SAMPLE, "network": {"inputs": 2, "layers": [3, 0, 2]}}
    texts = {"en": {**SAMPLE["texts"]["en"], "names": names}}
    html = client.get(quiz_page({**asked, "texts": texts})).content.decode()
    assert "&lt;b&gt;dense&lt;/b&gt;" in html
    assert "Column 3 of 4, without nodes" in html
