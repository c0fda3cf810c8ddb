"""LaTeX → MathML."""

import functools
import html
import re
import xml.etree.ElementTree as ET

from latex2mathml.converter import convert_to_element

MAX_LENGTH = 2_000
PARTS = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2, "msubsup": 3, "munderover": 3}
# `aligned` stands inside other maths and is a table like `align*`, the name the converter knows.
ALIGNED = re.compile(r"\{(aligned|gathered)\}")


class FormulaError(ValueError):
    """The formula cannot be set; the message says why, in words for an author."""


# The texts of a lesson in its languages have the same formulas, and lessons share many.
@functools.lru_cache(maxsize=1_000)
def to_mathml(latex: str, *, display: bool) -> str:
    """Return `<math …>`; raises FormulaError. The result is well-formed, but has still to pass `cleaning.clean`."""
    if len(latex) > MAX_LENGTH:
        raise FormulaError(f"This formula is longer than {MAX_LENGTH} characters.")
    _check_braces(latex)
    try:
        element = convert_to_element(ALIGNED.sub("{align*}", latex), display="block" if display else "inline")
    except (Exception, RecursionError):  # the converter raises whatever its tables raise
        raise FormulaError(f"This formula is not complete: {_shorten(latex)}") from None
    for part in element.iter():
        if len(part) != PARTS.get(part.tag, len(part)):
            raise FormulaError(f"This formula is not complete: {_shorten(latex)}")
        part.text = html.unescape(part.text) if part.text else part.text
        if part.tag in {"mi", "mo"} and part.text and (part.text == "&" or re.match(r"\\[A-Za-z]", part.text)):
            raise FormulaError(f"“{part.text}” is not known in formulas: {_shorten(latex)}")
    element.set("alttext", latex.strip())
    return ET.tostring(element, encoding="unicode")


def _check_braces(latex: str) -> None:
    depth = 0
    for brace in re.findall(r"\\.|[{}]", latex, re.DOTALL):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        if depth < 0 or depth > 50:
            break
    if depth != 0:
        raise FormulaError(f"The braces of this formula do not match: {_shorten(latex)}")


def _shorten(latex: str) -> str:
    text = " ".join(latex.split())
    return text if len(text) <= 60 else text[:57] + "…"
