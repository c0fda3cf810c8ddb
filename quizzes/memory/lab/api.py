"""The lab for apps: the same verbs as its page."""

from typing import cast

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from config.problems import FieldError, Problem
from quizzes.memory.lab import rows, schemas, sets
from quizzes.memory.lab.sets import LabSet, Memory
from sandbox.table_recipes import starting_spec
from sandbox.uploads import NoRoomError


class LabView(APIView):
    @extend_schema(
        operation_id="memory_lab",
        parameters=[OpenApiParameter("memory", str, enum=["own", "simulated"], description="`own` if absent.")],
        responses=schemas.Lab,
    )
    def get(self, request: Request) -> Response:
        """Your reviews as a data set, how well FSRS predicts its last fifth, and how well your networks do."""
        query = schemas.LabQuery.model_validate(request.query_params.dict())
        return _answer(_learner(request), query.memory)

    @extend_schema(operation_id="memory_lab_make", request=schemas.LabQuery, responses=schemas.Lab)
    def post(self, request: Request) -> Response:
        """Make a table of today's rows. The same rows are the same table, however often it is made.

        409 `not_enough` with too few rows, 409 `no_room` if no more tables are kept for you.
        """
        body = schemas.LabQuery.model_validate(request.data)
        try:
            sets.make(_learner(request), body.memory, now=timezone.now())
        except sets.NotEnoughError:
            detail = f"{rows.FEWEST_ROWS} rows are needed, some recalled and some forgotten."
            raise _conflict("There is not enough to train on yet", "not_enough", detail) from None
        except NoRoomError as full:
            detail = f"At most {full.most_tables} tables and {full.most_bytes} bytes of them. Remove one first."
            raise _conflict("No more tables are kept", "no_room", detail) from None
        return _answer(_learner(request), body.memory)


def _conflict(title: str, code: str, detail: str) -> Problem:
    return Problem(409, title, detail, [FieldError("/memory", code, detail)], code=code)


def _answer(learner: User, memory: Memory) -> Response:
    found = sets.of_learner(learner, memory)
    training, validation = rows.split(found.examples)
    table = found.table
    body = schemas.Lab(
        memory=found.memory,
        rows=len(found.examples),
        rows_needed=rows.FEWEST_ROWS,
        share_recalled=rows.share_recalled(found.examples),
        training_rows=len(training),
        validation_rows=len(validation),
        figures=_figures(found) if found.can_be_trained_on else None,
        table=table.pk if table else None,
        made_at=table.created_at if table else None,
        newer_reviews=found.newer,
        target=rows.TARGET,
        spec=starting_spec(table.pk, table.described(), rows.TARGET) if table else None,
        runs=[_run(run) for run in sets.runs_on(learner, table)] if table else [],
    )
    return Response(body.model_dump(mode="json"))


def _figures(found: LabSet) -> schemas.LabFigures:
    figures = rows.figures(found.examples, has_own=found.has_own_weights)
    return schemas.LabFigures(
        constant=figures.constant,
        published=figures.published,
        own=figures.own,
        uncertainty=figures.uncertainty,
        coin=rows.COIN,
    )


def _run(found: sets.LabRun) -> schemas.LabRun:
    return schemas.LabRun(id=found.run.pk, log_loss=found.log_loss, incomparable=found.why or None)


def _learner(request: Request) -> User:
    """The permission class lets nobody else in."""
    return cast("User", request.user)
