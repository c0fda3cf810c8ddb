"""How a spec trains: loss, metrics, optimizer, schedule of the learning rate, and when it stops."""

from typing import Annotated, Literal

from pydantic import Field

from sandbox.spec.base import MAXIMA, Epochs, Epsilon, LearningRate, Share, Steps, Strict, at_most

Loss = Literal[
    "sparse_categorical_crossentropy",
    "categorical_crossentropy",
    "binary_crossentropy",
    "mean_squared_error",
    "mean_absolute_error",
    "huber",
]
Metric = Literal["accuracy", "auc", "precision", "recall", "mean_absolute_error", "r2_score"]
Measure = Literal[
    "loss", "accuracy", "auc", "precision", "recall", "mean_absolute_error", "r2_score",
    "val_loss", "val_accuracy", "val_auc", "val_precision", "val_recall", "val_mean_absolute_error", "val_r2_score",
]  # fmt: skip
CROSS_ENTROPIES = ("sparse_categorical_crossentropy", "categorical_crossentropy", "binary_crossentropy")

# --- schedules: functions of the step, as `keras.optimizers.schedules` ------------------------------------------------


class Exponential(Strict):
    """learning rate · decay_rate^(step / decay_steps)."""

    kind: Literal["exponential"]
    decay_steps: Steps
    decay_rate: Annotated[float, Field(gt=0, le=1)]


class StepDecay(Strict):
    """The same in stairs: × decay_rate after every `decay_steps`."""

    kind: Literal["step"]
    decay_steps: Steps
    decay_rate: Annotated[float, Field(gt=0, le=1)]


class Cosine(Strict):
    """Down to `alpha` · learning rate along half a cosine, after a linear start of `warmup_steps`."""

    kind: Literal["cosine"]
    decay_steps: Steps
    alpha: Share = 0.0
    warmup_steps: Annotated[int, Field(ge=0, le=500_000)] = 0


class WarmUp(Strict):
    """From 0 to the learning rate in `warmup_steps`, then constant."""

    kind: Literal["warm_up"]
    warmup_steps: Steps


Schedule = Annotated[Exponential | StepDecay | Cosine | WarmUp, Field(discriminator="kind")]


class Clipping(Strict):
    """Gradients are cut: each value, the norm of each weight's gradient, or the norm of all together."""

    kind: Literal["value", "norm", "global_norm"]
    limit: Annotated[float, Field(gt=0, le=1000)]


class _Optimizer(Strict):
    """Without a schedule the learning rate is constant."""

    schedule: Schedule | None = None
    clipping: Clipping | None = None


class Sgd(_Optimizer):
    kind: Literal["sgd"]
    learning_rate: LearningRate = 0.01
    momentum: Share = 0.0
    nesterov: bool = False


class _AdamLike(_Optimizer):
    learning_rate: LearningRate = 0.001
    beta_1: Share = 0.9
    beta_2: Share = 0.999
    epsilon: Epsilon = 1e-7


class Adam(_AdamLike):
    kind: Literal["adam"]


class AdamW(_AdamLike):
    kind: Literal["adamw"]
    weight_decay: Annotated[float, Field(ge=0, le=1)] = 0.004


class Nadam(_AdamLike):
    kind: Literal["nadam"]


class RMSprop(_Optimizer):
    kind: Literal["rmsprop"]
    learning_rate: LearningRate = 0.001
    rho: Share = 0.9
    momentum: Share = 0.0
    epsilon: Epsilon = 1e-7
    centered: bool = False


class Adagrad(_Optimizer):
    kind: Literal["adagrad"]
    learning_rate: LearningRate = 0.001
    initial_accumulator_value: Annotated[float, Field(ge=0, le=10)] = 0.1
    epsilon: Epsilon = 1e-7


class Adadelta(_Optimizer):
    kind: Literal["adadelta"]
    learning_rate: LearningRate = 0.001
    rho: Share = 0.95
    epsilon: Epsilon = 1e-7


Optimizer = Annotated[Sgd | Adam | AdamW | Nadam | RMSprop | Adagrad | Adadelta, Field(discriminator="kind")]

# --- when the training changes or ends --------------------------------------------------------------------------------


class EarlyStopping(Strict):
    """Ends after `patience` epochs without an improvement by more than `min_delta`; may go back to the best weights."""

    monitor: Measure = "val_loss"
    patience: Annotated[int, Field(ge=0, le=500)] = 5
    min_delta: Annotated[float, Field(ge=0, le=1000)] = 0.0
    restore_best_weights: bool = False


class ReduceOnPlateau(Strict):
    """Learning rate × `factor` after `patience` epochs without an improvement, not below `min_learning_rate`."""

    monitor: Measure = "val_loss"
    factor: Annotated[float, Field(gt=0, lt=1)] = 0.1
    patience: Annotated[int, Field(ge=0, le=500)] = 10
    min_delta: Annotated[float, Field(ge=0, le=1000)] = 0.0001
    cooldown: Annotated[int, Field(ge=0, le=500)] = 0
    min_learning_rate: Annotated[float, Field(ge=0, le=10)] = 0.0


class Target(Strict):
    """Ends at the end of the first epoch whose measure is as good as `value`."""

    monitor: Measure
    value: Annotated[float, Field(ge=-1e6, le=1e6)]


ClassWeights = Annotated[
    tuple[Annotated[float, Field(ge=0, le=1000)], ...],
    Field(max_length=MAXIMA.classes, strict=False),
    at_most(MAXIMA.classes),
]
"""One weight per class, in the order of the classes."""

SMALLER_IS_BETTER = ("loss", "mean_absolute_error")


def smaller_is_better(measure: Measure) -> bool:
    return measure.removeprefix("val_") in SMALLER_IS_BETTER


class Snapshots(Strict):
    """Weights are kept before the first epoch, after every `every` epochs, and after the last."""

    every: Epochs = 1
