"""The script a learner would write for a spec, with nothing of the engine but its rows: the oracle of parity."""

import os

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")

from dataclasses import dataclass
from typing import Any

import numpy as np

from sandbox.spec import Adam, Spec, validation_rows


@dataclass(frozen=True)
class Fitted:
    weights: list[Any]
    history: dict[str, list[float]]


def fit(spec: Spec) -> Fitted:
    import keras

    from sandbox.engine.data import make_rows

    rows = make_rows(spec)
    assert spec.data.split == "last_rows"
    assert not spec.shuffle
    wanted: Any = rows.labels
    if spec.loss != "sparse_categorical_crossentropy" and spec.layers[-1].units > 1:
        wanted = keras.utils.to_categorical(rows.labels)
    keras.utils.set_random_seed(spec.seed)
    model = keras.Sequential([keras.Input((rows.inputs.shape[1],))])
    for layer in spec.layers:
        model.add(keras.layers.Dense(layer.units, activation=layer.activation))
    model.compile(optimizer=_optimizer(spec), loss=spec.loss, metrics=["accuracy"])
    history = model.fit(
        rows.inputs,
        wanted,
        batch_size=spec.batch_size,
        epochs=spec.epochs,
        shuffle=False,
        validation_split=spec.data.validation if validation_rows(spec) else 0.0,
        verbose=0,
    )
    return Fitted([np.array(weight) for weight in model.get_weights()], history.history)


def _optimizer(spec: Spec) -> Any:
    import keras

    chosen = spec.optimizer
    if isinstance(chosen, Adam):
        return keras.optimizers.Adam(
            learning_rate=chosen.learning_rate, beta_1=chosen.beta_1, beta_2=chosen.beta_2, epsilon=chosen.epsilon
        )
    return keras.optimizers.SGD(learning_rate=chosen.learning_rate, momentum=chosen.momentum, nesterov=chosen.nesterov)
