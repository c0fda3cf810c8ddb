"""What a teacher remarks on a spec that is well formed: where, what, and whether it may be trained all the same."""

from typing import Any, get_args

import pytest
from pydantic import ValidationError

from sandbox.advice import ADVICE
from sandbox.spec import Activation, parse_spec
from sandbox.spec.sense import check
from tests.sandbox.specs import NOTES, dense, notes_spec

Changes = dict[str, Any]


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


# --- every remark there is ---

CIRCLES: Changes = {"data": {"kind": "circles", "rows": 100}}
LINE: Changes = {"data": {"kind": "line"}, "layers": dense((1, "linear")), "loss": "mean_squared_error"}
TWO = dense((2, "softmax"))
PICTURE = {"kind": "reshape", "shape": [8, 8, 1]}
TABLE: Changes = {"kind": "table", "table": "00000000-0000-0000-0000-000000000000", "target": "y", "rows": 1}
COLUMNS: Changes = {"columns": [{"name": "x"}], "classes": ["no", "yes"]}
AGES = {"kind": "clinical_trial", "scaling": "none"}


def digits(*layers: Changes) -> Changes:
    return {"data": {"kind": "digits"}, "layers": [*layers, *dense((10, "softmax"))]}


PROVOKING: dict[str, tuple[str, Changes]] = {
    # of the door
    "duplicate_name": ("/layers/1/name", {"layers": [{**dense((2, "relu"))[0], "name": "x"}, {**TWO[0], "name": "x"}]}),
    "no_training_rows": ("/data/validation", {"data": TABLE | COLUMNS, "batch_size": 1}),
    "unknown_table": ("/data/table", {"data": TABLE}),
    "needs_picture": ("/layers/0/kind", digits({"kind": "conv_2d", "filters": 1, "kernel_size": 3})),
    "needs_sequence": ("/layers/0/kind", digits({"kind": "lstm", "units": 4})),
    "window_too_large": ("/layers/1/pool_size", digits(PICTURE, {"kind": "max_pooling_2d", "pool_size": 9})),
    "reshape_mismatch": ("/layers/0/shape", digits({"kind": "reshape", "shape": [8, 9]})),
    "embedding_not_first": (
        "/layers/1/kind",
        digits({"kind": "flatten"}, {"kind": "embedding", "input_dim": 17, "output_dim": 2}),
    ),
    # of the data
    "sorted_rows": ("/data/split", {"data": {"kind": "iris"}, "layers": dense((3, "softmax"))}),
    "stratified_regression": ("/data/split", LINE | {"data": {"kind": "line", "split": "stratified"}}),
    "label_noise_in_regression": ("/data/label_noise", LINE | {"data": {"kind": "line", "label_noise": 0.1}}),
    "class_weights_in_regression": ("/class_weights", LINE | {"class_weights": [1, 2]}),
    "class_weights_length": ("/class_weights", {"class_weights": [1.0]}),
    "unscaled_inputs": ("/data/scaling", {"data": AGES}),
    "embedding_needs_whole_numbers": (
        "/layers/0/kind",
        CIRCLES | {"layers": [{"kind": "embedding", "input_dim": 2, "output_dim": 2}, {"kind": "flatten"}, *TWO]},
    ),
    "embedding_too_small": (
        "/layers/0/input_dim",
        {
            "data": AGES,
            "layers": [{"kind": "embedding", "input_dim": 100, "output_dim": 2}, {"kind": "flatten"}, *TWO],
        },
    ),
    # of the layers
    "no_weights": ("/layers", CIRCLES | {"layers": [{"kind": "activation", "activation": "softmax"}]}),
    "softmax_in_hidden_layer": ("/layers/0/activation", {"layers": dense((2, "softmax"), (2, "softmax"))}),
    "linear_hidden_layer": ("/layers/0/activation", {"layers": dense((2, "linear"), (2, "softmax"))}),
    "random_output": ("/layers/1/kind", {"layers": [*TWO, {"kind": "dropout", "rate": 0.5}]}),
    # of outputs and loss
    "output_not_flat": ("/layers/1/kind", {"layers": [{"kind": "reshape", "shape": [1, 1]}, *TWO]}),
    "too_few_outputs": ("/layers/0/units", {"layers": dense((1, "sigmoid"))}),
    "unused_outputs": ("/layers/0/units", {"layers": dense((3, "softmax"))}),
    "too_many_outputs": ("/layers/0/units", {"layers": dense((3, "softmax")), "loss": "categorical_crossentropy"}),
    "softmax_on_one_unit": ("/layers/0/activation", {"layers": dense((1, "softmax")), "loss": "binary_crossentropy"}),
    "linear_output_with_crossentropy": ("/layers/0/activation", {"layers": dense((2, "linear"))}),
    "no_probabilities": ("/layers/0/activation", {"layers": dense((2, "tanh"))}),
    "sigmoid_with_categorical_loss": ("/layers/0/activation", {"layers": dense((2, "sigmoid"))}),
    "softmax_with_binary_loss": ("/loss", {"loss": "binary_crossentropy"}),
    "squashed_twice": ("/from_logits", {"from_logits": True}),
    "logits_without_crossentropy": ("/from_logits", {"from_logits": True, "loss": "huber"}),
    "crossentropy_in_regression": ("/loss", LINE | {"loss": "binary_crossentropy"}),
    "one_output_in_regression": ("/layers/0/units", LINE | {"layers": dense((2, "linear"))}),
    "bounded_regression": ("/layers/0/activation", LINE | {"layers": dense((1, "sigmoid"))}),
    # of metrics, optimizer and stops
    "metric_twice": ("/metrics/1", {"metrics": ["accuracy", "accuracy"]}),
    "metric_of_other_task": ("/metrics/0", {"metrics": ["r2_score"]}),
    "metric_needs_probabilities": ("/metrics/0", {"metrics": ["auc"]}),
    "centered_with_embedding": (
        "/optimizer/centered",
        {
            "data": {"kind": "digits", "scaling": "none"},
            "layers": [
                {"kind": "embedding", "input_dim": 17, "output_dim": 4},
                {"kind": "flatten"},
                {"kind": "dense", "units": 10, "activation": "softmax"},
            ],
            "optimizer": {"kind": "rmsprop", "centered": True},
        },
    ),
    "nesterov_without_momentum": ("/optimizer/nesterov", {"optimizer": {"kind": "sgd", "nesterov": True}}),
    "large_learning_rate": ("/optimizer/learning_rate", {"optimizer": {"kind": "nadam", "learning_rate": 0.2}}),
    "endless_warm_up": (
        "/optimizer/schedule/warmup_steps",
        {"optimizer": {"kind": "adam", "schedule": {"kind": "warm_up", "warmup_steps": 5000}}},
    ),
    "not_measured": ("/early_stopping/monitor", {"early_stopping": {"monitor": "val_auc"}}),
    "two_masters": (
        "/reduce_on_plateau",
        {
            "optimizer": {"kind": "adam", "schedule": {"kind": "step", "decay_steps": 9, "decay_rate": 0.5}},
            "reduce_on_plateau": {},
        },
    ),
}


def findings(changes: Changes) -> list[tuple[str, str, str]]:
    """Pointers, codes and texts of the door, or behind it of the teacher."""
    try:
        spec = parse_spec(NOTES | changes)
    except ValidationError as error:
        return [("/" + "/".join(map(str, line["loc"])), line["type"], line["msg"]) for line in error.errors()]
    return [(problem.pointer, problem.code, problem.detail) for problem in check(spec)]


OF_UPLOADED_TABLES = {"unknown_target", "target_leaks"}
"""These need a table: `test_uploads` provokes them."""


@pytest.mark.parametrize("code", sorted(ADVICE.keys() - OF_UPLOADED_TABLES))
def test_every_advice_is_given_somewhere(code: str) -> None:
    """A code that nothing provokes would be dead text for the translators."""
    pointer, changes = PROVOKING[code]
    found = findings(changes)
    assert (pointer, code) in [(where, what) for where, what, _ in found]
    assert not any("%(" in text for *_, text in found)


# --- what is not remarked on ---


@pytest.mark.parametrize(
    "changes",
    [
        {},
        CIRCLES | {"layers": [*dense((8, "linear")), {"kind": "activation", "activation": "relu"}, *TWO]},
        CIRCLES | {"layers": [*dense((8, "linear")), {"kind": "batch_normalization"}, *TWO]},
        CIRCLES | {"layers": [*TWO, {"kind": "activation", "activation": "linear"}]},
        CIRCLES | {"layers": [*dense((2, "linear")), {"kind": "activation", "activation": "softmax"}]},
        CIRCLES | {"layers": dense((2, "linear")), "from_logits": True},
        CIRCLES | {"layers": dense((2, "log_softmax")), "from_logits": True},
        {"data": {"kind": "iris", "split": "stratified"}, "layers": dense((3, "softmax"))},
        {"data": {"kind": "iris", "validation": 0.0}, "layers": dense((3, "softmax"))},
        {"layers": dense((1, "sigmoid")), "loss": "binary_crossentropy", "metrics": ["auc", "precision", "recall"]},
        {"class_weights": [1, 2.5]},
        LINE,
        LINE | {"metrics": ["mean_absolute_error", "r2_score"], "layers": dense((8, "relu"), (1, "linear"))},
        digits(PICTURE, {"kind": "conv_2d", "filters": 4, "kernel_size": 3}, {"kind": "global_average_pooling_2d"}),
        digits({"kind": "reshape", "shape": [8, 8]}, {"kind": "gru", "units": 8}),
        {
            "data": AGES,
            "layers": [{"kind": "embedding", "input_dim": 101, "output_dim": 4}, {"kind": "flatten"}, *TWO],
        },
        {"early_stopping": {}, "reduce_on_plateau": {}, "stop_at": {"monitor": "accuracy", "value": 0.9}},
        {"optimizer": {"kind": "adadelta", "learning_rate": 1.0}},
    ],
)
def test_it_has_nothing_to_say_of_a_sensible_spec(changes: Changes) -> None:
    assert findings(changes) == []


# --- a few that are easy to get wrong ---


def test_a_linear_layer_adds_nothing_whatever_stands_between_it_and_the_next() -> None:
    between = [{"kind": "dropout", "rate": 0.1}, {"kind": "reshape", "shape": [2, 2]}, {"kind": "flatten"}]
    layers = [*dense((4, "linear")), *between, *dense((2, "softmax"))]
    assert remarks(layers=layers) == [("/layers/0/activation", "linear_hidden_layer", "warning")]


def test_an_activation_layer_at_the_end_is_the_one_that_is_pointed_at() -> None:
    layers = [*dense((2, "softmax")), {"kind": "activation", "activation": "relu"}, {"kind": "activation",
              "activation": "linear"}]  # fmt: skip
    assert remarks(layers=layers) == [("/layers/1/activation", "no_probabilities", "error")]


def test_a_normalization_behind_softmax_is_an_output_without_activation() -> None:
    layers = [*dense((2, "softmax")), {"kind": "batch_normalization"}]
    assert ("/layers/1/kind", "linear_output_with_crossentropy", "error") in remarks(layers=layers)


def test_outputs_of_a_convolution_are_counted_by_its_filters() -> None:
    convolution = {"kind": "conv_2d", "filters": 9, "kernel_size": 8, "activation": "softmax"}
    layers = [PICTURE, convolution, {"kind": "flatten"}]
    assert findings({"data": {"kind": "digits"}, "layers": layers})[0][:2] == ("/layers/1/filters", "too_few_outputs")


@pytest.mark.parametrize("activation", get_args(Activation))
def test_a_regression_has_an_output_without_bounds(activation: str) -> None:
    found = [code for _, code, _ in findings(LINE | {"layers": dense((1, activation))})]
    bounded = {"linear": [], "leaky_relu": [], "softmax": ["softmax_on_one_unit"]}
    assert found == bounded.get(activation, ["bounded_regression"])


def test_a_regression_knows_no_logits_either() -> None:
    assert findings(LINE | {"from_logits": True})[0][:2] == ("/from_logits", "logits_without_crossentropy")


@pytest.mark.parametrize("activation", ["linear", "relu"])
def test_a_metric_of_probabilities_needs_them_whatever_the_loss(activation: str) -> None:
    changes = {"layers": dense((1, activation)), "loss": "mean_squared_error", "metrics": ["auc"]}
    assert findings(changes)[0][:2] == ("/metrics/0", "metric_needs_probabilities")


@pytest.mark.parametrize("key", ["early_stopping", "reduce_on_plateau"])
def test_a_stop_watches_validation_unless_told_otherwise(key: str) -> None:
    without = {"data": {"kind": "circles", "validation": 0.0}, key: {}}
    assert [found[:2] for found in findings(without)] == [(f"/{key}/monitor", "not_measured")]
    assert findings(without | {key: {"monitor": "loss"}}) == []


def test_the_inputs_of_keras_have_a_name_already() -> None:
    layers = [{"kind": "dense", "units": 2, "activation": "softmax", "name": "input_layer"}]
    assert findings({"layers": layers})[0][:2] == ("/layers/0/name", "duplicate_name")
