"""What a decision about a question changes: marks, results, statistics, memory; before and after. Reads only.

Exact: what is shown here is what `quizzes.regrading.decisions` writes, or nothing is written.
"""

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from quizzes import rules
from quizzes.memory import fsrs, plans, states
from quizzes.memory.fsrs import Entry, State
from quizzes.models import Attempt, Response
from quizzes.regrading.evidence import Evidence, Outcome

FIGURES = (
    *("judged", "unjudged", "responses", "reviews", "learners", "risen", "fallen", "passes_gained", "passes_lost"),
    *("sooner", "later", "left_out", "taken_in", "facility_before", "facility_after"),
)


@dataclass(frozen=True)
class AttemptChange:
    """`mark_*`: of this question, the sum over the slots that ask it. `score_*`: None while the attempt is open.

    `passed_*`: None where there is nothing to pass. `counts` is False for an instructor's preview.
    """

    attempt: uuid.UUID
    user: uuid.UUID
    quiz: uuid.UUID
    counts: bool
    max_score: float
    mark_before: float
    mark_after: float
    score_before: float | None
    score_after: float | None
    passed_before: bool | None
    passed_after: bool | None

    @property
    def gains_pass(self) -> bool:
        return self.passed_before is False and self.passed_after is True

    @property
    def loses_pass(self) -> bool:
        return self.passed_before is True and self.passed_after is False


@dataclass(frozen=True)
class MemoryChange:
    """`before`, `after`: None where the learner has no card of it."""

    user: uuid.UUID
    before: State | None
    after: State | None


@dataclass(frozen=True)
class Difference:
    """`judged` answers were looked at, `unjudged` of them could not be judged and keep what they had.

    `responses` and `reviews` count those of which the mark or the rating changes. `facility`: the mean mark of the
    answers in attempts that count, as a share of their worth.
    """

    question: uuid.UUID
    judged: int
    unjudged: int
    responses: int
    reviews: int
    facility_before: float | None
    facility_after: float | None
    attempts: Sequence[AttemptChange]
    memory: Sequence[MemoryChange]
    standing: Sequence[int]
    """The decisions that stand beforehand."""
    outcome: Outcome = field(repr=False)

    @property
    def is_empty(self) -> bool:
        return not (self.responses or self.reviews)

    @property
    def learners(self) -> int:
        """How many people's marks or memory change; instructors' previews left out."""
        return len({one.user for one in self.attempts if one.counts} | {one.user for one in self.memory})

    @property
    def passes_gained(self) -> int:
        return sum(one.gains_pass for one in self.attempts if one.counts)

    @property
    def passes_lost(self) -> int:
        return sum(one.loses_pass for one in self.attempts if one.counts)

    @property
    def risen(self) -> int:
        return sum(one.mark_after > one.mark_before for one in self.attempts if one.counts)

    @property
    def fallen(self) -> int:
        return sum(one.mark_after < one.mark_before for one in self.attempts if one.counts)

    @property
    def sooner(self) -> int:
        return sum(bool(one.before and one.after and one.after.due < one.before.due) for one in self.memory)

    @property
    def later(self) -> int:
        return sum(bool(one.before and one.after and one.after.due > one.before.due) for one in self.memory)

    @property
    def left_out(self) -> int:
        """Cards that vanish: nothing is left that counts."""
        return sum(one.after is None for one in self.memory)

    @property
    def taken_in(self) -> int:
        """Cards that come (back)."""
        return sum(one.before is None for one in self.memory)

    @cached_property
    def hash(self) -> str:
        """The same for the same changes of the same rows, whatever else was answered meanwhile."""
        outcome = self.outcome
        done = (outcome.responses, outcome.reviews, outcome.corrections, self.attempts)
        seals = [(one.user, _seal(one.before), _seal(one.after)) for one in self.memory]
        return hashlib.sha256(repr((self.question, self.standing, done, seals)).encode()).hexdigest()

    def summary(self) -> dict[str, Any]:
        """The figures, as JSON, to be kept with the decision."""
        return {name: getattr(self, name) for name in FIGURES}


def _seal(state: State | None) -> tuple[str, datetime] | None:
    """What tells a state from another one: what was folded, and the retention wanted, which only the due shows."""
    return (state.state_hash, state.due) if state else None


def difference(evidence: Evidence, outcome: Outcome) -> Difference:
    """Return what an outcome changes. A handful of queries, however many answers there are."""
    return Difference(
        question=evidence.question.pk,
        judged=outcome.judged,
        unjudged=outcome.unjudged,
        responses=len(outcome.responses),
        reviews=len(outcome.reviews),
        facility_before=_facility(evidence, {}),
        facility_after=_facility(evidence, outcome.responses),
        attempts=_attempts(evidence, outcome),
        memory=_memory(evidence, outcome),
        standing=evidence.standing,
        outcome=outcome,
    )


def _facility(evidence: Evidence, marks: Mapping[int, float]) -> float | None:
    counted = [response for response in evidence.responses if response.attempt.counts]
    shares = [marks.get(response.pk, response.mark) / response.worth for response in counted]
    return sum(shares) / len(shares) if shares else None


# --- attempts --------------------------------------------------------------------------------------------------------


def _attempts(evidence: Evidence, outcome: Outcome) -> list[AttemptChange]:
    """Return the attempts of which a mark changes, in the order in which they were begun."""
    changed: dict[uuid.UUID, Attempt] = {}
    own: dict[uuid.UUID, list[Response]] = defaultdict(list)
    for response in evidence.responses:
        own[response.attempt_id].append(response)
        if response.pk in outcome.responses:
            changed[response.attempt_id] = response.attempt
    marks = _marks(evidence, changed.keys()) if changed else {}
    in_order = sorted(changed.values(), key=lambda attempt: (attempt.started_at, attempt.pk))
    return [_attempt(attempt, own[attempt.pk], marks[attempt.pk], outcome.responses) for attempt in in_order]


def _attempt(
    attempt: Attempt, own: Sequence[Response], marks: Sequence[tuple[int, float]], after: Mapping[int, float]
) -> AttemptChange:
    is_submitted = attempt.submitted_at is not None
    score = rules.total([after.get(pk, mark) for pk, mark in marks]) if is_submitted else None
    passed = attempt.parsed_rules.passed
    return AttemptChange(
        attempt=attempt.pk,
        user=attempt.user_id,
        quiz=attempt.quiz_id,
        counts=attempt.counts,
        max_score=attempt.max_score,
        mark_before=sum(response.mark for response in own),
        mark_after=sum(after.get(response.pk, response.mark) for response in own),
        score_before=attempt.score,
        score_after=score,
        passed_before=None if attempt.score is None else passed(attempt.score, attempt.max_score),
        passed_after=None if score is None else passed(score, attempt.max_score),
    )


def _marks(evidence: Evidence, attempts: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[tuple[int, float]]]:
    """Return all marks of these attempts, other questions' too, in the order in which `submit` adds them."""
    wanted = set(attempts)
    found: dict[uuid.UUID, list[tuple[int, float]]] = {pk: [] for pk in wanted}
    with_question = Response.objects.filter(version__question=evidence.question.pk).order_by().values("attempt")
    rows = Response.objects.filter(attempt__in=with_question).order_by("answered_at", "pk")
    for attempt, pk, mark in rows.values_list("attempt_id", "pk", "mark").iterator():
        if attempt in wanted:
            found[attempt].append((pk, mark))
    return found


# --- memory ----------------------------------------------------------------------------------------------------------


def _memory(evidence: Evidence, outcome: Outcome) -> list[MemoryChange]:
    """Return the states that become others, in the order of when they fell due before."""
    concerned = {review.user_id for review in evidence.reviews if review.pk in outcome.reviews}
    if not concerned:
        return []
    logs: dict[uuid.UUID, list[Entry]] = defaultdict(list)
    known = plans.plans_of(concerned)
    for review in evidence.reviews:
        if review.user_id in concerned:
            rating = outcome.reviews.get(review.pk, review.holding_rating)
            if not known[review.user_id].counts(review.source):
                rating = None
            moments = (review.effective_at, review.occurred_at)
            logs[review.user_id].append(Entry(review.review_id, rating, *moments, review.undoes))
    before = states.of_question(evidence.question.pk)
    found = []
    for user, log in logs.items():
        after = fsrs.fold(log, known[user].terms(evidence.question.pk, evidence.question.course_id))
        if after != before.get(user):
            found.append(MemoryChange(user, before.get(user), after))
    return sorted(found, key=lambda one: (_due(one), one.user))


def _due(change: MemoryChange) -> datetime:
    state = change.before or change.after
    assert state is not None
    return state.due
