"""The same function of many things in several processes: in order, and with few of them under way."""

import gc
import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any, Protocol, TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")

MOST = 4


class Each(Protocol):
    """What `map` does with one iterable."""

    def __call__(self, function: Callable[[Given], Made], things: Iterable[Given], /) -> Iterator[Made]: ...


def how_many() -> int:
    """As many as there are processors; one in a program with threads, which cannot be forked without harm."""
    return 1 if threading.active_count() > 1 else min(MOST, len(os.sched_getaffinity(0)))


@contextmanager
def several(count: int) -> Iterator[Each]:
    """Give a `map` that works in this many processes, forked from this one; with one, the builtin."""
    if count < 2:
        yield map
        return
    # What is frozen is not looked at when garbage is collected, so that the processes go on sharing it.
    gc.freeze()
    with ExitStack() as ended:
        ended.callback(gc.unfreeze)
        pool = ended.enter_context(ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("fork")))

        def each(function: Callable[[Given], Made], things: Iterable[Given]) -> Iterator[Made]:
            waiting: deque[Future[Any]] = deque()
            for thing in things:
                waiting.append(pool.submit(function, thing))
                if len(waiting) > 2 * count:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

        yield each
