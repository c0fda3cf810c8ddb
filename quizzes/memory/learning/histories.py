"""A learner's log as histories to fit weights to and to judge predictions by. Reads only, one learner at a time."""

import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from quizzes.memory.fsrs import Entry
from quizzes.memory.learning import fitting
from quizzes.memory.learning.fitting import History
from quizzes.memory.plans import EVIDENCE
from quizzes.models import Review
from quizzes.regrading import standing

_COLUMNS: Final = ("question_id", "question__course_id", "source", "sequence", "review_id", "rating")
_MORE: Final = ("effective_at", "occurred_at", "undoes")


@dataclass(frozen=True, slots=True)
class Log:
    """What counts of a learner's reviews, with and without the answers in quizzes. `last`: the last sequence number."""

    with_quizzes: list[History]
    without_quizzes: list[History]
    has_quizzes: bool
    last: int

    def counted(self, quiz_evidence: bool) -> list[History]:
        return self.with_quizzes if quiz_evidence else self.without_quizzes


def of_learner(learner: uuid.UUID, course: uuid.UUID | None = None) -> Log:
    """Return the log, corrected by what instructors decided; with `course` only its questions. Two queries."""
    rows = Review.objects.by(learner)
    if course is not None:
        rows = rows.filter(question__course=course)
    corrected = standing.ratings_of(learner)
    logs: dict[uuid.UUID, list[Entry]] = defaultdict(list)
    courses: dict[uuid.UUID, uuid.UUID] = {}
    quizzes: set[uuid.UUID] = set()
    last = 0
    columns = rows.order_by().values_list(*_COLUMNS, *_MORE).iterator()
    for question, course_id, source, sequence, id_, rating, *rest in columns:
        logs[question].append(Entry(id_, corrected.get(id_, rating), *rest))
        courses[question], last = course_id, max(last, sequence)
        if source in EVIDENCE:
            quizzes.add(id_)
    full = _histories(learner, logs, courses, quizzes)
    if not quizzes:
        return Log(full, full, False, last)
    bare = {
        question: [replace(entry, rating=None) if entry.id in quizzes else entry for entry in log]
        for question, log in logs.items()
    }
    return Log(full, _histories(learner, bare, courses, quizzes), True, last)


def _histories(
    learner: uuid.UUID,
    logs: Mapping[uuid.UUID, list[Entry]],
    courses: Mapping[uuid.UUID, uuid.UUID],
    quizzes: set[uuid.UUID],
) -> list[History]:
    found = []
    for question, log in logs.items():
        judging = {entry.id for entry in log if entry.id not in quizzes}
        one = fitting.history((learner, question), courses[question], log, judging)
        if one is not None:
            found.append(one)
    return found
