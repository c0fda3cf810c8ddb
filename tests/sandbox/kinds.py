"""Specs of every kind: each data set, layer, optimizer, loss and stop is in at least one of them."""

from typing import Any

from tests.sandbox.samples import spec

CLASSES = {"clinical_trial": 2, "circles": 2, "moons": 2, "blobs": 4, "spiral": 3, "xor": 2, "digits": 10, "iris": 3,
           "wine": 3, "breast_cancer": 2}  # fmt: skip
NUMBERS = ["line", "sine", "diabetes"]
OPTIMIZERS = ["sgd", "adam", "adamw", "nadam", "rmsprop", "adagrad", "adadelta"]


def dense(units: int, activation: str = "linear", **options: Any) -> dict[str, Any]:
    return {"kind": "dense", "units": units, "activation": activation, **options}


def layer(kind: str, **options: Any) -> dict[str, Any]:
    return {"kind": kind, **options}


def of_classes(kind: str) -> dict[str, Any]:
    data = {"kind": kind, "validation": 0.2, "split": "stratified", "seed": 3}
    if kind in ("blobs", "spiral"):
        data["classes"] = CLASSES[kind]
    return spec(data=data, layers=[dense(6, "relu"), dense(CLASSES[kind], "softmax")])


def of_numbers(kind: str, **changes: Any) -> dict[str, Any]:
    data = {"kind": kind, "validation": 0.2, "split": "shuffled", "seed": 3}
    return spec(**{"data": data, "layers": [dense(6, "relu"), dense(1)], "loss": "mean_squared_error", **changes})


def of_optimizer(kind: str) -> dict[str, Any]:
    return spec(optimizer={"kind": kind, "learning_rate": 0.05})


DIGITS = {"kind": "digits", "validation": 0.2, "test": 0.1, "split": "stratified", "seed": 2, "label_noise": 0.1}
PICTURE = [layer("reshape", shape=[8, 8, 1])]
SEQUENCE = [layer("reshape", shape=[8, 8])]
NETWORKS: dict[str, list[dict[str, Any]]] = {
    "pictures": [
        *PICTURE,
        layer("conv_2d", filters=8, kernel_size=3, activation="relu", padding="same", kernel_initializer="he_normal"),
        layer("batch_normalization"),
        layer("max_pooling_2d", pool_size=2),
        layer("conv_2d", filters=12, kernel_size=2, name="second"),
        layer("activation", activation="relu"),
        layer("average_pooling_2d"),
        layer("flatten"),
        layer("dropout", rate=0.25),
        dense(10, "softmax", kernel_regularizer={"l2": 0.001}),
    ],
    "global": [
        *PICTURE,
        layer("conv_2d", filters=10, kernel_size=3),
        layer("global_average_pooling_2d"),
        layer("activation", activation="softmax"),
    ],
    "rows": [
        *SEQUENCE,
        layer("conv_1d", filters=6, kernel_size=3, strides=1, activation="gelu"),
        layer("layer_normalization"),
        layer("max_pooling_1d"),
        layer("average_pooling_1d", pool_size=1),
        layer("global_average_pooling_1d"),
        dense(10, "softmax", use_bias=False),
    ],
    "recurrent": [
        *SEQUENCE,
        layer("lstm", units=6, return_sequences=True),
        layer("gru", units=5, return_sequences=True),
        layer("simple_rnn", units=4),
        layer("gaussian_noise", stddev=0.1),
        dense(10, "softmax"),
    ],
}
NEARLY_PLAIN: dict[str, dict[str, Any]] = {
    "embedding": spec(
        data={"kind": "digits", "scaling": "none"},
        layers=[layer("embedding", input_dim=17, output_dim=4), layer("flatten"), dense(10, "softmax")],
    ),
    "one-output": spec(layers=[dense(4, "tanh"), dense(1, "sigmoid")], loss="binary_crossentropy"),
    "logits": spec(layers=[dense(4, "relu"), dense(2)], from_logits=True),
    "metrics": spec(
        loss="categorical_crossentropy", metrics=["recall", "auc", "precision", "accuracy"], class_weights=[1, 2.5]
    ),
    "nothing-measured": spec(metrics=[]),
    "stops": spec(
        early_stopping={"patience": 3, "restore_best_weights": True},
        reduce_on_plateau={"factor": 0.5, "patience": 2},
        stop_at={"monitor": "val_accuracy", "value": 0.95},
        snapshots={"every": 5},
    ),
    "schedule": spec(
        optimizer={
            "kind": "rmsprop",
            "rho": 0.8,
            "centered": True,
            "schedule": {"kind": "cosine", "decay_steps": 100, "warmup_steps": 10},
            "clipping": {"kind": "global_norm", "limit": 1.5},
        }
    ),
    "momentum": spec(optimizer={"kind": "sgd", "learning_rate": 0.1, "momentum": 0.9, "nesterov": True}),
    "huber": of_numbers("diabetes", loss="huber", metrics=["r2_score", "mean_absolute_error"]),
    "steep-line": of_numbers(
        "line", data={"kind": "line", "slope": -4.0, "intercept": 1.0, "noise": 0.3}, loss="mean_absolute_error"
    ),
    "waves": of_numbers("sine", data={"kind": "sine", "waves": 2.5, "rows": 300, "scaling": "standard"}),
    "shuffled-labels": spec(data={"kind": "circles", "shuffled_labels": True, "scaling": "min_max", "validation": 0.3}),
    "no-validation": spec(data={"kind": "moons", "validation": 0.0}),
}
EVERY: dict[str, dict[str, Any]] = {
    **{kind: of_classes(kind) for kind in CLASSES},
    **{kind: of_numbers(kind) for kind in NUMBERS},
    **{kind: of_optimizer(kind) for kind in OPTIMIZERS},
    **{name: spec(data=DIGITS, layers=layers, batch_size=32) for name, layers in NETWORKS.items()},
    **NEARLY_PLAIN,
}
