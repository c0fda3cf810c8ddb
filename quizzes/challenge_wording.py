"""The targets of a challenge in words, in the reader's language: what is asked, what was wanted, what a run had."""

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from quizzes.kinds.challenge import COUNTS, PublicTarget, Value
from sandbox.measures import MEASURES
from sandbox.models import Status
from sandbox.wording import LAYERS

NAMES: dict[str, Promise] = {
    "epochs": _("Epochs"),
    "parameters": _("Weights and biases"),
    "layers": _("Layers"),
    "activations": _("Activations"),
    "optimizers": _("Optimizer"),
    "outcome": _("Outcome"),
    "data": _("Data"),
}


def name_of(target: str) -> str:
    measure = MEASURES.get(target.removeprefix("val_"))
    return measure.label(target) if measure else str(NAMES[target])


def wanted(target: PublicTarget) -> str:
    """The condition: "at least 90 %", "only dense, dropout"."""
    if target.name == "outcome":
        return _listed(target.name, target.allowed)
    if target.name == "data":
        return gettext("as the challenge gives it")
    if target.allowed:
        return gettext("only %(kinds)s") % {"kinds": _listed(target.name, target.allowed)}
    low, high = _bound(target.name, target.at_least), _bound(target.name, target.at_most)
    if low and high:
        return gettext("from %(low)s to %(high)s") % {"low": low, "high": high}
    return gettext("at least %(low)s") % {"low": low} if low else gettext("at most %(high)s") % {"high": high}


def found(target: PublicTarget, value: Value, met: bool | None) -> str:
    """What a run had; nothing where there is no value to tell."""
    if value is None:
        return "" if target.name == "data" else gettext("no number")
    if isinstance(value, str):
        return _listed(target.name, [value])
    if isinstance(value, int | float):
        return f"{value:,.0f}" if target.name in COUNTS else _measured(target, value, met)
    return _listed(target.name, list(value))


def _measured(target: PublicTarget, value: float, met: bool | None) -> str:
    """Rounded as on every page, unless a miss would then read like the bound itself."""
    measure = MEASURES[target.name.removeprefix("val_")]
    written = measure.written(value)
    bounds = [bound for bound in (target.at_least, target.at_most) if bound is not None]
    if met is False and written in [measure.written(bound) for bound in bounds]:
        return _bound(target.name, float(f"{value:.6g}"))
    return written


def _bound(target: str, number: float | None) -> str:
    """A number to the last digit: a run must not seem to meet what it misses."""
    if number is None:
        return ""
    measure = MEASURES.get(target.removeprefix("val_"))
    if measure and measure.is_share:
        return f"{100 * number:.10g} %"
    return f"{number:,.0f}" if target in COUNTS else f"{number:.10g}"


def _listed(target: str, names: list[str]) -> str:
    if target == "outcome":
        return ", ".join(str(Status(name).label) for name in names)
    return ", ".join(str(LAYERS.get(name, name)) if target == "layers" else name for name in names)
