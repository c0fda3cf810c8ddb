"""The drawing of a network …"""

import xml.etree.ElementTree as ET

import pytest

from sandbox.drawing import MOST_NODES, Column, network, width_of

SVG = "{http://www.w3.org/2000/svg}"


def drawn(*columns: Column) -> ET.Element:
    return ET.fromstring(network(columns, "a <network> & more"))


def count(svg: ET.Element, tag: str) -> int:
    return sum(element.tag.removeprefix(SVG) == tag for element in svg.iter())


def test_it_connects_every_node_with_every_node_of_the_next_layer() -> None:
    svg = drawn(Column(2, "in"), Column(3, "3"), Column(2, "2"))
    assert (count(svg, "circle"), count(svg, "line")) == (7, 2 * 3 + 3 * 2)


@pytest.mark.parametrize("nodes", [MOST_NODES + 1, 64, 512])
def test_it_cuts_a_wide_layer_short(nodes: int) -> None:
    svg = drawn(Column(nodes, "in"), Column(1, str(nodes)))
    assert count(svg, "circle") == MOST_NODES
    assert "⋮" in "".join(svg.itertext())


def test_it_speaks_to_those_who_do_not_see_it() -> None:
    assert drawn(Column(1, "x"), Column(1, "y")).attrib["aria-label"] == "a <network> & more"


def test_it_escapes_words_and_needs_no_inline_style() -> None:
    markup = network([Column(1, "<script>", "", ("<b>",)), Column(1, "y")], "x")
    assert "<script>" not in markup
    assert "<b>" not in markup
    assert "style=" not in markup


def test_filters_are_squares_and_layers_without_nodes_are_bars_between() -> None:
    svg = drawn(
        Column(2, "in"), Column(0, "reshape 1×2×1", form="bar"), Column(3, "conv 3", form="maps"),
        Column(0, "flatten", form="bar"), Column(0, "dropout 0.2", form="bar"), Column(2, "dense 2"),
    )  # fmt: skip
    assert (count(svg, "circle"), count(svg, "rect")) == (2 + 2, 3 + 3)
    assert count(svg, "line") == 2 + 3 + 3 + 3 + 2, "straight into a bar and out of it"
    assert "dropout 0.2" in "".join(svg.itertext())


def test_the_name_of_a_bar_has_room_in_it() -> None:
    short, long = (drawn(Column(1, "in"), Column(0, name, form="bar")) for name in ("relu", "global average pooling"))
    assert float(long.attrib["height"]) > float(short.attrib["height"])


def test_labels_of_the_output_stand_behind_the_last_bar() -> None:
    columns = [Column(1, "in"), Column(2, "2", labels=("no", "a longer yes")), Column(0, "dropout", form="bar")]
    svg = drawn(*columns)
    bar = max(float(element.attrib["x"]) for element in svg.iter("rect"))
    assert all(float(e.attrib["x"]) > bar for e in svg.iter("text") if e.text in ("no", "a longer yes"))
    assert float(svg.attrib["width"]) == pytest.approx(width_of(columns), abs=0.01)
