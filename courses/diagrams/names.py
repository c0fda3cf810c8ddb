"""Names in a drawing: a long one takes two lines."""

from courses.diagrams.canvas import LARGE
from courses.svg import width_of

LINE = 22.0
BOLD = 1.15
"""How much wider bold letters are."""


def two_lines(name: str, most: float) -> list[str]:
    """The name; where it is wider than `most` on a phone and has several words, on two lines about as long."""
    if width_of(name, LARGE) <= most or " " not in name:
        return [name] if name else []
    spaces = [i for i, letter in enumerate(name) if letter == " "]
    middle = min(spaces, key=lambda i: abs(i - len(name) / 2))
    return [name[:middle], name[middle + 1 :]]
