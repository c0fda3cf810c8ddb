"""Plain text ↔ Markdown. Pure."""

import re
from html import unescape

from courses.rendering import render_fragment
from quizzes.interchange.html_markdown import from_html
from quizzes.interchange.markdown_signs import WHITE, cleaned, literal, unescaped

__all__ = ["from_html", "from_plain", "to_plain"]

_BLANK_LINES = re.compile(r"\n(?:[^\S\n]*\n)+")
_INDENT = re.compile(r"^ +", re.MULTILINE)
# Formulas are passed over: a backslash is part of them.
_WRITTEN = re.compile(
    r"\$\$(?:\\.|[^\\$])+?\$\$|(?<!\\)\$(?!\s)(?:\\.|[^\\$\n])+?(?<!\s)\$"
    r"|\\(?P<sign>[\\`*_{\[>#+\-.$=|])|(?P<hard>  \n)|(?P<soft>(?<!\n)\n(?!\n))"
)
_FORMULA = re.compile(r'<math [^>]*?alttext="([^"]*)".*?</math>', re.DOTALL)
_BLOCK_END = re.compile(r"</(?:p|pre|h[1-6]|blockquote|ul|ol|table|div)>\s*|</(?:li|tr)>\s*|<br>\s*|<hr>\s*")
_TAG = re.compile(r"<[^<>]*>")


def from_plain(text: str) -> str:
    """Return Markdown that shows the text as it is: its paragraphs, lines and indents; `$maths$` stays maths."""
    paragraphs = _BLANK_LINES.split(cleaned(text).strip(WHITE))
    return "\n\n".join(_paragraph(paragraph) for paragraph in paragraphs)


def _paragraph(text: str) -> str:
    lines = [line.rstrip(WHITE).expandtabs(4) for line in text.split("\n")]
    indented = _INDENT.sub(lambda indent: "\xa0" * len(indent[0]), "\n".join(lines))
    written = literal(indented).replace("\n", "  \n")
    # Markdown strips what a paragraph begins with, other white space than the usual too; but not as an entity.
    return f"&#{ord(written[0])};{written[1:]}" if written[:1].isspace() else written


def to_plain(markdown: str) -> str:
    """Return the words of the Markdown without its marks; a formula stays `$…$`.

    `from_plain(to_plain(markdown)) == markdown` tells that there were no marks to lose.
    """
    text = unescaped(_WRITTEN.sub(_read, markdown))
    return text if from_plain(text) == markdown else _words(render_fragment(markdown))


def _read(found: re.Match[str]) -> str:
    if found["sign"]:
        return found["sign"]
    if found["hard"] or found["soft"]:
        return "\n" if found["hard"] else " "
    return found[0]


def _words(html: str) -> str:
    with_maths = _FORMULA.sub(r"$\1$", html)
    lines = _BLOCK_END.sub("\n", with_maths.replace("\n", " ") if "<pre" not in with_maths else with_maths)
    return unescape(_TAG.sub("", lines)).strip(WHITE)
