"""The calls of Keras that a spec stands for, as Python text: layers, optimizer, loss, metrics, callbacks.

Only arguments that differ from Keras' defaults are written. The defaults of a spec's layers and optimizers are those of
Keras, which a test compares. Texts keep the style of `ruff format` wherever they are put in.
"""

from collections.abc import Iterable
from typing import Any

from sandbox.spec import Metric, Spec, metrics, output_width, training
from sandbox.spec import layers as kinds

WIDTH = 66
"""A call that is longer has one argument per line; what stands before it on its line is counted in."""

LAYERS = {
    "dense": "Dense",
    "activation": "Activation",
    "dropout": "Dropout",
    "gaussian_noise": "GaussianNoise",
    "batch_normalization": "BatchNormalization",
    "layer_normalization": "LayerNormalization",
    "flatten": "Flatten",
    "reshape": "Reshape",
    "conv_1d": "Conv1D",
    "conv_2d": "Conv2D",
    "max_pooling_1d": "MaxPooling1D",
    "max_pooling_2d": "MaxPooling2D",
    "average_pooling_1d": "AveragePooling1D",
    "average_pooling_2d": "AveragePooling2D",
    "global_average_pooling_1d": "GlobalAveragePooling1D",
    "global_average_pooling_2d": "GlobalAveragePooling2D",
    "simple_rnn": "SimpleRNN",
    "lstm": "LSTM",
    "gru": "GRU",
    "embedding": "Embedding",
}
OPTIMIZERS = {
    "sgd": "SGD",
    "adam": "Adam",
    "adamw": "AdamW",
    "nadam": "Nadam",
    "rmsprop": "RMSprop",
    "adagrad": "Adagrad",
    "adadelta": "Adadelta",
}
LOSSES_OF_LOGITS = {
    "sparse_categorical_crossentropy": "SparseCategoricalCrossentropy",
    "categorical_crossentropy": "CategoricalCrossentropy",
    "binary_crossentropy": "BinaryCrossentropy",
}
METRICS = {"auc": "AUC", "precision": "Precision", "recall": "Recall", "r2_score": "R2Score"}
CLIPPINGS = {"value": "clipvalue", "norm": "clipnorm", "global_norm": "global_clipnorm"}
ENDLESS = 2**30
"""The steps of a decay that is never reached: a warm-up alone."""

POSITIONAL = ("units", "filters", "kernel_size", "rate", "stddev", "shape", "input_dim", "output_dim")
"""Keras' arguments without a default, in Keras' order: written without their names."""


def call(name: str, *arguments: str) -> str:
    return bracketed(f"{name}(", arguments, ")")


def listed(items: Iterable[str]) -> str:
    return bracketed("[", items, "]")


def bracketed(opening: str, items: Iterable[str], closing: str) -> str:
    """On one line if that is short, else one line for each item."""
    items = list(items)
    flat = f"{opening}{', '.join(items)}{closing}"
    if len(flat) <= WIDTH and "\n" not in flat:
        return flat
    return f"{opening}\n{indented(f'{item},' for item in items)}\n{closing}"


def indented(texts: Iterable[str]) -> str:
    return "\n".join(f"    {line}" if line else "" for text in texts for line in text.split("\n"))


def literal(value: Any) -> str:
    """A constant as Python writes it. Texts of others are safe in it: quotes, line ends and all that cannot be seen,
    such as the signs that turn the direction of writing, are escaped."""
    text = repr(value)
    if isinstance(value, str) and text.startswith("'") and '"' not in text:
        return f'"{text[1:-1]}"'
    return text


def _keyword(name: str, value: Any) -> str:
    return f"{name}={literal(value)}"


# --- layers -----------------------------------------------------------------------------------------------------------


def layer_call(layer: kinds.Layer, name: str) -> str:
    options = layer.model_dump(exclude={"kind", "name", "kernel_regularizer"}, exclude_defaults=True)
    first = POSITIONAL + (("activation",) if isinstance(layer, kinds.ActivationLayer) else ())
    if isinstance(layer, kinds.AveragePooling1D | kinds.AveragePooling2D):
        first, options = (*first, "pool_size"), {"pool_size": layer.pool_size, **options}  # no default in Keras
    arguments = [literal(options.pop(key)) for key in first if key in options]
    if "activation" in options:
        arguments.append(_keyword("activation", options.pop("activation")))
    arguments += [_keyword(*option) for option in options.items()]
    arguments += _regularizer(getattr(layer, "kernel_regularizer", None))
    return call(f"keras.layers.{LAYERS[layer.kind]}", *arguments, _keyword("name", name))


def _regularizer(regularizer: kinds.Regularizer | None) -> list[str]:
    match regularizer:
        case None | kinds.Regularizer(l1=0.0, l2=0.0):
            return []
        case kinds.Regularizer(l1=l1, l2=0.0):
            made = f"L1({l1})"
        case kinds.Regularizer(l1=0.0, l2=l2):
            made = f"L2({l2})"
        case kinds.Regularizer(l1=l1, l2=l2):
            made = f"L1L2(l1={l1}, l2={l2})"
    return [f"kernel_regularizer=keras.regularizers.{made}"]


# --- how it trains ----------------------------------------------------------------------------------------------------


def optimizer_call(spec: Spec) -> str:
    """Refers to `learning_rate` where that follows a schedule."""
    optimizer = spec.optimizer
    options = optimizer.model_dump(exclude={"kind", "schedule", "clipping"}, exclude_defaults=True)
    rate = options.pop("learning_rate", None)
    arguments = [] if rate is None else [_keyword("learning_rate", rate)]
    if optimizer.schedule is not None:
        arguments = ["learning_rate=learning_rate"]
    arguments += [_keyword(*option) for option in options.items()]
    if optimizer.clipping is not None:
        arguments.append(_keyword(CLIPPINGS[optimizer.clipping.kind], optimizer.clipping.limit))
    return call(f"keras.optimizers.{OPTIMIZERS[optimizer.kind]}", *arguments)


def schedule_text(rate: float, schedule: training.Schedule) -> str:
    """Sets `learning_rate`, with a comment that says what it does from step to step."""
    match schedule:
        case training.Exponential(decay_steps=steps, decay_rate=decay):
            comment = f"Multiplied by {decay} in the course of every {steps} steps."
            made = _schedule("ExponentialDecay", rate, decay_steps=steps, decay_rate=decay)
        case training.StepDecay(decay_steps=steps, decay_rate=decay):
            comment = f"Multiplied by {decay} after every {steps} steps."
            made = _schedule("ExponentialDecay", rate, decay_steps=steps, decay_rate=decay, staircase=True)
        case training.WarmUp(warmup_steps=warm_up):
            comment = f"From 0 to {rate} in {warm_up} steps, then constant: alpha=1.0 leaves nothing to decay."
            warm = {"warmup_target": rate, "warmup_steps": warm_up}
            made = _schedule("CosineDecay", 0.0, decay_steps=ENDLESS, alpha=1.0, **warm)
        case training.Cosine():
            comment, made = _cosine(rate, schedule)
    return f"# {comment}\nlearning_rate = {made}"


def _cosine(rate: float, schedule: training.Cosine) -> tuple[str, str]:
    options: dict[str, float] = {"decay_steps": schedule.decay_steps}
    if schedule.alpha:
        options["alpha"] = schedule.alpha
    down = f"down to {schedule.alpha * 100:g} % of it along half a cosine"
    if not schedule.warmup_steps:
        return f"From {rate} {down}.", _schedule("CosineDecay", rate, **options)
    options |= {"warmup_target": rate, "warmup_steps": schedule.warmup_steps}
    return f"From 0 up to {rate}, then {down}.", _schedule("CosineDecay", 0.0, **options)


def _schedule(name: str, rate: float, **options: float) -> str:
    arguments = [literal(rate), *(_keyword(*option) for option in options.items())]
    return call(f"keras.optimizers.schedules.{name}", *arguments)


def loss_text(spec: Spec) -> str:
    """Keras' name of the loss, or the object where the outputs are weighted sums."""
    if spec.from_logits:
        return f"keras.losses.{LOSSES_OF_LOGITS[spec.loss]}(from_logits=True)"
    return literal(spec.loss)


def metric_text(spec: Spec, metric: Metric) -> str:
    """Objects are named: Keras would number the second of a kind, and a notebook makes a second one."""
    if metric == "accuracy" and spec.from_logits and output_width(spec) == 1:
        return 'keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy")'
    if metric in METRICS:
        return f"keras.metrics.{METRICS[metric]}(name={literal(metric)})"
    return literal(metric)


def compile_call(spec: Spec) -> str:
    arguments = [f"optimizer={optimizer_call(spec)}", f"loss={loss_text(spec)}"]
    if measured := metrics(spec):
        arguments.append(f"metrics={listed(metric_text(spec, metric) for metric in measured)}")
    return call("model.compile", *arguments)


# --- when it changes or ends ------------------------------------------------------------------------------------------


def callback_calls(spec: Spec) -> list[str]:
    """Keras' own callbacks; a loss that is no finite number ends a run here too."""
    calls = ["keras.callbacks.TerminateOnNaN()"]
    if spec.early_stopping is not None:
        calls.append(_early_stopping(spec.early_stopping))
    if spec.reduce_on_plateau is not None:
        calls.append(_reduce_on_plateau(spec.reduce_on_plateau))
    return calls


def _early_stopping(stopping: training.EarlyStopping) -> str:
    keras_defaults = {"patience": 0, "min_delta": 0.0, "restore_best_weights": False}
    options = stopping.model_dump(include={*keras_defaults})
    changed = [_keyword(name, value) for name, value in options.items() if value != keras_defaults[name]]
    return call("keras.callbacks.EarlyStopping", *_monitor(stopping.monitor), *changed)


def _reduce_on_plateau(plateau: training.ReduceOnPlateau) -> str:
    options = plateau.model_dump(exclude={"monitor"}, exclude_defaults=True)
    if "min_learning_rate" in options:
        options["min_lr"] = options.pop("min_learning_rate")
    changed = [_keyword(*option) for option in options.items()]
    return call("keras.callbacks.ReduceLROnPlateau", *_monitor(plateau.monitor), *changed)


def _monitor(measure: training.Measure) -> list[str]:
    """What is watched is always said; its direction where Keras would have to look for it."""
    watched = [_keyword("monitor", measure)]
    if measure.removeprefix("val_") == "loss":
        return watched
    return [*watched, _keyword("mode", "min" if training.smaller_is_better(measure) else "max")]
