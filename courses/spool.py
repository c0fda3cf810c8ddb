"""A list that lies in a file, for what is too large to be held together in memory."""

import pickle
import tempfile
from collections.abc import Iterator
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Spool(Generic[Item]):
    """Takes items one by one and gives them back in order, one at a time and as often as wanted.

    The file has no name, so nobody else can reach what is unpickled from it; it is gone when the spool is.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="engram-")  # noqa: SIM115  (it lives as long as the spool)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, item: Item) -> None:
        self._file.seek(0, 2)
        pickle.dump(item, self._file, protocol=pickle.HIGHEST_PROTOCOL)
        self._count += 1

    def __iter__(self) -> Iterator[Item]:
        place = 0
        for _ in range(self._count):
            self._file.seek(place)
            item: Item = pickle.load(self._file)  # noqa: S301  (see above)
            place = self._file.tell()
            yield item
