"""How an attempt is shown, to pages and API alike. Reads only what `attempts.places` has loaded."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from quizzes import attempts, grading, schemas
from quizzes.attempts import Answered, AttemptError, Place
from quizzes.kinds import Body, Refused, Texts
from quizzes.models import Attempt, Question, Quiz


def attempt_state(attempt: Attempt) -> dict[str, Any]:
    return {
        "id": attempt.id,
        "quiz": attempt.quiz_id,
        "started_at": attempt.started_at,
        "submitted_at": attempt.submitted_at,
        "score": attempt.score,
        "max_score": attempt.max_score,
        "preview": not attempt.counts,
    }


def explained_in(question: Question) -> schemas.LessonLink | None:
    section = question.section
    if section is None:
        return None
    return schemas.LessonLink(lesson=section.lesson_id, section=section.slug, url=section.get_absolute_url())


def outcome(attempt: Attempt, place: Place, locale: str) -> schemas.Outcome | None:
    """Return the mark, feedback and key of an answered place. What is not answered reveals nothing."""
    given = place.response
    if given is None:
        return None
    body = place.version.parsed
    return schemas.Outcome(
        slot=place.slot_id,
        version=place.version.number,
        response=given.answer,
        score=given.score,
        **explanation(body, given.answer, place.texts(attempt, locale)),
        key=body.revealed(),
        explained_in=explained_in(place.question),
        answered_at=given.answered_at,
    )


def explanation(body: Body, response: Any, texts: Texts) -> dict[str, Any]:
    """Return what explains the mark of a response: `parts`, `feedback`, `beside`.

    A kind that has become stricter since may refuse what it once marked; the mark stands all the same.
    """
    graded = grading.grade(body, response)
    if isinstance(graded, Refused):
        return {"parts": {}, "feedback": [], "beside": {}}
    return {
        "parts": dict(graded.parts),
        "feedback": grading.feedback(graded, texts),
        "beside": grading.beside(graded, texts),
    }


def fault(code: str) -> str:
    """Return why a response was none, in the learner's language: what to do, and nothing has been lost."""
    return {
        "incomplete": _("Give every item a place of its own: no place twice, none left open."),
        "not_a_number": _("Write a number, such as 3.2 or −4."),
        "thousands": _("A comma before three digits can mean two things: write 2100, or 2.1 with a point."),
        "too_long": _("This answer is too long."),
    }.get(code) or _("Give an answer first, then check it.")


def quiz(found: Quiz, locale: str) -> schemas.PublicQuiz:
    """Return the quiz as it is asked now, in three queries."""
    fallback = found.lesson.course.fallback
    slots = found.slots.active().exclude(question__current=None).select_related("question__current")
    shown = []
    for position, slot in enumerate(slots.prefetch_related("question__concepts"), start=1):
        version = slot.question.current
        assert version is not None
        shown.append(
            schemas.PublicSlot(
                id=slot.id,
                position=position,
                question=slot.question_id,
                version=version.number,
                concepts=[concept.slug for concept in slot.question.concepts.all()],
                body=version.parsed.public(version.texts_in(locale, fallback)),
            )
        )
    return schemas.PublicQuiz(
        id=found.id,
        title=found.title(locale, fallback),
        lesson=found.lesson_id,
        course=found.lesson.course.slug,
        locale=locale if locale in found.lesson.course.locales else fallback,
        slots=shown,
    )


def attempt(found: Attempt, places: Sequence[Place], locale: str) -> schemas.PublicAttempt:
    return schemas.PublicAttempt(
        **attempt_state(found),
        places=[
            schemas.AttemptPlace(
                slot=place.slot_id,
                position=place.position,
                version=place.version.number,
                answered=place.response is not None,
            )
            for place in places
        ],
        responses=[shown for place in places if (shown := outcome(found, place, locale))],
    )


def saved_attempt(
    found: Attempt, slots: Sequence[UUID], results: Sequence[Answered | AttemptError], locale: str
) -> schemas.SavedAttempt:
    """Return what became of the answers to these slots, in the same order."""
    return schemas.SavedAttempt(
        **attempt_state(found),
        results=[
            schemas.SavedResponse(
                slot=slot,
                status=result.status,
                problem=None,
                outcome=outcome(found, attempts.answered_place(found, result.response), locale),
            )
            if isinstance(result, Answered)
            else schemas.SavedResponse(slot=slot, status="rejected", problem=_problem(result), outcome=None)
            for slot, result in zip(slots, results, strict=True)
        ],
    )


def _problem(refusal: AttemptError) -> schemas.SlotProblem:
    pointer = refusal.refused.pointer if isinstance(refusal, attempts.ResponseRefusedError) else ""
    return schemas.SlotProblem(pointer=pointer, code=refusal.code, detail=str(refusal))


def attempt_review(
    found: Attempt, places: Sequence[Place], next_due: datetime | None, locale: str
) -> schemas.AttemptReview:
    """Return everything about a submitted attempt, the keys of unanswered questions included."""
    return schemas.AttemptReview(
        **attempt_state(found),
        slots=[
            schemas.ReviewedSlot(
                slot=place.slot_id,
                position=place.position,
                question=place.question.id,
                body=place.version.parsed.public(place.texts(found, locale)),
                outcome=outcome(found, place, locale),
                key=place.version.parsed.revealed(),
                explained_in=explained_in(place.question),
            )
            for place in places
        ],
        missed=sum(place.missed for place in places),
        next_due=next_due,
    )
