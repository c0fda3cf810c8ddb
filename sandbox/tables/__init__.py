"""A learner's own CSV → columns that can be trained on, and a report of everything that cannot. Pure: no numpy.

    bytes → cells (`table_reading`) → numbers or categories → columns without use left out → whole rows

A number column holds finite numbers; a category column at most 50 different texts. As a target, categories and whole
numbers with at most 10 different values are classes, any other number is a regression.
"""

import hashlib
import math
import re
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import compress
from typing import Any, Literal

from sandbox.spec.base import MAXIMA
from sandbox.spec.data import IncompleteError, TableColumn, TableData
from sandbox.tables.reading import MAX_NAME, Grid, Remark, TableError, clean, read_grid

__all__ = [
    "Column", "Remark", "Table", "TableError", "class_of", "complete", "describes", "leaks", "listed", "read_table",
]  # fmt: skip

FEWEST_ROWS = 10
FEW_VALUES = 10
"""Whole numbers with at most so many different values can be classes."""
LARGEST = 3.4028234e38
"""The engine computes in float32: beyond is infinity."""
EXACT = 2**24
"""Beyond, float32 cannot tell neighbouring whole numbers apart."""
NUMBER_SHARE = 0.9

Kind = Literal["number", "category"]
Value = float | str

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_MISSING = {"", "na", "n/a", "null", "?", "#n/a", "#null!", "#ref!", "#name?", "#value!", "缺失"}
_NOT_FINITE = {"nan", "inf", "infinity", "#num!", "#div/0!", "1.#inf", "1.#qnan", "-nan"}
_DASHES = {"-", "--", "–", "—", "."}
_NAMES_OF_IDENTIFIERS = re.compile(r"(.*[\s_-])?(id|no\.?|nr\.?|index|key|uuid)|#1|.*(编号|序号|学号)", re.IGNORECASE)


@dataclass(frozen=True)
class Column:
    """A column of use. `classes` are what it can tell apart as a target, with their `counts`: the categories, or few
    whole numbers; empty for any other number. Columns of one table that part its rows alike have one `fingerprint`."""

    name: str
    kind: Kind
    classes: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    low: float | None = None
    high: float | None = None
    fingerprint: str = ""

    @property
    def categories(self) -> tuple[str, ...]:
        return self.classes if self.kind == "category" else ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_json(cls, stored: Mapping[str, Any]) -> "Column":
        return cls(**{**stored, "classes": tuple(stored["classes"]), "counts": tuple(stored["counts"])})


@dataclass(frozen=True)
class Table:
    """`cells` has one list of `rows` values for each column; none where only the description was kept."""

    columns: tuple[Column, ...]
    rows: int
    report: tuple[Remark, ...] = ()
    cells: tuple[Sequence[Value], ...] = ()

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)

    def values(self, name: str) -> Sequence[Value]:
        """The cells of a column that is there."""
        return next(cells for column, cells in zip(self.columns, self.cells, strict=True) if column.name == name)


def read_table(content: bytes) -> Table:
    """Raises TableError, and nothing else, whatever the bytes are."""
    grid = read_grid(content)
    if len(grid.rows) < FEWEST_ROWS:
        raise TableError("too_few_rows", report=grid.remarks, count=len(grid.rows), least=FEWEST_ROWS)
    drafts = [_draft(name, cells, grid) for name, cells in zip(grid.names, zip(*grid.rows, strict=True), strict=True)]
    report = [*grid.remarks]
    kept = _without_useless(drafts, len(grid.rows), report)
    kept, whole = _with_whole_rows(kept, len(grid.rows), report)
    kept = _within_inputs(_without_constant(kept, report), report)
    return _table(kept, whole, report)


def _table(drafts: Sequence["_Draft"], rows: int, report: Sequence[Remark]) -> Table:
    if len(drafts) < 2:
        raise TableError("too_few_columns", report=report, count=len(drafts))
    if rows < FEWEST_ROWS:
        raise TableError("too_few_rows", report=report, count=rows, least=FEWEST_ROWS)
    return Table(tuple(map(_column, drafts)), rows, tuple(report), tuple(draft.values for draft in drafts))


def class_of(value: Value) -> str:
    """The name of the class that a target's value stands for."""
    return value if isinstance(value, str) else f"{value:.0f}"


# --- what a spec says of a table --------------------------------------------------------------------------------------


def complete(data: TableData, table: Table) -> TableData:
    """`data` with the rows, inputs and classes of `table`. Raises IncompleteError where there is no such target."""
    target = table.column(data.target)
    if target is None:
        known = listed([column.name for column in table.columns])
        raise IncompleteError("target", "unknown_target", target=data.target, columns=known)
    inputs = [column for column in table.columns if column is not target]
    columns = tuple(TableColumn(name=column.name, categories=column.categories) for column in inputs)
    return data.model_copy(update={"rows": table.rows, "columns": columns, "classes": target.classes})


def describes(data: TableData, table: Table) -> bool:
    """Whether `data` has been completed from this very table."""
    return table.column(data.target) is not None and complete(data, table) == data


def leaks(table: Table, target: str) -> list[str]:
    """Names of columns that tell the target: equal to it, or in one-to-one correspondence with its values."""
    wanted = table.column(target)
    if wanted is None:
        return []
    alike = [column for column in table.columns if column.fingerprint == wanted.fingerprint]
    return [column.name for column in alike if column is not wanted]


def listed(names: Sequence[str]) -> str:
    """At most twenty names in one line."""
    quoted = [f"“{name}”" for name in names[:20]]
    return ", ".join([*quoted, "…"] if len(names) > 20 else quoted)


# --- cells → values ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Draft:
    """A column on its way: None is a missing value. `counts` is of those that are there."""

    name: str
    kind: Kind
    values: Sequence[Any]
    counts: Mapping[Value, int]
    remarks: list[Remark] = field(default_factory=list)

    @property
    def present(self) -> int:
        return sum(self.counts.values())


def _draft(name: str, cells: Sequence[str], grid: Grid) -> _Draft:
    raw = Counter(cells)
    read = {cell: _value(cell, grid.has_decimal_commas) for cell in raw}
    remarks = _not_finite(name, raw, read)
    kind: Kind = "number" if _is_number(raw, read) else "category"
    if kind == "number":
        remarks += _not_numbers(name, raw, read)
        meant: dict[str, Any] = {cell: value if _is_finite(value) else None for cell, value in read.items()}
    else:
        meant = {cell: _text(cell, value) for cell, value in read.items()}
    return _Draft(name, kind, [*map(meant.__getitem__, cells)], _counts(raw, meant), remarks)


def _value(cell: str, decimal_comma: bool) -> Value | None:
    """A number, infinity for what is no finite number, None for a missing value, else the text as it stands."""
    text = cell.strip()
    number = text.replace(",", ".") if decimal_comma and "." not in text else text
    if _NUMBER.fullmatch(number):
        value = float(number) + 0.0  # no −0
        return value if abs(value) <= LARGEST else math.inf
    folded = text.lower()
    if folded in _MISSING:
        return None
    return math.inf if folded.lstrip("+-") in _NOT_FINITE else clean(text) or None


def _text(cell: str, value: Value | None) -> str | None:
    """The category that a cell stands for: among words a number is a word too."""
    if value is None or value == math.inf:
        return None
    return value if isinstance(value, str) else clean(cell)


def _is_finite(value: Value | None) -> bool:
    return isinstance(value, float) and value != math.inf


def _is_number(raw: Mapping[str, int], read: Mapping[str, Value | None]) -> bool:
    """Numbers alone; or numbers and dashes; or many different numbers with a few words among them."""
    numbers = sum(raw[cell] for cell, value in read.items() if _is_finite(value))
    texts = {cell: raw[cell] for cell, value in read.items() if isinstance(value, str)}
    if not numbers or not texts:
        return bool(numbers)
    if all(cell.strip() in _DASHES for cell in texts):
        return True
    different = len({value for value in read.values() if _is_finite(value)})
    return different > FEW_VALUES and numbers >= NUMBER_SHARE * (numbers + sum(texts.values()))


def _counts(raw: Mapping[str, int], meant: Mapping[str, Any]) -> Mapping[Value, int]:
    counts: Counter[Value] = Counter()
    for cell, value in meant.items():
        if value is not None:
            counts[value] += raw[cell]
    return counts


def _not_finite(name: str, raw: Mapping[str, int], read: Mapping[str, Value | None]) -> list[Remark]:
    count = sum(raw[cell] for cell, value in read.items() if value == math.inf)
    return [Remark("not_finite", column=name, count=count)] if count else []


def _not_numbers(name: str, raw: Mapping[str, int], read: Mapping[str, Value | None]) -> list[Remark]:
    texts = [cell for cell, value in read.items() if isinstance(value, str)]
    if not texts:
        return []
    example = min(value for value in read.values() if isinstance(value, str))[:40]
    return [Remark("not_numbers", name, count=sum(raw[cell] for cell in texts), parameters={"example": example})]


# --- columns and rows without use -------------------------------------------------------------------------------------


def _without_useless(drafts: Iterable[_Draft], rows: int, report: list[Remark]) -> list[_Draft]:
    """Numbers that only look like identifiers stay where nothing else would be left to learn from."""
    judged = [(draft, _useless(draft, rows)) for draft in drafts]
    spare = sum(reason is None for _, reason in judged) < 2
    kept = []
    for draft, reason in judged:
        report += draft.remarks
        if reason is None or (spare and reason.code == "identifier" and draft.kind == "number"):
            kept.append(draft)
        else:
            report.append(reason)
    return kept


def _useless(draft: _Draft, rows: int) -> Remark | None:
    """Why nothing can be learned from the column, or with it."""
    missing, different = rows - draft.present, len(draft.counts)
    if not different:
        return Remark("empty_column", draft.name)
    if missing * 2 > rows:
        return _mostly_missing(draft, missing, rows)
    if different == 1:
        return Remark("constant", draft.name)
    if _is_identifier(draft):
        return Remark("identifier", draft.name)
    if draft.kind == "category":
        return _unfit_texts(draft)
    return None


def _unfit_texts(draft: _Draft) -> Remark | None:
    if len(draft.counts) > MAXIMA.classes:
        return Remark("many_texts", draft.name, count=len(draft.counts), parameters={"most": MAXIMA.classes})
    if max(len(str(text)) for text in draft.counts) > MAX_NAME:
        return Remark("long_texts", draft.name, parameters={"most": MAX_NAME})
    return None


def _is_identifier(draft: _Draft) -> bool:
    """Every value different, and texts, or whole numbers that run on, are called so, or are too large to tell apart."""
    if len(draft.counts) < draft.present:
        return False
    if draft.kind == "category":
        return True
    numbers = [number for number in draft.counts if isinstance(number, float)]
    if not all(number.is_integer() for number in numbers):
        return False
    runs_on = max(numbers) - min(numbers) < 1.25 * len(numbers)
    return runs_on or min(numbers) > EXACT or bool(_NAMES_OF_IDENTIFIERS.fullmatch(draft.name))


def _mostly_missing(draft: _Draft, missing: int, rows: int) -> Remark:
    return Remark("mostly_missing", draft.name, count=missing, parameters={"rows": rows})


def _with_whole_rows(drafts: list[_Draft], rows: int, report: list[Remark]) -> tuple[list[_Draft], int]:
    """Leave out the rows in which a value is missing; where not even a tenth would be left, leave out the columns with
    the most missing values first, as long as two remain."""
    holes = {draft.name: _holes(draft) for draft in drafts if draft.present < rows}
    by_name = {draft.name: draft for draft in drafts}
    fewest = max(FEWEST_ROWS, rows / 10)
    while rows - (gone := _union(holes.values())).bit_count() < fewest and len(by_name) > 2:
        worst = max(holes, key=lambda name: holes[name].bit_count())
        report.append(_mostly_missing(by_name.pop(worst), holes.pop(worst).bit_count(), rows))
    if not gone:
        return [*by_name.values()], rows
    report.append(Remark("rows_left_out", count=gone.bit_count(), parameters={"rows": rows}))
    whole = [bit == "0" for bit in f"{gone:0{rows}b}"]
    return [_compressed(draft, whole) for draft in by_name.values()], rows - gone.bit_count()


def _holes(draft: _Draft) -> int:
    """One bit for each row, the first row's the highest: 1 where the value is missing."""
    return int("".join("1" if value is None else "0" for value in draft.values), 2)


def _union(holes: Iterable[int]) -> int:
    union = 0
    for each in holes:
        union |= each
    return union


def _compressed(draft: _Draft, whole: Sequence[bool]) -> _Draft:
    values = [*compress(draft.values, whole)]
    return replace(draft, values=values, counts=Counter(values))


def _without_constant(drafts: Sequence[_Draft], report: list[Remark]) -> list[_Draft]:
    """Columns that varied only in rows that are gone."""
    constant = [draft for draft in drafts if len(draft.counts) < 2]
    report += [Remark("constant", draft.name) for draft in constant]
    return [draft for draft in drafts if len(draft.counts) >= 2]


def _within_inputs(drafts: list[_Draft], report: list[Remark]) -> list[_Draft]:
    """Leave out the categories with the most texts until the rest could be the inputs for one of them at least."""
    widths = {draft.name: len(draft.counts) if draft.kind == "category" else 1 for draft in drafts}
    while sum(widths.values()) - max(widths.values(), default=0) > MAXIMA.columns:
        worst = max(widths, key=widths.__getitem__)
        report.append(Remark("many_inputs", worst, count=widths.pop(worst), parameters={"most": MAXIMA.columns}))
    return [draft for draft in drafts if draft.name in widths]


# --- columns ----------------------------------------------------------------------------------------------------------


def _column(draft: _Draft) -> Column:
    named = {class_of(value): count for value, count in sorted(draft.counts.items())} if _has_classes(draft) else {}
    low, high = (min(draft.counts), max(draft.counts)) if draft.kind == "number" else (None, None)
    return Column(
        draft.name,
        draft.kind,
        classes=tuple(named),
        counts=tuple(named.values()),
        low=low,  # type: ignore[arg-type]
        high=high,  # type: ignore[arg-type]
        fingerprint=_fingerprint(draft),
    )


def _has_classes(draft: _Draft) -> bool:
    if draft.kind == "category":
        return True
    numbers = [number for number in draft.counts if isinstance(number, float)]
    return len(numbers) <= FEW_VALUES and all(number.is_integer() and abs(number) <= EXACT for number in numbers)


def _fingerprint(draft: _Draft) -> str:
    """Of the way in which repeated values part the rows, whatever they are called; else of the values themselves."""
    if 2 * len(draft.counts) <= len(draft.values) and len(draft.counts) <= MAXIMA.classes:
        first: dict[Value, int] = {}
        parts = bytes(first.setdefault(value, len(first)) for value in draft.values)
        return _digest(b"parts", parts)
    if draft.kind == "number":
        return _digest(b"numbers", array("d", draft.values).tobytes())
    return _digest(b"texts", "\0".join(draft.values).encode())


def _digest(kind: bytes, content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=12, person=kind).hexdigest()
