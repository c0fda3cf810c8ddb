"""The charts of the page Statistics as SVG. Pure: numbers and words in, markup out; colours stand in insight.css.

Each mark carries its own words (`told`), shown where a pointer rests on it; a screen reader is given the description of
the whole, and the table beside the chart has every number.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from courses import svg
from courses.svg import Frame

WIDTH: Final = 440.0
HEIGHT: Final = 250.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 56.0, 12.0, 34.0, 52.0
_CELL: Final = 14.0
_SIZES: Final = (11.0, 5.0, 7.0, 9.0, 11.0)
"""Of a day by its level: how much is told by size as well as by shade."""
_SURE_RADIUS, _UNSURE_RADIUS = 4.0, 3.0
_LOWEST_END: Final = 0.7
"""An axis of shares begins no higher."""


@dataclass(frozen=True, slots=True)
class Bar:
    """`tick`: what stands below it, if anything; `is_fine`: that may be left out where the page is narrow."""

    value: float
    told: str
    tick: str = ""
    is_fine: bool = False
    is_marked: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """A share 0…1, or None where there is none. `is_sure`: of enough reviews to say something alone."""

    value: float | None
    told: str
    tick: str = ""
    is_fine: bool = False
    is_sure: bool = True


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a heat map: column (week), row (weekday), how dark (0 none … 4)."""

    week: int
    weekday: int
    level: int
    told: str


@dataclass(frozen=True, slots=True)
class Axes:
    """What the two axes are called, units included."""

    x: str
    y: str


def bar_chart(bars: Sequence[Bar], axes: Axes, description: str) -> str:
    top, step = scale(max((bar.value for bar in bars), default=0))
    frame = _frame(len(bars), (0, top))
    marks = _grid(frame, [number * step for number in range(round(top / step) + 1)], svg.figure)
    width = frame.width / max(1, len(bars))
    for number, bar in enumerate(bars):
        left, height = frame.left + number * width, frame.bottom - frame.y(bar.value)
        classes = "insight-bar insight-bar--marked" if bar.is_marked else "insight-bar"
        drawn = svg.rectangle(left + width * 0.12, frame.bottom - height, width * 0.76, height, classes, corner=1.5)
        ground = svg.rectangle(left, frame.top, width, frame.height, "insight-ground")
        marks.append(_told(f"{ground}{drawn if bar.value else ''}", bar.told))
        marks += _tick(left + width / 2, frame, bar.tick, bar.is_fine)
    return _drawing(marks, frame, axes, description)


def share_chart(points: Sequence[Point], level: float, level_name: str, axes: Axes, description: str) -> str:
    """Shares over time against a level that was wished for; a gap in the line where there is no share.

    The points that are sure decide how far down the axis goes: one that is not and lies lower is a triangle at its end.
    """
    sure = [point.value for point in points if point.value is not None and point.is_sure]
    bottom = max(0.0, math.floor((min([*sure, level, _LOWEST_END + 0.02]) - 0.02) * 10 + 1e-9) / 10)
    frame = _frame(len(points), (bottom, 1.0))
    step = 0.1 if bottom >= 0.5 else 0.2
    shares = [1 - number * step for number in range(math.floor((1 - bottom) / step + 1e-9) + 1)]
    marks = _grid(frame, shares, lambda share: f"{share * 100:.0f} %")
    marks.append(svg.line(frame.left, frame.y(level), frame.right, frame.y(level), "insight-level"))
    places = [(frame.left + (number + 0.5) * frame.width / max(1, len(points))) for number in range(len(points))]
    marks += [svg.polyline(part, "insight-line") for part in _unbroken(points, places, frame) if len(part) > 1]
    for place, point in zip(places, points, strict=True):
        marks += _tick(place, frame, point.tick, point.is_fine)
        if point.value is not None:
            marks.append(_told(_point(place, point, frame), point.told))
    named = svg.width_of(level_name, 12)
    marks.append(svg.label(frame.right, 15, level_name, "insight-text insight-text--axis insight-text--level", "end"))
    marks.append(
        svg.line(frame.right - named - 34, 11, frame.right - named - 8, 11, "insight-level insight-level--key")
    )
    return _drawing(marks, frame, axes, description)


def _point(place: float, point: Point, frame: Frame) -> str:
    value = point.value or 0.0
    if value < frame.y_range[0]:
        tip = frame.bottom - 1
        corners = f"{svg.place(place - 4)},{svg.place(tip - 7)} {svg.place(place + 4)},{svg.place(tip - 7)}"
        return f'<polygon class="insight-point insight-point--unsure" points="{corners} {svg.place(place)},{tip:g}"/>'
    if point.is_sure:
        return svg.circle(place, frame.y(value), _SURE_RADIUS, "insight-point")
    return svg.circle(place, frame.y(value), _UNSURE_RADIUS, "insight-point insight-point--unsure")


def heat_map(days: Sequence[Day], months: Sequence[tuple[int, str]], weekdays: Sequence[str], description: str) -> str:
    """A year as weeks (columns) of days (rows). `months`: column and name; `weekdays`: seven names, "" for none."""
    left, top = 44.0, 22.0
    columns = max((day.week for day in days), default=0) + 1
    width, height = left + columns * _CELL + 2, top + 7 * _CELL + 2
    marks = [svg.label(left + week * _CELL, top - 8, name, "insight-text", "start") for week, name in months]
    marks += [
        svg.label(left - 6, top + row * _CELL + 10, name, "insight-text", "end")
        for row, name in enumerate(weekdays)
        if name
    ]
    for day in days:
        x, y = left + day.week * _CELL + _CELL / 2, top + day.weekday * _CELL + _CELL / 2
        marks.append(_told(square(x, y, day.level), day.told))
    return _svg("insight-heat", width, height, marks, description)


def square(x: float, y: float, level: int) -> str:
    """A day with its middle here."""
    size = _SIZES[level]
    ground = svg.rectangle(x - 5.5, y - 5.5, 11, 11, "insight-day", corner=2)
    if not level:
        return ground
    return ground + svg.rectangle(x - size / 2, y - size / 2, size, size, f"insight-day insight-day--{level}", corner=2)


def legend_square(level: int) -> str:
    return f'<svg class="insight-key" viewBox="0 0 14 14" aria-hidden="true">{square(7, 7, level)}</svg>'


def scale(highest: float) -> tuple[float, float]:
    """The end of an axis from 0, and the distance of its ticks: 1, 2 or 5 times a power of ten, at most five."""
    step = 1.0
    while highest > 4 * step:
        step *= 2.5 if f"{step:g}"[0] == "2" else 2
    return max(step, math.ceil(highest / step) * step), step


# --- parts -----------------------------------------------------------------------------------------------------------


def _frame(count: int, y_range: tuple[float, float]) -> Frame:
    return Frame(_LEFT, _TOP, WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM, (0, max(1, count)), y_range)


def _grid(frame: Frame, values: Sequence[float], written: Callable[[float], str]) -> list[str]:
    marks = []
    for value in values:
        y = frame.y(value)
        marks.append(svg.line(frame.left, y, frame.right, y, "insight-grid"))
        marks.append(svg.label(frame.left - 7, y + 4, written(value), "insight-text", "end"))
    return marks


def _tick(x: float, frame: Frame, words: str, is_fine: bool) -> list[str]:
    classes = "insight-text insight-text--fine" if is_fine else "insight-text"
    return [svg.label(x, frame.bottom + 18, words, classes)] if words else []


def _unbroken(points: Sequence[Point], places: Sequence[float], frame: Frame) -> list[list[tuple[float, float]]]:
    parts: list[list[tuple[float, float]]] = [[]]
    for place, point in zip(places, points, strict=True):
        if point.value is None or point.value < frame.y_range[0]:
            parts.append([])
        else:
            parts[-1].append((place, frame.y(point.value)))
    return parts


def _told(marks: str, words: str) -> str:
    return f"<g>{marks}<title>{escape(words)}</title></g>"


def _drawing(marks: Sequence[str], frame: Frame, axes: Axes, description: str) -> str:
    named = [
        svg.label(2, 15, axes.y, "insight-text insight-text--axis", "start"),
        svg.label(frame.right, HEIGHT - 8, axes.x, "insight-text insight-text--axis", "end"),
        svg.line(frame.left, frame.bottom, frame.right, frame.bottom, "insight-axis"),
    ]
    return _svg("insight-chart", WIDTH, HEIGHT, [*marks, *named], description)


def _svg(classes: str, width: float, height: float, marks: Sequence[str], description: str) -> str:
    return (
        f'<svg class="{classes}" viewBox="0 0 {svg.place(width)} {svg.place(height)}" role="img" '
        f'aria-label="{escape(description)}">{"".join(marks)}</svg>'
    )
