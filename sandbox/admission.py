"""The door of the sandbox: what a page or the API sent becomes a spec that may be trained, or a list of problems.

Everything is decided here, in the web process, with our own arithmetic, before any TensorFlow is involved.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext
from pydantic import ValidationError

from sandbox.advice import ADVICE
from sandbox.cost import Estimate, estimate
from sandbox.spec import Limits, Spec, SpecProblem, check, parse_spec


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


def admit(value: object) -> Admitted:
    """Return the spec in `value` (decoded JSON), or raise RefusedError."""
    limits = Limits(seconds=min(settings.SANDBOX_COST_SECONDS, Limits.seconds))
    try:
        spec = parse_spec(value, limits)
    except ValidationError as error:
        raise RefusedError([_of_pydantic(line) for line in error.errors(include_url=False)]) from None
    problems = check(spec)
    if wrong := [_of_advice(problem) for problem in problems if problem.severity == "error"]:
        raise RefusedError(wrong)
    cost = estimate(spec)
    if cost.seconds > limits.seconds:
        raise RefusedError([_too_long(cost, limits)])
    return Admitted(spec, cost, [_of_advice(problem) for problem in problems])


def _of_pydantic(line: Mapping[str, Any]) -> FieldProblem:
    detail = line["msg"]
    if line["type"] == "over_limit":
        detail = gettext("At most %(most)s %(what)s; this asks for %(asked)s.") % {
            **line["ctx"],
            "what": gettext(line["ctx"]["what"]),
        }
    return FieldProblem("".join(f"/{part}" for part in line["loc"]), line["type"], detail)


def _of_advice(problem: SpecProblem) -> FieldProblem:
    return FieldProblem(problem.pointer, problem.code, gettext(ADVICE[problem.code][1]) % problem.parameters)


def _too_long(cost: Estimate, limits: Limits) -> FieldProblem:
    detail = gettext(
        "This would take about %(seconds)d seconds; at most %(most)d are allowed. Take fewer epochs, fewer rows, "
        "larger batches or fewer units."
    ) % {"seconds": round(cost.seconds), "most": round(limits.seconds)}
    return FieldProblem("/epochs", "too_expensive", detail)
