"""What the pages of the sandbox show, as template contexts: drawings, estimates, outcomes, in the reader's language."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from sandbox.findings import confusion_rows
from sandbox.measures import announced, chart, charted, figures
from sandbox.models import Event, Run
from sandbox.network_figure import network_figure
from sandbox.recipes import Recipe
from sandbox.runs import current_pace
from sandbox.spec import (
    Spec,
    TableData,
    parameter_count,
    steps_per_epoch,
    total_steps,
    training_rows,
    validation_rows,
)
from sandbox.wording import PARTS, dataset_title, in_words, layers_in_words, network_title, part, readable

SHOWN_APART = ("kind", "learning_rate")
"""Keys of an optimizer that every recipe shows."""


def network_drawing(spec: object) -> SafeString:
    """The network of a stored spec as SVG; nothing where it was written for an older schema."""
    return _drawn(json.dumps(spec, sort_keys=True), get_language())


@lru_cache(maxsize=256)
def _drawn(spec: str, language: str | None) -> SafeString:
    """The words in it are of the active language, which is why that is named."""
    found = readable(json.loads(spec))
    return network_figure(found.data, found.layers) if found else SafeString()


def heading_of(run: Run) -> str:
    """What the run is called: its own name, its preset's, or what it trains on what."""
    if run.title:
        return run.title
    if run.preset is not None:
        return run.preset.text("title", get_language() or "")
    spec = readable(run.spec)
    return f"{dataset_title(spec.data)}, {network_title(spec.layers)}" if spec else gettext("Experiment")


# --- the recipe ------------------------------------------------------------------------------------------------------


def outlook_context(recipe: Recipe) -> dict[str, Any]:
    """What would happen: the drawing, the cost, and what is wrong or worth a remark."""
    if recipe.is_bound:
        recipe.is_valid()
    admitted = recipe.admitted
    if admitted is None:
        data, layers = recipe.so_far()
        drawing = network_figure(data, layers) if data and layers else None
        return {"outlook": None, "wrong": recipe.all_problems(), "drawing": drawing}
    spec = admitted.spec
    return {
        "outlook": {
            "seconds": max(1, round(admitted.estimate.seconds * current_pace())),
            "parameters": parameter_count(spec),
            "training_rows": training_rows(spec),
            "validation_rows": validation_rows(spec),
            "steps_per_epoch": steps_per_epoch(spec),
            "steps": total_steps(spec),
            "remarks": admitted.remarks,
        },
        "wrong": [],
        "drawing": network_figure(spec.data, spec.layers),
    }


# --- a run -----------------------------------------------------------------------------------------------------------


def outcome_context(run: Run) -> dict[str, Any]:
    """The epochs so far, what their curves say, and (at the end) figures, confusion matrix and versions."""
    epochs = list(Event.objects.epochs_of(run).values_list("payload", flat=True))
    outcome, spec = run.outcome or {}, readable(run.spec)
    return {
        "heading": heading_of(run),
        "epochs": epochs,
        "charts": [chart(measure, epochs) for measure in charted(spec, epochs)],
        "announced": announced(spec, epochs),
        "figures": figures(outcome.get("metrics"), outcome.get("test"), spec),
        "stopped": _stopped(run, spec, outcome),
        "confusion": _confusion(outcome.get("confusion"), spec),
        "versions": outcome.get("versions"),
        "diverged": outcome.get("diverged"),
        "spec": spec,
        **(_recipe(spec) if spec else {"written": json.dumps(run.spec, indent=2, ensure_ascii=False)}),
    }


def _recipe(spec: Spec) -> dict[str, Any]:
    return {
        "drawing": network_figure(spec.data, spec.layers),
        "dataset_title": dataset_title(spec.data),
        "settings": _settings(spec),
        "layers_in_words": layers_in_words(_without_defaults(spec)["layers"]),
    }


def _without_defaults(spec: Spec) -> dict[str, Any]:
    return spec.model_dump(mode="json", exclude_defaults=True)


def _settings(spec: Spec) -> list[dict[str, str]]:
    """What the recipe says beyond the usual, by name."""
    given, whole = _without_defaults(spec), spec.model_dump(mode="json")
    data = [(name, whole["data"][name]) for name in given["data"] if name in PARTS]
    optimizer = [(name, whole["optimizer"][name]) for name in given["optimizer"] if name not in SHOWN_APART]
    rest = [(name, whole[name]) for name in given if name in PARTS]
    return [part(name, value) for name, value in [*data, *optimizer, *rest]]


def _stopped(run: Run, spec: Spec | None, outcome: Mapping[str, Any]) -> str:
    """Why the run ended before its last epoch, if it did."""
    epochs = outcome.get("epochs", run.epochs_done)
    if outcome.get("stopped") == "early_stopping":
        monitor = spec.early_stopping.monitor if spec and spec.early_stopping else "–"
        words = {"epoch": epochs, "measure": monitor, "best": outcome.get("best_epoch")}
        found = gettext("Early stopping ended this run after epoch %(epoch)s: %(measure)s did not get better any more.")
        if outcome.get("best_epoch"):
            found += " " + gettext("The weights are those of epoch %(best)s.")
        return found % words
    if outcome.get("stopped") == "target":
        monitor, target = (spec.stop_at.monitor, spec.stop_at.value) if spec and spec.stop_at else ("–", "–")
        words = {"epoch": epochs, "measure": monitor, "target": in_words(target)}
        return gettext("The target was reached in epoch %(epoch)s: %(measure)s %(target)s.") % words
    return ""


def _confusion(confusion: Mapping[str, Any] | None, spec: Spec | None) -> dict[str, Any] | None:
    if not confusion:
        return None
    own = spec.data.classes if spec and isinstance(spec.data, TableData) else ()
    labels = [label if label in own else gettext(label) for label in confusion["labels"]]
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
