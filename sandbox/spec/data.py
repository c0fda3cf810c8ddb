"""The data of a spec: which rows there are, how they are split, scaled and spoilt."""

from typing import Annotated, Literal

from pydantic import Field

from sandbox.spec.base import MAXIMA, Seed, Strict

Split = Literal["last_rows", "shuffled", "stratified"]
Scaling = Literal["none", "min_max", "standard"]
Noise = Annotated[float, Field(ge=0, le=0.5)]
Rows = Annotated[int, Field(ge=100, le=MAXIMA.rows)]
Name = Annotated[str, Field(min_length=1, max_length=100)]


class _Data(Strict):
    """`test` is a share of all rows, the last ones in the order of the split; `validation` is a share of the others,
    as Keras' `validation_split` counts it. Scaling is fitted on the training rows alone."""

    validation: Annotated[float, Field(ge=0, le=0.9)] = 0.1
    test: Annotated[float, Field(ge=0, le=0.5)] = 0.0
    split: Split = "last_rows"
    seed: Seed = 1
    label_noise: Annotated[
        float, Field(ge=0, le=0.5, description="Share of the training labels that are replaced by another class.")
    ] = 0.0
    shuffled_labels: Annotated[
        bool, Field(description="Labels dealt out at random to all rows: there is nothing to learn.")
    ] = False


class _Points(_Data):
    """Made from the seed; the inputs are coordinates and need no scaling."""

    rows: Rows = 500
    noise: Noise = 0.1
    scaling: Scaling = "none"


class ClinicalTrial(_Data):
    kind: Literal["clinical_trial"]
    rows: Rows = 2100
    scaling: Scaling = "min_max"


class Circles(_Points):
    kind: Literal["circles"]


class Moons(_Points):
    kind: Literal["moons"]


class Blobs(_Points):
    kind: Literal["blobs"]
    classes: Annotated[int, Field(ge=2, le=10)] = 3


class Spiral(_Points):
    kind: Literal["spiral"]
    classes: Annotated[int, Field(ge=2, le=5)] = 2


class Xor(_Points):
    kind: Literal["xor"]


class Line(_Points):
    """Regression: y = slope · x + intercept + noise, x from −1 to 1."""

    kind: Literal["line"]
    slope: Annotated[float, Field(ge=-10, le=10)] = 2.0
    intercept: Annotated[float, Field(ge=-10, le=10)] = 0.5


class Sine(_Points):
    """Regression: y = sin(π · x · waves) + noise, x from −1 to 1."""

    kind: Literal["sine"]
    waves: Annotated[float, Field(ge=0.5, le=4)] = 1.0


class _Bundled(_Data):
    """Ships with scikit-learn: its number of rows is fixed."""

    scaling: Scaling = "standard"


class Digits(_Bundled):
    kind: Literal["digits"]
    rows: Annotated[int, Field(ge=1797, le=1797)] = 1797
    scaling: Scaling = "min_max"


class Iris(_Bundled):
    kind: Literal["iris"]
    rows: Annotated[int, Field(ge=150, le=150)] = 150


class Wine(_Bundled):
    kind: Literal["wine"]
    rows: Annotated[int, Field(ge=178, le=178)] = 178


class BreastCancer(_Bundled):
    kind: Literal["breast_cancer"]
    rows: Annotated[int, Field(ge=569, le=569)] = 569


class Diabetes(_Bundled):
    kind: Literal["diabetes"]
    rows: Annotated[int, Field(ge=442, le=442)] = 442


class IncompleteError(Exception):
    """A table spec that cannot be completed. `key` of its data is to blame; `code` is one of `sandbox.advice`."""

    def __init__(self, key: str, code: str, **parameters: str | int) -> None:
        super().__init__(f"{key}: {code}")
        self.key = key
        self.code = code
        self.parameters = parameters


class TableColumn(Strict):
    """One input column of a table: a number, or categories that become one 0/1 input each."""

    name: Name
    categories: Annotated[tuple[Name, ...], Field(max_length=MAXIMA.classes, strict=False)] = ()

    @property
    def width(self) -> int:
        return len(self.categories) or 1


class TableData(_Data):
    """A learner's own CSV. Who sends a spec names the table and the target; rows, columns and classes are filled in
    from the table at the door, whatever was sent, so that a stored spec describes its run completely."""

    kind: Literal["table"]
    table: Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
    target: Name
    scaling: Scaling = "standard"
    rows: Annotated[int, Field(ge=1, le=MAXIMA.rows)] = 1
    columns: Annotated[tuple[TableColumn, ...], Field(max_length=MAXIMA.columns, strict=False)] = ()
    classes: Annotated[tuple[Name, ...], Field(max_length=MAXIMA.classes, strict=False)] = ()


Data = Annotated[
    ClinicalTrial
    | Circles
    | Moons
    | Blobs
    | Spiral
    | Xor
    | Line
    | Sine
    | Digits
    | Iris
    | Wine
    | BreastCancer
    | Diabetes
    | TableData,
    Field(discriminator="kind"),
]
