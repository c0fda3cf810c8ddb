"""The only place where memory states are read for folding and written; called by `quizzes.memory.reviews` and, for a
whole question, by `quizzes.regrading`, both within their transactions."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from typing import Any, Final

from django.db.models import QuerySet, UUIDField

from accounts.models import User
from config.prepared import Prepared, PreparedRows, Row, uuid_of
from quizzes.memory.fsrs import Phase, State
from quizzes.models import MemoryState, MemoryStateQuerySet

STATE_FIELDS: Final = State._fields
_PHASES: Final = {phase.value: phase for phase in Phase}
_BATCH: Final = 500


def _columns(rows: MemoryStateQuerySet) -> "QuerySet[MemoryState, tuple[Any, ...]]":
    return rows.order_by().values_list("question_id", *STATE_FIELDS)


_ALL = Prepared(lambda user: _columns(MemoryState.objects.by(user)), user=UUIDField())
_SOME = Prepared(
    lambda user, questions: _columns(MemoryState.objects.by(user).filter(question__id__in=questions)),
    user=UUIDField(),
    questions=UUIDField(),
)
_KEEP = PreparedRows(MemoryState, ["user", "question", *STATE_FIELDS], unique=["user", "question"], update=STATE_FIELDS)


def of_learner(user: User, questions: Sequence[uuid.UUID] | None = None) -> dict[uuid.UUID, State]:
    """Return the states of these questions (of all, if None), by question."""
    rows = _ALL.raw(user=user.pk) if questions is None else _SOME.raw(user=user.pk, questions=list(questions))
    return dict(map(_read, rows))


def _read(row: Row) -> tuple[uuid.UUID, State]:
    """Of a row as it lies in the database: SQLite has texts for ids, and instants of UTC without their zone."""
    question, phase, step, stability, difficulty, due, last_review, reps, lapses, state_hash = row
    if isinstance(question, str):
        question, due, last_review = uuid_of(question), due.replace(tzinfo=UTC), last_review.replace(tzinfo=UTC)
    return question, State(_PHASES[phase], step, stability, difficulty, due, last_review, reps, lapses, state_hash)


def of_question(question: uuid.UUID) -> dict[uuid.UUID, State]:
    """Return everybody's states of a question, by learner."""
    columns = MemoryState.objects.filter(question=question).order_by().values_list("user_id", *STATE_FIELDS)
    return {user: State(Phase(phase), *rest) for user, phase, *rest in columns}


def store(user: User, states: Mapping[uuid.UUID, State | None]) -> None:
    """Bring the cache to these states, by question; None means that nothing counts any more."""
    gone = [question for question, state in states.items() if state is None]
    if gone:
        MemoryState.objects.by(user.pk).filter(question__in=gone).delete()
    _write((user.pk, question, state) for question, state in states.items() if state is not None)


def store_question(question: uuid.UUID, states: Mapping[uuid.UUID, State | None]) -> None:
    """Bring the cache of one question to these states, by learner.

    They are folds of the corrected log, made while no review could be kept (`quizzes.regrading.lock.take_alone`).
    """
    gone = [user for user, state in states.items() if state is None]
    for begin in range(0, len(gone), _BATCH):
        MemoryState.objects.filter(question=question, user__in=gone[begin : begin + _BATCH]).delete()
    _write((user, question, state) for user, state in states.items() if state is not None)


def _write(states: Iterable[tuple[uuid.UUID, uuid.UUID, State]]) -> None:
    """Of learner and question."""
    _KEEP(
        [
            (
                *(user, question, int(state.state), state.step, state.stability, state.difficulty),
                *(state.due, state.last_review, state.reps, state.lapses, state.state_hash),
            )
            for user, question, state in states
        ]
    )
