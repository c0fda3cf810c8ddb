"""Keras code → spec. The code is read, never run.

`translate` is total and bounded: the size is capped before `ast.parse`, the tree right after it, and the tree is walked
by an allow-list (`keras_values`, `keras_reading`). Any text gives a Translation: a spec that `parse_spec` accepts, or
refusals, each with its place in the code; and notes on what was left out, filled in, or is written differently today.
"""

import ast
import re
import warnings
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from sandbox.datasets import DATASETS, Dataset
from sandbox.keras_code.reading import Reader
from sandbox.keras_code.remarks import RefusedError, Remark, remark
from sandbox.keras_code.values import Fit, Layer, Model, Scope
from sandbox.spec import Spec, parse_spec
from sandbox.spec.sense import check
from sandbox.spec.training import CROSS_ENTROPIES

MAX_BYTES, MAX_LINES = 20 * 1024, 400
MAX_NODES, MAX_DEPTH = 2_000, 40
DATASET_BY_INPUTS = {
    1: "clinical_trial", 2: "circles", 4: "iris", 10: "diabetes", 13: "wine", 30: "breast_cancer", 64: "digits",
}  # fmt: skip
EPOCHS_WITHOUT_FIT, BATCH_WITHOUT_FIT = 20, 32
PASTED = "<pasted>"
# What Python thinks of pasted code is no news for the server's log.
warnings.filterwarnings("ignore", module=PASTED)
EXPECTED = (SyntaxError, ValueError, MemoryError, RecursionError)


@dataclass(frozen=True)
class Translation:
    """`spec` is None exactly where there are refusals. `has_model` tells code without a network from refused code."""

    spec: dict[str, Any] | None
    notes: list[Remark] = field(default_factory=list)
    refusals: list[Remark] = field(default_factory=list)
    has_model: bool = False


def translate(source: str) -> Translation:
    """The spec of the network that the code trains."""
    if len(source) > MAX_BYTES or source.count("\n") >= MAX_LINES or len(source.encode("utf-8", "replace")) > MAX_BYTES:
        return _refused(remark((1, 1), "too_long", kilobytes=MAX_BYTES // 1024, lines=MAX_LINES))
    source, magics = _without_magics(source)
    try:
        tree = ast.parse(source, PASTED)
    except EXPECTED as error:
        return _refused(_why_no_python(error, source))
    if not _is_bounded(tree):
        return _refused(remark((1, 1), "too_complex"))
    reader = Reader(Scope(_lines(source)))
    reader.scope.notes += magics
    reader.read(tree)
    return _translation(reader)


def _refused(*found: Remark) -> Translation:
    return Translation(None, refusals=list(found))


def _without_magics(source: str) -> tuple[str, list[Remark]]:
    """Notebook commands (`%matplotlib inline`, `!pip …`) become `pass`, at the same place."""
    notes: list[Remark] = []
    lines = source.split("\n")
    for number, line in enumerate(lines, start=1):
        if found := re.match(r"([ \t]*)(?:%%?[a-zA-Z]|![a-zA-Z])", line):
            lines[number - 1] = found[1] + "pass"
            notes.append(remark((number, len(found[1]) + 1), "ignored_magic"))
    return "\n".join(lines), notes


def _lines(source: str) -> list[str]:
    """Lines as Python's parser counts them (`str.splitlines` knows more line ends)."""
    return re.split(r"\r\n|\r|\n", source)


def _why_no_python(error: BaseException, source: str) -> Remark:
    if not isinstance(error, SyntaxError):
        code = "too_complex" if isinstance(error, MemoryError | RecursionError) else "no_python"
        return remark((1, 1), code, reason="it holds characters that no code has")
    place = (max(error.lineno or 1, 1), max(error.offset or 1, 1))
    lines = _lines(source)
    line = lines[place[0] - 1] if place[0] <= len(lines) else ""
    if line.lstrip().startswith("//"):
        return remark((place[0], len(line) - len(line.lstrip()) + 1), "slashes")
    return remark(place, "no_python", reason=error.msg[:200])


def _is_bounded(tree: ast.AST) -> bool:
    """Counted with a list, not by recursion: the depth is what is to be found out."""
    waiting, nodes = [(tree, 1)], 0
    while waiting:
        node, depth = waiting.pop()
        nodes += 1
        if nodes > MAX_NODES or depth > MAX_DEPTH:
            return False
        waiting += [(child, depth + 1) for child in ast.iter_child_nodes(node)]
    return True


# --- what was read becomes a spec --------------------------------------------------------------------------------


def _translation(reader: Reader) -> Translation:
    scope, refusals = reader.scope, list(reader.refusals)
    model = _chosen(reader)
    if model is None:
        if not refusals or not reader.saw_model:
            refusals.append(remark((1, 1), "no_model"))
        return Translation(None, scope.notes, refusals, reader.saw_model)
    spec: dict[str, Any] | None = None
    try:
        spec = _spec(model, scope)
        refusals += _check(spec, model, scope)
    except RefusedError as error:
        # Where something was refused already, what is missing for the spec may have been in it.
        if not refusals:
            refusals.append(error.remark)
    return Translation(None if refusals else spec, scope.notes, refusals, has_model=True)


def _chosen(reader: Reader) -> Model | None:
    """The last network that is trained; else the last that is compiled; else the last."""
    models = reader.models
    trained = [model for model in models if model.fit] or [model for model in models if model.compilation] or models
    if not trained:
        return None
    for other in models:
        if other is not trained[-1]:
            reader.scope.note(other.node, "other_model")
    return trained[-1]


def _spec(model: Model, scope: Scope) -> dict[str, Any]:
    layers, inputs = _layers(model, scope)
    if model.compilation is None:
        raise scope.refused(model.node, "not_compiled")
    settings = dict(model.fit.settings) if model.fit else {}
    if model.fit is None:
        settings = {"epochs": EPOCHS_WITHOUT_FIT, "batch_size": BATCH_WITHOUT_FIT}
        scope.note(model.compilation.node, "no_fit", epochs=EPOCHS_WITHOUT_FIT, batch=BATCH_WITHOUT_FIT)
    return {
        "schema": 1,
        "data": _data(inputs, settings.get("validation_split", 0.0), model, scope),
        "layers": layers,
        "optimizer": model.compilation.optimizer.settings,
        "loss": model.compilation.loss,
        # Keras' own defaults where fit() does not say
        "epochs": settings.get("epochs", 1),
        "batch_size": settings.get("batch_size", 32),
        "shuffle": settings.get("shuffle", True),
        "seed": 1,
    }


def _layers(model: Model, scope: Scope) -> tuple[list[dict[str, Any]], int | None]:
    layers: list[dict[str, Any]] = []
    inputs: int | None = None
    for index, layer in enumerate(model.layers):
        if layer.inputs is not None and index == 0:
            inputs = layer.inputs
        elif layer.inputs is not None and layer.activation is None:
            raise scope.refused(layer.node, "input_not_first")
        if layer.units is not None:
            layers.append({"kind": "dense", "units": layer.units, "activation": layer.activation})
        elif layer.activation is not None:
            _merge_activation(layers, model.layers[index - 1] if index else None, layer, scope)
    if not layers:
        raise scope.refused(model.node, "no_layers")
    return layers, inputs


def _merge_activation(layers: list[dict[str, Any]], before: Layer | None, layer: Layer, scope: Scope) -> None:
    if before is None or before.units is None or before.activation != "linear":
        raise scope.refused(layer.node, "activation_alone")
    layers[-1]["activation"] = layer.activation
    scope.note(layer.node, "merged_activation", activation=str(layer.activation))


def _data(inputs: int | None, validation: float, model: Model, scope: Scope) -> dict[str, Any]:
    if inputs is None:
        scope.note(model.node, "no_input")
    dataset = _dataset(1 if inputs is None else inputs, model)
    if dataset is None:
        shown = ", ".join(f"{DATASETS[kind].title} ({width})" for width, kind in DATASET_BY_INPUTS.items())
        raise scope.refused(model.layers[0].node, "no_dataset", inputs=inputs or 0, datasets=shown)
    place = model.fit.node if model.fit else model.node
    scope.note(place, "no_data", name=model.fit.data_name if model.fit else "fit()", dataset=dataset.title)
    split = "last_rows"
    if dataset.is_sorted and validation:
        split = "shuffled"
        scope.note(place, "sorted_data", dataset=dataset.title)
    return {"kind": dataset.kind, "rows": dataset.default_rows, "validation": validation, "split": split, "seed": 1}


def _dataset(inputs: int, model: Model) -> Dataset | None:
    """The set that stands in for the code's own data; one of a regression only where the loss compares numbers."""
    dataset = DATASETS.get(DATASET_BY_INPUTS.get(inputs, ""))
    loss = model.compilation.loss if model.compilation else ""
    if dataset is not None and dataset.is_regression and loss in CROSS_ENTROPIES:
        return None
    return dataset


def _check(spec: dict[str, Any], model: Model, scope: Scope) -> list[Remark]:
    """The refusals of the sandbox itself. What it merely warns of becomes a note."""
    try:
        parsed: Spec = parse_spec(spec)
    except ValidationError as error:
        return [
            remark(_place(line["loc"], model, scope), "out_of_range", field=_field(line["loc"]), problem=line["msg"])
            for line in error.errors(include_url=False, include_input=False, include_context=False)
        ]
    refusals: list[Remark] = []
    for found in check(parsed):
        path: tuple[str | int, ...] = tuple(int(p) if p.isdigit() else p for p in found.pointer.strip("/").split("/"))
        place = _place(path, model, scope)
        kept = refusals if found.severity == "error" else scope.notes
        message = found.detail.replace("%", "%%")
        kept.append(Remark(*place, found.code, message, {}))
    return refusals


def _field(loc: tuple[str | int, ...]) -> str:
    return ".".join(str(part) for part in loc)


def _place(loc: tuple[str | int, ...], model: Model, scope: Scope) -> tuple[int, int]:
    """Where in the code the value stands that a path of the spec came from."""
    node: ast.AST = model.node
    fit, compilation = model.fit, model.compilation
    match loc:
        case ("layers", int(index), *_):
            dense = [layer for layer in model.layers if layer.units is not None]
            node = dense[index].node
        case ("optimizer", *_) if compilation:
            node = compilation.optimizer.node
        case ("loss", *_) if compilation:
            node = compilation.loss_node
        case ("data", "validation", *_) if fit:
            node = _of(fit, "validation_split")
        case (str(name), *_) if fit:
            node = _of(fit, name)
    return scope.place(node)


def _of(fit: Fit, name: str) -> ast.AST:
    return fit.nodes.get(name, fit.node)
