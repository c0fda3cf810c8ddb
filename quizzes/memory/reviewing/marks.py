"""The only writer of `CardMark`: what a learner does to a card beside reviewing it. Acts in the queue, never in memory.

Each verb is one statement that names only the columns it changes: two devices at once lose nothing of each other's,
and the same twice is the same once. A card without a row has never been marked.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from quizzes.models import CardMark

MAX_NOTE: Final = 2000
"""Characters of a note."""


class NoteChangedError(Exception):
    """Another note has been saved since this one was begun. `mark` is the one that stands."""

    def __init__(self, mark: CardMark) -> None:
        super().__init__("Another note was saved meanwhile.")
        self.mark = mark


def of(user: User, questions: Collection[uuid.UUID]) -> dict[uuid.UUID, CardMark]:
    """Return the marks of these cards, by question; those that have none are left out."""
    return {mark.question_id: mark for mark in CardMark.objects.by(user.pk).filter(question__in=questions)}


def bury(user: User, questions: Iterable[uuid.UUID], *, until: datetime, now: datetime) -> None:
    """Ask these cards not before `until`."""
    _write(user, questions, {"buried_until": until}, now)


def suspend(user: User, questions: Iterable[uuid.UUID], *, now: datetime) -> None:
    """Ask these cards no more until they are taken up again."""
    _write(user, questions, {"suspended_at": now}, now)


def take_up(user: User, questions: Iterable[uuid.UUID], *, now: datetime) -> None:
    """Ask these cards again, whether they were buried or suspended."""
    _write(user, questions, {"buried_until": None, "suspended_at": None}, now)


def note(user: User, question: uuid.UUID, text: str, *, now: datetime, instead_of: str | None = None) -> CardMark:
    """Keep the learner's own words about a card; empty for none. Markdown, at most `MAX_NOTE` characters.

    `instead_of`: the note that was there when the learner began to write. If another one is there by now, nothing is
    written and NoteChangedError holds it; None writes in any case.
    """
    text = text.strip()[:MAX_NOTE]
    with transaction.atomic():
        _write(user, [question], {}, now)  # the row to be locked
        mark = CardMark.objects.select_for_update().by(user.pk).get(question=question)
        if instead_of is not None and mark.note not in {instead_of.strip(), text}:
            raise NoteChangedError(mark)
        mark.note, mark.updated_at = text, now
        mark.save(update_fields=["note", "updated_at"])
    return mark


def keep(
    user: User, question: uuid.UUID, *, buried_until: datetime | None, suspended: bool, note: str, now: datetime
) -> CardMark:
    """Bring the whole mark of a card to this; a card that was suspended already stays so since then."""
    with transaction.atomic():
        _write(user, [question], {"buried_until": buried_until, "note": note.strip()[:MAX_NOTE]}, now)
        mark = CardMark.objects.select_for_update().by(user.pk).get(question=question)
        if suspended != (mark.suspended_at is not None):
            mark.suspended_at = now if suspended else None
            mark.save(update_fields=["suspended_at"])
    return mark


def tell_leech(user: User, question: uuid.UUID, lapses: int, *, now: datetime) -> None:
    """Remember that the learner was told, at so many lapses, that the card is a leech. The number never falls."""
    _write(user, [question], {}, now)
    found = CardMark.objects.by(user.pk).filter(Q(leech_seen__lt=lapses), question=question)
    found.update(leech_seen=lapses)


def _write(user: User, questions: Iterable[uuid.UUID], columns: Mapping[str, Any], now: datetime) -> None:
    """Set these columns of the marks of these cards; the rows are made where there are none."""
    rows = [
        CardMark(user_id=user.pk, question_id=question, updated_at=now, **columns)
        for question in dict.fromkeys(questions)
    ]
    CardMark.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["user", "question"], update_fields=[*columns, "updated_at"]
    )


def is_laid_aside(mark: CardMark | None, now: datetime) -> bool:
    """Whether a card is not asked now because its learner wants so."""
    return mark is not None and (
        mark.suspended_at is not None or (mark.buried_until is not None and mark.buried_until > now)
    )
