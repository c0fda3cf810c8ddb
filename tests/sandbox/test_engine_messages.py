"""What a child may say: nothing unbounded, nothing unknown, no NaN."""

import json
from typing import Any

import pytest

from sandbox.messages import MAX_MESSAGE_BYTES, Confusion, EpochEnded, Failed, read_message, write_message

EPOCH: dict[str, Any] = {"kind": "epoch", "number": 1, "loss": 0.5, "accuracy": 0.25, "seconds": 0.1}


def frame(**changes: Any) -> bytes:
    return json.dumps(EPOCH | changes).encode()


def test_it_reads_what_was_written() -> None:
    epoch = EpochEnded(number=3, loss=None, accuracy=0.5, seconds=0.1, nonfinite={"loss": "nan"})
    assert read_message(write_message(epoch)) == epoch
    assert b"NaN" not in write_message(epoch)


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"null",
        b"[]",
        b"\xff",
        b"{" * 10_000,
        frame(kind="shell"),
        frame(number=0),
        frame(number=True),
        frame(loss=float("nan")),
        frame(accuracy=1.5),
        frame(secret=1),
        frame(nonfinite={"loss": "nan"}),
        frame(nonfinite={"anything": "nan"}, loss=None),
        b" " * MAX_MESSAGE_BYTES + frame(),
        json.dumps({"kind": "failed", "code": "failed", "detail": "!" * 2001}).encode(),
        json.dumps({"kind": "failed", "code": "weather", "detail": ""}).encode(),
    ],
)
def test_it_refuses_what_is_no_message(bad: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        read_message(bad)


def test_the_longest_failure_and_the_largest_matrix_fit_into_a_frame() -> None:
    row = tuple([20_000] * 50)
    matrix = Confusion(
        rows_of="training", labels=("x" * 100,) * 50, counts=(row,) * 50, recall=(0.1234567890123456,) * 50
    )
    assert len(write_message(matrix)) < MAX_MESSAGE_BYTES / 2
    assert len(write_message(Failed(code="failed", detail="\N{PILE OF POO}" * 2000))) < MAX_MESSAGE_BYTES


def test_a_confusion_matrix_is_square() -> None:
    with pytest.raises(ValueError, match="one row"):
        Confusion(rows_of="training", labels=("a", "b"), counts=((1, 2),), recall=(None, None))
