"""Fair turns between learners, and when each will come. Pure."""

from collections import Counter, deque
from collections.abc import Hashable, Iterable, Mapping, Sequence
from statistics import median
from typing import TypeVar

Owner = TypeVar("Owner", bound=Hashable)
Item = TypeVar("Item")

TRAININGS_AT_A_TIME = 2
"""In one consumer, one for each of its threads but one: questions to trained networks are never stuck behind them."""


def fair_order(waiting: Iterable[tuple[Item, Owner]], running: Mapping[Owner, int]) -> list[Item]:
    """The order in which waiting runs will be taken.

    `waiting` is given in the order in which their learners joined the line for that turn: who has just had one joins
    anew. Each turn goes to the learner with the fewest running (or already placed) runs; among equals to the one who
    joined first. So ten runs of one learner do not delay the first of another.
    """
    turns: Counter[Owner] = Counter(dict(running))
    lines: dict[Owner, deque[tuple[int, Item]]] = {}
    for arrival, (item, owner) in enumerate(waiting):
        lines.setdefault(owner, deque()).append((arrival, item))
    order: list[Item] = []
    while lines:
        owner = min(lines, key=lambda who: (turns[who], lines[who][0][0]))
        order.append(lines[owner].popleft()[1])
        turns[owner] += 1
        if not lines[owner]:
            del lines[owner]
    return order


def expected_starts(
    line: Sequence[tuple[Owner, float]], running: Iterable[tuple[Owner, float]], *, seats: int, seats_per_owner: int
) -> list[float]:
    """In how many seconds each of the waiting runs will start, if nobody else comes.

    `line` holds owner and duration of each in the order of their turns, `running` owner and remaining time; `seats` of
    them train at a time, `seats_per_owner` of one owner: who has that many is passed over until one of them ends.
    """
    ends = [(left, owner) for owner, left in running]
    taken = Counter(owner for _, owner in ends)
    starts, now, waiting = [0.0] * len(line), 0.0, list(range(len(line)))
    while waiting:
        free = (place for place in waiting if taken[line[place][0]] < max(1, seats_per_owner))
        place = next(free, None) if len(ends) < max(1, seats) else None
        if place is None:
            now, owner = ends.pop(min(range(len(ends)), key=lambda end: ends[end][0]))
            taken[owner] -= 1
        else:
            owner, seconds = line[place]
            starts[place] = now
            ends.append((now + seconds, owner))
            taken[owner] += 1
            waiting.remove(place)
    return starts


PACE_SAMPLES, LEAST_PACE_SAMPLES = 20, 3


def pace(measured: Iterable[tuple[float, float]]) -> float:
    """How many seconds pass for one that was estimated: the median over (actual, estimated) seconds of some runs, and 1
    where there are too few to tell. Within what a machine may be slower or faster than the one of the estimates."""
    ratios = [actual / estimated for actual, estimated in measured if actual > 0 and estimated > 0]
    return min(20.0, max(0.05, median(ratios))) if len(ratios) >= LEAST_PACE_SAMPLES else 1.0
