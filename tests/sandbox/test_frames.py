"""A reader of frames …"""

import multiprocessing
import os
from collections.abc import Iterator
from multiprocessing.connection import Connection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.frames import FrameReader

Ends = tuple[FrameReader, Connection]


def pipe() -> tuple[Connection, Connection]:
    return multiprocessing.Pipe(duplex=True)


@pytest.fixture
def ends() -> Iterator[Ends]:
    ours, theirs = pipe()
    yield FrameReader(ours, most_bytes=1000), theirs
    ours.close()
    theirs.close()


def test_it_gives_one_frame_after_another(ends: Ends) -> None:
    reader, theirs = ends
    for frame in (b"one", b"", b"three"):
        theirs.send_bytes(frame)
    assert [reader.next(0), reader.next(0), reader.next(0), reader.next(0)] == [b"one", b"", b"three", None]


def test_it_does_not_wait_for_the_rest_of_a_frame(ends: Ends) -> None:
    reader, theirs = ends
    os.write(theirs.fileno(), b"\0\0")
    assert reader.next(0) is None
    os.write(theirs.fileno(), b"\0\x05hal")
    assert reader.next(0) is None
    os.write(theirs.fileno(), b"lo")
    assert reader.next(0) == b"hallo"


def test_it_gives_what_was_sent_before_the_other_side_hung_up(ends: Ends) -> None:
    reader, theirs = ends
    theirs.send_bytes(b"last words")
    os.write(theirs.fileno(), b"\0\0\0\x05h")
    theirs.close()
    assert reader.next(0) == b"last words"
    with pytest.raises(EOFError):
        reader.next(0)


@pytest.mark.parametrize("header", [b"\0\0\x03\xe9", b"\xff\xff\xff\xff", b"\x80\0\0\0"])
def test_it_refuses_a_frame_that_is_too_long_at_its_announcement(ends: Ends, header: bytes) -> None:
    reader, theirs = ends
    os.write(theirs.fileno(), header)
    with pytest.raises(ValueError, match="at most 1000"):
        reader.next(0)


def test_its_own_side_does_not_wait_for_room(ends: Ends) -> None:
    ours, theirs = pipe()
    FrameReader(ours, most_bytes=1000)
    with pytest.raises(BlockingIOError):
        send_without_end(ours)
    received = theirs.recv_bytes()
    assert received == b"x" * 50
    ours.close()
    theirs.close()


def send_without_end(connection: Connection) -> None:
    while True:
        connection.send_bytes(b"x" * 50)


@given(st.lists(st.binary(max_size=40), max_size=6), st.lists(st.integers(1, 20), min_size=1))
def test_it_reads_the_same_frames_however_they_are_cut(frames: list[bytes], sizes: list[int]) -> None:
    ours, theirs = pipe()
    reader, found = FrameReader(ours, most_bytes=40), []
    stream, step = b"".join(len(frame).to_bytes(4, "big") + frame for frame in frames), 0
    while stream:
        size = sizes[step % len(sizes)]
        os.write(theirs.fileno(), stream[:size])
        stream, step = stream[size:], step + 1
        while (frame := reader.next(0)) is not None:
            found.append(frame)
    assert found == frames
    ours.close()
    theirs.close()
