"""A diagram shows numbers that are computed, follows the theme by classes alone, and refuses what it cannot draw."""

import itertools
import math
import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courses.diagrams import KINDS, draw
from courses.diagrams.descent import descend
from courses.diagrams.functions import FUNCTIONS
from sandbox import spec as specs
from tests.sandbox.samples import spec

SVG = "{http://www.w3.org/2000/svg}"
EXAMPLES = {
    "network": {"layers": "2-3-2"},
    "neuron": {"inputs": "0.5,-1.2", "weights": "0.8,0.3", "bias": "0.1", "activation": "relu"},
    "activation": {"functions": "relu,sigmoid", "inputs": "-2,1"},
    "descent": {"rates": "0.1,0.5,1.05"},
    "weight-update": {"old": "0.5", "rate": "0.1", "gradient": "0.8"},
    "loss-curve": {"values": "0.7, 0.5, 0.4", "validation": "0.8, 0.6, 0.6"},
    "split": {"total": "2100", "validation": "0.1", "test": "0.2"},
    "mse": {"points": "1:2,2:2.5,3:5", "slope": "1.5", "intercept": "0"},
    "fit": {"points": "1:2,2:2.5,3:5", "slope": "1.5", "intercept": "0"},
}


def marks(kind, options, tag, classes=""):
    found = ET.fromstring(draw(kind, options, "A picture")).iter(SVG + tag)
    return [mark for mark in found if set(classes.split()) <= set(mark.get("class", "").split())]


def words(kind, options):
    return [text.text for text in marks(kind, options, "text")]


def numbers(mark, *names):
    return [float(mark.get(name)) for name in names]


def value(text):
    return float(text.replace("−", "-"))


def scale(ticks, coordinate):
    """Place → value, from two tick labels whose texts are the values."""
    (low, low_at), (high, high_at) = sorted((value(tick.text), *numbers(tick, coordinate)) for tick in ticks)[
        :: len(ticks) - 1
    ]
    return lambda at: low + (at - low_at) / (high_at - low_at) * (high - low)


@pytest.mark.parametrize("kind", KINDS)
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


def test_what_is_too_wide_for_a_phone_scrolls():
    narrow, wide = (ET.fromstring(draw("network", {"layers": layers}, "A")) for layers in ("2-3-3-2", "2-3-3-3-3-2"))
    assert float(narrow.get("width")) == 480
    assert (wide.get("class"), wide.get("tabindex")) == ("diagram-scroll", "0")
    assert float(wide[0].get("width")) > 480


def test_a_long_name_stands_on_two_lines():
    text = words("network", {"layers": "2-3-2", "labels": "input,a hidden layer,output"})
    assert {"a hidden", "layer"} <= set(text)


def test_it_draws_a_function_at_its_values():
    for name, function in FUNCTIONS.items():
        options = {"functions": name, "range": "4", "inputs": "-2,-0.5,0,1.5"}
        ticks = marks("activation", options, "text", "d-muted")[1:]
        x = scale([tick for tick in ticks if tick.get("text-anchor") == "middle"], "x")
        upright = scale([tick for tick in ticks if tick.get("text-anchor") == "end"], "y")
        points = [numbers(mark, "cx", "cy") for mark in marks("activation", options, "circle", "d-curve-2")]
        assert [x(cx) for cx, _ in points] == pytest.approx([-2, -0.5, 0, 1.5], abs=0.01)
        found = [upright(cy + 5) for _, cy in points]  # a tick label stands 5 below its place
        assert found == pytest.approx([function.value(at) for at in (-2, -0.5, 0, 1.5)], abs=0.01), name


def test_the_functions_stand_beside_each_other_on_one_scale():
    options = {"functions": "relu,sigmoid,linear", "range": "5", "inputs": "5"}
    root = ET.fromstring(draw("activation", options, "Three functions"))
    assert (root.get("role"), root.get("aria-label"), len(root)) == ("img", "Three functions", 3)
    assert all(panel.get("aria-hidden") == "true" for panel in root)
    relu, sigmoid, linear = (numbers(mark, "cy")[0] for mark in marks("activation", options, "circle"))
    assert relu == linear < sigmoid
    assert {"5 → 5", "5 → 0.9933", "max(0, x)"} <= set(words("activation", options))


def test_functions_are_those_of_keras_as_far_as_python_knows_them():
    at = {name: [function.value(x) for x in (-1000, -1, 0, 2)] for name, function in FUNCTIONS.items()}
    assert at["relu"] == [0, 0, 0, 2]
    assert at["step"] == [0, 0, 1, 1]
    assert at["leaky_relu"] == [-200, -0.2, 0, 2]
    assert at["sigmoid"] == pytest.approx([0, 1 / (1 + math.e), 0.5, 1 / (1 + math.exp(-2))])
    assert at["elu"] == pytest.approx([-1, 1 / math.e - 1, 0, 2])
    assert at["softplus"] == pytest.approx([0, math.log(1 + 1 / math.e), math.log(2), math.log(1 + math.exp(2))])


def test_it_computes_every_product_the_sum_and_the_output_of_a_neuron():
    text = words("neuron", EXAMPLES["neuron"])
    assert {"× 0.8", "= 0.4", "= −0.36", "= 0.1", "relu", "0.14"} <= set(text)
    assert text[-2:] == ["z = 0.4 − 0.36 + 0.1 = 0.14", "a = relu(0.14) = 0.14"]


def test_a_weight_shows_its_sign_and_names_stand_above_their_inputs():
    options = {"inputs": "3,1", "weights": "-0.25,2", "labels": "小时,温度,ŷ", "activation": "sigmoid"}
    assert [mark.text for mark in marks("neuron", options, "text", "d-signed d-negative")] == ["× −0.25"]
    text = words("neuron", options)
    assert text[-2:] == ["z = −0.75 + 2 = 1.25", "ŷ = sigmoid(1.25) = 0.7773"]
    name, product = (
        next(mark for mark in marks("neuron", options, "text") if mark.text == it) for it in ("小时", "= −0.75")
    )
    assert numbers(name, "y") < numbers(product, "y")
    assert "b" not in text, "no bias, no row for it"


def test_no_rounding_error_is_written_as_a_number():
    text = words("neuron", {"inputs": "0.1,0.2,-0.3", "weights": "1,1,1"})
    assert "a = z = 0" in text
    assert "MSE = 0 / 1 = 0" in words("mse", {"points": "3:0.3", "slope": "0.1", "intercept": "0"})


def test_the_rows_of_a_split_are_as_high_as_they_are_many():
    bars = marks("split", EXAMPLES["split"], "rect")
    heights = [numbers(bar, "height")[0] for bar in bars]
    assert [height / sum(heights) for height in heights] == pytest.approx([0.7, 0.1, 0.2], abs=1e-3)
    tops = [numbers(bar, "y")[0] for bar in bars]
    assert tops == pytest.approx([tops[0], tops[0] + heights[0], tops[0] + heights[0] + heights[1]], abs=0.02)
    text = words("split", EXAMPLES["split"])
    assert {"1", "2100", "1470 · 70%", "210 · 10%", "420 · 20%"} <= set(text)


@pytest.mark.parametrize(
    ("total", "validation", "test"), [(2100, 0.125, 0.2), (1797, 0.1, 0.2), (150, 0.25, 0), (101, 0, 0.3)]
)
def test_it_counts_the_rows_as_a_run_does(total, validation, test):
    """A spec's validation share is of the rows that are left, a diagram's is of all of them."""
    run = specs.parse_spec(spec(data={"kind": "clinical_trial", "rows": total, "validation": validation, "test": test}))
    options = {"total": str(total), "validation": str(validation * (1 - test)), "test": str(test)}
    counts = [int(text.split(" · ")[0]) for text in words("split", options) if "%" in text]
    assert counts == [
        rows for rows in (specs.training_rows(run), specs.validation_rows(run), specs.test_rows(run)) if rows
    ]


def test_thin_parts_keep_their_names_apart():
    options = {"total": "1000", "validation": "0.01", "test": "0.01", "labels": "训练集、验证集、测试集"}
    names = [numbers(mark, "y")[0] for mark in marks("split", options, "text", "d-name")]
    assert names == sorted(names)
    assert min(after - before for before, after in itertools.pairwise(names)) >= 40


def test_a_squared_error_is_a_square_away_from_the_line():
    options = {"points": "1:4,2:1,3:9", "slope": "3", "intercept": "-2"}
    squares = [numbers(mark, "x", "y", "width", "height") for mark in marks("mse", options, "rect")]
    errors = [numbers(mark, "y1", "y2") for mark in marks("mse", options, "line", "d-error")]
    assert all(width == height for _, _, width, height in squares)
    assert [side for _, _, side, _ in squares] == pytest.approx([abs(a - b) for a, b in errors], abs=0.02)
    sides = [side for _, _, side, _ in squares]
    assert [side / sides[0] for side in sides] == pytest.approx([1, 1, 2 / 3], abs=1e-3)
    points = [numbers(mark, "cx")[0] for mark in marks("mse", options, "circle")]
    assert [x < point - 1 for (x, *_), point in zip(squares, points, strict=True)] == [True, False, True]
    assert all(x >= 56 and x + side <= 468 for x, _, side, _ in squares)
    assert {"ŷ = 3 · x − 2", "9", "4", "MSE = (9 + 9 + 4) / 3 = 7.33333"} <= set(words("mse", options))


def test_the_line_goes_through_the_predictions():
    options = EXAMPLES["fit"]
    (line,) = (numbers(mark, "x1", "y1", "x2", "y2") for mark in marks("fit", options, "line", "d-model"))
    for mark in marks("fit", options, "line", "d-error"):
        x, y, x2, _ = numbers(mark, "x1", "y1", "x2", "y2")
        assert x == x2
        assert y == pytest.approx(line[1] + (x - line[0]) / (line[2] - line[0]) * (line[3] - line[1]), abs=0.05)


def test_a_fit_shows_errors_without_squares_and_points_stand_alone_without_a_line():
    assert not marks("fit", EXAMPLES["fit"], "rect")
    assert draw("mse", {**EXAMPLES["mse"], "squares": "no"}, "A").replace("mse", "fit") == draw(
        "fit", EXAMPLES["fit"], "A"
    )
    assert {"−0.5", "0.5", "= 0.25"} <= set(words("fit", EXAMPLES["fit"]))
    alone = {"points": "1:2,2:2.5,3:5", "labels": "hours,points"}
    assert len(marks("mse", alone, "circle")) == 3
    assert not marks("mse", alone, "line", "d-model")
    assert {"hours", "points"} <= set(words("mse", alone))


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


def test_long_names_of_lines_have_room_and_stand_apart():
    options = {"values": "0.7,0.5", "validation": "0.8,0.5", "labels": "on training rows,others"}
    names = {mark.text: numbers(mark, "x", "y") for mark in marks("loss-curve", options, "text", "d-name")}
    assert list(names) == ["on training", "rows", "others"]
    ys = sorted(y for _, y in names.values())
    assert min(after - before for before, after in itertools.pairwise(ys)) >= 20
    assert all(x + 10 * len(text) < 480 for text, (x, _) in names.items())


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
        ("loss-curve", {"values": "1,2", "labels": "Donaudampfschifffahrtsgesellschaft"}, "too long"),
        ("activation", {}, "relu, sigmoid, tanh"),
        ("activation", {"functions": "relu,relu"}, "each once"),
        ("activation", {"functions": "softmax"}, "no “softmax”"),
        ("activation", {"functions": "relu", "range": "0"}, "range: a number"),
        ("activation", {"functions": "relu", "inputs": "5"}, "outside of −4 to 4"),
        ("neuron", {"weights": "1"}, "inputs"),
        ("neuron", {"inputs": "1,2", "weights": "1"}, "needs 2 numbers"),
        ("neuron", {"inputs": "1", "weights": "1", "activation": "softmax"}, "no “softmax”"),
        ("neuron", {"inputs": "1,2", "weights": "1,2", "labels": "x"}, "needs 2 or 3 names"),
        ("split", {"total": "100"}, "more than 0"),
        ("split", {"total": "100", "test": "1"}, "less than 1"),
        ("split", {"total": "100", "test": "0.6", "validation": "0.4"}, "less than 1"),
        ("split", {"total": "10.5", "test": "0.2"}, "whole number"),
        ("split", {"total": "5", "test": "0.1"}, "too few"),
        ("split", {"total": "100", "test": "0.1", "labels": "a,b,c"}, "needs 2 names"),
        ("mse", {"points": "1,2"}, "no point"),
        ("mse", {"points": "1:2,two:3"}, "not a number"),
        ("mse", {"points": ""}, "1 to 40 points"),
        ("mse", {"points": "1:2", "slope": "1"}, "both"),
        ("mse", {"points": "1:2", "squares": "maybe"}, "no “maybe”"),
        ("mse", {"points": "1000:1,1000.0000001:2"}, "too close"),
        ("fit", {"points": "1:2", "squares": "no"}, "no option “squares”"),
    ],
)
def test_it_refuses_with_a_sentence(kind, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        draw(kind, options, "A picture")


def test_it_refuses_a_drawing_that_nobody_describes():
    with pytest.raises(ValueError, match="alt"):
        draw("network", {"layers": "2-3-2"}, " ")


NUMBERS = st.floats(-1e7, 1e7).map(str) | st.sampled_from(
    ["0", "1e-9", "1e6", "-1e6", "0.5", "1", "2", "nan", "inf", "−3", "x"]
)
LISTS = st.lists(NUMBERS, max_size=9).map(",".join)
WORDS = st.lists(
    st.sampled_from([*FUNCTIONS, "年龄", "a long name of several words", "<b>", "softmax"]), max_size=4
).map(",".join)
OPTIONS = {
    "layers": st.lists(st.sampled_from(["1", "2", "16", "99999", "0", "x"]), max_size=11).map("-".join),
    "points": st.lists(st.tuples(NUMBERS, NUMBERS).map(":".join), max_size=9).map(",".join),
    **dict.fromkeys(["rates", "values", "validation", "inputs", "weights"], LISTS | NUMBERS),
    **dict.fromkeys(["labels", "functions"], WORDS),
    "activation": st.sampled_from([*FUNCTIONS, "softmax"]),
    "squares": st.sampled_from(["yes", "no", "maybe"]),
    "axis": st.just("轮次"),
}


@given(data=st.data(), kind=st.sampled_from(list(KINDS)))
@settings(max_examples=200, deadline=None)
def test_it_draws_finite_places_or_refuses(data, kind):
    known = KINDS[kind][1]
    options = data.draw(st.fixed_dictionaries({}, optional={name: OPTIONS.get(name, NUMBERS) for name in known}))
    base = data.draw(st.sampled_from([{}, EXAMPLES[kind]]))
    try:
        svg = draw(kind, {**base, **options}, "A picture")
    except ValueError:
        return
    assert not re.search(r'"[^"]*\b(nan|inf)\b', svg)
    ET.fromstring(svg)
