"""Today in words: what the day consists of, why a card is asked now, and why others are not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from quizzes.memory.insight.outlook import First, Outlook, Part, Share
from quizzes.memory.planning.queue import Because, Day, Why
from quizzes.statistics.wording import percent


@dataclass(frozen=True, slots=True)
class Told:
    """A number of cards and what they are. `minutes`: about, rounded up."""

    name: str
    cards: int
    words: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Asked:
    """One of the first cards: its question, and why it is asked now."""

    asks: str
    reasons: Sequence[str]


def parts(shares: Sequence[Share]) -> list[Told]:
    return [Told(one.part.value, one.cards, _part(one), -(-one.seconds // 60)) for one in shares]


def _part(share: Share) -> str:
    count = share.cards
    texts = {
        Part.STEPS: ngettext("learning step that is due", "learning steps that are due", count),
        Part.CARDS: ngettext("card that comes back", "cards that come back", count),
        Part.QUESTIONS: ngettext("question of a lesson or quiz", "questions of lessons and quizzes", count),
        Part.EXAM: ngettext("card for your exam", "cards for your exam", count),
        Part.CHANGED: ngettext("card whose text has changed", "cards whose text has changed", count),
        Part.NEW: ngettext("new card", "new cards", count),
    }
    return texts[share.part]


def first(cards: Sequence[First]) -> list[Asked]:
    return [Asked(one.asks, [text for text in (_why(one), _predicted(one)) if text]) for one in cards]


def _why(one: First) -> str:
    if one.due.why is Why.NEW:
        return _("new from “%(lesson)s”") % {"lesson": one.lesson} if one.lesson else _("a new card of your own")
    if one.due.why is Why.EXAM and one.due.exam_in is not None:
        return ngettext("exam in %(count)d day", "exam in %(count)d days", one.due.exam_in) % {"count": one.due.exam_in}
    texts = {
        Why.STEP: _("missed the last time") if one.was_missed else _("next step of learning"),
        Why.CHANGED: _("its text has changed"),
        Why.EARLY: _("a little early, so that other days stay even"),
    }
    return texts.get(one.due.why) or _overdue(one.days_overdue)


def _overdue(days: int) -> str:
    if not days:
        return _("due today")
    return ngettext("due %(count)d day ago", "due %(count)d days ago", days) % {"count": days}


def _predicted(one: First) -> str:
    if one.recall is None:
        return ""
    return _("predicted recall %(recall)s, you want %(desired)s") % {
        "recall": percent(one.recall),
        "desired": percent(one.desired),
    }


def left_out(found: Outlook) -> list[str]:
    """Why what could be asked today is not, one sentence for each reason."""
    counts = found.day.left_out_by
    texts = [_because(because, count, found.day) for because, count in counts.items()]
    if found.suspended:
        texts.append(
            ngettext(
                "%(count)d card is suspended: it comes when you take it up again.",
                "%(count)d cards are suspended: they come when you take them up again.",
                found.suspended,
            )
            % {"count": found.suspended}
        )
    return texts


def _because(because: Because, count: int, day: Day) -> str:
    wishes = day.plan.wishes
    texts = {
        Because.REVIEWS: ngettext(
            "%(count)d review waits: you want at most %(most)d a day.",
            "%(count)d reviews wait: you want at most %(most)d a day.",
            count,
        ),
        Because.MINUTES: ngettext(
            "%(count)d card waits: the %(minutes)d min you have set are full.",
            "%(count)d cards wait: the %(minutes)d min you have set are full.",
            count,
        ),
        Because.EVEN: _even(count, day),
        Because.SIBLING: ngettext(
            "%(count)d card waits because another one of today asks about the same idea.",
            "%(count)d cards wait because others of today ask about the same ideas.",
            count,
        ),
        Because.BURIED: ngettext("%(count)d card was put off by you.", "%(count)d cards were put off by you.", count),
    }
    given = {"count": count, "most": wishes.reviews_per_day or 0, "minutes": wishes.minutes_per_day or 0}
    return texts[because] % given


def _even(count: int, day: Day) -> str:
    if day.plan.wishes.easy_days.get(weekday_of(day), 1.0) < 1:
        return ngettext(
            "%(count)d review waits: today is one of your easy days.",
            "%(count)d reviews wait: today is one of your easy days.",
            count,
        )
    return ngettext(
        "%(count)d review can wait for a quieter day at almost no loss.",
        "%(count)d reviews can wait for a quieter day at almost no loss.",
        count,
    )


def weekday_of(day: Day) -> int:
    return day.begin.weekday()


def later(day: Day) -> tuple[datetime, datetime] | None:
    """When the first and the last of the steps come that wait for later today."""
    dues = [one.due for one in day.waiting if one.due]
    return (min(dues), max(dues)) if dues else None
