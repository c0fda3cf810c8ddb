"""The statistics of a learner in words and pictures: each chart says in its title what it shows, and has a table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from django.utils import formats
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from quizzes.memory.insight import charts, sums
from quizzes.memory.insight.charts import Axes, Bar, Day, Point
from quizzes.memory.insight.reading import History
from quizzes.memory.insight.sums import STABILITY_BOUNDS, Span, Tally
from quizzes.statistics.wording import percent

WEEKS: Final = 26
YEAR_OF_WEEKS: Final = 53
YEAR_OF_MONTHS: Final = 13
ENOUGH: Final = 10
"""A share of fewer reviews says little alone."""


@dataclass(frozen=True, slots=True)
class Chart:
    """`title` states the finding, `sentence` says the rest; `svg` is safe HTML. `rows` of the table, under `head`.

    `keys`: the legend of a heat map, each shade (safe HTML) and from how many reviews on it stands.
    """

    name: str
    title: str
    sentence: str
    svg: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    keys: Sequence[tuple[str, str]] = ()


def number(count: float) -> str:
    return formats.number_format(count, force_grouping=True)


def short(day: date) -> str:
    return formats.date_format(day, pgettext("date format: day and month, short", "M j"))


def full(day: date) -> str:
    return formats.date_format(day, "DATE_FORMAT")


def share(tally: Tally) -> str:
    return "–" if tally.retention is None else percent(tally.retention)


def _cards(count: int) -> str:
    return ngettext("%(count)s card", "%(count)s cards", count) % {"count": number(count)}


def _reviews(count: int) -> str:
    return ngettext("%(count)s review", "%(count)s reviews", count) % {"count": number(count)}


def _minutes(count: int) -> str:
    return ngettext("%(count)s minute", "%(count)s minutes", count) % {"count": number(count)}


# --- the year --------------------------------------------------------------------------------------------------------


def year(history: History, today: date) -> Chart:
    """A square for each day of the last year."""
    days = history.activity.days
    cells = sums.heat_map(days, today, YEAR_OF_WEEKS)
    studied = sum(cell.reviews > 0 for cell in cells)
    reviews = sum(cell.reviews for cell in cells)
    title = ngettext(
        "In the last year you studied on %(count)d day", "In the last year you studied on %(count)d days", studied
    ) % {"count": studied}
    drawn = [Day(cell.week, cell.weekday, cell.level, f"{full(cell.day)}: {_reviews(cell.reviews)}") for cell in cells]
    names = [str(WEEKDAYS_ABBR[day]) if day in {0, 2, 4} else "" for day in range(7)]
    months = [
        (cell.week, formats.date_format(cell.day, "M")) for cell in cells if cell.day.day == 1 and 0 < cell.week < 52
    ]
    bounds = sums.level_bounds(cell.reviews for cell in cells)
    keys = [(charts.legend_square(0), "0")]
    keys += [(charts.legend_square(level), f"{bound}+") for level, bound in enumerate(bounds, start=1)]
    return Chart(
        name="year",
        title=title,
        sentence=_busiest_day(cells, reviews),
        svg=charts.heat_map(drawn, months, names, title),
        head=[_("Month"), _("Days studied"), _("Reviews"), _("Minutes"), _("Recalled")],
        rows=[_month(one) for one in reversed(sums.months(days, today, YEAR_OF_MONTHS))],
        keys=keys,
    )


def _busiest_day(cells: Sequence[sums.Cell], reviews: int) -> str:
    busiest = max(cells, key=lambda cell: cell.reviews)
    if not busiest.reviews:
        return _("Each square is a day. Those on which you review grow and darken.")
    return _("%(reviews)s in all. The day with the most, %(count)s, was %(day)s.") % {
        "reviews": _reviews(reviews),
        "count": number(busiest.reviews),
        "day": full(busiest.day),
    }


def _month(span: Span) -> list[str]:
    name = formats.date_format(span.first, "YEAR_MONTH_FORMAT")
    tally = span.tally
    return [name, str(span.days_studied), number(tally.reviews), number(tally.minutes), share(tally)]


# --- by week ---------------------------------------------------------------------------------------------------------


def retention(history: History, today: date) -> Chart:
    """True retention by week against the one that is wished for."""
    weeks = sums.weeks(history.activity.days, today, WEEKS)
    whole = sum((week.tally for week in weeks), Tally())
    wanted = percent(history.desired_retention)
    points = [
        Point(
            week.tally.retention,
            _("Week of %(day)s: %(share)s of %(reviews)s")
            % {"day": full(week.first), "share": share(week.tally), "reviews": _reviews(week.tally.came_back)},
            *_month_tick(weeks, place),
            is_sure=week.tally.came_back >= ENOUGH,
        )
        for place, week in enumerate(weeks)
    ]
    axes = Axes(_("weeks"), _("recalled"))
    title, sentence = _retention_found(whole, wanted)
    level_name = _("you asked for %(share)s") % {"share": wanted}
    return Chart(
        name="retention",
        title=title,
        sentence=sentence,
        svg=charts.share_chart(points, history.desired_retention, level_name, axes, f"{title}. {sentence}"),
        head=[_("Week of"), _("Came back"), _("Recalled"), _("Share recalled")],
        rows=[
            [full(week.first), number(week.tally.came_back), number(week.tally.recalled), share(week.tally)]
            for week in reversed(weeks)
        ],
    )


def _retention_found(whole: Tally, wanted: str) -> tuple[str, str]:
    if whole.retention is None:
        title = _("Nothing has come back after a day or more yet")
        return title, _("From tomorrow on this shows how much of it you recall; you asked for %(share)s.") % {
            "share": wanted
        }
    title = _("You recalled %(share)s of what came back; you asked for %(wanted)s") % {
        "share": share(whole),
        "wanted": wanted,
    }
    sentence = _(
        "In 26 weeks %(count)s came a day or more after the time before, and %(recalled)s of these were recalled. "
        "Small rings, and triangles at the bottom, are weeks with fewer than 10."
    ) % {"count": _reviews(whole.came_back), "recalled": number(whole.recalled)}
    return title, sentence


def time_spent(history: History, today: date) -> Chart:
    """Minutes by week."""
    weeks = sums.weeks(history.activity.days, today, WEEKS)
    begun = next((place for place, week in enumerate(weeks) if week.tally.reviews), WEEKS - 1)
    minutes = round(sum(week.tally.milliseconds for week in weeks) / 60_000 / (WEEKS - begun))
    title = ngettext(
        "You spend about %(count)s minute a week on reviews",
        "You spend about %(count)s minutes a week on reviews",
        minutes,
    ) % {"count": number(minutes)}
    sentence = _("The time until an answer, at most two minutes for each. This week, not over yet, is darker.")
    bars = [
        Bar(
            week.tally.milliseconds / 60_000,
            f"{full(week.first)}: {_minutes(week.tally.minutes)}, {_reviews(week.tally.reviews)}",
            *_month_tick(weeks, place),
            is_marked=place == WEEKS - 1,
        )
        for place, week in enumerate(weeks)
    ]
    return Chart(
        name="time",
        title=title,
        sentence=sentence,
        svg=charts.bar_chart(bars, Axes(_("weeks"), _("minutes")), f"{title}. {sentence}"),
        head=[_("Week of"), _("Days studied"), _("Reviews"), _("Minutes")],
        rows=[
            [full(week.first), str(week.days_studied), number(week.tally.reviews), number(week.tally.minutes)]
            for week in reversed(weeks)
        ],
    )


def _month_tick(weeks: Sequence[Span], place: int) -> tuple[str, bool]:
    """The name of a month under its first week, every second one dispensable."""
    first = weeks[place].first
    if not place or weeks[place - 1].first.month == first.month:
        return "", False
    return formats.date_format(first, "M"), bool(first.month % 2)


# --- what comes ------------------------------------------------------------------------------------------------------


def upcoming(history: History, today: date) -> Chart:
    """How many cards come back on each of the next days."""
    counts = history.upcoming
    days = [today + timedelta(days=ahead) for ahead in range(len(counts))]
    title = ngettext(
        "%(count)s card comes back in the next 30 days, %(today)s of them today",
        "%(count)s cards come back in the next 30 days, %(today)s of them today",
        sum(counts),
    ) % {"count": number(sum(counts)), "today": number(counts[0])}
    sentence = _("Today has all that is overdue. Cards that you have yet to meet are not foreseen.")
    bars = [
        Bar(
            count,
            f"{full(day)}: {_cards(count)}",
            "" if ahead % 7 else (_("today") if not ahead else short(day)),
            is_fine=ahead % 14 == 7,
            is_marked=not ahead,
        )
        for ahead, (day, count) in enumerate(zip(days, counts, strict=True))
    ]
    return Chart(
        name="upcoming",
        title=title,
        sentence=sentence,
        svg=charts.bar_chart(bars, Axes(_("days"), _("cards")), f"{title}. {sentence}"),
        head=[_("Day"), _("Cards")],
        rows=[[full(day), number(count)] for day, count in zip(days, counts, strict=True)],
    )


# --- what is kept ----------------------------------------------------------------------------------------------------


def stability(history: History, interval: Callable[[float], str]) -> Chart:
    """For how long cards keep. `interval`: so many days in words."""
    middle = sums.median(history.stabilities) or 0.0
    title = _("Half of your cards keep for %(interval)s or longer") % {"interval": interval(middle)}
    sentence = _("Stability is the time after which you would still recall a card nine times in ten.")
    names = [
        _("under %(interval)s") % {"interval": interval(STABILITY_BOUNDS[0])},
        *[
            _("%(interval)s to %(longer)s") % {"interval": interval(begin), "longer": interval(end)}
            for begin, end in pairwise(STABILITY_BOUNDS)
        ],
        _("%(interval)s or longer") % {"interval": interval(STABILITY_BOUNDS[-1])},
    ]
    ticks = ["0", *(f"{bound:g}" for bound in STABILITY_BOUNDS)]
    counts = sums.stability_bins(history.stabilities)
    bars = [
        Bar(count, f"{name}: {_cards(count)}", tick, is_fine=bool(place % 2))
        for place, (count, name, tick) in enumerate(zip(counts, names, ticks, strict=True))
    ]
    return Chart(
        name="stability",
        title=title,
        sentence=sentence,
        svg=charts.bar_chart(bars, Axes(_("stability in days, from"), _("cards")), f"{title}. {sentence}"),
        head=[_("Stability"), _("Cards")],
        rows=[[name, number(count)] for name, count in zip(names, counts, strict=True)],
    )


def difficulty(history: History) -> Chart:
    """How hard cards are for this learner."""
    counts = sums.difficulty_bins(history.difficulties)
    hard, cards = sum(counts[sums.HARD_FROM - 1 :]), sum(counts)
    title = ngettext(
        "%(hard)s of %(count)s card is hard for you", "%(hard)s of %(count)s cards are hard for you", cards
    ) % {"hard": number(hard), "count": number(cards)}
    sentence = _("Difficulty follows from your own answers, 1 easy to 10 hard; 8 and more is darker.")
    bars = [
        Bar(
            count,
            _("Difficulty %(level)d: %(cards)s") % {"level": level, "cards": _cards(count)},
            str(level),
            is_marked=level >= sums.HARD_FROM,
        )
        for level, count in enumerate(counts, start=1)
    ]
    return Chart(
        name="difficulty",
        title=title,
        sentence=sentence,
        svg=charts.bar_chart(bars, Axes(_("difficulty"), _("cards")), f"{title}. {sentence}"),
        head=[_("Difficulty"), _("Cards")],
        rows=[[str(level), number(count)] for level, count in enumerate(counts, start=1)],
    )


def hours(history: History) -> Chart:
    """At what time of the day it is studied."""
    tallies = [history.activity.hours.get(hour, Tally()) for hour in range(24)]
    busiest = max(range(24), key=lambda hour: tallies[hour].reviews)
    title = _("You review most between %(begin)d:00 and %(end)d:00") % {"begin": busiest, "end": busiest + 1}
    sentence = _("By the clock of your time zone, over all your reviews.")
    bars = [
        Bar(
            tally.reviews,
            f"{hour}:00: {_reviews(tally.reviews)}",
            "" if hour % 6 else f"{hour}:00",
            is_marked=hour == busiest,
        )
        for hour, tally in enumerate(tallies)
    ]
    return Chart(
        name="hours",
        title=title,
        sentence=sentence,
        svg=charts.bar_chart(bars, Axes(_("hour of the day"), _("reviews")), f"{title}. {sentence}"),
        head=[_("Hour"), _("Reviews"), _("Recalled")],
        rows=[
            [f"{hour}:00", number(tally.reviews), share(tally)] for hour, tally in enumerate(tallies) if tally.reviews
        ],
    )
