"""The state of a network as bytes: what a snapshot holds, and what a child that comes later starts from."""

import base64
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sandbox.engine.loop import Network, State
from sandbox.messages import Snapshot


def pack(state: State) -> bytes:
    """Every variable in the network's order, little-endian, nothing between."""
    return b"".join(np.ascontiguousarray(value).tobytes() for value in state)


def unpack(network: Network, content: bytes) -> State:
    """The state that `pack` wrote for the same spec. Raises ValueError if the size is another."""
    state = _read(network.state(), content)
    if (size := sum(value.nbytes for value in state)) != len(content):
        raise ValueError(f"a state of {len(content)} bytes; this network has {size}")
    return state


def restore_model(model: Any, content: bytes) -> None:
    """Give a model alone the weights of a packed state: they come first in it, the optimizer's memory after them."""
    values = _read((variable.numpy() for variable in model.variables), content)
    for variable, value in zip(model.variables, values, strict=True):
        variable.assign(value)


def _read(like: Iterable[NDArray[Any]], content: bytes) -> State:
    """Arrays of these shapes and types, one after the other. Raises ValueError where the bytes end early."""
    state: State = []
    start = 0
    for each in like:
        value = np.frombuffer(content, each.dtype, each.size, start).reshape(each.shape)
        state.append(value)
        start += value.nbytes
    return state


def snapshot(network: Network, epoch: int) -> Snapshot:
    return Snapshot(epoch=epoch, state=base64.b64encode(pack(network.state())))
