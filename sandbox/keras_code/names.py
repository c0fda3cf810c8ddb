"""Keras' names, old and new: what the reader of Keras code knows, as tables. Nothing outside of them is followed."""

import re
from typing import get_args

from sandbox.spec import Activation, Loss, Measure
from sandbox.spec.base import BiasInitializer, Initializer

ACTIVATIONS: tuple[str, ...] = get_args(Activation)
LOSSES: tuple[str, ...] = get_args(Loss)
MEASURES: tuple[str, ...] = get_args(Measure)
INITIALIZERS: tuple[str, ...] = get_args(Initializer)
BIAS_INITIALIZERS: tuple[str, ...] = get_args(BiasInitializer)

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
OWN_BATCHES = "engram.ShuffledBatches"
ALIASES = {
    "keras.Sequential": SEQUENTIAL,
    "keras.layers.Input": "keras.Input",
    "keras.layers.InputLayer": "keras.Input",
}

# Keras' class → kind in a spec.
LAYERS = {
    "Dense": "dense",
    "Activation": "activation",
    "Dropout": "dropout",
    "GaussianNoise": "gaussian_noise",
    "BatchNormalization": "batch_normalization",
    "LayerNormalization": "layer_normalization",
    "Flatten": "flatten",
    "Reshape": "reshape",
    "Conv1D": "conv_1d",
    "Conv2D": "conv_2d",
    "MaxPooling1D": "max_pooling_1d",
    "MaxPooling2D": "max_pooling_2d",
    "AveragePooling1D": "average_pooling_1d",
    "AveragePooling2D": "average_pooling_2d",
    "GlobalAveragePooling1D": "global_average_pooling_1d",
    "GlobalAveragePooling2D": "global_average_pooling_2d",
    "SimpleRNN": "simple_rnn",
    "LSTM": "lstm",
    "GRU": "gru",
    "Embedding": "embedding",
}
OTHER_NAMES = {
    "MaxPool1D": "MaxPooling1D",
    "MaxPool2D": "MaxPooling2D",
    "AvgPool1D": "AveragePooling1D",
    "AvgPool2D": "AveragePooling2D",
    "GlobalAvgPool1D": "GlobalAveragePooling1D",
    "GlobalAvgPool2D": "GlobalAveragePooling2D",
}
OPTIMIZERS = {
    "SGD": "sgd",
    "Adam": "adam",
    "AdamW": "adamw",
    "Nadam": "nadam",
    "RMSprop": "rmsprop",
    "Adagrad": "adagrad",
    "Adadelta": "adadelta",
}
CALLBACKS = {"EarlyStopping": "early_stopping", "ReduceLROnPlateau": "reduce_on_plateau"}
OTHER_CALLBACKS = ("ModelCheckpoint", "TensorBoard", "LearningRateScheduler", "CSVLogger", "TerminateOnNaN")

# Names that are understood even where a snippet leaves the import out.
BARE = {
    "Sequential": SEQUENTIAL,
    "Input": "keras.Input",
    **{name: f"keras.layers.{name}" for name in (*LAYERS, *OTHER_NAMES, "ReLU", "Softmax")},
    **{name: f"keras.optimizers.{name}" for name in OPTIMIZERS},
    **{name: f"keras.callbacks.{name}" for name in (*CALLBACKS, *OTHER_CALLBACKS)},
}

# Names that make or change a network: a statement with one of them is either understood or refused, never left out.
BUILDING = ("keras.layers.", "keras.models.", "keras.optimizers.")
BUILDING_NAMES = frozenset({"keras.Input", "keras.Model", *(f"keras.callbacks.{name}" for name in CALLBACKS)})

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
METRICS = {
    **dict.fromkeys(
        (
            "accuracy", "acc", "Accuracy", "sparse_categorical_accuracy", "categorical_accuracy", "binary_accuracy",
            "SparseCategoricalAccuracy", "CategoricalAccuracy", "BinaryAccuracy",
        ),
        "accuracy",
    ),
    **dict.fromkeys(("auc", "AUC"), "auc"),
    **dict.fromkeys(("precision", "Precision"), "precision"),
    **dict.fromkeys(("recall", "Recall"), "recall"),
    **dict.fromkeys(("mae", "MAE", "mean_absolute_error", "MeanAbsoluteError"), "mean_absolute_error"),
    **dict.fromkeys(("r2_score", "R2Score"), "r2_score"),
}  # fmt: skip
OLD_MEASURES = {"acc": "accuracy", "val_acc": "val_accuracy"}


def canonical(dotted: str) -> str:
    """The name as Keras has it today: `tensorflow.keras.layers.core.Dense` is `keras.layers.Dense`."""
    for prefix in ("tensorflow.python.keras", "tensorflow.keras"):
        if dotted == prefix or dotted.startswith(prefix + "."):
            dotted = "keras" + dotted[len(prefix) :]
    for old, new in OLD_MODULES.items():
        if dotted == old or dotted.startswith(old + "."):
            dotted = new + dotted[len(old) :]
    module, _, last = dotted.rpartition(".")
    if module == "keras.layers":
        dotted = f"{module}.{OTHER_NAMES.get(last, last)}"
    return ALIASES.get(dotted, dotted)


def old_module(dotted: str) -> bool:
    """Whether the module named is one that no longer exists in this place."""
    plain = dotted.replace("tensorflow.python.keras", "keras").replace("tensorflow.keras", "keras")
    return plain in OLD_MODULES or dotted.startswith("tensorflow.python.keras")


def is_building(name: str) -> bool:
    return name.startswith(BUILDING) or name in BUILDING_NAMES or name in ALIASES or name == OWN_BATCHES


OLD_INITIALIZERS = {
    "uniform": "random_uniform",
    "normal": "random_normal",
    "zero": "zeros",
    "one": "ones",
}


def snake(name: str) -> str:
    """GlorotUniform, as a text calls it: glorot_uniform."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
