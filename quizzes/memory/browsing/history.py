"""What happened to one card of one learner: its reviews in order, and what memory was after each. Reads only."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from accounts.models import User
from quizzes.memory import fsrs
from quizzes.memory.fsrs import Entry, State
from quizzes.memory.plans import Plan
from quizzes.models import Question, Review
from quizzes.regrading import standing

MOST_SHOWN: Final = 500


@dataclass(frozen=True, slots=True)
class Past:
    """One review. `rating`: as the last correction has it. `waited`: since the review before. `after`: memory then;
    None where it does not count: it was undone, kept out by an instructor, or by the learner's own plan."""

    id: uuid.UUID
    at: datetime
    rating: int | None
    source: str
    waited: timedelta | None
    after: State | None
    is_undone: bool

    @property
    def source_label(self) -> str:
        return str(Review.Source(self.source).label)


def of_card(user: User, question: Question, plan: Plan) -> list[Past]:
    """Return the reviews of a card, the first one first, in two queries."""
    rows = list(Review.objects.by(user.pk).filter(question=question).defer("response").in_fold_order())
    corrected = standing.ratings_of(user.pk, [question.pk])
    entries = [
        Entry(
            row.review_id,
            corrected.get(row.review_id, row.rating) if plan.counts(row.source) else None,
            row.effective_at,
            row.occurred_at,
            row.undoes,
        )
        for row in rows
    ]
    states = _states(entries, plan, question)
    undone = {row.undoes for row in rows if row.undoes is not None}
    past: list[Past] = []
    for row in rows[:MOST_SHOWN]:
        if row.undoes is not None:
            continue
        rating = corrected.get(row.review_id, row.rating) or row.rating
        waited = row.effective_at - past[-1].at if past else None
        after, is_undone = states.get(row.review_id), row.review_id in undone
        past.append(Past(row.review_id, row.effective_at, rating, row.source, waited, after, is_undone))
    return past


def _states(entries: list[Entry], plan: Plan, question: Question) -> dict[uuid.UUID, State]:
    """The state after each review that counts."""
    terms = plan.terms(question.pk, question.course_id)
    state, found = None, {}
    for entry in fsrs.effective(entries):
        state = found[entry.id] = fsrs.continue_fold(state, entry, terms)
    return found
