"""When two typed answers are the same answer, and when one fits a pattern."""

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

MAX_TYPED = 300
"""Characters of an answer that is typed. Longer ones are refused."""

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−﹣", "-"))
# Between digits, and before one, these belong to a number: 0.01, -1, 1e-4, 10,000.
_PUNCTUATION = re.compile(r"[.,\-](?!\d)|[;:!?\"'`()\[\]{}…。、「」『』《》〈〉【】·‘’“”_\s]")
# A star of either width; after a backslash it is a star to be typed, and two backslashes are one.
_STAR = re.compile(r"\\([*＊\\])|[*＊]")

Typed = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TYPED, strip_whitespace=True)]


def normal(text: str, *, case: bool = False) -> str:
    """Return what is compared: no case (unless it matters), width, spacing, hyphens or simple punctuation.

    Spaces go altogether, for a space between Chinese and Latin is a matter of taste. A text of nothing but
    punctuation stays as it is.
    """
    visible = _visible(text, case=case)
    return _PUNCTUATION.sub("", visible) or visible.strip()


def fits(text: str, pattern: str, *, case: bool = False) -> bool:
    """Whether a typed answer is what a `Pattern` stands for.

    Linear in the length of the answer: the stretches between the stars are looked for from left to right, each once,
    where it first occurs after the one before it. If any place will do, the first one does.
    """
    given, stretches = normal(text, case=case), _stretches(pattern)
    if len(stretches) == 1:
        return given == normal(stretches[0], case=case)
    first, *between, last = (_PUNCTUATION.sub("", _visible(stretch, case=case)) for stretch in stretches)
    at, end = len(first), len(given) - len(last)
    if at > end or not given.startswith(first) or not given.endswith(last):
        return False
    for stretch in between:
        found = given.find(stretch, at, end)
        if found < 0:
            return False
        at = found + len(stretch)
    return True


def readable(pattern: str) -> str:
    """Return an answer that fits the pattern, as one would show it: … for each star."""
    return "…".join(_stretches(pattern))


def _visible(text: str, *, case: bool) -> str:
    composed = unicodedata.normalize("NFKC", text)
    folded = composed if case else unicodedata.normalize("NFKC", composed.casefold())
    return "".join(sign for sign in folded.translate(_DASHES) if unicodedata.category(sign) != "Cf")


def _stretches(pattern: str) -> list[str]:
    """Return what stands before, between and after the stars."""
    stretches, at = [""], 0
    for found in _STAR.finditer(pattern):
        stretches[-1] += pattern[at : found.start()] + (found[1] or "")
        if found[1] is None:
            stretches.append("")
        at = found.end()
    stretches[-1] += pattern[at:]
    return stretches


def _says_something(pattern: str) -> str:
    stretches = _stretches(pattern)
    words = _PUNCTUATION.sub("", _visible("".join(stretches), case=True))
    if not (words or (len(stretches) == 1 and normal(pattern))):
        raise ValueError(f"{pattern!r} would accept any answer: write what must stand beside the star")
    return pattern


Pattern = Annotated[Typed, AfterValidator(_says_something)]
r"""A text to be typed, in which `*` stands for any run of characters, none included, and `\*` for a star."""
