"""From a spec to a Keras model, optimizer, loss and metrics. Only strings of our own enums and bounded numbers reach
Keras: the keys of a spec are Keras' own arguments, apart from those named here."""

from typing import Any

import keras

from sandbox.spec import Metric, Spec, dataset, layer_names, output_width, training
from sandbox.spec import layers as kinds

LAYERS: dict[str, Any] = {
    "dense": keras.layers.Dense,
    "activation": keras.layers.Activation,
    "dropout": keras.layers.Dropout,
    "gaussian_noise": keras.layers.GaussianNoise,
    "batch_normalization": keras.layers.BatchNormalization,
    "layer_normalization": keras.layers.LayerNormalization,
    "flatten": keras.layers.Flatten,
    "reshape": keras.layers.Reshape,
    "conv_1d": keras.layers.Conv1D,
    "conv_2d": keras.layers.Conv2D,
    "max_pooling_1d": keras.layers.MaxPooling1D,
    "max_pooling_2d": keras.layers.MaxPooling2D,
    "average_pooling_1d": keras.layers.AveragePooling1D,
    "average_pooling_2d": keras.layers.AveragePooling2D,
    "global_average_pooling_1d": keras.layers.GlobalAveragePooling1D,
    "global_average_pooling_2d": keras.layers.GlobalAveragePooling2D,
    "simple_rnn": keras.layers.SimpleRNN,
    "lstm": keras.layers.LSTM,
    "gru": keras.layers.GRU,
    "embedding": keras.layers.Embedding,
}
OPTIMIZERS: dict[str, Any] = {
    "sgd": keras.optimizers.SGD,
    "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW,
    "nadam": keras.optimizers.Nadam,
    "rmsprop": keras.optimizers.RMSprop,
    "adagrad": keras.optimizers.Adagrad,
    "adadelta": keras.optimizers.Adadelta,
}
LOSSES: dict[str, Any] = {
    "sparse_categorical_crossentropy": keras.losses.SparseCategoricalCrossentropy,
    "categorical_crossentropy": keras.losses.CategoricalCrossentropy,
    "binary_crossentropy": keras.losses.BinaryCrossentropy,
    "mean_squared_error": keras.losses.MeanSquaredError,
    "mean_absolute_error": keras.losses.MeanAbsoluteError,
    "huber": keras.losses.Huber,
}
CLIPPINGS = {"value": "clipvalue", "norm": "clipnorm", "global_norm": "global_clipnorm"}
ENDLESS = 2**30


def build_model(spec: Spec) -> Any:
    """The built model; the weights depend on the seed alone, as in a script that calls set_random_seed first."""
    keras.utils.set_random_seed(spec.seed)
    names = layer_names(spec.layers)
    layers = [build_layer(layer, name) for layer, name in zip(spec.layers, names, strict=True)]
    return keras.Sequential([keras.Input((len(dataset(spec).features),)), *layers])


def build_layer(layer: kinds.Layer, name: str) -> Any:
    options = layer.model_dump(exclude={"kind", "name"})
    if isinstance(layer, kinds.Reshape):
        options["target_shape"] = options.pop("shape")
    if regularizer := options.get("kernel_regularizer"):
        options["kernel_regularizer"] = keras.regularizers.L1L2(**regularizer)
    return LAYERS[layer.kind](**options, name=name)


def build_optimizer(spec: Spec) -> Any:
    optimizer = spec.optimizer
    options = optimizer.model_dump(exclude={"kind", "schedule", "clipping", "learning_rate"})
    if optimizer.clipping:
        options[CLIPPINGS[optimizer.clipping.kind]] = optimizer.clipping.limit
    return OPTIMIZERS[optimizer.kind](learning_rate=_rate(optimizer), **options)


def _rate(optimizer: Any) -> Any:
    rate = optimizer.learning_rate
    match optimizer.schedule:
        case training.Exponential(decay_steps=steps, decay_rate=decay):
            return keras.optimizers.schedules.ExponentialDecay(rate, steps, decay)
        case training.StepDecay(decay_steps=steps, decay_rate=decay):
            return keras.optimizers.schedules.ExponentialDecay(rate, steps, decay, staircase=True)
        case training.Cosine(decay_steps=steps, alpha=alpha, warmup_steps=0):
            return keras.optimizers.schedules.CosineDecay(rate, steps, alpha=alpha)
        case training.Cosine(decay_steps=steps, alpha=alpha, warmup_steps=warm_up):
            return _warm(rate, warm_up, steps, alpha)
        case training.WarmUp(warmup_steps=warm_up):
            return _warm(rate, warm_up, ENDLESS, 1.0)
        case _:
            return rate


def _warm(rate: float, warm_up: int, steps: int, alpha: float) -> Any:
    return keras.optimizers.schedules.CosineDecay(0.0, steps, alpha=alpha, warmup_target=rate, warmup_steps=warm_up)


def build_loss(spec: Spec) -> Any:
    options = {"from_logits": True} if spec.from_logits else {}
    return LOSSES[spec.loss](**options)


def mean_metric(spec: Spec, metric: Metric) -> Any:
    """The function (targets, outputs) → one number per row whose mean is the metric; None if it is no mean."""
    if metric == "mean_absolute_error":
        return keras.metrics.mean_absolute_error
    if metric != "accuracy":
        return None
    if output_width(spec) == 1:
        threshold = 0.0 if spec.from_logits else 0.5
        return lambda wanted, outputs: keras.metrics.binary_accuracy(wanted, outputs, threshold)
    if spec.loss == "sparse_categorical_crossentropy":
        return keras.metrics.sparse_categorical_accuracy
    return keras.metrics.categorical_accuracy


COUNTED: dict[str, Any] = {
    "auc": keras.metrics.AUC,
    "precision": keras.metrics.Precision,
    "recall": keras.metrics.Recall,
    "r2_score": keras.metrics.R2Score,
}
"""Metrics that are no means of rows: Keras' own objects count for them."""
