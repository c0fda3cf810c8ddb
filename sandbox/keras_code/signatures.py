"""Which arguments Keras' callables have: those that a spec keeps, and those that only their default leaves alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field


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

# --- layers ------------------------------------------------------------------------------------------------------

_ALL_LAYERS = frozenset({"name", "input_shape", "batch_input_shape"})
_WEIGHTED = frozenset({"kernel_initializer", "bias_initializer", "kernel_regularizer", "use_bias"})
_NEUTRAL: dict[str, tuple[object, ...]] = {
    "trainable": (True,),
    "dtype": ("float32", None),
    **dict.fromkeys(
        (
            "bias_regularizer", "activity_regularizer", "kernel_constraint", "bias_constraint", "lora_rank",
            "lora_alpha", "quantization_config",
        ),
        _NONE,
    ),
}  # fmt: skip
_OF_FRAMES: dict[str, tuple[object, ...]] = {"data_format": ("channels_last", None)}
_OF_CONVOLUTION = {**_NEUTRAL, **_OF_FRAMES, "dilation_rate": (1, [1], [1, 1]), "groups": (1,)}
_OF_NORMALIZATION: dict[str, tuple[object, ...]] = {
    "trainable": (True,),
    "dtype": ("float32", None),
    "axis": (-1, [-1]),
    "center": (True,),
    "scale": (True,),
    "synchronized": (False,),
    "renorm": (False,),
    "beta_initializer": ("zeros", "zero"),
    "gamma_initializer": ("ones", "one"),
    "moving_mean_initializer": ("zeros", "zero"),
    "moving_variance_initializer": ("ones", "one"),
    "mode": (0,),
    **dict.fromkeys(("beta_regularizer", "gamma_regularizer", "beta_constraint", "gamma_constraint"), _NONE),
}
_OF_RECURRENCE: dict[str, tuple[object, ...]] = {
    **_NEUTRAL,
    "recurrent_regularizer": _NONE,
    "recurrent_constraint": _NONE,
    "dropout": (0,),
    "recurrent_dropout": (0,),
    "return_state": (False,),
    "go_backwards": (False,),
    "stateful": (False,),
}
_OF_GATES = {**_OF_RECURRENCE, "recurrent_activation": ("sigmoid",)}
_FAST = frozenset({"unroll", "use_cudnn", "implementation", "seed"})
_OLD_WEIGHTS = {
    "init": "kernel_initializer",
    "bias": "use_bias",
    "W_regularizer": "kernel_regularizer",
    "b_regularizer": "bias_regularizer",
    "W_constraint": "kernel_constraint",
    "b_constraint": "bias_constraint",
}
_PLAIN: dict[str, tuple[object, ...]] = {"trainable": (True,), "dtype": ("float32", None)}


def _layer(
    positional: str = "",
    more: frozenset[str] = frozenset(),
    neutral: Mapping[str, tuple[object, ...]] = _PLAIN,
    ignored: frozenset[str] = frozenset(),
    old: Mapping[str, str] | None = None,
) -> Signature:
    """`positional` in Keras' order; those that are not neutral are taken."""
    names = tuple(positional.split())
    taken = frozenset(name for name in names if name not in neutral) | more | _ALL_LAYERS
    taken |= frozenset() if "input_dim" in names else {"input_dim"}
    return Signature(names, taken, neutral, ignored, old or {})


_POOLING = _layer("pool_size strides padding", neutral={**_PLAIN, **_OF_FRAMES}, old={"border_mode": "padding"})
_GLOBAL = _layer(neutral={**_PLAIN, **_OF_FRAMES, "keepdims": (False,)})
_RECURRENT = _WEIGHTED | {"activation", "recurrent_initializer", "return_sequences"}
_CONVOLUTION = _layer(
    "filters kernel_size strides padding data_format dilation_rate groups activation",
    _WEIGHTED,
    _OF_CONVOLUTION,
    old={**_OLD_WEIGHTS, "nb_filter": "filters", "border_mode": "padding"},
)
LAYERS: Mapping[str, Signature] = {
    "dense": _layer("units activation use_bias", _WEIGHTED, _NEUTRAL, old={**_OLD_WEIGHTS, "output_dim": "units"}),
    "activation": _layer("activation"),
    "dropout": _layer("rate noise_shape seed", neutral={**_PLAIN, "noise_shape": _NONE}, old={"p": "rate"}),
    "gaussian_noise": _layer("stddev seed", old={"sigma": "stddev"}),
    "batch_normalization": _layer("axis momentum epsilon", neutral=_OF_NORMALIZATION),
    "layer_normalization": _layer("axis epsilon", neutral=_OF_NORMALIZATION),
    "flatten": _layer(neutral={**_PLAIN, **_OF_FRAMES}),
    "reshape": _layer("target_shape"),
    "conv_1d": _CONVOLUTION,
    "conv_2d": _CONVOLUTION,
    "max_pooling_1d": _POOLING,
    "max_pooling_2d": _POOLING,
    "average_pooling_1d": _POOLING,
    "average_pooling_2d": _POOLING,
    "global_average_pooling_1d": _GLOBAL,
    "global_average_pooling_2d": _GLOBAL,
    "simple_rnn": _layer("units activation use_bias", _RECURRENT, _OF_RECURRENCE, _FAST),
    "lstm": _layer(
        "units activation recurrent_activation use_bias",
        _RECURRENT,
        {**_OF_GATES, "unit_forget_bias": (True,)},
        _FAST,
    ),
    "gru": _layer(
        "units activation recurrent_activation use_bias", _RECURRENT, {**_OF_GATES, "reset_after": (True,)}, _FAST
    ),
    "embedding": _layer(
        "input_dim output_dim embeddings_initializer",
        neutral={
            **_PLAIN,
            "mask_zero": (False,),
            **dict.fromkeys(("embeddings_regularizer", "embeddings_constraint", "weights"), _NONE),
        },
        ignored=frozenset({"input_length"}),
    ),
}
WITHOUT_ARGUMENTS = _layer()
INPUT = Signature(
    ("shape",),
    frozenset({"shape", "input_shape"}),
    {"batch_size": _NONE, "dtype": ("float32", None)},
    frozenset({"name"}),
)
SEQUENTIAL_CALL = Signature(("layers", "name"), frozenset({"layers"}), ignored=frozenset({"name"}))
ADD = Signature(("layer",), frozenset({"layer"}))
INITIALIZER = Signature((), frozenset(), ignored=frozenset({"seed"}))
REGULARIZERS = {
    "L1": Signature(("l1",), frozenset({"l1"}), old={"l": "l1"}),
    "L2": Signature(("l2",), frozenset({"l2"}), old={"l": "l2"}),
    "L1L2": Signature(("l1", "l2"), frozenset({"l1", "l2"})),
}

# --- how it trains -----------------------------------------------------------------------------------------------

_CLIPPING = frozenset({"clipnorm", "clipvalue", "global_clipnorm"})
_AVERAGING: dict[str, tuple[object, ...]] = {
    "use_ema": (False,),
    "loss_scale_factor": _NONE,
    "gradient_accumulation_steps": _NONE,
}


def _optimizer(positional: str, **neutral: tuple[object, ...]) -> Signature:
    names = tuple(positional.split())
    return Signature(
        names,
        frozenset(names) | _CLIPPING,
        {**_AVERAGING, **neutral},
        frozenset({"name", "decay", "ema_momentum", "ema_overwrite_frequency", "jit_compile"}),
        {"lr": "learning_rate"},
    )


OPTIMIZERS = {
    "sgd": _optimizer("learning_rate momentum nesterov", weight_decay=_NONE),
    "adam": _optimizer("learning_rate beta_1 beta_2 epsilon", amsgrad=(False,), weight_decay=_NONE),
    "adamw": _optimizer("learning_rate weight_decay beta_1 beta_2 epsilon", amsgrad=(False,)),
    "nadam": _optimizer("learning_rate beta_1 beta_2 epsilon", weight_decay=_NONE),
    "rmsprop": _optimizer("learning_rate rho momentum epsilon centered", weight_decay=_NONE),
    "adagrad": _optimizer("learning_rate initial_accumulator_value epsilon", weight_decay=_NONE),
    "adadelta": _optimizer("learning_rate rho epsilon", weight_decay=_NONE),
}
EXPONENTIAL_DECAY = Signature(
    ("initial_learning_rate", "decay_steps", "decay_rate", "staircase"),
    frozenset({"initial_learning_rate", "decay_steps", "decay_rate", "staircase"}),
    ignored=frozenset({"name"}),
)
COSINE_DECAY = Signature(
    ("initial_learning_rate", "decay_steps", "alpha"),
    frozenset({"initial_learning_rate", "decay_steps", "alpha", "warmup_target", "warmup_steps"}),
    ignored=frozenset({"name"}),
)
LOSS_CALL = Signature(
    (),
    frozenset({"from_logits"}),
    {"reduction": ("sum_over_batch_size", None), "label_smoothing": (0,), "delta": (1,), "ignore_class": _NONE},
    frozenset({"name"}),
)
METRIC_CALL = Signature((), frozenset({"name"}))
COMPILE = Signature(
    positional=("optimizer", "loss", "metrics"),
    taken=frozenset({"optimizer", "loss", "metrics"}),
    neutral={"loss_weights": _NONE, "weighted_metrics": _NONE, "sample_weight_mode": _NONE},
    ignored=frozenset({"run_eagerly", "steps_per_execution", "jit_compile", "auto_scale_loss"}),
)
FIT = Signature(
    positional=(
        "x", "y", "batch_size", "epochs", "verbose", "callbacks", "validation_split", "validation_data", "shuffle",
    ),
    taken=frozenset(
        {"x", "y", "batch_size", "epochs", "callbacks", "validation_split", "validation_data", "shuffle", "verbose",
         "class_weight"}
    ),
    neutral={
        "sample_weight": _NONE,
        "initial_epoch": (0,),
        "steps_per_epoch": _NONE,
        "validation_steps": _NONE,
        "validation_freq": (1,),
    },
    ignored=frozenset({"workers", "use_multiprocessing", "max_queue_size", "validation_batch_size"}),
    old={"nb_epoch": "epochs"},
)  # fmt: skip
CALLBACKS = {
    "early_stopping": Signature(
        ("monitor", "min_delta", "patience", "verbose", "mode"),
        frozenset({"monitor", "min_delta", "patience", "mode", "restore_best_weights"}),
        {"baseline": _NONE, "start_from_epoch": (0,)},
        frozenset({"verbose"}),
    ),
    "reduce_on_plateau": Signature(
        ("monitor", "factor", "patience", "verbose", "mode", "min_delta", "cooldown", "min_lr"),
        frozenset({"monitor", "factor", "patience", "mode", "min_delta", "cooldown", "min_lr"}),
        ignored=frozenset({"verbose"}),
        old={"epsilon": "min_delta"},
    ),
}
