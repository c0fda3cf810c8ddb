"""Specs drawn at random from nearly all that the door lets in, for data sets that code can stand for."""

from typing import Any

from hypothesis import strategies as st
from pydantic import ValidationError

from sandbox.keras_code.names import ACTIVATIONS, BIAS_INITIALIZERS, INITIALIZERS
from sandbox.spec import Spec, parse_spec
from sandbox.spec.sense import check

CLASSES = {"clinical_trial": 2, "circles": 2, "iris": 3, "wine": 3, "breast_cancer": 2, "digits": 10}
NUMBERS = ["line", "sine", "diabetes"]
MEASURES = ["loss", "accuracy", "mean_absolute_error", "val_loss", "val_accuracy", "val_mean_absolute_error"]

shares = st.floats(0, 0.99)
some = st.integers(1, 8)
activations = st.sampled_from(ACTIVATIONS)
names = st.sampled_from(["first", "second", "flat", "the_end"])


def layer(kind: str, optional: dict[str, Any] | None = None, /, **given: Any) -> st.SearchStrategy[dict[str, Any]]:
    may = {"name": names, **(optional or {})}
    return st.fixed_dictionaries({"kind": st.just(kind), **given}, optional=may)


def rarely(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | st.none() | values


regularizers = st.fixed_dictionaries({}, optional={"l1": st.floats(0, 1), "l2": st.floats(0, 1)})
weighted: dict[str, Any] = {
    "kernel_initializer": st.sampled_from(INITIALIZERS),
    "bias_initializer": st.sampled_from(BIAS_INITIALIZERS),
    "kernel_regularizer": regularizers.filter(lambda found: any(found.values())) | st.none(),
    "use_bias": st.booleans(),
}
dense = layer("dense", {**weighted, "activation": activations}, units=some)
dropout = layer("dropout", rate=shares)
between = (
    dense
    | dropout
    | layer("activation", activation=activations)
    | layer("gaussian_noise", stddev=st.floats(0, 10))
    | layer("batch_normalization", {"momentum": shares, "epsilon": st.floats(1e-12, 1)})
    | layer("layer_normalization", {"epsilon": st.floats(1e-12, 1)})
)
padding = st.sampled_from(["valid", "same"])


def sliding(rank: int) -> st.SearchStrategy[list[dict[str, Any]]]:
    options = {**weighted, "activation": activations, "padding": padding, "strides": st.integers(1, 2)}
    convolution = layer(f"conv_{rank}d", options, filters=some, kernel_size=st.integers(1, 3))
    windows = {"pool_size": st.integers(1, 3), "strides": st.none() | st.integers(1, 3), "padding": padding}
    pooling = layer(f"max_pooling_{rank}d", windows) | layer(f"average_pooling_{rank}d", windows)
    flat = layer("flatten") | layer(f"global_average_pooling_{rank}d")
    shape = [8, 8, 1] if rank == 2 else [8, 8]
    begin = layer("reshape", shape=st.just(shape))
    return st.tuples(begin, convolution, pooling | convolution | dropout, flat).map(list)


recurrent = st.one_of([
    layer(kind, {**weighted, "activation": activations, "recurrent_initializer": st.sampled_from(INITIALIZERS)},
          units=some)
    for kind in ("simple_rnn", "lstm", "gru")
])  # fmt: skip
sequences = st.tuples(
    layer("reshape", shape=st.just([8, 8])), recurrent.map(lambda given: {**given, "return_sequences": True}), recurrent
).map(list)
embedded = st.tuples(
    layer(
        "embedding",
        {"embeddings_initializer": st.sampled_from(INITIALIZERS)},
        input_dim=st.integers(101, 1000),
        output_dim=some,
    ),
    layer("flatten"),
).map(list)

steps = st.integers(1, 400)
schedules = st.one_of(
    *(st.fixed_dictionaries({"kind": st.just(kind), "decay_steps": steps, "decay_rate": st.floats(0.01, 1)})
      for kind in ("exponential", "step")),
    st.fixed_dictionaries({"kind": st.just("cosine"), "decay_steps": steps, "alpha": shares, "warmup_steps": steps}),
    st.fixed_dictionaries({"kind": st.just("warm_up"), "warmup_steps": steps}),
)  # fmt: skip
clipping = st.fixed_dictionaries(
    {"kind": st.sampled_from(["value", "norm", "global_norm"]), "limit": st.floats(0.001, 1000)}
)
_rate, _epsilon = st.floats(1e-7, 10), st.floats(1e-12, 1)
_betas = {"beta_1": shares, "beta_2": shares, "epsilon": _epsilon}
OPTIMIZERS: dict[str, dict[str, Any]] = {
    "sgd": {"momentum": shares, "nesterov": st.booleans()},
    "adam": _betas,
    "adamw": {**_betas, "weight_decay": st.floats(0, 1)},
    "nadam": _betas,
    "rmsprop": {"rho": shares, "momentum": shares, "epsilon": _epsilon, "centered": st.booleans()},
    "adagrad": {"initial_accumulator_value": st.floats(0, 10), "epsilon": _epsilon},
    "adadelta": {"rho": shares, "epsilon": _epsilon},
}
optimizers = st.one_of([
    st.fixed_dictionaries(
        {"kind": st.just(kind)},
        optional={"learning_rate": _rate, "schedule": schedules, "clipping": clipping, **options},
    )
    for kind, options in OPTIMIZERS.items()
])  # fmt: skip
early_stopping = st.fixed_dictionaries(
    {},
    optional={
        "monitor": st.sampled_from(MEASURES),
        "patience": st.integers(0, 500),
        "min_delta": st.floats(0, 1000),
        "restore_best_weights": st.booleans(),
    },
)
plateaus = st.fixed_dictionaries(
    {},
    optional={
        "monitor": st.sampled_from(MEASURES),
        "factor": st.floats(0.001, 0.999),
        "patience": st.integers(0, 500),
        "min_delta": st.floats(0, 1000),
        "cooldown": st.integers(0, 500),
        "min_learning_rate": st.floats(0, 10),
    },
)


FIRST: dict[str, tuple[list[str], st.SearchStrategy[list[dict[str, Any]]]]] = {
    "flat": ([*CLASSES, *NUMBERS], st.lists(between, max_size=2)),
    "pictures": (["digits"], sliding(2)),
    "rows": (["digits"], sliding(1)),
    "sequences": (["digits"], sequences),
    "embedded": (["clinical_trial"], embedded),
}
"""How a network may begin, and on which data."""


@st.composite
def specs(draw: st.DrawFn) -> dict[str, Any]:
    first = draw(st.sampled_from([*FIRST]))
    kind = draw(st.sampled_from(FIRST[first][0]))
    data: dict[str, Any] = {"kind": kind, "validation": draw(st.sampled_from([0.0, 0.1, 0.3])), "split": "shuffled"}
    hidden = draw(FIRST[first][1]) + draw(st.lists(between, max_size=2))
    if first == "embedded":
        data["scaling"] = "none"
    if kind in CLASSES:
        end: dict[str, Any] = {"kind": "dense", "units": CLASSES[kind], "activation": "softmax"}
        loss = draw(st.sampled_from(["sparse_categorical_crossentropy", "categorical_crossentropy"]))
        asked = st.lists(st.sampled_from(["accuracy", "auc", "precision", "recall"]), min_size=1, unique=True)
        weights = st.lists(st.floats(0, 1000), min_size=CLASSES[kind], max_size=CLASSES[kind])
    else:
        end = {"kind": "dense", "units": 1, "activation": "linear"}
        loss = draw(st.sampled_from(["mean_squared_error", "mean_absolute_error", "huber"]))
        asked = st.lists(st.sampled_from(["mean_absolute_error", "r2_score"]), min_size=1, unique=True)
        weights = st.none()  # type: ignore[assignment]
    return {
        "schema": 1,
        "data": data,
        "layers": [*hidden, end],
        "optimizer": draw(optimizers),
        "loss": loss,
        "metrics": draw(rarely(asked)),
        "class_weights": draw(rarely(weights)),
        "epochs": draw(st.integers(1, 500)),
        "batch_size": draw(st.integers(1, 100)),
        "shuffle": draw(st.booleans()),
        "seed": draw(st.integers(0, 2**32 - 1)),
        "early_stopping": draw(rarely(early_stopping)),
        "reduce_on_plateau": draw(rarely(plateaus)),
    }


def sensible(sent: dict[str, Any]) -> Spec | None:
    """The spec, if the door and the teacher behind it have nothing against it."""
    try:
        spec = parse_spec(sent)
    except ValidationError:
        return None
    return None if any(found.severity == "error" for found in check(spec)) else spec
