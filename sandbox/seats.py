"""So many at a time in one process. Pure, but for the threads' own locks."""

import threading
from collections.abc import Callable


class Seats:
    """`number` threads may work at a time; one more goes away at once, and nothing that it came for is left lying.

    `work` is called until nobody has come since it began: who found all seats taken is served by the next to be free.
    """

    def __init__(self, number: int) -> None:
        self._free = threading.Semaphore(number)
        self._come = threading.Event()

    def take(self, work: Callable[[], int]) -> int:
        """Work if there is a seat; returns the sum of what `work` returned."""
        done = 0
        self._come.set()  # before trying: who leaves a seat after our try will see it
        while self._come.is_set() and self._free.acquire(blocking=False):
            try:
                self._come.clear()
                done += work()
            finally:
                self._free.release()
        return done
