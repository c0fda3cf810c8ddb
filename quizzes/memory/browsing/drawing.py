"""How the stability of one card grew and fell, as a small SVG. Pure; colours come from classes alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Final

from courses import svg
from courses.svg import Frame

WIDTH: Final = 560.0
HEIGHT: Final = 220.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 56.0, 16.0, 34.0, 46.0


@dataclass(frozen=True, slots=True)
class Point:
    """After one review: `days` since the first one, `stability` in days. `is_lapse`: it was rated Again."""

    days: float
    stability: float
    is_lapse: bool


def stability_chart(points: Sequence[Point], x_title: str, y_title: str, told: str) -> str:
    """Return the drawing of at least two points. `told`: the sentence for who does not see it."""
    last, highest = max(points[-1].days, 1.0), max(point.stability for point in points)
    top, step = _scale(highest)
    frame = Frame(_LEFT, _TOP, WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM, (0.0, last), (0.0, top))
    marks: list[str] = []
    for number in range(round(top / step) + 1):
        y = frame.y(number * step)
        marks.append(svg.line(frame.left, y, frame.right, y, "d-grid" if number else "d-axis"))
        marks.append(svg.label(frame.left - 8, y + 5, svg.figure(number * step), "d-label d-muted", "end"))
    marks.append(svg.polyline(_steps(points, frame), "d-curve-1 d-series"))
    for point in points:
        x, y = frame.at(point.days, point.stability)
        marks.append(_cross(x, y) if point.is_lapse else svg.circle(x, y, 4.5, "d-point d-curve-1"))
    marks.append(svg.label(frame.left, frame.bottom + 20, "0", "d-label d-muted", "start"))
    marks.append(svg.label(frame.right, frame.bottom + 20, svg.figure(round(last)), "d-label d-muted", "end"))
    marks.append(svg.label(frame.left + frame.width / 2, HEIGHT - 8, x_title, "d-label d-muted"))
    marks.append(svg.label(4, 16, y_title, "d-label d-muted", "start"))
    size = f'viewBox="0 0 {svg.place(WIDTH)} {svg.place(HEIGHT)}" width="{svg.place(WIDTH)}"'
    return f'<svg class="diagram" role="img" aria-label="{escape(told)}" {size}>{"".join(marks)}</svg>'


def _steps(points: Sequence[Point], frame: Frame) -> list[tuple[float, float]]:
    """Between two reviews stability stays: steps, no slopes."""
    corners = [frame.at(points[0].days, points[0].stability)]
    for before, after in pairwise(points):
        corners.append(frame.at(after.days, before.stability))
        corners.append(frame.at(after.days, after.stability))
    return corners


def _cross(x: float, y: float) -> str:
    strokes = [svg.line(x - 5, y - 5, x + 5, y + 5, "d-curve-2 d-series")]
    return "".join([*strokes, svg.line(x - 5, y + 5, x + 5, y - 5, "d-curve-2 d-series")])


def _scale(highest: float) -> tuple[float, float]:
    """The end of an axis from 0, and the distance of its ticks: 1, 2 or 5 times a power of ten, at most five."""
    step = 0.01
    while highest > 4 * step:
        step *= 2.5 if f"{step:g}".lstrip("0.")[0] == "2" else 2
    ticks = -(-highest // step)
    return max(1.0, ticks) * step, step
