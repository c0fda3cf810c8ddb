"""How large drawings are, so that their words can be read on a phone.

One panel is `WIDTH` wide and shrinks with the screen; the style sheet then sets its words larger (`LARGE`), so a layout
leaves room for that. Several panels are `PANEL_WIDTH` wide each and wrap. What cannot be made narrow enough scrolls at
its natural size, with words of `NATURAL` size.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

WIDTH, PANEL_WIDTH = 480.0, 200.0
LARGE, CLOSE, NATURAL = 20.0, 18.0, 15.0
"""`CLOSE` is for drawings with much to say; on a phone of 360 pixels it still is more than 12."""
IN_PANEL = 17.0
"""The size of the words of a panel among several, on a phone."""

Options: TypeAlias = Mapping[str, str]


@dataclass(frozen=True)
class Panel:
    width: float
    height: float
    marks: list[str]
    scrolls: bool = False
