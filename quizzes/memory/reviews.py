"""The only writer of reviews and memory states.

Reviews are an append-only log; a memory state is the fold of a learner's effective reviews of one question, kept as a
cache in the same transaction. Guarantees, whatever the order, batching or repetition of delivery:

- a review id exists once per learner, and what was kept first stands;
- sequence numbers of a learner have no gap that a later commit could fill (the learner's row is locked meanwhile);
- every memory state equals `fsrs.fold` of the log (`rebuild_memory --check` compares), each review rated as the last
  correction that stands has it (`quizzes.regrading`), or left out. A review of a question that was decided about is
  corrected when it is kept, so that it cannot matter which came first.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from accounts.models import User
from quizzes.memory import fsrs, log, plans
from quizzes.memory import states as memory_states
from quizzes.memory.fsrs import Line, State
from quizzes.memory.items import Result, ReviewItem, read_all
from quizzes.memory.judging import Judged, Questions, judge
from quizzes.memory.log import Fresh, Kept
from quizzes.memory.plans import Plan
from quizzes.memory.states import STATE_FIELDS
from quizzes.models import Question, QuestionVersion, Response, Review
from quizzes.regrading import late
from quizzes.regrading import standing as regrade_standing
from quizzes.regrading.standing import Said

__all__ = [
    "STATE_FIELDS",
    "Result",
    "ReviewItem",
    "read_all",
    "rebuild",
    "record",
    "record_rating",
    "record_response",
]

CLOCK_TOLERANCE: Final = timedelta(minutes=5)
"""A clock further ahead than this is wrong; the moment of receipt counts instead."""


def record(user: User, items: Sequence[ReviewItem | Result], *, source: Review.Source, now: datetime) -> list[Result]:
    """Keep the reviews and move the memory states; return one result per item, in the same order.

    Rejections that `read_all` has found pass through. One bad item never blocks the others. A review of any published
    question is accepted, and one from before its question was archived. An undo of an undo is rejected; an undo that
    arrives before what it undoes waits for it.
    """
    given = [item for item in items if isinstance(item, ReviewItem)]
    ids, undone = [item.id for item in given], [item.undoes for item in given if item.undoes is not None]
    # As much as can be before the learner is locked, and with SQLite everybody.
    hashes = [item.body_hash() if isinstance(item, ReviewItem) else "" for item in items]
    questions = Questions(user.pk, given)
    with transaction.atomic():
        plan, sequence = _lock(user)
        known = log.known(user.pk, ids, undone)
        results: list[Result] = []
        fresh: list[Fresh] = []
        kept = dict(known)
        for item, body_hash in zip(items, hashes, strict=True):
            if isinstance(item, Result):
                results.append(item)
                continue
            there = kept.get(item.id)
            if there is not None:
                results.append(_result("duplicate" if there.body_hash == body_hash else "conflict", there))
                continue
            judged = judge(item, questions, kept.get(item.undoes) if item.undoes else None)
            if isinstance(judged, Judged):
                fresh.append(_fresh(judged, body_hash, source, now))
                kept[item.id] = fresh[-1].kept
                judged = _result("created", fresh[-1].kept)
            results.append(judged)
        holding = _append(user, plan, fresh, known, after=sequence, now=now)
    if known:  # what is a duplicate now may have been corrected since
        holding = regrade_standing.said_of_kept(user.pk, known) | holding
    return [_as_it_holds(result, holding) for result in results] if holding else results


def record_response(
    user: User,
    version: QuestionVersion,
    response: Any,
    score: float,
    *,
    review_id: uuid.UUID,
    source: Review.Source,
    occurred_at: datetime,
    now: datetime,
    elapsed_ms: int | None = None,
    certainty: int | None = None,
    row: Response | None = None,
) -> Result:
    """Keep the evidence of a response that the caller has graded, within the caller's transaction.

    `review_id` is made from what was answered, so that a repetition is a duplicate. The question may have been archived
    meanwhile: the answer stays evidence. `version` and `score` are those of the version that was answered; what has
    been decided about it since is applied here, also to the `row` that the caller has written of it, with its attempt
    and version: its mark may change.
    """
    item = ReviewItem(
        id=review_id,
        question=version.question_id,
        version=version.number,
        response=response,
        occurred_at=occurred_at,
        elapsed_ms=elapsed_ms,
    )
    rating = fsrs.rating_of_score(score, certainty)
    return _record_judged(user, Judged(item, version.pk, rating, score), source, now, row)


def record_rating(
    user: User,
    version: QuestionVersion,
    rating: fsrs.Rating,
    *,
    review_id: uuid.UUID,
    source: Review.Source,
    occurred_at: datetime,
    now: datetime,
) -> Result:
    """Keep evidence that is no response, rated by the caller, within the caller's transaction."""
    item = ReviewItem(
        id=review_id,
        question=version.question_id,
        version=version.number,
        rating=int(rating),
        occurred_at=occurred_at,
    )
    return _record_judged(user, Judged(item, version.pk, int(rating)), source, now)


def _record_judged(
    user: User, judged: Judged, source: Review.Source, now: datetime, row: Response | None = None
) -> Result:
    """Keep one item that has been judged already; the same id again is a duplicate."""
    item, body_hash = judged.item, judged.item.body_hash()
    with transaction.atomic(savepoint=False):
        plan, sequence = _lock(user)
        known = log.known(user.pk, [item.id], [])
        there = known.get(item.id)
        if there is not None:
            return _result("duplicate" if there.body_hash == body_hash else "conflict", there)
        fresh = _fresh(judged, body_hash, source, now)
        holding = _append(user, plan, [fresh], known, row, after=sequence, now=now)
    return _as_it_holds(_result("created", fresh.kept), holding)


def rebuild(user: User, *, check: bool = False) -> int:
    """Fold the learner's whole log anew; return how many memory states differed. With `check` nothing is written.

    To be called when what all states depend on has changed: desired retention, weights.
    """
    with transaction.atomic():
        plan, _sequence = _lock(user)
        stored = memory_states.of_learner(user)
        states = _refolded(user, plan, None)
        states |= dict.fromkeys(stored.keys() - states.keys())
        differing = {question: state for question, state in states.items() if state != stored.get(question)}
        if not check:
            memory_states.store(user, differing)
    return len(differing)


def _lock(user: User) -> tuple[Plan, int]:
    """Lock the learner; return the plan and the last sequence number that was given."""
    return plans.lock(user), log.last_sequence(user.pk)


def _fresh(judged: Judged, body_hash: str, source: Review.Source, now: datetime) -> Fresh:
    item, version, rating, score = judged
    at = item.occurred_at
    effective = at if at <= now + CLOCK_TOLERANCE else now
    kept = Kept(item.id, item.question, source.value, rating, effective, at, item.undoes, score, body_hash)
    return Fresh(kept, version, item.response, item.elapsed_ms)


def _result(status: Any, review: Kept) -> Result:
    return Result(review.id, status, None, review.effective_at, review.rating, review.score)


def _as_it_holds(result: Result, holding: Mapping[uuid.UUID, Said]) -> Result:
    """With the rating and score that a decision gives; of a review that is kept out of memory, those of its own."""
    said = holding.get(result.id) if result.id and result.status != "rejected" else None
    return result if said is None or said.rating is None else result._replace(rating=said.rating, score=said.score)


def _append(
    user: User,
    plan: Plan,
    fresh: Sequence[Fresh],
    known: Mapping[uuid.UUID, Kept],
    row: Response | None = None,
    *,
    after: int,
    now: datetime,
) -> dict[uuid.UUID, Said]:
    """Write the reviews and the states they lead to. `known` holds the undos that have waited for them.

    Returns what holds of those that decisions correct; `row`: the response that the one review is of.
    """
    if not fresh:
        return {}
    log.append(user.pk, fresh, after=after, now=now)
    by_question: dict[uuid.UUID, list[Kept]] = defaultdict(list)
    for review, *_ in fresh:
        by_question[review.question].append(review)
    holding = _corrected(user, by_question, row)
    waited_for = {review.undoes for review in known.values() if review.undoes is not None}
    memory_states.store(user, _moved(user, plan, by_question, holding, waited_for))
    return holding


def _corrected(
    user: User, by_question: Mapping[uuid.UUID, Sequence[Kept]], row: Response | None
) -> dict[uuid.UUID, Said]:
    """Correct reviews of questions that were decided about; return what holds of them."""
    decisions = regrade_standing.of_questions(by_question)
    if not decisions:
        return {}
    concerned = [review.id for question in decisions for review in by_question[question]]
    return late.correct(log.models_of(user.pk, concerned), decisions, row)


def _moved(
    user: User,
    plan: Plan,
    by_question: Mapping[uuid.UUID, Sequence[Kept]],
    holding: Mapping[uuid.UUID, Said],
    waited_for: Collection[uuid.UUID],
) -> dict[uuid.UUID, State | None]:
    """Return the states that these reviews, which are in the log, lead to."""
    stored = memory_states.of_learner(user, list(by_question))
    courses = _courses(plan, by_question)
    moved: dict[uuid.UUID, State | None] = {}
    refold: list[uuid.UUID] = []
    for question, reviews in by_question.items():
        state = stored.get(question)
        if any(_needs_refold(review, state, waited_for) for review in reviews):
            refold.append(question)
        elif lines := [line for review in reviews if (line := _line(review, holding, plan)) is not None]:
            moved[question] = fsrs.fold_lines(lines, plan.terms(question, courses.get(question)), state)
    if refold:
        moved |= _refolded(user, plan, refold)
    return moved


def _needs_refold(review: Kept, state: State | None, waited_for: Collection[uuid.UUID]) -> bool:
    """Only a rating later than all that was folded continues a fold."""
    if review.rating is None or (waited_for and review.id in waited_for):
        return True
    return state is not None and review.effective_at <= state.last_review


def _line(review: Kept, holding: Mapping[uuid.UUID, Said], plan: Plan) -> Line | None:
    """Return what is to be folded; None where the review does not count."""
    if not plan.counts(review.source):
        return None
    if holding and review.id in holding:
        rating = holding[review.id].rating
        return None if rating is None else review._replace(rating=rating).line
    return review.line


def _refolded(user: User, plan: Plan, questions: Sequence[uuid.UUID] | None) -> dict[uuid.UUID, State | None]:
    """Return the fold of the whole log of these questions (of all, if None), corrected."""
    corrected = regrade_standing.ratings_of(user.pk, questions)
    left_out = frozenset[str]() if plan.quiz_evidence else plans.EVIDENCE
    logs = log.lines(user.pk, questions, corrected, left_out)
    courses = _courses(plan, logs)
    return {
        question: fsrs.fold_lines(lines, plan.terms(question, courses.get(question)))
        for question, lines in logs.items()
    }


def _courses(plan: Plan, questions: Collection[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """Return the course of each question, if that matters to this learner's states."""
    if plan.is_same_everywhere:
        return {}
    return dict(Question.every.filter(pk__in=questions).order_by().values_list("pk", "course_id"))
