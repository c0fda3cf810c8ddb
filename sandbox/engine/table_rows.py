"""The rows of a learner's own table as numbers: what `prepare` takes for a spec whose data is a table."""

from collections.abc import Sequence

import numpy as np

from sandbox.engine.data import Floats, Labels, Rows
from sandbox.spec.data import TableColumn, TableData
from sandbox.tables import Table, class_of, describes, read_table


def rows_of(content: bytes, data: TableData) -> Rows:
    """The rows of the CSV in `content`, unscaled, in the order of the file.

    Inputs in the order of `data.columns`, categories one-hot in theirs; labels are class numbers in the order of
    `data.classes`, or the numbers of a regression. Raises ValueError where `data` describes another table.
    """
    table = read_table(content)
    if not describes(data, table):
        raise ValueError("the spec describes another table")
    inputs = np.concatenate([_inputs(column, table) for column in data.columns], axis=1)
    return Rows(inputs, _labels(data, table))


def _inputs(column: TableColumn, table: Table) -> Floats:
    values = table.values(column.name)
    if not column.categories:
        return np.asarray(values, np.float32)[:, np.newaxis]
    return np.eye(len(column.categories), dtype=np.float32)[_places(values, column.categories)]


def _labels(data: TableData, table: Table) -> Labels:
    values = table.values(data.target)
    if not data.classes:
        return np.asarray(values, np.float32)
    return np.asarray(_places([class_of(value) for value in values], data.classes), np.int32)


def _places(values: Sequence[float | str], names: Sequence[str]) -> list[int]:
    place = {name: index for index, name in enumerate(names)}
    return [place[str(value)] for value in values]
