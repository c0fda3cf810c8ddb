"""The verbs of an attempt: start, save, answer, submit. Each may be repeated without changing anything.

    (nothing) ── start ──▶ open ── save, answer, … ──▶ open ── submit, or its time is up ──▶ submitted

An answer is marked at once where the rules say so, and the first one of a slot stands: going back, a second tab or a
second device never marks it again. Where a question may be tried again the last try stands. Otherwise answers are saved
and marked at the end. What was saved and never checked is marked at the end, too: nothing gets lost of what a device
was told is kept.

Every graded answer is one review as evidence of memory, unless the attempt is an instructor's preview.
"""

import json
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from django.db import IntegrityError, transaction
from django.db.models import Max, UUIDField

from accounts.models import User
from config.prepared import Prepared, PreparedInsert
from courses.access import is_instructor
from quizzes import layouts, rules
from quizzes.attempt_errors import (
    AttemptError,
    AttemptIdTakenError,
    NoAttemptLeftError,
    QuizIsEmptyError,
    QuizIsNotOpenError,
    ResponseRefusedError,
    SubmittedError,
    TimeIsUpError,
)
from quizzes.judging import Given, Verdict, judge, record, write
from quizzes.kinds import Graded, Refused
from quizzes.layouts import Entry
from quizzes.models import Attempt, Quiz, Response, SavedAnswer, Try
from quizzes.places import version
from quizzes.rules import Rules


@dataclass(frozen=True)
class Answered:
    """What became of an answer that is marked at once.

    `created`: marked now. `tried`: marked, and it may be tried again. `duplicate`: the same answer again. `conflict`:
    another answer; the first one stands. `response` is what stands; None as long as it may be tried again.
    """

    status: Literal["created", "tried", "duplicate", "conflict"]
    response: Response | None


@dataclass(frozen=True)
class Saved:
    """What became of an answer that is kept for the end. `outdated`: a newer one is kept.

    `refused` says why it would not be marked as it stands; it is kept all the same.
    """

    status: Literal["saved", "outdated"]
    answer: SavedAnswer
    refused: Refused | None = None


Kept = Answered | Saved | AttemptError
MOST_KEPT: Final = 20_000
"""Characters of an answer that is kept unmarked, as JSON: no kind of question takes as many."""


# --- start -----------------------------------------------------------------------------------------------------------


_ATTEMPT = Prepared(lambda pk: Attempt.objects.filter(pk=pk).order_by(), pk=UUIDField())
_KEEP = PreparedInsert(Attempt)


def start(user: User, quiz: Quiz, attempt_id: uuid.UUID, *, now: datetime) -> tuple[Attempt, bool]:
    """Return the attempt with this id, and whether it is new.

    Raises AttemptIdTakenError if the id is someone else's or of another quiz, QuizIsEmptyError if nothing is asked,
    QuizIsNotOpenError and NoAttemptLeftError. An instructor's preview may start at any time, as often as wanted.
    """
    found = _ATTEMPT.first(pk=attempt_id)
    if found is not None:
        return _own(found, user, quiz), False
    quiz_rules, counts = quiz.parsed_rules, not is_instructor(user, quiz.lesson.course)
    seed = secrets.randbelow(2**31)
    layout = layouts.lay_out(quiz, quiz_rules, seed)
    if not layout:
        raise QuizIsEmptyError("This quiz has no questions yet.")
    attempt = Attempt(
        id=attempt_id,
        user=user,
        quiz=quiz,
        started_at=now,
        max_score=sum(entry.mark for entry in layout),
        layout=[entry.as_json() for entry in layout],
        rules=quiz.rules,
        seed=seed,
        expires_at=quiz_rules.expiry(now),
        counts=counts,
    )
    try:
        with transaction.atomic():
            if counts:
                _admit(user, quiz, quiz_rules, now)
            _KEEP([attempt])
    except IntegrityError:  # another request with this id was quicker
        return _own(Attempt.objects.get(id=attempt_id), user, quiz), False
    return attempt, True


def _own(found: Attempt, user: User, quiz: Quiz) -> Attempt:
    if (found.user_id, found.quiz_id) != (user.id, quiz.id):
        raise AttemptIdTakenError("This id belongs to another attempt.")
    return found


def _admit(user: User, quiz: Quiz, quiz_rules: Rules, now: datetime) -> None:
    if not quiz_rules.is_open(now):
        raise QuizIsNotOpenError("This quiz has closed." if quiz_rules.is_closed(now) else "This quiz is not open yet.")
    if quiz_rules.attempts is not None:
        _lock(user)
        if attempts_left(user, quiz) == 0:
            raise NoAttemptLeftError("You have taken this quiz as often as it may be taken.")


def attempts_left(user: User, quiz: Quiz) -> int | None:
    """Return how often the learner may still begin; None for as often as wanted."""
    allowed = quiz.parsed_rules.attempts
    return (
        None if allowed is None else max(0, allowed - Attempt.objects.filter(user=user, quiz=quiz, counts=True).count())
    )


def resume_or_start(user: User, quiz: Quiz, *, now: datetime) -> Attempt:
    """Return the learner's open attempt, else a new one. Two tabs that start at once get the same.

    One whose time is up ends first, outside of the learner's lock: an answer locks its attempt, then the learner.
    """
    under_way = Attempt.objects.open().filter(user=user, quiz=quiz).select_related("user", "quiz__lesson__course")
    for attempt in under_way:
        close_if_over(attempt, now=now)
    with transaction.atomic():
        _lock(user)
        return under_way.all().first() or start(user, quiz, uuid.uuid4(), now=now)[0]


def _lock(user: User) -> None:
    User.objects.select_for_update().values_list("pk").get(pk=user.pk)


# --- answer and save -------------------------------------------------------------------------------------------------


def answer(
    attempt: Attempt, slot_id: uuid.UUID, response: Any, *, now: datetime, certainty: int | None = None
) -> Answered:
    """Mark an answer and keep it; return what stands.

    Raises UnknownSlotError, SubmittedError, TimeIsUpError, ResponseRefusedError; then nothing was written.
    """
    (result,) = answer_all(attempt, [Given(slot_id, response, certainty=certainty)], now=now)
    if isinstance(result, AttemptError):
        raise result
    assert isinstance(result, Answered)
    return result


def answer_all(attempt: Attempt, given: Sequence[Given], *, now: datetime) -> list[Kept]:
    """Answer several slots; return what stands in each, or why it was refused. A refusal blocks no other.

    Where the rules mark at the end this saves. Whatever can be read and graded before is, so that the transaction is
    short: SQLite has one writer at a time.
    """
    if not given:
        return []
    if not attempt.parsed_rules.marks_at_once:
        return save_all(attempt, given, now=now)
    verdicts = [judge(attempt, one) for one in given]
    with transaction.atomic():
        locked = _locked(attempt, now)
        standing = _Standing(locked, [one.slot for one in given])
        results: list[Kept] = [
            _keep(locked, one, verdict, standing, now) for one, verdict in zip(given, verdicts, strict=True)
        ]
    _take_over(attempt, locked)
    return results


def save_all(attempt: Attempt, given: Sequence[Given], *, now: datetime) -> list[Kept]:
    """Keep answers unmarked; return what is kept in each slot. An older write never overwrites a newer one."""
    if not given:
        return []
    verdicts = [judge(attempt, one) for one in given]
    with transaction.atomic():
        locked = _locked(attempt, now)
        standing = _Standing(locked, [one.slot for one in given])
        results = [_save(locked, one, verdict, standing, now) for one, verdict in zip(given, verdicts, strict=True)]
    _take_over(attempt, locked)
    return results


_LOCKED = Prepared(lambda pk: Attempt.objects.lock().filter(pk=pk).order_by(), pk=UUIDField())
_RESPONSES = Prepared(
    lambda attempt, slots: Response.objects.filter(attempt=attempt, slot__id__in=slots).order_by(),
    attempt=UUIDField(),
    slots=UUIDField(),
)


def _locked(attempt: Attempt, now: datetime) -> Attempt:
    """Let nobody else write in this attempt; end it first if its time is up."""
    (locked,) = _LOCKED(pk=attempt.pk)
    locked.user, locked.quiz = attempt.user, attempt.quiz
    if locked.submitted_at is None and locked.ran_out(now):
        _close(locked, now)
    return locked


def _take_over(attempt: Attempt, locked: Attempt) -> None:
    for name in ("layout", "max_score", "submitted_at", "score"):
        setattr(attempt, name, getattr(locked, name))


class _Standing:
    """What stands in these slots, in as many queries as the rules need."""

    def __init__(self, attempt: Attempt, slots: Sequence[uuid.UUID]) -> None:
        responses = _RESPONSES(attempt=attempt.pk, slots=list(slots))
        self.responses = {response.slot_id: response for response in responses}
        self._attempt, self._slots = attempt, slots
        self._saved: dict[uuid.UUID, SavedAnswer] | None = None
        self._tries: dict[uuid.UUID, list[Try]] | None = None

    @property
    def saved(self) -> dict[uuid.UUID, SavedAnswer]:
        if self._saved is None:
            rows = SavedAnswer.objects.filter(attempt=self._attempt, slot__in=self._slots).order_by()
            self._saved = {one.slot_id: one for one in rows}
        return self._saved

    @property
    def tries(self) -> dict[uuid.UUID, list[Try]]:
        if self._tries is None:
            self._tries = {slot: [] for slot in self._slots}
            for one in Try.objects.filter(attempt=self._attempt, slot__in=self._slots).order_by("number"):
                self._tries[one.slot_id].append(one)
        return self._tries


def _keep(
    attempt: Attempt, given: Given, verdict: Verdict | AttemptError, standing: _Standing, now: datetime
) -> Answered | AttemptError:
    if given.slot in standing.responses:
        first = standing.responses[given.slot]
        first.version = version(first.version_id)
        return Answered("duplicate" if first.answer == given.response else "conflict", first)
    if attempt.submitted_at is not None:
        return _closed(attempt)
    if isinstance(verdict, AttemptError):
        return verdict
    if isinstance(verdict.graded, Refused):
        return ResponseRefusedError(verdict.graded)
    _join(attempt, verdict.entry)
    if attempt.parsed_rules.behaviour == "tries":
        return _try(attempt, given, verdict, verdict.graded.score, standing, now)
    response = write(attempt, given, verdict, verdict.graded.score, now)
    standing.responses[given.slot] = response
    return Answered("created", response)


def _try(
    attempt: Attempt, given: Given, verdict: Verdict, score: float, standing: _Standing, now: datetime
) -> Answered:
    """Keep one try; the last one is the response. What was tried before is no other try."""
    before = standing.tries[given.slot]
    if any(one.answer == given.response for one in before):
        return Answered("duplicate", None)
    number = len(before) + 1
    tried = Try.objects.create(
        attempt=attempt, slot_id=given.slot, number=number, answer=given.response, score=score, tried_at=now
    )
    before.append(tried)
    if score < 1 and number < attempt.parsed_rules.tries:
        record(attempt, given, verdict.asked, score, now, number)
        return Answered("tried", None)
    response = write(attempt, given, verdict, score, now, tries=number)
    standing.responses[given.slot] = response
    return Answered("created", response)


def _save(attempt: Attempt, given: Given, verdict: Verdict | AttemptError, standing: _Standing, now: datetime) -> Kept:
    if given.slot in standing.responses:
        first = standing.responses[given.slot]
        first.version = version(first.version_id)
        return Answered("duplicate" if first.answer == given.response else "conflict", first)
    if attempt.submitted_at is not None:
        return _closed(attempt)
    if isinstance(verdict, AttemptError):
        return verdict
    if len(json.dumps(given.response)) > MOST_KEPT:
        return ResponseRefusedError(Refused("", "too_long", f"An answer has at most {MOST_KEPT} characters."))
    kept = standing.saved.get(given.slot)
    refused = verdict.graded if isinstance(verdict.graded, Refused) else None
    if kept is not None and given.sequence is not None and given.sequence <= kept.sequence:
        same = (kept.sequence, kept.answer, kept.certainty) == (given.sequence, given.response, given.certainty)
        return Saved("saved" if same else "outdated", kept, refused)
    _join(attempt, verdict.entry)
    sequence = given.sequence if given.sequence is not None else (kept.sequence + 1 if kept else 1)
    values = {"answer": given.response, "certainty": given.certainty, "sequence": sequence, "saved_at": now}
    saved, _ = SavedAnswer.objects.update_or_create(attempt=attempt, slot_id=given.slot, defaults=values)
    standing.saved[given.slot] = saved
    return Saved("saved", saved, refused)


def _closed(attempt: Attempt) -> SubmittedError:
    if attempt.expires_at is not None and attempt.submitted_at == attempt.expires_at:
        return TimeIsUpError("The time of this attempt is up; it takes no more answers.")
    return SubmittedError("The attempt is submitted; it takes no more answers.")


def _join(attempt: Attempt, entry: Entry) -> None:
    """A slot that the quiz has lost or gained since the start joins the attempt with its first answer."""
    if all(known["slot"] != str(entry.slot) for known in attempt.layout):
        attempt.layout = [*attempt.layout, entry.as_json()]
        attempt.max_score = sum(known.mark for known in layouts.read(attempt.layout))
        attempt.save(update_fields=["layout", "max_score"])


# --- submit ----------------------------------------------------------------------------------------------------------


def submit(attempt: Attempt, *, now: datetime) -> Attempt:
    """Close the attempt and fix its score: the sum of its marks.

    What was saved is marked; what was not answered counts 0, and is no evidence.
    """
    with transaction.atomic():
        locked = Attempt.objects.lock().get(pk=attempt.pk)
        locked.user, locked.quiz = attempt.user, attempt.quiz
        if locked.submitted_at is None:
            _close(locked, now)
    attempt.refresh_from_db(fields=["submitted_at", "score", "max_score", "layout"])
    return attempt


def close_if_over(attempt: Attempt, *, now: datetime) -> None:
    """Submit the attempt if its time is up. To be called where an attempt is looked at."""
    if attempt.submitted_at is None and attempt.ran_out(now):
        submit(attempt, now=now)


def close_overdue(*, now: datetime, most: int = 500) -> int:
    """Submit the attempts whose time is up and that nobody has come back to; return how many."""
    overdue = Attempt.objects.open().filter(expires_at__lt=now).select_related("user", "quiz__lesson__course")
    closed = [submit(attempt, now=now) for attempt in overdue.order_by("expires_at")[:most] if attempt.ran_out(now)]
    return len(closed)


def _close(locked: Attempt, now: datetime) -> None:
    """Mark what was saved, and close. An attempt whose time is up ended then, whenever that is noticed."""
    ended = min(now, locked.expires_at) if locked.expires_at else now
    answered = set(locked.responses.values_list("slot", flat=True))
    left = [one for one in locked.saved_answers.all() if one.slot_id not in answered]
    for saved in left:
        given = Given(saved.slot_id, saved.answer, answered_at=saved.saved_at, certainty=saved.certainty)
        verdict = judge(locked, given)
        if isinstance(verdict, Verdict) and isinstance(verdict.graded, Graded):
            tries = locked.tries.filter(slot=saved.slot_id).aggregate(last=Max("number"))["last"] or 0
            write(locked, given, verdict, verdict.graded.score, now, tries=tries + 1)
    if locked.parsed_rules.behaviour == "tries":
        _settle_tries(locked, now)
    score = rules.total(list(locked.responses.values_list("mark", flat=True)))
    Attempt.objects.open().filter(pk=locked.pk).update(submitted_at=ended, score=score)
    locked.submitted_at, locked.score = ended, score


def _settle_tries(locked: Attempt, now: datetime) -> None:
    """A question that was tried, and would have been tried again, counts by its last try. Its reviews are kept."""
    answered = set(locked.responses.values_list("slot", flat=True))
    last = {one.slot_id: one for one in locked.tries.order_by("number") if one.slot_id not in answered}
    for slot, tried in last.items():
        given = Given(slot, tried.answer, answered_at=tried.tried_at)
        verdict = judge(locked, given)
        if isinstance(verdict, Verdict):
            write(locked, given, verdict, tried.score, now, tries=tried.number)


def result_of(attempts: Sequence[Attempt], quiz_rules: Rules) -> float | None:
    """Return the share 0…1 that these submitted attempts of one learner come to, or None without any."""
    begun = sorted((one for one in attempts if one.submitted_at and one.max_score), key=lambda one: one.started_at)
    return quiz_rules.result([(one.score or 0.0) / one.max_score for one in begun])
