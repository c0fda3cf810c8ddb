"""SQL that the ORM writes once in a process: writing it takes ten to fifty times as long as having it done.

TITLES = Prepared(
    lambda lesson, locales: LessonBody.objects.filter(lesson=lesson, locale__in=locales).values_list("title"),
    lesson=UUIDField(),
    locales=CharField(),
)
TITLES(lesson=lesson.pk, locales=["en", "zh-hans"])   # [("Neurons",), ("神经元",)]

LESSON = Prepared(lambda pk: Lesson.objects.filter(pk=pk).select_related("course"), pk=UUIDField())
LESSON(pk=lesson.pk)   # [<Lesson: neurons>], its course at hand

KEEP = PreparedInsert(Review)
KEEP([review])

PUT = PreparedRows(MemoryState, ["user", "question", "due"], unique=["user", "question"], update=["due"])
PUT([(user.pk, question.pk, due)])
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, Generic, NamedTuple, TypeVar
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import (
    AutoField,
    CharField,
    DateTimeField,
    Expression,
    Field,
    FloatField,
    IntegerField,
    Model,
    QuerySet,
    UUIDField,
)
from django.db.models.constants import OnConflict
from django.db.models.query import ModelIterable, get_related_populators
from django.db.models.sql import InsertQuery

Row = tuple[Any, ...]
Found = TypeVar("Found")
M = TypeVar("M", bound=Model)

_BATCH: Final = 500
_CHUNK: Final = 2000

uuid_of: Final = lru_cache(maxsize=8192)(UUID)
"""Of an id as SQLite keeps it. The same few thousand questions are asked for again and again."""


class Parameter(Expression):
    """The place of a value in a query that is still to be asked. `index`: which one of a list."""

    def __init__(self, name: str, field: "Field[Any, Any]", index: int | None = None) -> None:
        super().__init__(output_field=field)
        self.name, self.index = name, index

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]

    def of(self, values: Mapping[str, Any]) -> Any:
        """Its value, among those of all parameters."""
        return values[self.name] if self.index is None else values[self.name][self.index]


class Written(NamedTuple):
    """`sql`: empty where nothing can be found. `make` makes of a row, and its connection, what was asked for."""

    sql: str
    parameters: Sequence[Any]
    make: Callable[[Row, Any], Any]


NO_ROWS: Final = Written("", (), lambda row, connection: row)


class Prepared(Generic[Found]):
    """A query for models, or for tuples by `values_list`; `fields` are those of its parameters.

    `write` is given a place for each parameter, or a list of places for a list, and returns the query. It runs once for
    each length of a list; lengths are rounded up to powers of two, the last element being asked for again.
    """

    def __init__(self, write: "Callable[..., QuerySet[Any, Found]]", **fields: "Field[Any, Any]") -> None:
        self._write, self._fields = write, fields
        self._written: dict[tuple[int, ...], Written] = {}

    def __call__(self, **values: Any) -> list[Found]:
        """What is found for these values, one for each parameter."""
        connection = connections[DEFAULT_DB_ALIAS]  # the proxy `django.db.connection` would look for it a dozen times
        written, parameters = self._asked(values, connection)
        if not written.sql:
            return []
        with connection.cursor() as cursor:
            cursor.execute(written.sql, parameters)
            rows = cursor.fetchall()
        return [written.make(row, connection) for row in rows]

    def raw(self, **values: Any) -> Iterator[Row]:
        """Yield the rows as the driver gives them, a few thousand at a time: where there are millions, and making
        Python values of all columns takes longer than what is done with them."""
        connection = connections[DEFAULT_DB_ALIAS]
        written, parameters = self._asked(values, connection)
        if not written.sql:
            return
        with connection.cursor() as cursor:
            cursor.execute(written.sql, parameters)
            while rows := cursor.fetchmany(_CHUNK):
                yield from rows

    def _asked(self, values: Mapping[str, Any], connection: Any) -> tuple[Written, list[Any]]:
        """Return the query for these values, and its parameters as the database takes them."""
        stored = {
            name: _rounded_up(_all_stored(field, values[name], connection)) for name, field in self._fields.items()
        }
        shape = tuple(len(value) if isinstance(value, list) else 0 for value in stored.values())
        written = self._written.get(shape)
        if written is None:
            written = self._written[shape] = self._compiled(stored, connection)
        return written, [one.of(stored) if isinstance(one, Parameter) else one for one in written.parameters]

    def first(self, **values: Any) -> Found | None:
        """The first that is found, or None. Where there may be many, `write` slices the query."""
        return next(iter(self(**values)), None)

    def _compiled(self, values: Mapping[str, Any], connection: Any) -> Written:
        places = {name: self._place(name, value) for name, value in values.items()}
        found = self._write(**places)
        compiler = found.query.get_compiler(connection=connection)
        try:
            sql, parameters = compiler.as_sql()
        except EmptyResultSet:
            return NO_ROWS
        converted = _converted(compiler)
        of_models = issubclass(found._iterable_class, ModelIterable)
        return Written(sql, parameters, _model(compiler, converted) if of_models else converted)

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


def _all_stored(field: "Field[Any, Any]", value: Any, connection: Any) -> Any:
    """A value, or a list of values, as the database takes it."""
    store = _storing(field, connection)
    if store is None:
        return value
    return [store(one) for one in value] if isinstance(value, list) else store(value)


def _storing(field: "Field[Any, Any]", connection: Any) -> Callable[[Any], Any] | None:
    """Return what makes of a value of this field's own type the one that the driver takes; None where it is the same.

    As `get_db_prep_save`, which looks at each value again to see what it might be.
    """
    while field.remote_field is not None:
        field = field.target_field  # type: ignore[attr-defined]
    if isinstance(field, UUIDField):
        return None if connection.features.has_native_uuid_field else _hex
    if isinstance(field, DateTimeField):
        return _naive_text if connection.vendor == "sqlite" else None
    if type(field) in {CharField, FloatField} or isinstance(field, IntegerField):
        return None
    return lambda value: field.get_db_prep_save(value, connection)


def _column_stored(field: "Field[Any, Any]", column: Sequence[Any], connection: Any) -> Sequence[Any]:
    """The values of a column as the database takes them; one that is the same in all rows is made once."""
    store = _storing(field, connection)
    if store is None:
        return column
    first = column[0]
    if first is column[-1] and all(value is first for value in column):
        return [store(first)] * len(column)
    return [store(value) for value in column]


def _array(field: "Field[Any, Any]", column: Sequence[Any]) -> list[Any]:
    """The driver refuses an array of whole numbers and others together."""
    if isinstance(field, FloatField):
        return [None if value is None else float(value) for value in column]
    return list(column)


def _hex(value: UUID | str | None) -> str | None:
    if value is None:
        return None
    return (value if isinstance(value, UUID) else UUID(value)).hex


def _naive_text(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return (moment if moment.tzinfo is UTC else moment.astimezone(UTC)).isoformat(" ").removesuffix("+00:00")


def _converted(compiler: Any) -> Callable[[Row, Any], Row]:
    """Return what makes Python values of those in a row."""
    converters = [
        (column, _quicker(convert), expression)
        for column, (steps, expression) in compiler.get_converters([one[0] for one in compiler.select]).items()
        for convert in steps
    ]

    def converted(row: Row, connection: Any) -> Row:
        found = list(row)
        for column, convert, expression in converters:
            found[column] = convert(found[column], expression, connection)
        return tuple(found)

    return converted


def _quicker(convert: Callable[..., Any]) -> Callable[..., Any]:
    """What SQLite keeps as text are mostly ids that were asked for a moment ago."""
    return _uuid_or_none if getattr(convert, "__name__", "") == "convert_uuidfield_value" else convert


def _uuid_or_none(value: str | None, expression: Any, connection: Any) -> UUID | None:
    return None if value is None else uuid_of(value)


def _model(compiler: Any, converted: Callable[[Row, Any], Row]) -> Callable[[Row, Any], Model]:
    """Return what makes a model of a row, of what is joined to it and annotated, as Django's own iterable does."""
    model, columns = compiler.klass_info["model"], compiler.klass_info["select_fields"]
    begin, end = columns[0], columns[-1] + 1
    annotations = list(compiler.annotation_col_map.items())
    names = [column[0].target.attname for column in compiler.select[begin:end]]
    populators: Any = get_related_populators  # whose signature is that of Django 6 in the stubs
    joined = populators(compiler.klass_info, compiler.select, DEFAULT_DB_ALIAS)

    def made(row: Row, connection: Any) -> Model:
        row = converted(row, connection)
        one: Model = model.from_db(DEFAULT_DB_ALIAS, names, row[begin:end])
        for populator in joined:
            populator.populate(row, one)
        for name, column in annotations:
            setattr(one, name, row[column])
        return one

    return made


class PreparedInsert(Generic[M]):
    """`bulk_create`, which for a single row writes the SQL once in a process. The row learns its key.

    `update` names the fields that are brought up to date where there is a row with the same values of `unique`.
    """

    def __init__(self, model: type[M], *, unique: Sequence[str] = (), update: Sequence[str] = ()) -> None:
        self._model, self._unique, self._update = model, unique, update
        meta = model._meta
        self._fields: Sequence[Any] = [field for field in meta.concrete_fields if not isinstance(field, AutoField)]
        self._returned: Sequence[Any] = meta.db_returning_fields
        self._sql = ""

    def __call__(self, rows: Sequence[M]) -> None:
        """Insert the rows. IntegrityError as from `bulk_create`."""
        if len(rows) != 1:
            self._insert_many(rows)
            return
        row, connection = rows[0], connections[DEFAULT_DB_ALIAS]
        self._sql = self._sql or self._written(row, connection)
        values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in self._fields]
        with connection.cursor() as cursor:
            cursor.execute(self._sql, values)
            returned = cursor.fetchone() if self._returned else ()
        for field, value in zip(self._returned, returned, strict=True):
            setattr(row, field.attname, value)
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS

    def _insert_many(self, rows: Sequence[M]) -> None:
        on_conflict: Any = (
            {"update_conflicts": True, "unique_fields": self._unique, "update_fields": self._update}
            if self._update
            else {}
        )
        self._model._default_manager.bulk_create(rows, batch_size=_BATCH, **on_conflict)

    def _written(self, row: M, connection: Any) -> str:
        named = self._model._meta.get_field
        query = InsertQuery(
            self._model,
            on_conflict=OnConflict.UPDATE if self._update else None,
            unique_fields=[named(name) for name in self._unique],
            update_fields=[named(name) for name in self._update],
        )
        query.insert_values(self._fields, [row])
        compiler: Any = query.get_compiler(connection=connection)
        compiler.returning_fields = self._returned
        ((sql, _values),) = compiler.as_sql()
        return str(sql)


class PreparedRows:
    """Rows as tuples of values of the fields' own types (no texts for numbers or instants), at once: by `executemany`
    with SQLite, as an array for each column with PostgreSQL, where each statement is a way to the server and back.

    A tenth of the time that models take. No two of the rows may have the same values of `unique`. The database keeps
    its defaults for what is not among `fields`; of foreign keys the key is given. `unique` and `update` as in
    `PreparedInsert`.
    """

    def __init__(
        self, model: type[Model], fields: Sequence[str], *, unique: Sequence[str] = (), update: Sequence[str] = ()
    ) -> None:
        named: Callable[[str], Any] = model._meta.get_field
        self._table = model._meta.db_table
        self._fields = [named(name) for name in fields]
        self._unique, self._update = [named(name).column for name in unique], [named(name).column for name in update]
        self._sql = ""

    def __call__(self, rows: Sequence[Row]) -> None:
        """Insert the rows. IntegrityError where one is refused: the caller's transaction takes all of them back."""
        if not rows:
            return
        connection = connections[DEFAULT_DB_ALIAS]
        self._sql = self._sql or self._written(connection)
        columns = [
            _column_stored(field, column, connection)
            for field, column in zip(self._fields, zip(*rows, strict=True), strict=True)
        ]
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(self._sql, list(map(_array, self._fields, columns)))
            else:
                cursor.executemany(self._sql, list(zip(*columns, strict=True)))

    def _written(self, connection: Any) -> str:
        quote = connection.ops.quote_name
        columns = [quote(field.column) for field in self._fields]
        if connection.vendor == "postgresql":
            arrays = ", ".join(f"%s::{field.db_type(connection)}[]" for field in self._fields)
            rows = f"SELECT * FROM unnest({arrays})"  # noqa: S608 (names of ours)
        else:
            rows = f"VALUES ({', '.join(['%s'] * len(columns))})"
        sql = f"INSERT INTO {quote(self._table)} ({', '.join(columns)}) {rows}"
        if not self._update:
            return sql
        conflict = connection.ops.on_conflict_suffix_sql(self._fields, OnConflict.UPDATE, self._update, self._unique)
        return f"{sql} {conflict}"
