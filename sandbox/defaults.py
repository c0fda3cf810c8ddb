"""What a data set or an optimizer is where a spec gives no more than its kind."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, TypeAdapter

from sandbox.spec.data import Data
from sandbox.spec.training import Optimizer

_DATA: TypeAdapter[Any] = TypeAdapter(Data)
_OPTIMIZER: TypeAdapter[Any] = TypeAdapter(Optimizer)


def default_data(kind: str) -> Data:
    """One of the built-in sets. Raises pydantic.ValidationError for a table: it cannot be without a name."""
    data: Data = _DATA.validate_python({"kind": kind})
    return data


def default_optimizer(kind: str) -> Optimizer:
    optimizer: Optimizer = _OPTIMIZER.validate_python({"kind": kind})
    return optimizer


def keys(model: BaseModel) -> Sequence[str]:
    """The keys that this kind of data or optimizer has in a spec, apart from `kind`."""
    return [name for name in type(model).model_fields if name != "kind"]
