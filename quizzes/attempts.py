"""The verbs of an attempt: start, answer, submit. Each may be repeated without changing anything.

    (nothing) ── start ──▶ open ── answer, answer, … ──▶ open ── submit ──▶ submitted

The first answer of a slot stands: going back, a second tab or a second device never marks it again. Every graded answer
is one review as evidence of memory, unless the attempt is an instructor's preview.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db import IntegrityError, transaction
from django.db.models import QuerySet, Sum

from accounts.models import User
from courses.access import is_instructor
from quizzes import grading, reviews
from quizzes.kinds import Graded, Refused, Texts
from quizzes.models import Attempt, MemoryState, Question, QuestionVersion, Quiz, Response, Review, Slot


class AttemptError(Exception):
    """Raised with a `code` and a sentence; nothing was written."""

    code = "refused"


class AttemptIdTakenError(AttemptError):
    code = "id_taken"


class QuizIsEmptyError(AttemptError):
    code = "quiz_is_empty"


class SubmittedError(AttemptError):
    code = "submitted"


class UnknownSlotError(AttemptError):
    code = "unknown_slot"


class ResponseRefusedError(AttemptError):
    """The response is none: `refused` says where and why."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.detail)
        self.refused = refused
        self.code = refused.code


@dataclass(frozen=True)
class Given:
    """What was given in a slot. `version` (a number) and `answered_at` are for answers that were given offline.

    Left out, they are the version that the attempt was started with, and now.
    """

    slot: uuid.UUID
    response: Any
    version: int | None = None
    answered_at: datetime | None = None
    elapsed_ms: int | None = None


@dataclass(frozen=True)
class Answered:
    """`created`: marked now. `duplicate`: the same answer again. `conflict`: another answer; the first one stands."""

    status: Literal["created", "duplicate", "conflict"]
    response: Response


@dataclass(frozen=True)
class Place:
    """One slot of an attempt: what is asked, and what was given."""

    position: int
    slot_id: uuid.UUID
    version: QuestionVersion
    response: Response | None

    @property
    def question(self) -> Question:
        return self.version.question

    @property
    def missed(self) -> bool:
        """Answered, and not wholly right."""
        return self.response is not None and self.response.score < 1

    def texts(self, attempt: Attempt, locale: str) -> Texts:
        return self.version.texts_in(locale, attempt.quiz.lesson.course.fallback)


def start(user: User, quiz: Quiz, attempt_id: uuid.UUID, *, now: datetime) -> tuple[Attempt, bool]:
    """Return the attempt with this id, and whether it is new.

    Raises AttemptIdTakenError if the id is someone else's or of another quiz, QuizIsEmptyError if nothing is asked.
    """
    slots = quiz.slots.active().exclude(question__current=None).values_list("id", "question__current_id")
    layout = [{"slot": str(slot), "version": version} for slot, version in slots]
    if not layout:
        raise QuizIsEmptyError("This quiz has no questions yet.")
    attempt = Attempt(id=attempt_id, user=user, quiz=quiz, started_at=now, max_score=len(layout), layout=layout)
    attempt.counts = not is_instructor(user, quiz.lesson.course)
    try:
        with transaction.atomic():
            attempt.save(force_insert=True)
    except IntegrityError:
        found = Attempt.objects.get(id=attempt_id)
        if (found.user_id, found.quiz_id) != (user.id, quiz.id):
            raise AttemptIdTakenError("This id belongs to another attempt.") from None
        return found, False
    return attempt, True


def resume_or_start(user: User, quiz: Quiz, *, now: datetime) -> Attempt:
    """Return the learner's open attempt, else a new one. Two tabs that start at once get the same."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        found = Attempt.objects.open().filter(user=user, quiz=quiz).first()
        return found or start(user, quiz, uuid.uuid4(), now=now)[0]


def answer(attempt: Attempt, slot_id: uuid.UUID, response: Any, *, now: datetime) -> Answered:
    """Mark the first answer of a slot and keep it; return what stands.

    Raises UnknownSlotError, SubmittedError, ResponseRefusedError; then nothing was written.
    """
    (result,) = answer_all(attempt, [Given(slot_id, response)], now=now)
    if isinstance(result, AttemptError):
        raise result
    return result


def answer_all(attempt: Attempt, given: Sequence[Given], *, now: datetime) -> list[Answered | AttemptError]:
    """Answer several slots; return what stands in each, or why it was refused. A refusal blocks no other.

    Whatever can be read and graded before is, so that the transaction is short: SQLite has one writer at a time.
    """
    if not given:
        return []
    verdicts = [_judge(attempt, one) for one in given]
    with transaction.atomic():
        locked = Attempt.objects.lock().get(pk=attempt.pk)
        locked.user = attempt.user
        found = Response.objects.filter(attempt=locked, slot__in=[one.slot for one in given]).order_by()
        standing = {response.slot_id: response for response in found}
        results = [_keep(locked, one, verdict, standing, now) for one, verdict in zip(given, verdicts, strict=True)]
    attempt.layout, attempt.max_score = locked.layout, locked.max_score
    return results


def _judge(attempt: Attempt, given: Given) -> tuple[QuestionVersion, Graded] | AttemptError:
    asked = _version_asked(attempt, given.slot, given.version)
    if isinstance(asked, AttemptError):
        return asked
    graded = grading.grade(asked.parsed, given.response)
    return ResponseRefusedError(graded) if isinstance(graded, Refused) else (asked, graded)


def _keep(
    attempt: Attempt,
    given: Given,
    verdict: tuple[QuestionVersion, Graded] | AttemptError,
    standing: dict[uuid.UUID, Response],
    now: datetime,
) -> Answered | AttemptError:
    if given.slot in standing:
        first = standing[given.slot]
        first.version = _versions().get(pk=first.version_id)
        return Answered("duplicate" if first.answer == given.response else "conflict", first)
    if attempt.submitted_at is not None:
        return SubmittedError("The attempt is submitted; it takes no more answers.")
    if isinstance(verdict, AttemptError):
        return verdict
    asked, graded = verdict
    _join(attempt, given.slot, asked)
    standing[given.slot] = _write(attempt, given, asked, graded.score, now)
    return Answered("created", standing[given.slot])


def _write(attempt: Attempt, given: Given, asked: QuestionVersion, score: float, now: datetime) -> Response:
    """Keep a response, and the one review that it is."""
    answered_at = given.answered_at or now
    response = Response.objects.create(
        attempt=attempt,
        slot_id=given.slot,
        version=asked,
        answer=given.response,
        score=score,
        answered_at=min(answered_at, now),
    )
    if attempt.counts:
        reviews.record_response(
            attempt.user,
            asked,
            given.response,
            score,
            review_id=review_id(attempt.pk, given.slot),
            source=Review.Source.QUIZ,
            occurred_at=answered_at,
            now=now,
            elapsed_ms=given.elapsed_ms,
        )
    return response


def submit(attempt: Attempt, *, now: datetime) -> Attempt:
    """Close the attempt and fix its score: the sum of its marks. What was not answered counts 0, and is no evidence."""
    with transaction.atomic():
        locked = Attempt.objects.lock().get(pk=attempt.pk)
        score = locked.responses.aggregate(total=Sum("score"))["total"] or 0.0
        Attempt.objects.open().filter(pk=attempt.pk).update(submitted_at=now, score=score)
    attempt.refresh_from_db(fields=["submitted_at", "score", "max_score", "layout"])
    return attempt


def places(attempt: Attempt) -> list[Place]:
    """Return the slots of the attempt in the order of its layout, in two queries."""
    responses = {given.slot_id: given for given in attempt.responses.all()}
    asked = [(uuid.UUID(entry["slot"]), entry["version"]) for entry in attempt.layout]
    judged = [responses[slot].version_id if slot in responses else version for slot, version in asked]
    versions = _versions().in_bulk(judged)
    return [
        Place(position, slot, versions[version], responses.get(slot))
        for position, ((slot, _), version) in enumerate(zip(asked, judged, strict=True), start=1)
    ]


def answered_place(attempt: Attempt, response: Response) -> Place:
    """Return the place of a response that `answer` gave."""
    slots = [entry["slot"] for entry in attempt.layout]
    return Place(slots.index(str(response.slot_id)) + 1, response.slot_id, response.version, response)


def _versions() -> QuerySet[QuestionVersion]:
    """With all that shows where a question is explained."""
    return QuestionVersion.objects.select_related("question__section__lesson__course").order_by()


def next_due(attempt: Attempt, places: Collection[Place]) -> datetime | None:
    """Return when the first missed question comes back in the learner's review."""
    missed = [place.question.id for place in places if place.missed]
    return MemoryState.objects.by(attempt.user_id).next_due(missed) if missed and attempt.counts else None


def _version_asked(attempt: Attempt, slot_id: uuid.UUID, number: int | None) -> QuestionVersion | AttemptError:
    """Return the version to judge by; an attempt that was taken offline may name a slot the quiz has since lost."""
    asked = next((entry["version"] for entry in attempt.layout if entry["slot"] == str(slot_id)), None)
    if asked is not None and number is None:
        return _versions().get(pk=asked)
    slot = Slot.objects.filter(id=slot_id, quiz_id=attempt.quiz_id).select_related("question").first()
    if slot is None:
        return UnknownSlotError("The quiz has no such slot.")
    wanted = {"pk": slot.question.current_id} if number is None else {"question": slot.question_id, "number": number}
    version = _versions().filter(**wanted).first()
    if version is None:
        return UnknownSlotError("The question of this slot has no such version.")
    return version


def _join(attempt: Attempt, slot_id: uuid.UUID, version: QuestionVersion) -> None:
    """A slot that the quiz has lost or gained since the start joins the attempt with its first answer."""
    if all(entry["slot"] != str(slot_id) for entry in attempt.layout):
        attempt.layout = [*attempt.layout, {"slot": str(slot_id), "version": version.pk}]
        attempt.max_score = len(attempt.layout)
        attempt.save(update_fields=["layout", "max_score"])


def review_id(attempt_id: uuid.UUID, slot_id: uuid.UUID) -> uuid.UUID:
    """Return the id of the one review that an answer makes, however often it is delivered."""
    return uuid.uuid5(attempt_id, str(slot_id))
