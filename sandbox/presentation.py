"""What the pages of the sandbox show, as template contexts: drawings, estimates, outcomes, in the reader's language."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext

from sandbox.datasets import DATASETS
from sandbox.drawing import Column, network
from sandbox.findings import confusion_rows, finding
from sandbox.forms import Recipe
from sandbox.models import Event, Run
from sandbox.spec import (
    parameter_count,
    steps_per_epoch,
    total_steps,
    training_rows,
    validation_rows,
)


def network_drawing(spec: Mapping[str, Any]) -> SafeString:
    """The network of a spec as SVG; everything in it is a number or comes from our own tables, and is escaped."""
    dataset = DATASETS[spec["data"]["kind"]]
    layers = spec["layers"]
    columns = [Column(len(dataset.features), gettext("input"), "", tuple(gettext(f.name) for f in dataset.features))]
    for index, layer in enumerate(layers):
        is_output = index == len(layers) - 1
        labels = tuple(gettext(name) for name in dataset.classes) if is_output else ()
        columns.append(Column(layer["units"], str(layer["units"]), layer["activation"], labels))
    sizes = "-".join(str(column.nodes) for column in columns)
    description = gettext("A network with layers of %(sizes)s nodes, from the inputs to the outputs.") % {
        "sizes": sizes
    }
    return mark_safe(network(columns, description))


def heading_of(run: Run) -> str:
    """What the run is called: its own name, its preset's, or what it trains on what."""
    if run.title:
        return run.title
    if run.preset is not None:
        return run.preset.text("title", get_language() or "")
    sizes = "-".join(str(layer["units"]) for layer in run.spec["layers"])
    return f"{gettext(DATASETS[run.spec['data']['kind']].title)}, {sizes}"


def outlook_context(recipe: Recipe) -> dict[str, Any]:
    """What would happen: the drawing, the cost, and what is wrong or worth a remark."""
    if recipe.is_bound:
        recipe.is_valid()
    admitted = recipe.admitted
    if admitted is None:
        return {"outlook": None, "wrong": recipe.all_problems(), "drawing": _drawing_of(recipe)}
    spec = admitted.spec
    return {
        "outlook": {
            "seconds": max(1, round(admitted.estimate.seconds)),
            "parameters": parameter_count(spec),
            "training_rows": training_rows(spec),
            "validation_rows": validation_rows(spec),
            "steps_per_epoch": steps_per_epoch(spec),
            "steps": total_steps(spec),
            "remarks": admitted.remarks,
        },
        "wrong": [],
        "drawing": network_drawing(admitted.as_json()),
    }


def _drawing_of(recipe: Recipe) -> SafeString | None:
    """The network as far as it can be read from a recipe that is not right yet."""
    kind = recipe.form.cleaned_data.get("dataset") if recipe.form.is_bound else None
    layers = [getattr(layer, "cleaned_data", {}) for layer in recipe.layers.forms]
    if kind is None or not all("units" in layer and "activation" in layer for layer in layers):
        return None
    return network_drawing({"data": {"kind": kind}, "layers": layers})


def outcome_context(run: Run) -> dict[str, Any]:
    """The epochs so far, what their curves say, and (at the end) figures, confusion matrix and versions."""
    epochs = list(Event.objects.epochs_of(run).values_list("payload", flat=True))
    outcome = run.outcome or {}
    return {
        "heading": heading_of(run),
        "epochs": epochs,
        "dataset_title": gettext(DATASETS[run.spec["data"]["kind"]].title),
        "metrics": outcome.get("metrics"),
        "confusion": _confusion(outcome.get("confusion")),
        "versions": outcome.get("versions"),
        "diverged": outcome.get("diverged"),
        "loss_sentence": _loss_sentence(epochs),
        "accuracy_sentence": _accuracy_sentence(epochs),
    }


def _confusion(confusion: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not confusion:
        return None
    labels = [gettext(label) for label in confusion["labels"]]
    rows = confusion_rows(confusion["counts"])
    total = sum(sum(row) for row in confusion["counts"])
    right = sum(row[index] for index, row in enumerate(confusion["counts"]))
    return {
        "rows_of": confusion["rows_of"],
        "labels": labels,
        "rows": [
            {"label": label, "cells": cells, "recall": recall}
            for label, cells, recall in zip(labels, rows, confusion["recall"], strict=True)
        ],
        "total": total,
        "right": right,
    }


def _loss_sentence(epochs: Sequence[Mapping[str, Any]]) -> str:
    train = finding(epochs, "loss", smaller_is_better=True)
    if train is None:
        return gettext("No epoch has ended yet.") if not epochs else gettext("The loss is no number any more.")
    sentence = gettext("The training loss went from %(first).3f to %(last).3f.") % {
        "first": train.first,
        "last": train.last,
    }
    held_out = finding(epochs, "val_loss", smaller_is_better=True)
    if held_out is not None and not held_out.kept_its_best:
        values = {"best": held_out.best, "epoch": held_out.best_epoch}
        sentence += " " + gettext("The validation loss was lowest in epoch %(epoch)d, at %(best).3f.") % values
    return sentence


def _accuracy_sentence(epochs: Sequence[Mapping[str, Any]]) -> str:
    held_out = finding(epochs, "val_accuracy", smaller_is_better=False)
    measure, found = "val_accuracy", held_out
    if found is None:
        measure, found = "accuracy", finding(epochs, "accuracy", smaller_is_better=False)
    if found is None:
        return gettext("No epoch has ended yet.")
    number = len(epochs)
    template = (
        ngettext(
            "After %(number)d epoch %(percent).1f %% of the validation rows are classified correctly.",
            "After %(number)d epochs %(percent).1f %% of the validation rows are classified correctly.",
            number,
        )
        if measure == "val_accuracy"
        else ngettext(
            "After %(number)d epoch %(percent).1f %% of the training rows are classified correctly.",
            "After %(number)d epochs %(percent).1f %% of the training rows are classified correctly.",
            number,
        )
    )
    return template % {"number": number, "percent": 100 * found.last}
