"""What of all that is in line is asked today, and in which order. Pure: memory states come in, none is changed.

A function of the states, the study day and the learner's wishes, without chance. What has been answered today goes on
counting as part of today, so that answering one card never reshuffles the rest. The rules, in this order:

1. **Steps** of learning and relearning are asked when they are due. No limit holds them back.
2. **Even days.** Days are compared over a week (`HORIZON`): a fair day has the mean load of the week, an easy day the
   share of it that the learner gave. Reviews with an interval of 3 days or more may come earlier or later within the
   fuzz range of their interval (`fsrs.fuzz_range`), later only while recall falls by no more than `MAX_LOSS`. A day of
   up to `ORDINARY` reviews is not touched.
3. **Exams.** From `EXAM_DAYS` before an exam on, desired retention rises to `exam_goal` for its course: cards that
   would be recalled less likely on that day are asked before, as many a day as it takes (`exams.for_exam`).
4. **Siblings**, questions of one concept, are asked on different days where the less urgent one can wait a day by
   rule 2, else not one right after the other. Of new cards those of other concepts come first.
5. **Limits**: reviews a day, new cards a day, minutes a day. The most urgent stay: those whose recall at the end of the
   day is lowest relative to what is desired.
"""

import uuid
from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import Final, TypeVar

from quizzes.memory import fsrs
from quizzes.memory.fsrs import Phase
from quizzes.memory.planning.candidates import (
    Because,
    Candidate,
    Due,
    LeftOut,
    Line,
    NewCard,
    Pace,
    StudyDay,
    Why,
    Wishes,
)
from quizzes.memory.planning.exams import EXAM_DAYS, for_exam, is_weak

HORIZON: Final = 7
"""Days that are made even with one another, today being the first."""
ORDINARY: Final = 20
"""So many reviews are an ordinary day, whatever the other days hold."""
SHORTEST_INTERVAL: Final = 3
"""Days; what comes back sooner is asked when it is due."""
MAX_LOSS: Final = 0.03
"""By how much recall (0…1) may fall because a card waits."""
STEP_AHEAD: Final = timedelta(minutes=2)
"""A learning step this near is asked now, when nothing else is left."""
_LOOK_AHEAD: Final = 20
"""How many cards further on one is looked for that is no sibling of the last."""
_DAY: Final = timedelta(days=1)


def line(
    candidates: Iterable[Candidate], new: Sequence[NewCard], wishes: Wishes, day: StudyDay, now: datetime, pace: Pace
) -> Line:
    """Return the line of this moment. `candidates`: all that is due within `HORIZON` days, was answered today, has
    changed, or is of a course with an exam within `EXAM_DAYS`; `new`: in the order of meeting them."""
    found = _Day(list(candidates), wishes, day, now, pace)
    found.make_even()
    found.prepare_for_exams()
    found.most_urgent_first()
    found.keep_siblings_apart()
    budget = _Budget(wishes.minutes_per_day, found.seconds_done + sum(pace(one.kind) for one in found.old_steps))
    found.keep_to_limits(budget)
    return found.in_order(found.choose_new(new, budget))


WithConcepts = TypeVar("WithConcepts", Candidate, NewCard)


def apart(cards: Sequence[WithConcepts], before: frozenset[uuid.UUID]) -> list[WithConcepts]:
    """Return the cards in this order, but none right after a sibling where one of the next few is none.

    `before`: the concepts of the card that comes before them all.
    """
    rest, found = deque(cards), list[WithConcepts]()
    while rest:
        nearest = (
            place for place, one in zip(range(_LOOK_AHEAD), rest, strict=False) if before.isdisjoint(one.concepts)
        )
        place = next(nearest, 0)
        one = rest[place]
        del rest[place]
        found.append(one)
        before = one.concepts
    return found


class _Day:
    """The reviews of one study day; each step of `line` takes away from, or adds to, what the one before has left."""

    def __init__(
        self, candidates: Sequence[Candidate], wishes: Wishes, day: StudyDay, now: datetime, pace: Pace
    ) -> None:
        self.wishes, self.day, self.now, self.pace = wishes, day, now, pace
        self.left_out: list[LeftOut] = []
        self.answered = [one for one in candidates if one.last_review >= day.begin]
        steps = [one for one in candidates if one.phase is not Phase.REVIEW and one.due <= day.end]
        self.steps = sorted((one for one in steps if not one.is_buried), key=lambda one: (one.due, one.question))
        self.old_steps = [one for one in self.steps if one.last_review < day.begin]
        pending = [one for one in candidates if one.phase is Phase.REVIEW and one.last_review < day.begin]
        self.days = {one.question: day.day_of(one.due) for one in pending}
        self.why: dict[uuid.UUID, Why] = {}
        self.today: list[Candidate] = []
        self.later: list[Candidate] = []
        for one in pending:
            is_early = self.days[one.question] > 0
            if is_early and not one.is_changed:
                self.later += [] if one.is_buried else [one]
            elif one.is_buried:
                self._leave_out([one], Because.BURIED)
            else:
                self._ask(one, Why.CHANGED if is_early else Why.DUE)
        days_left = {course: (on - day.date).days for course, on in wishes.exams.items()}
        self.exams = {course: left for course, left in days_left.items() if 1 <= left <= EXAM_DAYS}

    def _ask(self, one: Candidate, why: Why) -> None:
        self.today.append(one)
        self.why[one.question] = why

    def _leave_out(self, cards: Iterable[Candidate], because: Because) -> None:
        self.left_out += [LeftOut(one.question, one.kind, one.due, because) for one in cards]

    @property
    def old_news(self) -> list[Candidate]:
        """What counts as a review of today beside those still to come: answered, or a step from before today."""
        return [*(one for one in self.answered if not one.is_introduced), *self.old_steps]

    def make_even(self) -> None:
        """Move reviews away from today, or from the days after it to today."""
        counts = Counter(self.days[one.question] for one in self.later if self.days[one.question] < HORIZON)
        today = len(self.today) + len(self.old_news)
        shares = [self.day.share(day, self.wishes.easy_days) for day in range(HORIZON)]
        fair = ceil((today + sum(counts.values())) / sum(shares) * shares[0]) if any(shares) else today
        if today > max(fair, ceil(ORDINARY * shares[0])):
            self._postpone(today - max(fair, ceil(ORDINARY * shares[0])))
        elif today < fair:
            over = {day: count - ceil(ORDINARY * shares[day]) for day, count in counts.items()}
            self._ask_early(fair - today, over, shares)

    def _postpone(self, most: int) -> None:
        """Put off those that lose least."""
        losses = [(loss, one.question, one) for one in self.today if (loss := self._loss_by_waiting(one)) is not None]
        moved = [one for _, _, one in sorted(losses)[:most]]
        self._keep_out(moved, Because.EVEN)

    def _keep_out(self, cards: Sequence[Candidate], because: Because) -> None:
        out = {one.question for one in cards}
        self.today = [one for one in self.today if one.question not in out]
        self._leave_out(cards, because)

    def _ask_early(self, most: int, over: Mapping[int, int], shares: Sequence[float]) -> None:
        """Ask some of those days that hold too much: of easy days first, then what is due first."""
        from_day: Counter[int] = Counter()
        near = [one for one in self.later if self.days[one.question] < HORIZON]
        for one in sorted(near, key=lambda one: (shares[self.days[one.question]], one.due, one.question)):
            day = self.days[one.question]
            if most <= 0:
                break
            if day < HORIZON and from_day[day] < over.get(day, 0) and self._may_come_early(one, day):
                from_day[day] += 1
                most -= 1
                self._ask(one, Why.EARLY)
        self.later = [one for one in self.later if one.question not in self.why]

    def _may_come_early(self, one: Candidate, days: int) -> bool:
        shortest, _longest = fsrs.fuzz_range(one.interval)
        return one.interval >= SHORTEST_INTERVAL and one.course not in self.exams and days <= one.interval - shortest

    def _loss_by_waiting(self, one: Candidate) -> float | None:
        """Return how much recall falls until the next day that is no day off; None if the card cannot wait for it."""
        if one.interval < SHORTEST_INTERVAL or one.is_changed or one.course in self.exams:
            return None
        _shortest, longest = fsrs.fuzz_range(one.interval)
        latest = self.days[one.question] + longest - one.interval
        for day in range(1, min(latest, HORIZON - 1) + 1):
            if self.day.share(day, self.wishes.easy_days) > 0:
                loss = one.recall(one.due) - one.recall(self.day.end + (day - 1) * _DAY + _DAY)
                return loss if loss <= MAX_LOSS else None
        return None

    def prepare_for_exams(self) -> None:
        """Add those cards of courses with an exam that this day has to take."""
        for course, left in self.exams.items():
            begin = self.day.begin + left * _DAY
            owed = sum(one.course == course for one in [*self.today, *self.old_news])
            weak = [one for one in self.later if one.course == course and is_weak(one, begin)]
            for one in for_exam(weak, owed, left, begin):
                self._ask(one, Why.EXAM)
        self.later = [one for one in self.later if one.question not in self.why]

    def most_urgent_first(self) -> None:
        self.today.sort(key=lambda one: (one.recall(self.day.end) / one.desired, one.due, one.question))

    def keep_siblings_apart(self) -> None:
        """Let those wait a day that can and are siblings of a more urgent one, or of one that was answered today."""
        seen = {concept for one in self.old_news for concept in one.concepts}
        waiting = []
        for one in self.today:
            if not seen.isdisjoint(one.concepts) and self._loss_by_waiting(one) is not None:
                waiting.append(one)
            else:
                seen |= one.concepts
        self._keep_out(waiting, Because.SIBLING)

    def keep_to_limits(self, budget: "_Budget") -> None:
        most = self.wishes.reviews_per_day
        if most is not None:
            self._keep_out(self.today[max(0, most - len(self.old_news)) :], Because.REVIEWS)
        self._keep_out([one for one in self.today if not budget.takes(self.pace(one.kind))], Because.MINUTES)

    def choose_new(self, new: Sequence[NewCard], budget: "_Budget") -> list[NewCard]:
        """Return the new cards of today, of different concepts as far as there are such."""
        introduced = [one for one in self.answered if one.is_introduced]
        most = max(0, self.wishes.new_per_day - sum(one.kind == "flashcard" for one in introduced))
        seen = {concept for one in introduced for concept in one.concepts}
        others: list[NewCard] = []
        siblings: list[NewCard] = []
        for one in new:
            (others if seen.isdisjoint(one.concepts) else siblings).append(one)
            seen |= one.concepts
        chosen = {one.question for one in [*others, *siblings][:most]}
        wanted = [one for one in new if one.question in chosen]
        fitting = [one for one in wanted if budget.takes(self.pace(one.kind))]
        late = wanted[len(fitting) :]
        self.left_out += [LeftOut(one.question, one.kind, None, Because.MINUTES) for one in late]
        return fitting

    def in_order(self, new: Sequence[NewCard]) -> Line:
        due_steps = [one for one in self.steps if one.due <= self.now]
        last = due_steps[-1:] or sorted(self.answered, key=lambda one: (one.last_review, one.question))[-1:]
        reviews = apart(self.today, last[0].concepts if last else frozenset())
        before = (reviews or last)[-1:]
        fresh = apart(new, before[0].concepts if before else frozenset())
        soon = self.now + STEP_AHEAD
        ready = [
            *(self._due(one, Why.STEP) for one in due_steps),
            *(self._due(one, self.why[one.question]) for one in reviews),
            *(Due(one.question, one.kind, None, Why.NEW, self.pace(one.kind), one.lesson) for one in fresh),
            *(self._due(one, Why.STEP) for one in self.steps if self.now < one.due <= soon),
        ]
        waiting = [self._due(one, Why.STEP) for one in self.steps if one.due > soon]
        kinds = [one.kind for one in [*self.old_steps, *self.today]] + [one.kind for one in new]
        seconds = self.seconds_done + sum(map(self.pace, kinds))
        return Line(ready, waiting, self.left_out, len(self.answered), seconds)

    @property
    def seconds_done(self) -> int:
        return sum(self.pace(one.kind) for one in self.answered)

    def _due(self, one: Candidate, why: Why) -> Due:
        exam_in = self.exams.get(one.course) if why is Why.EXAM else None
        return Due(one.question, one.kind, one.due, why, self.pace(one.kind), one.lesson, exam_in)


class _Budget:
    """Seconds that are left of the day's minutes; what does not fit ends the day, so that the order stands."""

    def __init__(self, minutes: int | None, spent: int) -> None:
        self._left = None if minutes is None else minutes * 60 - spent
        self._is_over = False

    def takes(self, seconds: int) -> bool:
        if self._left is None:
            return True
        self._is_over = self._is_over or seconds > self._left
        self._left -= 0 if self._is_over else seconds
        return not self._is_over
