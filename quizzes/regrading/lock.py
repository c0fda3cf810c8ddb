"""Nobody's answer slips past a decision: while one is applied, no answer is kept, and the other way round.

A decision looks at every answer there is; an answer that comes later looks at every decision that stands. Two
transactions that do so at once would each miss the other. SQLite has one writer at a time, so there is nothing to do.
PostgreSQL has an advisory lock, held to the end of the transaction: shared by whoever keeps answers, alone for whoever
decides. It belongs to no table, and sharing it costs no query of its own.

Locks are taken in this order, by everybody: question, attempts, learners, this one.
"""

from typing import Final

from django.db import connection
from django.db.models import Func, TextField, Value

_KEY: Final = 0x52454752
"""Any number that no other advisory lock has: "REGR"."""


class _Shared(Func):
    """Goes along with an aggregate, which always gives just one row."""

    function = "pg_advisory_xact_lock_shared"
    contains_aggregate = True


def sharing() -> dict[str, Func]:
    """Return what an `aggregate` asks for besides, so that it takes the shared lock."""
    if connection.vendor != "postgresql":
        return {}
    return {"shared": _Shared(Value(_KEY), output_field=TextField())}


def take_alone() -> None:
    """Wait until no answer is being kept, and let none be kept before this transaction ends."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_KEY])
