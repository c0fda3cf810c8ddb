"""What the built-in data sets are: names, sizes, what they teach. No numbers here: `sandbox.engine.data` makes those.

Texts are English message ids, marked for the translators; whoever shows them calls gettext.
"""

from dataclasses import dataclass
from typing import Literal

DatasetKind = Literal["clinical_trial", "circles", "digits"]


def gettext_noop(message: str) -> str:
    """Mark a message for the catalogue, like Django's function of this name, without Django."""
    return message


@dataclass(frozen=True)
class Feature:
    """One input of the network: `name` is what a page shows, `low` and `high` bound the scaled values."""

    name: str
    low: float
    high: float


@dataclass(frozen=True)
class Dataset:
    kind: DatasetKind
    title: str
    summary: str
    teaches: str
    features: tuple[Feature, ...]
    classes: tuple[str, ...]
    default_rows: int
    fewest_rows: int
    most_rows: int
    has_noise: bool = False

    @property
    def rows_are_fixed(self) -> bool:
        return self.fewest_rows == self.most_rows


CLINICAL_TRIAL = Dataset(
    kind="clinical_trial",
    title=gettext_noop("Clinical trial"),
    summary=gettext_noop(
        "An invented drug trial: people from 13 to 100, half of them under 65. Of the older half 95 % had side "
        "effects, of the younger half 5 %. The one input is the age, scaled to 0…1."
    ),
    teaches=gettext_noop(
        "One input is enough to learn a threshold, and 5 % of the labels contradict it: no network gets far past 95 %."
    ),
    features=(Feature(gettext_noop("age"), 0.0, 1.0),),
    classes=(gettext_noop("no side effects"), gettext_noop("side effects")),
    default_rows=2100,
    fewest_rows=100,
    most_rows=20_000,
)

CIRCLES = Dataset(
    kind="circles",
    title=gettext_noop("Two circles"),
    summary=gettext_noop(
        "Points on two rings around the same centre, moved a little by noise. The inputs are the two coordinates."
    ),
    teaches=gettext_noop(
        "No straight line parts the rings: layers without a non-linear activation stay near chance, however many."
    ),
    features=(Feature("x₁", -1.0, 1.0), Feature("x₂", -1.0, 1.0)),
    classes=(gettext_noop("outer ring"), gettext_noop("inner ring")),
    default_rows=500,
    fewest_rows=100,
    most_rows=20_000,
    has_noise=True,
)

DIGITS = Dataset(
    kind="digits",
    title=gettext_noop("Handwritten digits"),
    summary=gettext_noop(
        "1,797 handwritten digits of 8 × 8 pixels, each pixel an input scaled to 0…1, and ten classes."
    ),
    teaches=gettext_noop("Many inputs and ten classes; the confusion matrix shows which digits look alike."),
    features=tuple(Feature(f"{row}:{column}", 0.0, 1.0) for row in range(8) for column in range(8)),
    classes=tuple(str(digit) for digit in range(10)),
    default_rows=1797,
    fewest_rows=1797,
    most_rows=1797,
)

DATASETS: dict[DatasetKind, Dataset] = {dataset.kind: dataset for dataset in (CLINICAL_TRIAL, CIRCLES, DIGITS)}
