"""What to train first on a learner's own table. Pure."""

from typing import Any, Final
from uuid import UUID

from sandbox.spec.data import TableData
from sandbox.tables import Table, complete

VALIDATION: Final = 0.2
"""Share of the rows: the last ones, as they lie. Of rows in the order of time, the latest."""

_HIDDEN: Final = (16, 8)
_TRAINING: Final[dict[str, Any]] = {
    "optimizer": {"kind": "adam", "learning_rate": 0.003},
    "epochs": 60,
    "batch_size": 32,
    "early_stopping": {"monitor": "val_loss", "patience": 8, "restore_best_weights": True},
}


def starting_spec(table_id: UUID, table: Table, target: str = "") -> dict[str, Any]:
    """A small dense network for `target` (without a name: the last column).

    Every input is scaled to mean 0 and spread 1, the loss fits what is to be told apart, and the training stops where
    the validation rows no longer gain.

    Raises IncompleteError where the table has no such column.
    """
    wanted = TableData(
        kind="table", table=str(table_id), target=target or table.columns[-1].name, validation=VALIDATION
    )
    data = complete(wanted, table)
    last, loss = _output(len(data.classes))
    hidden = [{"kind": "dense", "units": units, "activation": "tanh"} for units in _HIDDEN]
    return {
        "schema": 1,
        "data": data.model_dump(mode="json"),
        "layers": [*hidden, {"kind": "dense", **last}],
        "loss": loss,
        **_TRAINING,
        "batch_size": min(_TRAINING["batch_size"], table.rows),
    }


def _output(classes: int) -> tuple[dict[str, Any], str]:
    """The last layer and its loss. No classes: a number is to be predicted."""
    if not classes:
        return {"units": 1, "activation": "linear"}, "mean_squared_error"
    if classes == 2:
        return {"units": 1, "activation": "sigmoid"}, "binary_crossentropy"
    return {"units": classes, "activation": "softmax"}, "sparse_categorical_crossentropy"
