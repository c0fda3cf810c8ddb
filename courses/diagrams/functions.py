"""The activation functions that a diagram can draw, as Keras defines them."""

import math
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Function:
    """`bounds` are the values that it approaches or never leaves; `jumps` at 0 instead of passing through it."""

    value: Callable[[float], float]
    formula: str
    bounds: tuple[float, ...] = ()
    jumps: bool = False


def _sigmoid(x: float) -> float:
    """Without overflow, however negative x is."""
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


FUNCTIONS = {
    "relu": Function(lambda x: max(0.0, x), "max(0, x)"),
    "sigmoid": Function(_sigmoid, "1 / (1 + e⁻ˣ)", (0.0, 1.0)),
    "tanh": Function(math.tanh, "2 · sigmoid(2x) − 1", (-1.0, 1.0)),
    "linear": Function(lambda x: x, "x"),
    "step": Function(lambda x: 1.0 if x >= 0 else 0.0, "x < 0: 0,  x ≥ 0: 1", (0.0, 1.0), jumps=True),
    "leaky_relu": Function(lambda x: max(0.2 * x, x), "max(0.2x, x)"),
    "elu": Function(lambda x: x if x >= 0 else math.expm1(x), "x < 0: eˣ − 1", (-1.0,)),
    "softplus": Function(lambda x: max(0.0, x) + math.log1p(math.exp(-abs(x))), "ln(1 + eˣ)", (0.0,)),
}
