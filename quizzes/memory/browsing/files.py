"""A learner's cards from a file, and into one. What an import would do is said before it is done.

A row is known by its id, or by its front where it has none: the same file again changes nothing. An id that is no own
card's names one that is made of it, so that a file from a friend, or from another Engram, makes cards of one's own.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from django.utils.translation import gettext as _

from accounts.models import User
from courses.models import Course
from quizzes.kinds.base import plain
from quizzes.memory.browsing import finding, own_cards, tables
from quizzes.memory.browsing.finding import Browsed
from quizzes.memory.browsing.own_cards import CardTextError, Kept, OwnCard
from quizzes.memory.browsing.schemas import Shown
from quizzes.memory.browsing.tables import CardRow, Format
from quizzes.models import Question

MOST_ROWS: Final = 50_000
OWN: Final = ("id", "front", "back", "course")
WITH_MEMORY: Final = (
    *("id", "kind", "own", "course", "front", "back", "state", "due", "stability days", "difficulty", "recall now"),
    *("reviews", "lapses", "suspended", "buried until", "note"),
)


@dataclass(frozen=True, slots=True)
class Planned:
    """What an import would do with one row. `why`: for what is refused, in the learner's language."""

    row: CardRow
    status: Literal["created", "changed", "same", "refused"]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Planning:
    planned: Sequence[Planned]
    cards: Sequence[OwnCard]

    def count(self, status: str) -> int:
        return sum(one.status == status for one in self.planned)


def plan(user: User, rows: Sequence[CardRow]) -> Planning:
    """Return what importing these rows would do, in their order. Raises TooManyCardsError."""
    own, of_courses = _known(user, rows)
    cards: dict[int, OwnCard] = {}
    lines: dict[uuid.UUID, int] = {}
    refused: dict[int, str] = {}
    for row in rows:
        card = OwnCard(_id(user, row, own), row.front, row.back)
        if why := _fault(card, row, of_courses, lines):
            refused[row.line] = why
        else:
            cards[row.line], lines[card.id] = card, row.line
    statuses = own_cards.compare(user, list(cards.values()))
    planned = [
        Planned(row, "refused", refused[row.line])
        if row.line in refused
        else Planned(row, statuses[cards[row.line].id])
        for row in rows
    ]
    return Planning(planned, list(cards.values()))


def import_rows(user: User, course: Course, rows: Sequence[CardRow], *, now: datetime) -> tuple[Planning, list[Kept]]:
    """Do what `plan` says now; what is refused stays out. Raises TooManyCardsError, and then nothing is kept."""
    planning = plan(user, rows)
    return planning, own_cards.keep(user, course, planning.cards, now=now)


def _known(user: User, rows: Sequence[CardRow]) -> tuple[set[uuid.UUID], set[uuid.UUID]]:
    """Which ids in the file are own cards', and which are those of a course's questions."""
    ids = {found for row in rows if (found := _uuid(row.id))}
    own = set(Question.every.filter(owner=user).order_by().values_list("pk", flat=True)) & ids if ids else set()
    others, of_courses = list(ids - own), set()
    for begin in range(0, len(others), 500):
        some = Question.objects.filter(pk__in=others[begin : begin + 500])
        of_courses |= set(some.order_by().values_list("pk", flat=True))
    return own, of_courses


def _id(user: User, row: CardRow, own: set[uuid.UUID]) -> uuid.UUID:
    found = _uuid(row.id)
    if found is not None and found in own:
        return found
    return uuid.uuid5(user.pk, f"id/{row.id}" if row.id else f"front/{row.front}")


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None


def _fault(card: OwnCard, row: CardRow, of_courses: set[uuid.UUID], lines: dict[uuid.UUID, int]) -> str:
    if _uuid(row.id) in of_courses:
        return _("This is a card of a course. It is yours to review already.")
    if card.id in lines:
        return _("The same card stands in line %(line)s. Give it an id of its own to keep both.") % {
            "line": lines[card.id]
        }
    try:
        own_cards.body_of(card.front, card.back)
    except CardTextError as fault:
        return text_fault(fault)
    return ""


def text_fault(fault: CardTextError) -> str:
    """Return what is wrong with a text, in the learner's language."""
    return {
        ("front", "missing"): _("The front is empty."),
        ("back", "missing"): _("The back is empty."),
        ("front", "too_long"): _("The front is longer than 10,000 characters."),
        ("back", "too_long"): _("The back is longer than 10,000 characters."),
    }.get((fault.side, fault.code), _("A character in it cannot be kept."))


# --- out -------------------------------------------------------------------------------------------------------------


def export(user: User, shown: Shown, file_format: Format, locale: str, *, with_memory: bool, now: datetime) -> bytes:
    """Return a file of the cards that are wanted: with what is remembered of each, or as `plan` reads it again."""
    if not with_memory:
        shown = shown.model_copy(update={"only": [*dict.fromkeys([*shown.only, "own"])]})
    cards = finding.all_of(user, shown, MOST_ROWS, now=now)
    headings = WITH_MEMORY if with_memory else OWN
    rows = [_cells(one, locale) for one in cards]
    return tables.write(headings, [[row[heading] for heading in headings] for row in rows], file_format)


def _cells(one: Browsed, locale: str) -> dict[str, str]:
    state, question = one.state, one.question
    return {
        "id": str(question.pk),
        "kind": question.kind,
        "own": "yes" if one.is_own else "no",
        "course": question.course.slug,
        **_sides(one, locale),
        "state": state.state.name.lower() if state else "new",
        "due": state.due.isoformat(timespec="seconds") if state else "",
        "stability days": _number(state.stability) if state else "",
        "difficulty": _number(state.difficulty) if state else "",
        "recall now": _number(one.recall) if one.recall is not None else "",
        "reviews": str(state.reps) if state else "",
        "lapses": str(state.lapses) if state else "",
        "suspended": "yes" if one.suspended_at else "no",
        "buried until": one.buried_until.isoformat(timespec="seconds") if one.buried_until else "",
        "note": one.note,
    }


def _sides(one: Browsed, locale: str) -> dict[str, str]:
    """Own cards as they were written; of others what is asked, and the back of a flashcard, as plain text."""
    if one.is_own:
        written = one.written()
        return {"front": written["front"], "back": written["back"]}
    texts = one.texts(locale)
    return {
        "front": plain(one.asks(locale)),
        "back": plain(texts["back"]) if one.question.kind == "flashcard" else "",
    }


def _number(value: float) -> str:
    return f"{value:.4g}"
