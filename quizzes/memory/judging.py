"""What an item of a batch says about memory, and whether it is kept. Reads only.

An item is judged by itself, by its question and by what is in the log already, never by when or in what order it
arrives: a review from before its question was archived is kept however late it comes.
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db.models import IntegerField, Q, UUIDField

from config.prepared import Prepared, Row, uuid_of
from quizzes import grading
from quizzes.kinds import Body, Refused
from quizzes.memory import fsrs
from quizzes.memory.items import Result, ReviewItem, rejected
from quizzes.memory.log import Kept
from quizzes.models import Question, QuestionVersion

_COLUMNS = ("id", "kind", "current_id", "archived_at")
_ASKED = Prepared(
    lambda user, ids: (
        Question.every.filter(Q(owner=None) | Q(owner=user), id__in=ids, current__isnull=False)
        .order_by()
        .values_list(*_COLUMNS)
    ),
    user=UUIDField(),
    ids=UUIDField(),
)
_NUMBERED = Prepared(
    lambda questions, numbers: (
        QuestionVersion.objects.filter(question__id__in=questions, number__in=numbers)
        .order_by()
        .values_list("question_id", "number", "id")
    ),
    questions=UUIDField(),
    numbers=IntegerField(),
)


class Judged(NamedTuple):
    """An item that will be kept, with what it says about memory."""

    item: ReviewItem
    version_id: int | None
    rating: int | None
    score: float | None = None


class Questions:
    """The questions of a batch that a learner may be asked, and the versions its items name; bodies only where there is
    to grade."""

    def __init__(self, user: uuid.UUID, items: Sequence[ReviewItem]) -> None:
        ids = {item.question for item in items}
        self._found = dict(map(_read, _ASKED.raw(user=user, ids=list(ids)))) if ids else {}
        self._numbered = _numbered({(item.question, item.version) for item in items if item.version is not None})
        graded = {self.find(item) for item in items if item.response is not None}
        bodies = [version for _, version in graded if version is not None]
        self._bodies = QuestionVersion.objects.in_bulk(bodies) if bodies else {}

    def find(self, item: ReviewItem) -> tuple[str | None, int | None]:
        """Return the kind of the question and the version that was answered; None where there is no such one, or none
        any more for this item."""
        found = self._found.get(item.question)
        if found is None:
            return None, None
        kind, current, archived_at = found
        if archived_at is not None and item.undoes is None and item.occurred_at >= archived_at:
            return None, None
        return kind, current if item.version is None else self._numbered.get((item.question, item.version))

    def body(self, version_id: int) -> Body:
        return self._bodies[version_id].parsed


def _read(row: Row) -> tuple[uuid.UUID, tuple[str, int, datetime | None]]:
    """Of a row as it lies in the database: SQLite has texts for ids, and instants of UTC without their zone."""
    question, kind, current, archived_at = row
    if isinstance(question, str):
        question, archived_at = uuid_of(question), archived_at and archived_at.replace(tzinfo=UTC)
    return question, (kind, current, archived_at)


def _numbered(named: Collection[tuple[uuid.UUID, int]]) -> dict[tuple[uuid.UUID, int], int]:
    if not named:
        return {}
    rows = _NUMBERED(questions=list({question for question, _ in named}), numbers=list({number for _, number in named}))
    return {(question, number): pk for question, number, pk in rows}


def judge(item: ReviewItem, questions: Questions, target: Kept | None) -> Judged | Result:
    """Return what is to be kept, or why not; `target` is the review that an undo names, where it is here."""
    kind, version = questions.find(item)
    if kind is None:
        return rejected(item.id, "/question", "unknown_question", "There is no such question.")
    if version is None:
        return rejected(item.id, "/version", "unknown_version", "The question has no such version.")
    if item.undoes is not None:
        return _judge_undo(item, target)
    if item.rating is not None:
        return _judge_rating(item, kind, version)
    return _judge_response(item, questions.body(version), version)


def _judge_undo(item: ReviewItem, target: Kept | None) -> Judged | Result:
    if target is not None and target.undoes is not None:
        return rejected(item.id, "/undoes", "undo_of_undo", "An undo cannot be undone.")
    if target is not None and target.question != item.question:
        return rejected(item.id, "/undoes", "other_question", "The review to undo is of another question.")
    return Judged(item, None, None)


def _judge_rating(item: ReviewItem, kind: str, version: int) -> Judged | Result:
    if kind != "flashcard":
        detail = "This kind of question is graded here and needs a response."
        return rejected(item.id, "/rating", "response_needed", detail)
    return Judged(item, version, item.rating)


def _judge_response(item: ReviewItem, body: Body, version: int) -> Judged | Result:
    graded: Any = grading.grade(body, item.response)
    if isinstance(graded, Refused):
        return rejected(item.id, f"/response{graded.pointer}", graded.code, graded.detail)
    return Judged(item, version, int(fsrs.rating_of_score(graded.score)), graded.score)
