"""So many threads at a time …"""

import threading
from collections.abc import Callable

from sandbox.seats import Seats


def in_thread(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_one_more_goes_away_at_once() -> None:
    seats, begun, over = Seats(1), threading.Event(), threading.Event()

    def work() -> int:
        begun.set()
        over.wait(5)
        return 1

    first = in_thread(lambda: seats.take(work))
    begun.wait(5)
    assert seats.take(lambda: 1) == 0
    over.set()
    first.join(5)
    assert seats.take(lambda: 1) == 1


def test_who_went_away_is_served_by_who_had_the_seat() -> None:
    """A question that came just after the last look at the queue is not left lying."""
    seats, queue, found = Seats(1), [1, 2], []

    def work() -> int:
        found.extend(queue)
        queue.clear()
        if found == [1, 2]:
            queue.append(3)
            assert seats.take(work) == 0, "the seat is taken"
        return len(found)

    seats.take(work)
    assert found == [1, 2, 3]


def test_a_seat_is_free_again_after_an_error() -> None:
    seats = Seats(1)

    def fail() -> int:
        raise KeyError

    for _ in range(2):
        try:
            seats.take(fail)
        except KeyError:
            continue
        raise AssertionError("the error is not passed on")


def test_never_more_than_that_work_at_a_time() -> None:
    seats, now, most, lock = Seats(2), [0], [0], threading.Lock()
    left = list(range(200))

    def work() -> int:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        while True:
            with lock:
                if not left:
                    now[0] -= 1
                    return 0
                left.pop()

    threads = [in_thread(lambda: seats.take(work)) for _ in range(8)]
    for thread in threads:
        thread.join(5)
    assert most[0] <= 2
    assert left == []
