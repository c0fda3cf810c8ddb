"""A question that a run answers: what a training must reach, and how it is judged."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal, Self, get_args

from pydantic import AfterValidator, Field, StringConstraints, ValidationError, model_validator

from quizzes.kinds.base import (
    Body,
    Graded,
    Html,
    Locale,
    Markdown,
    PublicQuestion,
    Refused,
    Render,
    Strict,
    Texts,
    WrittenTexts,
    hints,
)
from sandbox.spec import Activation, Spec, measures, parameter_count, parse_spec
from sandbox.spec.layers import Layer
from sandbox.spec.training import Optimizer

Value = float | Sequence[str] | str | None
"""What a run has for a target: a number, the kinds it is made of, how it ended; None where nothing was measured."""


def _kinds_of(union: Any) -> frozenset[str]:
    """The names in a union of the spec that is told apart by `kind`."""
    return frozenset(get_args(part.model_fields["kind"].annotation)[0] for part in get_args(get_args(union)[0]))


def _one_of(known: frozenset[str], what: str) -> AfterValidator:
    def check(name: str) -> str:
        if name not in known:
            raise ValueError(f"there is no {what} {name!r}; known are {', '.join(sorted(known))}")
        return name

    return AfterValidator(check)


_OPTIMIZERS: Final = _kinds_of(Optimizer)
LayerKind = Annotated[str, _one_of(_kinds_of(Layer), "layer")]
ActivationName = Annotated[str, _one_of(frozenset(get_args(Activation)), "activation")]
OptimizerKind = Annotated[str, _one_of(_OPTIMIZERS, "optimizer")]
Ending = Literal["succeeded", "diverged"]


def _is_rounded(value: float, bound: float) -> bool:
    return math.isclose(value, bound, rel_tol=1e-6)


class Bounds(Strict):
    """Met by a value from `at_least` to `at_most`, both included; one of them may be left out."""

    at_least: Annotated[float, Field(allow_inf_nan=False)] | None = None
    at_most: Annotated[float, Field(allow_inf_nan=False)] | None = None

    @model_validator(mode="after")
    def _bounds_something(self) -> Self:
        if self.at_least is None and self.at_most is None:
            raise ValueError("a bound is needed: at_least, at_most or both")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError("at_least is above at_most: nothing can meet both")
        return self

    def holds(self, value: float | None) -> bool:
        """Measures are float32, in which 189 of 210 are 0.89999998: a bound is met within what that rounds."""
        if value is None:
            return False
        above = self.at_least is None or value > self.at_least or _is_rounded(value, self.at_least)
        return above and (self.at_most is None or value < self.at_most or _is_rounded(value, self.at_most))


class Targets(Strict):
    """What a run must reach, all of it. The measures are those after its last epoch."""

    loss: Bounds | None = None
    val_loss: Bounds | None = None
    accuracy: Bounds | None = None
    val_accuracy: Bounds | None = None
    mean_absolute_error: Bounds | None = None
    val_mean_absolute_error: Bounds | None = None
    r2_score: Bounds | None = None
    val_r2_score: Bounds | None = None
    epochs: Bounds | None = None
    parameters: Bounds | None = None
    layers: Annotated[list[LayerKind], Field(min_length=1)] | None = None
    activations: Annotated[list[ActivationName], Field(min_length=1)] | None = None
    optimizers: Annotated[list[OptimizerKind], Field(min_length=1)] | None = None
    outcome: Ending | None = None

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("a challenge needs a target")
        return self

    @property
    def measures(self) -> list[str]:
        return [name for name in MEASURES if getattr(self, name) is not None]

    @property
    def ending(self) -> Ending:
        return self.outcome or "succeeded"


COUNTS: Final = ("epochs", "parameters")
SETS: Final = ("layers", "activations", "optimizers")
MEASURES: Final = tuple(name for name in Targets.model_fields if name not in (*COUNTS, *SETS, "outcome"))


class ChallengeTexts(WrittenTexts):
    """`title` is plain text; `hint` is the first of the hints; `feedback` says what it shows, once it is met."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
    prompt: Markdown
    hint: Markdown | None = None
    feedback: Markdown | None = None


class PublicTarget(Strict):
    """One thing to reach. `at_least` and `at_most` bound a number; `allowed` lists the only kinds that may be used, or
    how the run must end."""

    name: str
    at_least: float | None = None
    at_most: float | None = None
    allowed: list[str] = []


class PublicChallenge(PublicQuestion):
    kind: Literal["challenge"] = "challenge"
    title: str
    prompt: Html
    hint: Html | None
    targets: list[PublicTarget]


@dataclass(frozen=True)
class Ended:
    """A run that has ended: how, after how many epochs, and the measures of the last of them."""

    outcome: str
    spec: Spec
    epochs: int
    measures: Mapping[str, float | None]


@dataclass(frozen=True)
class Judged(Graded):
    """`parts` and `values` have an entry for each target."""

    values: Mapping[str, Value] = field(default_factory=dict)

    @property
    def met(self) -> bool:
        return self.score == 1


class Challenge(Body):
    """`start` is the spec that a learner begins with, as it was written; the data of a run must be its data."""

    Public = PublicChallenge
    PLAIN = {"title": True}

    kind: Literal["challenge"]
    start: dict[str, Any]
    targets: Targets
    texts: Annotated[dict[Locale, ChallengeTexts], Field(min_length=1)]

    def render(self, render: Render) -> dict[str, Texts]:
        rendered = super().render(render)
        for locale, texts in rendered.items():
            texts["title"] = self.texts[locale].title
        return rendered

    def public(self, texts: Texts) -> PublicChallenge:
        return PublicChallenge(
            title=texts["title"],
            prompt=texts["prompt"],
            hints=[*([texts["hint"]] if "hint" in texts else []), *hints(texts)],
            hint=texts.get("hint"),
            targets=list(self._public_targets()),
        )

    def _public_targets(self) -> Iterator[PublicTarget]:
        for name in (*MEASURES, *COUNTS):
            bounds: Bounds | None = getattr(self.targets, name)
            if bounds is not None:
                yield PublicTarget(name=name, at_least=bounds.at_least, at_most=bounds.at_most)
        for name in SETS:
            allowed: list[str] | None = getattr(self.targets, name)
            if allowed is not None:
                yield PublicTarget(name=name, allowed=allowed)
        if self.targets.outcome is not None:
            yield PublicTarget(name="outcome", allowed=[self.targets.outcome])

    def revealed(self) -> None:
        return None

    def grade(self, response: Any) -> Graded | Refused:
        return Refused("", "not_graded", "A challenge is judged by a run and takes no response.")

    def response_from_form(self, form: Mapping[str, str]) -> Any:
        return None

    def judge(self, ended: Ended) -> Judged:
        """Mark a run: 1 if it met every target, else the share of targets that it met.

        Two targets are part of every challenge, and stand among the parts where they are named or missed: `outcome`
        (the run succeeded) and `data` (the data is that of the start).
        """
        values = self._values(ended)
        parts = {target.name: self._is_met(target, values[target.name]) for target in self._public_targets()}
        if ended.outcome != self.targets.ending:
            parts["outcome"] = False
        if not self._has_same_data(ended.spec):
            parts["data"] = False
        score = sum(parts.values()) / len(parts)
        found = {name: values.get(name) for name in parts}
        return Judged(score, parts, ("feedback",) if score == 1 else (), values=found)

    def foresee(self, spec: Spec) -> dict[str, bool]:
        """Return what a recipe decides before it is trained: what it is made of, and how long it can take.

        How many epochs it will have had is open where it may stop by itself.
        """
        unasked = {"outcome", *MEASURES}
        may_stop = spec.early_stopping is not None or spec.stop_at is not None
        planned = self._values(Ended("", spec, spec.epochs, {}))
        found = {
            target.name: self._is_met(target, planned[target.name])
            for target in self._public_targets()
            if target.name not in unasked and not (target.name == "epochs" and may_stop)
        }
        return found if self._has_same_data(spec) else {**found, "data": False}

    def unmeasured(self) -> list[str]:
        """Return the measures among the targets that a run of the start does not have. Raises ValidationError."""
        measured = measures(parse_spec(self.start))
        return [name for name in self.targets.measures if name not in measured]

    @staticmethod
    def _values(ended: Ended) -> dict[str, Value]:
        layers = ended.spec.layers
        return {
            **{name: ended.measures.get(name) for name in MEASURES},
            "epochs": ended.epochs,
            "parameters": parameter_count(ended.spec),
            "layers": _once(layer.kind for layer in layers),
            "activations": _once(layer.activation for layer in layers if hasattr(layer, "activation")),
            "optimizers": [ended.spec.optimizer.kind],
            "outcome": ended.outcome,
        }

    @staticmethod
    def _is_met(target: PublicTarget, value: Value) -> bool:
        if target.name == "outcome":
            return value in target.allowed
        if isinstance(value, list):
            return set(value) <= set(target.allowed)
        return isinstance(value, int | float) and Bounds(at_least=target.at_least, at_most=target.at_most).holds(value)

    def _has_same_data(self, spec: Spec) -> bool:
        try:
            return parse_spec(self.start).data == spec.data
        except ValidationError:  # written for an older schema
            return bool(self.start.get("data") == spec.data.model_dump(mode="json"))


def _once(names: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(names))


KIND = Challenge
