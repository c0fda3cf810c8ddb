"""A network drawn as SVG from the sizes of its layers. Pure: numbers and words in, markup out.

Marks carry classes only; the colours stand in the style sheet. Wide layers are cut short and say how many they are.
"""

import itertools
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

MOST_NODES = 7
RADIUS = 11.0
ROW = 34.0
COLUMN = 128.0
BESIDE_A_BAR = 84.0
BETWEEN_BARS = 48.0
BAR = 30.0
MARGIN_X = 78.0
MARGIN_TOP = 46.0
MARGIN_BOTTOM = 42.0
CHARACTER = 7.5
"""Width of a Latin letter in a drawing; a Chinese one takes two."""


@dataclass(frozen=True)
class Column:
    """One layer: how many nodes, what to write above (its name) and below (its activation).

    `maps` are the filters of a convolution, drawn as squares. A `bar` is a layer without nodes of its own, such as
    pooling or dropout: its name stands in it, and `nodes` is 0.
    """

    nodes: int
    name: str
    note: str = ""
    labels: tuple[str, ...] = ()
    """Words beside the nodes: the names of the inputs or of the outputs. Shown only if every node is."""
    form: Literal["nodes", "maps", "bar"] = "nodes"


@dataclass(frozen=True)
class _Spot:
    x: float
    y: float


def network(columns: Sequence[Column], description: str) -> str:
    """Return an `<svg>` that shows the layers from left to right; `description` is what a screen reader says.

    The first column has nodes.
    """
    tallest = max(_rows(column) for column in columns)
    places = _places(columns)
    last = _last_with_nodes(columns)
    width, height = width_of(columns), MARGIN_TOP + MARGIN_BOTTOM + ROW * tallest
    spots = [_spots(column, x, tallest) for column, x in zip(columns, places, strict=True)]
    marks = _all_edges(columns, places, spots)
    for index, (column, x) in enumerate(zip(columns, places, strict=True)):
        role = "input" if index == 0 else "output" if index == last else "hidden"
        marks.append(_bar(column, x, height) if column.form == "bar" else _nodes(column, spots[index], role, height))
    marks.append(_labels(columns[0], spots[0], places[0] - RADIUS - 8, "end"))
    if last:
        marks.append(_labels(columns[last], spots[last], places[-1] + _half(columns[-1]) + 8, "start"))
    return (
        f'<svg class="diagram network" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="img" aria-label="{escape(description)}">{"".join(marks)}</svg>'
    )


def width_of(columns: Sequence[Column]) -> float:
    """Of the drawing, in pixels at its natural size."""
    return _places(columns)[-1] + _margin(columns[_last_with_nodes(columns)])


# --- places ----------------------------------------------------------------------------------------------------------


def _places(columns: Sequence[Column]) -> list[float]:
    """The middle of each column; bars stand closer together."""
    places = [_margin(columns[0])]
    for left, right in itertools.pairwise(columns):
        bars = (left.form == "bar") + (right.form == "bar")
        places.append(places[-1] + (COLUMN, BESIDE_A_BAR, BETWEEN_BARS)[bars])
    return places


def _last_with_nodes(columns: Sequence[Column]) -> int:
    return max(index for index, column in enumerate(columns) if column.nodes)


def _margin(column: Column) -> float:
    widest = max((_width(label) for label in column.labels), default=0.0) if _labels_fit(column) else 0.0
    return max(MARGIN_X, 0.8 * widest + RADIUS + 12)


def _width(words: str) -> float:
    return CHARACTER * sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in words)


def _half(column: Column) -> float:
    return BAR / 2 if column.form == "bar" else RADIUS


def _shown(column: Column) -> int:
    """How many nodes are drawn; a cut layer leaves one row for the dots."""
    return column.nodes if column.nodes <= MOST_NODES else MOST_NODES - 1


def _rows(column: Column) -> int:
    """The name in a bar is as long as the bar is high."""
    if column.form == "bar":
        return int(_width(column.name) * 1.25 // ROW) + 1
    return min(column.nodes, MOST_NODES)


def _spots(column: Column, x: float, tallest: int) -> list[_Spot]:
    if column.form == "bar":
        return []
    top = MARGIN_TOP + ROW * (tallest - _rows(column)) / 2 + ROW / 2
    cut = column.nodes > MOST_NODES
    half = MOST_NODES // 2
    rows = [row + (1 if cut and row >= half else 0) for row in range(_shown(column))]
    return [_Spot(x, top + ROW * row) for row in rows]


# --- marks -----------------------------------------------------------------------------------------------------------


def _all_edges(columns: Sequence[Column], places: Sequence[float], spots: Sequence[Sequence[_Spot]]) -> list[str]:
    """Every node with every node of the next layer; into a bar and out of it straight on."""
    edges: list[str] = []
    before = spots[0]
    for index in range(1, len(columns)):
        x, after = places[index], spots[index]
        if after and spots[index - 1]:
            edges.append(_edges(before, after))
        else:
            lanes = after or before
            edges += [_edge(_Spot(places[index - 1], lane.y), _Spot(x, lane.y)) for lane in lanes]
        before = after or before
    return edges


def _edges(left: Sequence[_Spot], right: Sequence[_Spot]) -> str:
    return "".join(_edge(a, b) for a in left for b in right)


def _edge(a: _Spot, b: _Spot) -> str:
    return f'<line class="d-edge" x1="{a.x:g}" y1="{a.y:g}" x2="{b.x:g}" y2="{b.y:g}"/>'


def _nodes(column: Column, spots: Sequence[_Spot], role: str, height: float) -> str:
    x = spots[0].x
    marks = [_node(spot, role, column.form) for spot in spots]
    marks.append(_words(x, 20, column.name, "d-label d-title"))
    marks.append(_words(x, height - 14, column.note, "d-label d-muted"))
    if column.nodes > MOST_NODES:
        middle = (spots[MOST_NODES // 2 - 1].y + spots[MOST_NODES // 2].y) / 2
        marks.append(_words(x, middle + 5, "⋮", "d-label d-elided"))
    return "".join(marks)


def _node(spot: _Spot, role: str, form: str) -> str:
    if form == "nodes":
        return f'<circle class="d-node d-node--{role}" cx="{spot.x:g}" cy="{spot.y:g}" r="{RADIUS:g}"/>'
    left, top, side = spot.x - RADIUS, spot.y - RADIUS, 2 * RADIUS
    return f'<rect class="d-node d-node--{role}" x="{left:g}" y="{top:g}" width="{side:g}" height="{side:g}"/>'


def _bar(column: Column, x: float, height: float) -> str:
    top, length = MARGIN_TOP, height - MARGIN_TOP - MARGIN_BOTTOM
    middle = top + length / 2
    return (
        f'<rect class="d-bar" x="{x - BAR / 2:g}" y="{top:g}" width="{BAR:g}" height="{length:g}" rx="6"/>'
        f'<text class="d-in-bar" x="{x:g}" y="{middle:g}" dy="0.35em" text-anchor="middle" '
        f'transform="rotate(-90 {x:g} {middle:g})">{escape(column.name)}</text>'
    )


def _labels_fit(column: Column) -> bool:
    return len(column.labels) == column.nodes <= MOST_NODES


def _labels(column: Column, spots: Sequence[_Spot], x: float, anchor: str) -> str:
    if not _labels_fit(column):
        return ""
    return "".join(
        _words(x, spot.y + 4, label, "d-label d-small", anchor)
        for spot, label in zip(spots, column.labels, strict=True)
    )


def _words(x: float, y: float, words: str, classes: str, anchor: str = "middle") -> str:
    if not words:
        return ""
    return f'<text class="{classes}" x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escape(words)}</text>'
