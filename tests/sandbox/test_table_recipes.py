"""What is trained first on a learner's own table …"""

import uuid

import pytest

from sandbox.spec import Spec, parse_spec, validation_rows
from sandbox.spec.data import IncompleteError
from sandbox.spec.sense import check
from sandbox.table_recipes import starting_spec
from sandbox.tables import read_table
from tests.sandbox.tables import csv, flowers

WEATHER = csv("heat,rain,wind", [f"{i % 17 / 4},{'yes' if i % 3 else 'no'},{i * 7 % 23 + i / 100}" for i in range(60)])


def spec_of(content: bytes, target: str = "") -> Spec:
    return parse_spec(starting_spec(uuid.UUID(int=1), read_table(content), target))


@pytest.mark.parametrize(
    ("content", "target", "units", "activation", "loss"),
    [
        (WEATHER, "rain", 1, "sigmoid", "binary_crossentropy"),
        (flowers(), "kind", 3, "softmax", "sparse_categorical_crossentropy"),
        (WEATHER, "wind", 1, "linear", "mean_squared_error"),
    ],
)
def test_the_last_layer_and_the_loss_fit_the_target(
    content: bytes, target: str, units: int, activation: str, loss: str
) -> None:
    spec = spec_of(content, target)
    last = spec.layers[-1]
    assert (getattr(last, "units", 0), getattr(last, "activation", ""), spec.loss) == (units, activation, loss)
    assert [problem for problem in check(spec) if problem.severity == "error"] == []


def test_without_a_name_it_is_the_last_column() -> None:
    assert spec_of(WEATHER) == spec_of(WEATHER, "wind")


def test_the_last_fifth_of_the_rows_is_for_validation_and_every_input_is_scaled() -> None:
    spec = spec_of(WEATHER, "rain")
    assert (validation_rows(spec), spec.data.split, spec.data.scaling) == (12, "last_rows", "standard")


def test_there_must_be_such_a_column() -> None:
    with pytest.raises(IncompleteError):
        spec_of(WEATHER, "snow")
