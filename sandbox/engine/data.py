"""The numbers of the data sets, made by numpy from a seed; described in `sandbox.datasets`.

rows as they are → labels dealt out anew → split → noise on the training labels → scaling fitted on the training rows
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sandbox.spec import Spec, dataset, output_width, test_rows, training_rows
from sandbox.spec import data as kinds

Floats = NDArray[np.float32]
Labels = NDArray[Any]
"""int32 class numbers, or float32 numbers of a regression."""

YOUNGEST, OLD, OLDEST = 13, 65, 100
INNER_RADIUS = 0.5
TURNS = 1.25


@dataclass(frozen=True)
class Rows:
    """`inputs` (rows, features) float32 and one label per row."""

    inputs: Floats
    labels: Labels

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, index: NDArray[np.intp]) -> "Rows":
        return Rows(self.inputs[index], self.labels[index])


@dataclass(frozen=True)
class Scale:
    """scaled = (value − offset) / spread, per feature."""

    offset: NDArray[np.float64]
    spread: NDArray[np.float64]

    def __call__(self, inputs: Floats) -> Floats:
        return ((inputs - self.offset) / self.spread).astype(np.float32)

    def back(self, scaled: Floats) -> Floats:
        return (scaled * self.spread + self.offset).astype(np.float32)


@dataclass(frozen=True)
class Parts:
    """What a run trains on, is measured on, and never sees; scaled alike. Validation and test may have no rows."""

    training: Rows
    validation: Rows
    test: Rows
    scale: Scale


def prepare(spec: Spec, table: Rows | None = None) -> Parts:
    """The rows of a spec, ready to train. `table` holds the rows of a learner's own table, unscaled."""
    rows = table if table is not None else make_rows(spec)
    if spec.data.shuffled_labels:
        rows = Rows(rows.inputs, _generator(spec.data.seed, "labels").permutation(rows.labels))
    rows = rows.take(_order(spec, rows))
    first, last = training_rows(spec), len(rows) - test_rows(spec)
    everything = np.arange(len(rows))
    training, validation, test = (rows.take(everything[part]) for part in np.split(everything, [first, last]))
    training = Rows(training.inputs, _with_label_noise(spec, training.labels))
    scale = _scale(spec, training.inputs)
    training, validation, test = (Rows(scale(part.inputs), part.labels) for part in (training, validation, test))
    return Parts(training, validation, test, scale)


def make_rows(spec: Spec) -> Rows:
    """The rows of a built-in set in their own order, unscaled."""
    inputs, labels = _MAKERS[spec.data.kind](spec.data)
    kind = np.float32 if dataset(spec).is_regression else np.int32
    return Rows(np.asarray(inputs, np.float32), np.asarray(labels, kind))


def targets(spec: Spec, labels: Labels) -> Labels:
    """Labels in the form the loss compares with the outputs: numbers, one column of 0 and 1, or one-hot rows."""
    if spec.loss == "sparse_categorical_crossentropy":
        return labels
    if output_width(spec) == 1:
        return labels.astype(np.float32)[:, np.newaxis]
    return np.eye(len(dataset(spec).classes), dtype=np.float32)[labels]


def _generator(seed: int, purpose: str) -> np.random.Generator:
    """Independent streams for independent purposes: changing the noise must not change the split."""
    return np.random.default_rng((seed, *purpose.encode()))


# --- split, noise, scale ----------------------------------------------------------------------------------------------


def _order(spec: Spec, rows: Rows) -> NDArray[np.intp]:
    """Training rows first, test rows last. "last_rows" keeps the order, as Keras' validation_split does."""
    generator = _generator(spec.data.seed, "split")
    match spec.data.split:
        case "last_rows":
            return np.arange(len(rows))
        case "shuffled":
            return generator.permutation(len(rows))
        case "stratified":
            return _stratified(rows.labels, generator)


def _stratified(labels: Labels, generator: np.random.Generator) -> NDArray[np.intp]:
    """An order in which every stretch has the classes in the shares of the whole, to within two rows: each class is
    spread evenly."""
    shuffled = generator.permutation(len(labels))
    places = np.empty(len(labels))
    for label in np.unique(labels):
        members = shuffled[labels[shuffled] == label]
        places[members] = (np.arange(len(members)) + generator.uniform()) / len(members)
    return np.argsort(places, kind="stable")


def _with_label_noise(spec: Spec, labels: Labels) -> Labels:
    """A share of the labels becomes another class, each of the others equally likely."""
    number = round(len(labels) * spec.data.label_noise)
    if not number:
        return labels
    generator, classes = _generator(spec.data.seed, "label noise"), len(dataset(spec).classes)
    noisy, chosen = labels.copy(), generator.choice(len(labels), number, replace=False)
    noisy[chosen] = (noisy[chosen] + generator.integers(1, classes, number)) % classes
    return noisy


def _scale(spec: Spec, training: Floats) -> Scale:
    """Fitted on the training rows alone; a feature that never changes becomes 0."""
    exact = training.astype(np.float64)
    if spec.data.scaling == "none":
        return Scale(np.zeros(exact.shape[1]), np.ones(exact.shape[1]))
    if spec.data.scaling == "min_max":
        offset, spread = exact.min(axis=0), np.ptp(exact, axis=0)
    else:
        offset, spread = exact.mean(axis=0), exact.std(axis=0)
    return Scale(offset, np.where(spread > 0, spread, 1.0))


# --- the sets ---------------------------------------------------------------------------------------------------------

Made = tuple[NDArray[Any], NDArray[Any]]


def _clinical_trial(data: kinds.ClinicalTrial) -> Made:
    """Half the people are under 65; 5 % of them and 95 % of the others had side effects."""
    generator = _generator(data.seed, "clinical_trial")
    young, old = data.rows // 2, data.rows - data.rows // 2
    ages = np.concatenate([generator.integers(YOUNGEST, OLD, young), generator.integers(OLD, OLDEST + 1, old)])
    labels = np.repeat(np.array([0, 1], np.int32), [young, old])
    for first, size in ((0, young), (young, old)):
        exceptions = first + generator.choice(size, round(0.05 * size), replace=False)
        labels[exceptions] = 1 - labels[exceptions]
    order = generator.permutation(data.rows)
    return ages[order, np.newaxis], labels[order]


def _plane(points: Callable[[Any, NDArray[Any], np.random.Generator], NDArray[np.float64]]) -> Callable[[Any], Made]:
    """A maker of points in the plane: labels in turn, coordinates by `points`, noise on both, in random order."""

    def make(data: Any) -> Made:
        generator = _generator(data.seed, data.kind)
        labels = np.arange(data.rows) % getattr(data, "classes", 2)
        made = points(data, labels, generator)
        made += generator.normal(0, 1, made.shape) * data.noise
        order = generator.permutation(data.rows)
        return made[order], labels[order]

    return make


def _circles(data: kinds.Circles, labels: NDArray[Any], generator: np.random.Generator) -> NDArray[np.float64]:
    angles = generator.uniform(0, 2 * np.pi, data.rows)
    radius = np.where(labels == 1, INNER_RADIUS, 1.0)
    return np.stack([radius * np.cos(angles), radius * np.sin(angles)], axis=1)


def _moons(data: kinds.Moons, labels: NDArray[Any], generator: np.random.Generator) -> NDArray[np.float64]:
    """Two half circles; the lower one is turned round and moved into the upper one."""
    angles = generator.uniform(0, np.pi, data.rows)
    upper = labels == 0
    x = np.where(upper, np.cos(angles) - 0.5, 0.5 - np.cos(angles))
    y = np.where(upper, np.sin(angles) - 0.25, 0.25 - np.sin(angles))
    return np.stack([x, y], axis=1)


def _blobs(data: kinds.Blobs, labels: NDArray[Any], generator: np.random.Generator) -> NDArray[np.float64]:
    angles = 2 * np.pi * labels / data.classes
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _spiral(data: kinds.Spiral, labels: NDArray[Any], generator: np.random.Generator) -> NDArray[np.float64]:
    way = generator.uniform(0.1, 1, data.rows)
    angles = 2 * np.pi * (TURNS * way + labels / data.classes)
    return np.stack([way * np.sin(angles), way * np.cos(angles)], axis=1)


def _xor(data: kinds.Xor) -> Made:
    generator = _generator(data.seed, "xor")
    points = generator.uniform(-1, 1, (data.rows, 2))
    labels = (points[:, 0] * points[:, 1] < 0).astype(int)
    return points + generator.normal(0, 1, points.shape) * data.noise, labels


def _curve(curve: Callable[[Any, NDArray[np.float64]], NDArray[np.float64]]) -> Callable[[Any], Made]:
    """A maker of a regression: x evenly drawn from −1 to 1, y by `curve`, noise on y."""

    def make(data: Any) -> Made:
        generator = _generator(data.seed, data.kind)
        x = generator.uniform(-1, 1, data.rows)
        y = curve(data, x) + generator.normal(0, 1, data.rows) * data.noise
        return x[:, np.newaxis], y

    return make


def _line(data: kinds.Line, x: NDArray[np.float64]) -> NDArray[np.float64]:
    return data.slope * x + data.intercept


def _sine(data: kinds.Sine, x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.sin(np.pi * data.waves * x))


def _bundled(name: str, **options: Any) -> Callable[[Any], Made]:
    def load(data: Any) -> Made:
        from sklearn import datasets

        inputs, labels = getattr(datasets, f"load_{name}")(return_X_y=True, **options)
        return inputs, labels

    return load


_MAKERS: dict[str, Callable[[Any], Made]] = {
    "clinical_trial": _clinical_trial,
    "circles": _plane(_circles),
    "moons": _plane(_moons),
    "blobs": _plane(_blobs),
    "spiral": _plane(_spiral),
    "xor": _xor,
    "line": _curve(_line),
    "sine": _curve(_sine),
    "digits": _bundled("digits"),
    "iris": _bundled("iris"),
    "wine": _bundled("wine"),
    "breast_cancer": _bundled("breast_cancer"),
    "diabetes": _bundled("diabetes", scaled=False),
}
