"""What was typed beside what was to be recalled: which words are the same, which are too much, which are missing. Pure.

Words are compared whole, Chinese, Japanese and Korean text sign by sign, for no spaces stand between its words. Width,
case and spacing do not matter, as where typed answers are marked (`kinds.typed_text`); code keeps its signs, each by
itself. The pieces are those of a longest common subsequence, so that as little as possible is called wrong.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Literal

MAX_TYPED: Final = 2000
"""Characters that are compared; what is longer is cut."""
_MAX_CELLS: Final = 250_000
"""Words typed times words expected: beyond it (a tenth of a second) what differs is told as one piece."""

_MAX_SLIP: Final = 100
"""Signs of an answer in which a slip is looked for."""
_MAX_ANSWERS: Final = 20

_HAN: Final = "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_WORD: Final = re.compile(rf"\s+|[{_HAN}]|[^\W{_HAN}]+(?:['’][^\W{_HAN}]+)*|.", re.DOTALL)
_SIGN: Final = re.compile(r"\s+|.", re.DOTALL)
_BLOCK: Final = re.compile(r"</(?:p|li|div|tr|h\d|pre|blockquote|dd|dt)>|<br ?/?>")

Kind = Literal["same", "extra", "missing"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text: in both, `extra` (typed, not expected) or `missing` (expected, not typed)."""

    kind: Kind
    text: str

    @property
    def words(self) -> str:
        return self.text.rstrip()

    @property
    def space(self) -> str:
        """What stands between it and the next one, to be left unmarked."""
        return self.text[len(self.words) :]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`pieces` in reading order. `same` and `expected` count words (signs of Chinese), without punctuation."""

    pieces: Sequence[Piece]
    same: int
    expected: int

    @property
    def is_same(self) -> bool:
        """Whether nothing but punctuation, width, case and spacing differs."""
        return not any(piece.kind != "same" and _says_something(piece.text) for piece in self.pieces)


def compare(typed: str, expected: str, *, by_sign: bool = False) -> Comparison:
    """Return what was typed against what was expected, both plain text; `by_sign` for a single word."""
    pattern = _SIGN if by_sign else _WORD
    given, wanted = (_tokens(text[:MAX_TYPED].strip(), pattern) for text in (typed, expected))
    steps = list(_steps(given, wanted))
    pieces = [Piece(kind, "".join(text for _, text in run)) for kind, run in groupby(steps, key=_kind_of)]
    counted = [kind for kind, text in steps if _says_something(text)]
    same = sum(kind == "same" for kind in counted)
    return Comparison(pieces, same, same + sum(kind == "missing" for kind in counted))


def slip(typed: str, answers: Sequence[str]) -> Comparison | None:
    """Return what was typed against the nearest of the right answers, sign by sign, where it missed by a few signs (at
    most a third of both); None where it is another answer."""
    found = [compare(typed, answer, by_sign=True) for answer in answers[:_MAX_ANSWERS] if len(answer) <= _MAX_SLIP]
    nearest = min(found, key=_wrong, default=None) if len(typed) <= _MAX_SLIP else None
    if nearest is None or nearest.is_same or 3 * _wrong(nearest) > nearest.expected + nearest.same:
        return None
    return nearest


def _wrong(comparison: Comparison) -> int:
    """Return how many signs are too much or missing."""
    return sum(len(piece.text.strip()) for piece in comparison.pieces if piece.kind != "same")


def breaks(html: str) -> str:
    """Return HTML in which every block ends in a new line, so that no two words grow together without its tags."""
    return _BLOCK.sub(lambda found: found[0] + "\n", html)


def _kind_of(step: tuple[Kind, str]) -> Kind:
    return step[0]


def _says_something(text: str) -> bool:
    """Whether there is more than spaces and punctuation."""
    return any(unicodedata.category(sign)[0] not in "PZC" for sign in text)


def _normal(token: str) -> str:
    if token.isspace():
        return " "
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", token).casefold())
    return folded.translate(_ALIKE)


_ALIKE: Final = str.maketrans("’‘“”。、，；：？！（）【】《》—–−", "''\"\".,,;:?!()[]<>---")


def _tokens(text: str, pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    """Return each token as (what is compared, what was written)."""
    composed = unicodedata.normalize("NFC", text)
    return [(_normal(found), found) for found in pattern.findall(composed)]


def _steps(given: list[tuple[str, str]], wanted: list[tuple[str, str]]) -> Iterator[tuple[Kind, str]]:
    """Yield (kind, text) token by token. Spaces hang on the word before them and are never wrong by themselves."""
    left, right = _without_spaces(given), _without_spaces(wanted)
    head = _common(left, right)
    tail = _common(left[head:][::-1], right[head:][::-1])
    yield from (("same", text) for _, text in right[:head])
    yield from _middle(left[head : len(left) - tail], right[head : len(right) - tail])
    yield from (("same", text) for _, text in right[len(right) - tail :])


def _without_spaces(tokens: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    joined: list[tuple[str, str]] = []
    for normal, text in tokens:
        if normal == " " and joined:
            joined[-1] = (joined[-1][0], joined[-1][1] + " ")
        elif normal != " ":
            joined.append((normal, text))
    return joined


def _common(left: Sequence[tuple[str, str]], right: Sequence[tuple[str, str]]) -> int:
    """Return how many tokens both begin with."""
    found = 0
    for (one, _), (other, _) in zip(left, right, strict=False):
        if one != other:
            break
        found += 1
    return found


def _middle(left: Sequence[tuple[str, str]], right: Sequence[tuple[str, str]]) -> Iterator[tuple[Kind, str]]:
    """Yield the steps of a longest common subsequence: what is too much before what is missing in its place."""
    if len(left) * len(right) > _MAX_CELLS:
        yield from (("extra", text) for _, text in left)
        yield from (("missing", text) for _, text in right)
        return
    length = _lengths(left, right)
    at, to = 0, 0
    while at < len(left) or to < len(right):
        if at < len(left) and to < len(right) and left[at][0] == right[to][0]:
            yield "same", right[to][1]
            at, to = at + 1, to + 1
        elif to == len(right) or (at < len(left) and length(at + 1, to) >= length(at, to + 1)):
            yield "extra", left[at][1]
            at += 1
        else:
            yield "missing", right[to][1]
            to += 1


def _lengths(left: Sequence[tuple[str, str]], right: Sequence[tuple[str, str]]) -> Callable[[int, int], int]:
    """Return a function that gives the length of the longest common subsequence of `left[at:]` and `right[to:]`."""
    rows = [[0] * (len(right) + 1)]
    for normal, _ in reversed(left):
        below, row = rows[-1], [0]
        for to in range(len(right) - 1, -1, -1):
            if normal == right[to][0]:
                row.append(below[to + 1] + 1)
            else:
                row.append(max(below[to], row[-1]))
        rows.append(row[::-1])
    rows.reverse()
    return lambda at, to: rows[at][to]
