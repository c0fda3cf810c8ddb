"""What was read becomes a spec: layers, data, training, and what the sandbox itself says of them."""

import ast
import re
from typing import Any

from pydantic import ValidationError

from sandbox.datasets import DATASETS
from sandbox.keras_code.remarks import Remark, remark
from sandbox.keras_code.stand_ins import Network, data_of
from sandbox.keras_code.values import Fit, Layer, Model, Scope
from sandbox.spec import Spec, parse_spec
from sandbox.spec.sense import check

EPOCHS_WITHOUT_FIT, BATCH_WITHOUT_FIT = 20, 32


def checked_spec(model: Model, scope: Scope) -> tuple[dict[str, Any], list[Remark]]:
    """The spec and what is refused of it. Raises RefusedError where there is none."""
    network = _network(model, scope)
    if model.compilation is None:
        raise scope.refused(model.node, "not_compiled")
    settings = dict(model.fit.settings) if model.fit else {}
    if model.fit is None:
        settings = {"epochs": EPOCHS_WITHOUT_FIT, "batch_size": BATCH_WITHOUT_FIT}
        scope.note(model.compilation.node, "no_fit", epochs=EPOCHS_WITHOUT_FIT, batch=BATCH_WITHOUT_FIT)
    data = data_of(network, settings.get("validation_split", 0.0), model, scope)
    spec = {
        "schema": 1,
        "data": data,
        "layers": network.layers,
        "optimizer": model.compilation.optimizer.settings,
        "loss": model.compilation.loss.name,
        # Keras' own defaults where fit() does not say
        "epochs": settings.get("epochs", 1),
        "batch_size": settings.get("batch_size", 32),
        "shuffle": settings.get("shuffle", True),
        "seed": scope.seed,
        **_only_where_said(model, settings),
    }
    _measure(spec, model, scope)
    return spec, _check(spec, network, model, scope)


def _only_where_said(model: Model, settings: dict[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if model.compilation and model.compilation.loss.from_logits:
        said["from_logits"] = True
    if "class_weights" in settings:
        said["class_weights"] = settings["class_weights"]
    for callback in model.fit.callbacks if model.fit else ():
        said[str(callback.key)] = callback.settings
    return said


# --- layers ------------------------------------------------------------------------------------------------------


def _network(model: Model, scope: Scope) -> Network:
    network = Network()
    for index, layer in enumerate(model.layers):
        if layer.inputs is not None and index == 0:
            network.inputs = layer.inputs
        elif layer.inputs is not None and layer.settings is None:
            raise scope.refused(layer.node, "input_not_first")
        if layer.settings is None:
            continue
        before = model.layers[index - 1] if index else None
        if _is_merged(network, before, layer):
            network.layers[-1]["activation"] = layer.settings["activation"]
            scope.note(layer.node, "merged_activation", activation=layer.settings["activation"])
        else:
            network.put(len(network.layers), dict(layer.settings), layer.node)
    if not network.layers:
        raise scope.refused(model.node, "no_layers")
    for number, settings in enumerate(network.layers, start=1):
        # The name that a layer without one has in a script of the sandbox.
        if re.fullmatch(rf"{settings['kind']}_{number}_*", settings.get("name", "")):
            del settings["name"]
    return network


def _is_merged(network: Network, before: Layer | None, layer: Layer) -> bool:
    """An activation belongs to the dense layer right before it; one with a name of its own stays a layer."""
    if before is None or before.settings is None or layer.settings is None or not network.layers:
        return False
    return (
        layer.settings["kind"] == "activation"
        and "name" not in layer.settings
        and before.settings["kind"] == "dense"
        and before.settings["activation"] == "linear"
    )


# --- metrics -----------------------------------------------------------------------------------------------------


def _measure(spec: dict[str, Any], model: Model, scope: Scope) -> None:
    """Metrics are taken over where they say more than the usual one and can be measured here."""
    assert model.compilation is not None
    asked, node = model.compilation.metrics, model.compilation.metrics_node
    if not asked or node is None:
        return
    usual = ["mean_absolute_error"] if DATASETS[spec["data"]["kind"]].is_regression else ["accuracy"]
    if asked == usual:
        return
    try:
        measured = parse_spec({**spec, "metrics": asked})
    except ValidationError as error:
        if any(line["loc"][0] == "metrics" for line in error.errors(include_url=False)):
            scope.note(node, "ignored_metrics")
        return  # what else is wrong is refused below
    if any(found.pointer.startswith("/metrics") for found in check(measured)):
        scope.note(node, "ignored_metrics")
    else:
        spec["metrics"] = asked


# --- what the sandbox says of it ---------------------------------------------------------------------------------


def _check(spec: dict[str, Any], network: Network, model: Model, scope: Scope) -> list[Remark]:
    """The refusals of the sandbox itself. What it merely warns of becomes a note."""
    try:
        parsed: Spec = parse_spec(spec)
    except ValidationError as error:
        return [
            remark(
                _place(line["loc"], network, model, scope),
                "out_of_range",
                field=".".join(map(str, line["loc"])),
                problem=line["msg"],
            )
            for line in error.errors(include_url=False, include_input=False, include_context=False)
        ]
    refusals: list[Remark] = []
    for found in check(parsed):
        path: tuple[str | int, ...] = tuple(int(p) if p.isdigit() else p for p in found.pointer.strip("/").split("/"))
        place = _place(path, network, model, scope)
        kept = refusals if found.severity == "error" else scope.notes
        message = found.detail.replace("%", "%%")
        kept.append(Remark(*place, found.code, message, {}))
    return refusals


def _place(loc: tuple[str | int, ...], network: Network, model: Model, scope: Scope) -> tuple[int, int]:
    """Where in the code the value stands that a path of the spec came from."""
    node: ast.AST = model.node
    fit, compilation = model.fit, model.compilation
    match loc:
        case ("layers", int(index), *_):
            node = network.nodes[index]
        case ("layers",):
            node = model.node
        case ("optimizer", *_) if compilation:
            node = compilation.optimizer.node
        case ("loss" | "from_logits", *_) if compilation:
            node = compilation.loss_node
        case ("data", "validation", *_) if fit:
            node = _of(fit, "validation_split")
        case ("class_weights", *_) if fit:
            node = _of(fit, "class_weight")
        case (str(name), *_) if fit:
            node = next((each.node for each in fit.callbacks if each.key == name), _of(fit, name))
    return scope.place(node)


def _of(fit: Fit, name: str) -> ast.AST:
    return fit.nodes.get(name, fit.node)
