"""Whole frames of a multiprocessing connection, read without ever waiting for the rest of one."""

import os
from multiprocessing.connection import Connection

LENGTH_BYTES = 4
READ_BYTES = 256 * 1024


class FrameReader:
    """Reads what the other side sends with `send_bytes`.

    Nobody on the other side can hold up the reader: not by stopping in the middle of a frame, nor by dripping it byte
    by byte. The connection no longer blocks in the other direction either: a frame for which there is no room raises
    BlockingIOError.
    """

    def __init__(self, connection: Connection, most_bytes: int) -> None:
        os.set_blocking(connection.fileno(), False)
        self._connection = connection
        self._most_bytes = most_bytes
        self._read = bytearray()

    def next(self, timeout: float) -> bytes | None:
        """The next whole frame; None if there is none after waiting once, at most `timeout` seconds, for more of it.

        Raises EOFError where the other side has hung up, ValueError at a frame longer than `most_bytes`.
        """
        if (frame := self._take()) is not None:
            return frame
        if self._connection.poll(timeout):
            self._receive()
        return self._take()

    def _receive(self) -> None:
        """Read until a frame is whole or nothing more is there."""
        while not self._is_whole():
            try:
                piece = os.read(self._connection.fileno(), READ_BYTES)
            except BlockingIOError:
                return
            if not piece:
                raise EOFError
            self._read += piece

    def _take(self) -> bytes | None:
        if not self._is_whole():
            return None
        end = LENGTH_BYTES + self._length()
        frame = bytes(self._read[LENGTH_BYTES:end])
        del self._read[:end]
        return frame

    def _is_whole(self) -> bool:
        return len(self._read) >= LENGTH_BYTES and len(self._read) >= LENGTH_BYTES + self._length()

    def _length(self) -> int:
        length = int.from_bytes(self._read[:LENGTH_BYTES], "big", signed=True)
        if not 0 <= length <= self._most_bytes:  # −1 announces more than 2 GB
            raise ValueError(f"a frame of {length} bytes; at most {self._most_bytes} are read")
        return length
