"""The door of the sandbox: what is refused, with which pointer, and what a teacher remarks."""

import inspect
import math
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import sandbox.spec
from sandbox.advice import ADVICE
from sandbox.spec import (
    Limits,
    Spec,
    check,
    parameter_count,
    parse_spec,
    shapes,
    steps_per_epoch,
    total_steps,
    training_rows,
    validation_rows,
)
from tests.sandbox.specs import NOTES, dense, notes_spec

CIRCLES = {"kind": "circles", "rows": 20_000}


def changed(path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    spec = deepcopy(NOTES)
    target: Any = spec
    for part in path[:-1]:
        target = target[part]
    target[path[-1]] = value
    return spec


def errors(value: object, limits: Limits | None = None) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as refused:
        parse_spec(value, limits or Limits())
    return [("/" + "/".join(map(str, line["loc"])), line["type"]) for line in refused.value.errors()]


def test_it_reads_the_notes_network() -> None:
    spec = notes_spec()
    assert parameter_count(spec) == 32 + 544 + 66
    assert [(shape.inputs, shape.outputs) for shape in shapes(spec)] == [(1, 16), (16, 32), (32, 2)]
    assert (training_rows(spec), validation_rows(spec)) == (1890, 210)
    assert (steps_per_epoch(spec), total_steps(spec)) == (189, 3780)


def test_it_comes_back_the_same_from_its_json_with_every_default_filled_in() -> None:
    spec = parse_spec({key: NOTES[key] for key in NOTES if key not in ("shuffle", "seed")})
    stored = spec.model_dump(mode="json")
    assert stored["schema"] == 1
    assert stored["optimizer"]["beta_1"] == 0.9
    assert parse_spec(stored) == spec == Spec.model_validate_json(spec.model_dump_json())


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (("schema",), 2, "less_than_equal"),
        (("schema",), True, "int_type"),
        (("surprise",), 1, "extra_forbidden"),
        (("data", "kind"), "imagenet", "union_tag_invalid"),
        (("data", "rows"), True, "int_type"),
        (("data", "rows"), "2100", "int_type"),
        (("data", "rows"), 99, "greater_than_equal"),
        (("data", "rows"), 20_001, "less_than_equal"),
        (("data", "noise"), 0.1, "extra_forbidden"),
        (("data", "validation"), 1.5, "less_than_equal"),
        (("data", "validation"), -0.1, "greater_than_equal"),
        (("data", "validation"), math.nan, "finite_number"),
        (("data", "split"), "first_rows", "literal_error"),
        (("data", "seed"), 2**32, "less_than_equal"),
        (("layers",), [], "too_short"),
        (("layers",), dense(*[(2, "softmax")] * 17), "too_long"),
        (("layers",), "dense", "tuple_type"),
        (("layers", 0), None, "model_type"),
        (("layers", 0, "kind"), "lambda", "literal_error"),
        (("layers", 0, "units"), True, "int_type"),
        (("layers", 0, "units"), 16.0, "int_type"),
        (("layers", 0, "units"), 0, "greater_than_equal"),
        (("layers", 0, "units"), 513, "less_than_equal"),
        (("layers", 0, "activation"), "os.system", "literal_error"),
        (("layers", 0, "activation"), {"class_name": "function"}, "literal_error"),
        (("layers", 0, "name"), "x", "extra_forbidden"),
        (("optimizer", "kind"), "rmsprop", "union_tag_invalid"),
        (("optimizer", "learning_rate"), math.nan, "finite_number"),
        (("optimizer", "learning_rate"), math.inf, "finite_number"),
        (("optimizer", "learning_rate"), -1, "greater_than_equal"),
        (("optimizer", "learning_rate"), 10.1, "less_than_equal"),
        (("optimizer", "learning_rate"), True, "float_type"),
        (("optimizer", "beta_1"), 1.0, "less_than"),
        (("optimizer", "momentum"), 0.9, "extra_forbidden"),
        (("loss",), "mse", "literal_error"),
        (("epochs",), 0, "greater_than_equal"),
        (("epochs",), -3, "greater_than_equal"),
        (("epochs",), 10_000, "less_than_equal"),
        (("batch_size",), 0, "greater_than_equal"),
        (("batch_size",), 2101, "over_limit"),
        (("shuffle",), 1, "bool_type"),
        (("seed",), -1, "greater_than_equal"),
        (("seed",), True, "int_type"),
    ],
)
def test_it_refuses_with_a_pointer_into_the_json(path: tuple[str | int, ...], value: object, code: str) -> None:
    assert errors(changed(path, value)) == [("/" + "/".join(map(str, path)), code)]


@pytest.mark.parametrize("missing", ["schema", "data", "layers", "optimizer", "loss", "epochs", "batch_size"])
def test_it_refuses_a_spec_without(missing: str) -> None:
    assert errors({key: NOTES[key] for key in NOTES if key != missing}) == [(f"/{missing}", "missing")]


def test_it_refuses_a_union_without_its_kind() -> None:
    assert errors(changed(("optimizer",), {"learning_rate": 0.1})) == [("/optimizer/kind", "union_tag_not_found")]


@pytest.mark.parametrize("value", [None, [], "spec", 1, {"layers": {"a": 1}}])
def test_it_refuses_what_is_no_spec_at_all(value: object) -> None:
    assert errors(value)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_it_never_raises_anything_else(value: object) -> None:
    for path in ((), ("data",), ("layers",), ("layers", 0), ("optimizer",), ("epochs",)):
        assert errors(changed(path, value) if path else value)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"layers": dense((512, "relu"), (512, "relu"), (2, "softmax"))}, "/layers"),
        ({"data": CIRCLES, "layers": dense((400, "relu"), (402, "softmax")), "batch_size": 20_000}, "/batch_size"),
        ({"data": CIRCLES, "epochs": 500, "batch_size": 1}, "/epochs"),
    ],
)
def test_it_refuses_what_is_too_much_together(changes: dict[str, Any], pointer: str) -> None:
    assert errors(NOTES | changes) == [(pointer, "over_limit")]


def test_a_setting_may_lower_a_limit() -> None:
    assert errors(NOTES, Limits(epochs=10, units=20)) == [("/layers/1/units", "over_limit"), ("/epochs", "over_limit")]


def test_a_setting_may_not_raise_a_limit() -> None:
    with pytest.raises(ValueError, match="epochs"):
        Limits(epochs=501)


# --- what a teacher says ---


def remarks(**changes: Any) -> list[tuple[str, str, str]]:
    return [(problem.pointer, problem.code, problem.severity) for problem in check(notes_spec(**changes))]


@pytest.mark.parametrize(
    ("output", "loss", "expected"),
    [
        ((2, "softmax"), "sparse_categorical_crossentropy", []),
        ((2, "softmax"), "categorical_crossentropy", []),
        ((1, "sigmoid"), "binary_crossentropy", []),
        ((2, "sigmoid"), "binary_crossentropy", []),
        ((1, "linear"), "mean_squared_error", []),
        ((1, "tanh"), "mean_squared_error", []),
        ((2, "relu"), "mean_squared_error", []),
        ((1, "softmax"), "mean_squared_error", [("activation", "softmax_on_one_unit", "error")]),
        ((1, "softmax"), "binary_crossentropy", [("activation", "softmax_on_one_unit", "error")]),
        ((1, "sigmoid"), "sparse_categorical_crossentropy", [("units", "too_few_outputs", "error")]),
        ((1, "sigmoid"), "categorical_crossentropy", [("units", "too_few_outputs", "error")]),
        ((3, "softmax"), "sparse_categorical_crossentropy", [("units", "unused_outputs", "warning")]),
        ((3, "softmax"), "categorical_crossentropy", [("units", "too_many_outputs", "error")]),
        ((3, "sigmoid"), "binary_crossentropy", [("units", "too_many_outputs", "error")]),
        ((3, "linear"), "mean_squared_error", [("units", "too_many_outputs", "error")]),
        (
            (2, "sigmoid"),
            "sparse_categorical_crossentropy",
            [("activation", "sigmoid_with_categorical_loss", "warning")],
        ),
        ((2, "sigmoid"), "categorical_crossentropy", [("activation", "sigmoid_with_categorical_loss", "warning")]),
        (
            (2, "linear"),
            "sparse_categorical_crossentropy",
            [("activation", "linear_output_with_crossentropy", "error")],
        ),
        ((1, "linear"), "binary_crossentropy", [("activation", "linear_output_with_crossentropy", "error")]),
        ((2, "relu"), "categorical_crossentropy", [("activation", "no_probabilities", "error")]),
        ((1, "tanh"), "binary_crossentropy", [("activation", "no_probabilities", "error")]),
    ],
)
def test_it_remarks_on_outputs_that_do_not_fit(
    output: tuple[int, str], loss: str, expected: list[tuple[str, str, str]]
) -> None:
    pointed = [(f"/layers/1/{field}", code, severity) for field, code, severity in expected]
    assert remarks(layers=dense((8, "relu"), output), loss=loss) == pointed


def test_it_remarks_on_ten_classes_and_fewer_outputs() -> None:
    spec = notes_spec(data={"kind": "digits"}, layers=dense((8, "relu"), (1, "linear")), loss="mean_squared_error")
    (problem,) = check(spec)
    assert problem.code == "too_few_outputs"
    assert "10 classes" in problem.detail
    assert problem.parameters == {"units": 1, "classes": 10}


def test_it_remarks_on_softmax_with_a_binary_loss() -> None:
    layers = dense((8, "relu"), (2, "softmax"))
    assert remarks(layers=layers, loss="binary_crossentropy") == [("/loss", "softmax_with_binary_loss", "warning")]


def test_it_remarks_on_hidden_layers() -> None:
    layers = dense((4, "linear"), (1, "softmax"), (4, "softmax"), (2, "softmax"))
    assert remarks(layers=layers) == [
        ("/layers/0/activation", "linear_hidden_layer", "warning"),
        ("/layers/1/activation", "softmax_on_one_unit", "error"),
        ("/layers/2/activation", "softmax_in_hidden_layer", "warning"),
    ]


def test_it_remarks_on_nesterov_without_momentum() -> None:
    optimizer = {"kind": "sgd", "nesterov": True}
    assert remarks(optimizer=optimizer) == [("/optimizer/nesterov", "nesterov_without_momentum", "warning")]


def test_every_advice_has_a_place_where_it_is_given() -> None:
    """A code that no test above provokes would be dead text for the translators."""
    source = inspect.getsource(sandbox.spec)
    assert [code for code in ADVICE if f'"{code}"' not in source] == []
