"""CSVs and specs of tables that the tests of the sandbox share."""

import uuid
from collections.abc import Sequence
from typing import Any

from tests.sandbox.specs import NOTES

TABLE_ID = "0b3f2a52-9c1e-4a3e-8f43-3c8a1b0d9e11"


def csv(names: str, rows: Sequence[str]) -> bytes:
    return "\n".join([names, *rows]).encode()


def flowers(number: int = 30) -> bytes:
    """Two measurements and a kind that follows from neither alone."""
    kinds = ["rose", "lily", "tulip"]
    rows = [f"{4 + i % 7 + i / 100},{1 + i * i % 11 / 4},{kinds[i * 3 % 7 % 3]}" for i in range(number)]
    return csv("petal,sepal,kind", rows)


def table_spec(table: uuid.UUID | str, target: str = "kind", outputs: int = 3, **data: Any) -> dict[str, Any]:
    """As a client sends it: rows, columns and classes are left to the server."""
    layers = [{"kind": "dense", "units": outputs, "activation": "softmax"}]
    data = {"kind": "table", "table": str(table), "target": target, **data}
    return {**NOTES, "data": data, "layers": layers, "epochs": 3}
