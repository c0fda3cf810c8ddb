"""What every part of a spec is made of: strict models, bounded numbers, names of our own."""

from dataclasses import dataclass, fields
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError


@dataclass(frozen=True)
class Limits:
    """How much one experiment may ask for. The defaults are hard maxima: a setting may lower them, never raise them."""

    spec_bytes: int = 32 * 1024
    layers: int = 16
    units: int = 512
    filters: int = 64
    parameters: int = 250_000
    activations: int = 500_000  # floats of one sample, all layers
    batch_activations: int = 16_000_000  # floats of one batch, all layers
    rows: int = 20_000
    columns: int = 200  # inputs of a table, categories counted one by one
    classes: int = 50
    epochs: int = 500
    steps: int = 500_000
    seconds: float = 60.0  # of one CPU, as estimated by sandbox.cost

    def __post_init__(self) -> None:
        for field in fields(self):
            if not 0 < getattr(self, field.name) <= field.default:
                raise ValueError(f"limit {field.name} must lie between 0 and {field.default}")


MAXIMA = Limits()

Seed = Annotated[int, Field(ge=0, le=2**32 - 1)]
LearningRate = Annotated[float, Field(ge=1e-7, le=10)]
Share = Annotated[float, Field(ge=0, lt=1)]
Epsilon = Annotated[float, Field(ge=1e-12, le=1)]
Epochs = Annotated[int, Field(ge=1, le=MAXIMA.epochs)]
Steps = Annotated[int, Field(ge=1, le=MAXIMA.steps)]

Activation = Literal[
    "linear", "relu", "sigmoid", "tanh", "softmax", "elu", "selu", "gelu", "softplus", "softsign", "silu", "mish",
    "leaky_relu", "relu6", "celu", "exponential", "hard_sigmoid", "hard_silu", "log_sigmoid", "log_softmax",
]  # fmt: skip
Initializer = Literal[
    "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal", "orthogonal",
    "random_uniform", "random_normal", "truncated_normal", "zeros", "ones",
]  # fmt: skip
BiasInitializer = Literal[
    "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal",
    "random_uniform", "random_normal", "truncated_normal", "zeros", "ones",
]  # fmt: skip
"""Keras can make a matrix orthogonal, but not a row of biases."""


class Strict(BaseModel):
    """Types are not converted, keys are known, numbers are finite, values are frozen."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, allow_inf_nan=False, serialize_by_alias=True, validate_default=True
    )


def at_most(items: int) -> BeforeValidator:
    """Counts the items of a list before pydantic looks at each: ten thousand that are wrong are one problem."""

    def count(value: object) -> object:
        if isinstance(value, list | tuple) and len(value) > items:
            found = {"max_length": items, "actual_length": len(value)}
            raise PydanticCustomError("too_long", "At most {max_length} items, not {actual_length}", found)
        return value

    return BeforeValidator(count)
