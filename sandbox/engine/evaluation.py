"""What a trained network gets right and wrong, class by class."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sandbox.datasets import gettext_noop
from sandbox.engine.data import Labels
from sandbox.messages import Confusion

NO_CLASS = gettext_noop("no class")


def predicted_classes(outputs: NDArray[np.float32], threshold: float = 0.5) -> NDArray[np.intp]:
    """One output is a yes above the threshold (0 where it is a logit); of several the largest wins."""
    if outputs.shape[1] == 1:
        return np.asarray(outputs[:, 0] > threshold, np.intp)
    return np.asarray(outputs.argmax(axis=1), np.intp)


def confusion(
    labels: Labels,
    predicted: NDArray[np.intp],
    classes: tuple[str, ...],
    rows_of: Literal["validation", "training"],
) -> Confusion:
    """Outputs that stand for no class share one more row and column, if any of them ever won."""
    if predicted.max(initial=0) >= len(classes):
        predicted = np.minimum(predicted, len(classes))
        classes = (*classes, NO_CLASS)
    counts = np.zeros((len(classes), len(classes)), int)
    np.add.at(counts, (labels, predicted), 1)
    return Confusion(
        rows_of=rows_of,
        labels=classes,
        counts=tuple(tuple(row) for row in counts.tolist()),
        recall=_shares(counts),
        precision=_shares(counts.T),
    )


def _shares(counts: NDArray[np.intp]) -> tuple[float | None, ...]:
    """The diagonal's share of each row; None where the row is empty."""
    return tuple(row[index] / total if (total := sum(row)) else None for index, row in enumerate(counts.tolist()))
