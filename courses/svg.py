"""Marks of an SVG drawing as text, and the frame that maps values to places. No colours: those hang on the classes."""

import math
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape


def place(value: float) -> str:
    """A coordinate: two decimals are finer than any screen."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def figure(value: float) -> str:
    """A number as a reader writes it: six significant digits, a real minus sign."""
    text = f"{value:.6g}" if value else "0"
    return text.replace("-", "−")


def rounded(value: float, digits: int) -> float:
    """To so many significant digits."""
    return float(f"{value:.{digits}g}")


def in_brackets(value: float) -> str:
    return f"({figure(value)})" if value < 0 else figure(value)


def subscript(index: int) -> str:
    return str(index).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def width_of(words: str, size: float) -> float:
    """About how wide the words are in a sans-serif of this size; a Chinese character is as wide as it is high.

    Generous: figures of 0.6 are wider than most fonts have them."""
    return size * sum(1 if unicodedata.east_asian_width(letter) in "WF" else 0.6 for letter in words)


def line(x1: float, y1: float, x2: float, y2: float, classes: str) -> str:
    return f'<line class="{classes}" x1="{place(x1)}" y1="{place(y1)}" x2="{place(x2)}" y2="{place(y2)}"/>'


def circle(x: float, y: float, radius: float, classes: str) -> str:
    return f'<circle class="{classes}" cx="{place(x)}" cy="{place(y)}" r="{place(radius)}"/>'


def label(x: float, y: float, words: str, classes: str = "d-label", anchor: str = "middle") -> str:
    return f'<text class="{classes}" x="{place(x)}" y="{place(y)}" text-anchor="{anchor}">{escape(words)}</text>'


def rectangle(x: float, y: float, width: float, height: float, classes: str, corner: float = 0) -> str:
    corners = f' rx="{place(corner)}"' if corner else ""
    size = f'width="{place(width)}" height="{place(height)}"'
    return f'<rect class="{classes}" x="{place(x)}" y="{place(y)}" {size}{corners}/>'


def polyline(points: Sequence[tuple[float, float]], classes: str) -> str:
    places = " ".join(f"{place(x)},{place(y)}" for x, y in points)
    return f'<polyline class="{classes}" points="{places}"/>'


def arrow_head(x1: float, y1: float, x2: float, y2: float, classes: str, size: float = 8) -> str:
    """A triangle with its tip at (x2, y2), pointing away from (x1, y1)."""
    angle = math.atan2(y2 - y1, x2 - x1)
    corners = [(x2, y2)] + [
        (x2 - size * math.cos(angle + turn), y2 - size * math.sin(angle + turn)) for turn in (0.45, -0.45)
    ]
    places = " ".join(f"{place(x)},{place(y)}" for x, y in corners)
    return f'<polygon class="{classes}" points="{places}"/>'


@dataclass(frozen=True)
class Frame:
    """A rectangle of the drawing and the ranges of values its sides stand for."""

    left: float
    top: float
    width: float
    height: float
    x_range: tuple[float, float]
    y_range: tuple[float, float]

    @property
    def bottom(self) -> float:
        return self.top + self.height

    @property
    def right(self) -> float:
        return self.left + self.width

    def x(self, value: float) -> float:
        low, high = self.x_range
        return self.left + (value - low) / (high - low) * self.width

    def y(self, value: float) -> float:
        low, high = self.y_range
        return self.bottom - (value - low) / (high - low) * self.height

    def at(self, x: float, y: float) -> tuple[float, float]:
        return self.x(x), self.y(y)

    def curve(self, function: Callable[[float], float], classes: str, samples: int = 64) -> str:
        """The function over the whole width; the part above the frame is left out."""
        low, high = self.x_range
        xs = [low + (high - low) * i / samples for i in range(samples + 1)]
        return polyline([self.at(x, function(x)) for x in xs if function(x) <= self.y_range[1] * 1.0001], classes)
