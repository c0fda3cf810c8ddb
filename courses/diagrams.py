"""Diagrams of a lesson, drawn from numbers as SVG.

`draw` is the door. Every place in a picture is computed from the options: the steps of `descent` are gradient descent,
the new weight of `weight-update` is `old − rate · gradient`. Colours come from classes alone (`css/diagrams.css`), so a
drawing follows light and dark; there are no ids, so any number of them may stand on one page. What is written in a
picture is mathematics or comes from the author's `labels`, so that a drawing needs no translation.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import TypeAlias

from courses.svg import Frame, arrow_head, circle, figure, label, line, place, polyline, subscript

MAX_SHOWN_NODES = 10
ELIDED_HALF = 4
MAX_COLUMNS, MAX_NODES = 10, 100_000
MAX_RATES, MAX_STEPS, MAX_VALUES = 6, 60, 500
MAX_RATE = 10
MIN_MAGNITUDE, MAX_MAGNITUDE = 1e-9, 1e6


def draw(kind: str, options: Mapping[str, str], alt: str) -> str:
    """The `<svg>` of one diagram. Raises ValueError with a sentence for the author where the options are wrong."""
    if kind not in KINDS:
        raise ValueError(f"There is no diagram called “{kind}”. There are: {', '.join(KINDS)}.")
    if not alt.strip():
        raise ValueError('A diagram needs alt="…": one sentence that says what there is to see.')
    painter, known = KINDS[kind]
    if unknown := [key for key in options if key not in known]:
        raise ValueError(f"{kind} has no option “{unknown[0]}”. It has: {', '.join(known)}.")
    width, height, marks = painter(options)
    return (
        f'<svg class="diagram diagram--{kind}" role="img" aria-label="{escape(alt.strip())}" '
        f'width="{place(width)}" height="{place(height)}" viewBox="0 0 {place(width)} {place(height)}" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(marks)}</svg>'
    )


Drawing: TypeAlias = tuple[float, float, list[str]]


# --- reading options ---------------------------------------------------------------------------------------------


def _number(options: Mapping[str, str], key: str, default: float | None = None) -> float:
    text = options.get(key, "").strip()
    if not text and default is not None:
        return default
    if not text:
        raise ValueError(f"{key}=… is missing: it needs a number.")
    return _parse(key, text)


def _numbers(options: Mapping[str, str], key: str, at_least: int, at_most: int) -> list[float]:
    parts = _words(options.get(key, ""))
    if not at_least <= len(parts) <= at_most:
        wanted = f"{at_least}" if at_least == at_most else f"{at_least} to {at_most}"
        raise ValueError(f"{key}=… needs {wanted} numbers with commas between them, not {len(parts)}.")
    return [_parse(key, part) for part in parts]


def _parse(key: str, text: str) -> float:
    try:
        number = float(text.replace("−", "-"))
    except ValueError:
        raise ValueError(f"{key}: “{text}” is not a number.") from None
    if not math.isfinite(number) or abs(number) > MAX_MAGNITUDE:
        raise ValueError(f"{key}: “{text}” is too large to draw.")
    if 0 < abs(number) < MIN_MAGNITUDE:
        raise ValueError(f"{key}: “{text}” is too small to draw.")
    return number


def _words(text: str) -> list[str]:
    return [part.strip() for part in text.replace("，", ",").replace("、", ",").split(",") if part.strip()]


def _labels(options: Mapping[str, str], defaults: Sequence[str]) -> list[str]:
    words = _words(options.get("labels", ""))
    if not words:
        return list(defaults)
    if len(words) != len(defaults):
        raise ValueError(f"labels=… needs {len(defaults)} names with commas between them, not {len(words)}.")
    return words


# --- network -----------------------------------------------------------------------------------------------------


def _network(options: Mapping[str, str]) -> Drawing:
    counts = _layer_sizes(options.get("layers", ""))
    names = _labels(options, [""] * len(counts))
    shown = [_shown_nodes(count) for count in counts]
    column_gap, row_gap, radius = (150.0 if len(counts) <= 4 else 110.0), 46.0, 15.0
    tallest = max(len(column) for column in shown)
    width, body = column_gap * len(counts), row_gap * tallest
    middle = 14 + body / 2
    xs = [column_gap * (i + 0.5) for i in range(len(counts))]
    ys = [[middle + (row - (len(column) - 1) / 2) * row_gap for row in range(len(column))] for column in shown]
    marks = _network_edges(xs, ys, shown, radius)
    for i, column in enumerate(shown):
        role = "input" if i == 0 else "output" if i == len(counts) - 1 else "hidden"
        marks += _network_column(xs[i], ys[i], column, role, radius)
        below = 14 + body + 24
        marks.append(label(xs[i], below, str(counts[i]), "d-label d-count"))
        if names[i]:
            marks.append(label(xs[i], below + 24, names[i], "d-label d-muted"))
    return width, 14 + body + (62 if any(names) else 38), marks


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


def _shown_nodes(count: int) -> list[int | None]:
    """Numbers of the nodes that are drawn, from 1; None is the “⋮” in the place of those left out."""
    if count <= MAX_SHOWN_NODES:
        return list(range(1, count + 1))
    return [*range(1, ELIDED_HALF + 1), None, *range(count - ELIDED_HALF + 1, count + 1)]


def _network_edges(
    xs: Sequence[float], ys: Sequence[Sequence[float]], shown: Sequence[Sequence[int | None]], radius: float
) -> list[str]:
    return [
        line(xs[i] + radius, y1, xs[i + 1] - radius, y2, "d-edge")
        for i in range(len(xs) - 1)
        for y1, start in zip(ys[i], shown[i], strict=True)
        for y2, end in zip(ys[i + 1], shown[i + 1], strict=True)
        if start is not None and end is not None
    ]


def _network_column(x: float, ys: Sequence[float], nodes: Sequence[int | None], role: str, radius: float) -> list[str]:
    letter = {"input": "x", "output": "ŷ"}.get(role)
    marks = []
    for y, node in zip(ys, nodes, strict=True):
        if node is None:
            marks.append(label(x, y + 6, "⋮", "d-label d-elided"))
            continue
        marks.append(circle(x, y, radius, f"d-node d-node--{role}"))
        if letter and node < 100:
            marks.append(label(x, y + 4.5, letter + subscript(node), "d-in-node"))
    return marks


# --- descent -----------------------------------------------------------------------------------------------------


def _descent(options: Mapping[str, str]) -> Drawing:
    rates = _numbers(options, "rates", 1, MAX_RATES)
    start, steps = _number(options, "start", 1.0), _number(options, "steps", 8)
    (name,) = _labels(options, ["η"])
    if not all(0 < rate <= MAX_RATE for rate in rates):
        raise ValueError(f"rates: a learning rate is greater than 0, and at most {MAX_RATE} here.")
    if start == 0:
        raise ValueError("start: 0 is the minimum already; start somewhere else.")
    if steps != int(steps) or not 1 <= steps <= MAX_STEPS:
        raise ValueError(f"steps: a whole number from 1 to {MAX_STEPS}.")
    paths = [descend(start, rate, int(steps)) for rate in rates]
    reach = min(1.7 * abs(start), max(abs(w) for path in paths for w in path)) * 1.12
    columns = min(3, len(rates))
    panel_width, panel_height = (213.0 if columns > 1 else 320.0), 244.0
    marks: list[str] = []
    for i, (rate, path) in enumerate(zip(rates, paths, strict=True)):
        left, top = (i % columns) * panel_width, (i // columns) * panel_height
        frame = Frame(left + 12, top + 36, panel_width - 24, 138, (-reach, reach), (0, reach**2))
        marks += _descent_panel(frame, path, f"{name} = {figure(rate)}")
    return columns * panel_width, math.ceil(len(rates) / columns) * panel_height, marks


def descend(start: float, rate: float, steps: int) -> list[float]:
    """The weights of gradient descent on L(w) = w²: w ← w − rate · 2w. `steps` + 1 values, the start first."""
    weights = [start]
    for _ in range(steps):
        weights.append(weights[-1] - rate * 2 * weights[-1])
    return weights


def _descent_panel(frame: Frame, path: Sequence[float], title: str) -> list[str]:
    centre, diverges = frame.left + frame.width / 2, abs(path[-1]) > abs(path[0])
    hue = "d-curve-2" if diverges else "d-curve-1"
    marks = [
        label(centre, frame.top - 14, title, "d-label d-title"),
        line(frame.left, frame.bottom, frame.right, frame.bottom, "d-axis"),
        frame.curve(lambda w: w * w, "d-loss"),
        line(frame.x(0), frame.bottom, frame.x(0), frame.bottom + 5, "d-axis"),
        label(frame.x(0), frame.bottom + 22, "0", "d-label d-muted"),
        line(frame.x(path[0]), frame.bottom, frame.x(path[0]), frame.bottom + 5, "d-axis"),
        label(frame.x(path[0]), frame.bottom + 22, figure(path[0]), "d-label d-muted"),
    ]
    inside = [w for w in path if abs(w) <= frame.x_range[1]]
    leaving = path[len(inside)] if len(inside) < len(path) else None
    marks.append(polyline([frame.at(w, w * w) for w in inside], f"d-path {hue}"))
    if leaving is not None:
        marks += _exit(frame, inside[-1], leaving, hue)
    marks += [circle(*frame.at(w, w * w), 3.5, f"d-point {hue}") for w in inside[1:]]
    marks.append(circle(*frame.at(path[0], path[0] ** 2), 5.5, f"d-point d-point--first {hue}"))
    last = f"w{subscript(len(path) - 1)} = {_short(path[-1])}"
    marks.append(label(centre, frame.bottom + 50, last, "d-label d-count"))
    return marks


def _short(value: float) -> str:
    return figure(float(f"{value:.3g}"))


def _exit(frame: Frame, w: float, beyond: float, hue: str) -> list[str]:
    """The step that leaves the frame, cut where it leaves: the line from (w, w²) to (beyond, beyond²)."""
    top = frame.y_range[1]
    share = min((top - w * w) / (beyond**2 - w * w), (math.copysign(frame.x_range[1], beyond) - w) / (beyond - w))
    x1, y1 = frame.at(w, w * w)
    x2, y2 = frame.at(w + share * (beyond - w), w * w + share * (beyond**2 - w * w))
    return [line(x1, y1, x2, y2, f"d-path {hue}"), arrow_head(x1, y1, x2, y2, f"d-head {hue}")]


# --- weight-update -----------------------------------------------------------------------------------------------


def _weight_update(options: Mapping[str, str]) -> Drawing:
    old, rate, gradient = (_number(options, key) for key in ("old", "rate", "gradient"))
    if rate <= 0:
        raise ValueError("rate: a learning rate is greater than 0.")
    new = old - rate * gradient
    if gradient and new == old:
        raise ValueError("The step, rate · gradient, is too small to see beside the old weight.")
    # The parabola is the one whose slope at the old weight is the gradient. Where its minimum lies is free: by default
    # where this step covers two fifths of the way.
    minimum = _number(options, "minimum", old - rate * gradient * 2.5)
    distance = old - minimum
    if gradient and gradient * distance <= 0:
        raise ValueError("minimum: a positive gradient has the minimum on its left, a negative one on its right.")
    curvature = gradient / distance if gradient else 1.0
    spread = max(abs(distance), abs(new - minimum)) or max(1.0, abs(old))
    frame = Frame(40, 24, 400, 176, (minimum - 1.5 * spread, minimum + 1.5 * spread), (0, curvature * spread**2 * 0.9))

    def loss(weight: float) -> float:
        return curvature * (weight - minimum) ** 2 / 2

    old_name, new_name, loss_name = _labels(options, ["w", "w′", "L(w)"])
    marks = [
        line(frame.left, frame.bottom, frame.right, frame.bottom, "d-axis"),
        label(frame.left - 26, frame.top + 4, loss_name, "d-label d-muted", "start"),
        frame.curve(loss, "d-loss"),
        _tangent(frame, old, loss(old), gradient),
    ]
    marks += _step_marks(frame, (old, loss(old)), (new, loss(new)))
    if gradient:
        marks.append(_slope_label(frame, (old, loss(old)), gradient))
    marks += _step_labels(frame, (old_name, old), (new_name, new))
    sum_ = f"{figure(old)} − {figure(rate)} · {_in_brackets(gradient)} = {figure(new)}"
    marks.append(label(240, 276, f"{new_name} = {old_name} − η · g", "d-label d-muted"))
    marks.append(label(240, 302, sum_, "d-label d-count"))
    return 480, 316, marks


def _in_brackets(value: float) -> str:
    return f"({figure(value)})" if value < 0 else figure(value)


def _tangent(frame: Frame, weight: float, loss: float, slope: float) -> str:
    """The tangent at the old weight, as far as it stays in the frame and not wider than a third of it."""
    high = frame.y_range[1]
    reach = (frame.x_range[1] - frame.x_range[0]) / 5
    if slope:
        reach = min(reach, (high - loss) / abs(slope), loss / abs(slope))
    ends = [frame.at(weight + side * reach, loss + side * reach * slope) for side in (-1, 1)]
    return line(*ends[0], *ends[1], "d-tangent")


def _slope_label(frame: Frame, old: tuple[float, float], gradient: float) -> str:
    """The gradient beside the old weight, on the outer side, below the curve."""
    x, y = frame.at(*old)
    side, anchor = (14, "start") if gradient > 0 else (-14, "end")
    return label(x + side, y + 16, f"g = {figure(gradient)}", "d-label d-muted", anchor)


def _step_marks(frame: Frame, old: tuple[float, float], new: tuple[float, float]) -> list[str]:
    (old_x, old_y), (new_x, new_y), axis = frame.at(*old), frame.at(*new), frame.bottom
    sign = "d-positive" if new[0] > old[0] else "d-negative"
    marks = [
        line(old_x, old_y, old_x, axis, "d-drop"),
        line(new_x, new_y, new_x, axis, "d-drop"),
        circle(old_x, old_y, 6.5, "d-point d-point--first d-curve-1"),
        circle(new_x, new_y, 6.5, "d-point d-curve-1"),
    ]
    if new_x != old_x:
        marks += [line(old_x, axis, new_x, axis, f"d-step {sign}")]
        marks += [arrow_head(old_x, axis, new_x, axis, f"d-head {sign}", 11)]
    return marks


def _step_labels(frame: Frame, old: tuple[str, float], new: tuple[str, float]) -> list[str]:
    """The two weights under the axis; each grows away from the other, so they never meet."""
    below = frame.bottom + 26
    old_words, new_words = (f"{name} = {figure(value)}" for name, value in (old, new))
    if old[1] == new[1]:
        return [label(frame.x(old[1]), below, f"{new[0]} = {old_words}", "d-label d-count")]
    leftwards = new[1] < old[1]
    return [
        label(frame.x(old[1]) + (-8 if leftwards else 8), below, old_words, "d-label", "start" if leftwards else "end"),
        label(
            frame.x(new[1]) + (8 if leftwards else -8),
            below,
            new_words,
            "d-label d-count",
            "end" if leftwards else "start",
        ),
    ]


# --- loss-curve --------------------------------------------------------------------------------------------------


def _loss_curve(options: Mapping[str, str]) -> Drawing:
    values = _numbers(options, "values", 2, MAX_VALUES)
    lines = [values]
    if options.get("validation"):
        lines.append(_numbers(options, "validation", len(values), len(values)))
    names = _labels(options, ["loss", "val_loss"][: len(lines)])
    if any(value < 0 for series in lines for value in series) or not any(map(any, lines)):
        raise ValueError("values: a loss is never negative, and not all of them are 0.")
    step, top = _round_scale(max(map(max, lines)))
    frame = Frame(52, 22, 328, 190, (1, len(values)), (0, top))
    marks = [*_value_axis(frame, step), *_epoch_axis(frame, len(values), options.get("axis", "").strip() or "epoch")]
    for i, series in enumerate(lines, start=1):
        points = [frame.at(epoch, value) for epoch, value in enumerate(series, start=1)]
        marks.append(polyline(points, f"d-series d-curve-{i}" + (" d-dashed" if i == 2 else "")))
        if len(series) <= 30:
            marks += [circle(x, y, 3, f"d-point d-curve-{i}") for x, y in points]
    marks += _line_ends(frame, [(series[-1], name) for series, name in zip(lines, names, strict=True)])
    return 480, 266, marks


def _round_scale(highest: float) -> tuple[float, float]:
    """A step of 1, 2 or 5 times a power of ten, at most five of which reach `highest`, and where they end."""
    power = 10 ** math.floor(math.log10(highest / 5))
    step = next(factor * power for factor in (1, 2, 5, 10) if highest <= 5 * factor * power * 1.000001)
    return step, step * math.ceil(highest / step - 1e-9)


def _value_axis(frame: Frame, step: float) -> list[str]:
    marks = []
    for i in range(round(frame.y_range[1] / step) + 1):
        y = frame.y(i * step)
        marks.append(line(frame.left, y, frame.right, y, "d-axis" if i == 0 else "d-grid"))
        marks.append(label(frame.left - 8, y + 5, figure(i * step), "d-label d-muted", "end"))
    return marks


def _epoch_axis(frame: Frame, epochs: int, title: str) -> list[str]:
    stride = max(1, round(_round_scale(epochs)[0])) if epochs > 6 else 1
    ticks = [1, *(epoch for epoch in range(stride, epochs + 1, stride) if epoch > max(1, stride / 2))]
    marks = [label(frame.x(tick), frame.bottom + 20, str(tick), "d-label d-muted") for tick in ticks]
    return [*marks, label(frame.left + frame.width / 2, frame.bottom + 46, title, "d-label d-muted")]


def _line_ends(frame: Frame, ends: Sequence[tuple[float, str]]) -> list[str]:
    """Names at the ends of the lines, at least 20 apart."""
    ys = [frame.y(value) for value, _ in ends]
    if len(ys) == 2 and abs(ys[0] - ys[1]) < 20:
        upper, middle = (0 if ys[0] <= ys[1] else 1), sum(ys) / 2
        ys[upper], ys[1 - upper] = middle - 10, middle + 10
    return [
        label(frame.right + 10, y + 5, name, f"d-label d-name d-curve-{i}", "start")
        for i, (y, (_, name)) in enumerate(zip(ys, ends, strict=True), start=1)
    ]


KINDS: dict[str, tuple[Callable[[Mapping[str, str]], Drawing], tuple[str, ...]]] = {
    "network": (_network, ("layers", "labels")),
    "descent": (_descent, ("rates", "start", "steps", "labels")),
    "weight-update": (_weight_update, ("old", "rate", "gradient", "minimum", "labels")),
    "loss-curve": (_loss_curve, ("values", "validation", "labels", "axis")),
}
