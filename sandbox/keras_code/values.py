"""Expressions of Keras code, read into values of our own: names, plain constants, what a call makes.

An allow-list walk: a node that has no rule here is refused. Nothing of the code is ever evaluated, and no value in it
is taken further than a bounded number, a short text or one of Keras' names from the tables.
"""

import ast
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.keras_code import names as keras
from sandbox.keras_code.remarks import RefusedError, Remark, remark
from sandbox.keras_code.signatures import Signature

MAX_INTEGER, MAX_TEXT = 2**32, 100


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
OWN_BATCHES: Final = object()
"""The training rows in the batches of a script that the sandbox wrote."""


@dataclass
class Layer:
    """`settings` are those of a spec, None for an Input; `inputs` is the shape of one sample, where it is said."""

    node: ast.AST
    settings: dict[str, Any] | None = None
    inputs: tuple[int, ...] | None = None


@dataclass
class Schedule:
    """A learning rate that a spec writes as a rate to begin with and a schedule."""

    rate: float
    settings: dict[str, Any]


@dataclass
class Optimizer:
    node: ast.AST
    settings: dict[str, Any]


@dataclass
class Loss:
    name: str
    from_logits: bool = False


@dataclass
class Callback:
    """`key` is where a spec has it, None for one that it does not have."""

    node: ast.AST
    name: str
    key: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass
class Compilation:
    """`metrics` None means the usual ones."""

    node: ast.AST
    optimizer: Optimizer
    loss: Loss
    loss_node: ast.AST
    metrics: list[str] | None = None
    metrics_node: ast.AST | None = None


@dataclass
class Fit:
    node: ast.AST
    settings: dict[str, Any]
    nodes: dict[str, ast.AST]
    data_name: str
    callbacks: list[Callback] = field(default_factory=list)


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
    seed: int = 1

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
    return any(
        isinstance(item, Layer | Optimizer | Schedule | Model) or (isinstance(item, Callback) and item.key is not None)
        for item in items
    )


class Values:
    """Reads expressions in a scope. Every method returns a value or raises RefusedError."""

    def __init__(self, scope: Scope, calls: Mapping[str, Callable[["Values", ast.Call], Any]]) -> None:
        """`calls` are the callables of Keras that are understood, by their name of today."""
        self.scope = scope
        self.calls = calls

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
        raise self.scope.refused(node, "unknown_name", name=shown(node))

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
        if name is not None and name in self.calls:
            return self.calls[name](self, node)
        if name is None:
            raise self.scope.refused(node, "unknown_call", name=shown(node.func))
        if name.startswith("keras.layers."):
            raise self.scope.refused(node, "layer_not_offered", name=last, layers=", ".join(keras.LAYERS))
        if name.startswith("keras.optimizers."):
            raise self.scope.refused(node, "optimizer_not_offered", name=last, optimizers=", ".join(keras.OPTIMIZERS))
        if name.startswith("keras.callbacks."):
            return Callback(node, last)
        raise self.scope.refused(node, "unknown_call", name=last)

    # --- arguments -----------------------------------------------------------------------------------------------

    def arguments(self, call: ast.Call, signature: Signature) -> dict[str, ast.expr]:
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

    def _is_taken(self, call: ast.Call, signature: Signature, name: str, value: ast.expr) -> bool:
        if name in signature.taken:
            return True
        if name in signature.ignored:
            self.scope.note(value, "decay" if name == "decay" else "ignored_argument", argument=name)
            return False
        if name not in signature.neutral:
            raise self.scope.refused(value, "unknown_argument", argument=name, name=shown(call.func))
        if self._plain(value) not in signature.neutral[name]:
            raise self.scope.refused(value, "other_value", argument=name)
        return False

    def _plain(self, node: ast.expr) -> Any:
        """A constant, or a list of them; anything else is a value that no argument has."""
        try:
            return self.read(node) if isinstance(node, ast.Constant | ast.UnaryOp | ast.List | ast.Tuple) else UNKNOWN
        except RefusedError:
            return UNKNOWN

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


def shown(node: ast.AST) -> str:
    """A short name for a message; never more of the code than that."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute) and len(parts) < 6:
        parts.append(node.attr)
        node = node.value
    parts.append(node.id if isinstance(node, ast.Name) else "…")
    return ".".join(reversed(parts))[:60]
