"""When two typed answers are the same answer."""

import re
import unicodedata

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−﹣", "-"))
# Between digits, and before one, these belong to a number: 0.01, -1, 1e-4, 10,000.
_PUNCTUATION = re.compile(r"[.,\-](?!\d)|[;:!?\"'`()\[\]{}…。、「」『』《》〈〉【】·‘’“”_\s]")


def normal(text: str) -> str:
    """Return what is compared: no case, width, spacing, hyphens or simple punctuation.

    Spaces go altogether, for a space between Chinese and Latin is a matter of taste. A text of nothing but
    punctuation stays as it is.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).translate(_DASHES)
    visible = "".join(sign for sign in folded if unicodedata.category(sign) != "Cf")
    return _PUNCTUATION.sub("", visible) or visible.strip()
