"""Arrays as they leave the child: bounded, each float32 as its exact double, without NaN."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sandbox.probe_messages import Numbers
from sandbox.probe_rules import shares


def finite_or_none(array: NDArray[Any]) -> tuple[float | None, ...]:
    """All values row by row; None where there is no finite number."""
    flat = np.ravel(array).astype(np.float64)
    return tuple(value if known else None for value, known in zip(flat.tolist(), np.isfinite(flat), strict=True))


def all_numbers(arrays: Mapping[Any, NDArray[Any]]) -> dict[Any, Numbers]:
    """Every array under its own key; cut where they are too many numbers together."""
    given = shares([array.size for array in arrays.values()])
    return {key: _numbers(array, most) for (key, array), most in zip(arrays.items(), given, strict=True)}


def _numbers(array: NDArray[Any], most: int) -> Numbers:
    values = finite_or_none(np.ravel(array)[:most])
    return Numbers(shape=array.shape, values=values, cut=most < array.size, nonfinite=values.count(None))
