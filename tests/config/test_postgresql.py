from datetime import UTC, datetime

import pytest
from django.db.backends.postgresql.psycopg_any import BaseTzLoader
from psycopg import DataError
from psycopg.postgres import types

from config.postgresql import InstantLoader

OID = types["timestamptz"].oid


class DjangosLoader(BaseTzLoader):
    timezone = UTC


@pytest.mark.parametrize(
    "sent",
    [
        b"2026-11-24 18:17:37+00",
        b"2026-11-24 18:17:37.5+00",
        b"2026-11-24 18:17:37.123456+00",
        b"0001-01-01 00:00:00+00",
        b"9999-12-31 23:59:59.999999+00",
        memoryview(b"2024-02-29 00:00:00.000001+00"),
    ],
)
def test_the_same_instant_as_django_reads(sent):
    found = InstantLoader(OID).load(sent)
    assert found == DjangosLoader(OID).load(sent)
    assert found.tzinfo is UTC
    assert isinstance(found, datetime)


@pytest.mark.parametrize("sent", [b"infinity", b"-infinity", b"0044-03-15 00:00:00+00 BC", b"12024-01-01 00:00:00+00"])
def test_what_python_cannot_hold_is_refused_in_the_drivers_words(sent):
    with pytest.raises(DataError, match=r"timestamp too (large|small)"):
        InstantLoader(OID).load(sent)
