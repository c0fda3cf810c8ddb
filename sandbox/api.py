"""REST of the sandbox: presets, estimates, runs and their history."""

from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from pydantic import ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.etags import conditional
from config.problems import FieldError, Problem, from_pydantic
from sandbox import access, live, runs
from sandbox.admission import Admitted, FieldProblem, RefusedError, admit
from sandbox.bodies import EstimateEnvelope, EstimateRequest, RunEnvelope, RunRequest
from sandbox.models import Event, Preset, Run
from sandbox.serializers import (
    EpochsSerializer,
    EstimateSerializer,
    EventsSerializer,
    PresetSerializer,
    RunSerializer,
)
from sandbox.spec import Spec, parameter_count, steps_per_epoch, total_steps, training_rows, validation_rows

Envelope = TypeVar("Envelope", bound=EstimateEnvelope)

MOST_EVENTS = 1000
JSON_SCHEMA = "https://json-schema.org/draft/2020-12/schema"
_AFTER = OpenApiParameter("after", int, description="Only what comes after this number; 0 for everything.")


def _envelope(kind: type[Envelope], body: object) -> Envelope:
    try:
        return kind.model_validate(body)
    except ValidationError as error:
        raise from_pydantic(error) from None


def _admit(spec: object, user: Any) -> Admitted:
    try:
        return admit(spec, access.tables_of(user))
    except RefusedError as refusal:
        raise Problem(
            422, "This spec cannot be trained", errors=_below_spec(refusal.problems), code="invalid"
        ) from None


def _below_spec(problems: list[FieldProblem]) -> list[FieldError]:
    return [FieldError(f"/spec{problem.pointer}", problem.code, problem.detail) for problem in problems]


def _after(request: Request) -> int:
    """The number in `Last-Event-ID` (a browser that comes back) or `?after=`; 0 without."""
    text = request.headers.get("Last-Event-ID") or request.query_params.get("after") or "0"
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Problem(422, "Some fields are not valid", errors=[FieldError("/after", "invalid", "Not a number.")])
    return int(text)


class Presets(ListAPIView[Preset]):
    """Experiments that courses offer, to start from. Where a challenge starts is named by its lesson."""

    serializer_class = PresetSerializer
    ordering = ("collection", "position", "slug")

    def get_queryset(self) -> QuerySet[Preset]:
        return Preset.objects.experiments()


class SpecSchema(APIView):
    @extend_schema(operation_id="sandbox_schema", responses=OpenApiTypes.OBJECT)
    @conditional
    def get(self, request: Request) -> Response:
        """JSON Schema of a spec: every key, bound and default."""
        return Response({"$schema": JSON_SCHEMA, **Spec.model_json_schema(by_alias=True)})


class EstimateView(APIView):
    @extend_schema(operation_id="sandbox_estimate", request=EstimateRequest, responses=EstimateSerializer)
    def post(self, request: Request) -> Response:
        """What a spec would cost; a spec that would be refused is refused here with the same problem."""
        admitted = _admit(_envelope(EstimateEnvelope, request.data).spec, request.user)
        spec = admitted.spec
        estimate = {
            "seconds": admitted.estimate.seconds * runs.current_pace(),
            "parameters": parameter_count(spec),
            "training_rows": training_rows(spec),
            "validation_rows": validation_rows(spec),
            "steps_per_epoch": steps_per_epoch(spec),
            "steps": total_steps(spec),
            "remarks": _below_spec(admitted.remarks),
        }
        return Response(EstimateSerializer(estimate).data)


class Runs(ListAPIView[Run]):
    """Your runs, newest first."""

    serializer_class = RunSerializer
    ordering = ("-created_at", "-id")

    def get_queryset(self) -> QuerySet[Run]:
        if getattr(self, "swagger_fake_view", False):
            return Run.objects.none()
        return access.runs_of(self.request.user)

    def get_serializer_context(self) -> dict[str, Any]:
        context = super().get_serializer_context()
        return {**context, "places": _all_places()}


def _all_places() -> dict[UUID, runs.Place]:
    return runs.places(Run.objects.queued().values_list("pk", flat=True))


def _answer(run: Run, status: int = 200) -> Response:
    place = runs.place(run)
    places = {run.pk: place} if place else {}
    return Response(RunSerializer(run, context={"places": places}).data, status=status)


class OneRun(APIView):
    @extend_schema(operation_id="sandbox_run", responses=RunSerializer)
    def get(self, request: Request, run_id: UUID) -> Response:
        """One of your runs as it is now."""
        return _answer(access.run_of(request.user, run_id))

    @extend_schema(
        operation_id="sandbox_run_create",
        request=RunRequest,
        responses={201: RunSerializer, 200: RunSerializer},
    )
    def put(self, request: Request, run_id: UUID) -> Response:
        """Start a run under an id that you made: 201 the first time, 200 with the same run ever after.

        409 if the id names another spec, 429 (with `Retry-After`) if too many of your runs wait, 503 if too many wait
        on this server.
        """
        body = _envelope(RunEnvelope, request.data)
        admitted = _admit(body.spec, request.user)
        preset = access.preset(body.preset) if body.preset else None
        now = timezone.now()
        run = _create(request.user, run_id, admitted, preset, body.title, now)
        return _answer(run, status=201 if run.created_at == now else 200)


def _create(owner: Any, run_id: UUID, admitted: Admitted, preset: Preset | None, title: str, now: datetime) -> Run:
    try:
        return runs.create(
            owner,
            run_id,
            admitted.as_json(),
            preset=preset,
            title=title,
            estimated_seconds=admitted.estimate.seconds,
            now=now,
        )
    except runs.ConflictError:
        raise Problem(409, "Another run has this id", "Make a new id for another spec.", code="conflict") from None
    except runs.QueueFullError as full:
        detail = f"{full.limit} of your runs wait already; the last of them is number {full.position} in the queue."
        raise Problem(
            429, "Too many waiting runs", detail, headers={"Retry-After": str(full.retry_after)}, code="queue_full"
        ) from None
    except runs.BackloggedError as full:
        headers = {"Retry-After": str(full.retry_after)}
        raise Problem(503, "This server has too many waiting runs", headers=headers, code="backlogged") from None


class Cancel(APIView):
    @extend_schema(operation_id="sandbox_run_cancel", request=None, responses=RunSerializer)
    def post(self, request: Request, run_id: UUID) -> Response:
        """Cancel a run: at once while it waits, within a moment while it trains; nothing happens to a finished one."""
        return _answer(runs.cancel(access.run_of(request.user, run_id), now=timezone.now()))


class Epochs(APIView):
    @extend_schema(operation_id="sandbox_run_epochs", parameters=[_AFTER], responses=EpochsSerializer)
    def get(self, request: Request, run_id: UUID) -> Response:
        """The epochs of the run's current attempt, each once, in order."""
        run = access.run_of(request.user, run_id)
        epochs = Event.objects.epochs_of(run, _after(request)).values_list("payload", flat=True)
        return Response({"attempt": run.attempt, "status": run.status, "epochs": list(epochs)})


class EventStreamRenderer(BaseRenderer):
    """Makes `Accept: text/event-stream` a choice; the stream itself is written by `sandbox.live`."""

    media_type = "text/event-stream"
    format = "event-stream"

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        return JSONRenderer().render(data, *args, **kwargs)


class Events(APIView):
    renderer_classes = [JSONRenderer, EventStreamRenderer]

    @extend_schema(
        operation_id="sandbox_run_events",
        parameters=[
            _AFTER,
            OpenApiParameter("Last-Event-ID", int, OpenApiParameter.HEADER, description="Wins over `after`."),
        ],
        responses={
            (200, "application/json"): EventsSerializer,
            (200, "text/event-stream"): OpenApiTypes.STR,
            204: OpenApiResponse(description="The run has ended and you have every event: do not come back."),
        },
    )
    def get(self, request: Request, run_id: UUID) -> HttpResponseBase:
        """The run's history after a number: as JSON, or (`Accept: text/event-stream`) live until the run ends."""
        run = access.run_of(request.user, run_id)
        after = _after(request)
        events = list(Event.objects.after(run.pk, after)[:MOST_EVENTS])
        renderer = getattr(request, "accepted_renderer", None)
        if not isinstance(renderer, EventStreamRenderer):
            place = runs.place(run)
            listed = [event.as_json() for event in events]
            return Response({"status": run.status, "place": place.as_json() if place else None, "events": listed})
        if not events and not run.is_active:
            return Response(status=204)
        return _stream(request, run, events, after)


def _stream(request: Request, run: Run, events: list[Event], after: int) -> StreamingHttpResponse:
    if live.streams_of(run.owner_id) >= live.STREAMS_PER_USER:
        raise Problem(429, "Too many open streams", headers={"Retry-After": "5"}, code="too_many_streams")
    if not connection.in_atomic_block:
        connection.close()  # the stream lasts for minutes, and reads through the hub's own connection
    response = StreamingHttpResponse(
        live.stream(run.pk, run.owner_id, events, after), content_type="text/event-stream; charset=utf-8"
    )
    response["Cache-Control"] = "no-cache, no-transform"
    response["X-Accel-Buffering"] = "no"
    return response
