"""Corrections of answers that came after a decision: written in the transaction that keeps the answer.

With `regrading` the only writer of corrections. Every decision that stands is asked, as if the answer had been there
when it was made, so that it cannot matter which came first, and each may be taken back alone.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence

from quizzes.models import Attempt, Correction, QuestionVersion, Response, Review
from quizzes.regrading import standing
from quizzes.regrading.standing import Decision, Said

_BATCH = 500


def correct(
    reviews: Sequence[Review], decisions: Mapping[uuid.UUID, Sequence[Decision]], row: Response | None = None
) -> dict[uuid.UUID, Said]:
    """Correct reviews that one learner has just given, and the responses that they are, whose marks may change.

    Returns what holds now of the reviews that were corrected, by review id. `row`: the response that the one review is,
    where the caller has it at hand and wants to see its mark.
    """
    concerned = [review for review in reviews if review.question_id in decisions]
    versions = QuestionVersion.objects.filter(question__in=decisions).order_by()
    numbers = dict(versions.values_list("pk", "number"))
    responses = _responses(concerned)
    corrections: list[Correction] = []
    holding: dict[uuid.UUID, Said] = {}
    for review in concerned:
        response = responses.get(review.review_id)
        for said in standing.said_of_review(
            decisions[review.question_id],
            review.response,
            review.rating,
            review.score,
            numbers.get(review.version_id or 0, 0),
            certainty=response.certainty if response else None,
        ):
            corrections.append(_correction(said, review=review))
            holding[review.review_id] = said
        if response is not None:
            given = row if row is not None and row.pk == response.pk else response
            _correct_response(given, response.attempt, decisions[review.question_id])
    Correction.objects.bulk_create(corrections, batch_size=_BATCH)
    return holding


def correct_preview(response: Response, attempt: Attempt) -> None:
    """Correct a response that has just been written and is no evidence, and so goes through no review."""
    decisions = standing.of_questions([response.version.question_id])
    _correct_response(response, attempt, decisions.get(response.version.question_id, ()))


def _correct_response(response: Response, attempt: Attempt, decisions: Sequence[Decision]) -> None:
    all_said = list(standing.said_of_response(decisions, response, attempt, response.version.number))
    if all_said and all_said[-1].mark is not None:
        Correction.objects.bulk_create([_correction(said, response=response) for said in all_said])
        response.mark = all_said[-1].mark
        response.save(update_fields=["mark"])


def _correction(said: Said, response: Response | None = None, review: Review | None = None) -> Correction:
    return Correction(
        regrade_id=said.decision, response=response, review=review, score=said.score, mark=said.mark, rating=said.rating
    )


def _responses(reviews: Sequence[Review]) -> dict[uuid.UUID, Response]:
    """The responses that these reviews of one learner are, by review id."""
    of_quizzes = {review.review_id for review in reviews if review.source == Review.Source.QUIZ}
    if not of_quizzes:
        return {}
    questions = {review.question_id for review in reviews}
    rows = Response.objects.filter(attempt__user=reviews[0].user_id, version__question__in=questions)
    found = {_review_id(row): row for row in rows.select_related("attempt", "version")}
    return {review: row for review, row in found.items() if review in of_quizzes}


def certainties_of(responses: Iterable[Response]) -> dict[uuid.UUID, int]:
    """Return what was stated with these responses, by the id of the review that each is."""
    return {_review_id(one): one.certainty for one in responses if one.certainty is not None}


def _review_id(response: Response) -> uuid.UUID:
    # Judging keeps reviews, and they are corrected here.
    from quizzes.judging import review_id

    return review_id(response.attempt_id, response.slot_id, response.tries)
