"""What a package says, and every way in which one may be broken or hostile: refused with a reason, never half-read."""

import contextlib
import io
import json
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.memory.anki import package_reading
from quizzes.memory.anki.package_reading import Limits, PackageError, read_package
from tests.quizzes.memory.anki.packages import FIRST, MEDIA, PNG, Collection, pack, sample


def refusal(content: bytes, limits: Limits | None = None) -> PackageError:
    with pytest.raises(PackageError) as caught:
        read_package(content, limits or Limits())
    return caught.value


def test_a_package_is_read() -> None:
    package = read_package(sample().package(MEDIA), Limits())
    assert (len(package.notes), len(package.cards), package.scheduler, package.strays) == (5, 7, 2, 0)
    first = package.cards[0]
    assert (first.note.guid, first.deck, first.ordinal, len(first.log)) == ("basic-1", "Nets::Layers", 0, 6)
    assert first.log[0].id == FIRST
    assert first.note.note_type is not None
    assert first.note.note_type.fields == ["Front", "Back"]
    assert package.content_of("net.png") == PNG


def test_the_collection_of_older_versions_is_read_where_there_is_no_other() -> None:
    assert len(read_package(sample().package(MEDIA, name="collection.anki2"), Limits()).cards) == 7
    both = {"collection.anki2": Collection(notes=[("stub", 1, ["Please update", ""])], cards=[(1, 0, 0)]).database()}
    both["collection.anki21"] = sample().database()
    assert len(read_package(pack(both), Limits()).cards) == 7


def test_the_newer_form_is_refused_with_the_way_to_the_older_one() -> None:
    content = pack({"collection.anki21b": b"\x28\xb5\x2f\xfd", "meta": b"\x08\x03", "collection.anki2": b""})
    error = refusal(content)
    assert error.code == "newer"
    assert "Support older Anki versions (slower/larger files)" in str(error)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "no_zip"),
        (b"PK\x03\x04 no zip at all", "no_zip"),
        (sample().package()[:-30], "no_zip"),
        (pack({}), "no_collection"),
        (pack({"collection.anki2": b"no database"}), "database"),
        (pack({"collection.anki2": b"SQLite format 3\x00" + bytes(4000)}), "database"),
        (pack({"collection.anki2": sample().database()[:5000]}), "database"),
        (pack({"collection.anki2": sample().database(), "../../etc/passwd": b"x"}), "path"),
        (pack({"collection.anki2": sample().database(), "..\\windows": b"x"}), "path"),
        (Collection().package(), "no_cards"),
        (Collection(version=18).package(), "layout"),
    ],
)
def test_what_is_no_package_is_refused(content: bytes, code: str) -> None:
    assert refusal(content).code == code


def test_a_bomb_is_not_unpacked() -> None:
    bomb = pack({"collection.anki21": b"SQLite format 3\x00" + bytes(60_000_000)})
    assert len(bomb) < 100_000
    assert refusal(bomb).code == "unpacks"
    assert refusal(sample().package(MEDIA), Limits(database_bytes=1000)).code == "unpacks"


def test_a_size_in_the_header_is_not_believed() -> None:
    content = bytearray(pack({"collection.anki21": sample().database()}))
    place = content.index(b"PK\x01\x02") + 24
    content[place : place + 4] = struct.pack("<L", 10)
    assert refusal(bytes(content)).code in {"damaged", "database"}


def test_a_file_of_the_media_is_bounded() -> None:
    package = read_package(sample().package({"net.png": PNG + bytes(10_000)}), Limits(picture_bytes=5000))
    with pytest.raises(PackageError, match="unpacks to more"):
        package.content_of("net.png")


def test_more_files_than_are_read_are_refused_before_the_directory_is() -> None:
    content = pack({"collection.anki21": sample().database(), **{str(number): b"" for number in range(100)}})
    assert refusal(content, Limits(media=50)).code == "too_many_files"


@pytest.mark.parametrize(("which", "most"), [("notes", 3), ("cards", 3), ("reviews", 3)])
def test_more_rows_than_are_read_are_refused(which: str, most: int) -> None:
    assert refusal(sample().package(MEDIA), Limits(**{which: most})).code == f"too_many_{which}"


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE notes; CREATE VIEW notes AS SELECT 1 AS id, 'g' AS guid, 1 AS mid, '' AS tags, 'a' AS flds",
        "DROP TABLE revlog; CREATE VIRTUAL TABLE revlog USING fts5(id, cid, ease, type, factor, time)",
        "DROP TABLE cards",
    ],
)
def test_what_is_no_table_of_ankis_is_refused(sql: str) -> None:
    collection = sample()
    collection.extra_sql = sql
    assert refusal(collection.package()).code == "no_table"


def test_a_column_that_computes_is_not_computed() -> None:
    """A generated column could hold any expression, and be as large as it likes."""
    collection = sample()
    collection.extra_sql = (
        "ALTER TABLE notes RENAME TO old;"
        "CREATE TABLE notes (id integer PRIMARY KEY, guid text, mid integer, tags text,"
        " flds text AS (hex(zeroblob(100000000))) VIRTUAL); INSERT INTO notes SELECT id, guid, mid, tags FROM old"
    )
    assert refusal(collection.package()).code == "database"


def test_triggers_and_other_tables_are_left_alone() -> None:
    collection = sample()
    collection.extra_sql = (
        "CREATE TABLE other (secret text); CREATE TRIGGER t AFTER INSERT ON notes BEGIN DELETE FROM cards; END;"
        "CREATE VIEW v AS SELECT * FROM cards, cards AS b, cards AS c"
    )
    assert len(read_package(collection.package(MEDIA), Limits()).cards) == 7


def test_a_database_that_never_ends_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package_reading, "STEPS_AT_A_TIME", 50)
    monkeypatch.setattr(package_reading, "MAX_STEPS", 1)
    assert refusal(sample().package(MEDIA)).code == "too_slow"


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE cards SET nid = 'x'",
        "UPDATE cards SET nid = 4711",
        "UPDATE notes SET flds = x'ff00'",
        "UPDATE revlog SET ease = 'four'",
        "UPDATE col SET models = '{\"1\": 3}'",
        "UPDATE col SET models = '" + "[" * 20_000 + "'",
        "UPDATE col SET decks = 'no JSON'",
    ],
)
def test_values_of_the_wrong_type_are_refused(sql: str) -> None:
    collection = sample()
    collection.extra_sql = sql
    assert refusal(collection.package()).code == "damaged"


def test_a_media_list_that_is_none_is_refused() -> None:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("collection.anki21", sample().database())
        archive.writestr("media", json.dumps(["net.png"]))
    assert refusal(sink.getvalue()).code == "damaged"


def test_a_write_ahead_log_is_no_hindrance() -> None:
    content = bytearray(sample().database())
    content[18:20] = b"\x02\x02"
    assert len(read_package(pack({"collection.anki21": bytes(content)}), Limits()).cards) == 7


@given(st.integers(0, 40_000), st.binary(min_size=1, max_size=40))
def test_bytes_that_were_changed_give_a_package_or_a_reason(place: int, junk: bytes) -> None:
    content = bytearray(_SAMPLE)
    content[place : place + len(junk)] = junk
    with contextlib.suppress(PackageError):
        assert read_package(pack({"collection.anki21": bytes(content)}), Limits()).cards


_SAMPLE = sample().database()
