"""Cards as their pages show them: words for what is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from courses.models import Course, Lesson
from quizzes.bank.presenting import kind_in_words
from quizzes.kinds import KINDS
from quizzes.kinds.base import Html, plain
from quizzes.memory.browsing import drawing as card_drawing
from quizzes.memory.browsing.drawing import Point
from quizzes.memory.browsing.finding import Browsed
from quizzes.memory.browsing.history import Past
from quizzes.memory.browsing.schemas import Shown
from quizzes.memory.fsrs import Phase, Rating
from quizzes.templatetags.memory import interval

_DAY = timedelta(days=1)
_MOST_WORDS = 180


@dataclass(frozen=True)
class ShownCard:
    """`text`: what is asked, in plain words and short; `html`, `back_html`: whole. `marks`: words with their badge."""

    card: Browsed
    text: str
    html: Html
    back_html: Html
    kind: str
    state: str
    recall_percent: int | None
    stability: str
    marks: Sequence[tuple[str, str]]


def shown_card(one: Browsed, locale: str) -> ShownCard:
    texts, asks = one.texts(locale), one.asks(locale)
    text = plain(asks)
    return ShownCard(
        card=one,
        text=text if len(text) <= _MOST_WORDS else f"{text[:_MOST_WORDS].rstrip()}…",
        html=asks,
        back_html=texts.get("back", "") if one.question.kind == "flashcard" else "",
        kind=kind_in_words(one.question.kind),
        state=phase_name(one.state.state if one.state else None),
        recall_percent=None if one.recall is None else round(one.recall * 100),
        stability=interval(timedelta(days=one.state.stability)) if one.state else "",
        marks=_marks(one),
    )


def _marks(one: Browsed) -> list[tuple[str, str]]:
    marks = [
        (one.is_own, _("your own"), ""),
        (one.is_put_away, _("put away"), "badge--warn"),
        (one.suspended_at is not None, _("suspended"), "badge--warn"),
        (one.buried_until is not None, _("rests until tomorrow"), ""),
        (one.is_leech, _("forgotten often"), "badge--bad"),
        (bool(one.note), _("with a note"), ""),
    ]
    return [(words, badge) for holds, words, badge in marks if holds]


def phase_name(phase: Phase | None) -> str:
    return {
        None: pgettext("card", "new"),
        Phase.LEARNING: pgettext("card", "being learned"),
        Phase.REVIEW: pgettext("card", "in review"),
        Phase.RELEARNING: pgettext("card", "being relearned"),
    }[phase]


# --- the form of the list --------------------------------------------------------------------------------------------


def choices(
    shown: Shown, courses: Sequence[tuple[Course, str, Sequence[Lesson]]], locale: str
) -> dict[str, Sequence[Any]]:
    """What can be chosen, each as (value, words, whether it is chosen)."""

    def titled(lesson: Lesson) -> str:
        body = lesson.body(locale)
        return body.title if body else lesson.slug

    return {
        "courses": [(course.slug, title, course.slug == shown.course) for course, title, _lessons in courses],
        "lessons": [
            (title, [(str(lesson.pk), titled(lesson), lesson.pk == shown.lesson) for lesson in lessons])
            for _course, title, lessons in courses
        ],
        "kinds": [(kind, kind_in_words(kind), kind == shown.kind) for kind in KINDS if kind != "challenge"],
        "states": [
            (name, phase_name(phase), name == shown.state)
            for name, phase in [("new", None), *((phase.name.lower(), phase) for phase in Phase)]
        ],
        "onlys": [(name, words, name in shown.only) for name, words in only_names().items()],
        "sorts": [(name, words, name == shown.sort) for name, words in _sorts().items()],
    }


def only_names() -> dict[str, str]:
    return {
        "due": _("due today"),
        "own": _("your own"),
        "leech": _("forgotten often"),
        "changed": _("changed since you last saw them"),
        "note": _("with a note"),
        "suspended": _("suspended"),
        "buried": _("resting until tomorrow"),
        "put_away": _("put away"),
    }


def _sorts() -> dict[str, str]:
    return {
        "due": _("due first"),
        "recall": _("least recall first"),
        "difficulty": _("most difficult first"),
        "stability": _("least stable first"),
        "lapses": _("most lapses first"),
    }


def narrowed_by(shown: Shown) -> int:
    """How many filters hold beside the words."""
    return sum(bool(part) for part in (shown.course, shown.lesson, shown.kind, shown.state)) + len(shown.only)


# --- the history of one card -----------------------------------------------------------------------------------------


def history_rows(past: Sequence[Past]) -> list[dict[str, Any]]:
    """The newest first."""
    return [
        {
            "at": one.at,
            "rating": rating_name(one.rating),
            "is_lapse": one.rating == Rating.AGAIN,
            "source": one.source_label,
            "waited": interval(one.waited) if one.waited is not None else "",
            "next": interval(one.after.due - one.at) if one.after else "",
            "stability": interval(timedelta(days=one.after.stability)) if one.after else "",
            "out": _("taken back") if one.is_undone else "" if one.after else _("does not count"),
        }
        for one in reversed(past)
    ]


def rating_name(rating: int | None) -> str:
    names = {1: _("Again"), 2: _("Hard"), 3: _("Good"), 4: _("Easy")}
    return names.get(rating or 0, "–")


def stability_figure(past: Sequence[Past]) -> dict[str, str] | None:
    """The title, which says what has become of it, and the drawing; None before the second review that counts."""
    counted = [(one.at, one.rating, one.after) for one in past if one.after is not None]
    if len(counted) < 2:
        return None
    first = counted[0][0]
    points = [
        Point(_days(at, first), after.stability, rating == Rating.AGAIN)
        for at, rating, after in counted
        if after is not None
    ]
    was, now = points[0].stability, points[-1].stability
    values = {"was": interval(timedelta(days=was)), "now": interval(timedelta(days=now)), "count": len(points)}
    grown = _("Stability grew from %(was)s to %(now)s") % values
    fallen = _("Stability fell from %(was)s to %(now)s") % values
    title = grown if now >= was else fallen
    told = _("After each of %(count)s reviews: the first left it at %(was)s, the last at %(now)s.") % values
    drawing = card_drawing.stability_chart(points, _("days since the first review"), _("stability in days"), told)
    return {"title": title, "drawing": _drawn(drawing)}


def _drawn(svg: str) -> SafeString:
    """The drawing is made of numbers and escaped words."""
    return mark_safe(svg)


def _days(at: datetime, first: datetime) -> float:
    return (at - first) / _DAY
