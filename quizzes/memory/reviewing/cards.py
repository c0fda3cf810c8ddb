"""A question as a card of the daily review, and the outcome of an answered one; for the page and the API alike."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery, UUIDField

from accounts.models import User
from config.prepared import Prepared
from quizzes import layouts, presenting
from quizzes.kinds import Texts
from quizzes.memory import fsrs, plans
from quizzes.memory.fsrs import Phase, Preview, State, Terms
from quizzes.memory.planning import queue
from quizzes.memory.plans import Plan
from quizzes.memory.schemas import ReviewOutcome
from quizzes.memory.states import STATE_FIELDS
from quizzes.models import CardMark, MemoryState, Question, QuestionVersion, Review
from quizzes.regrading import standing
from quizzes.regrading.standing import Held


@dataclass(frozen=True)
class Card:
    """`state` is None for a card that is new to the learner, `mark` for one that was never marked.

    `lines` counts the lines of the learner's log about it, where that was asked for; `seen` is the number of the newest
    version among them.
    """

    question: Question
    version: QuestionVersion
    state: State | None
    terms: Terms
    mark: CardMark | None = None
    lines: int | None = None
    seen: int | None = None

    @property
    def coming_review_id(self) -> uuid.UUID:
        """The id of the learner's next review of it on a page.

        It is made from how many there have been: two tabs and a second click make the same review, another sitting, or
        another try after an undo, makes another.
        """
        assert self.lines is not None
        return uuid.uuid5(self.question.pk, f"{self.terms.learner}/{self.lines}")

    def texts(self, locale: str) -> Texts:
        return self.version.texts_in(locale, self.question.course.fallback)

    def public(self, locale: str, review_id: uuid.UUID) -> dict[str, Any]:
        """Return what may be seen before answering; a flashcard has both sides, for its learner grades alone.

        `review_id`: of the coming review; another one asks with other numbers.
        """
        body = self.version.parsed.asked(layouts.seed_of(0, review_id))
        shown: dict[str, Any] = body.public(self.texts(locale)).model_dump()
        return shown

    def previews(self, now: datetime, review_id: uuid.UUID | None = None) -> list[Preview]:
        return fsrs.previews(self.state, now, self.terms, review_id)


def load(user: User, questions: Sequence[uuid.UUID], plan: Plan | None = None, *, with_log: bool = False) -> list[Card]:
    """Return the cards of these questions in this order, in two queries; left out are those that are gone, or that no
    card can ask. `plan`: the learner's, where it has been read already. `with_log`: with `lines` and `seen`."""
    plan = plan or plans.plan_of(user)
    rows = _CARDS_WITH_LOG if with_log else _CARDS
    found: dict[uuid.UUID, Any] = {row.pk: row for row in rows(user=user.pk, ids=list(questions))} if questions else {}
    return [
        Card(
            question=row,
            version=row.current,
            state=_state(row),
            terms=plan.terms(id_, row.course_id),
            mark=_mark(user, row),
            lines=(row.lines or 0) if with_log else None,
            seen=row.seen if with_log else None,
        )
        for id_ in questions
        if (row := found.get(id_)) is not None
    ]


_MARK_FIELDS: Final = ("buried_until", "suspended_at", "note", "leech_seen", "updated_at")


def _of_learner(user: Any) -> dict[str, Any]:
    """Return the learner's state and mark of a question."""
    return {
        "own": FilteredRelation("memory_states", condition=Q(memory_states__user=user)),
        "marked": FilteredRelation("card_marks", condition=Q(card_marks__user=user)),
        **{f"own_{name}": F(f"own__{name}") for name in STATE_FIELDS},
        **{f"marked_{name}": F(f"marked__{name}") for name in _MARK_FIELDS},
    }


def _in_log(user: Any) -> dict[str, Any]:
    """Return how often the learner has reviewed a question, and the newest version reviewed."""
    log = Review.objects.by(user).filter(question=OuterRef("pk")).order_by()
    newest = log.filter(version__isnull=False).order_by("-version__number").values("version__number")
    return {
        "lines": Subquery(log.values("question").annotate(count=Count("pk")).values("count")),
        "seen": Subquery(newest[:1]),
    }


def _write_cards(user: Any, ids: Any) -> "QuerySet[Question]":
    rows = Question.every.visible_to(user).exclude(kind=queue.NEVER_DUE).filter(id__in=ids)
    rows = rows.select_related("current", "course", "section__lesson__course")
    return rows.annotate(**_of_learner(user)).order_by()


_CARDS = Prepared(_write_cards, user=UUIDField(), ids=UUIDField())
_CARDS_WITH_LOG = Prepared(
    lambda user, ids: _write_cards(user, ids).annotate(**_in_log(user)), user=UUIDField(), ids=UUIDField()
)


def _state(row: Any) -> State | None:
    if row.own_state is None:
        return None
    found = {name: getattr(row, f"own_{name}") for name in STATE_FIELDS}
    return State(**found | {"state": Phase(row.own_state)})


def _mark(user: User, row: Any) -> CardMark | None:
    if row.marked_updated_at is None:
        return None
    found = {name: getattr(row, f"marked_{name}") for name in _MARK_FIELDS}
    return CardMark(user_id=user.pk, question_id=row.pk, **found)


def states_of(user: User, questions: Sequence[uuid.UUID]) -> dict[uuid.UUID, State]:
    rows = MemoryState.objects.by(user.pk).filter(question__in=questions).order_by()
    return {row.question_id: state_of(row) for row in rows}


def state_of(row: MemoryState) -> State:
    return State(
        state=Phase(row.state),
        step=row.step,
        stability=row.stability,
        difficulty=row.difficulty,
        due=row.due,
        last_review=row.last_review,
        reps=row.reps,
        lapses=row.lapses,
        state_hash=row.state_hash,
    )


def outcomes(user: User, review_ids: Sequence[uuid.UUID], locale: str) -> dict[uuid.UUID, ReviewOutcome]:
    """Return mark, feedback and key, as they hold now, of those reviews that were graded here, in two queries."""
    rows = Review.objects.by(user.pk).filter(review_id__in=review_ids, response__isnull=False)
    related = list(rows.select_related("version", "question__course", "question__section__lesson__course"))
    held = standing.held_of_reviews(user.pk, [review.review_id for review in related]) if related else {}
    return {review.review_id: _outcome(review, held.get(review.review_id), locale) for review in related}


def outcome(review: Review, locale: str) -> ReviewOutcome:
    """Return mark, feedback and key of a review with a response, as they hold now."""
    held = standing.held_of_reviews(review.user_id, [review.review_id])
    return _outcome(review, held.get(review.review_id), locale)


def _outcome(review: Review, held: Held | None, locale: str) -> ReviewOutcome:
    version, score = (held.version, held.score) if held else (review.version, review.score)
    response = review.response
    assert version is not None
    assert response is not None
    assert score is not None
    texts, body = version.texts_in(locale, review.question.course.fallback), version.parsed.asked_for(response)
    return ReviewOutcome(
        response=response,
        score=score,
        **presenting.explanation(body, response, texts),
        key=body.revealed(),
        explained_in=presenting.explained_in(review.question),
    )
