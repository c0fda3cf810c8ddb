"""`neuron`: one neuron's weighted sum and its activation, every product and the result computed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from courses.diagrams.canvas import CLOSE, NATURAL, WIDTH, Options, Panel
from courses.diagrams.functions import FUNCTIONS, Function
from courses.diagrams.names import BOLD
from courses.diagrams.options import labels, number, numbers, one_of, without_rounding
from courses.diagrams.sums import LINE, lines_of, signed, written
from courses.svg import Frame, arrow_head, circle, figure, label, line, rectangle, rounded, subscript, width_of

MAX_INPUTS = 8
TOP, RADIUS, BOX, ARROW = 14.0, 16.0, 44.0, 24.0


@dataclass(frozen=True)
class _Neuron:
    inputs: list[float]
    weights: list[float]
    bias: float | None
    activation: str
    names: list[str]
    """Of the inputs; empty where the author names none."""
    output_name: str

    @property
    def products(self) -> list[float]:
        return [x * w for x, w in zip(self.inputs, self.weights, strict=True)]

    @property
    def terms(self) -> list[float]:
        return self.products if self.bias is None else [*self.products, self.bias]

    @property
    def sum(self) -> float:
        return without_rounding(math.fsum(self.terms), max(map(abs, self.terms)))

    @property
    def function(self) -> Function:
        return FUNCTIONS[self.activation]

    @property
    def output(self) -> float:
        """To four digits: most activation functions have no more that are worth reading."""
        return rounded(self.function.value(self.sum), 4)


@dataclass(frozen=True)
class _Places:
    """Where each column stands: the ends of the inputs' values, the beginnings of weights and products, …"""

    value: float
    weight: float
    product: float
    product_end: float
    sum: float
    box: float
    output: float
    row: float
    size: float

    @property
    def width(self) -> float:
        return self.output + RADIUS + 4


def neuron(options: Options) -> list[Panel]:
    inputs = numbers(options, "inputs", 1, MAX_INPUTS)
    unit = _Neuron(
        inputs,
        numbers(options, "weights", len(inputs), len(inputs)),
        number(options, "bias") if options.get("bias", "").strip() else None,
        one_of(options, "activation", list(FUNCTIONS), "linear"),
        *_names(options, len(inputs)),
    )
    places = _places(unit, CLOSE)
    scrolls = places.width > WIDTH
    if scrolls:
        places = _places(unit, NATURAL)
    width = max(WIDTH + scrolls, places.width)
    shift = (width - places.width) / 2
    body = places.row * len(unit.terms)
    marks = _rows(unit, places, shift, TOP + body / 2) + _chain(unit, places, shift, TOP + body / 2)
    sums = [*_sum_lines(unit), _output_line(unit)]
    below = TOP + max(body, 3 * RADIUS + BOX) + 34
    return [Panel(width, below + LINE * (len(sums) - 1) + 14, [*marks, *written(sums, width / 2, below)], scrolls)]


def _names(options: Options, count: int) -> tuple[list[str], str]:
    *inputs, output = labels(options, [""] * count, ["a"])
    return ([] if not any(inputs) else inputs), output


def _places(unit: _Neuron, size: float) -> _Places:
    def widest(words: Sequence[str]) -> float:
        return max(width_of(text, size) for text in words)

    value = 2 * RADIUS + 12 + widest([figure(x) for x in unit.inputs])
    weight = value + 8
    product = weight + widest([_times(w) for w in unit.weights]) + 8
    product_end = product + BOLD * widest([_equals(p) for p in unit.terms])
    named = 2 * RADIUS + 12 + widest(unit.names) if unit.names else 0
    sum_ = max(product_end, named) + 40 + RADIUS
    box = sum_ + RADIUS + ARROW + BOX / 2
    output = box + BOX / 2 + ARROW + RADIUS
    return _Places(value, weight, product, product_end, sum_, box, output, 66 if unit.names else 50, size)


def _times(weight: float) -> str:
    return f"× {figure(weight)}"


def _equals(product: float) -> str:
    return f"= {figure(product)}"


def _rows(unit: _Neuron, at: _Places, shift: float, middle: float) -> list[str]:
    """One row for each input, and one for the bias; a line from each to the sum."""
    marks = []
    for i, term in enumerate(unit.terms):
        is_bias = i == len(unit.inputs)
        y = TOP + at.row * (i + 0.5) + (8 if unit.names else 0)
        kind, name = ("bias", "b") if is_bias else ("input", f"x{subscript(i + 1)}")
        marks.append(circle(shift + RADIUS + 2, y, RADIUS, f"d-node d-node--{kind}"))
        marks.append(label(shift + RADIUS + 2, y + 5, name, "d-in-node"))
        start = shift + 2 * RADIUS + 10
        if is_bias:
            marks.append(line(start, y, shift + at.product - 8, y, "d-edge"))
            marks.append(label(shift + at.product, y + 6, _equals(term), "d-label d-count", "start"))
        else:
            marks += _product(unit, i, at, shift, y)
        end = shift + at.product + BOLD * width_of(_equals(term), at.size) + 6
        marks += _arrow(end, y, shift + at.sum, middle, RADIUS + 1)
    return marks


def _product(unit: _Neuron, i: int, at: _Places, shift: float, y: float) -> list[str]:
    weight = unit.weights[i]
    sign = "d-positive" if weight > 0 else "d-negative" if weight < 0 else "d-muted"
    marks = [
        label(shift + at.value, y + 6, figure(unit.inputs[i]), "d-label", "end"),
        label(shift + at.weight, y + 6, _times(weight), f"d-label d-signed {sign}", "start"),
        label(shift + at.product, y + 6, _equals(unit.products[i]), "d-label d-count", "start"),
    ]
    if unit.names:
        marks.append(label(shift + 2 * RADIUS + 12, y - 16, unit.names[i], "d-label d-muted", "start"))
    return marks


def _chain(unit: _Neuron, at: _Places, shift: float, y: float) -> list[str]:
    """Sum, activation and output from left to right."""
    sum_, box, output = shift + at.sum, shift + at.box, shift + at.output
    ends = [unit.function.value(x) for x in (-4, 4)]
    low, high = min(0.0, *ends), max(ends)
    frame = Frame(box - BOX / 2 + 8, y - BOX / 2 + 9, BOX - 16, BOX - 18, (-4, 4), (low, high))
    return [
        circle(sum_, y, RADIUS, "d-node d-node--sum"),
        label(sum_, y + 6, "Σ", "d-in-node d-sigma"),
        *_arrow(sum_ + RADIUS, y, box - BOX / 2, y),
        label((sum_ + RADIUS + box - BOX / 2) / 2 - 3, y - 9, "z", "d-label d-muted"),
        rectangle(box - BOX / 2, y - BOX / 2, BOX, BOX, "d-box", 8),
        line(frame.left, frame.y(0), frame.right, frame.y(0), "d-grid"),
        line(frame.x(0), frame.top, frame.x(0), frame.bottom, "d-grid"),
        frame.curve(unit.function.value, "d-series d-curve-1"),
        label(box, y - BOX / 2 - 10, unit.activation, "d-label d-muted"),
        *_arrow(box + BOX / 2, y, output - RADIUS, y),
        circle(output, y, RADIUS, "d-node d-node--output"),
        label(output, y + 5, unit.output_name if len(unit.output_name) < 3 else "", "d-in-node"),
        label(output + RADIUS, y + RADIUS + 24, figure(unit.output), "d-label d-count", "end"),
    ]


def _arrow(x1: float, y1: float, x2: float, y2: float, short: float = 0) -> list[str]:
    """To (x2, y2), or `short` of it."""
    length = math.hypot(x2 - x1, y2 - y1)
    x2, y2 = x2 - short * (x2 - x1) / length, y2 - short * (y2 - y1) / length
    return [line(x1, y1, x2, y2, "d-flow"), arrow_head(x1, y1, x2, y2, "d-head d-flow-head")]


def _sum_lines(unit: _Neuron) -> list[str]:
    if len(unit.terms) == 1:
        return [f"z = {figure(unit.sum)}"]
    return lines_of(["z =", *signed(unit.terms), f"= {figure(unit.sum)}"])


def _output_line(unit: _Neuron) -> str:
    applied = "z" if unit.activation == "linear" else f"{unit.activation}({figure(unit.sum)})"
    return f"{unit.output_name} = {applied} = {figure(unit.output)}"
