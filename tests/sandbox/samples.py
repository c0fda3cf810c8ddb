"""Specs and runs for the tests of the sandbox."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.models import User
from sandbox import runs
from sandbox.models import Event, Run

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def spec(**changes: Any) -> dict[str, Any]:
    """The network of the notes, as a client would send it."""
    return {
        "schema": 1,
        "data": {
            "kind": "clinical_trial",
            "rows": 2100,
            "validation": 0.1,
            "split": "last_rows",
            "seed": 1,
        },
        "layers": [
            {"kind": "dense", "units": 16, "activation": "relu"},
            {"kind": "dense", "units": 32, "activation": "relu"},
            {"kind": "dense", "units": 2, "activation": "softmax"},
        ],
        "optimizer": {"kind": "adam", "learning_rate": 0.0001, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7},
        "loss": "sparse_categorical_crossentropy",
        "epochs": 20,
        "batch_size": 10,
        "shuffle": True,
        "seed": 1,
        **changes,
    }


def queued(owner: User, *, minutes: int = 0, **options: Any) -> Run:
    options.setdefault("estimated_seconds", 2.0)
    return runs.create(owner, uuid.uuid4(), spec(), now=NOW + timedelta(minutes=minutes), **options)


def epoch(number: int, **values: Any) -> runs.Draft:
    payload = {
        "number": number,
        "loss": 0.7 - number / 100,
        "accuracy": 0.5,
        "val_loss": 0.69,
        "val_accuracy": 0.5,
        "seconds": 0.02,
        "nonfinite": {},
    }
    return runs.Draft(Event.EPOCH, {**payload, **values}, number)


OUTCOME: dict[str, Any] = {
    "epochs": 3,
    "metrics": {"loss": 0.2, "accuracy": 0.94, "val_loss": 0.21, "val_accuracy": 0.93},
    "confusion": {
        "rows_of": "validation",
        "labels": ["no side effects", "side effects"],
        "counts": [[98, 5], [7, 100]],
        "recall": [0.951, 0.935],
    },
    "diverged": None,
    "seconds": 0.6,
    "versions": {"engine": "1", "keras": "3.15", "tensorflow": "2.21", "numpy": "2.4"},
}


def finished(owner: User, *, epochs: int = 3, minutes: int = 0) -> Run:
    """A run that has been trained to its end."""
    run = queued(owner, minutes=minutes)
    claimed = runs.claim(now=NOW)
    assert claimed is not None
    assert claimed.pk == run.pk, "other runs wait before this one"
    lease = runs.lease_of(claimed)
    runs.append(lease, [epoch(number) for number in range(1, epochs + 1)], now=NOW)
    runs.finish(lease, runs.Status.SUCCEEDED, outcome=OUTCOME, now=NOW)
    run.refresh_from_db()
    return run
