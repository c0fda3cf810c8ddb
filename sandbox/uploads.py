"""The only writer of learners' tables, and what hands their bytes to those who train on them.

* The same bytes from the same learner are one table, however often and under whatever id they come.
* A table never changes. When it is removed its runs stay, for they describe themselves; those that still wait for a
  worker can no longer be trained.
"""

import hashlib
import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Count, Sum
from django.http import Http404

from sandbox import tables
from sandbox.models import Table
from sandbox.spec import Spec, TableData
from sandbox.tables import describes, read_table

if TYPE_CHECKING:
    from accounts.models import User


class ConflictError(Exception):
    """This id already names a table of this learner with other bytes."""


class NoRoomError(Exception):
    """The learner has as many tables, or as many bytes of them, as are kept."""

    def __init__(self, most_tables: int, most_bytes: int) -> None:
        super().__init__(f"at most {most_tables} tables and {most_bytes} bytes are kept")
        self.most_tables = most_tables
        self.most_bytes = most_bytes


class GoneError(Exception):
    """The table that a run needs has been removed, or is another one by now."""


def upload(owner: "User", name: str, content: bytes, *, now: datetime, table_id: uuid.UUID | None = None) -> Table:
    """Keep a CSV. The same bytes return the table that is there (`created_at` tells).

    Raises TableError, ConflictError, NoRoomError, or Http404 where the id belongs to somebody else.
    """
    digest = hashlib.sha256(content).hexdigest()
    if known := _known(owner, digest, table_id):
        return known
    table = read_table(content)  # takes up to half a second: not under the lock
    with transaction.atomic():
        get_user_model().objects.select_for_update().get(pk=owner.pk)
        if known := _known(owner, digest, table_id):
            return known
        _check_room(owner, len(content))
        return _create(owner, table_id or uuid.uuid4(), name, content, digest, table, now)


def remove(table: Table) -> None:
    table.delete()


def content_for(spec: Spec, owner_id: uuid.UUID) -> bytes | None:
    """The bytes that a run of this owner is trained on; None where its data is built in.

    Raises GoneError if the table is no longer there as the spec describes it.
    """
    if not isinstance(spec.data, TableData):
        return None
    table = Table.objects.filter(pk=spec.data.table, owner_id=owner_id).first()
    if table is None or not describes(spec.data, table.described()):
        raise GoneError(f"table {spec.data.table} is gone")
    return bytes(table.content)


def _known(owner: "User", digest: str, table_id: uuid.UUID | None) -> Table | None:
    same = Table.objects.owned_by(owner).without_content().filter(sha256=digest).first()
    if same is not None or table_id is None:
        return same
    taken_by = Table.objects.filter(pk=table_id).values_list("owner_id", flat=True).first()
    if taken_by == owner.pk:
        raise ConflictError
    if taken_by is not None:
        raise Http404("There is no such table.")
    return None


def _check_room(owner: "User", size: int) -> None:
    most_tables, most_bytes = settings.SANDBOX_TABLES_PER_LEARNER, settings.SANDBOX_TABLE_BYTES
    kept = Table.objects.owned_by(owner).aggregate(tables=Count("pk"), bytes=Sum("bytes", default=0))
    if kept["tables"] >= most_tables or kept["bytes"] + size > most_bytes:
        raise NoRoomError(most_tables, most_bytes)


def _create(
    owner: "User",
    table_id: uuid.UUID,
    name: str,
    content: bytes,
    digest: str,
    table: tables.Table,
    now: datetime,
) -> Table:
    return Table.objects.create(
        pk=table_id,
        owner=owner,
        name=name,
        content=content,
        bytes=len(content),
        sha256=digest,
        rows=table.rows,
        columns=[column.as_json() for column in table.columns],
        report=[remark.as_json() for remark in table.report],
        created_at=now,
    )
