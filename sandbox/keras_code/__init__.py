"""Keras code → spec. The code is read, never run.

`translate` is total and bounded: the size is capped before `ast.parse`, the tree right after it, and the tree is walked
by an allow-list (`reading`, `values`, `layers`, `training`). Any text gives a Translation: a spec that `parse_spec`
accepts, or refusals, each with its place in the code; and notes on what was left out, filled in, or is written
differently today.
"""

import ast
import re
import warnings
from dataclasses import dataclass, field
from typing import Any

from sandbox.keras_code.reading import Reader
from sandbox.keras_code.remarks import RefusedError, Remark, remark
from sandbox.keras_code.specs import checked_spec
from sandbox.keras_code.values import Model, Scope

MAX_BYTES, MAX_LINES = 20 * 1024, 400
MAX_NODES, MAX_DEPTH = 2_000, 40
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
        spec, found = checked_spec(model, scope)
        refusals += found
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
