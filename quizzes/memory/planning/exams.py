"""What an exam asks of the days before it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from quizzes.memory.planning.candidates import Candidate, Pace, StudyDay, Wishes

EXAM_DAYS: Final = 14
"""From so many days before an exam its cards are asked for the exam."""
LAST_DAYS: Final = 3
"""In these the weakest are asked."""
_DAY: Final = timedelta(days=1)


def exam_goal(desired: float) -> float:
    """Return the recall (0…1) wished for on the day of an exam: half as much forgotten as on any other day."""
    return min(0.97, 1 - (1 - desired) / 2)


def is_weak(one: Candidate, exam: datetime) -> bool:
    """Whether a card would be recalled less likely than wished for at the exam, were it not asked before."""
    return one.recall(exam) < exam_goal(one.desired)


def for_exam(weak: Sequence[Candidate], owed: int, days_left: int, exam: datetime) -> list[Candidate]:
    """Return those of the weak cards that today takes, so that each day until the exam takes as many.

    `owed`: how many of the course's cards today takes anyhow, or has taken. At first come those that then last until
    the exam (the most stable); in the `LAST_DAYS` those that would be recalled least likely.
    """
    share = ceil((len(weak) + owed) / days_left) - owed
    if days_left > LAST_DAYS:
        in_order = sorted(weak, key=lambda one: (-one.stability, one.question))
    else:
        in_order = sorted(weak, key=lambda one: (one.recall(exam), one.question))
    return in_order[: max(0, share)]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What lies before an exam. `days`: (reviews, new cards) of each day until then, today first, were there no limits.

    `cards`: all that are to be asked before, `unseen` of them for the first time. `short`: how many of them the
    learner's limits leave out; `more_a_day`: how many more a day it would take to ask them too.
    """

    days_left: int
    days: Sequence[tuple[int, int]]
    cards: int
    unseen: int
    short: int
    more_a_day: int


def outlook(
    cards: Sequence[Candidate],
    unseen: int,
    elsewhere: int,
    wishes: Wishes,
    day: StudyDay,
    days_left: int,
    pace: Pace,
) -> Outlook:
    """Foresee the days before an exam, `days_left` (1 or more) of them, as things stand.

    `cards`: the learner's states of the course; `unseen`: flashcards of the course never answered; `elsewhere`: how
    many cards of other courses fall due until then. Each card counts once: what a review leads to is not foreseen.
    Cards that would be weak on the day are spread over the last `EXAM_DAYS`, new ones as their limit has it.
    """
    exam = day.begin + days_left * _DAY
    reviews = [0] * days_left
    weak = []
    for one in cards:
        on = max(0, day.day_of(one.due))
        if on < days_left:
            reviews[on] += 1
        elif is_weak(one, exam):
            weak.append(one)
    near = min(EXAM_DAYS, days_left)
    for place in range(len(weak)):
        reviews[days_left - near + place * near // len(weak)] += 1
    new = [max(0, min(wishes.new_per_day, unseen - wishes.new_per_day * on)) for on in range(days_left)]
    wanted = sum(reviews)
    short = _short(wanted, unseen, elsewhere, wishes, days_left, pace)
    days = list(zip(reviews, new, strict=True))
    return Outlook(days_left, days, wanted + unseen, unseen, short, -(-short // days_left))


def _short(wanted: int, unseen: int, elsewhere: int, wishes: Wishes, days_left: int, pace: Pace) -> int:
    """Return how many of the cards the limits leave out; other courses' cards take their part first."""
    left = wanted - wishes.reviews_per_day * days_left + elsewhere if wishes.reviews_per_day is not None else 0
    by_number = min(wanted, max(0, left)) + max(0, unseen - wishes.new_per_day * days_left)
    if wishes.minutes_per_day is None:
        return by_number
    seconds = pace("flashcard")
    fitting = max(0, wishes.minutes_per_day * 60 * days_left // seconds - elsewhere)
    return max(by_number, wanted + unseen - fitting)
