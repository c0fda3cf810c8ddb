"""The door of the sandbox: what is refused, and with which pointer."""

import math
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sandbox.spec import (
    Limits,
    Spec,
    layer_names,
    measures,
    metrics,
    parameter_count,
    parse_spec,
    shapes,
    steps_per_epoch,
    total_steps,
    training_rows,
    validation_rows,
)
from sandbox.spec import test_rows as rows_put_aside
from tests.sandbox.specs import NOTES, dense, notes_spec

CIRCLES = {"kind": "circles", "rows": 20_000}

# Few weights and many values: the 64 filters of 64 pixels read as one sequence of 4,096 steps, with four gates at each.
LONG_SEQUENCE: list[dict[str, Any]] = [
    {"kind": "reshape", "shape": [8, 8, 1]},
    {"kind": "conv_2d", "filters": 64, "kernel_size": 1},
    {"kind": "reshape", "shape": [4096, 1]},
    {"kind": "lstm", "units": 32},
    *dense((10, "softmax")),
]
# Every part of a spec at once: pictures of the digits, a schedule, and everything that may change or end a training.
FULL: dict[str, Any] = {
    "schema": 1,
    "data": {"kind": "digits", "validation": 0.2, "test": 0.1, "split": "stratified", "label_noise": 0.1, "seed": 5},
    "layers": [
        {"kind": "reshape", "shape": [8, 8, 1]},
        {"kind": "conv_2d", "filters": 4, "kernel_size": 3, "activation": "relu", "kernel_regularizer": {"l2": 0.01}},
        {"kind": "max_pooling_2d"},
        {"kind": "flatten"},
        {"kind": "dropout", "rate": 0.2, "name": "forgetful"},
        {"kind": "dense", "units": 10},
    ],
    "optimizer": {
        "kind": "adamw",
        "schedule": {"kind": "cosine", "decay_steps": 400, "warmup_steps": 40},
        "clipping": {"kind": "global_norm", "limit": 1.0},
    },
    "loss": "sparse_categorical_crossentropy",
    "from_logits": True,
    "metrics": ["accuracy"],
    "class_weights": [1.0, 1, 1, 1, 1, 1, 1, 1, 2.5, 1],
    "epochs": 12,
    "batch_size": 32,
    "early_stopping": {"patience": 3, "restore_best_weights": True},
    "stop_at": {"monitor": "val_accuracy", "value": 0.95},
    "snapshots": {"every": 3},
}


def changed(path: tuple[str | int, ...], value: object, spec: dict[str, Any] = NOTES) -> dict[str, Any]:
    spec = deepcopy(spec)
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
    assert [(shape.inputs, shape.outputs) for shape in shapes(spec)] == [((1,), (16,)), ((16,), (32,)), ((32,), (2,))]
    assert (training_rows(spec), validation_rows(spec)) == (1890, 210)
    assert (steps_per_epoch(spec), total_steps(spec)) == (189, 3780)


def test_it_comes_back_the_same_from_its_json_with_every_default_filled_in() -> None:
    spec = parse_spec({key: NOTES[key] for key in NOTES if key not in ("shuffle", "seed")})
    stored = spec.model_dump(mode="json")
    assert stored["schema"] == 1
    assert stored["optimizer"]["beta_1"] == 0.9
    assert parse_spec(stored) == spec == Spec.model_validate_json(spec.model_dump_json())


def test_a_spec_with_everything_comes_back_the_same_from_its_json() -> None:
    spec = parse_spec(FULL)
    stored = spec.model_dump(mode="json")
    assert stored["layers"][1]["kernel_regularizer"] == {"l1": 0.0, "l2": 0.01}
    assert stored["optimizer"]["schedule"]["alpha"] == 0.0
    assert parse_spec(stored) == spec == Spec.model_validate_json(spec.model_dump_json())


def test_test_rows_are_put_aside_before_validation_takes_its_share() -> None:
    spec = parse_spec(FULL)
    assert (training_rows(spec), validation_rows(spec), rows_put_aside(spec)) == (1294, 324, 179)
    assert steps_per_epoch(spec) == math.ceil(1294 / 32)


def test_what_is_measured_depends_on_the_task_unless_it_is_said() -> None:
    assert metrics(notes_spec()) == ("accuracy",)
    assert metrics(notes_spec(metrics=[])) == ()
    line = notes_spec(data={"kind": "line", "validation": 0.0}, layers=dense((1, "linear")), loss="huber")
    assert metrics(line) == ("mean_absolute_error",)
    assert measures(line) == ("loss", "mean_absolute_error")
    assert measures(notes_spec()) == ("loss", "accuracy", "val_loss", "val_accuracy")


def test_a_layer_without_a_name_is_called_by_its_kind_and_place() -> None:
    layers = [{"kind": "dropout", "rate": 0.1, "name": "dense_2"}, *dense((4, "relu"), (2, "softmax"))]
    assert layer_names(notes_spec(layers=layers).layers) == ["dense_2", "dense_2_", "dense_3"]


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
        (("layers", 0), None, "model_attributes_type"),
        (("layers", 0, "kind"), "lambda", "union_tag_invalid"),
        (("layers", 0, "units"), True, "int_type"),
        (("layers", 0, "units"), 16.0, "int_type"),
        (("layers", 0, "units"), 0, "greater_than_equal"),
        (("layers", 0, "units"), 513, "less_than_equal"),
        (("layers", 0, "activation"), "os.system", "literal_error"),
        (("layers", 0, "activation"), {"class_name": "function"}, "literal_error"),
        (("layers", 0, "name"), "X y", "string_pattern_mismatch"),
        (("optimizer", "kind"), "lion", "union_tag_invalid"),
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
        (("seed",), 10**400, "less_than_equal"),
        (("optimizer", "learning_rate"), 10**400, "finite_number"),
        (("metrics",), ["accuracy"] * 5, "too_long"),
        (("metrics",), "accuracy", "tuple_type"),
        (("class_weights",), [1.0] * 51, "too_long"),
        (("early_stopping",), 3, "model_type"),
    ],
)
def test_it_refuses_with_a_pointer_into_the_json(path: tuple[str | int, ...], value: object, code: str) -> None:
    assert errors(changed(path, value)) == [("/" + "/".join(map(str, path)), code)]


@pytest.mark.parametrize("missing", ["schema", "data", "layers", "optimizer", "loss", "epochs", "batch_size"])
def test_it_refuses_a_spec_without(missing: str) -> None:
    assert errors({key: NOTES[key] for key in NOTES if key != missing}) == [(f"/{missing}", "missing")]


@pytest.mark.parametrize("path", [("data",), ("layers", 0), ("optimizer",), ("optimizer", "schedule")])
def test_it_refuses_a_union_without_its_kind(path: tuple[str | int, ...]) -> None:
    pointer = "/" + "/".join(map(str, path)) + "/kind"
    assert errors(changed(path, {"seed": 1})) == [(pointer, "union_tag_not_found")]
    assert errors(changed(path, {"kind": "magic"})) == [(pointer, "union_tag_invalid")]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("data", "seed"), -1),
        (("layers", 4, "rate"), 1.0),
        (("layers", 1, "kernel_regularizer", "l2"), -0.1),
        (("layers", 0, "shape", 1), 0),
        (("optimizer", "schedule", "decay_steps"), 0),
        (("optimizer", "clipping", "limit"), 0),
        (("metrics", 0), "applause"),
        (("class_weights", 8), -1),
        (("early_stopping", "patience"), -1),
        (("stop_at", "monitor"), "applause"),
        (("snapshots", "every"), 0),
    ],
)
def test_a_pointer_holds_only_keys_of_the_json(path: tuple[str | int, ...], value: object) -> None:
    ((pointer, _),) = errors(changed(path, value, FULL))
    assert pointer == "/" + "/".join(map(str, path))


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("epochs",), "20", "whole number, without quotes"),
        (("epochs",), 501, "at most 500"),
        (("batch_size",), None, "whole number"),
        (("seed",), 2**33, "at most 4,294,967,295"),
        (("optimizer", "clipping"), {"kind": "norm", "limit": 0.0}, "more than 0."),
        (("shuffle",), "yes", "true or false"),
        (("data",), [], "an object"),
        (("data", "kind"), "mnist", "Choose one of: clinical_trial, circles, moons,"),
        (("layers", 0, "activation"), "rely", "Choose one of: linear, relu, sigmoid,"),
        (("layers", 0, "name"), "<b>", "a to z, 0 to 9"),
        (("layers",), "dense", "a list"),
        (("layers",), [], "at least 1 item"),
        (("layers",), [None] * 17, "at most 16 items; it has 17"),
        (("epoch",), 5, "Nothing of this name is known"),
    ],
)
def test_it_says_what_is_wrong_in_plain_words(path: tuple[str | int, ...], value: object, words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        parse_spec(changed(path, value))
    (line,) = refused.value.errors()
    assert words in line["msg"]


def test_it_names_fifty_problems_at_most() -> None:
    assert len(errors(NOTES | {f"key_{number}": 1 for number in range(2000)})) == 50


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
        ({"data": {"kind": "digits"}, "layers": LONG_SEQUENCE}, "/layers"),
    ],
)
def test_it_refuses_what_is_too_much_together(changes: dict[str, Any], pointer: str) -> None:
    assert errors(NOTES | changes) == [(pointer, "over_limit")]


def test_a_setting_may_lower_a_limit() -> None:
    assert errors(NOTES, Limits(epochs=10, units=20)) == [("/layers/1/units", "over_limit"), ("/epochs", "over_limit")]


def test_a_setting_may_lower_the_size_of_the_data() -> None:
    assert errors(NOTES, Limits(classes=1, rows=2000)) == [("/data/rows", "over_limit"), ("/data", "over_limit")]
    assert errors(FULL, Limits(columns=63, filters=3)) == [("/layers/1/filters", "over_limit"), ("/data", "over_limit")]


def test_a_setting_may_not_raise_a_limit() -> None:
    with pytest.raises(ValueError, match="epochs"):
        Limits(epochs=501)
