"""The numbers of the data sets, made by numpy from a seed; described in `sandbox.datasets`."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sandbox.datasets import DATASETS
from sandbox.spec import Circles, ClinicalTrial, Digits, Spec, training_rows

Floats = NDArray[np.float32]
Labels = NDArray[np.int32]

YOUNGEST, OLD, OLDEST = 13, 65, 100
INNER_RADIUS = 0.5


@dataclass(frozen=True)
class Rows:
    """`inputs` (rows, features) and one class number per row."""

    inputs: Floats
    labels: Labels

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, index: NDArray[np.intp]) -> "Rows":
        return Rows(self.inputs[index], self.labels[index])


def training_and_validation(spec: Spec) -> tuple[Rows, Rows]:
    """The last rows are for validation, as Keras' validation_split takes them; "shuffled" shuffles by the seed before.

    The validation rows may be none.
    """
    rows = make_rows(spec)
    if spec.data.split == "shuffled":
        rows = rows.take(_generator(spec.data.seed, "split").permutation(len(rows)))
    first = training_rows(spec)
    everything = np.arange(len(rows))
    return rows.take(everything[:first]), rows.take(everything[first:])


def targets(spec: Spec, labels: Labels) -> Labels | Floats:
    """Labels in the form the loss compares with the outputs: numbers, one column of 0 and 1, or one-hot rows."""
    if spec.loss == "sparse_categorical_crossentropy":
        return labels
    if spec.layers[-1].units == 1:
        return labels.astype(np.float32)[:, np.newaxis]
    return np.eye(len(DATASETS[spec.data.kind].classes), dtype=np.float32)[labels]


def make_rows(spec: Spec) -> Rows:
    match spec.data:
        case ClinicalTrial():
            return _clinical_trial(spec.data)
        case Circles():
            return _circles(spec.data)
        case Digits():
            return _digits()


def _generator(seed: int, purpose: str) -> np.random.Generator:
    """Independent streams for independent purposes: changing the noise must not change the split."""
    return np.random.default_rng((seed, *purpose.encode()))


def _clinical_trial(data: ClinicalTrial) -> Rows:
    """Half the people are under 65; 5 % of them and 95 % of the others had side effects."""
    generator = _generator(data.seed, "clinical_trial")
    young, old = data.rows // 2, data.rows - data.rows // 2
    ages = np.concatenate([generator.integers(YOUNGEST, OLD, young), generator.integers(OLD, OLDEST + 1, old)])
    labels = np.repeat(np.array([0, 1], np.int32), [young, old])
    for first, size in ((0, young), (young, old)):
        exceptions = first + generator.choice(size, round(0.05 * size), replace=False)
        labels[exceptions] = 1 - labels[exceptions]
    scaled = ((ages - YOUNGEST) / (OLDEST - YOUNGEST)).astype(np.float32)[:, np.newaxis]
    return Rows(scaled, labels).take(generator.permutation(data.rows))


def _circles(data: Circles) -> Rows:
    generator = _generator(data.seed, "circles")
    labels = (np.arange(data.rows) % 2).astype(np.int32)
    angles = generator.uniform(0, 2 * np.pi, data.rows)
    radius = np.where(labels == 1, INNER_RADIUS, 1.0)
    points = np.stack([radius * np.cos(angles), radius * np.sin(angles)], axis=1)
    points += generator.normal(0, 1, points.shape) * data.noise
    return Rows(points.astype(np.float32), labels).take(generator.permutation(data.rows))


def _digits() -> Rows:
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    return Rows((pixels / 16).astype(np.float32), labels.astype(np.int32))
