"""What a run measures, for those who read it: names, charts, sentences and figures, in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from sandbox.findings import Finding, finding
from sandbox.spec import Spec, measures, metrics
from sandbox.templatetags.sandbox_numbers import percent, value

Epochs = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Measure:
    """One measure of Keras. `low` and `high` are the fixed ends of its axis; without, the curve decides."""

    name: str
    axis: Promise
    question: Promise
    of_training: Promise
    of_validation: Promise
    of_test: Promise
    is_share: bool = False
    low: float | None = None
    high: float | None = None

    def written(self, number: float | None) -> str:
        return percent(number) if self.is_share else value(number)

    def label(self, key: str) -> str:
        return str(self.of_validation if key.startswith("val_") else self.of_training)


_ALL = [
    Measure(
        "loss", _("Loss"), _("Does the error get smaller?"),
        _("Training loss"), _("Validation loss"), _("Test loss"),
    ),
    Measure(
        "accuracy", _("Accuracy"), _("How often is it right?"),
        _("Training accuracy"), _("Validation accuracy"), _("Test accuracy"), is_share=True, low=0, high=1,
    ),
    Measure(
        "auc", _("AUC"), _("How well does it tell the classes apart?"),
        _("Training AUC"), _("Validation AUC"), _("Test AUC"), low=0, high=1,
    ),
    Measure(
        "precision", _("Precision"), _("How often is a yes right?"),
        _("Training precision"), _("Validation precision"), _("Test precision"), is_share=True, low=0, high=1,
    ),
    Measure(
        "recall", _("Recall"), _("How much of what is there does it find?"),
        _("Training recall"), _("Validation recall"), _("Test recall"), is_share=True, low=0, high=1,
    ),
    Measure(
        "mean_absolute_error", _("Mean absolute error"), _("How far off is it on average?"),
        _("Training mean absolute error"), _("Validation mean absolute error"), _("Test mean absolute error"), low=0,
    ),
    Measure(
        "r2_score", _("R²"), _("How much of the spread does it explain?"),
        _("Training R²"), _("Validation R²"), _("Test R²"), high=1,
    ),
]  # fmt: skip
MEASURES = {measure.name: measure for measure in _ALL}
LOSS = MEASURES["loss"]


# --- which -----------------------------------------------------------------------------------------------------------


def charted(spec: Spec | None, epochs: Epochs) -> list[Measure]:
    """The loss, and the first metric of the run if it has one."""
    names = metrics(spec) if spec else _found(epochs[-1] if epochs else {})
    return [LOSS, *(MEASURES[name] for name in names[:1])]


def _found(values: Mapping[str, Any]) -> list[str]:
    """The metrics that have a value, where no spec tells which were meant."""
    return [name for name in MEASURES if name != "loss" and _newest(values, name) is not None]


def _newest(values: Mapping[str, Any], name: str) -> str | None:
    """The key that holds a value of this measure, of validation if there is one."""
    return next((key for key in (f"val_{name}", name) if values.get(key) is not None), None)


def headline(values: Mapping[str, Any] | None, spec: Mapping[str, Any]) -> dict[str, str] | None:
    """The one figure to list a run by: its first metric, else its loss. The spec may be of any age."""
    values = values or {}
    asked = spec.get("metrics")
    order = [name for name in asked if name in MEASURES] if isinstance(asked, list) else []
    for name in [*order, *_found(values), "loss"]:
        if key := _newest(values, name):
            return {"label": MEASURES[name].label(key), "text": MEASURES[name].written(values[key])}
    return None


def figures(
    values: Mapping[str, Any] | None, test: Mapping[str, Any] | None, spec: Spec | None
) -> list[dict[str, str]]:
    """Every measure of the last epoch with its name, then those of the test rows."""
    if not values:
        return []
    keys = measures(spec) if spec else [key for key in values if values[key] is not None]
    known = [(key, MEASURES[name]) for key in keys if (name := key.removeprefix("val_")) in MEASURES]
    found = [{"label": measure.label(key), "text": measure.written(values.get(key))} for key, measure in known]
    for name, measure in MEASURES.items():
        if test and test.get(name) is not None:
            found.append({"label": str(measure.of_test), "text": measure.written(test[name])})
    return found


# --- charts ----------------------------------------------------------------------------------------------------------


def chart(measure: Measure, epochs: Epochs) -> dict[str, Any]:
    """The context of `_chart.html`."""
    name = measure.name
    return {
        "measure": name,
        "question": measure.question,
        "axis": measure.axis,
        "writing": "percent" if measure.is_share else "decimal",
        "low": measure.low,
        "high": measure.high,
        "sentence": sentence(measure, epochs),
        "rows": [
            (epoch["number"], measure.written(epoch.get(name)), measure.written(epoch.get(f"val_{name}")))
            for epoch in epochs
        ],
    }


def sentence(measure: Measure, epochs: Epochs) -> str:
    """What the curve says, for those who do not see it."""
    if not epochs:
        return gettext("No epoch has ended yet.")
    if measure is LOSS:
        return _loss_sentence(epochs)
    held_out = finding(epochs, f"val_{measure.name}", smaller_is_better=False)
    found = held_out or finding(epochs, measure.name, smaller_is_better=False)
    if found is None:
        return gettext("Nothing could be measured yet.")
    return _sentence_of(measure, found, len(epochs), held_out is not None)


def _loss_sentence(epochs: Epochs) -> str:
    train = finding(epochs, "loss", smaller_is_better=True)
    if train is None:
        return gettext("The loss is no number any more.")
    words = {"first": value(train.first), "last": value(train.last)}
    found = gettext("The training loss went from %(first)s to %(last)s.") % words
    held_out = finding(epochs, "val_loss", smaller_is_better=True)
    if held_out is not None and not held_out.kept_its_best:
        best = {"best": value(held_out.best), "epoch": held_out.best_epoch}
        found += " " + gettext("The validation loss was lowest in epoch %(epoch)d, at %(best)s.") % best
    return found


def _sentence_of(measure: Measure, found: Finding, number: int, held_out: bool) -> str:
    words = {"number": number, "percent": 100 * found.last, "value": value(found.last)}
    match measure.name:
        case "accuracy":
            template = _of_accuracy(number, held_out)
        case "mean_absolute_error":
            template = _of_error(number, held_out)
        case "r2_score" if found.last >= 0:
            template = _of_spread(number, held_out)
        case _:
            name = measure.label("val_") if held_out else measure.label("")
            words |= {"name": name, "value": measure.written(found.last)}
            template = ngettext(
                "After %(number)d epoch: %(name)s %(value)s.", "After %(number)d epochs: %(name)s %(value)s.", number
            )
    said = template % words
    if measure.name == "r2_score" and found.last < 0:
        said += " " + gettext("It would be closer if it always answered with the mean.")
    return said


def _of_accuracy(number: int, held_out: bool) -> str:
    if held_out:
        return ngettext(
            "After %(number)d epoch %(percent).1f %% of the validation rows are classified correctly.",
            "After %(number)d epochs %(percent).1f %% of the validation rows are classified correctly.",
            number,
        )
    return ngettext(
        "After %(number)d epoch %(percent).1f %% of the training rows are classified correctly.",
        "After %(number)d epochs %(percent).1f %% of the training rows are classified correctly.",
        number,
    )


def _of_error(number: int, held_out: bool) -> str:
    if held_out:
        return ngettext(
            "After %(number)d epoch the predictions for the validation rows are off by %(value)s on average.",
            "After %(number)d epochs the predictions for the validation rows are off by %(value)s on average.",
            number,
        )
    return ngettext(
        "After %(number)d epoch the predictions for the training rows are off by %(value)s on average.",
        "After %(number)d epochs the predictions for the training rows are off by %(value)s on average.",
        number,
    )


def _of_spread(number: int, held_out: bool) -> str:
    if held_out:
        return ngettext(
            "After %(number)d epoch the network explains %(percent).1f %% of the spread of the validation rows.",
            "After %(number)d epochs the network explains %(percent).1f %% of the spread of the validation rows.",
            number,
        )
    return ngettext(
        "After %(number)d epoch the network explains %(percent).1f %% of the spread of the training rows.",
        "After %(number)d epochs the network explains %(percent).1f %% of the spread of the training rows.",
        number,
    )


# --- while it runs ---------------------------------------------------------------------------------------------------


def announced(spec: Spec | None, epochs: Epochs) -> dict[str, str]:
    """What a screen reader hears of each epoch beside the loss: which key, how it is written, what it is called."""
    measure = charted(spec, epochs)[-1]
    keys = measures(spec) if spec else [_newest(epochs[-1], measure.name) if epochs else None]
    key = f"val_{measure.name}" if f"val_{measure.name}" in keys else measure.name
    return {"key": key, "writing": "percent" if measure.is_share else "decimal", "label": measure.label(key)}
