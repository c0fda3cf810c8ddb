"""Queries whose SQL the ORM writes once in a process: writing it takes ten to fifty times as long as asking it.

TITLES = Prepared(
    lambda lesson, locales: LessonBody.objects.filter(lesson=lesson, locale__in=locales).values_list("title"),
    lesson=UUIDField(),
    locales=CharField(),
)
TITLES(lesson=lesson.pk, locales=["en", "zh-hans"])   # [("Neurons",), ("神经元",)]
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Expression, Field, QuerySet

Row = tuple[Any, ...]


class Parameter(Expression):
    """The place of a value in a query that is still to be asked. `index`: which one of a list."""

    def __init__(self, name: str, field: "Field[Any, Any]", index: int | None = None) -> None:
        super().__init__(output_field=field)
        self.name, self.index = name, index

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]

    def of(self, values: Mapping[str, Any]) -> Any:
        """The value as the database takes it."""
        value = values[self.name] if self.index is None else values[self.name][self.index]
        return self.output_field.get_db_prep_value(value, connection)


class Written(NamedTuple):
    """`sql`: empty where nothing can be found. `converters`: column → what makes a Python value of what was found."""

    sql: str
    parameters: Sequence[Any]
    converters: Mapping[int, tuple[Sequence[Callable[..., Any]], Any]]


NO_ROWS: Final = Written("", (), {})


class Prepared:
    """A query by `values_list`; `fields` are those of its parameters.

    `write` is given a place for each parameter, or a list of places for a list, and returns the query. It runs once for
    each length of a list; lengths are rounded up to powers of two, the last element being asked for again.
    """

    def __init__(self, write: "Callable[..., QuerySet[Any, Row]]", **fields: "Field[Any, Any]") -> None:
        self._write, self._fields = write, fields
        self._written: dict[tuple[int, ...], Written] = {}

    def __call__(self, **values: Any) -> list[Row]:
        """The rows for these values, one for each parameter."""
        values = {name: _rounded_up(values[name]) for name in self._fields}
        shape = tuple(len(value) if isinstance(value, list) else 0 for value in values.values())
        written = self._written.get(shape)
        if written is None:
            written = self._written[shape] = self._compiled(values)
        if not written.sql:
            return []
        parameters = [one.of(values) if isinstance(one, Parameter) else one for one in written.parameters]
        with connection.cursor() as cursor:
            cursor.execute(written.sql, parameters)
            rows = cursor.fetchall()
        return [_converted(row, written.converters) for row in rows] if written.converters else rows

    def _compiled(self, values: Mapping[str, Any]) -> Written:
        places = {name: self._place(name, value) for name, value in values.items()}
        compiler = self._write(**places).query.get_compiler(connection=connection)
        try:
            sql, parameters = compiler.as_sql()
        except EmptyResultSet:
            return NO_ROWS
        return Written(sql, parameters, compiler.get_converters([column[0] for column in compiler.select]))

    def _place(self, name: str, value: Any) -> Parameter | list[Parameter]:
        field = self._fields[name]
        if isinstance(value, list):
            return [Parameter(name, field, index) for index in range(len(value))]
        return Parameter(name, field)


def _rounded_up(value: Any) -> Any:
    if not isinstance(value, list) or not value:
        return value
    wanted = 1 << (len(value) - 1).bit_length()
    return value + value[-1:] * (wanted - len(value))


def _converted(row: Row, converters: Mapping[int, tuple[Sequence[Callable[..., Any]], Any]]) -> Row:
    found = list(row)
    for column, (convert, expression) in converters.items():
        for step in convert:
            found[column] = step(found[column], expression, connection)
    return tuple(found)
