"""From a spec to a Keras model, optimizer and loss. Only strings of our own enums and bounded numbers reach Keras."""

from typing import Any

import keras

from sandbox.spec import Adam, Sgd, Spec, dataset

LOSSES: dict[str, type] = {
    "sparse_categorical_crossentropy": keras.losses.SparseCategoricalCrossentropy,
    "categorical_crossentropy": keras.losses.CategoricalCrossentropy,
    "binary_crossentropy": keras.losses.BinaryCrossentropy,
    "mean_squared_error": keras.losses.MeanSquaredError,
}


def build_model(spec: Spec) -> Any:
    """The built model; the weights depend on the seed alone, as in a script that calls set_random_seed first."""
    keras.utils.set_random_seed(spec.seed)
    layers = [keras.layers.Dense(layer.units, activation=layer.activation) for layer in spec.layers]
    return keras.Sequential([keras.Input((len(dataset(spec).features),)), *layers])


def build_optimizer(spec: Spec) -> Any:
    match spec.optimizer:
        case Sgd(learning_rate=rate, momentum=momentum, nesterov=nesterov):
            return keras.optimizers.SGD(rate, momentum=momentum, nesterov=nesterov)
        case Adam(learning_rate=rate, beta_1=beta_1, beta_2=beta_2, epsilon=epsilon):
            return keras.optimizers.Adam(rate, beta_1=beta_1, beta_2=beta_2, epsilon=epsilon)


def build_loss(spec: Spec) -> Any:
    return LOSSES[spec.loss]()


def matches(spec: Spec) -> Any:
    """The function (targets, outputs) → 0 or 1 per row that Keras picks for `metrics=["accuracy"]`."""
    if spec.layers[-1].units == 1:
        return keras.metrics.binary_accuracy
    if spec.loss == "sparse_categorical_crossentropy":
        return keras.metrics.sparse_categorical_accuracy
    return keras.metrics.categorical_accuracy
