"""`split`: the rows of a data set from the first to the last, and which of them train, validate and test."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from courses.diagrams.canvas import LARGE, NATURAL, WIDTH, Options, Panel
from courses.diagrams.options import number, words
from courses.svg import figure, label, line, polyline, rectangle, rounded, width_of

MAX_ROWS, MAX_STRIPES = 1_000_000, 40
TOP, HEIGHT, LEFT, BAR, TEXT = 12.0, 240.0, 92.0, 130.0, 262.0
APART = 56.0
KINDS = ("training", "validation", "test")


@dataclass(frozen=True)
class _Share:
    kind: str
    name: str
    rows: int
    first: int
    """The number of its first row, from 0."""


def split(options: Options) -> list[Panel]:
    total, counts = _counts(options)
    kinds = [kind for kind in KINDS if counts[kind]]
    names = words(options.get("labels", "")) or kinds
    if len(names) != len(kinds):
        raise ValueError(f"labels=… needs {len(kinds)} names with commas between them, not {len(names)}.")
    shares: list[_Share] = []
    for kind, name in zip(kinds, names, strict=True):
        shares.append(_Share(kind, name, counts[kind], sum(share.rows for share in shares)))
    widest = max(width_of(name, LARGE) for name in names)
    scrolls = TEXT + widest > WIDTH
    width = max(WIDTH + 1, TEXT + max(width_of(name, NATURAL) for name in names) + 8) if scrolls else WIDTH
    return [Panel(width, TOP + HEIGHT + 12, _marks(shares, total), scrolls)]


def _counts(options: Options) -> tuple[int, dict[str, int]]:
    """As scikit-learn and Keras count: the test rows first, then `validation_split` of what is left, rounded down."""
    total = number(options, "total")
    if total != int(total) or not 2 <= total <= MAX_ROWS:
        raise ValueError(f"total: a whole number of rows from 2 to {MAX_ROWS}.")
    validation, test = (_share(options, key) for key in ("validation", "test"))
    if validation + test >= 1 or not validation + test:
        raise ValueError("validation and test are shares of the total: together more than 0 and less than 1.")
    rows = int(total)
    tested = math.floor(rows * test)
    trained = math.floor((rows - tested) * (1 - validation / (1 - test)))
    counts = {"training": trained, "validation": rows - tested - trained if validation else 0, "test": tested}
    if not validation:
        counts["training"] = rows - tested
    if not trained or (validation and not counts["validation"]) or (test and not tested):
        raise ValueError(f"total: {rows} rows are too few for these shares; every part needs at least one.")
    return rows, counts


def _share(options: Options, key: str) -> Fraction:
    share = number(options, key, 0)
    if not 0 <= share < 1:
        raise ValueError(f"{key}: a share of the total, from 0 to less than 1, such as 0.2.")
    return Fraction(str(share))


def _marks(shares: Sequence[_Share], total: int) -> list[str]:
    scale = HEIGHT / total
    marks = [
        label(LEFT - 10, TOP + 14, "1", "d-label d-muted", "end"),
        label(LEFT - 10, TOP + HEIGHT - 2, str(total), "d-label d-muted", "end"),
    ]
    for share in shares:
        top = TOP + share.first * scale
        marks.append(rectangle(LEFT, top, BAR, share.rows * scale, f"d-rows d-rows--{share.kind}"))
    stripes = min(total, MAX_STRIPES)
    for i in range(1, stripes):
        y = TOP + HEIGHT * i / stripes
        marks.append(line(LEFT, y, LEFT + BAR, y, "d-stripe"))
    for share in shares[1:]:
        y = TOP + share.first * scale
        marks.append(line(LEFT - 6, y, LEFT + BAR + 6, y, "d-cut"))
    middles = [TOP + (share.first + share.rows / 2) * scale for share in shares]
    for share, middle, y in zip(shares, middles, _apart(middles), strict=True):
        start = LEFT + BAR + 6
        marks.append(polyline([(start, middle), (start + 10, middle), (TEXT - 18, y), (TEXT - 8, y)], "d-leader"))
        marks.append(label(TEXT, y - 5, share.name, "d-label d-name", "start"))
        words_ = f"{share.rows} · {figure(rounded(100 * share.rows / total, 3))}%"
        marks.append(label(TEXT, y + 19, words_, "d-label d-muted", "start"))
    return marks


def _apart(middles: Sequence[float]) -> list[float]:
    """The same places, moved as little as keeps them `APART` and inside of the drawing."""
    ys = list(middles)
    for i in range(len(ys)):
        ys[i] = max(ys[i], ys[i - 1] + APART if i else TOP + 22)
    for i in reversed(range(len(ys))):
        ys[i] = min(ys[i], ys[i + 1] - APART if i + 1 < len(ys) else TOP + HEIGHT - 24)
    return ys
