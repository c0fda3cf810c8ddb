"""`network`: the layers of a network from left to right, every node and every edge."""

from collections.abc import Sequence

from courses.diagrams.canvas import LARGE, NATURAL, WIDTH, Options, Panel
from courses.diagrams.names import LINE, two_lines
from courses.diagrams.options import labels
from courses.svg import circle, label, line, subscript, width_of

MAX_SHOWN_NODES = 10
ELIDED_HALF = 4
MAX_COLUMNS, MAX_NODES = 10, 100_000
TOP, ROW, RADIUS = 16.0, 46.0, 15.0


def network(options: Options) -> list[Panel]:
    counts = _layer_sizes(options.get("layers", ""))
    names = [two_lines(name, 110) for name in labels(options, [""] * len(counts))]
    shown = [_shown_nodes(count) for count in counts]
    gap, width = _gap_and_width(names)
    body = ROW * max(len(column) for column in shown)
    left = (width - gap * len(counts)) / 2
    xs = [left + gap * (i + 0.5) for i in range(len(counts))]
    ys = [[TOP + body / 2 + (row - (len(column) - 1) / 2) * ROW for row in range(len(column))] for column in shown]
    marks = _edges(xs, ys, shown)
    for i, column in enumerate(shown):
        role = "input" if i == 0 else "output" if i == len(counts) - 1 else "hidden"
        marks += _column(xs[i], ys[i], column, role)
        below = TOP + body + LINE
        marks.append(label(xs[i], below, str(counts[i]), "d-label d-count"))
        marks += [label(xs[i], below + LINE * (n + 1), words, "d-label d-muted") for n, words in enumerate(names[i])]
    height = TOP + body + LINE * (1 + max(map(len, names))) + 10
    return [Panel(width, height, marks, scrolls=width > WIDTH)]


def _layer_sizes(text: str) -> list[int]:
    parts = text.replace("–", "-").replace("−", "-").split("-")
    if not all(part.strip().isascii() and part.strip().isdigit() for part in parts):
        raise ValueError(f"layers=… needs whole numbers with hyphens between them, such as 2-3-2, not “{text}”.")
    counts = [int(part) for part in parts if len(part) < 9]
    if not 2 <= len(parts) <= MAX_COLUMNS or len(counts) < len(parts):
        raise ValueError(f"layers=… needs 2 to {MAX_COLUMNS} layers of at most {MAX_NODES} nodes.")
    if not all(1 <= count <= MAX_NODES for count in counts):
        raise ValueError(f"layers: every layer has 1 to {MAX_NODES} nodes.")
    return counts


def _gap_and_width(names: Sequence[Sequence[str]]) -> tuple[float, float]:
    """Between two layers, and of the whole: as narrow as the names allow."""
    longest = max((line for lines in names for line in lines), key=lambda line: width_of(line, 1), default="")
    gap = max(100.0, width_of(longest, LARGE) + 8)
    if gap * len(names) <= WIDTH:
        return min(150.0, WIDTH / len(names)), WIDTH
    gap = max(100.0, width_of(longest, NATURAL) + 14)
    return gap, max(gap * len(names), WIDTH + 1)


def _shown_nodes(count: int) -> list[int | None]:
    """Numbers of the nodes that are drawn, from 1; None is the “⋮” in the place of those left out."""
    if count <= MAX_SHOWN_NODES:
        return list(range(1, count + 1))
    return [*range(1, ELIDED_HALF + 1), None, *range(count - ELIDED_HALF + 1, count + 1)]


def _edges(xs: Sequence[float], ys: Sequence[Sequence[float]], shown: Sequence[Sequence[int | None]]) -> list[str]:
    return [
        line(xs[i] + RADIUS, y1, xs[i + 1] - RADIUS, y2, "d-edge")
        for i in range(len(xs) - 1)
        for y1, start in zip(ys[i], shown[i], strict=True)
        for y2, end in zip(ys[i + 1], shown[i + 1], strict=True)
        if start is not None and end is not None
    ]


def _column(x: float, ys: Sequence[float], nodes: Sequence[int | None], role: str) -> list[str]:
    letter = {"input": "x", "output": "ŷ"}.get(role)
    marks = []
    for y, node in zip(ys, nodes, strict=True):
        if node is None:
            marks.append(label(x, y + 6, "⋮", "d-label d-elided"))
            continue
        marks.append(circle(x, y, RADIUS, f"d-node d-node--{role}"))
        if letter and node < 100:
            marks.append(label(x, y + 5, letter + subscript(node), "d-in-node"))
    return marks
