"""When two pieces of Python code are the same code, written by two hands. Pure.

Compared is token by token. No difference are: white space outside strings; the quotes of a string, 'relu' or "relu",
curly ones of a phone included; a comma before a closing bracket, unless it makes a tuple, as in `(2,)`; how a number is
written, 1e-3 or 0.001 or .001, as long as a whole number stays whole: 32 is not 32.0. Everything else counts: case,
names, order of arguments, `lr=` before a number.
"""

import re
from functools import lru_cache
from keyword import iskeyword
from token import EXACT_TOKEN_TYPES

_STRAIGHT = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "‚": "'", "\u00a0": " "})
_STRING = r"""(?P<prefix>[A-Za-z]{0,2})(?P<quotes>\"{3}|'{3}|["'])(?P<inside>(?:\\.|(?!(?P=quotes)).)*)(?P=quotes)"""
# Each part is taken once and never given back: a row of digits before a letter would be tried in all its parts.
_NUMBER = r"(?>[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?>[eE][+-]?[0-9]{1,4})?(?![A-Za-z0-9_.])"
_SIGNS = "|".join(re.escape(sign) for sign in sorted(EXACT_TOKEN_TYPES, key=len, reverse=True))
_TOKEN = re.compile(
    rf"(?P<comment>\#[^\n]*)|(?P<string>{_STRING})|(?P<number>{_NUMBER})|(?P<name>\w+)|(?P<sign>{_SIGNS})|(?P<other>\S)",
    re.DOTALL,
)
_CLOSING = {")": "(", "]": "[", "}": "{"}

Tokens = tuple[str, ...]


@lru_cache(maxsize=64)
def tokens(code: str) -> Tokens:
    """Return what is compared: the code's tokens, each in one form. Of any text, also of code that is not complete."""
    found = []
    for match in _TOKEN.finditer(code):
        kind, text = match.lastgroup, match[0]
        if match["string"] is not None:
            found.append(_string(match))
        elif kind == "number":
            found.append(_number(text))
        elif kind == "comment":
            found.append(" ".join(text.split()))
        else:
            found.append(text)
    return _without_last_commas(found)


def same_code(one: str, other: str) -> bool:
    return tokens(one) == tokens(other)


def straight(typed: str) -> str:
    """Return what was typed with straight quotes and plain spaces, for those that a phone puts in their place."""
    return typed.translate(_STRAIGHT).strip()


def _string(match: re.Match[str]) -> str:
    """Between double quotes, of which none inside needs a backslash: two strings never look alike that are not."""
    inside = re.sub(r"\\(['\"])", r"\1", match["inside"])
    return f'{match["prefix"].lower().replace("u", "")}"{inside}"'


def _number(text: str) -> str:
    """A whole number without leading noughts; any other as its digits, `e`, and its power of ten."""
    text = text.replace("_", "").lower()
    if text.isdigit():
        return text.lstrip("0") or "0"
    digits, _, power = text.partition("e")
    whole, _, fraction = digits.partition(".")
    exponent = int(power or 0) - len(fraction)
    significant = (whole + fraction).lstrip("0")
    shortest = significant.rstrip("0")
    return f"{shortest}e{exponent + len(significant) - len(shortest)}" if shortest else "0e0"


def _without_last_commas(found: list[str]) -> Tokens:
    """A comma before a closing bracket goes; it stays where it is the only one of a bracket that calls nothing."""
    kept: list[str] = []
    opened: list[tuple[str, bool, int]] = []
    for one in found:
        before = kept[-1] if kept else ""
        if one in _CLOSING.values():
            opened.append((one, _is_asked_of(one, before), 0))
        elif one in _CLOSING and opened:
            sign, asked, commas = opened.pop()
            if before == "," and (sign == "{" or (sign == "(") == asked or commas > 1):
                kept.pop()
        elif one == "," and opened:
            sign, asked, commas = opened[-1]
            opened[-1] = (sign, asked, commas + 1)
        kept.append(one)
    return tuple(kept)


def _is_asked_of(sign: str, before: str) -> bool:
    """Whether the bracket belongs to what stands before it: a call, or an index."""
    is_name = before.isidentifier() and not iskeyword(before)
    return sign != "{" and (is_name or before in {")", "]"} or before.endswith('"'))
