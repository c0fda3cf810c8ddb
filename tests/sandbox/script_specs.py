"""Specs whose scripts are read and run: every layer, optimizer, schedule, loss, metric, callback and data set once."""

from typing import Any

from sandbox.spec import Spec, parse_spec
from tests.sandbox.specs import dense, notes_spec

SMALL = {"kind": "clinical_trial", "rows": 205}
CIRCLES = {"kind": "circles", "rows": 230, "validation": 0.2}
SINE = {"kind": "sine", "rows": 150, "waves": 1.5}
CNN = [
    {"kind": "reshape", "shape": [8, 8, 1]},
    {"kind": "conv_2d", "filters": 4, "kernel_size": 3, "activation": "relu", "padding": "same"},
    {"kind": "max_pooling_2d"},
    {"kind": "conv_2d", "filters": 4, "kernel_size": 2, "strides": 2, "kernel_initializer": "he_normal"},
    {"kind": "average_pooling_2d", "strides": 1},
    {"kind": "flatten", "name": "flat"},
    {"kind": "dropout", "rate": 0.2},
    *dense((10, "softmax")),
]
SEQUENCE = [
    {"kind": "reshape", "shape": [8, 8]},
    {"kind": "conv_1d", "filters": 6, "kernel_size": 2, "activation": "relu"},
    {"kind": "max_pooling_1d", "pool_size": 3, "padding": "same"},
    {"kind": "average_pooling_1d"},
    {"kind": "gru", "units": 4, "return_sequences": True},
    {"kind": "global_average_pooling_1d"},
    *dense((10, "softmax")),
]
LSTM = [
    {"kind": "reshape", "shape": [8, 8]},
    {"kind": "lstm", "units": 5, "return_sequences": True},
    {"kind": "simple_rnn", "units": 4, "activation": "relu", "recurrent_initializer": "glorot_normal"},
    *dense((10, "softmax")),
]
NORMALIZED = [
    {"kind": "dense", "units": 8, "kernel_regularizer": {"l2": 0.001}},
    {"kind": "batch_normalization", "momentum": 0.9},
    {"kind": "activation", "activation": "relu"},
    {"kind": "dense", "units": 6, "use_bias": False, "kernel_regularizer": {"l1": 0.001}},
    {"kind": "layer_normalization"},
    {"kind": "gaussian_noise", "stddev": 0.1},
    {"kind": "dense", "units": 2, "activation": "softmax", "kernel_regularizer": {"l1": 0.001, "l2": 0.002}},
]
EMBEDDED = [
    {"kind": "embedding", "input_dim": 101, "output_dim": 4},
    {"kind": "flatten"},
    *dense((8, "relu"), (2, "softmax")),
]

TRAINED: dict[str, dict[str, Any]] = {
    "the notes' network": {"epochs": 2},
    "in order, class weights": {
        "data": SMALL | {"label_noise": 0.1},
        "shuffle": False,
        "class_weights": [1.0, 2.5],
        "optimizer": {"kind": "sgd", "momentum": 0.9, "nesterov": True},
        "epochs": 3,
    },
    "shuffled, class weights, one logit": {
        "data": CIRCLES,
        "layers": dense((8, "tanh"), (1, "linear")),
        "loss": "binary_crossentropy",
        "from_logits": True,
        "class_weights": [0.5, 2.0],
        "epochs": 3,
    },
    "pictures": {
        "data": {"kind": "digits", "test": 0.1, "split": "stratified"},
        "layers": CNN,
        "batch_size": 64,
        "epochs": 2,
    },
    "sequences": {
        "data": {"kind": "digits", "scaling": "standard", "split": "shuffled"},
        "layers": SEQUENCE,
        "loss": "categorical_crossentropy",
        "metrics": ["accuracy", "auc", "precision", "recall"],
        "optimizer": {"kind": "nadam", "clipping": {"kind": "value", "limit": 0.5}},
        "batch_size": 100,
        "epochs": 2,
    },
    "recurrent": {
        "data": {"kind": "digits", "validation": 0.0},
        "layers": LSTM,
        "optimizer": {"kind": "adamw", "weight_decay": 0.01, "clipping": {"kind": "norm", "limit": 1.0}},
        "batch_size": 100,
        "epochs": 2,
    },
    "normalized, noisy, regularized": {
        "data": {"kind": "moons", "rows": 210},
        "layers": NORMALIZED,
        "optimizer": {
            "kind": "rmsprop",
            "rho": 0.8,
            "centered": True,
            "schedule": {"kind": "cosine", "decay_steps": 50, "alpha": 0.1},
        },
        "epochs": 3,
    },
    "embedded": {"data": SMALL | {"scaling": "none"}, "layers": EMBEDDED, "epochs": 2},
    "regression with huber": {
        "data": SINE | {"test": 0.1},
        "layers": dense((8, "tanh"), (1, "linear")),
        "loss": "huber",
        "metrics": ["mean_absolute_error", "r2_score"],
        "optimizer": {"kind": "adagrad", "learning_rate": 0.1},
        "epochs": 3,
    },
    "early stopping, best weights": {
        "data": {"kind": "spiral", "rows": 200, "classes": 3},
        "layers": dense((8, "relu"), (3, "softmax")),
        "early_stopping": {"monitor": "val_accuracy", "patience": 2, "restore_best_weights": True},
        "optimizer": {"kind": "adam", "learning_rate": 0.02},
        "epochs": 30,
    },
    "plateau": {
        "data": {"kind": "line", "rows": 120, "validation": 0.2},
        "layers": dense((1, "linear")),
        "loss": "mean_squared_error",
        "reduce_on_plateau": {"patience": 1, "factor": 0.5, "min_delta": 0.01, "min_learning_rate": 0.001},
        "optimizer": {"kind": "sgd", "learning_rate": 0.2},
        "epochs": 8,
    },
    "target": {
        "data": {"kind": "blobs", "rows": 150},
        "layers": dense((8, "relu"), (3, "softmax")),
        "stop_at": {"monitor": "accuracy", "value": 0.9},
        "optimizer": {"kind": "adam", "learning_rate": 0.02},
        "epochs": 30,
    },
    "diverging": {
        "data": {"kind": "diabetes", "scaling": "none"},
        "layers": dense((1, "linear")),
        "loss": "mean_squared_error",
        "optimizer": {"kind": "sgd", "learning_rate": 0.1},
        "epochs": 3,
    },
    "iris": {
        "data": {"kind": "iris", "split": "shuffled"},
        "layers": dense((8, "relu"), (3, "softmax")),
        "optimizer": {"kind": "adadelta", "learning_rate": 1.0},
        "epochs": 2,
    },
    "wine, warm-up": {
        "data": {"kind": "wine", "split": "stratified"},
        "layers": dense((8, "relu"), (3, "sigmoid")),
        "loss": "categorical_crossentropy",
        "optimizer": {"kind": "adam", "schedule": {"kind": "warm_up", "warmup_steps": 20}},
        "epochs": 2,
    },
    "breast cancer, stairs": {
        "data": {"kind": "breast_cancer"},
        "layers": dense((8, "relu"), (1, "sigmoid")),
        "loss": "binary_crossentropy",
        "metrics": ["recall", "accuracy"],
        "optimizer": {"kind": "sgd", "schedule": {"kind": "step", "decay_steps": 20, "decay_rate": 0.5}},
        "epochs": 2,
    },
    "xor, no class for an output": {
        "data": {"kind": "xor", "rows": 130, "shuffled_labels": True},
        "layers": dense((8, "relu"), (4, "softmax")),
        "optimizer": {
            "kind": "adam",
            "clipping": {"kind": "global_norm", "limit": 1.0},
            "schedule": {"kind": "exponential", "decay_steps": 20, "decay_rate": 0.9},
        },
        "epochs": 2,
    },
    "warm-up and cosine, absolute error": {
        "data": {"kind": "diabetes"},
        "layers": dense((4, "relu"), (1, "linear")),
        "loss": "mean_absolute_error",
        "optimizer": {"kind": "adam", "schedule": {"kind": "cosine", "decay_steps": 60, "warmup_steps": 10}},
        "metrics": [],
        "epochs": 2,
    },
}
"""Small enough to be trained in a test."""


def trained(name: str) -> Spec:
    return notes_spec(**TRAINED[name])


def table_spec(**data: Any) -> Spec:
    """A spec about a learner's table, complete as it is stored."""
    table = {"kind": "table", "table": "01234567-89ab-cdef-0123-456789abcdef", "target": "bought", "rows": 40}
    columns = [{"name": "age"}, {"name": "colour", "categories": ["blue", "red"]}]
    described = {**table, "columns": columns, "classes": ["no", "yes"], **data}
    outputs = dense((4, "relu"), (len(described["classes"]) or 1, "softmax" if described["classes"] else "linear"))
    loss = "sparse_categorical_crossentropy" if described["classes"] else "mean_squared_error"
    return parse_spec({
        "schema": 1, "data": described, "layers": outputs, "optimizer": {"kind": "adam"}, "loss": loss,
        "epochs": 2, "batch_size": 2,
    })  # fmt: skip
