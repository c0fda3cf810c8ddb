"""What the curves of a run say, in numbers a page can put into a sentence. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Epoch = Mapping[str, Any]


@dataclass(frozen=True)
class Finding:
    """How one measure went: at its start, at its end, and at its best epoch."""

    first: float
    last: float
    best: float
    best_epoch: int

    @property
    def kept_its_best(self) -> bool:
        return self.best == self.last


def finding(epochs: Sequence[Epoch], measure: str, *, smaller_is_better: bool) -> Finding | None:
    """Describe `measure` over the epochs that have a value for it; None if none has."""
    values = [(epoch[measure], epoch["number"]) for epoch in epochs if epoch.get(measure) is not None]
    if not values:
        return None
    best, best_epoch = (min if smaller_is_better else max)(values, key=lambda pair: pair[0])
    return Finding(values[0][0], values[-1][0], best, best_epoch)


@dataclass(frozen=True)
class Cell:
    """One field of the confusion matrix: how many, which share of the true class, and its shade 0 to 9."""

    count: int
    share: float
    shade: int
    is_right: bool


def confusion_rows(counts: Sequence[Sequence[int]]) -> list[list[Cell]]:
    """Shade each field by its share of its row: an empty class has shade 0 throughout."""
    rows: list[list[Cell]] = []
    for true_class, row in enumerate(counts):
        total = sum(row)
        shares = [count / total if total else 0.0 for count in row]
        rows.append(
            [
                Cell(count, share, min(9, int(share * 10)), true_class == predicted)
                for predicted, (count, share) in enumerate(zip(row, shares, strict=True))
            ]
        )
    return rows
