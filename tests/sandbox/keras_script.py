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

from sandbox.spec import Spec, layer_names, metrics, output_width


@dataclass(frozen=True)
class Fitted:
    weights: list[Any]
    history: dict[str, list[float]]


def fit(spec: Spec) -> Fitted:
    """Train by `model.fit(shuffle=False)`."""
    import keras

    from sandbox.engine.data import prepare

    assert not spec.shuffle
    parts = prepare(spec)
    model = compiled(spec)
    validation = (parts.validation.inputs, wanted(spec, parts.validation.labels)) if len(parts.validation) else None
    history = model.fit(
        parts.training.inputs,
        wanted(spec, parts.training.labels),
        batch_size=spec.batch_size,
        epochs=spec.epochs,
        shuffle=False,
        validation_data=validation,
        validation_batch_size=spec.batch_size,
        class_weight=dict(enumerate(spec.class_weights)) if spec.class_weights else None,
        callbacks=_callbacks(spec, keras),
        verbose=0,
    )
    return Fitted([np.array(weight) for weight in model.get_weights()], history.history)


def compiled(spec: Spec) -> Any:
    import keras

    from sandbox.spec import dataset

    keras.utils.set_random_seed(spec.seed)
    model = keras.Sequential([keras.Input((len(dataset(spec).features),))])
    for layer, name in zip(spec.layers, layer_names(spec.layers), strict=True):
        model.add(_layer(layer, name, keras))
    options = {"from_logits": True} if spec.from_logits else {}
    model.compile(
        optimizer=_optimizer(spec, keras),
        loss=getattr(keras.losses, _camel(spec.loss))(**options),
        metrics=[_metric(spec, name, keras) for name in metrics(spec)],
    )
    return model


def wanted(spec: Spec, labels: Any) -> Any:
    import keras

    from sandbox.spec import dataset

    if spec.loss == "sparse_categorical_crossentropy" or output_width(spec) == 1:
        return labels
    return keras.utils.to_categorical(labels, len(dataset(spec).classes))


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_")).replace("Crossentropy", "Crossentropy")


def _layer(layer: Any, name: str, keras: Any) -> Any:
    names = {
        "simple_rnn": "SimpleRNN", "lstm": "LSTM", "gru": "GRU", "conv_1d": "Conv1D", "conv_2d": "Conv2D",
        "max_pooling_1d": "MaxPooling1D", "max_pooling_2d": "MaxPooling2D",
        "average_pooling_1d": "AveragePooling1D", "average_pooling_2d": "AveragePooling2D",
        "global_average_pooling_1d": "GlobalAveragePooling1D", "global_average_pooling_2d": "GlobalAveragePooling2D",
    }  # fmt: skip
    options = {key: value for key, value in layer.model_dump(exclude={"kind", "name"}).items() if value is not None}
    if layer.kind == "reshape":
        options = {"target_shape": layer.shape}
    if "kernel_regularizer" in options:
        options["kernel_regularizer"] = keras.regularizers.L1L2(**options["kernel_regularizer"])
    return getattr(keras.layers, names.get(layer.kind, _camel(layer.kind)))(**options, name=name)


def _metric(spec: Spec, name: str, keras: Any) -> Any:
    if name == "accuracy" and output_width(spec) == 1 and spec.from_logits:
        return keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy")
    if name in {"accuracy", "mean_absolute_error"}:
        return name
    by_name = {"auc": keras.metrics.AUC, "r2_score": keras.metrics.R2Score}
    return by_name.get(name, getattr(keras.metrics, _camel(name), None))(name=name)


def _optimizer(spec: Spec, keras: Any) -> Any:
    chosen = spec.optimizer
    options = chosen.model_dump(exclude={"kind", "schedule", "clipping", "learning_rate"})
    if chosen.clipping:
        name = {"value": "clipvalue", "norm": "clipnorm", "global_norm": "global_clipnorm"}[chosen.clipping.kind]
        options[name] = chosen.clipping.limit
    names = {"sgd": "SGD", "adamw": "AdamW", "rmsprop": "RMSprop"}
    kind = getattr(keras.optimizers, names.get(chosen.kind, chosen.kind.capitalize()))
    return kind(learning_rate=_schedule(chosen, keras.optimizers.schedules), **options)


def _schedule(chosen: Any, schedules: Any) -> Any:
    rate, schedule = chosen.learning_rate, chosen.schedule
    match schedule and schedule.kind:
        case None:
            return rate
        case "exponential" | "step":
            return schedules.ExponentialDecay(
                rate, schedule.decay_steps, schedule.decay_rate, staircase=schedule.kind == "step"
            )
        case "cosine" if not schedule.warmup_steps:
            return schedules.CosineDecay(rate, schedule.decay_steps, alpha=schedule.alpha)
        case "cosine":
            steps, alpha = schedule.decay_steps, schedule.alpha
        case _:
            steps, alpha = 2**30, 1.0
    return schedules.CosineDecay(0.0, steps, alpha=alpha, warmup_target=rate, warmup_steps=schedule.warmup_steps)


def _callbacks(spec: Spec, keras: Any) -> list[Any]:
    found = []
    if stopping := spec.early_stopping:
        options = stopping.model_dump()
        found.append(keras.callbacks.EarlyStopping(**options, mode=_mode(stopping.monitor)))
    if plateau := spec.reduce_on_plateau:
        options = plateau.model_dump()
        options["min_lr"] = options.pop("min_learning_rate")
        found.append(keras.callbacks.ReduceLROnPlateau(**options, mode=_mode(plateau.monitor)))
    return found


def _mode(monitor: str) -> str:
    return "min" if monitor.removeprefix("val_") in {"loss", "mean_absolute_error"} else "max"
