"""The decisions of instructors that stand, and what they say of one answer. Reads only.

A decision with a version judges the answers to every version there was when it was made; one without keeps the whole
question out of memory. Decisions are asked in the order of their ids, and the last that says something wins.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, UUIDField

from config.prepared import Prepared
from quizzes import grading
from quizzes.kinds import Refused
from quizzes.memory import fsrs
from quizzes.models import Attempt, Correction, QuestionVersion, Regrade, Response


@dataclass(frozen=True, slots=True)
class Decision:
    """`version` None: kept out of memory. `covers`: the number of the last version of which answers are judged."""

    pk: int
    version: QuestionVersion | None
    covers: int

    @classmethod
    def of(cls, regrade: Regrade) -> "Decision":
        return cls(regrade.pk, regrade.version, regrade.summary.get("covers", 0))

    def score(self, response: Any, number: int) -> float | None:
        """Return the mark 0…1 of a response to version `number`; None where this cannot judge it.

        What a sitting drew does not matter: a response says to which numbers it answers, and the order of choices is
        never marked.
        """
        if self.version is None or response is None or number > self.covers:
            return None
        graded = grading.grade(self.version.parsed, response)
        return None if isinstance(graded, Refused) else graded.score


@dataclass(frozen=True, slots=True)
class Said:
    """What a decision says of an answer: of a response a mark, of a review a rating (None: kept out of memory)."""

    decision: int
    score: float | None
    mark: float | None = None
    rating: int | None = None


_ANY = Prepared(lambda: Regrade.objects.standing().order_by().values_list("pk")[:1])
_STANDING = Prepared(
    lambda questions: (
        Regrade.objects.standing()
        .filter(question__id__in=questions)
        .select_related("version")
        .defer("version__rendered")
        .order_by("pk")
    ),
    questions=UUIDField(),
)


def of_questions(questions: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Decision]]:
    """Return the decisions that stand, in their order, of those of these questions that have any. At most two queries:
    where many are asked for, it is first seen whether there is any decision at all."""
    if len(questions) > 1 and not _ANY():
        return {}
    found: dict[uuid.UUID, list[Decision]] = defaultdict(list)
    for regrade in _STANDING(questions=list(questions)):
        found[regrade.question_id].append(Decision.of(regrade))
    return dict(found)


def said_of_review(
    decisions: Iterable[Decision],
    response: Any,
    rating: int | None,
    score: float | None,
    number: int,
    certainty: int | None = None,
) -> Iterator[Said]:
    """Yield what is to be kept as corrections of a review: all that differs from it, and all that follows.

    What merely agrees with the review is not kept, unless an earlier decision disagrees and may be taken back.
    `certainty`: what was stated with it in an attempt.
    """
    kept = False
    for decision in decisions:
        said = _of_review(decision, response, rating, number, certainty)
        if said is not None and (kept or (said.rating, said.score) != (rating, score)):
            kept = True
            yield said


def _of_review(
    decision: Decision, response: Any, rating: int | None, number: int, certainty: int | None
) -> Said | None:
    if rating is None:  # the undoing of another: it says nothing
        return None
    if decision.version is None:
        return Said(decision.pk, None)
    score = decision.score(response, number)
    return None if score is None else Said(decision.pk, score, rating=int(fsrs.rating_of_score(score, certainty)))


def said_of_response(
    decisions: Iterable[Decision], response: Response, attempt: Attempt, number: int
) -> Iterator[Said]:
    """The same of a response. Of a question that was tried several times the last try is judged: `response.answer`."""
    kept = False
    for decision in decisions:
        score = decision.score(response.answer, number)
        if score is not None and (kept or score != response.score):
            kept = True
            yield Said(decision.pk, score, mark=mark_of(attempt, response, score))


def mark_of(attempt: Attempt, response: Response, score: float) -> float:
    """Return what a score counts in this place, by the rules that the attempt was begun with."""
    certainty, tries = response.certainty, response.tries
    return attempt.parsed_rules.mark(score, response.worth, tries=tries, certainty=certainty)


# --- which version judges --------------------------------------------------------------------------------------------


def standing_corrections(**which: Any) -> "QuerySet[Correction]":
    """The corrections that stand, in their order: the last one of a response or a review is what holds."""
    rows = Correction.objects.filter(regrade__undoes=None, regrade__undone_by=None, **which)
    return rows.order_by("regrade_id", "pk")


def ratings_of(user_id: uuid.UUID, questions: Sequence[uuid.UUID] | None = None) -> dict[uuid.UUID, int | None]:
    """Return the corrected rating of each review of a learner that has one, by review id; None: kept out of memory."""
    rows = standing_corrections(review__user=user_id)
    if questions is not None:
        rows = rows.filter(review__question__in=questions)
    return dict(rows.values_list("review__review_id", "rating"))


def said_of_kept(user_id: uuid.UUID, review_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Said]:
    """Return what holds of these reviews of a learner that were corrected, by review id."""
    rows = standing_corrections(review__user=user_id, review__review_id__in=list(review_ids))
    columns = rows.values_list("review__review_id", "regrade_id", "score", "rating")
    return {id_: Said(regrade, score, rating=rating) for id_, regrade, score, rating in columns}


@dataclass(frozen=True, slots=True)
class Held:
    """What holds of a corrected answer: its score 0…1, its mark (of a review the same), and the version that judged."""

    score: float
    mark: float
    version: QuestionVersion


def held_of_attempt(attempt: Attempt) -> dict[int, Held]:
    """Return what holds of the corrected responses of an attempt, by their keys. One query."""
    rows = standing_corrections(response__attempt=attempt).select_related("regrade__version")
    return {
        row.response_id: Held(row.score or 0.0, row.mark or 0.0, row.regrade.version)
        for row in rows
        if row.response_id is not None and row.regrade.version is not None
    }


def held_of_reviews(user_id: uuid.UUID, review_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Held]:
    """The same of a learner's reviews that were judged anew, by review id; not of those only kept out of memory."""
    rows = standing_corrections(review__user=user_id, review__review_id__in=review_ids, score__isnull=False)
    return {
        row.review.review_id: Held(row.score or 0.0, row.score or 0.0, row.regrade.version)
        for row in rows.select_related("review", "regrade__version")
        if row.review is not None and row.regrade.version is not None
    }
