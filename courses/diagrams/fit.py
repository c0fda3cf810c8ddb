"""`mse` and `fit`: points, a line through them, its errors (squared: as squares) and their mean."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from courses.diagrams.canvas import LARGE, WIDTH, Options, Panel
from courses.diagrams.options import labels, number, one_of, parse, without_rounding, words
from courses.diagrams.scales import ticks
from courses.diagrams.sums import LINE, lines_of, signed, written
from courses.svg import Frame, circle, figure, in_brackets, label, line, rectangle, width_of

MAX_POINTS, WRITTEN_OUT = 40, 6
LEFT, TOP, RIGHT, HEIGHT = 56.0, 34.0, 12.0, 250.0
EDGE, NARROWEST = 20.0, 0.35


@dataclass(frozen=True)
class _Line:
    slope: float
    intercept: float

    def __call__(self, x: float) -> float:
        return self.slope * x + self.intercept


@dataclass(frozen=True)
class _Point:
    x: float
    y: float
    prediction: float
    error: float
    """Prediction less truth; 0 without a line."""
    side: int
    """Where its square lies: 1 to the right, −1 to the left, always away from the line."""


def mse(options: Options) -> list[Panel]:
    return _drawn(options, squares=one_of(options, "squares", ("yes", "no"), "yes") == "yes")


def fit(options: Options) -> list[Panel]:
    return _drawn(options, squares=False)


def _drawn(options: Options, squares: bool) -> list[Panel]:
    model = _model(options)
    points = [_point(x, y, model) for x, y in _pairs(options)]
    x_name, y_name = labels(options, ["x", "y"])
    frame = _frame(points, squares)
    marks = [*_axes(frame), label(10, 18, y_name, "d-label d-muted", "start")]
    marks.append(label(frame.left + frame.width / 2, frame.bottom + 46, x_name, "d-label d-muted"))
    below, sums = frame.bottom + 78, []
    if model is not None:
        marks += _squares(frame, points) if squares else []
        marks.append(_clipped(frame, model))
        marks += [line(*frame.at(p.x, p.prediction), *frame.at(p.x, p.y), "d-error") for p in points if p.error]
        marks += _numbers(frame, points, squares)
        sums = _mean(points, squares)
        marks += [label(WIDTH / 2, below, _equation(model), "d-label d-muted")]
        marks += written(sums, WIDTH / 2, below + LINE)
    marks += [circle(*frame.at(point.x, point.y), 5.5, "d-point d-curve-1") for point in points]
    height = below + LINE * len(sums) + 12 if sums else frame.bottom + 58
    return [Panel(WIDTH, height, marks)]


def _model(options: Options) -> _Line | None:
    given = [key for key in ("slope", "intercept") if options.get(key, "").strip()]
    if len(given) == 1:
        raise ValueError("A line needs both: slope=… and intercept=….")
    return _Line(number(options, "slope"), number(options, "intercept")) if given else None


def _pairs(options: Options) -> list[tuple[float, float]]:
    found = words(options.get("points", ""))
    if not 1 <= len(found) <= MAX_POINTS:
        raise ValueError(f"points=… needs 1 to {MAX_POINTS} points x:y with commas between them, not {len(found)}.")
    pairs = []
    for text in found:
        x, colon, y = text.replace("：", ":").partition(":")
        if not colon:
            raise ValueError(f"points: “{text}” is no point; a point is written x:y, such as 1:2.5.")
        pairs.append((parse("points", x.strip()), parse("points", y.strip())))
    xs = [x for x, _ in pairs]
    if 0 < max(xs) - min(xs) < 1e-9 * max(map(abs, xs)):
        raise ValueError("points: these lie too close to each other to be drawn.")
    return pairs


def _point(x: float, y: float, model: _Line | None) -> _Point:
    if model is None:
        return _Point(x, y, y, 0.0, 1)
    prediction = model(x)
    error = without_rounding(prediction - y, max(abs(y), abs(model.slope * x), abs(model.intercept)))
    return _Point(x, y, prediction, error, -1 if (error < 0) == (model.slope >= 0) else 1)


# --- the frame ---------------------------------------------------------------------------------------------------


def _frame(points: Sequence[_Point], squares: bool) -> Frame:
    """Every point, its prediction, and its square or number lie inside."""
    low, high = _range([value for p in points for value in (p.y, p.prediction)], margin=0.1)
    width = WIDTH - LEFT - RIGHT
    while True:
        scale = HEIGHT / (high - low)
        needs = [_need(point, scale, squares, len(points)) for point in points]
        before, after = _edges(points, needs, width)
        if width - before - after >= NARROWEST * width:
            break
        # The squares would push the points together: smaller squares.
        low, high = low - 0.15 * (high - low), high + 0.15 * (high - low)
    first, last = _range([p.x for p in points], margin=0)
    unit = (last - first) / (width - before - after)
    return Frame(LEFT, TOP, width, HEIGHT, (first - before * unit, last + after * unit), (low, high))


def _need(point: _Point, scale: float, squares: bool, count: int) -> float:
    """How much room is needed on that side of the point."""
    if not point.error:
        return EDGE
    side = abs(point.error) * scale if squares else 0.0
    words_ = _number_of(point, squares) if count <= WRITTEN_OUT else ""
    return side + 6 if _fits(words_, side) else side + width_of(words_, LARGE) + 14


def _range(values: Sequence[float], margin: float) -> tuple[float, float]:
    low, high = min(values), max(values)
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        reach = max(1.0, abs(low)) / 2
        return low - reach, high + reach
    return low - margin * (high - low), high + margin * (high - low)


def _edges(points: Sequence[_Point], needs: Sequence[float], width: float) -> tuple[float, float]:
    """The room before the first and after the last point; with less than NARROWEST between them, it is too much."""
    first, last = _range([p.x for p in points], margin=0)
    before = after = EDGE
    while width - before - after >= NARROWEST * width:
        inner = width - before - after
        lacking = {-1: 0.0, 1: 0.0}
        for point, need in zip(points, needs, strict=True):
            share = (point.x - first) / (last - first)
            room = before + share * inner if point.side < 0 else after + (1 - share) * inner
            lacking[point.side] = max(lacking[point.side], need - room)
        if max(lacking.values()) <= 0:
            break
        before, after = before + max(0.0, lacking[-1]) + 1, after + max(0.0, lacking[1]) + 1
    return before, after


# --- marks -------------------------------------------------------------------------------------------------------


def _axes(frame: Frame) -> list[str]:
    marks = []
    for y in ticks(*frame.y_range):
        marks.append(line(frame.left, frame.y(y), frame.right, frame.y(y), "d-grid"))
        marks.append(label(frame.left - 8, frame.y(y) + 5, figure(y), "d-label d-muted", "end"))
    for x in ticks(*frame.x_range, most=6):
        marks.append(line(frame.x(x), frame.bottom, frame.x(x), frame.bottom + 5, "d-axis"))
        marks.append(label(frame.x(x), frame.bottom + 22, figure(x), "d-label d-muted"))
    marks.append(line(frame.left, frame.bottom, frame.right, frame.bottom, "d-axis"))
    return marks


def _clipped(frame: Frame, model: _Line) -> str:
    """The line from edge to edge of the frame."""
    (left, right), (low, high) = frame.x_range, frame.y_range
    if model.slope:
        ends = sorted(((low - model.intercept) / model.slope, (high - model.intercept) / model.slope))
        left, right = max(left, ends[0]), min(right, ends[1])
    return line(*frame.at(left, model(left)), *frame.at(right, model(right)), "d-model")


def _square_of(frame: Frame, point: _Point) -> tuple[float, float, float]:
    """Left, top and side of the square over the error of this point."""
    x, upper = frame.at(point.x, max(point.y, point.prediction))
    side = frame.y(min(point.y, point.prediction)) - upper
    return (x if point.side > 0 else x - side), upper, side


def _squares(frame: Frame, points: Sequence[_Point]) -> list[str]:
    placed = (_square_of(frame, point) for point in points if point.error)
    return [rectangle(left, top, side, side, "d-square") for left, top, side in placed]


def _number_of(point: _Point, squares: bool) -> str:
    return figure(point.error**2 if squares else point.error)


def _fits(words_: str, side: float) -> bool:
    """Whether the number has room in its square."""
    return not words_ or side >= max(width_of(words_, LARGE) + 4, 1.3 * LARGE)


def _numbers(frame: Frame, points: Sequence[_Point], squares: bool) -> list[str]:
    """The areas in their squares or, where those are small, beside them; without squares the errors."""
    marks = []
    for point in points if len(points) <= WRITTEN_OUT else ():
        left, top, side = _square_of(frame, point)
        words_, middle = _number_of(point, squares), top + side / 2 + 6
        if squares and _fits(words_, side):
            marks.append(label(left + side / 2, middle, words_, "d-label d-count"))
        elif point.error:
            away = frame.x(point.x) + point.side * ((side if squares else 0) + 8)
            marks.append(label(away, middle, words_, "d-label d-count", "start" if point.side > 0 else "end"))
    return marks


# --- the calculation ---------------------------------------------------------------------------------------------


def _equation(model: _Line) -> str:
    slope = f"{figure(model.slope)} · x"
    return f"ŷ = {slope}" + (f" {signed([0, model.intercept])[1]}" if model.intercept else "")


def _mean(points: Sequence[_Point], squares: bool) -> list[str]:
    """The mean of the squares, from what is drawn: from the areas, else from the errors."""
    squared = [point.error**2 for point in points]
    mean = f"= {figure(math.fsum(squared) / len(points))}"
    if len(points) > WRITTEN_OUT:
        return lines_of([f"MSE = {figure(math.fsum(squared))} / {len(points)}", mean])
    terms = [figure(one**2) if squares else f"{in_brackets(one)}²" for one in (point.error for point in points)]
    if len(terms) == 1:
        return lines_of(["MSE =", f"{terms[0]} / 1", mean])
    *before, last = terms
    return lines_of(
        ["MSE =", f"({before[0]} +", *(f"{term} +" for term in before[1:]), f"{last}) / {len(terms)}", mean]
    )
