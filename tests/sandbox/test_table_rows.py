"""The numbers that a network gets of a learner's own table …"""

from typing import Any

import numpy as np
import pytest

from sandbox.children import Child
from sandbox.engine.data import Rows, prepare
from sandbox.engine.table_rows import rows_of
from sandbox.spec import TableData, parse_spec
from sandbox.tables import complete, read_table
from tests.sandbox.tables import TABLE_ID, csv, flowers, table_spec


def described(content: bytes, target: str) -> TableData:
    return complete(TableData(kind="table", table=TABLE_ID, target=target), read_table(content))


def rows(content: bytes, target: str) -> Rows:
    return rows_of(content, described(content, target))


WEATHER = csv(
    "id;Temperatur;Himmel;Regen;Note",
    [
        f"{i};{i},5;{['klar', 'bewölkt', 'grau'][i % 3]};{['nein', 'ja'][i % 2]};{[10, 2, 1, 3][i % 4]}"
        for i in range(24)
    ],
)


def test_numbers_are_read_with_decimal_commas() -> None:
    assert rows(WEATHER, "Regen").inputs[:3, 0].tolist() == [0.5, 1.5, 2.5]


def test_categories_become_one_input_each_in_their_order() -> None:
    data = described(WEATHER, "Regen")
    assert data.columns[1].categories == ("bewölkt", "grau", "klar")
    assert rows(WEATHER, "Regen").inputs[:4, 1:4].tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]]


def test_inputs_are_float32_without_the_target_and_what_was_left_out() -> None:
    made = rows(WEATHER, "Regen")
    assert (made.inputs.dtype, made.inputs.shape) == (np.float32, (24, 1 + 3 + 1))


def test_labels_are_the_places_of_the_classes() -> None:
    assert described(WEATHER, "Regen").classes == ("ja", "nein")
    labels = rows(WEATHER, "Regen").labels
    assert (labels.dtype, labels[:4].tolist()) == (np.int32, [1, 0, 1, 0])


def test_whole_numbers_as_classes_lie_in_the_order_of_their_values() -> None:
    assert described(WEATHER, "Note").classes == ("1", "2", "3", "10")
    assert rows(WEATHER, "Note").labels[:4].tolist() == [3, 1, 0, 2]


def test_labels_of_a_regression_are_the_numbers() -> None:
    made = rows(WEATHER, "Temperatur")
    assert (made.labels.dtype, made.labels[:2].tolist()) == (np.float32, [0.5, 1.5])
    assert made.inputs.shape == (24, 3 + 2 + 1)


def test_rows_with_a_missing_value_are_not_there() -> None:
    content = flowers().replace(b"5.01", b"NaN").replace(b"tulip", b"", 1)
    made = rows(content, "kind")
    assert len(made) == 28
    assert np.isfinite(made.inputs).all()


def test_the_same_bytes_give_the_same_numbers() -> None:
    first, again = rows(flowers(), "kind"), rows(flowers(), "kind")
    assert np.array_equal(first.inputs, again.inputs)
    assert np.array_equal(first.labels, again.labels)


def test_numbers_stay_finite_in_float32() -> None:
    content = csv("x,y", [f"{'1e39' if i < 3 else '-3.4e38' if i % 2 else '3.4e38'},{i / 4}" for i in range(20)])
    assert np.isfinite(rows(content, "y").inputs).all()


def test_another_table_than_the_described_one_is_refused() -> None:
    with pytest.raises(ValueError, match="another table"):
        rows_of(flowers(31), described(flowers(30), "kind"))


@pytest.mark.keras
@pytest.mark.parametrize(("target", "loss", "layer"), [
    ("kind", "sparse_categorical_crossentropy", {"units": 3, "activation": "softmax"}),
    ("petal", "mean_squared_error", {"units": 1}),
])  # fmt: skip
def test_a_child_trains_on_it(target: str, loss: str, layer: dict[str, Any]) -> None:
    content = flowers(60)
    table = read_table(content)
    value = {**table_spec(TABLE_ID, target), "loss": loss, "layers": [{"kind": "dense", **layer}]}
    spec = parse_spec(value, complete=lambda data: complete(data, table))
    with Child.start(spec, table=content) as child:
        while child.ended is None:
            child.poll(timeout=0.25)
    assert child.ended.outcome == "succeeded"


def test_a_run_gets_its_parts_scaled_on_the_training_rows() -> None:
    content = flowers(50)
    table = read_table(content)
    spec = parse_spec(table_spec(TABLE_ID, validation=0.2), complete=lambda data: complete(data, table))
    parts = prepare(spec, rows_of(content, spec.data))  # type: ignore[arg-type]
    assert (len(parts.training), len(parts.validation)) == (40, 10)
    assert parts.training.inputs.mean(axis=0) == pytest.approx(0, abs=1e-6)
    assert parts.training.inputs.std(axis=0) == pytest.approx(1, abs=1e-6)
