"""The log of reviews: the only place where its rows are written, and where they are read for folding.

Called by `quizzes.memory.reviews` within its transactions, while the learner is locked. Nothing is ever changed here.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from django.db import connection
from django.db.models import BigIntegerField, BinaryField, Func, Max, QuerySet, TextField, UUIDField, Value
from django.db.models.functions import Cast

from config.prepared import Prepared, PreparedRows
from quizzes.memory.fsrs import Line, micros
from quizzes.models import Review
from quizzes.regrading import lock


class Kept(NamedTuple):
    """A review in the log: what tells it from another with its id, and what it says about memory."""

    id: uuid.UUID
    question: uuid.UUID
    source: str
    rating: int | None
    effective_at: datetime
    occurred_at: datetime
    undoes: uuid.UUID | None
    score: float | None
    body_hash: str

    @property
    def line(self) -> Line:
        assert self.rating is not None
        at = micros(self.effective_at)
        return at, at if self.occurred_at == self.effective_at else micros(self.occurred_at), self.id.bytes, self.rating


class Fresh(NamedTuple):
    """A review that is to be kept, with what is kept of it beside."""

    kept: Kept
    version_id: int | None
    response: Any
    elapsed_ms: int | None


_KEPT: Final = (
    *("review_id", "question_id", "source", "rating", "effective_at", "occurred_at"),
    *("undoes", "score", "body_hash"),
)
_BESIDE: Final = ("version_id", "response", "elapsed_ms", "user_id", "received_at", "sequence")
# A constant to group by: one row, as of an `aggregate`.
_LAST = Prepared(
    lambda user: (
        Review.objects.by(user)
        .order_by()
        .annotate(all=Value(1))
        .values("all")
        .annotate(last=Max("sequence"), **lock.sharing())
        .values_list("last", *lock.sharing())
    ),
    user=UUIDField(),
)
_REVIEWS = Prepared(
    lambda user, ids: Review.objects.by(user).filter(review_id__in=ids).order_by().values_list(*_KEPT),
    user=UUIDField(),
    ids=UUIDField(),
)
_ANY_UNDO = Prepared(
    lambda user: Review.objects.by(user).filter(undoes__isnull=False).order_by().values_list("pk")[:1],
    user=UUIDField(),
)
_UNDOINGS = Prepared(
    lambda user, ids: Review.objects.by(user).filter(undoes__in=ids).order_by().values_list(*_KEPT),
    user=UUIDField(),
    ids=UUIDField(),
)


def _folded(rows: QuerySet[Review]) -> "QuerySet[Review, tuple[Any, ...]]":
    """As the driver gives it soonest. SQLite keeps ids as hexadecimal digits, and instants as texts of which most need
    to be read only once for both; PostgreSQL makes bytes and microseconds of them."""
    if connection.vendor == "sqlite":
        moments = [Cast(name, TextField()) for name in ("effective_at", "occurred_at")]
        return rows.order_by().values_list("question_id", "source", "review_id", "rating", *moments, "undoes")
    micros_of = [_Micros(name) for name in ("effective_at", "occurred_at")]
    question = Cast("question_id", TextField())
    return rows.order_by().values_list(question, "source", _Bytes("review_id"), "rating", *micros_of, _Bytes("undoes"))


class _Micros(Func):
    template = "(extract(epoch FROM %(expressions)s) * 1000000)::bigint"
    output_field = BigIntegerField()


class _Bytes(Func):
    function = "uuid_send"
    output_field = BinaryField()


_ALL = Prepared(lambda user: _folded(Review.objects.by(user)), user=UUIDField())
_SOME = Prepared(
    lambda user, questions: _folded(Review.objects.by(user).filter(question__id__in=questions)),
    user=UUIDField(),
    questions=UUIDField(),
)
_KEEP = PreparedRows(Review, [*_KEPT, *_BESIDE])


def last_sequence(user: uuid.UUID) -> int:
    """Return the last sequence number that was given to the learner, 0 before the first.

    No decision about a question is applied before this transaction ends.
    """
    ((last, *_),) = _LAST(user=user)
    return last or 0


def known(user: uuid.UUID, ids: Collection[uuid.UUID], undone: Collection[uuid.UUID]) -> dict[uuid.UUID, Kept]:
    """Return what is kept under these ids and those that are undone, and the undos that wait for the former."""
    if not ids:
        return {}
    rows = _REVIEWS(user=user, ids=[*ids, *undone])
    if _ANY_UNDO(user=user):  # of most learners there is none
        rows += _UNDOINGS(user=user, ids=list(ids))
    return {row[0]: Kept(*row) for row in rows}


def append(user: uuid.UUID, fresh: Iterable[Fresh], *, after: int, now: datetime) -> None:
    """Write the reviews, received now, numbered from `after` + 1. IntegrityError where one of these ids is kept."""
    _KEEP(
        [
            (*kept, version, response, elapsed_ms, user, now, sequence)
            for sequence, (kept, version, response, elapsed_ms) in enumerate(fresh, after + 1)
        ]
    )


def models_of(user: uuid.UUID, ids: Collection[uuid.UUID]) -> list[Review]:
    """Return these reviews, in the order in which they came."""
    return list(Review.objects.by(user).filter(review_id__in=ids).order_by("sequence"))


_AS_THEY_ARE: Final[tuple[Callable[[Any], bytes], Callable[[Any], int], str]] = (bytes, int, "bytes")


def lines(
    user: uuid.UUID,
    questions: Sequence[uuid.UUID] | None,
    corrected: Mapping[uuid.UUID, int | None],
    left_out: Collection[str],
) -> dict[uuid.UUID, list[Line]]:
    """Return the ratings that count, by question, of these questions (of all, if None); no line where none counts.

    `corrected`: ratings that hold instead, None for none. `left_out`: sources that do not count. Columns are read as
    they lie in the database: 3 µs a review.
    """
    rows = _ALL.raw(user=user) if questions is None else _SOME.raw(user=user, questions=list(questions))
    as_bytes, as_micros, name = (bytes.fromhex, _micros, "hex") if connection.vendor == "sqlite" else _AS_THEY_ARE
    instead = {getattr(id_, name): rating for id_, rating in corrected.items()}
    found: dict[Any, list[Line]] = defaultdict(list)
    undone: dict[Any, set[bytes]] = defaultdict(set)
    for question, source, id_, given, effective, occurred, undoes in rows:
        of_question = found[question]
        if undoes is not None:
            undone[question].add(as_bytes(undoes))
        rating = instead.get(id_, given) if instead else given
        if rating is None or source in left_out:
            continue
        at = as_micros(effective)
        of_question.append((at, at if occurred == effective else as_micros(occurred), as_bytes(id_), rating))
    for question, ids in undone.items():
        found[question] = [line for line in found[question] if line[2] not in ids]
    return {uuid.UUID(question): of_question for question, of_question in found.items()}


def _micros(text: str) -> int:
    """Of an instant as SQLite keeps it, in UTC."""
    return micros(datetime.fromisoformat(text).replace(tzinfo=UTC))
