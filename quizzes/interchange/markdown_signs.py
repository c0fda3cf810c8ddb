"""What means something in Engram's Markdown, and how it is written to mean nothing. Pure."""

import re
from html import unescape
from typing import Final

WHITE: Final = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a" + (
    "\u2028\u2029\u202f\u205f\u3000"
)
"""What the texts of a question never begin or end with."""

PLACE: Final = "\uf8fe"
"""Stands for what is put into a text later. No text of a file holds it."""

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# As the Markdown finds formulas, but within one line and of a bounded length.
_MATHS = (
    r"\$\$(?:\\[^\n`]|[^\\$`]){1,2000}?\$\$|\$(?!\s)(?:\\[^\n`]|[^\\$\n`]){1,2000}?(?<!\s)\$"
    r"|\\\((?:\\[^)\n`]|[^\\\n`]){1,500}?\\\)|\\\[(?:\\[^\]\n`]|[^\\`]){1,500}?\\\]"
)
_SIGN = re.compile(
    rf"(?P<maths>{_MATHS})|(?P<entity>&(?=#|[A-Za-z0-9]{{1,32}};))|(?P<tag><(?=[A-Za-z/!?]))|(?P<tildes>~(?=~~))"
    r"|(?P<sign>[\\`*\[{$]|(?<![^\W_])_|_(?![^\W_])|(?<==)=|=(?==))"
)
_LINE_START = re.compile(r"(?P<sign>[#>]|[-+](?![\w$.,(])|=(?=\s*$))|(?P<number>[0-9]+)(?=\.(?:\s|$))")
_TABLE_RULE = re.compile(r"[:\s-]*\|[|:\s-]*")


def cleaned(text: str) -> str:
    """Return the text with line feeds as its only line ends, and without signs that no text has."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def unescaped(text: str) -> str:
    """Return the text with its HTML entities read, of a bounded length each."""
    return _ENTITY.sub(lambda entity: cleaned(unescape(entity[0])).replace(PLACE, ""), text)


def literal(paragraph: str) -> str:
    """Return Markdown that shows these words, which may be in several lines, as they are; formulas stay formulas.

    A display formula in the middle of words becomes one of the line: elsewhere the Markdown knows none.
    """
    alone = paragraph.strip(WHITE)
    written = _SIGN.sub(lambda found: _harmless(found, found[0] == alone), paragraph)
    return "\n".join(_harmless_start(line) for line in written.split("\n"))


def _harmless(found: re.Match[str], alone: bool) -> str:
    match found.lastgroup:
        case "maths":
            return _formula(found[0], alone)
        case "entity":
            return "&amp;"
        case "tag":
            return "&lt;"
        case "tildes":
            return "&#126;"
    return f"\\{found[0]}"


def _formula(maths: str, alone: bool) -> str:
    if alone or not maths.startswith(("$$", r"\[")):
        return maths
    inside = " ".join(maths[2:-2].split())
    if inside and "$" not in inside:
        return f"${inside}$"
    return "".join(f"\\{sign}" if sign in r"\[$" else sign for sign in maths)


def _harmless_start(line: str) -> str:
    bare = line.replace("|", r"\|") if _TABLE_RULE.fullmatch(line) else line
    start = _LINE_START.match(bare)
    if start is None:
        return bare
    return f"\\{bare}" if start["sign"] else rf"{start['number']}\{bare[start.end() :]}"
