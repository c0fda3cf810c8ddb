"""The door of the sandbox: what a page or the API sent becomes a spec that may be trained, or a list of problems.

Everything is decided here, in the web process, with our own arithmetic, before any TensorFlow is involved.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext
from pydantic import ValidationError

from sandbox.advice import ADVICE
from sandbox.cost import Estimate, estimate
from sandbox.models import TableQuerySet
from sandbox.spec import Limits, Spec, parse_spec
from sandbox.spec.data import Data, IncompleteError, TableData
from sandbox.spec.sense import SpecProblem, check
from sandbox.tables import Table, complete, leaks, listed


@dataclass(frozen=True)
class FieldProblem:
    """`pointer` is a JSON Pointer into the spec, such as `/layers/0/units`; `detail` is in the reader's language."""

    pointer: str
    code: str
    detail: str


class RefusedError(Exception):
    """The spec is not trained; `problems` names at least one field."""

    def __init__(self, problems: list[FieldProblem]) -> None:
        super().__init__("; ".join(f"{problem.pointer}: {problem.detail}" for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class Admitted:
    """A spec that may be trained, what that will cost, and what a teacher would remark."""

    spec: Spec
    estimate: Estimate
    remarks: list[FieldProblem]

    def as_json(self) -> dict[str, Any]:
        """The spec with every default filled in: what is stored, and what two requests are compared by."""
        return self.spec.model_dump(mode="json")


def admit(value: object, tables: TableQuerySet | None = None) -> Admitted:
    """Return the spec in `value` (decoded JSON), or raise RefusedError. `tables` are those that it may name."""
    limits = Limits(seconds=min(settings.SANDBOX_COST_SECONDS, Limits.seconds))
    value, completion = _without_filled_in(value), _Completion(tables)
    if _is_longer(value, limits.spec_bytes):
        raise RefusedError([_too_long(limits)])
    try:
        spec = parse_spec(value, limits, completion)
    except ValidationError as error:
        raise RefusedError([_of_pydantic(line) for line in error.errors(include_url=False)]) from None
    problems = check(spec)
    if wrong := [_of_advice(problem) for problem in problems if problem.severity == "error"]:
        raise RefusedError(wrong)
    cost = estimate(spec)
    if cost.seconds > limits.seconds:
        raise RefusedError([_too_expensive(cost, limits)])
    return Admitted(spec, cost, [*map(_of_advice, problems), *completion.leaks(spec.data)])


# --- a learner's own table --------------------------------------------------------------------------------------------


def _without_filled_in(value: object) -> object:
    """A table says these itself; a client may send a spec back as it got it."""
    match value:
        case {"data": {"kind": "table", **given}, **rest}:
            asked = {key: part for key, part in given.items() if key not in ("rows", "columns", "classes")}
            return {**rest, "data": {"kind": "table", **asked}}
    return value


class _Completion:
    """Fills in a spec from the table it names, and remembers that table."""

    def __init__(self, tables: TableQuerySet | None) -> None:
        self.tables = tables
        self.table: Table | None = None

    def __call__(self, data: TableData) -> TableData:
        stored = None if self.tables is None else self.tables.without_content().filter(pk=data.table).first()
        if stored is None:
            raise IncompleteError("table", "unknown_table")
        self.table = stored.described()
        return complete(data, self.table)

    def leaks(self, data: Data) -> list[FieldProblem]:
        """What the learner should know of a target that another column gives away."""
        if self.table is None or not isinstance(data, TableData):
            return []
        columns, (_, text) = leaks(self.table, data.target), ADVICE["target_leaks"]
        detail = gettext(text) % {"target": data.target, "columns": listed(columns)}
        return [FieldProblem("/data/target", "target_leaks", detail)] if columns else []


# --- problems ---------------------------------------------------------------------------------------------------------


def _is_longer(value: object, most: int) -> bool:
    """Whether the value's JSON, written without spaces, has more bytes; counted only until it has."""
    size = 0
    try:
        for piece in json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).iterencode(value):
            size += len(piece.encode("utf-8", "surrogatepass"))
            if size > most:
                return True
    except (TypeError, ValueError, RecursionError):
        return False  # no JSON at all: the spec's own door says so
    return False


def _too_long(limits: Limits) -> FieldProblem:
    detail = gettext("This spec is too long: at most %(kilobytes)d KB are read.")
    return FieldProblem("", "too_long", detail % {"kilobytes": limits.spec_bytes // 1024})


def _of_pydantic(line: Mapping[str, Any]) -> FieldProblem:
    parameters = dict(line["ctx"])
    message_id, what = parameters["message_id"], parameters.get("what")
    if what:
        parameters["what"] = gettext(what)
    detail = gettext(message_id) % parameters
    return FieldProblem(_pointer(line["loc"]), line["type"], detail)


def _pointer(path: Sequence[str | int]) -> str:
    """RFC 6901."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _of_advice(problem: SpecProblem) -> FieldProblem:
    return FieldProblem(problem.pointer, problem.code, gettext(ADVICE[problem.code][1]) % problem.parameters)


def _too_expensive(cost: Estimate, limits: Limits) -> FieldProblem:
    detail = gettext(
        "This would take about %(seconds)d seconds; at most %(most)d are allowed. Take fewer epochs, fewer rows, "
        "larger batches or fewer units."
    ) % {"seconds": round(cost.seconds), "most": round(limits.seconds)}
    return FieldProblem("/epochs", "too_expensive", detail)
