"""What an answer in an attempt is worth, judged by the version it was given for; kept as a response and a review."""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from config.prepared import PreparedInsert
from quizzes import grading, layouts
from quizzes.attempt_errors import AttemptError, UnknownSlotError
from quizzes.kinds import Body, Graded, Refused
from quizzes.layouts import Entry
from quizzes.memory import reviews
from quizzes.models import Attempt, QuestionVersion, Response, Review, Slot
from quizzes.places import version, versions
from quizzes.regrading import late


@dataclass(frozen=True)
class Given:
    """What was given in a slot. `version` (a number) and `answered_at` are for answers that were given offline.

    Left out, they are the version that the attempt was started with, and now. `sequence` counts the writes to this slot
    where answers are kept; left out, this is the newest.
    """

    slot: uuid.UUID
    response: Any
    version: int | None = None
    answered_at: datetime | None = None
    elapsed_ms: int | None = None
    certainty: int | None = None
    sequence: int | None = None


@dataclass(frozen=True)
class Verdict:
    """What an answer is worth by the version it was given for; `graded` is a refusal where it is no answer."""

    asked: QuestionVersion
    entry: Entry
    graded: Graded | Refused


def judge(attempt: Attempt, given: Given) -> Verdict | AttemptError:
    entries = {entry.slot: entry for entry in layouts.read(attempt.layout)}
    asked = _find_version(attempt, entries.get(given.slot), given)
    if isinstance(asked, AttemptError):
        return asked
    asked_version, entry = asked
    return Verdict(asked_version, entry, grading.grade(_asked(attempt, asked_version, given.slot), given.response))


def _asked(attempt: Attempt, asked: QuestionVersion, slot: uuid.UUID) -> Body:
    return asked.parsed.asked(layouts.seed_of(attempt.seed, slot), shuffle=attempt.parsed_rules.shuffle_choices)


def _find_version(
    attempt: Attempt, entry: Entry | None, given: Given
) -> tuple[QuestionVersion, Entry] | UnknownSlotError:
    """Return the version to judge by; an attempt that was taken offline may name a slot the quiz has since lost."""
    if entry is not None and given.version is None:
        return version(entry.version), entry
    slot = Slot.objects.filter(id=given.slot, quiz_id=attempt.quiz_id).select_related("question").first()
    if slot is None:
        return UnknownSlotError("The quiz has no such slot.")
    question: uuid.UUID | None
    if entry is not None:
        question = QuestionVersion.objects.values_list("question", flat=True).get(pk=entry.version)
    elif slot.question is not None:
        question = slot.question_id
    else:
        return UnknownSlotError("This slot draws its question when the attempt starts; it has drawn none.")
    current = slot.question.current_id if slot.question else None
    wanted = {"pk": current} if given.version is None else {"question": question, "number": given.version}
    found = versions().filter(**wanted).first()
    if found is None:
        return UnknownSlotError("The question of this slot has no such version.")
    return found, replace(entry or Entry(slot.pk, found.pk, slot.mark), version=found.pk)


_KEEP = PreparedInsert(Response)


def write(attempt: Attempt, given: Given, verdict: Verdict, score: float, now: datetime, *, tries: int = 1) -> Response:
    """Keep a response, and the one review that it is."""
    worth = verdict.entry.mark
    response = Response(
        attempt=attempt,
        slot_id=given.slot,
        version=verdict.asked,
        answer=given.response,
        score=score,
        worth=worth,
        certainty=given.certainty if attempt.parsed_rules.certainty else None,
        tries=tries,
        mark=attempt.parsed_rules.mark(score, worth, tries=tries, certainty=given.certainty),
        answered_at=min(given.answered_at or now, now),
    )
    _KEEP([response])
    record(attempt, given, verdict.asked, score, now, tries)
    return response


def record(
    attempt: Attempt,
    given: Given,
    asked: QuestionVersion,
    score: float,
    now: datetime,
    number: int = 1,
    row: Response | None = None,
) -> None:
    """Keep an answer as evidence of memory; `row` is the response that it is, where it is the last try."""
    if not attempt.counts:
        if row is not None:
            late.correct_preview(row, attempt)
        return
    reviews.record_response(
        attempt.user,
        asked,
        given.response,
        score,
        review_id=review_id(attempt.pk, given.slot, number),
        source=Review.Source.QUIZ,
        occurred_at=given.answered_at or now,
        now=now,
        elapsed_ms=given.elapsed_ms,
        certainty=given.certainty if attempt.parsed_rules.certainty else None,
        row=row,
    )


def review_id(attempt_id: uuid.UUID, slot_id: uuid.UUID, number: int = 1) -> uuid.UUID:
    """Return the id of the one review that an answer makes, or a try after it, however often it is delivered."""
    return uuid.uuid5(attempt_id, str(slot_id) if number == 1 else f"{slot_id}/{number}")
