"""`descent`: gradient descent on a parabola, one panel for each learning rate."""

import math
from collections.abc import Sequence

from courses.diagrams.canvas import PANEL_WIDTH, WIDTH, Options, Panel
from courses.diagrams.options import labels, number, numbers
from courses.svg import Frame, arrow_head, circle, figure, label, line, polyline, rounded, subscript

MAX_RATES, MAX_STEPS, MAX_RATE = 6, 60, 10


def descent(options: Options) -> list[Panel]:
    rates = numbers(options, "rates", 1, MAX_RATES)
    start, steps = number(options, "start", 1.0), number(options, "steps", 8)
    (name,) = labels(options, ["η"])
    if not all(0 < rate <= MAX_RATE for rate in rates):
        raise ValueError(f"rates: a learning rate is greater than 0, and at most {MAX_RATE} here.")
    if start == 0:
        raise ValueError("start: 0 is the minimum already; start somewhere else.")
    if steps != int(steps) or not 1 <= steps <= MAX_STEPS:
        raise ValueError(f"steps: a whole number from 1 to {MAX_STEPS}.")
    paths = [descend(start, rate, int(steps)) for rate in rates]
    reach = min(1.7 * abs(start), max(abs(w) for path in paths for w in path)) * 1.12
    width, height = (PANEL_WIDTH, 138.0) if len(rates) > 1 else (WIDTH, 190.0)
    frame = Frame(12, 40, width - 24, height, (-reach, reach), (0, reach**2))
    return [
        Panel(width, frame.bottom + 62, _marks(frame, path, f"{name} = {figure(rate)}"))
        for rate, path in zip(rates, paths, strict=True)
    ]


def descend(start: float, rate: float, steps: int) -> list[float]:
    """The weights of gradient descent on L(w) = w²: w ← w − rate · 2w. `steps` + 1 values, the start first."""
    weights = [start]
    for _ in range(steps):
        weights.append(weights[-1] - rate * 2 * weights[-1])
    return weights


def _marks(frame: Frame, path: Sequence[float], title: str) -> list[str]:
    centre, diverges = frame.left + frame.width / 2, abs(path[-1]) > abs(path[0])
    hue = "d-curve-2" if diverges else "d-curve-1"
    marks = [
        label(centre, frame.top - 18, title, "d-label d-title"),
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
    last = f"w{subscript(len(path) - 1)} = {figure(rounded(path[-1], 3))}"
    marks.append(label(centre, frame.bottom + 50, last, "d-label d-count"))
    return marks


def _exit(frame: Frame, w: float, beyond: float, hue: str) -> list[str]:
    """The step that leaves the frame, cut where it leaves: the line from (w, w²) to (beyond, beyond²)."""
    top = frame.y_range[1]
    share = min((top - w * w) / (beyond**2 - w * w), (math.copysign(frame.x_range[1], beyond) - w) / (beyond - w))
    x1, y1 = frame.at(w, w * w)
    x2, y2 = frame.at(w + share * (beyond - w), w * w + share * (beyond**2 - w * w))
    return [line(x1, y1, x2, y2, f"d-path {hue}"), arrow_head(x1, y1, x2, y2, f"d-head {hue}")]
