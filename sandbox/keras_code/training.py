"""Calls that say how a network learns: optimizer, schedule, loss, metrics, callbacks."""

import ast
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.keras_code import names as keras
from sandbox.keras_code import signatures
from sandbox.keras_code.remarks import RefusedError
from sandbox.keras_code.values import UNKNOWN, Callback, Loss, Name, Optimizer, Schedule, Values, shown
from sandbox.spec.training import smaller_is_better

_CLIPPINGS = {"clipvalue": "value", "clipnorm": "norm", "global_clipnorm": "global_norm"}
_TRUTHS = ("nesterov", "centered", "restore_best_weights")
_WHOLES = ("patience", "cooldown")

# --- optimizer and schedule --------------------------------------------------------------------------------------


def _optimizer(values: Values, call: ast.Call, kind: str) -> Optimizer:
    settings: dict[str, Any] = {"kind": kind}
    for name, node in values.arguments(call, signatures.OPTIMIZERS[kind]).items():
        if name in _CLIPPINGS:
            _clip(values, settings, name, node)
        elif name == "learning_rate":
            settings |= learning_rate(values, node)
        else:
            settings[name] = values.truth(node, name) if name in _TRUTHS else values.number(node, name)
    return Optimizer(call, settings)


def _clip(values: Values, settings: dict[str, Any], name: str, node: ast.expr) -> None:
    if isinstance(node, ast.Constant) and node.value is None:
        return
    if "clipping" in settings:
        raise values.scope.refused(node, "clipped_twice")
    settings["clipping"] = {"kind": _CLIPPINGS[name], "limit": values.number(node, name)}


def learning_rate(values: Values, node: ast.expr) -> dict[str, Any]:
    """A number, or a schedule with the number it begins with."""
    value = values.read(node) if isinstance(node, ast.Name | ast.Attribute | ast.Call) else None
    if isinstance(value, Schedule):
        return {"learning_rate": value.rate, "schedule": value.settings}
    return {"learning_rate": values.number(node, "learning_rate")}


def _of_kind(kind: str) -> Callable[[Values, ast.Call], Optimizer]:
    return lambda values, call: _optimizer(values, call, kind)


def optimizer(values: Values, node: ast.expr) -> Optimizer:
    value = values.read(node)
    if isinstance(value, Optimizer):
        return value
    if isinstance(value, Name) and value.dotted.startswith("keras.optimizers."):
        value = value.dotted.rpartition(".")[2]
    kind = value.lower() if isinstance(value, str) else ""
    if kind not in signatures.OPTIMIZERS:
        name = value if isinstance(value, str) else shown(node)
        raise values.scope.refused(node, "optimizer_not_offered", name=name, optimizers=", ".join(keras.OPTIMIZERS))
    return Optimizer(node, {"kind": kind})


def _needed(values: Values, call: ast.Call, arguments: Mapping[str, ast.expr], *names: str) -> None:
    for name in names:
        if name not in arguments:
            raise values.scope.refused(call, "missing_argument", argument=name)


def _exponential_decay(values: Values, call: ast.Call) -> Schedule:
    given = values.arguments(call, signatures.EXPONENTIAL_DECAY)
    _needed(values, call, given, "initial_learning_rate", "decay_steps", "decay_rate")
    in_stairs = "staircase" in given and values.truth(given["staircase"], "staircase")
    return Schedule(
        values.number(given["initial_learning_rate"], "initial_learning_rate"),
        {
            "kind": "step" if in_stairs else "exponential",
            "decay_steps": values.whole(given["decay_steps"], "decay_steps"),
            "decay_rate": values.number(given["decay_rate"], "decay_rate"),
        },
    )


def _cosine_decay(values: Values, call: ast.Call) -> Schedule:
    """With a warm-up from 0 to a target the target is the rate; with alpha 1 nothing follows the warm-up."""
    given = values.arguments(call, signatures.COSINE_DECAY)
    _needed(values, call, given, "initial_learning_rate", "decay_steps")
    rate = values.number(given["initial_learning_rate"], "initial_learning_rate")
    alpha = values.number(given["alpha"], "alpha") if "alpha" in given else 0.0
    steps = values.whole(given["decay_steps"], "decay_steps")
    if "warmup_target" not in given or values.read(given["warmup_target"]) is None:
        return Schedule(rate, {"kind": "cosine", "decay_steps": steps, "alpha": alpha})
    _needed(values, call, given, "warmup_steps")
    if rate != 0:
        raise values.scope.refused(given["initial_learning_rate"], "warm_up_from_zero")
    target = values.number(given["warmup_target"], "warmup_target")
    warm_up = values.whole(given["warmup_steps"], "warmup_steps")
    if alpha == 1:
        return Schedule(target, {"kind": "warm_up", "warmup_steps": warm_up})
    return Schedule(target, {"kind": "cosine", "decay_steps": steps, "alpha": alpha, "warmup_steps": warm_up})


# --- loss and metrics --------------------------------------------------------------------------------------------


def loss(values: Values, node: ast.expr) -> Loss:
    value = values.read(node)
    if isinstance(value, Loss):
        return value
    if isinstance(value, Name) and value.dotted.startswith(keras.LOSS_MODULES):
        value = value.dotted.rpartition(".")[2]
    name = keras.LOSS_NAMES.get(value) if isinstance(value, str) else None
    if name is None:
        known = value if isinstance(value, str) else shown(node)
        raise values.scope.refused(node, "loss_not_offered", name=known, losses=", ".join(keras.LOSSES))
    return Loss(name)


def _loss_object(name: str) -> Callable[[Values, ast.Call], Loss]:
    def read(values: Values, call: ast.Call) -> Loss:
        given = values.arguments(call, signatures.LOSS_CALL)
        return Loss(name, "from_logits" in given and values.truth(given["from_logits"], "from_logits"))

    return read


def metrics(values: Values, node: ast.expr) -> list[str] | None:
    """The metrics in their order, each once; None where one of them is nothing that the sandbox measures."""
    found: list[str] = []
    for item in node.elts if isinstance(node, ast.List | ast.Tuple) else [node]:
        name = _metric(values, item)
        if name is None:
            values.scope.note(item, "ignored_metrics")
            return None
        found += [name] if name not in found else []
    return found


def _metric(values: Values, node: ast.expr) -> str | None:
    """The words in a call of a metric do not matter to what it measures, if it has only a name."""
    name: object = None
    match node:
        case ast.Constant(value=name):
            pass
        case ast.Call(func=func, args=[]) if _only_names(node):
            name = (values.scope.resolve(func) or "").rpartition(".")[2]
        case ast.Name() | ast.Attribute():
            name = (values.scope.resolve(node) or "").rpartition(".")[2]
    return keras.METRICS.get(name) if isinstance(name, str) else None


def _only_names(call: ast.Call) -> bool:
    """Keras' accuracy of two classes has a threshold, 0 where the outputs are logits."""
    return all(
        isinstance(keyword.value, ast.Constant)
        and (keyword.arg == "name" or (keyword.arg == "threshold" and keyword.value.value in (0, 0.5)))
        for keyword in call.keywords
    )


# --- callbacks ---------------------------------------------------------------------------------------------------


def _callback(values: Values, call: ast.Call, key: str, name: str) -> Callback:
    given = values.arguments(call, signatures.CALLBACKS[key])
    settings: dict[str, Any] = {"patience": 0} if key == "early_stopping" else {}
    settings["monitor"] = _monitor(values, given["monitor"]) if "monitor" in given else "val_loss"
    if "mode" in given:
        _check_mode(values, given["mode"], settings["monitor"])
    for argument, node in given.items():
        if argument in _WHOLES:
            settings[argument] = values.whole(node, argument)
        elif argument in _TRUTHS:
            settings[argument] = values.truth(node, argument)
        elif argument not in ("monitor", "mode"):
            settings["min_learning_rate" if argument == "min_lr" else argument] = values.number(node, argument)
    if "min_delta" in settings:
        settings["min_delta"] = abs(settings["min_delta"])  # Keras takes the sign from the direction
    return Callback(call, name, key, settings)


def _monitor(values: Values, node: ast.expr) -> str:
    value = values.read(node)
    if isinstance(value, str) and value in keras.OLD_MEASURES:
        values.scope.note(node, "old_method", old=value, new=keras.OLD_MEASURES[value])
        value = keras.OLD_MEASURES[value]
    if value not in keras.MEASURES:
        raise values.scope.refused(node, "no_measure", measures=", ".join(keras.MEASURES))
    return str(value)


def _check_mode(values: Values, node: ast.expr, monitor: str) -> None:
    right = "min" if smaller_is_better(monitor) else "max"  # type: ignore[arg-type]
    if values.read(node) not in ("auto", right):
        raise values.scope.refused(node, "wrong_mode", measure=monitor, mode=right)


def _callback_of(key: str, name: str) -> Callable[[Values, ast.Call], Callback]:
    return lambda values, call: _callback(values, call, key, name)


def callbacks(values: Values, node: ast.expr) -> list[Callback]:
    """Those that a spec has, the last of each kind. Others are named and left out, whatever they are."""
    found: dict[str, Callback] = {}
    for item in node.elts if isinstance(node, ast.List | ast.Tuple) else [node]:
        value = _read(values, item)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, Callback) and each.key is not None:
                found[each.key] = each
            elif not isinstance(each, Callback) or each.name not in _SELF_EVIDENT:
                name = each.name if isinstance(each, Callback) else shown(item)
                values.scope.note(item, "ignored_callback", name=name)
    return [*found.values()]


_SELF_EVIDENT = ("TerminateOnNaN", "History", "ProgbarLogger")
"""A run does what they do without being asked."""


def _read(values: Values, node: ast.expr) -> Any:
    """What makes a callback that a spec has is read or refused; of anything else it does not matter."""
    if values.scope.builds(node):
        return values.read(node)
    try:
        return values.read(node)
    except RefusedError:
        return UNKNOWN


CALLS: dict[str, Callable[[Values, ast.Call], Any]] = {
    **{f"keras.optimizers.{name}": _of_kind(kind) for name, kind in keras.OPTIMIZERS.items()},
    "keras.optimizers.schedules.ExponentialDecay": _exponential_decay,
    "keras.optimizers.schedules.CosineDecay": _cosine_decay,
    **{
        f"{module}{name}": _loss_object(found)
        for module in keras.LOSS_MODULES
        for name, found in keras.LOSS_NAMES.items()
        if name[0].isupper()
    },
    **{f"keras.callbacks.{name}": _callback_of(key, name) for name, key in keras.CALLBACKS.items()},
}
