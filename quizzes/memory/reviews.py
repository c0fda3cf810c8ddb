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
from collections import ChainMap, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, UUIDField, Value

from accounts.models import User
from config.prepared import Prepared, PreparedInsert
from quizzes import grading
from quizzes.kinds import Body, Refused
from quizzes.memory import fsrs, plans
from quizzes.memory import states as memory_states
from quizzes.memory.fsrs import Entry, State
from quizzes.memory.items import Result, ReviewItem, read_all, rejected
from quizzes.memory.plans import Plan
from quizzes.memory.states import STATE_FIELDS
from quizzes.models import Question, QuestionVersion, Response, Review
from quizzes.regrading import late, lock
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

CLOCK_TOLERANCE = timedelta(minutes=5)
"""A clock further ahead than this is wrong; the moment of receipt counts instead."""

_ENTRY_COLUMNS = ["review_id", "rating", "effective_at", "occurred_at", "undoes"]


@dataclass(frozen=True, slots=True)
class _Judged:
    """An item that will be kept, with what it says about memory."""

    item: ReviewItem
    version_id: int | None
    rating: int | None
    score: float | None = None


def record(user: User, items: Sequence[ReviewItem | Result], *, source: Review.Source, now: datetime) -> list[Result]:
    """Keep the reviews and move the memory states; return one result per item, in the same order.

    Rejections that `read_all` has found pass through. One bad item never blocks the others. A review of any published
    question is accepted. An undo of an undo is rejected; an undo that arrives before what it undoes waits for it.
    """
    given = [item for item in items if isinstance(item, ReviewItem)]
    with transaction.atomic():
        plan, sequence = _lock(user)
        known = _known(user, given)
        questions = _Questions(user, given)
        results: list[Result] = []
        fresh: dict[uuid.UUID, Review] = {}
        kept = ChainMap(fresh, known)
        for item in items:
            if isinstance(item, Result):
                results.append(item)
                continue
            target = kept.get(item.undoes) if item.undoes else None
            judged = _compare(item, kept[item.id]) if item.id in kept else _judge(item, questions, target)
            if isinstance(judged, _Judged):
                fresh[item.id] = _review(user, judged, source, sequence + len(fresh) + 1, now)
                judged = _result("created", fresh[item.id])
            results.append(judged)
        holding = _append(user, plan, list(fresh.values()), known.values())
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
    return _record_judged(user, _Judged(item, version.pk, rating, score), source, now, row)


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
    return _record_judged(user, _Judged(item, version.pk, int(rating)), source, now)


def _record_judged(
    user: User, judged: _Judged, source: Review.Source, now: datetime, row: Response | None = None
) -> Result:
    """Keep one item that has been judged already; the same id again is a duplicate."""
    item = judged.item
    with transaction.atomic(savepoint=False):
        plan, sequence = _lock(user)
        known = _known(user, [item])
        if item.id in known:
            return _compare(item, known[item.id])
        review = _review(user, judged, source, sequence + 1, now)
        holding = _append(user, plan, [review], known.values(), row)
    return _as_it_holds(_result("created", review), holding)


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


class _Questions:
    """The published questions of a batch, and the versions its items name; bodies only where there is to grade."""

    def __init__(self, user: User, items: Sequence[ReviewItem]) -> None:
        ids = {item.question for item in items}
        found = Question.every.visible_to(user.pk).filter(id__in=ids) if ids else Question.every.none()
        self.kinds: dict[uuid.UUID, str] = {}
        self._current: dict[uuid.UUID, int] = {}
        for id_, kind, current in found.values_list("id", "kind", "current_id"):
            assert current is not None
            self.kinds[id_], self._current[id_] = kind, current
        self._numbered = self._find_numbered(items)
        graded = {self.version_of(item) for item in items if item.response is not None} - {None}
        self._bodies = QuestionVersion.objects.in_bulk([pk for pk in graded if pk is not None])

    @staticmethod
    def _find_numbered(items: Sequence[ReviewItem]) -> dict[tuple[uuid.UUID, int], int]:
        named = {(item.question, item.version) for item in items if item.version is not None}
        if not named:
            return {}
        rows = QuestionVersion.objects.filter(
            question__in={question for question, _ in named}, number__in={number for _, number in named}
        )
        return {(question, number): pk for question, number, pk in rows.values_list("question_id", "number", "id")}

    def version_of(self, item: ReviewItem) -> int | None:
        if item.version is None:
            return self._current.get(item.question)
        return self._numbered.get((item.question, item.version))

    def body(self, version_id: int) -> Body:
        return self._bodies[version_id].parsed


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
    lambda user, ids: Review.objects.by(user).defer("response").filter(review_id__in=ids).order_by(),
    user=UUIDField(),
    ids=UUIDField(),
)
_UNDOINGS = Prepared(
    lambda user, ids: Review.objects.by(user).defer("response").filter(undoes__in=ids).order_by(),
    user=UUIDField(),
    ids=UUIDField(),
)
_KEEP = PreparedInsert(Review)


def _lock(user: User) -> tuple[Plan, int]:
    """Lock the learner; return the plan and the last sequence number that was given.

    No decision about a question is applied before this transaction ends.
    """
    plan = plans.lock(user)
    ((last, *_),) = _LAST(user=user.pk)
    return plan, last or 0


def _known(user: User, items: Sequence[ReviewItem]) -> dict[uuid.UUID, Review]:
    """Return what is kept under the ids of the items and of what they undo, and the undos that wait for them."""
    ids = {item.id for item in items}
    if not ids:
        return {}
    undone = {item.undoes for item in items if item.undoes is not None}
    rows = [*_REVIEWS(user=user.pk, ids=list(ids | undone)), *_UNDOINGS(user=user.pk, ids=list(ids))]
    return {review.review_id: review for review in rows}


def _compare(item: ReviewItem, standing: Review) -> Result:
    same = standing.body_hash == item.body_hash()
    return _result("duplicate" if same else "conflict", standing)


def _result(status: Any, review: Review) -> Result:
    return Result(review.review_id, status, None, review.effective_at, review.rating, review.score)


def _judge(item: ReviewItem, questions: _Questions, target: Review | None) -> _Judged | Result:
    """Return what is to be kept, or why not; `target` is the review that an undo names, where it is here."""
    if item.question not in questions.kinds:
        return rejected(item.id, "/question", "unknown_question", "There is no such question.")
    version = questions.version_of(item)
    if version is None:
        return rejected(item.id, "/version", "unknown_version", "The question has no such version.")
    if item.undoes is not None:
        return _judge_undo(item, target)
    if item.rating is not None:
        return _judge_rating(item, questions.kinds[item.question], version)
    return _judge_response(item, questions.body(version), version)


def _judge_undo(item: ReviewItem, target: Review | None) -> _Judged | Result:
    if target is not None and target.undoes is not None:
        return rejected(item.id, "/undoes", "undo_of_undo", "An undo cannot be undone.")
    if target is not None and target.question_id != item.question:
        return rejected(item.id, "/undoes", "other_question", "The review to undo is of another question.")
    return _Judged(item, None, None)


def _judge_rating(item: ReviewItem, kind: str, version: int) -> _Judged | Result:
    if kind != "flashcard":
        detail = "This kind of question is graded here and needs a response."
        return rejected(item.id, "/rating", "response_needed", detail)
    return _Judged(item, version, item.rating)


def _judge_response(item: ReviewItem, body: Body, version: int) -> _Judged | Result:
    graded = grading.grade(body, item.response)
    if isinstance(graded, Refused):
        return rejected(item.id, f"/response{graded.pointer}", graded.code, graded.detail)
    return _Judged(item, version, fsrs.rating_of_score(graded.score), graded.score)


def _review(user: User, judged: _Judged, source: Review.Source, sequence: int, now: datetime) -> Review:
    item = judged.item
    return Review(
        review_id=item.id,
        user_id=user.pk,
        question_id=item.question,
        version_id=judged.version_id,
        rating=judged.rating,
        response=item.response,
        score=judged.score,
        source=source,
        occurred_at=item.occurred_at,
        effective_at=item.occurred_at if item.occurred_at <= now + CLOCK_TOLERANCE else now,
        received_at=now,
        elapsed_ms=item.elapsed_ms,
        undoes=item.undoes,
        body_hash=item.body_hash(),
        sequence=sequence,
    )


def _as_it_holds(result: Result, holding: Mapping[uuid.UUID, Said]) -> Result:
    """With the rating and score that a decision gives; of a review that is kept out of memory, those of its own."""
    said = holding.get(result.id) if result.id and result.status != "rejected" else None
    return result if said is None or said.rating is None else replace(result, rating=said.rating, score=said.score)


def _append(
    user: User, plan: Plan, fresh: list[Review], known: Iterable[Review], row: Response | None = None
) -> dict[uuid.UUID, Said]:
    """Write the reviews and the states they lead to. `known` holds the undos that have waited for them.

    Returns what holds of those that decisions correct; `row`: the response that the one review is of.
    """
    if not fresh:
        return {}
    _KEEP(fresh)
    by_question: dict[uuid.UUID, list[Review]] = defaultdict(list)
    for review in fresh:
        by_question[review.question_id].append(review)
    decisions = regrade_standing.of_questions(by_question)
    holding = late.correct(fresh, decisions, row) if decisions else {}
    waited_for = {review.undoes for review in known if review.undoes is not None}
    stored = memory_states.of_learner(user, list(by_question))
    courses = _courses(plan, by_question)
    states: dict[uuid.UUID, State | None] = {}
    refold: list[uuid.UUID] = []
    for question, reviews in by_question.items():
        state = stored.get(question)
        if any(_needs_refold(review, state, waited_for) for review in reviews):
            refold.append(question)
            continue
        terms = plan.terms(question, courses.get(question))
        entries = [_entry(review, holding, plan) for review in reviews]
        for entry in sorted(entries, key=lambda entry: entry.order):
            if entry.rating is not None:
                state = fsrs.continue_fold(state, entry, terms)
        if state is not None:
            states[question] = state
    if refold:
        states |= dict.fromkeys(refold) | _refolded(user, plan, refold)
    memory_states.store(user, states)
    return holding


def _needs_refold(review: Review, state: State | None, waited_for: set[uuid.UUID]) -> bool:
    """Only a rating later than all that was folded continues a fold."""
    if review.rating is None or review.review_id in waited_for:
        return True
    return state is not None and review.effective_at <= state.last_review


def _entry(review: Review, holding: Mapping[uuid.UUID, Said], plan: Plan) -> Entry:
    said = holding.get(review.review_id)
    rating = said.rating if said else review.rating
    if not plan.counts(review.source):
        rating = None
    return Entry(review.review_id, rating, review.effective_at, review.occurred_at, review.undoes)


def _refolded(user: User, plan: Plan, questions: Sequence[uuid.UUID] | None) -> dict[uuid.UUID, State | None]:
    """Return the fold of the whole log of these questions (of all, if None), corrected."""
    rows = Review.objects.by(user.pk)
    if questions is not None:
        rows = rows.filter(question__in=questions)
    corrected = regrade_standing.ratings_of(user.pk, questions)
    logs: dict[uuid.UUID, list[Entry]] = defaultdict(list)
    columns = ("question_id", "source", *_ENTRY_COLUMNS)
    for question, source, id_, rating, *rest in rows.values_list(*columns).order_by().iterator():
        logs[question].append(Entry(id_, corrected.get(id_, rating) if plan.counts(source) else None, *rest))
    courses = _courses(plan, logs)
    return {question: fsrs.fold(log, plan.terms(question, courses.get(question))) for question, log in logs.items()}


def _courses(plan: Plan, questions: Collection[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """Return the course of each question, if that matters to this learner's states."""
    if plan.is_same_everywhere:
        return {}
    return dict(Question.every.filter(pk__in=questions).order_by().values_list("pk", "course_id"))
