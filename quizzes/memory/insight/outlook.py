"""What today holds for a learner, and why: for the page Today and the API alike. Reads only.

What is in line, and in which order, is decided in `quizzes.memory.planning`; here it is put into parts, and the first
cards are told with their reasons.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from accounts.models import User
from courses.models import LessonBody, in_locale
from quizzes.memory import fsrs
from quizzes.memory.fsrs import Phase
from quizzes.memory.planning import queue
from quizzes.memory.planning.queue import Day, Due, Why
from quizzes.memory.reviewing import cards, changes
from quizzes.memory.reviewing.cards import Card
from quizzes.models import CardMark

FIRST: Final = 5
"""So many cards are told one by one."""


class Part(StrEnum):
    """What a day consists of, in the order of the line."""

    STEPS = "steps"
    CARDS = "cards"
    QUESTIONS = "questions"
    EXAM = "exam"
    CHANGED = "changed"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Share:
    """How many cards of a part are ready, and about how many seconds they take."""

    part: Part
    cards: int
    seconds: int


@dataclass(frozen=True, slots=True)
class First:
    """One of the first cards in line. `asks`: its question in plain words. `recall`: predicted now, 0…1, None for a
    card in a learning step or a new one; `desired`: what its learner wants. `days_overdue`: study days. `lesson`: the
    title of the lesson a new card is from, "" for a card of one's own. `was_missed`: at the last review."""

    due: Due
    asks: str
    recall: float | None
    desired: float
    days_overdue: int
    lesson: str
    was_missed: bool


@dataclass(frozen=True, slots=True)
class Outlook:
    """`suspended`: how many cards the learner has suspended. `next_due`: when the first card comes back; only where
    nothing is ready."""

    day: Day
    shares: Sequence[Share]
    first: Sequence[First]
    suspended: int
    next_due: datetime | None


def outlook(user: User, *, now: datetime, locale: str) -> Outlook:
    """Return what today holds, in at most eight queries."""
    day = queue.day(user, now, locale=locale)
    suspended = CardMark.objects.by(user.pk).filter(suspended_at__isnull=False, question__archived_at=None).count()
    return Outlook(
        day=day,
        shares=shares_of(day.ready),
        first=_first(user, day, now, locale),
        suspended=suspended,
        next_due=None if day.ready else queue.next_due(user),
    )


def shares_of(ready: Iterable[Due]) -> list[Share]:
    """Return the parts that there is something of. Each card is in exactly one."""
    found: dict[Part, list[Due]] = defaultdict(list)
    for due in ready:
        found[_part(due)].append(due)
    return [Share(part, len(found[part]), sum(due.seconds for due in found[part])) for part in Part if found[part]]


def _part(due: Due) -> Part:
    special = {Why.STEP: Part.STEPS, Why.EXAM: Part.EXAM, Why.CHANGED: Part.CHANGED, Why.NEW: Part.NEW}
    return special.get(due.why) or (Part.CARDS if due.kind == "flashcard" else Part.QUESTIONS)


def _first(user: User, day: Day, now: datetime, locale: str) -> list[First]:
    in_line = {due.question: due for due in day.ready[:FIRST]}
    if not in_line:
        return []
    titles = _titles([due.lesson for due in in_line.values() if due.why is Why.NEW and due.lesson], locale)
    today = queue.calendar(now, user.zone, user.day_start_hour)
    return [
        First(
            due=(due := in_line[card.question.pk]),
            asks=changes.wording(card.texts(locale)),
            recall=_recall(card, now),
            desired=card.terms.desired_retention,
            days_overdue=max(0, -today.day_of(due.due)) if due.due else 0,
            lesson=titles.get(due.lesson, "") if due.lesson else "",
            was_missed=card.state is not None and card.state.state is Phase.RELEARNING,
        )
        for card in cards.load(user, list(in_line), day.plan.plan)
    ]


def _recall(card: Card, now: datetime) -> float | None:
    if card.state is None or card.state.state is not Phase.REVIEW:
        return None
    return fsrs.retrievability(card.state, now, card.terms.weights)


def _titles(lessons: Sequence[uuid.UUID], locale: str) -> Mapping[uuid.UUID, str]:
    """Return the titles of these lessons, in one query where there are any."""
    bodies: dict[uuid.UUID, list[LessonBody]] = defaultdict(list)
    if lessons:
        rows = LessonBody.objects.filter(lesson__in=set(lessons)).select_related("lesson__course")
        for body in rows.defer("markdown", "parts", "contents"):
            bodies[body.lesson_id].append(body)
    found = {pk: in_locale(spoken, locale, spoken[0].lesson.course.fallback) for pk, spoken in bodies.items()}
    return {pk: body.title for pk, body in found.items() if body}
