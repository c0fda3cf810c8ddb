"""Everything that was ever answered to one question, and what becomes of it by a decision. Reads only.

Looked at is each response, in submitted and in open attempts and for whichever version, and each review: of a quiz, of
a checkpoint, of the API. A learner's own rating is never judged by a key; keeping a question out of memory leaves it
out, too.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from quizzes.memory import fsrs
from quizzes.models import Correction, Question, QuestionVersion, Regrade, Response, Review
from quizzes.regrading import standing
from quizzes.regrading.late import certainties_of
from quizzes.regrading.standing import Decision
from quizzes.rules import Rules


@dataclass(frozen=True, slots=True)
class Evidenced:
    """A review. `holding_rating` is what counts now: its own, or that of the last correction that stands."""

    pk: int
    review_id: uuid.UUID
    user_id: uuid.UUID
    rating: int | None
    score: float | None
    response: Any
    source: str
    effective_at: datetime
    occurred_at: datetime
    undoes: uuid.UUID | None
    number: int
    holding_rating: int | None


_COLUMNS = [field.name for field in fields(Evidenced)][1:-2]
"""Those that are columns of the table, too."""


@dataclass(frozen=True, slots=True)
class NewCorrection:
    """`response` and `review` are keys, one of them None."""

    response: int | None
    review: int | None
    score: float | None
    mark: float | None = None
    rating: int | None = None


@dataclass
class Outcome:
    """`responses`: key → mark after; `reviews`: key → rating after; only where it is another one than before.

    `corrections` are to be kept with a new decision: what agrees with an answer, too, where an earlier decision does
    not and may be taken back.
    """

    judged: int = 0
    unjudged: int = 0
    responses: dict[int, float] = field(default_factory=dict)
    reviews: dict[int, int | None] = field(default_factory=dict)
    corrections: list[NewCorrection] = field(default_factory=list)


class Evidence:
    """All of one question, in a handful of queries."""

    def __init__(self, question: Question) -> None:
        self.question = question
        rows = Regrade.objects.standing().filter(question=question).order_by("pk")
        self.standing = list(rows.values_list("pk", flat=True))
        self._of_responses, self._of_reviews = self._corrections()
        self.responses = self._find_responses()
        self.reviews = self._find_reviews()

    def _find_responses(self) -> Sequence[Response]:
        rows = Response.objects.filter(version__question=self.question).select_related("attempt")
        rows = rows.defer("attempt__layout").order_by("pk")
        self.numbers = dict(QuestionVersion.objects.filter(question=self.question).values_list("pk", "number"))
        responses = list(rows)
        known: dict[str, Rules] = {}  # the same for all attempts of a quiz, mostly, and slow to read
        for response in responses:
            written = repr(response.attempt.rules)
            if written not in known:
                known[written] = response.attempt.parsed_rules
            response.attempt.parsed_rules = known[written]
        return responses

    def _find_reviews(self) -> Sequence[Evidenced]:
        rows = Review.objects.filter(question=self.question).order_by("pk")
        found = []
        for version, pk, *columns in rows.values_list("version_id", "pk", *_COLUMNS).iterator():
            corrected = self._of_reviews.get(pk)
            own: dict[str, Any] = dict(zip(_COLUMNS, columns, strict=True))
            holding = corrected[-1].rating if corrected else own["rating"]
            found.append(Evidenced(pk, **own, number=self.numbers.get(version, 0), holding_rating=holding))
        return found

    def _corrections(self) -> tuple[Mapping[int, list[Correction]], Mapping[int, list[Correction]]]:
        """Those that stand, in their order, by response and by review."""
        of_responses: dict[int, list[Correction]] = defaultdict(list)
        of_reviews: dict[int, list[Correction]] = defaultdict(list)
        for row in standing.standing_corrections(regrade__question=self.question.pk):
            if row.response_id is not None:
                of_responses[row.response_id].append(row)
            elif row.review_id is not None:
                of_reviews[row.review_id].append(row)
        return of_responses, of_reviews

    # --- a new decision ----------------------------------------------------------------------------------------------

    def under(self, version: QuestionVersion) -> Outcome:
        """What becomes of it if all is judged by this version."""
        outcome, decision = Outcome(), Decision(0, version, max(self.numbers.values(), default=0))
        for response in self.responses:
            number = self.numbers[response.version_id]
            score = decision.score(response.answer, number)
            outcome.judged += 1
            if score is None:
                outcome.unjudged += 1
                continue
            self._correct_response(outcome, response, score)
        certainties = certainties_of(self.responses)
        for review in self.reviews:
            if review.response is None or review.rating is None:
                continue
            score = decision.score(review.response, review.number)
            if review.source != Review.Source.QUIZ:  # those of a quiz have been counted as responses
                outcome.judged += 1
                outcome.unjudged += score is None
            if score is not None:
                rating = fsrs.rating_of_score(score, certainties.get(review.review_id))
                self._correct_review(outcome, review, score, int(rating))
        return outcome

    def left_out(self) -> Outcome:
        """What becomes of it if the question is kept out of memory."""
        outcome = Outcome()
        for review in self.reviews:
            if review.rating is not None:
                outcome.judged += 1
                self._correct_review(outcome, review, None, None)
        return outcome

    def _correct_response(self, outcome: Outcome, response: Response, score: float) -> None:
        if score == response.score and response.pk not in self._of_responses:
            return
        mark = standing.mark_of(response.attempt, response, score)
        outcome.corrections.append(NewCorrection(response.pk, None, score, mark=mark))
        if mark != response.mark:
            outcome.responses[response.pk] = mark

    def _correct_review(self, outcome: Outcome, review: Evidenced, score: float | None, rating: int | None) -> None:
        if (rating, score) == (review.rating, review.score) and review.pk not in self._of_reviews:
            return
        outcome.corrections.append(NewCorrection(None, review.pk, score, rating=rating))
        if rating != review.holding_rating:
            outcome.reviews[review.pk] = rating

    # --- taking one back ---------------------------------------------------------------------------------------------

    def without(self, regrade: Regrade) -> Outcome:
        """What becomes of it if a decision that stands is taken back: what the others left, or what it was at first."""
        outcome = Outcome()
        for response in self.responses:
            stack = self._of_responses.get(response.pk, [])
            if _concerns(stack, regrade):
                outcome.judged += 1
                left = [one.mark for one in stack if one.regrade_id != regrade.pk]
                mark = left[-1] if left else standing.mark_of(response.attempt, response, response.score)
                if mark is not None and mark != response.mark:
                    outcome.responses[response.pk] = mark
        for review in self.reviews:
            stack = self._of_reviews.get(review.pk, [])
            if _concerns(stack, regrade):
                ratings = [one.rating for one in stack if one.regrade_id != regrade.pk]
                rating = ratings[-1] if ratings else review.rating
                outcome.judged += 1
                if rating != review.holding_rating:
                    outcome.reviews[review.pk] = rating
        return outcome


def _concerns(stack: Iterable[Correction], regrade: Regrade) -> bool:
    return any(one.regrade_id == regrade.pk for one in stack)
