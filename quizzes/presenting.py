"""How an attempt is shown, to pages and API alike. Reads only what `places.of_attempt` has loaded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from django.utils.translation import gettext as _

from quizzes import grading, places, schemas
from quizzes.attempt_errors import AttemptError, ResponseRefusedError
from quizzes.attempts import Kept, Saved
from quizzes.kinds import Body, Graded, Refused, Texts
from quizzes.models import Attempt, Question, Quiz, SavedAnswer, Slot
from quizzes.places import Place
from quizzes.regrading import notices
from quizzes.rules import Rules

GENERAL = "feedback"
"""The text that explains the question to everybody who has answered; it may tell the right answer."""


def attempt_state(attempt: Attempt, now: datetime) -> dict[str, Any]:
    seen = Seen.of(attempt, now)
    score = attempt.score if seen.marks else None
    return {
        "id": attempt.id,
        "quiz": attempt.quiz_id,
        "started_at": attempt.started_at,
        "expires_at": attempt.expires_at,
        "submitted_at": attempt.submitted_at,
        "score": score,
        "max_score": attempt.max_score,
        "passed": None if score is None else attempt.parsed_rules.passed(score, attempt.max_score),
        "preview": not attempt.counts,
    }


@dataclass(frozen=True)
class Seen:
    """What the rules of an attempt let its learner see now."""

    marks: bool
    answers: bool
    feedback: bool

    @classmethod
    def of(cls, attempt: Attempt, now: datetime) -> Self:
        shown, phase = attempt.parsed_rules.shown, attempt.parsed_rules.phase(attempt.submitted_at, now)
        return cls(phase in shown.marks, phase in shown.answers, phase in shown.feedback)


def explained_in(question: Question) -> schemas.LessonLink | None:
    section = question.section
    if section is None:
        return None
    return schemas.LessonLink(lesson=section.lesson_id, section=section.slug, url=section.get_absolute_url())


def outcome(attempt: Attempt, place: Place, locale: str, now: datetime) -> schemas.Outcome | None:
    """Return mark, feedback and key of a marked place, as far as they are shown now.

    What is not marked reveals nothing.
    """
    given, seen = place.response, Seen.of(attempt, now)
    if given is None:
        return None
    body = place.body
    told = explanation(body, given.answer, place.texts(attempt, locale))
    return schemas.Outcome(
        slot=place.slot_id,
        version=place.version.number,
        response=given.answer,
        certainty=given.certainty,
        tries=given.tries,
        score=place.score if seen.marks else None,
        mark=given.mark if seen.marks else None,
        worth=place.worth,
        parts=told["parts"] if seen.marks else {},
        feedback=told["feedback"] if seen.feedback else [],
        beside=told["beside"] if seen.feedback and seen.answers else {},
        key=body.revealed() if seen.answers else None,
        explained_in=explained_in(place.question),
        answered_at=given.answered_at,
    )


def tried(attempt: Attempt, place: Place, locale: str, now: datetime) -> schemas.TriedOutcome | None:
    """Return what the last try was worth, where another one is left: only what does not give the answer away."""
    if not place.tries or place.response is not None:
        return None
    last, seen = place.tries[-1], Seen.of(attempt, now)
    graded = grading.grade(place.body, last.answer)
    texts = place.texts(attempt, locale)
    paths = graded.feedback if isinstance(graded, Graded) else ()
    own = [texts[path] for path in paths if path in texts and path != GENERAL]
    return schemas.TriedOutcome(
        slot=place.slot_id,
        response=last.answer,
        score=last.score if seen.marks else None,
        feedback=own if seen.feedback else [],
        left=attempt.parsed_rules.tries - len(place.tries),
    )


def kept(saved: SavedAnswer | None) -> schemas.SavedAnswer | None:
    if saved is None:
        return None
    return schemas.SavedAnswer(
        slot=saved.slot_id,
        response=saved.answer,
        certainty=saved.certainty,
        sequence=saved.sequence,
        saved_at=saved.saved_at,
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
        "other_values": _("These numbers belong to another sitting. Work with the ones that are shown now."),
    }.get(code) or _("Give an answer first, then check it.")


def public_rules(rules: Rules) -> schemas.PublicRules:
    again = rules.behaviour == "tries"
    return schemas.PublicRules(
        behaviour=rules.behaviour,
        certainty=rules.certainty,
        tries=rules.tries if again else None,
        penalty=rules.penalty if again else None,
        time_limit=rules.time_limit,
        attempts=rules.attempts,
        counted=rules.counted,
        opens=rules.opens,
        closes=rules.closes,
        passing=rules.passing,
    )


def quiz(found: Quiz, locale: str) -> schemas.PublicQuiz:
    """Return the quiz as it is asked now, in three queries."""
    fallback = found.lesson.course.fallback
    slots = found.slots.active().select_related("question__current").order_by("position")
    return schemas.PublicQuiz(
        id=found.id,
        title=found.title(locale, fallback),
        lesson=found.lesson_id,
        course=found.lesson.course.slug,
        locale=locale if locale in found.lesson.course.locales else fallback,
        rules=public_rules(found.parsed_rules),
        slots=[
            _public_slot(slot, position, locale, fallback)
            for position, slot in enumerate(slots.prefetch_related("question__concepts"), start=1)
        ],
    )


def _public_slot(slot: Slot, position: int, locale: str, fallback: str) -> schemas.PublicSlot:
    question = slot.question
    version = question.current if question else None
    return schemas.PublicSlot(
        id=slot.id,
        position=position,
        worth=slot.mark,
        question=slot.question_id,
        version=version.number if version else None,
        concepts=[concept.slug for concept in question.concepts.all()] if question else [],
        body=version.parsed.public(version.texts_in(locale, fallback)) if version else None,
    )


def attempt(found: Attempt, all_places: Sequence[Place], locale: str, now: datetime) -> schemas.PublicAttempt:
    return schemas.PublicAttempt(
        **attempt_state(found, now),
        now=now,
        places=[
            schemas.AttemptPlace(
                slot=place.slot_id,
                position=place.position,
                question=place.question.id,
                version=place.version.number,
                worth=place.worth,
                body=place.body.public(place.texts(found, locale)),
                answered=place.is_answered,
                kept=kept(place.saved),
                tried=tried(found, place, locale, now),
            )
            for place in all_places
        ],
        responses=[shown for place in all_places if (shown := outcome(found, place, locale, now))],
    )


def saved_attempt(
    found: Attempt, slots: Sequence[UUID], results: Sequence[Kept], locale: str, now: datetime
) -> schemas.SavedAttempt:
    """Return what became of the answers to these slots, in the same order."""
    return schemas.SavedAttempt(
        **attempt_state(found, now),
        now=now,
        results=[_result(found, slot, result, locale, now) for slot, result in zip(slots, results, strict=True)],
    )


def _result(found: Attempt, slot: UUID, result: Kept, locale: str, now: datetime) -> schemas.SavedResponse:
    if isinstance(result, AttemptError):
        return schemas.SavedResponse(slot=slot, status="rejected", problem=_problem(result))
    if isinstance(result, Saved):
        problem = _problem(ResponseRefusedError(result.refused)) if result.refused else None
        return schemas.SavedResponse(slot=slot, status=result.status, problem=problem, kept=kept(result.answer))
    if result.response is None:
        again = tried(found, places.of_slot(found, slot), locale, now)
        return schemas.SavedResponse(slot=slot, status=result.status, tried=again)
    shown = outcome(found, places.of_response(found, result.response), locale, now)
    return schemas.SavedResponse(slot=slot, status=result.status, outcome=shown)


def _problem(refusal: AttemptError) -> schemas.SlotProblem:
    pointer = refusal.refused.pointer if isinstance(refusal, ResponseRefusedError) else ""
    return schemas.SlotProblem(pointer=pointer, code=refusal.code, detail=str(refusal))


def attempt_review(
    found: Attempt, all_places: Sequence[Place], next_due: datetime | None, locale: str, now: datetime
) -> schemas.AttemptReview:
    """Return everything about a submitted attempt that its rules show, the keys of unanswered questions included."""
    seen = Seen.of(found, now)
    return schemas.AttemptReview(
        **attempt_state(found, now),
        notices=notices.of_attempt(found) if seen.marks else [],
        slots=[
            schemas.ReviewedSlot(
                slot=place.slot_id,
                position=place.position,
                question=place.question.id,
                worth=place.worth,
                body=place.body.public(place.texts(found, locale)),
                outcome=outcome(found, place, locale, now),
                key=place.body.revealed() if seen.answers else None,
                explained_in=explained_in(place.question),
            )
            for place in all_places
        ],
        missed=sum(place.missed for place in all_places) if seen.marks else 0,
        next_due=next_due if seen.marks else None,
    )
