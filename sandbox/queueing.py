"""Fair turns between learners. Pure."""

from collections import Counter, deque
from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

Owner = TypeVar("Owner", bound=Hashable)
Item = TypeVar("Item")


def fair_order(waiting: Iterable[tuple[Item, Owner]], running: Mapping[Owner, int]) -> list[Item]:
    """The order in which waiting runs will be taken.

    `waiting` is given oldest first. Each turn goes to the learner with the fewest running (or already placed) runs;
    among equals to the one whose run has waited longest. So ten runs of one learner do not delay the first of another.
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
