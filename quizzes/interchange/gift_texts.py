"""The texts of a GIFT question, in whatever format it marks them, as Markdown. Pure.

`[markdown]` is Markdown already. `[html]` is HTML; so is `[moodle]`, which is meant where no format is given, with its
line ends as breaks. `[plain]` shows every sign as it is.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from quizzes.interchange.gift_syntax import unescape
from quizzes.interchange.markdown_signs import WHITE, cleaned
from quizzes.interchange.plain_markdown import from_html, from_plain, to_plain

FORMAT: Final = re.compile(r"\[(markdown|html|plain|moodle)\]")
ARROW: Final = "->"
"""What stands between the two sides of a pair, and makes pairs of all answers where it stands in one."""
_LITERAL = re.compile(r"[`$<\\]|^ {4}|^\t", re.MULTILINE)


def without_arrow(markdown: str) -> str | None:
    """Return Markdown that shows the same without a `->` in it; None where it cannot be written otherwise."""
    if ARROW not in markdown:
        return markdown
    return None if _LITERAL.search(markdown.replace(r"-\>", "")) else markdown.replace(ARROW, r"-\>")


@dataclass
class GiftTexts:
    """`default`: the format of the question's text, which its other texts have unless they name one."""

    default: str = "moodle"
    notes: list[str] = field(default_factory=list)

    def prompt(self, raw: str) -> str:
        """Return the question's own text; its format becomes the default."""
        text = raw.lstrip(WHITE)
        found = FORMAT.match(text)
        self.default = found[1] if found else self.default
        return self.markdown(text)

    def markdown(self, raw: str) -> str:
        text_format, text = self._divided(raw)
        if text_format == "markdown":
            return text
        if text_format == "plain":
            return from_plain(text)
        written, notes = from_html(text, keep_lines=text_format == "moodle")
        self.notes += notes
        return written

    def plain(self, raw: str) -> str | None:
        """Return a text for a place that shows no markup; None where it has some."""
        text_format, text = self._divided(raw)
        if text_format == "plain":
            return text
        written = self.markdown(raw)
        words = to_plain(written)
        return words if from_plain(words) == written else None

    def pattern(self, raw: str) -> str:
        """Return what a typed answer is compared with: never HTML or Markdown, whatever the format of the question."""
        text = raw.strip(WHITE)
        found = FORMAT.match(text)
        return cleaned(unescape(text[found.end() :] if found else text)).strip(WHITE)

    def _divided(self, raw: str) -> tuple[str, str]:
        text = raw.strip(WHITE)
        found = FORMAT.match(text)
        said = cleaned(unescape(text[found.end() :] if found else text)).strip(WHITE)
        return (found[1] if found else self.default), said
