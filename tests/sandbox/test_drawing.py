"""The drawing of a network …"""

import xml.etree.ElementTree as ET

import pytest

from sandbox.drawing import MOST_NODES, Column, network

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
