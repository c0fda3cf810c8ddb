"""The data sets of the lab: rows made of a learner's log, kept as tables of the sandbox; and the runs on them.

A table never changes, the log grows. So what is shown is the newest table together with the log as it was received
when that table was made: FSRS and every network are judged by the same rows. Where the log says something else by now
(an instructor corrected an answer, quizzes no longer count), the rows of today are shown, and no table has them yet.
"""

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple

from django.db.models import F, FloatField, Min
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils.translation import gettext, ngettext

from accounts.models import User
from quizzes.memory import plans
from quizzes.memory.fsrs import DEFAULT_WEIGHTS, Entry, Weights
from quizzes.memory.lab import rows
from quizzes.memory.lab.rows import Example, Why
from quizzes.memory.lab.simulated import simulated_logs
from quizzes.memory.plans import Plan
from quizzes.models import Question, Review
from quizzes.regrading import standing as regrade_standing
from sandbox import access, uploads
from sandbox.models import ACTIVE, Event, Run, Table
from sandbox.wording import readable

Memory = Literal["own", "simulated"]

KEPT: Final = 3
"""So many of a learner's tables stay; of older ones the runs stay as they are."""
MOST_RUNS: Final = 20


class NotEnoughError(Exception):
    """There are too few rows, or nothing to tell apart in them."""


@dataclass(frozen=True)
class LabSet:
    """`table` holds exactly these rows, if there is one. `newer`: lines of the log that came after it was made."""

    memory: Memory
    examples: Sequence[Example]
    has_own_weights: bool = False
    table: Table | None = None
    newer: int = 0

    @property
    def can_be_trained_on(self) -> bool:
        return rows.can_be_trained_on(self.examples)


@dataclass(frozen=True)
class LabRun:
    """A run that ended. `log_loss` is that of its best epoch; None where `why` says that it cannot be compared."""

    run: Run
    log_loss: float | None
    why: Why


class _Line(NamedTuple):
    """One line of the log, as it counts for this learner."""

    question: uuid.UUID
    received_at: datetime
    entry: Entry


# --- what there is ---------------------------------------------------------------------------------------------------


def of_learner(user: User, memory: Memory = "own") -> LabSet:
    tables = _tables(user, memory)
    if memory == "simulated":
        return LabSet(memory, _simulated(), table=tables.get(_digest(_simulated())))
    plan = plans.plan_of(user)
    lines = _log(user, plan)
    weights = _weights(plan, lines)
    if newest := next(iter(tables.values()), None):
        then = [line for line in lines if line.received_at <= newest.created_at]
        examples = _examples(then, weights)
        if _digest(examples) == newest.sha256:
            return LabSet(memory, examples, bool(weights), newest, len(lines) - len(then))
    examples = _examples(lines, weights)
    return LabSet(memory, examples, bool(weights), tables.get(_digest(examples)))


def runs_on(user: User, table: Table) -> list[LabRun]:
    """The newest runs on this table that have ended, with the log-loss of their best epoch. Two queries."""
    ended = access.runs_of(user).filter(spec__data__table=str(table.pk)).exclude(status__in=ACTIVE)
    runs = list(ended.newest_first().select_related("preset")[:MOST_RUNS])
    of_attempt = Event.objects.filter(run__in=runs, kind=Event.EPOCH, attempt=F("run__attempt")).order_by()
    best = of_attempt.values("run_id").annotate(least=Min(Cast(KT("payload__val_loss"), FloatField())))
    losses = dict(best.values_list("run_id", "least"))
    specs = {run.pk: readable(run.spec) for run in runs if losses.get(run.pk) is not None}
    why = {pk: rows.incomparable(spec) for pk, spec in specs.items() if spec}
    return [LabRun(run, None if why[run.pk] else losses[run.pk], why[run.pk]) for run in runs if run.pk in why]


# --- making a table --------------------------------------------------------------------------------------------------


def make(user: User, memory: Memory, *, now: datetime) -> Table:
    """Keep the rows of today as a table of the learner; the same rows are the same table, however often.

    Raises NotEnoughError, or the sandbox's NoRoomError. Older tables of the lab make room, unless a run waits for them.
    """
    examples = _simulated() if memory == "simulated" else _own_rows(user)
    if not rows.can_be_trained_on(examples):
        raise NotEnoughError
    content = rows.csv_of(examples)
    digest = hashlib.sha256(content).hexdigest()
    _make_room(user, memory, digest)
    name = _name(memory, len(examples))
    return uploads.upload(user, name, content, now=now, table_id=_id_of(user, memory, digest))


def _name(memory: Memory, count: int) -> str:
    """What the table is called among the learner's, in the language it is made in."""
    if memory == "simulated":
        return gettext("Simulated memory")
    return ngettext("My reviews, %(count)d row", "My reviews, %(count)d rows", count) % {"count": count}


def _own_rows(user: User) -> Sequence[Example]:
    return _examples(_log(user, plans.plan_of(user)), {})


def _make_room(user: User, memory: Memory, coming: str) -> None:
    tables = _tables(user, memory)
    if coming in tables:
        return
    old = list(tables.values())[KEPT - 1 :]
    wanted = set(access.runs_of(user).filter(status__in=ACTIVE).values_list("spec__data__table", flat=True))
    for table in old:
        if str(table.pk) not in wanted:
            uploads.remove(table)


def _tables(user: User, memory: Memory) -> dict[str, Table]:
    """The lab's tables of this learner by their digests, the newest first: known by their ids."""
    tables = access.tables_of(user).newest_first().defer("content", "report")
    return {table.sha256: table for table in tables if table.pk == _id_of(user, memory, table.sha256)}


def _id_of(user: User, memory: Memory, digest: str) -> uuid.UUID:
    return uuid.uuid5(user.pk, f"lab/{memory}/{digest}")


def _digest(examples: Iterable[Example]) -> str:
    return hashlib.sha256(rows.csv_of(examples)).hexdigest()


# --- reading the log -------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _simulated() -> tuple[Example, ...]:
    return tuple(rows.examples_of(simulated_logs()))


def _log(user: User, plan: Plan) -> list[_Line]:
    """The learner's log as memory folds it: corrected, and without what does not count."""
    corrected = regrade_standing.ratings_of(user.pk)
    columns = ("question_id", "received_at", "source", "review_id", "rating", "effective_at", "occurred_at", "undoes")
    lines: Iterable[tuple[Any, ...]] = Review.objects.by(user.pk).values_list(*columns).order_by().iterator()
    return [
        _Line(question, received, Entry(id_, corrected.get(id_, rating) if plan.counts(source) else None, *rest))
        for question, received, source, id_, rating, *rest in lines
    ]


def _examples(lines: Iterable[_Line], weights: dict[uuid.UUID, Weights]) -> list[Example]:
    logs: dict[uuid.UUID, list[Entry]] = defaultdict(list)
    for line in lines:
        logs[line.question].append(line.entry)
    return rows.examples_of(logs, weights)


def _weights(plan: Plan, lines: Iterable[_Line]) -> dict[uuid.UUID, Weights]:
    """The weights of each question that is not scheduled by the published ones."""
    if plan.weights is None and plan.is_same_everywhere:
        return {}
    questions = {line.question for line in lines}
    courses: dict[uuid.UUID, uuid.UUID] = {}
    if not plan.is_same_everywhere:
        courses = dict(Question.every.filter(pk__in=questions).order_by().values_list("pk", "course_id"))
    found = {question: plan.weights_of(courses.get(question)) for question in questions}
    return {question: weights for question, weights in found.items() if weights != DEFAULT_WEIGHTS}
