"""Decisions about questions, for instructors. Nothing is written that was not looked at: `If-Match` names the
difference that a dry run gave as its ETag; 428 without it, 412 if it is another one by now."""

import uuid
from collections.abc import Callable
from typing import TypeVar, cast

from django.utils import timezone
from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from config.problems import FieldError, Problem
from quizzes.kinds.base import Strict
from quizzes.models import Question, QuestionVersion, Regrade
from quizzes.regrading import decisions, presenting, schemas
from quizzes.regrading.access import decision_of, taught_question
from quizzes.regrading.decisions import ChangedMeanwhileError, NothingToJudgeError, RegradeError
from quizzes.regrading.difference import FIGURES, AttemptChange, Difference, MemoryChange

DRY_RUN = OpenApiParameter("dry_run", bool, description="Only say what would change; false if absent.")
IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description="The ETag of the dry run. 428 without it, 412 if it is stale."
)
Done = TypeVar("Done")


class RegradeView(APIView):
    @extend_schema(
        operation_id="question_regrade",
        parameters=[DRY_RUN, IF_MATCH],
        request=schemas.RegradeBody,
        responses={200: schemas.RegradeResult, 201: schemas.RegradeResult},
    )
    def post(self, request: Request, question_id: uuid.UUID) -> Response:
        """Judge everything that was ever answered to a question by one of its versions, or keep it out of memory.

        Marks, results, statistics and memory follow; it can be taken back. First with `dry_run=true`.
        """
        question = taught_question(_instructor(request), question_id)
        body = schemas.RegradeBody.model_validate(request.data)
        version = _version(question, body.version)
        found = _refusing(lambda: decisions.preview(question, version))
        if _is_dry_run(request):
            return _answer(question, None, found)
        author, expected, now = _instructor(request), _expected(request, found), timezone.now()

        def decide() -> Regrade:
            if version is None:
                return decisions.exclude(question, author=author, reason=body.reason, now=now, expected=expected)
            return decisions.regrade(question, version, author=author, reason=body.reason, now=now, expected=expected)

        return _answer(question, _refusing(decide), found)


class RegradesView(APIView):
    @extend_schema(operation_id="question_regrades", responses=schemas.Regrades)
    def get(self, request: Request, question_id: uuid.UUID) -> Response:
        """What has been decided about a question, the newest first."""
        question = taught_question(_instructor(request), question_id)
        rows = list(question.regrades.select_related("version", "author"))
        taken_back = {row.undoes_id: row.pk for row in rows if row.undoes_id is not None}
        return _sent(schemas.Regrades(regrades=[_row(row, taken_back.get(row.pk)) for row in rows]))


class UndoView(APIView):
    @extend_schema(
        operation_id="question_regrade_undo",
        parameters=[DRY_RUN, IF_MATCH],
        request=schemas.UndoBody,
        responses={200: schemas.RegradeResult, 201: schemas.RegradeResult},
    )
    def post(self, request: Request, question_id: uuid.UUID, regrade_id: int) -> Response:
        """Take a decision back: marks and memory are again what the others leave. Once, and for good."""
        question = taught_question(_instructor(request), question_id)
        decision = decision_of(question, regrade_id)
        body = schemas.UndoBody.model_validate(request.data or {})
        found = _refusing(lambda: decisions.preview_undo(decision))
        if _is_dry_run(request):
            return _answer(question, None, found)
        author, expected, now = _instructor(request), _expected(request, found), timezone.now()
        done = _refusing(
            lambda: decisions.undo(decision, author=author, reason=body.reason, now=now, expected=expected)
        )
        return _answer(question, done, found)


def _instructor(request: Request) -> User:
    """The permission class lets nobody else in than users; whether they teach is asked of each question."""
    return cast("User", request.user)


def _is_dry_run(request: Request) -> bool:
    return schemas.DryRunQuery.model_validate(request.query_params.dict()).dry_run


def _version(question: Question, number: int | None) -> QuestionVersion | None:
    if number is None:
        return None
    version = question.versions.filter(number=number).first()
    if version is None:
        errors = [FieldError("/version", "unknown_version", "The question has no such version.")]
        raise Problem(422, "Some fields are not valid", errors=errors, code="invalid")
    return version


def _expected(request: Request, found: Difference) -> str:
    """The hash that the client has seen."""
    sent = request.headers.get("If-Match", "").strip()
    if not sent:
        detail = "Send the ETag of a dry run as If-Match, so that only what was looked at is done."
        raise Problem(428, "Look first", detail, headers={"ETag": _etag(found)}, code="precondition_required")
    return sent.removeprefix("W/").strip('"')


def _refusing(verb: Callable[[], Done]) -> Done:
    """Say as a problem why a verb refuses."""
    try:
        return verb()
    except ChangedMeanwhileError as changed:
        headers = {"ETag": _etag(changed.difference)}
        raise Problem(412, "Changed meanwhile", str(changed), headers=headers, code=changed.code) from changed
    except NothingToJudgeError as refused:
        errors = [FieldError("/version", refused.code, str(refused))]
        raise Problem(422, "Some fields are not valid", errors=errors, code="invalid") from refused
    except RegradeError as refused:
        raise Problem(409, "Already decided", str(refused), code=refused.code) from refused


def _etag(found: Difference) -> str:
    return f'"{found.hash}"'


def _sent(body: Strict, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(body.model_dump(mode="json"), status=status, headers=headers)


def _answer(question: Question, done: Regrade | None, found: Difference) -> Response:
    result = schemas.RegradeResult(regrade=_row(done, None) if done else None, difference=_difference(question, found))
    return _sent(result, 201 if done else 200, {"ETag": _etag(found)})


def _row(row: Regrade, taken_back_by: int | None) -> schemas.RegradeRow:
    return schemas.RegradeRow(
        id=row.pk,
        question=row.question_id,
        version=row.version.number if row.version else None,
        reason=row.reason,
        author=str(row.author) if row.author else None,
        made_at=row.made_at,
        undoes=row.undoes_id,
        taken_back_by=taken_back_by,
        learners=row.summary.get("learners", 0),
    )


def _difference(question: Question, found: Difference) -> schemas.RegradeDifference:
    shown = presenting.shown(found, get_language() or "", question.course.fallback)
    return schemas.RegradeDifference(
        hash=found.hash,
        **{name: getattr(found, name) for name in FIGURES},
        attempts=[_attempt(row.learner, row.change) for row in shown.attempts],
        memory=[_memory(row.learner, row.change) for row in shown.memory],
    )


def _attempt(learner: str, one: AttemptChange) -> schemas.ChangedAttempt:
    own = {name: getattr(one, name) for name in schemas.ChangedAttempt.model_fields if hasattr(one, name)}
    return schemas.ChangedAttempt(learner=learner, preview=not one.counts, **own)


def _memory(learner: str, one: MemoryChange) -> schemas.ChangedMemory:
    return schemas.ChangedMemory(
        learner=learner,
        due_before=one.before.due if one.before else None,
        due_after=one.after.due if one.after else None,
        stability_before=one.before.stability if one.before else None,
        stability_after=one.after.stability if one.after else None,
    )
