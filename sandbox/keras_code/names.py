"""Keras' names, old and new: what the reader of Keras code knows, as tables. Nothing outside of them is followed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import get_args

from sandbox.spec import Activation, Loss

ACTIVATIONS: tuple[str, ...] = get_args(Activation)
LOSSES: tuple[str, ...] = get_args(Loss)

# Modules that have gone, and where their names live today (checked against Keras 3.15).
OLD_MODULES = {
    "keras.layers.core": "keras.layers",
    "keras.layers.convolutional": "keras.layers",
    "keras.layers.pooling": "keras.layers",
    "keras.layers.recurrent": "keras.layers",
    "keras.layers.embeddings": "keras.layers",
    "keras.layers.normalization": "keras.layers",
    "keras.layers.advanced_activations": "keras.layers",
    "keras.engine.sequential": "keras.models",
    "keras.optimizers.legacy": "keras.optimizers",
    "keras.utils.np_utils": "keras.utils",
}

SEQUENTIAL = "keras.models.Sequential"
ALIASES = {"keras.Sequential": SEQUENTIAL, "keras.layers.Input": "keras.Input"}

# Names that are understood even where a snippet leaves the import out.
BARE = {
    "Sequential": SEQUENTIAL,
    "Dense": "keras.layers.Dense",
    "Activation": "keras.layers.Activation",
    "Input": "keras.Input",
    "Dropout": "keras.layers.Dropout",
    "Flatten": "keras.layers.Flatten",
    "Adam": "keras.optimizers.Adam",
    "SGD": "keras.optimizers.SGD",
}

# Names that make or change a network: a statement with one of them is either understood or refused, never left out.
BUILDING = ("keras.layers.", "keras.models.", "keras.optimizers.")
BUILDING_NAMES = frozenset({"keras.Input", "keras.Model"})

ACTIVATION_MODULES = ("keras.activations.", "tensorflow.nn.")
LOSS_MODULES = ("keras.losses.", "keras.metrics.")
LOSS_NAMES = {
    **{name: name for name in LOSSES},
    "mse": "mean_squared_error",
    "MSE": "mean_squared_error",
    "mae": "mean_absolute_error",
    "MAE": "mean_absolute_error",
    "SparseCategoricalCrossentropy": "sparse_categorical_crossentropy",
    "CategoricalCrossentropy": "categorical_crossentropy",
    "BinaryCrossentropy": "binary_crossentropy",
    "MeanSquaredError": "mean_squared_error",
    "MeanAbsoluteError": "mean_absolute_error",
    "Huber": "huber",
}

# Methods of a model that leave it as it is.
HARMLESS_METHODS = frozenset(
    {
        "summary",
        "predict",
        "evaluate",
        "save",
        "save_weights",
        "get_weights",
        "get_config",
        "to_json",
        "predict_on_batch",
    }
)
HARMLESS_ATTRIBUTES = frozenset(
    {"history", "inputs", "outputs", "input_shape", "output_shape", "name", "metrics_names"}
)
OLD_METHODS = {
    "predict_classes": "np.argmax(model.predict(x), axis=-1)",
    "predict_proba": "model.predict(x)",
    "to_yaml": "model.to_json()",
}
ACCURACY = frozenset({"accuracy", "acc", "sparse_categorical_accuracy", "categorical_accuracy", "binary_accuracy"})


@dataclass(frozen=True)
class Signature:
    """The arguments of one of Keras' callables.

    `taken` are read; `neutral` must have one of the values given (they would change the training otherwise); `ignored`
    change nothing; `old` are former names. Anything else is refused.
    """

    positional: tuple[str, ...]
    taken: frozenset[str]
    neutral: Mapping[str, tuple[object, ...]] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()
    old: Mapping[str, str] = field(default_factory=dict)


_NONE: tuple[object, ...] = (None,)

DENSE = Signature(
    positional=("units", "activation"),
    taken=frozenset({"units", "activation", "input_shape", "input_dim", "batch_input_shape"}),
    neutral={
        "use_bias": (True,),
        "kernel_initializer": ("glorot_uniform", None),
        "bias_initializer": ("zeros", None),
        "kernel_regularizer": _NONE,
        "bias_regularizer": _NONE,
        "activity_regularizer": _NONE,
        "kernel_constraint": _NONE,
        "bias_constraint": _NONE,
        "trainable": (True,),
        "dtype": ("float32", None),
    },
    ignored=frozenset({"name"}),
    old={
        "output_dim": "units",
        "init": "kernel_initializer",
        "bias": "use_bias",
        "W_regularizer": "kernel_regularizer",
        "b_regularizer": "bias_regularizer",
        "W_constraint": "kernel_constraint",
        "b_constraint": "bias_constraint",
    },
)
ACTIVATION = Signature(
    ("activation",),
    frozenset({"activation", "input_shape", "input_dim", "batch_input_shape"}),
    ignored=frozenset({"name"}),
)
INPUT = Signature(
    ("shape",),
    frozenset({"shape", "input_shape"}),
    {"batch_size": _NONE, "dtype": ("float32", None)},
    frozenset({"name"}),
)
SEQUENTIAL_CALL = Signature(("layers", "name"), frozenset({"layers"}), ignored=frozenset({"name"}))
ADD = Signature(("layer",), frozenset({"layer"}))
ADAM = Signature(
    positional=("learning_rate", "beta_1", "beta_2", "epsilon"),
    taken=frozenset({"learning_rate", "beta_1", "beta_2", "epsilon"}),
    neutral={
        "amsgrad": (False,),
        "weight_decay": _NONE,
        "clipnorm": _NONE,
        "clipvalue": _NONE,
        "global_clipnorm": _NONE,
        "use_ema": (False,),
    },
    ignored=frozenset({"name", "decay"}),
    old={"lr": "learning_rate"},
)
SGD = Signature(
    positional=("learning_rate", "momentum", "nesterov"),
    taken=frozenset({"learning_rate", "momentum", "nesterov"}),
    neutral={name: values for name, values in ADAM.neutral.items() if name != "amsgrad"},
    ignored=ADAM.ignored,
    old=ADAM.old,
)
COMPILE = Signature(
    positional=("optimizer", "loss", "metrics"),
    taken=frozenset({"optimizer", "loss", "metrics"}),
    neutral={"loss_weights": _NONE, "weighted_metrics": _NONE, "sample_weight_mode": _NONE},
    ignored=frozenset({"run_eagerly", "steps_per_execution", "jit_compile", "auto_scale_loss"}),
)
FIT = Signature(
    positional=(
        "x",
        "y",
        "batch_size",
        "epochs",
        "verbose",
        "callbacks",
        "validation_split",
        "validation_data",
        "shuffle",
    ),
    taken=frozenset(
        {"x", "y", "batch_size", "epochs", "callbacks", "validation_split", "validation_data", "shuffle", "verbose"}
    ),
    neutral={
        "class_weight": _NONE,
        "sample_weight": _NONE,
        "initial_epoch": (0,),
        "steps_per_epoch": _NONE,
        "validation_steps": _NONE,
        "validation_batch_size": _NONE,
        "validation_freq": (1,),
    },
    ignored=frozenset({"workers", "use_multiprocessing", "max_queue_size"}),
    old={"nb_epoch": "epochs"},
)
LOSS_CALL = Signature(
    (),
    frozenset({"from_logits"}),
    {"reduction": ("sum_over_batch_size", None), "label_smoothing": (0,)},
    frozenset({"name"}),
)


def canonical(dotted: str) -> str:
    """The name as Keras has it today: `tensorflow.keras.layers.core.Dense` is `keras.layers.Dense`."""
    for prefix in ("tensorflow.python.keras", "tensorflow.keras"):
        if dotted == prefix or dotted.startswith(prefix + "."):
            dotted = "keras" + dotted[len(prefix) :]
    for old, new in OLD_MODULES.items():
        if dotted == old or dotted.startswith(old + "."):
            dotted = new + dotted[len(old) :]
    return ALIASES.get(dotted, dotted)


def old_module(dotted: str) -> bool:
    """Whether the module named is one that no longer exists in this place."""
    plain = dotted.replace("tensorflow.python.keras", "keras").replace("tensorflow.keras", "keras")
    return plain in OLD_MODULES or dotted.startswith("tensorflow.python.keras")


def is_building(name: str) -> bool:
    return name.startswith(BUILDING) or name in BUILDING_NAMES or name in ALIASES
