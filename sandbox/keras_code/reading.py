"""Statements of Keras code: imports, assignments, `model.add`, `compile`, `fit`.

Everything else is left out with a note, or refused where it might make or change a network.
"""

import ast
from typing import Any

from sandbox.keras_code import layers, signatures, training
from sandbox.keras_code import names as keras
from sandbox.keras_code.remarks import RefusedError, Remark
from sandbox.keras_code.values import (
    BROKEN,
    OWN_BATCHES,
    UNKNOWN,
    Compilation,
    Fit,
    Layer,
    Model,
    Name,
    Optimizer,
    Scope,
    Unknown,
    Values,
)

MAX_REPEATS = 16
KERAS_MODULES = ("keras", "tensorflow")
SEEDS = ("keras.utils.set_random_seed", "tensorflow.random.set_seed")
MOST_SEEDS = 2**32
PARTS = ("keras.losses.", "keras.regularizers.", "keras.initializers.", "keras.callbacks.")


class Reader:
    """Walks the statements in order; `models` are the networks made, in order."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.values = Values(scope, {**layers.CALLS, **training.CALLS, keras.OWN_BATCHES: lambda *_: OWN_BATCHES})
        self.models: list[Model] = []
        self.refusals: list[Remark] = []
        self.saw_model = False

    def read(self, tree: ast.Module) -> None:
        for statement in tree.body:
            self._guarded(statement)

    def _guarded(self, statement: ast.stmt) -> None:
        try:
            self._statement(statement)
        except RefusedError as error:
            self.saw_model = self.saw_model or self._names_sequential(statement)
            self.refusals.append(error.remark)
            self._bind_stored(statement, BROKEN)

    def _names_sequential(self, statement: ast.stmt) -> bool:
        found = (self.scope.resolve(node) for node in ast.walk(statement))
        return any(name in (keras.SEQUENTIAL, "keras.Model", "keras.models.Model") for name in found)

    def _bind_stored(self, statement: ast.stmt, value: Unknown) -> None:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
                self.scope.names[node.id] = value

    def _statement(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Import():
                self._import(statement)
            case ast.ImportFrom():
                self._import_from(statement)
            case ast.Assign() | ast.AnnAssign():
                self._assignment(statement)
            case ast.Expr(value=ast.Constant()) | ast.Pass():
                pass
            case ast.Expr(value=ast.Call() as call):
                self._call(statement, call)
            case ast.ClassDef(bases=[base]):
                self._class(statement, self.scope.resolve(base) or "")
            case ast.For() if self._repeats_add(statement):
                for _ in range(statement.iter.args[0].value):  # type: ignore[attr-defined]
                    for inner in statement.body:
                        self._statement(inner)
            case _:
                self._leave_out(statement)

    def _call(self, statement: ast.stmt, call: ast.Call) -> None:
        if self._is_method(call):
            self._method(call)
        elif self.scope.resolve(call.func) in SEEDS and len(call.args) == 1 and self._is_seed(call.args[0]):
            self.scope.seed = self.values.read(call.args[0])
        else:
            self._leave_out(statement)

    def _class(self, statement: ast.ClassDef, base: str) -> None:
        """Left out; but a callback is known for one, and so are the batches of the sandbox's own scripts."""
        self._leave_out(statement)
        if base.startswith("keras.callbacks."):
            self.scope.names[statement.name] = Name(f"keras.callbacks.{statement.name}")
        elif base == "keras.utils.PyDataset" and statement.name == keras.OWN_BATCHES.rpartition(".")[2]:
            self.scope.names[statement.name] = Name(keras.OWN_BATCHES)

    def _is_seed(self, node: ast.expr) -> bool:
        value = self._tried(node)
        return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MOST_SEEDS

    def _tried(self, value: ast.expr) -> Any:
        """What is no part of the network need not be understood: then nothing is said of it either."""
        noted = len(self.scope.notes)
        try:
            return self.values.read(value)
        except RefusedError:
            del self.scope.notes[noted:]
            return UNKNOWN

    # --- imports -------------------------------------------------------------------------------------------------

    def _import(self, statement: ast.Import) -> None:
        for alias in statement.names:
            top = alias.name.partition(".")[0]
            bound = alias.asname or top
            if top not in KERAS_MODULES:
                self.scope.names[bound] = UNKNOWN
                self.scope.note(statement, "ignored_import", module=alias.name[:60])
                continue
            self.scope.names[bound] = Name(alias.name if alias.asname else top)

    def _import_from(self, statement: ast.ImportFrom) -> None:
        module = statement.module or ""
        ours = module.partition(".")[0] in KERAS_MODULES and statement.level == 0
        if not ours:
            self.scope.note(statement, "ignored_import", module=module[:60])
        for alias in statement.names:
            bound = alias.asname or alias.name
            if not ours:
                self.scope.names[bound] = UNKNOWN
            elif alias.name != "*":
                self._bind_keras(statement, module, alias.name, bound)
            else:
                inside = keras.canonical(module) + "."
                self.scope.names |= {n: Name(d) for n, d in keras.BARE.items() if d.startswith(inside)}

    def _bind_keras(self, statement: ast.ImportFrom, module: str, name: str, bound: str) -> None:
        today = keras.canonical(f"{module}.{name}")
        self.scope.names[bound] = Name(today)
        if keras.old_module(module):
            new, _, last = today.rpartition(".")
            self.scope.note(statement, "old_module", old=module, new=new, name=last)

    # --- assignments ---------------------------------------------------------------------------------------------

    def _assignment(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self._assign(statement, name, value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                self._assign(statement, name, value)
            case ast.Assign(targets=[ast.Attribute() as target], value=value) if self._is_rate(target):
                self._set_rate(target, value)
            case _:
                self._leave_out(statement)

    def _assign(self, statement: ast.stmt, name: str, value: ast.expr) -> None:
        if isinstance(value, ast.Call) and self._is_method(value):
            self._method(value)
            self.scope.names[name] = UNKNOWN
        elif self.scope.builds(value):
            read = self.values.read(value)
            self.scope.names[name] = read
            if isinstance(read, Model) and all(read is not model for model in self.models):
                self.models.append(read)
                self.saw_model = True
        elif self._is_part(value) and (part := self._tried(value)) is not UNKNOWN:
            self.scope.names[name] = part
        else:
            self._leave_out(statement)

    def _is_part(self, value: ast.expr) -> bool:
        """Whether this may be what an argument uses later: a number, a text, a list of them, or a part of Keras."""
        if isinstance(value, ast.Call):
            return (self.scope.resolve(value.func) or "").startswith(PARTS)
        return isinstance(value, ast.Constant | ast.UnaryOp | ast.List | ast.Tuple)

    def _is_rate(self, target: ast.Attribute) -> bool:
        """`model.optimizer.learning_rate = …`, or `.lr`."""
        return (
            target.attr in ("learning_rate", "lr")
            and isinstance(target.value, ast.Attribute)
            and target.value.attr == "optimizer"
            and isinstance(target.value.value, ast.Name)
            and isinstance(self.scope.names.get(target.value.value.id), Model)
        )

    def _set_rate(self, target: ast.Attribute, value: ast.expr) -> None:
        model = self.scope.names[target.value.value.id]  # type: ignore[attr-defined]
        if model.compilation is None:
            raise self.scope.refused(target, "not_compiled")
        if model.fit is not None:
            raise self.scope.refused(target, "cannot_read")
        if target.attr == "lr":
            self.scope.note(target, "old_argument", old="lr", new="learning_rate")
        old = model.compilation.optimizer
        settings = {**old.settings, **training.learning_rate(self.values, value)}
        model.compilation.optimizer = Optimizer(value, settings)

    # --- methods of a model --------------------------------------------------------------------------------------

    def _is_method(self, call: ast.Call) -> bool:
        return (
            isinstance(call.func, ast.Attribute)
            and isinstance(call.func.value, ast.Name)
            and (isinstance(self.scope.names.get(call.func.value.id), Model) or self._is_broken(call.func.value.id))
        )

    def _is_broken(self, name: str) -> bool:
        return self.scope.names.get(name) is BROKEN

    def _method(self, call: ast.Call) -> None:
        func = call.func
        assert isinstance(func, ast.Attribute)
        assert isinstance(func.value, ast.Name)
        model = self.scope.names[func.value.id]
        if not isinstance(model, Model):
            return  # refused before: one refusal is enough
        match func.attr:
            case "add":
                self._add(call, model)
            case "compile":
                self._compile(call, model)
            case "fit":
                self._fit(call, model)
            case attr if attr in keras.OLD_METHODS:
                self.scope.note(call, "old_method", old=attr, new=keras.OLD_METHODS[attr])
            case attr if attr in keras.HARMLESS_METHODS:
                self.scope.note(call, "ignored_method", method=attr)
            case _:
                raise self.scope.refused(call, "cannot_read")

    def _add(self, call: ast.Call, model: Model) -> None:
        arguments = self.values.arguments(call, signatures.ADD)
        if model.compilation is not None:
            raise self.scope.refused(call, "after_compile")
        layer = self.values.read(arguments["layer"]) if arguments else None
        if not isinstance(layer, Layer):
            raise self.scope.refused(call, "no_layer")
        model.layers.append(layer)

    def _compile(self, call: ast.Call, model: Model) -> None:
        arguments = self.values.arguments(call, signatures.COMPILE)
        if "optimizer" not in arguments:
            raise self.scope.refused(call, "missing_argument", argument="optimizer")
        if "loss" not in arguments:
            raise self.scope.refused(call, "no_loss")
        optimizer = training.optimizer(self.values, arguments["optimizer"])
        loss = training.loss(self.values, arguments["loss"])
        node = arguments.get("metrics")
        measured = None if node is None or _is_none(node) else training.metrics(self.values, node)
        model.compilation = Compilation(call, optimizer, loss, arguments["loss"], measured, node)

    def _fit(self, call: ast.Call, model: Model) -> None:
        arguments = self.values.arguments(call, signatures.FIT)
        if model.compilation is None:
            raise self.scope.refused(call, "fit_before_compile")
        if model.fit is not None:
            self.scope.note(call, "earlier_fit")
        settings = self._schedule(arguments)
        called = arguments.get("callbacks")
        callbacks = [] if called is None or _is_none(called) else training.callbacks(self.values, called)
        if not _is_none(arguments.get("validation_data")):
            self.scope.note(arguments["validation_data"], "ignored_validation_data")
            settings["validation_split"] = 0.1
        x = arguments.get("x")
        data_name = x.id if isinstance(x, ast.Name) else "x"
        size = self.scope.names.get("BATCH_SIZE")
        if self.scope.names.get(data_name) is OWN_BATCHES and isinstance(size, int):
            settings |= {"batch_size": size, "shuffle": True}
            self.scope.note(call, "own_batches", batch=size)
        model.fit = Fit(call, settings, dict(arguments), data_name[:60], callbacks)

    def _schedule(self, arguments: dict[str, ast.expr]) -> dict[str, Any]:
        settings: dict[str, Any] = {}
        for name in ("epochs", "batch_size"):
            if not _is_none(arguments.get(name)):
                settings[name] = self.values.whole(arguments[name], name)
        if "shuffle" in arguments:
            settings["shuffle"] = self.values.truth(arguments["shuffle"], "shuffle")
        if "validation_split" in arguments:
            settings["validation_split"] = self.values.number(arguments["validation_split"], "validation_split")
        if not _is_none(arguments.get("class_weight")):
            settings["class_weights"] = self._class_weights(arguments["class_weight"])
        return settings

    def _class_weights(self, node: ast.expr) -> list[float]:
        """{0: 1.0, 1: 2.5}: every class from 0, in order."""
        if not isinstance(node, ast.Dict):
            raise self.scope.refused(node, "class_weight")
        keys = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
        if keys != [*range(len(keys))] or any(isinstance(key, bool) for key in keys):
            raise self.scope.refused(node, "class_weight")
        return [self.values.number(value, "class_weight") for value in node.values]

    # --- the rest ------------------------------------------------------------------------------------------------

    def _repeats_add(self, loop: ast.For) -> bool:
        """`for _ in range(3): model.add(…)`: the one loop that is read."""
        match loop.iter:
            case ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=int(times))], keywords=[]):
                pass
            case _:
                return False
        return (
            not isinstance(times, bool)
            and 0 <= times <= MAX_REPEATS
            and not loop.orelse
            and "range" not in self.scope.names
            and isinstance(loop.target, ast.Name)
            and all(
                isinstance(inner, ast.Expr)
                and isinstance(inner.value, ast.Call)
                and self._is_method(inner.value)
                and isinstance(inner.value.func, ast.Attribute)
                and inner.value.func.attr == "add"
                and not _mentions(inner, loop.target.id)
                for inner in loop.body
            )
        )

    def _leave_out(self, statement: ast.stmt) -> None:
        if any(self._is_broken(node.id) for node in ast.walk(statement) if isinstance(node, ast.Name)):
            self._bind_stored(statement, BROKEN)
            return
        if self.scope.builds(statement):
            simple = isinstance(statement, ast.Expr | ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Delete)
            raise self.scope.refused(statement, "cannot_read" if simple else "control_flow")
        self._bind_stored(statement, UNKNOWN)
        for node in ast.walk(statement):  # a list may have been changed
            if isinstance(node, ast.Name) and isinstance(self.scope.names.get(node.id), list):
                self.scope.names[node.id] = UNKNOWN
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            self.scope.names[statement.name] = UNKNOWN
        self.scope.note(statement, "ignored_print" if _is_print(statement) else "ignored_statement")


def _mentions(node: ast.AST, name: str) -> bool:
    return any(isinstance(sub, ast.Name) and sub.id == name for sub in ast.walk(node))


def _is_none(node: ast.expr | None) -> bool:
    return node is None or (isinstance(node, ast.Constant) and node.value is None)


def _is_print(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Name(id="print"))):
            return True
    return False
