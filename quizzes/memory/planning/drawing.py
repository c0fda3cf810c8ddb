"""The charts of the page Plan as SVG. Pure: numbers and words in, markup out; colours stand in plan.css."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Final

from courses import svg
from courses.svg import Frame
from quizzes.memory.insight.charts import scale

WIDTH: Final = 480.0
HEIGHT: Final = 260.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 16.0, 36.0, 52.0


@dataclass(frozen=True, slots=True)
class Axes:
    """What the two axes are called, units included."""

    x: str
    y: str


@dataclass(frozen=True, slots=True)
class Column:
    """Some days before an exam: mean `reviews` and `new` cards a day. `told`: the numbers in words; `tick`: below."""

    reviews: float
    new: float
    told: str
    tick: str = ""


def workload_chart(points: Sequence[tuple[int, float]], chosen: float, words: str, axes: Axes, description: str) -> str:
    """Minutes a day by desired retention in per cent. `chosen`: that of now, marked and labelled with `words`."""
    top, step = scale(max(minutes for _, minutes in points))
    frame = _frame((points[0][0], points[-1][0]), top)
    marks = _grid(frame, top, step)
    for per_cent in range(points[0][0], points[-1][0] + 1, 5):
        marks.append(svg.label(frame.x(per_cent), frame.bottom + 18, f"{per_cent} %", "plan-text"))
    marks.append(svg.polyline([frame.at(per_cent, minutes) for per_cent, minutes in points], "plan-line"))
    x, y = frame.at(chosen, _between(points, chosen))
    marks.append(svg.line(x, frame.bottom, x, y, "plan-drop"))
    marks.append(svg.circle(x, y, 6, "plan-dot"))
    anchor = "end" if x > frame.left + 140 else "start"
    beside = -12 if anchor == "end" else 12
    marks.append(svg.label(x + beside, max(y - 10, frame.top + 8), words, "plan-text plan-text--chosen", anchor))
    return _drawing(marks, frame, axes, description)


def exam_chart(columns: Sequence[Column], axes: Axes, description: str) -> str:
    """Reviews, and on them new cards, of each column."""
    top, step = scale(max((one.reviews + one.new for one in columns), default=0))
    frame = _frame((0, max(1, len(columns))), top)
    marks = _grid(frame, top, step)
    width = frame.width / max(1, len(columns))
    for number, one in enumerate(columns):
        left = frame.left + number * width + width * 0.14
        middle, high = frame.y(one.reviews), frame.y(one.reviews + one.new)
        bars = svg.rectangle(left, middle, width * 0.72, frame.bottom - middle, "plan-bar") if one.reviews else ""
        bars += svg.rectangle(left, high, width * 0.72, middle - high, "plan-bar plan-bar--new") if one.new else ""
        marks.append(f"<g>{bars}<title>{escape(one.told)}</title></g>")
        if one.tick:
            marks.append(svg.label(left + width * 0.36, frame.bottom + 18, one.tick, "plan-text"))
    return _drawing(marks, frame, axes, description)


def legend_key(is_new: bool) -> str:
    classes = "plan-bar plan-bar--new" if is_new else "plan-bar"
    return f'<svg class="plan-key" viewBox="0 0 14 14" aria-hidden="true">{svg.rectangle(1, 1, 12, 12, classes)}</svg>'


def _between(points: Sequence[tuple[int, float]], chosen: float) -> float:
    """The value at `chosen`, on the line between its neighbours."""
    for (left, low), (right, high) in pairwise(points):
        if left <= chosen <= right:
            return low + (high - low) * (chosen - left) / (right - left)
    return points[-1][1]


def _frame(x_range: tuple[float, float], top: float) -> Frame:
    return Frame(_LEFT, _TOP, WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM, x_range, (0, top))


def _grid(frame: Frame, top: float, step: float) -> list[str]:
    marks = []
    for number in range(round(top / step) + 1):
        y = frame.y(number * step)
        marks.append(svg.line(frame.left, y, frame.right, y, "plan-grid"))
        marks.append(svg.label(frame.left - 8, y + 4, svg.figure(number * step), "plan-text", "end"))
    return marks


def _drawing(marks: Sequence[str], frame: Frame, axes: Axes, description: str) -> str:
    named = [
        svg.line(frame.left, frame.bottom, frame.right, frame.bottom, "plan-axis"),
        svg.label(2, 16, axes.y, "plan-text plan-text--axis", "start"),
        svg.label(frame.right, HEIGHT - 8, axes.x, "plan-text plan-text--axis", "end"),
    ]
    return (
        f'<svg class="plan-chart" viewBox="0 0 {svg.place(WIDTH)} {svg.place(HEIGHT)}" role="img" '
        f'aria-label="{escape(description)}">{"".join([*marks, *named])}</svg>'
    )
