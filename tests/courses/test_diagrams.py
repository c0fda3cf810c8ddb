"""A diagram shows numbers that are computed, follows the theme by classes alone, and refuses what it cannot draw."""

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.diagrams import descend, draw

SVG = "{http://www.w3.org/2000/svg}"
EXAMPLES = {
    "network": {"layers": "2-3-2"},
    "descent": {"rates": "0.1,0.5,1.05"},
    "weight-update": {"old": "0.5", "rate": "0.1", "gradient": "0.8"},
    "loss-curve": {"values": "0.7, 0.5, 0.4", "validation": "0.8, 0.6, 0.6"},
}


def marks(kind, options, tag):
    return list(ET.fromstring(draw(kind, options, "A picture")).iter(SVG + tag))


def words(kind, options):
    return [text.text for text in marks(kind, options, "text")]


@pytest.mark.parametrize("kind", EXAMPLES)
def test_it_says_what_it_shows_and_takes_its_colours_from_classes(kind):
    svg = draw(kind, EXAMPLES[kind], 'A "net" <of> nodes')
    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    assert root.get("aria-label") == 'A "net" <of> nodes'
    assert not re.search(r"\b(style|fill|stroke|id|on\w+)=", svg)
    assert all(element.get("class") for element in root.iter())


def test_it_draws_every_node_and_every_edge_and_counts_them():
    assert len(marks("network", {"layers": "2-3-2"}, "circle")) == 7
    assert len(marks("network", {"layers": "2-3-2"}, "line")) == 2 * 3 + 3 * 2
    assert words("network", {"layers": "2-3-2", "labels": "输入层，隐藏层，输出层"})[-2:] == ["2", "输出层"]


def test_it_elides_the_middle_of_a_long_layer():
    options = {"layers": "1-16-2"}
    assert len(marks("network", options, "circle")) == 1 + 8 + 2
    assert "⋮" in words("network", options)
    assert "16" in words("network", options)


def test_it_descends_a_parabola_by_the_rule_of_gradient_descent():
    assert descend(1.0, 0.5, 3) == [1.0, 0.0, 0.0, 0.0]
    assert descend(2.0, 0.25, 2) == [2.0, 1.0, 0.5]
    assert abs(descend(1.0, 1.05, 8)[-1]) > 2


def test_it_prints_where_each_rate_arrives():
    text = words("descent", {"rates": "0.1,1.05", "steps": "8"})
    assert "w₈ = 0.168" in text
    assert "w₈ = 2.14" in text
    assert len([w for w in text if w.startswith("η")]) == 2


def test_it_points_out_of_the_frame_where_a_rate_diverges():
    assert not marks("descent", {"rates": "0.1"}, "polygon")
    assert len(marks("descent", {"rates": "0.1,1.5", "steps": "20"}, "polygon")) == 1


def test_it_computes_the_new_weight():
    text = words("weight-update", {"old": "0.5", "rate": "0.01", "gradient": "-1.25"})
    assert "w′ = 0.5125" in text
    assert "0.5 − 0.01 · (−1.25) = 0.5125" in text


def test_it_writes_the_authors_names():
    options = {**EXAMPLES["weight-update"], "labels": "旧权重,新权重,损失"}
    assert "新权重 = 0.42" in words("weight-update", options)


def test_it_scales_a_loss_curve_to_round_numbers_and_names_the_lines():
    text = words("loss-curve", EXAMPLES["loss-curve"])
    assert {"0", "0.2", "0.8", "loss", "val_loss", "epoch"} <= set(text)


@pytest.mark.parametrize(
    ("kind", "options", "sentence"),
    [
        ("nettwork", {}, "no diagram called"),
        ("network", {"layers": "2-three-2"}, "whole numbers"),
        ("network", {"layers": "2"}, "2 to 10 layers"),
        ("network", {"layers": "2-0-2"}, "1 to"),
        ("network", {"layers": "2-²-2"}, "whole numbers"),
        ("network", {"layers": "9" * 5000 + "-1"}, "2 to 10 layers"),
        ("network", {"layers": "2-2", "labels": "one"}, "2 names"),
        ("network", {"layers": "2-2", "colour": "red"}, "no option “colour”"),
        ("descent", {}, "rates"),
        ("descent", {"rates": "0.1,fast"}, "not a number"),
        ("descent", {"rates": "-1"}, "greater than 0"),
        ("descent", {"rates": "0.1", "steps": "2.5"}, "whole number"),
        ("descent", {"rates": "0.1", "start": "0"}, "minimum already"),
        ("weight-update", {"old": "nan", "rate": "1", "gradient": "1"}, "too large"),
        ("weight-update", {"old": "1", "rate": "0.1"}, "gradient"),
        ("weight-update", {"old": "1", "rate": "0.1", "gradient": "1", "minimum": "3"}, "minimum"),
        ("loss-curve", {"values": "0.4"}, "2 to"),
        ("loss-curve", {"values": "0.4,-1"}, "never negative"),
        ("loss-curve", {"values": "0,0"}, "not all"),
        ("loss-curve", {"values": "1,2", "validation": "1"}, "needs 2 numbers"),
    ],
)
def test_it_refuses_with_a_sentence(kind, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        draw(kind, options, "A picture")


def test_it_refuses_a_drawing_that_nobody_describes():
    with pytest.raises(ValueError, match="alt"):
        draw("network", {"layers": "2-3-2"}, " ")


@given(
    kind=st.sampled_from(["descent", "weight-update", "loss-curve"]),
    numbers=st.lists(st.floats() | st.sampled_from([0.0, 1e-9, 1e6, -1e6, 10.0]), min_size=4, max_size=4),
)
def test_it_draws_finite_places_or_refuses(kind, numbers):
    a, b, c, d = map(str, numbers)
    options = {
        "descent": {"rates": f"{a},{b}", "start": c, "steps": "60"},
        "weight-update": {"old": a, "rate": b, "gradient": c},
        "loss-curve": {"values": f"{a},{b},{c},{d}"},
    }[kind]
    try:
        svg = draw(kind, options, "A picture")
    except ValueError:
        return
    assert not re.search(r'"[^"]*\b(nan|inf)\b', svg)
