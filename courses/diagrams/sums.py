"""A calculation written out under a drawing, on as many lines as it needs."""

from collections.abc import Sequence

from courses.diagrams.canvas import LARGE, WIDTH
from courses.svg import figure, label, width_of

LINE = 27.0


def signed(values: Sequence[float]) -> list[str]:
    """The terms of a sum: `0.4`, `− 0.36`, `+ 0.1`."""
    first, *rest = values
    return [figure(first), *(f"{'−' if value < 0 else '+'} {figure(abs(value))}" for value in rest)]


def lines_of(pieces: Sequence[str]) -> list[str]:
    """The pieces with spaces between them, broken where a line would be wider than the drawing on a phone."""
    lines = [pieces[0]]
    for piece in pieces[1:]:
        longer = f"{lines[-1]} {piece}"
        if width_of(longer, LARGE) <= WIDTH - 16:
            lines[-1] = longer
        else:
            lines.append(piece)
    return lines


def written(lines: Sequence[str], centre: float, top: float, classes: str = "d-label d-count") -> list[str]:
    return [label(centre, top + LINE * row, words, classes) for row, words in enumerate(lines)]
