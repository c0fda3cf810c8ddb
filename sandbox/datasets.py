"""What the built-in data sets are: names, sizes, what they teach. No numbers here: `sandbox.engine.data` makes those.

Texts are English message ids, marked for the translators; whoever shows them calls gettext.
"""

from dataclasses import dataclass, replace
from typing import Literal

DatasetKind = Literal[
    "clinical_trial", "circles", "moons", "blobs", "spiral", "xor", "line", "sine",
    "digits", "iris", "wine", "breast_cancer", "diabetes",
]  # fmt: skip


def gettext_noop(message: str) -> str:
    """Mark a message for the catalogue, like Django's function of this name, without Django."""
    return message


@dataclass(frozen=True)
class Feature:
    """One input of the network: `name` is what a page shows, `low` and `high` bound its values before any scaling."""

    name: str
    low: float
    high: float


@dataclass(frozen=True)
class Dataset:
    """`classes` is empty where the target is a number (regression). `is_whole`: the unscaled inputs are whole numbers,
    so that an embedding can look them up."""

    kind: str
    title: str
    summary: str
    teaches: str
    features: tuple[Feature, ...]
    classes: tuple[str, ...]
    default_rows: int
    fewest_rows: int
    most_rows: int
    has_noise: bool = False
    is_whole: bool = False
    is_sorted: bool = False

    @property
    def rows_are_fixed(self) -> bool:
        return self.fewest_rows == self.most_rows

    @property
    def is_regression(self) -> bool:
        return not self.classes


def _points(kind: DatasetKind, title: str, summary: str, teaches: str) -> Dataset:
    """Two coordinates and two classes, made from a seed."""
    plane = (Feature("x₁", -1.5, 1.5), Feature("x₂", -1.5, 1.5))
    return Dataset(
        kind=kind,
        title=title,
        summary=summary,
        teaches=teaches,
        features=plane,
        classes=("class A", "class B"),
        default_rows=500,
        fewest_rows=100,
        most_rows=20_000,
        has_noise=True,
    )


def _bundled(
    kind: DatasetKind,
    rows: int,
    features: dict[str, tuple[float, float]],
    classes: tuple[str, ...],
    title: str,
    summary: str,
    teaches: str,
) -> Dataset:
    """Ships with scikit-learn."""
    return Dataset(
        kind=kind,
        title=title,
        summary=summary,
        teaches=teaches,
        features=tuple(Feature(name, low, high) for name, (low, high) in features.items()),
        classes=classes,
        default_rows=rows,
        fewest_rows=rows,
        most_rows=rows,
    )


CLINICAL_TRIAL = Dataset(
    kind="clinical_trial",
    title=gettext_noop("Clinical trial"),
    summary=gettext_noop(
        "An invented drug trial: people from 13 to 100, half of them under 65. Of the older half 95 % had side "
        "effects, of the younger half 5 %. The one input is the age."
    ),
    teaches=gettext_noop(
        "One input is enough to learn a threshold, and 5 % of the labels contradict it: no network gets far past 95 %."
    ),
    features=(Feature(gettext_noop("age"), 13.0, 100.0),),
    classes=(gettext_noop("no side effects"), gettext_noop("side effects")),
    default_rows=2100,
    fewest_rows=100,
    most_rows=20_000,
    is_whole=True,
)

CIRCLES = replace(
    _points(
        "circles",
        title=gettext_noop("Two circles"),
        summary=gettext_noop(
            "Points on two rings around the same centre, moved a little by noise. The inputs are the two coordinates."
        ),
        teaches=gettext_noop(
            "No straight line parts the rings: layers without a non-linear activation stay near chance, however many."
        ),
    ),
    classes=(gettext_noop("outer ring"), gettext_noop("inner ring")),
)

MOONS = _points(
    "moons",
    title=gettext_noop("Two moons"),
    summary=gettext_noop("Two half circles that reach into each other. The inputs are the two coordinates."),
    teaches=gettext_noop("A straight line gets most of them right; the rest needs a bend."),
)

BLOBS = _points(
    "blobs",
    title=gettext_noop("Blobs"),
    summary=gettext_noop("Clouds of points on a circle, one for each class. The inputs are the two coordinates."),
    teaches=gettext_noop("Straight borders are enough here: one layer does it."),
)

SPIRAL = _points(
    "spiral",
    title=gettext_noop("Spiral"),
    summary=gettext_noop("One arm of a spiral for each class, wound into each other."),
    teaches=gettext_noop("A border that winds needs many units or a second hidden layer, and patience."),
)

XOR = _points(
    "xor",
    title=gettext_noop("Exclusive or"),
    summary=gettext_noop("Points of a square; the class says whether both coordinates have the same sign."),
    teaches=gettext_noop("The oldest problem that one layer cannot solve and two layers can."),
)

LINE = replace(
    _points(
        "line",
        title=gettext_noop("Points along a line"),
        summary=gettext_noop("One input, one number to predict: a straight line with noise."),
        teaches=gettext_noop("One unit without activation is a line: its weight becomes the slope."),
    ),
    features=(Feature("x", -1.0, 1.0),),
    classes=(),
)

SINE = replace(
    _points(
        "sine",
        title=gettext_noop("A sine wave"),
        summary=gettext_noop("One input, one number to predict: a wave with noise."),
        teaches=gettext_noop("Each relu unit adds one bend: more units, a rounder wave."),
    ),
    features=(Feature("x", -1.0, 1.0),),
    classes=(),
)

DIGITS = replace(
    _bundled(
        "digits",
        1797,
        {f"{row}:{column}": (0, 16) for row in range(8) for column in range(8)},
        tuple(str(digit) for digit in range(10)),
        title=gettext_noop("Handwritten digits"),
        summary=gettext_noop(
            "1,797 handwritten digits of 8 × 8 pixels, each pixel an input from 0 to 16; ten classes."
        ),
        teaches=gettext_noop("Many inputs and ten classes; the confusion matrix shows which digits look alike."),
    ),
    is_whole=True,
)

IRIS = replace(
    _bundled(
        "iris",
        150,
        {
            gettext_noop("sepal length"): (4.3, 7.9),
            gettext_noop("sepal width"): (2.0, 4.4),
            gettext_noop("petal length"): (1.0, 6.9),
            gettext_noop("petal width"): (0.1, 2.5),
        },
        ("setosa", "versicolor", "virginica"),
        title=gettext_noop("Iris flowers"),
        summary=gettext_noop("150 flowers of three kinds, measured in centimetres by Edgar Anderson."),
        teaches=gettext_noop("Few rows: a large network learns them by heart within a few epochs."),
    ),
    is_sorted=True,
)

WINE = replace(_bundled(
    "wine",
    178,
    {
        "alcohol": (11.03, 14.83), "malic acid": (0.74, 5.8), "ash": (1.36, 3.23), "alcalinity of ash": (10.6, 30.0),
        "magnesium": (70.0, 162.0), "total phenols": (0.98, 3.88), "flavanoids": (0.34, 5.08),
        "nonflavanoid phenols": (0.13, 0.66), "proanthocyanins": (0.41, 3.58), "colour intensity": (1.28, 13.0),
        "hue": (0.48, 1.71), "OD280/OD315": (1.27, 4.0), "proline": (278.0, 1680.0),
    },
    (gettext_noop("grape 1"), gettext_noop("grape 2"), gettext_noop("grape 3")),
    title=gettext_noop("Wine"),
    summary=gettext_noop("178 Italian wines of three grapes, thirteen chemical measurements each."),
    teaches=gettext_noop("The measurements differ a thousandfold in size: see what scaling changes."),
), is_sorted=True)  # fmt: skip

_CELL = {
    "radius": (6.981, 28.11, 0.1115, 2.873, 7.93, 36.04), "texture": (9.71, 39.28, 0.3602, 4.885, 12.02, 49.54),
    "perimeter": (43.79, 188.5, 0.757, 21.98, 50.41, 251.2), "area": (143.5, 2501.0, 6.802, 542.2, 185.2, 4254.0),
    "smoothness": (0.0526, 0.1634, 0.0017, 0.0311, 0.0711, 0.2226),
    "compactness": (0.0193, 0.3454, 0.0022, 0.1354, 0.0272, 1.058), "concavity": (0, 0.4268, 0, 0.396, 0, 1.252),
    "concave points": (0, 0.2012, 0, 0.0528, 0, 0.291), "symmetry": (0.106, 0.304, 0.0078, 0.079, 0.1565, 0.6638),
    "fractal dimension": (0.0499, 0.0975, 0.0008, 0.0299, 0.055, 0.2075),
}  # fmt: skip
"""Bounds of the mean, the standard error and the worst of ten measurements of a cell's nucleus."""

BREAST_CANCER = _bundled(
    "breast_cancer",
    569,
    {
        f"{of} {name}" if of != "error" else f"{name} error": bounds[2 * place : 2 * place + 2]  # type: ignore[misc]
        for place, of in enumerate(("mean", "error", "worst"))
        for name, bounds in _CELL.items()
    },
    (gettext_noop("malignant"), gettext_noop("benign")),
    title=gettext_noop("Breast cancer"),
    summary=gettext_noop(
        "569 tumours, thirty measurements of their cells, and whether they were malignant (Wisconsin)."
    ),
    teaches=gettext_noop("Which mistake is worse? Look at recall and class weights, not at accuracy alone."),
)

DIABETES = _bundled(
    "diabetes",
    442,
    {
        gettext_noop("age"): (19, 79), gettext_noop("sex"): (1, 2), gettext_noop("body mass index"): (18, 42.2),
        gettext_noop("blood pressure"): (62, 133), "s1": (97, 301), "s2": (41.6, 242.4), "s3": (22, 99),
        "s4": (2, 9.09), "s5": (3.25, 6.11), "s6": (58, 124),
    },
    (),
    title=gettext_noop("Diabetes"),
    summary=gettext_noop("442 patients: ten measurements, and how far their diabetes went in a year (25 to 346)."),
    teaches=gettext_noop("Regression on real, noisy data: even a good model leaves half of the spread unexplained."),
)  # fmt: skip

_ALL = (
    CLINICAL_TRIAL, CIRCLES, MOONS, BLOBS, SPIRAL, XOR, LINE, SINE, DIGITS, IRIS, WINE, BREAST_CANCER, DIABETES,
)  # fmt: skip
DATASETS: dict[str, Dataset] = {dataset.kind: dataset for dataset in _ALL}


_LETTERED = (
    gettext_noop("class A"),
    gettext_noop("class B"),
    gettext_noop("class C"),
    gettext_noop("class D"),
    gettext_noop("class E"),
    gettext_noop("class F"),
    gettext_noop("class G"),
    gettext_noop("class H"),
    gettext_noop("class I"),
    gettext_noop("class J"),
)


def with_classes(dataset: Dataset, number: int) -> Dataset:
    """The same set with another number of classes, at most ten, named by letters."""
    return replace(dataset, classes=_LETTERED[:number])
