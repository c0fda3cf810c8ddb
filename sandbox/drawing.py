"""A network drawn as SVG from the sizes of its layers. Pure: numbers and words in, markup out.

Marks carry classes only; the colours stand in the style sheet. Wide layers are cut short and say how many they are.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

MOST_NODES = 7
RADIUS = 11.0
ROW = 34.0
COLUMN = 128.0
MARGIN_X = 78.0
MARGIN_TOP = 46.0
MARGIN_BOTTOM = 42.0


@dataclass(frozen=True)
class Column:
    """One layer: how many nodes, what to write above (its name) and below (its activation)."""

    nodes: int
    name: str
    note: str = ""
    labels: tuple[str, ...] = ()
    """Words beside the nodes: the names of the inputs or of the classes. Shown only if every node is."""


@dataclass(frozen=True)
class _Spot:
    x: float
    y: float


def network(columns: Sequence[Column], description: str) -> str:
    """Return an `<svg>` that shows the layers from left to right; `description` is what a screen reader says."""
    tallest = max(_rows(column) for column in columns)
    width = 2 * MARGIN_X + COLUMN * (len(columns) - 1)
    height = MARGIN_TOP + MARGIN_BOTTOM + ROW * tallest
    spots = [_spots(column, index, tallest) for index, column in enumerate(columns)]
    marks = [_edges(left, right) for left, right in itertools.pairwise(spots)]
    last = len(columns) - 1
    for index, (column, places) in enumerate(zip(columns, spots, strict=True)):
        role = "input" if index == 0 else "output" if index == last else "hidden"
        marks.append(_column(column, places, role, height, index == last))
    return (
        f'<svg class="diagram network" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" '
        f'role="img" aria-label="{escape(description)}">{"".join(marks)}</svg>'
    )


def _shown(column: Column) -> int:
    """How many nodes are drawn; a cut layer leaves one row for the dots."""
    return column.nodes if column.nodes <= MOST_NODES else MOST_NODES - 1


def _rows(column: Column) -> int:
    return min(column.nodes, MOST_NODES)


def _spots(column: Column, index: int, tallest: int) -> list[_Spot]:
    x = MARGIN_X + COLUMN * index
    top = MARGIN_TOP + ROW * (tallest - _rows(column)) / 2 + ROW / 2
    cut = column.nodes > MOST_NODES
    half = MOST_NODES // 2
    rows = [row + (1 if cut and row >= half else 0) for row in range(_shown(column))]
    return [_Spot(x, top + ROW * row) for row in rows]


def _edges(left: Sequence[_Spot], right: Sequence[_Spot]) -> str:
    return "".join(
        f'<line class="d-edge" x1="{a.x:g}" y1="{a.y:g}" x2="{b.x:g}" y2="{b.y:g}"/>' for a in left for b in right
    )


def _column(column: Column, spots: Sequence[_Spot], role: str, height: float, is_last: bool) -> str:
    x = spots[0].x
    marks = [f'<circle class="d-node d-node--{role}" cx="{s.x:g}" cy="{s.y:g}" r="{RADIUS:g}"/>' for s in spots]
    marks.append(_words(x, 20, column.name, "d-label d-title"))
    marks.append(_words(x, height - 14, column.note, "d-label d-muted"))
    if column.nodes > MOST_NODES:
        middle = (spots[MOST_NODES // 2 - 1].y + spots[MOST_NODES // 2].y) / 2
        marks.append(_words(x, middle + 5, "⋮", "d-label d-elided"))
    elif len(column.labels) == column.nodes:
        side, anchor = (RADIUS + 8, "start") if is_last else (-RADIUS - 8, "end")
        marks += [
            _words(s.x + side, s.y + 4, label, "d-label d-small", anchor)
            for s, label in zip(spots, column.labels, strict=True)
        ]
    return "".join(marks)


def _words(x: float, y: float, words: str, classes: str, anchor: str = "middle") -> str:
    if not words:
        return ""
    return f'<text class="{classes}" x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escape(words)}</text>'
