"""`activation`: activation functions beside each other, all on the same axes.

On one plot most of them would lie on each other for positive inputs; in panels of one scale each keeps its own shape,
and a sigmoid is seen to be as flat as it is.
"""

from collections.abc import Sequence

from courses.diagrams.canvas import PANEL_WIDTH, WIDTH, Options, Panel
from courses.diagrams.functions import FUNCTIONS, Function
from courses.diagrams.options import number, numbers, words
from courses.svg import Frame, circle, figure, label, line, polyline, rounded

MAX_INPUTS = 4
MIN_RANGE, MAX_RANGE = 0.5, 100
TOP, OUTPUT, BETWEEN_TICKS = 58.0, 24.0, 18.0


def activation(options: Options) -> list[Panel]:
    names = words(options.get("functions", ""))
    if not names or len(set(names)) < len(names):
        raise ValueError(f"functions=… needs names with commas between them, each once: {', '.join(FUNCTIONS)}.")
    if unknown := [name for name in names if name not in FUNCTIONS]:
        raise ValueError(f"functions: there is no “{unknown[0]}”. There are: {', '.join(FUNCTIONS)}.")
    reach = number(options, "range", 4)
    if not MIN_RANGE <= reach <= MAX_RANGE:
        raise ValueError(f"range: a number from {MIN_RANGE} to {MAX_RANGE}.")
    inputs = numbers(options, "inputs", 1, MAX_INPUTS) if options.get("inputs", "").strip() else []
    if outside := [x for x in inputs if abs(x) > reach]:
        raise ValueError(f"inputs: {figure(outside[0])} is outside of −{figure(reach)} to {figure(reach)}.")
    functions = [FUNCTIONS[name] for name in names]
    ends = [value for function in functions for value in (function.value(-reach), function.value(reach))]
    low, high = min(0.0, *ends), max(ends)
    margin = 0.06 * (high - low)
    width, height = (PANEL_WIDTH, 168.0) if len(names) > 1 else (WIDTH, 210.0)
    frame = Frame(38, TOP, width - 48, height, (-reach, reach), (low - margin, high + margin))
    total = frame.bottom + 30 + OUTPUT * len(inputs)
    return [
        Panel(width, total, _marks(frame, name, function, inputs))
        for name, function in zip(names, functions, strict=True)
    ]


def _marks(frame: Frame, name: str, function: Function, inputs: Sequence[float]) -> list[str]:
    centre, reach = frame.left + frame.width / 2, frame.x_range[1]
    marks = [
        label(centre, 18, name, "d-label d-title"),
        label(centre, 41, function.formula, "d-label d-muted"),
    ]
    for x in (-reach, 0.0, reach):
        marks.append(line(frame.x(x), frame.top, frame.x(x), frame.bottom, "d-grid" if x else "d-axis"))
        marks.append(label(frame.x(x), frame.bottom + 20, figure(x), "d-label d-muted"))
    for y in _ticks(frame, function, reach):
        marks.append(line(frame.left, frame.y(y), frame.right, frame.y(y), "d-grid"))
        marks.append(label(frame.left - 7, frame.y(y) + 5, figure(y), "d-label d-muted", "end"))
    marks.append(line(frame.left, frame.y(0), frame.right, frame.y(0), "d-axis"))
    bounds = [y for y in function.bounds if y]
    marks += [line(frame.left, frame.y(y), frame.right, frame.y(y), "d-bound") for y in bounds]
    for x in inputs:
        marks.append(line(frame.x(x), frame.bottom, *frame.at(x, function.value(x)), "d-drop"))
    marks += _curve(frame, function)
    for row, x in enumerate(inputs, 1):
        marks.append(circle(*frame.at(x, function.value(x)), 5, "d-point d-curve-2"))
        words_ = f"{figure(x)} → {figure(rounded(function.value(x), 4))}"
        marks.append(label(centre, frame.bottom + 22 + OUTPUT * row, words_, "d-label d-count"))
    return marks


def _curve(frame: Frame, function: Function) -> list[str]:
    if not function.jumps:
        return [frame.curve(function.value, "d-series d-curve-1")]
    low, high = frame.x_range
    before, after = function.value(low), function.value(0)
    return [
        polyline([frame.at(low, before), frame.at(0, before)], "d-series d-curve-1"),
        polyline([frame.at(0, after), frame.at(high, after)], "d-series d-curve-1"),
        circle(*frame.at(0, before), 4, "d-point d-point--first d-curve-1"),
        circle(*frame.at(0, after), 4, "d-point d-curve-1"),
    ]


def _ticks(frame: Frame, function: Function, reach: float) -> list[float]:
    """The bounds of the function first, then the ends of the range, then 0 and 1 where there is room."""
    chosen: list[float] = []
    low, high = frame.y_range
    for y in (*sorted(function.bounds, key=abs, reverse=True), reach, -reach, 0.0, 1.0):
        if low <= y <= high and all(abs(frame.y(y) - frame.y(other)) >= BETWEEN_TICKS for other in chosen):
            chosen.append(y)
    return chosen
