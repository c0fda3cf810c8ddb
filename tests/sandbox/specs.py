"""Specs the sandbox tests share."""

from typing import Any

from sandbox.spec import Spec, parse_spec

NOTES: dict[str, Any] = {
    "schema": 1,
    "data": {"kind": "clinical_trial", "rows": 2100, "validation": 0.1, "split": "last_rows", "seed": 1},
    "layers": [
        {"kind": "dense", "units": 16, "activation": "relu"},
        {"kind": "dense", "units": 32, "activation": "relu"},
        {"kind": "dense", "units": 2, "activation": "softmax"},
    ],
    "optimizer": {"kind": "adam", "learning_rate": 0.0001},
    "loss": "sparse_categorical_crossentropy",
    "epochs": 20,
    "batch_size": 10,
    "shuffle": True,
    "seed": 1,
}


def dense(*layers: tuple[int, str]) -> list[dict[str, Any]]:
    return [{"kind": "dense", "units": units, "activation": activation} for units, activation in layers]


def notes_spec(**changes: Any) -> Spec:
    """The notes' own network with some top-level keys replaced."""
    return parse_spec(NOTES | changes)
