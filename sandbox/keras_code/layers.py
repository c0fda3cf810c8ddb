"""Calls that make layers, inputs and networks."""

import ast
import re
from collections.abc import Callable
from typing import Any

from sandbox.keras_code import names as keras
from sandbox.keras_code import signatures
from sandbox.keras_code.values import Layer, Model, Name, Values, shown

_KEYS = {"target_shape": "shape"}
"""Arguments that a spec calls otherwise."""
_NEEDED = {"units", "filters", "kernel_size", "rate", "stddev", "target_shape", "input_dim", "output_dim"}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
MOST_DIMENSIONS = 3


def _layer(values: Values, call: ast.Call, kind: str) -> Layer:
    signature = signatures.LAYERS[kind]
    arguments = values.arguments(call, signature)
    needed = _NEEDED | ({"activation"} if kind == "activation" else set())
    for argument in signature.positional:
        if argument in needed and argument not in arguments:
            raise values.scope.refused(call, "missing_argument", argument=argument)
    inputs = _inputs(values, arguments, kind)
    settings: dict[str, Any] = {"kind": kind}
    for argument, node in arguments.items():
        if argument in _READERS and (argument != "input_dim" or kind == "embedding"):
            value = _READERS[argument](values, node, argument)
            if value is not None:
                settings[_KEYS.get(argument, argument)] = value
    if kind == "dense":
        settings.setdefault("activation", "linear")
    return Layer(call, settings, inputs)


def _of_kind(kind: str) -> Callable[[Values, ast.Call], Layer]:
    return lambda values, call: _layer(values, call, kind)


def _activation_of(name: str) -> Callable[[Values, ast.Call], Layer]:
    def read(values: Values, call: ast.Call) -> Layer:
        """`ReLU()` and its like; their own arguments would make them something else."""
        arguments = values.arguments(call, signatures.WITHOUT_ARGUMENTS)
        inputs = _inputs(values, arguments, "activation")
        own = {"name": _name(values, arguments["name"], "name")} if "name" in arguments else {}
        return Layer(call, {"kind": "activation", "activation": name, **own}, inputs)

    return read


def _input(values: Values, call: ast.Call) -> Layer:
    arguments = values.arguments(call, signatures.INPUT)
    shape = arguments.get("shape", arguments.get("input_shape"))
    if shape is None:
        raise values.scope.refused(call, "missing_argument", argument="shape")
    return Layer(call, inputs=_shape(values, shape))


def _inputs(values: Values, arguments: dict[str, ast.expr], kind: str) -> tuple[int, ...] | None:
    """The shape of the inputs in the old place. The table of an embedding has an `input_dim` of its own."""
    for argument in ("input_shape", "batch_input_shape", "input_dim"):
        if argument not in arguments or (argument == "input_dim" and kind == "embedding"):
            continue
        node = arguments[argument]
        if argument == "input_dim":
            inputs: tuple[int, ...] = (values.whole(node, argument),)
        else:
            inputs = _shape(values, node)
        values.scope.note(node, "old_input", old=argument, inputs=str(inputs))
        return inputs
    return None


def _shape(values: Values, node: ast.expr) -> tuple[int, ...]:
    value = values.read(node)
    if isinstance(value, list) and len(value) > 1 and value[0] is None:
        value = value[1:]  # batch_input_shape=(None, n)
    good = isinstance(value, list) and 0 < len(value) <= MOST_DIMENSIONS
    if not good or any(isinstance(side, bool) or not isinstance(side, int) for side in value):
        raise values.scope.refused(node, "input_shape")
    return tuple(value)


def _sequential(values: Values, call: ast.Call) -> Model:
    arguments = values.arguments(call, signatures.SEQUENTIAL_CALL)
    if "layers" not in arguments:
        return Model(call, [])
    layers = values.read(arguments["layers"])
    if layers is None:
        return Model(call, [])
    if not isinstance(layers, list) or not all(isinstance(layer, Layer) for layer in layers):
        raise values.scope.refused(arguments["layers"], "no_layer")
    return Model(call, list(layers))


# --- arguments ---------------------------------------------------------------------------------------------------


def _name(values: Values, node: ast.expr, argument: str) -> str | None:
    value = values.read(node)
    if isinstance(value, str) and _NAME.fullmatch(value):
        return value
    values.scope.note(node, "ignored_argument", argument=argument)
    return None


def _activation(values: Values, node: ast.expr, argument: str) -> str:
    value = values.read(node)
    if value is None:
        return "linear"
    if isinstance(value, Name) and value.dotted.startswith(keras.ACTIVATION_MODULES):
        value = value.dotted.rpartition(".")[2]
    if not isinstance(value, str) or value not in keras.ACTIVATIONS:
        name = value if isinstance(value, str) else shown(node)
        raise values.scope.refused(node, "activation_not_offered", name=name, activations=", ".join(keras.ACTIVATIONS))
    return value


def _side(values: Values, node: ast.expr, argument: str) -> int | None:
    """3, (3,) or (3, 3): a spec has one number for all directions."""
    value = values.read(node)
    if value is None and argument == "strides":
        return None
    sides = value if isinstance(value, list) else [value]
    if not sides or any(isinstance(side, bool) or not isinstance(side, int) for side in sides):
        raise values.scope.refused(node, "no_whole_number", argument=argument)
    if len(sides) > MOST_DIMENSIONS or any(side != sides[0] for side in sides):
        raise values.scope.refused(node, "no_square", argument=argument)
    return int(sides[0])


def _padding(values: Values, node: ast.expr, argument: str) -> str:
    value = values.read(node)
    if value not in ("valid", "same"):
        raise values.scope.refused(node, "no_padding", argument=argument)
    return str(value)


def _seed(values: Values, node: ast.expr, argument: str) -> None:
    values.scope.note(node, "ignored_argument", argument=argument)


def _sides(values: Values, node: ast.expr, argument: str) -> list[int]:
    value = values.read(node)
    if isinstance(value, int) and not isinstance(value, bool):
        return [value]
    if not isinstance(value, list) or any(isinstance(side, bool) or not isinstance(side, int) for side in value):
        raise values.scope.refused(node, "no_shape", argument=argument)
    return value


def _initializer(values: Values, node: ast.expr, argument: str) -> str | None:
    value = values.read(node)
    offered = keras.BIAS_INITIALIZERS if argument == "bias_initializer" else keras.INITIALIZERS
    if isinstance(value, Name) and value.dotted.startswith("keras.initializers."):
        value = value.dotted.rpartition(".")[2]
    if value is None:
        return None
    found = keras.snake(value) if isinstance(value, str) else ""
    found = keras.OLD_INITIALIZERS.get(found, found)
    if found not in offered:
        name = value if isinstance(value, str) else shown(node)
        raise values.scope.refused(node, "initializer_not_offered", name=name, initializers=", ".join(offered))
    return found


def _initializer_object(name: str) -> Callable[[Values, ast.Call], str]:
    def read(values: Values, call: ast.Call) -> str:
        values.arguments(call, signatures.INITIALIZER)
        return name

    return read


def _regularizer(values: Values, node: ast.expr, argument: str) -> dict[str, float] | None:
    value = values.read(node)
    if isinstance(value, str) and value.lower() in ("l1", "l2"):
        return {value.lower(): 0.01}
    if value is not None and not isinstance(value, dict):
        raise values.scope.refused(node, "other_value", argument=argument)
    return value


def _regularizer_object(name: str) -> Callable[[Values, ast.Call], dict[str, float]]:
    def read(values: Values, call: ast.Call) -> dict[str, float]:
        given = values.arguments(call, signatures.REGULARIZERS[name])
        usual = {"L1": {"l1": 0.01}, "L2": {"l2": 0.01}, "L1L2": {}}[name]
        return {**usual, **{key: values.number(node, key) for key, node in given.items()}}

    return read


_READERS: dict[str, Callable[[Values, ast.expr, str], Any]] = {
    **dict.fromkeys(("units", "filters", "input_dim", "output_dim"), Values.whole),
    **dict.fromkeys(("rate", "stddev", "momentum", "epsilon"), Values.number),
    **dict.fromkeys(("use_bias", "return_sequences"), Values.truth),
    **dict.fromkeys(("kernel_size", "strides", "pool_size"), _side),
    **dict.fromkeys(
        ("kernel_initializer", "bias_initializer", "recurrent_initializer", "embeddings_initializer"), _initializer
    ),
    "activation": _activation,
    "padding": _padding,
    "target_shape": _sides,
    "kernel_regularizer": _regularizer,
    "name": _name,
    "seed": _seed,
}

CALLS: dict[str, Callable[[Values, ast.Call], Any]] = {
    **{f"keras.layers.{name}": _of_kind(kind) for name, kind in keras.LAYERS.items()},
    "keras.layers.ReLU": _activation_of("relu"),
    "keras.layers.Softmax": _activation_of("softmax"),
    "keras.Input": _input,
    keras.SEQUENTIAL: _sequential,
    **{
        f"keras.initializers.{name}": _initializer_object(found)
        for found in keras.INITIALIZERS
        for name in (keras.camel(found), found)
    },
    **{
        f"keras.regularizers.{name}": _regularizer_object(today)
        for today, spelt in {"L1": ("L1", "l1"), "L2": ("L2", "l2"), "L1L2": ("L1L2", "l1_l2", "L1_L2")}.items()
        for name in spelt
    },
}
