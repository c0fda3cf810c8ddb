"""What may be asked of a network, and what its child may answer."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.probe_messages import MAX_ANSWER_BYTES, MAX_FILE_BYTES, Answered, File, read_question, read_reply
from sandbox.probe_rules import MOST_OUTPUTS, fits_whole, forward_sizes, misfits, shares, update_sizes
from sandbox.spec import Spec, parse_spec
from sandbox.tables import complete, read_table
from tests.sandbox.kinds import DIGITS, EVERY, dense
from tests.sandbox.specs import notes_spec
from tests.sandbox.tables import TABLE_ID, flowers, table_spec

LARGE = notes_spec(data=DIGITS, layers=[dense(64, "relu"), dense(128, "relu"), dense(10, "softmax")])


def petals() -> Spec:
    asked = {**table_spec(TABLE_ID, target="petal", outputs=1), "loss": "mean_squared_error", "layers": [dense(1)]}
    return parse_spec(asked, complete=lambda data: complete(data, read_table(flowers())))


# --- sizes ------------------------------------------------------------------------------------------------------------


def test_the_notes_network_is_told_whole() -> None:
    spec = notes_spec()
    assert forward_sizes(spec) == {"dense_1": 1 + 32 + 16 + 32, "dense_2": 16 + 544 + 512 + 64, "dense_3": 32 + 66 + 68}
    assert update_sizes(spec) == {"dense_1": 32 * 7, "dense_2": 544 * 7, "dense_3": 66 * 7}
    assert fits_whole(forward_sizes(spec))
    assert fits_whole(update_sizes(spec))


def test_a_large_network_is_told_layer_by_layer() -> None:
    assert not fits_whole(forward_sizes(LARGE))
    assert not fits_whole(update_sizes(LARGE))


@given(st.lists(st.integers(0, 1000), max_size=12), st.integers(0, 3000))
def test_arrays_share_what_may_be_told(sizes: list[int], most: int) -> None:
    given_ = shares(sizes, most)
    assert sum(given_) <= most
    assert all(0 <= part <= size for part, size in zip(given_, sizes, strict=True))
    if sum(sizes) <= most:
        assert given_ == sizes
    cut = [part for part, size in zip(given_, sizes, strict=True) if part < size]
    assert max(given_, default=0) <= max(cut, default=1000) + len(sizes), "large arrays are cut alike"


# --- rows to predict --------------------------------------------------------------------------------------------------


def wrong(spec: Spec, *rows: Any) -> list[tuple[int | None, int | None, str]]:
    return [(misfit.row, misfit.column, misfit.code) for misfit in misfits(spec, rows)]


def test_numbers_and_names_are_taken() -> None:
    assert wrong(notes_spec(), [20], [20.5], [-3], [1e30]) == []
    assert wrong(petals(), [1.5, "rose"], [2, "lily"]) == []


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("20", "no_number"),
        (True, "no_number"),
        (None, "no_number"),
        ([20], "no_number"),
        ({}, "no_number"),
        (1e39, "too_large"),
        (10**400, "too_large"),
        (float("nan"), "too_large"),
        (float("-inf"), "too_large"),
    ],
)
def test_a_cell_that_is_no_number_is_named(cell: Any, code: str) -> None:
    assert wrong(notes_spec(), [20], [cell]) == [(1, 0, code)]


@pytest.mark.parametrize("row", [[], [1, 2], 1, "a", None, {"age": 1}])
def test_a_row_of_another_width_is_named(row: Any) -> None:
    assert wrong(notes_spec(), row) == [(0, None, "wrong_width")]


@pytest.mark.parametrize("cell", ["daisy", 1, "", None, ["rose"]])
def test_a_category_that_the_table_does_not_have_is_named(cell: Any) -> None:
    assert wrong(petals(), [1.5, cell]) == [(0, 1, "unknown_category")]


@pytest.mark.parametrize("cell", [-1, 17, 0.5])
def test_an_embedding_looks_up_whole_numbers(cell: Any) -> None:
    spec = parse_spec(EVERY["embedding"])
    assert wrong(spec, [16] * 64) == []
    assert wrong(spec, [cell] + [0] * 63) == [(0, 0, "no_whole_number")]


def test_so_many_outputs_are_told_and_no_more() -> None:
    spec = notes_spec(layers=[dense(400, "softmax")])
    assert wrong(spec, *[[1]] * (MOST_OUTPUTS // 400)) == []
    assert wrong(spec, *[[1]] * (MOST_OUTPUTS // 400 + 1)) == [(None, None, "too_many_rows")]


# --- messages ---------------------------------------------------------------------------------------------------------

ROW = {"outputs": [0.5], "predicted": 1, "probability": 0.5, "nonfinite": 0}
ANSWERED = {"kind": "answered", "answer": {"kind": "predict", "rows": [ROW]}}


def frame(value: Any) -> bytes:
    return json.dumps(value).encode()


def test_an_answer_and_a_file_are_read() -> None:
    assert isinstance(read_reply(frame(ANSWERED)), Answered)
    reply = read_reply(frame({"kind": "file", "content": base64.b64encode(b"PK").decode()}))
    assert isinstance(reply, File)
    assert reply.content == b"PK"


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"{" * 10_000,
        frame({**ANSWERED, "secret": 1}),
        frame({"kind": "answered", "answer": {"kind": "predict", "rows": [{**ROW, "outputs": [float("nan")]}]}}),
        frame({"kind": "answered", "answer": {"kind": "predict", "rows": [ROW] * 1001}}),
        frame({"kind": "started", "parameters": 1}),
        frame({"kind": "epoch", "number": 1, "loss": 0.5, "seconds": 0.1}),
        frame({"kind": "file", "content": base64.b64encode(b"x" * (MAX_FILE_BYTES + 1)).decode()}),
        frame(ANSWERED) + b" " * MAX_ANSWER_BYTES,
    ],
)
def test_nothing_else_is_read(bad: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_reply(bad)


@pytest.mark.parametrize(
    "bad",
    [
        "{}",
        '{"kind": "shell"}',
        '{"kind": "forward", "sample": -1}',
        '{"kind": "forward", "sample": 1.5}',
        '{"kind": "predict", "inputs": []}',
        '{"kind": "model", "path": "/etc/passwd"}',
    ],
)
def test_no_other_question_is_answered(bad: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_question(bad)
