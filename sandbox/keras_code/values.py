"""Expressions of Keras code, read into values of our own: layers, optimizers, models, plain constants.

An allow-list walk: a node that has no rule here is refused. Nothing of the code is ever evaluated, and no value in it
is taken further than a bounded number, a short text or one of Keras' names from the tables.
"""

import ast
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.keras_code import names as keras
from sandbox.keras_code.remarks import RefusedError, Remark, remark

MAX_INTEGER, MAX_TEXT = 10**7, 100


@dataclass(frozen=True)
class Name:
    """One of Keras' own names, in today's form."""

    dotted: str


class Unknown:
    """What a name holds that the code computes (`refused=False`), or that was refused already (`refused=True`)."""

    def __init__(self, refused: bool) -> None:
        self.refused = refused


UNKNOWN: Final = Unknown(refused=False)
BROKEN: Final = Unknown(refused=True)


@dataclass
class Layer:
    """`units` None is an Activation layer, or an Input when `activation` is None too."""

    node: ast.AST
    units: int | None = None
    activation: str | None = None
    inputs: int | None = None


@dataclass
class Optimizer:
    node: ast.AST
    settings: dict[str, Any]


@dataclass
class Compilation:
    node: ast.AST
    optimizer: Optimizer
    loss: str
    loss_node: ast.AST


@dataclass
class Fit:
    node: ast.AST
    settings: dict[str, Any]
    nodes: dict[str, ast.AST]
    data_name: str


@dataclass
class Model:
    node: ast.AST
    layers: list[Layer]
    compilation: Compilation | None = None
    fit: Fit | None = None


@dataclass
class Scope:
    """The names of the code so far, and what was remarked on the way."""

    lines: list[str]
    names: dict[str, Any] = field(default_factory=dict)
    notes: list[Remark] = field(default_factory=list)

    def place(self, node: ast.AST) -> tuple[int, int]:
        """Line and column from 1; Python counts columns in bytes of UTF-8."""
        line = getattr(node, "lineno", 1)
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        before = text.encode("utf-8", "replace")[: getattr(node, "col_offset", 0)]
        return line, len(before.decode("utf-8", "replace")) + 1

    def note(self, node: ast.AST, code: str, **parameters: str | int) -> None:
        self.notes.append(remark(self.place(node), code, **parameters))

    def refused(self, node: ast.AST, code: str, **parameters: str | int) -> RefusedError:
        return RefusedError(remark(self.place(node), code, **parameters))

    def resolve(self, node: ast.AST) -> str | None:
        """The Keras name that a dotted expression stands for, or None."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return None
        if node.id not in self.names:
            return keras.BARE.get(node.id) if not parts else None
        bound = self.names[node.id]
        return keras.canonical(".".join([bound.dotted, *reversed(parts)])) if isinstance(bound, Name) else None

    def builds(self, node: ast.AST) -> bool:
        """Whether the code below the node may make or change a network."""
        reading = {
            id(sub.value)
            for sub in ast.walk(node)
            if isinstance(sub, ast.Attribute)
            and isinstance(sub.ctx, ast.Load)
            and sub.attr in keras.HARMLESS_METHODS | keras.HARMLESS_ATTRIBUTES | set(keras.OLD_METHODS)
        }
        return any(self._is_building(sub) for sub in ast.walk(node) if id(sub) not in reading)

    def _is_building(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Name) and _builds(self.names.get(node.id)):
            return True
        name = self.resolve(node) if isinstance(node, ast.Name | ast.Attribute) else None
        return name is not None and keras.is_building(name)


def _builds(value: Any) -> bool:
    items = value if isinstance(value, list) else [value]
    return any(isinstance(item, Layer | Optimizer | Model) for item in items)


class Values:
    """Reads expressions in a scope. Every method returns a value or raises RefusedError."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.calls: dict[str, Callable[[ast.Call], Any]] = {
            "keras.layers.Dense": self._dense,
            "keras.layers.Activation": self._activation_layer,
            "keras.Input": self._input,
            "keras.layers.InputLayer": self._input,
            "keras.models.Sequential": self._sequential,
            "keras.optimizers.Adam": lambda call: self._optimizer(call, "adam", keras.ADAM),
            "keras.optimizers.SGD": lambda call: self._optimizer(call, "sgd", keras.SGD),
        }

    def read(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant() as operand):
                return -self.number_of(operand, self._constant(operand))
            case ast.List() | ast.Tuple():
                return [self.read(element) for element in node.elts]
            case ast.Name() | ast.Attribute():
                return self._name(node)
            case ast.Call():
                return self._call(node)
        raise self.scope.refused(node, "no_plain_value")

    def number_of(self, node: ast.AST, value: Any) -> int | float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.scope.refused(node, "no_plain_value")
        return value

    def _constant(self, node: ast.Constant) -> Any:
        value = node.value
        whole = isinstance(value, int) and abs(value) <= MAX_INTEGER
        real = isinstance(value, float) and math.isfinite(value)
        text = isinstance(value, str) and len(value) <= MAX_TEXT
        if value is None or whole or real or text:
            return value
        raise self.scope.refused(node, "bad_constant")

    def _name(self, node: ast.Name | ast.Attribute) -> Any:
        if isinstance(node, ast.Name) and node.id in self.scope.names:
            bound = self.scope.names[node.id]
            if not isinstance(bound, Unknown):
                return bound
            raise self.scope.refused(node, "unknown_value", name=node.id)
        if name := self._keras_name(node):
            return Name(name)
        raise self.scope.refused(node, "unknown_name", name=_shown(node))

    def _keras_name(self, node: ast.AST) -> str | None:
        name = self.scope.resolve(node)
        if name and isinstance(node, ast.Name) and node.id not in self.scope.names:
            module, _, last = name.rpartition(".")
            self.scope.note(node, "no_import", name=last, module=module)
            self.scope.names[node.id] = Name(name)
        return name

    def _call(self, node: ast.Call) -> Any:
        name = self._keras_name(node.func)
        last = (name or "").rpartition(".")[2]
        if name in self.calls:
            return self.calls[name](node)
        if name is None:
            raise self.scope.refused(node, "unknown_call", name=_shown(node.func))
        if name.startswith("keras.layers."):
            raise self.scope.refused(node, "layer_not_offered", name=last)
        if name.startswith("keras.optimizers."):
            raise self.scope.refused(node, "optimizer_not_offered", name=last)
        if name.startswith(keras.LOSS_MODULES):
            return self._loss_object(node, last)
        raise self.scope.refused(node, "unknown_call", name=last)

    # --- arguments -----------------------------------------------------------------------------------------------

    def arguments(self, call: ast.Call, signature: keras.Signature) -> dict[str, ast.expr]:
        """The arguments to be read, by today's names. What changes nothing is noted; what might is refused."""
        given = [*zip(signature.positional, call.args, strict=False)]
        if len(call.args) > len(signature.positional) or any(isinstance(arg, ast.Starred) for arg in call.args):
            raise self.scope.refused(call, "starred" if given else "cannot_read")
        for keyword in call.keywords:
            if keyword.arg is None:
                raise self.scope.refused(keyword, "starred")
            new = signature.old.get(keyword.arg, keyword.arg)
            if new != keyword.arg:
                self.scope.note(keyword, "old_argument", old=keyword.arg, new=new)
            given.append((new, keyword.value))
        taken: dict[str, ast.expr] = {}
        for name, value in given:
            if name in taken:
                raise self.scope.refused(value, "repeated_argument", argument=name)
            if self._is_taken(call, signature, name, value):
                taken[name] = value
        return taken

    def _is_taken(self, call: ast.Call, signature: keras.Signature, name: str, value: ast.expr) -> bool:
        if name in signature.taken:
            return True
        if name in signature.ignored:
            self.scope.note(value, "decay" if name == "decay" else "ignored_argument", argument=name)
            return False
        if name not in signature.neutral:
            raise self.scope.refused(value, "unknown_argument", argument=name, name=_shown(call.func))
        if not isinstance(value, ast.Constant) or value.value not in signature.neutral[name]:
            raise self.scope.refused(value, "other_value", argument=name)
        return False

    def whole(self, node: ast.expr, argument: str) -> int:
        value = self.read(node)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.scope.refused(node, "no_whole_number", argument=argument)
        return value

    def number(self, node: ast.expr, argument: str) -> float:
        value = self.read(node)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.scope.refused(node, "no_number", argument=argument)
        return float(value)

    def truth(self, node: ast.expr, argument: str) -> bool:
        value = self.read(node)
        if not isinstance(value, bool):
            raise self.scope.refused(node, "no_truth", argument=argument)
        return value

    # --- layers --------------------------------------------------------------------------------------------------

    def _dense(self, call: ast.Call) -> Layer:
        arguments = self.arguments(call, keras.DENSE)
        if "units" not in arguments:
            raise self.scope.refused(call, "missing_argument", argument="units")
        units = self.whole(arguments["units"], "units")
        activation = self._activation(arguments["activation"]) if "activation" in arguments else "linear"
        return Layer(call, units, activation, self._inputs(arguments))

    def _activation_layer(self, call: ast.Call) -> Layer:
        arguments = self.arguments(call, keras.ACTIVATION)
        if "activation" not in arguments:
            raise self.scope.refused(call, "missing_argument", argument="activation")
        return Layer(call, None, self._activation(arguments["activation"]), self._inputs(arguments))

    def _input(self, call: ast.Call) -> Layer:
        arguments = self.arguments(call, keras.INPUT)
        shape = arguments.get("shape", arguments.get("input_shape"))
        if shape is None:
            raise self.scope.refused(call, "missing_argument", argument="shape")
        return Layer(call, inputs=self._shape(shape))

    def _activation(self, node: ast.expr) -> str:
        value = self.read(node)
        if value is None:
            return "linear"
        if isinstance(value, Name) and value.dotted.startswith(keras.ACTIVATION_MODULES):
            value = value.dotted.rpartition(".")[2]
        if value not in keras.ACTIVATIONS:
            shown = value if isinstance(value, str) else _shown(node)
            raise self.scope.refused(
                node, "activation_not_offered", name=shown, activations=", ".join(keras.ACTIVATIONS)
            )
        return str(value)

    def _inputs(self, arguments: dict[str, ast.expr]) -> int | None:
        for argument in ("input_shape", "batch_input_shape", "input_dim"):
            if argument not in arguments:
                continue
            node = arguments[argument]
            inputs = self.whole(node, argument) if argument == "input_dim" else self._shape(node)
            self.scope.note(node, "old_input", old=argument, inputs=inputs)
            return inputs
        return None

    def _shape(self, node: ast.expr) -> int:
        value = self.read(node)
        if isinstance(value, list) and len(value) == 2 and value[0] is None:
            value = value[1:]  # batch_input_shape=(None, n)
        if (
            not isinstance(value, list)
            or len(value) != 1
            or isinstance(value[0], bool)
            or not isinstance(value[0], int)
        ):
            raise self.scope.refused(node, "input_shape")
        return value[0]

    def _sequential(self, call: ast.Call) -> Model:
        arguments = self.arguments(call, keras.SEQUENTIAL_CALL)
        if "layers" not in arguments:
            return Model(call, [])
        layers = self.read(arguments["layers"])
        if layers is None:
            return Model(call, [])
        if not isinstance(layers, list) or not all(isinstance(layer, Layer) for layer in layers):
            raise self.scope.refused(arguments["layers"], "no_layer")
        return Model(call, list(layers))

    # --- optimizer and loss --------------------------------------------------------------------------------------

    def _optimizer(self, call: ast.Call, kind: str, signature: keras.Signature) -> Optimizer:
        settings: dict[str, Any] = {"kind": kind}
        for name, node in self.arguments(call, signature).items():
            settings[name] = self.truth(node, name) if name == "nesterov" else self.number(node, name)
        return Optimizer(call, settings)

    def optimizer(self, node: ast.expr) -> Optimizer:
        value = self.read(node)
        if isinstance(value, Optimizer):
            return value
        if isinstance(value, Name) and value.dotted in ("keras.optimizers.Adam", "keras.optimizers.SGD"):
            value = value.dotted.rpartition(".")[2]
        kind = value.lower() if isinstance(value, str) else ""
        if kind not in ("adam", "sgd"):
            shown = value if isinstance(value, str) else _shown(node)
            raise self.scope.refused(node, "optimizer_not_offered", name=shown)
        return Optimizer(node, {"kind": kind})

    def loss(self, node: ast.expr) -> str:
        value = self.read(node)
        if isinstance(value, Name) and value.dotted.startswith(keras.LOSS_MODULES):
            value = value.dotted.rpartition(".")[2]
        name = keras.LOSS_NAMES.get(value) if isinstance(value, str) else None
        if name is None:
            shown = value if isinstance(value, str) else _shown(node)
            raise self.scope.refused(node, "loss_not_offered", name=shown, losses=", ".join(keras.LOSSES))
        return name

    def _loss_object(self, call: ast.Call, name: str) -> str:
        arguments = self.arguments(call, keras.LOSS_CALL)
        if "from_logits" in arguments and self.truth(arguments["from_logits"], "from_logits"):
            raise self.scope.refused(call, "from_logits")
        return name


def _shown(node: ast.AST) -> str:
    """A short name for a message; never more of the code than that."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute) and len(parts) < 6:
        parts.append(node.attr)
        node = node.value
    parts.append(node.id if isinstance(node, ast.Name) else "…")
    return ".".join(reversed(parts))[:60]
