"""What the page Plan says and draws, in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.svg import figure
from quizzes.memory.planning.drawing import Axes, Column, exam_chart, legend_key, workload_chart
from quizzes.memory.planning.exams import EXAM_DAYS, Outlook
from quizzes.memory.planning.forms import in_per_cent
from quizzes.memory.planning.outlook import Simulated
from quizzes.memory.planning.workload import DAYS, Workload

COLUMNS: Final = 28
"""More days than this before an exam are drawn by the week."""
_TICKS: Final = 7
_TABLE_STEP: Final = 3


@dataclass(frozen=True)
class WorkloadShown:
    """`rows`: (per cent, reviews, minutes, recall in per cent, whether it is the chosen one)."""

    title: str
    chart: SafeString
    told: str
    rows: Sequence[tuple[str, str, str, str, bool]]
    note: str


@dataclass(frozen=True)
class ExamShown:
    """`short`: what will not fit, empty where all does. `legend`: (key, name). `rows`: (when, reviews, new cards)."""

    title: str
    short: str
    chart: SafeString | None
    legend: Sequence[tuple[SafeString, str]]
    rows: Sequence[tuple[str, str, str]]
    is_by_week: bool
    told: str


def workload(simulated: Simulated, chosen: float) -> WorkloadShown | None:
    """What each desired retention costs, the chosen one (0.7…0.97) marked; None where there is no card."""
    if not simulated.cards:
        return None
    found = simulated.workloads
    now = min(found, key=lambda one: abs(one.retention - chosen))
    points = [(round(one.retention * 100), one.minutes) for one in found]
    here = _("%(per_cent)s %%: %(minutes)s min") % {"per_cent": in_per_cent(chosen), "minutes": _number(now.minutes)}
    told = _("A line that rises from %(low)s minutes a day at 70 %% to %(high)s minutes at 97 %%; you are at %(here)s.")
    told %= {"low": _number(found[0].minutes), "high": _number(found[-1].minutes), "here": here}
    axes = Axes(_("of the cards known when they come back"), _("minutes a day"))
    shown = sorted({*range(0, len(found), _TABLE_STEP), found.index(now), len(found) - 1})
    return WorkloadShown(
        title=_workload_title(now, found[-1]),
        chart=mark_safe(workload_chart(points, chosen * 100, here, axes, told)),
        told=told,
        rows=[_workload_row(found[place], found[place] is now) for place in shown],
        note=_note(simulated),
    )


def _workload_title(now: Workload, most: Workload) -> str:
    text = _("%(now)s %% is about %(reviews)s reviews and %(minutes)s minutes a day; 97 %% would be %(most)s minutes")
    given = {
        "now": round(now.retention * 100),
        "reviews": _number(now.reviews),
        "minutes": _number(now.minutes),
        "most": _number(most.minutes),
    }
    return (text % given).replace(" %", "\N{NO-BREAK SPACE}%")


def _workload_row(one: Workload, is_chosen: bool) -> tuple[str, str, str, str, bool]:
    per_cent = f"{round(one.retention * 100)} %"
    return per_cent, _number(one.reviews), _number(one.minutes), f"{round(one.recall * 100)} %", is_chosen


def _note(simulated: Simulated) -> str:
    values = {"count": simulated.cards, "days": DAYS}
    if simulated.is_own:
        text = ngettext(
            "Simulated for your %(count)d card over the next %(days)d days, new ones included; limits are left out.",
            "Simulated for your %(count)d cards over the next %(days)d days, new ones included; limits are left out.",
            simulated.cards,
        )
    else:
        text = ngettext(
            "You have few cards yet, so this is simulated for the %(count)d card of the courses over %(days)d days.",
            "You have few cards yet, so this is simulated for the %(count)d cards of the courses over %(days)d days.",
            simulated.cards,
        )
    return text % values


def exam(found: Outlook) -> ExamShown:
    """What lies before an exam."""
    columns = _columns(found)
    title, names = _exam_title(found), [(False, _("reviews")), (True, _("new cards"))]
    is_by_week = len(found.days) > COLUMNS
    axes = Axes(_("weeks from now") if is_by_week else _("days from now"), _("cards a day"))
    rows = [(tick, _number(one.reviews), _number(one.new)) for tick, one in columns]
    drawn = [one for _tick, one in columns]
    return ExamShown(
        title=title,
        short=_short(found),
        chart=mark_safe(exam_chart(drawn, axes, title)) if found.cards else None,
        legend=[(mark_safe(legend_key(is_new)), name) for is_new, name in names],
        rows=rows,
        is_by_week=is_by_week,
        told=_exam_told(found),
    )


def _exam_title(found: Outlook) -> str:
    in_days = ngettext("%(days)d day left", "%(days)d days left", found.days_left) % {"days": found.days_left}
    cards = ngettext("%(count)d card to ask", "%(count)d cards to ask", found.cards) % {"count": found.cards}
    return _("%(days)s, %(cards)s") % {"days": in_days, "cards": cards}


def _exam_told(found: Outlook) -> str:
    if not found.cards:
        return _("No card of this course falls due before the exam.")
    text = _("%(new)d of them you have never seen. Without limits it would be %(mean)s cards a day.")
    if found.days_left > EXAM_DAYS:
        text += " " + _("In the last two weeks what would fade by the day of the exam is asked as well.")
    return text % {"new": found.unseen, "mean": _number(found.cards / found.days_left)}


def _short(found: Outlook) -> str:
    """What will not fit, in plain words."""
    text = ngettext(
        "%(short)d of %(cards)d card will not be asked before the exam unless you do %(more)d more a day.",
        "%(short)d of %(cards)d cards will not be asked before the exam unless you do %(more)d more a day.",
        found.cards,
    )
    return text % {"short": found.short, "cards": found.cards, "more": found.more_a_day} if found.short else ""


def _columns(found: Outlook) -> list[tuple[str, Column]]:
    """Days, or weeks where there are many, each with what it is called."""
    width = 7 if len(found.days) > COLUMNS else 1
    parts = [found.days[begin : begin + width] for begin in range(0, len(found.days), width)]
    every = -(-len(parts) // _TICKS)
    columns = []
    for number, part in enumerate(parts):
        reviews = sum(one for one, _new in part) / len(part)
        new = sum(one for _reviews, one in part) / len(part)
        name = _("today") if number == 0 and width == 1 else str(number)
        told = _("%(name)s: %(reviews)s reviews, %(new)s new cards") % {
            "name": name,
            "reviews": _number(reviews),
            "new": _number(new),
        }
        columns.append((name, Column(reviews, new, told, name if number % every == 0 else "")))
    return columns


def _number(value: float) -> str:
    """Whole from 10 on, else with one decimal."""
    return figure(round(value)) if value >= 10 else figure(round(value, 1))
