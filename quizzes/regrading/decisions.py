"""The decisions of instructors about questions that have been answered: judged anew, kept out of memory, taken back.

    (nothing) ── regrade, exclude ──▶ stands ── undo ──▶ taken back

The only writer of Regrade and, with `regrade_late`, of Correction. Nothing that a learner gave, and nothing that it was
judged at first, is ever changed: a decision adds corrections, the last one that stands is what holds, and the caches
(`Response.mark`, `Attempt.score`, the memory states) follow. So each decision can be taken back, in any order, and
every cache is again what it was. Guarantees:

- what was previewed is what is done: a difference that has become another one meanwhile is refused;
- all of it or nothing, in one transaction; of two instructors at once the second is told;
- answers that come later are corrected as if they had been there (`quizzes.regrading.late`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Max

from accounts.models import User
from quizzes.memory import states
from quizzes.models import Attempt, Correction, Question, QuestionVersion, Regrade, Response, Review
from quizzes.regrading import lock
from quizzes.regrading.difference import AttemptChange, Difference, difference
from quizzes.regrading.evidence import Evidence, NewCorrection

_BATCH: Final = 500


class RegradeError(Exception):
    """Raised with a `code` and a sentence; nothing was written."""

    code = "refused"


class NothingToJudgeError(RegradeError):
    code = "nothing_to_judge"


class AlreadyExcludedError(RegradeError):
    code = "already_excluded"


class AlreadyUndoneError(RegradeError):
    code = "already_undone"


class UndoOfUndoError(RegradeError):
    code = "undo_of_undo"


class ChangedMeanwhileError(RegradeError):
    """`difference` is what would be changed now."""

    code = "changed_meanwhile"

    def __init__(self, found: Difference) -> None:
        super().__init__("Something has changed meanwhile. Look again at what would be done, and decide then.")
        self.difference = found


# --- looking ---------------------------------------------------------------------------------------------------------


def preview(question: Question, version: QuestionVersion | None) -> Difference:
    """Return what judging all answers by `version` would change; with None, what keeping it out of memory would.

    Writes nothing. Raises NothingToJudgeError, AlreadyExcludedError.
    """
    evidence = Evidence(question)
    if version is None:
        _check_exclusion(question)
        return difference(evidence, evidence.left_out())
    _check_version(question, version)
    return difference(evidence, evidence.under(version))


def preview_undo(regrade: Regrade) -> Difference:
    """Return what taking a decision back would change. Raises AlreadyUndoneError, UndoOfUndoError."""
    _check_undo(regrade)
    evidence = Evidence(regrade.question)
    return difference(evidence, evidence.without(regrade))


def _check_version(question: Question, version: QuestionVersion) -> None:
    assert version.question_id == question.pk
    if version.parsed.Response is None:
        raise NothingToJudgeError("Nobody marks questions of this kind by a key.")


def _check_exclusion(question: Question) -> None:
    last = Regrade.objects.standing().filter(question=question).order_by("-pk").first()
    if last is not None and last.version_id is None:
        raise AlreadyExcludedError("This question is kept out of memory already.")


def _check_undo(regrade: Regrade) -> None:
    if regrade.undoes_id is not None:
        raise UndoOfUndoError("Taking back cannot be taken back: decide anew instead.")
    if Regrade.objects.filter(undoes=regrade).exists():
        raise AlreadyUndoneError("This has been taken back already.")


# --- deciding --------------------------------------------------------------------------------------------------------


def regrade(
    question: Question,
    version: QuestionVersion,
    *,
    author: User | None,
    reason: str,
    now: datetime,
    expected: Difference | str,
) -> Regrade:
    """Judge everything that was ever answered to the question by the key of `version`.

    `expected` is what the author has seen: a difference of `preview`, or its hash. Raises ChangedMeanwhileError if it
    is another one by now, and what `preview` raises.
    """
    return _decide(question, version, author=author, reason=reason, now=now, expected=expected)


def exclude(
    question: Question, *, author: User | None, reason: str, now: datetime, expected: Difference | str
) -> Regrade:
    """Keep the question out of everybody's memory, until this is taken back or it is judged anew; marks stay.

    Also of reviews that come later, of later versions too: they are kept in the log and move nothing.
    """
    return _decide(question, None, author=author, reason=reason, now=now, expected=expected)


def undo(
    regrade: Regrade,
    *,
    author: User | None,
    now: datetime,
    reason: str = "",
    expected: Difference | str | None = None,
) -> Regrade:
    """Take a decision back: marks, results and memory are again what the others leave. What came since counts as if it
    had never been. Raises AlreadyUndoneError, UndoOfUndoError, and with `expected` ChangedMeanwhileError."""
    question = regrade.question
    with transaction.atomic():
        _let_nobody_answer(question)
        found = preview_undo(regrade)
        _check_expected(found, expected)
        taken_back = Regrade.objects.create(
            question=question,
            version=regrade.version,
            undoes=regrade,
            author=author,
            reason=reason,
            summary=found.summary(),
            made_at=now,
        )
        _write_caches(found)
    return taken_back


def _decide(
    question: Question,
    version: QuestionVersion | None,
    *,
    author: User | None,
    reason: str,
    now: datetime,
    expected: Difference | str,
) -> Regrade:
    with transaction.atomic():
        _let_nobody_answer(question)
        found = preview(question, version)
        _check_expected(found, expected)
        last = question.versions.aggregate(last=Max("number"))["last"] or 0
        decision = Regrade.objects.create(
            question=question,
            version=version,
            author=author,
            reason=reason,
            summary={**found.summary(), "covers": last, "version": version.number if version else None},
            made_at=now,
        )
        _keep_corrections(decision, found.outcome.corrections)
        _write_caches(found)
    return decision


def _let_nobody_answer(question: Question) -> None:
    """In the order of `regrade_lock`, or two would wait for each other. SQLite locks as a whole."""
    Question.objects.select_for_update(no_key=True).values_list("pk").get(pk=question.pk)
    if connection.features.has_select_for_update:
        attempts = Response.objects.filter(version__question=question).order_by().values("attempt")
        learners = Review.objects.filter(question=question).order_by().values("user")
        for rows in (Attempt.objects.filter(pk__in=attempts), User.objects.filter(pk__in=learners)):
            list(rows.order_by("pk").select_for_update(of=("self",)).values_list("pk"))
    lock.take_alone()


def _check_expected(found: Difference, expected: Difference | str | None) -> None:
    wanted = expected.hash if isinstance(expected, Difference) else expected
    if wanted is not None and wanted != found.hash:
        raise ChangedMeanwhileError(found)


# --- writing ---------------------------------------------------------------------------------------------------------


def _keep_corrections(decision: Regrade, corrections: Sequence[NewCorrection]) -> None:
    rows = [
        Correction(
            regrade=decision,
            response_id=one.response,
            review_id=one.review,
            score=one.score,
            mark=one.mark,
            rating=one.rating,
        )
        for one in corrections
    ]
    Correction.objects.bulk_create(rows, batch_size=_BATCH)


def _write_caches(found: Difference) -> None:
    _update(Response, "mark", found.outcome.responses)
    _update(Attempt, "score", _scores(found.attempts))
    states.store_question(found.question, {one.user: one.after for one in found.memory})


def _scores(attempts: Sequence[AttemptChange]) -> dict[Any, float]:
    return {one.attempt: one.score_after for one in attempts if one.score_after is not None}


def _update(model: type[Response] | type[Attempt], name: str, values: Mapping[Any, float]) -> None:
    """Set one column of many rows. Marks take few values: rows with the same one go together."""
    by_value: dict[float, list[Any]] = {}
    for pk, value in values.items():
        by_value.setdefault(value, []).append(pk)
    for value, keys in by_value.items():
        for begin in range(0, len(keys), _BATCH):
            model._default_manager.filter(pk__in=keys[begin : begin + _BATCH]).update(**{name: value})
