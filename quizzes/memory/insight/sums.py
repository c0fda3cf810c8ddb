"""What a learner's reviews add up to: by study day, week, month and hour; how long cards keep, how hard they are.

Pure. What counts, and where:

- *Activity* is every rating that stands: of the daily review, of quizzes, checkpoints, practice and imports. What was
  undone is no activity.
- *True retention* is the share that was recalled (not Again) of the reviews that memory counted and that came a whole
  day or more after the review of the same question before: the same reviews that FSRS is judged by. So an answer in a
  quiz is in it where the learner lets quizzes move memory, and a step of the same day never is.
- Of one answer at most two minutes count as time spent: a page that was left open is no study.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Self, TypeVar
from zoneinfo import ZoneInfo

Line = tuple[str, int, int, int | None, int]
"""One rating that stands: question, at (whole seconds since 1970), rating 1…4, milliseconds to answer (or None), and
whether memory counts it (1 or 0)."""

_QUARTER: Final = 900
"""Seconds. Time zones differ from UTC by whole quarters of an hour: what lies in one lies in one study day."""
_DAY: Final = 86_400
_AGAIN: Final = 1
MOST_MILLISECONDS: Final = 120_000
"""Of one answer."""
LEVELS: Final = 4
"""Shades of a day with reviews in the heat map."""
STABILITY_BOUNDS: Final = (1.0, 3.0, 7.0, 21.0, 60.0, 180.0, 365.0, 730.0)
"""Days: a new bin of the histogram begins at each."""
RECENT_DAYS: Final = 30
HARD_FROM: Final = 8
"""Of difficulties 1…10."""


@dataclass(frozen=True, slots=True)
class Tally:
    """`came_back` after a day or more; of those `recalled`."""

    reviews: int = 0
    milliseconds: int = 0
    came_back: int = 0
    recalled: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.reviews + other.reviews,
            self.milliseconds + other.milliseconds,
            self.came_back + other.came_back,
            self.recalled + other.recalled,
        )

    @property
    def retention(self) -> float | None:
        """The share 0…1 that was recalled; None where nothing came back."""
        return self.recalled / self.came_back if self.came_back else None

    @property
    def minutes(self) -> int:
        return round(self.milliseconds / 60_000)


NOTHING: Final = Tally()


@dataclass(frozen=True, slots=True)
class Calendar:
    """The study days of a learner: a day begins at `day_start_hour` of the clock there."""

    zone: ZoneInfo
    day_start_hour: int

    def local(self, seconds: int) -> datetime:
        """The clock there, so many seconds after 1970."""
        return datetime.fromtimestamp(seconds, self.zone)

    def day_at(self, local: datetime) -> date:
        return local.date() - timedelta(days=1) if local.hour < self.day_start_hour else local.date()

    def day_of(self, seconds: int) -> date:
        return self.day_at(self.local(seconds))


@dataclass(frozen=True, slots=True)
class Activity:
    """Tallies by study day, and by hour of the clock 0…23. Days and hours without a review are not in them."""

    days: Mapping[date, Tally]
    hours: Mapping[int, Tally]

    @classmethod
    def of(cls, lines: Iterable[Line], calendar: Calendar) -> Self:
        """`lines` in any order: it makes no difference."""
        days: dict[date, list[int]] = {}
        hours: dict[int, list[int]] = {}
        for quarter, sums in _by_quarter(lines).items():
            local = calendar.local(quarter * _QUARTER)
            _add(days, calendar.day_at(local), sums)
            _add(hours, local.hour, sums)
        return cls(_tallies(days), _tallies(hours))

    def between(self, first: date, last: date) -> Tally:
        """Both included."""
        return sum((tally for day, tally in self.days.items() if first <= day <= last), NOTHING)

    @property
    def all(self) -> Tally:
        return sum(self.days.values(), NOTHING)


def _by_quarter(lines: Iterable[Line]) -> dict[int, list[int]]:
    """The four numbers of a `Tally` by quarters of an hour since 1970. Only here every review is looked at.

    A moment and its rating are one number (8 · seconds + rating): the order is that of the log, and of one second
    Again comes first.
    """
    found: dict[int, list[int]] = {}
    counted: defaultdict[str, list[int]] = defaultdict(list)
    for question, at, rating, milliseconds, counts in lines:
        sums = found.get(at // _QUARTER)
        if sums is None:
            sums = found[at // _QUARTER] = [0, 0, 0, 0]
        sums[0] += 1
        if milliseconds:
            sums[1] += milliseconds if milliseconds < MOST_MILLISECONDS else MOST_MILLISECONDS
        if counts:
            counted[question].append(at * 8 + rating)
    for log in counted.values():
        log.sort()
        before = log[0] // 8
        for packed in log:
            at, rating = divmod(packed, 8)
            if at - before >= _DAY:
                sums = found[at // _QUARTER]
                sums[2] += 1
                sums[3] += rating != _AGAIN
            before = at
    return found


Key = TypeVar("Key", date, int)


def _add(found: dict[Key, list[int]], key: Key, sums: Sequence[int]) -> None:
    standing = found.get(key)
    if standing is None:
        found[key] = list(sums)
    else:
        for place, number in enumerate(sums):
            standing[place] += number


def _tallies(found: Mapping[Key, list[int]]) -> dict[Key, Tally]:
    return {key: Tally(*sums) for key, sums in sorted(found.items())}


@dataclass(frozen=True, slots=True)
class Span:
    """A week or a month, by its first day."""

    first: date
    tally: Tally
    days_studied: int


def weeks(days: Mapping[date, Tally], today: date, count: int) -> list[Span]:
    """The last `count` weeks, Monday to Sunday, the one of `today` last; empty ones included."""
    this_week = monday(today)
    firsts = [this_week - timedelta(weeks=back) for back in range(count - 1, -1, -1)]
    return _spans(days, firsts, monday)


def months(days: Mapping[date, Tally], today: date, count: int) -> list[Span]:
    """The last `count` months, the one of `today` last; empty ones included."""
    number = today.year * 12 + today.month - 1
    firsts = [date((number - back) // 12, (number - back) % 12 + 1, 1) for back in range(count - 1, -1, -1)]
    return _spans(days, firsts, lambda day: day.replace(day=1))


def _spans(days: Mapping[date, Tally], firsts: Sequence[date], first_of: Callable[[date], date]) -> list[Span]:
    tallies: defaultdict[date, Tally] = defaultdict(Tally)
    studied: Counter[date] = Counter()
    for day, tally in days.items():
        tallies[first_of(day)] += tally
        studied[first_of(day)] += 1
    return [Span(first, tallies[first], studied[first]) for first in firsts]


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True, slots=True)
class Rhythm:
    """On how many of the last 30 study days, today among them, something was reviewed; the longest run of days in a
    row, ever, and how long the one is that has not ended. A run that today can still go on has not ended."""

    of_last_30: int
    longest_run: int
    current_run: int


def rhythm(days: Iterable[date], today: date) -> Rhythm:
    ordered = sorted({day for day in days if day <= today})
    longest = run = 0
    before: date | None = None
    for day in ordered:
        run = run + 1 if before is not None and day - before == timedelta(days=1) else 1
        longest, before = max(longest, run), day
    goes_on = before is not None and today - before <= timedelta(days=1)
    recent = sum(day > today - timedelta(days=RECENT_DAYS) for day in ordered)
    return Rhythm(recent, longest, run if goes_on else 0)


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of the heat map: which week (0 the oldest), which weekday (0 Monday), how dark (0 none … 4)."""

    day: date
    week: int
    weekday: int
    reviews: int
    level: int


def heat_map(days: Mapping[date, Tally], today: date, weeks_shown: int) -> list[Cell]:
    """The last weeks up to today, day by day."""
    first = monday(today) - timedelta(weeks=weeks_shown - 1)
    shown = [first + timedelta(days=number) for number in range((today - first).days + 1)]
    counts = [days.get(day, NOTHING).reviews for day in shown]
    bounds = level_bounds(counts)
    return [
        Cell(day, number // 7, number % 7, count, bisect_right(bounds, count) if count else 0)
        for number, (day, count) in enumerate(zip(shown, counts, strict=True))
    ]


def level_bounds(counts: Iterable[int]) -> list[int]:
    """From how many reviews each level begins, the first at 1: quarters of the days that have any, so that one day of
    cramming does not make all others pale. At most `LEVELS`, all different."""
    busy = sorted(count for count in counts if count)
    if not busy:
        return [1]
    quarters = {busy[len(busy) * part // LEVELS] for part in range(1, LEVELS)}
    return [1, *sorted(bound for bound in quarters if bound > 1)]


def stability_bins(stabilities: Iterable[float]) -> list[int]:
    """How many lie below the first of `STABILITY_BOUNDS`, from it to the next, …, from the last on."""
    found = Counter(bisect_right(STABILITY_BOUNDS, stability) for stability in stabilities)
    return [found[number] for number in range(len(STABILITY_BOUNDS) + 1)]


def difficulty_bins(difficulties: Iterable[float]) -> list[int]:
    """How many are nearest to 1, 2, …, 10; what lies beyond an end counts there."""
    found = Counter(min(max(int(difficulty + 0.5), 1), 10) for difficulty in difficulties)
    return [found[number] for number in range(1, 11)]


def median(values: Iterable[float]) -> float | None:
    ordered = sorted(values)
    if not ordered:
        return None
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def load(dues: Iterable[int], calendar: Calendar, today: date, days: int) -> list[int]:
    """How many of these moments (seconds since 1970) fall on each of the next study days; overdue ones are today's."""
    found: Counter[int] = Counter()
    quarters = Counter(due // _QUARTER for due in dues)
    for quarter, count in quarters.items():
        found[max(0, (calendar.day_of(quarter * _QUARTER) - today).days)] += count
    return [found[number] for number in range(days)]
