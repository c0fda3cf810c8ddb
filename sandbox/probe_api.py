"""REST of what a run's network computes: a forward pass and a weight update in numbers, predictions, the model file.

The numbers come from a child of a worker (`sandbox.probes`). A request waits a moment for its answer; where that is not
enough it is 202, and the same request again gets it.
"""

import threading
import time
from collections.abc import Mapping
from itertools import islice
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from pydantic import ValidationError
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.problems import FieldError, Problem, from_pydantic
from sandbox import access, probes
from sandbox.bodies import PredictBody, PredictRequest
from sandbox.export_api import AnswerInOneForm, file_name
from sandbox.messages import Count
from sandbox.models import OPEN, Probe, ProbeKind, ProbeStatus, Run
from sandbox.probe_messages import ForwardPass, Predictions, WeightUpdates
from sandbox.probe_rules import Misfit, fits_whole, forward_sizes, misfits, update_sizes
from sandbox.spec import Spec, layer_names, steps_per_epoch
from sandbox.wording import readable

WAIT_SECONDS = 4.0
POLL_SECONDS = 0.03
MOST_MISFITS = 20
"""So many of a body's wrong cells are named."""
WAITING = max(1, settings.WEB_THREADS // 2)
"""So many threads of a web process may wait for answers; further requests are told to come back at once."""

_waiting = threading.Semaphore(WAITING)


# --- shapes -----------------------------------------------------------------------------------------------------------


class ForwardAnswer(ForwardPass):
    epoch: Count
    """Of the snapshot: so many epochs had been trained."""


class UpdateAnswer(WeightUpdates):
    epoch: Count
    """Of the snapshot; the step belongs to the epoch after it."""


class PredictAnswer(Predictions):
    epoch: Count


class WaitingSerializer(serializers.Serializer[Any]):
    """Not answered yet: the same request again, for this epoch, gets the answer."""

    status = serializers.CharField()
    epoch = serializers.IntegerField()


class KeptSnapshotsSerializer(serializers.Serializer[Any]):
    attempt = serializers.IntegerField()
    epochs = serializers.ListField(child=serializers.IntegerField(), help_text="0: before the first epoch.")


_WAIT = OpenApiResponse(WaitingSerializer, description="Not answered yet; come back after `Retry-After` seconds.")
_EPOCH = OpenApiParameter("epoch", int, description="After so many epochs: one of the run's snapshots; the newest.")
_LAYER = OpenApiParameter("layer", str, description="Only this layer; needed where all are too many numbers.")


# --- views ------------------------------------------------------------------------------------------------------------


class Snapshots(APIView):
    @extend_schema(operation_id="sandbox_run_snapshots", responses=KeptSnapshotsSerializer)
    def get(self, request: Request, run_id: UUID) -> Response:
        """After which epochs the state of the network was kept: what the questions below can be about."""
        run = access.run_of(request.user, run_id)
        kept = {"attempt": run.attempt, "epochs": probes.snapshots_of(run)}
        return Response(KeptSnapshotsSerializer(kept).data)


class ForwardPasses(APIView):
    @extend_schema(
        operation_id="sandbox_run_forward",
        parameters=[
            OpenApiParameter("sample", int, default=0, description="Training, then validation, then test rows."),
            _EPOCH,
            _LAYER,
        ],
        responses={200: ForwardAnswer, 202: _WAIT},
    )
    def get(self, request: Request, run_id: UUID) -> Response:
        """One sample on its way through the network: what goes into each layer and what comes out, in numbers.

        409 if no snapshot has been kept yet.
        """
        run, spec = _run(request, run_id)
        parameters = {
            "epoch": _epoch(run, _number(request, "epoch")),
            "sample": _number(request, "sample", 0, below=spec.data.rows),
            "layer": _layer(request, spec, forward_sizes(spec)),
        }
        return _respond(_asked(run, ProbeKind.FORWARD, parameters))


class Updates(APIView):
    @extend_schema(
        operation_id="sandbox_run_update",
        parameters=[
            OpenApiParameter("step", int, default=0, description="Of the epoch after the snapshot's, from 0."),
            _EPOCH,
            _LAYER,
        ],
        responses={200: UpdateAnswer, 202: _WAIT},
    )
    def get(self, request: Request, run_id: UUID) -> Response:
        """One step of the training: each weight before and after, its gradient, and what the optimizer remembers.

        409 if no snapshot has been kept yet.
        """
        run, spec = _run(request, run_id)
        parameters = {
            "epoch": _epoch(run, _number(request, "epoch")),
            "step": _number(request, "step", 0, below=steps_per_epoch(spec)),
            "layer": _layer(request, spec, update_sizes(spec)),
        }
        return _respond(_asked(run, ProbeKind.UPDATE, parameters))


class Predict(APIView):
    @extend_schema(
        operation_id="sandbox_run_predict", request=PredictRequest, responses={200: PredictAnswer, 202: _WAIT}
    )
    def post(self, request: Request, run_id: UUID) -> Response:
        """What the network says of rows of yours, given as they are before scaling.

        409 if no snapshot has been kept yet.
        """
        run, spec = _run(request, run_id)
        try:
            body = PredictBody.model_validate(request.data)
        except ValidationError as error:
            raise from_pydantic(error) from None
        if wrong := [*islice(misfits(spec, body.inputs), MOST_MISFITS)]:
            raise _invalid(*map(_of_misfit, wrong))
        return _respond(_asked(run, ProbeKind.PREDICT, {"epoch": _epoch(run, body.epoch), "inputs": body.inputs}))


class Model(APIView):
    content_negotiation_class = AnswerInOneForm

    @extend_schema(
        operation_id="sandbox_run_model",
        parameters=[_EPOCH],
        responses={(200, "application/zip"): OpenApiTypes.BINARY, (202, "application/json"): _WAIT},
    )
    def get(self, request: Request, run_id: UUID) -> HttpResponseBase:
        """The network as a `.keras` file, for `keras.saving.load_model`.

        409 if no snapshot has been kept yet.
        """
        run, _ = _run(request, run_id)
        epoch = _epoch(run, _number(request, "epoch"))
        probe = _asked(run, ProbeKind.MODEL, {"epoch": epoch})
        if probe.file is None:
            return _respond(probe)
        response = HttpResponse(bytes(probe.file), content_type="application/zip")
        response["Content-Disposition"] = content_disposition_header(True, f"{file_name(run)}-{epoch}.keras")
        response["Cache-Control"] = "private, no-cache"
        return response


# --- what is asked ----------------------------------------------------------------------------------------------------


def _run(request: Request, run_id: UUID) -> tuple[Run, Spec]:
    run = access.run_of(request.user, run_id)
    spec = readable(run.spec)
    if spec is None:
        raise Problem(410, "This run's spec can no longer be read", code="outdated_spec")
    return run, spec


def _epoch(run: Run, asked: int | None) -> int:
    """The epoch of a snapshot that is there."""
    kept = probes.snapshots_of(run)
    if not kept:
        detail = gettext("The state of the network is kept from its first epoch on; wait until the run trains.")
        raise Problem(409, "No snapshot has been kept yet", detail, code="no_snapshot")
    if asked is not None and asked not in kept:
        known = ", ".join(map(str, kept))
        detail = gettext("The state was kept after these epochs: %(epochs)s.") % {"epochs": known}
        raise _invalid(FieldError("/epoch", "no_snapshot", detail))
    return kept[-1] if asked is None else asked


def _number(request: Request, name: str, default: int | None = None, below: int = 10**9) -> int | None:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise _invalid(FieldError(f"/{name}", "invalid", gettext("Not a number.")))
    if int(text) >= below:
        detail = gettext("There are %(number)d of them, counted from 0.") % {"number": below}
        raise _invalid(FieldError(f"/{name}", "out_of_range", detail))
    return int(text)


def _layer(request: Request, spec: Spec, sizes: dict[str, int]) -> str | None:
    name = request.query_params.get("layer")
    if name is None and fits_whole(sizes):
        return None
    known = layer_names(spec.layers)
    if name in known:
        return name
    if name is None:
        code, detail = "layer_needed", gettext("All layers are too many numbers. Ask for one of these: %(layers)s.")
    else:
        code, detail = "unknown_layer", gettext("The layers are: %(layers)s.")
    raise _invalid(FieldError("/layer", code, detail % {"layers": ", ".join(known)}))


def _invalid(*errors: FieldError) -> Problem:
    return Problem(422, "Some fields are not valid", errors=errors, code="invalid")


def _of_misfit(misfit: Misfit) -> FieldError:
    places = [str(place) for place in (misfit.row, misfit.column) if place is not None]
    return FieldError("/".join(["/inputs", *places]), misfit.code, gettext(misfit.message) % misfit.parameters)


# --- and answered -----------------------------------------------------------------------------------------------------


def _asked(run: Run, kind: ProbeKind, parameters: dict[str, Any]) -> Probe:
    """The question as it stands after at most WAIT_SECONDS."""
    try:
        probe = probes.ask(run, kind, parameters, now=timezone.now())
    except probes.TooManyError:
        detail = gettext("So many of your questions are not answered yet; wait for them first.")
        raise Problem(
            429, "Too many open questions", detail, headers={"Retry-After": "2"}, code="too_many_probes"
        ) from None
    if probe.is_open and _waiting.acquire(blocking=False):
        try:
            _wait_for(probe)
        finally:
            _waiting.release()
    return probe


def _wait_for(probe: Probe) -> None:
    """Look at the row until it has its answer; nothing is held meanwhile but this thread."""
    deadline = time.monotonic() + WAIT_SECONDS
    rows = Probe.objects.filter(pk=probe.pk).values_list("status", flat=True)
    while (status := rows.all().first()) in OPEN and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    if status is None:
        raise Http404("There is no such run any more.")
    probe.refresh_from_db()


def _respond(probe: Probe) -> Response:
    epoch = probe.parameters["epoch"]
    if probe.is_open:
        return Response({"status": "queued", "epoch": epoch}, status=202, headers={"Retry-After": "1"})
    if probe.status == ProbeStatus.FAILED:
        raise _failure(probe)
    answer: Mapping[str, Any] = probe.answer or {}
    return Response({"epoch": epoch, **answer})


def _failure(probe: Probe) -> Problem:
    match probe.problem:
        case "diverged":
            detail = gettext("The loss leaves the range of numbers before this step.")
            return _invalid(FieldError("/step", "diverged", detail))
        case "table_gone":
            detail = gettext("The table of this run has been removed.")
            return Problem(410, "The rows are gone", detail, code="table_gone")
        case "outdated_spec":
            return Problem(410, "This run's spec can no longer be read", code="outdated_spec")
        case "timed_out" if probe.kind == ProbeKind.UPDATE:
            detail = gettext("This takes longer than an answer may. Ask for an earlier step.")
            return _invalid(FieldError("/step", "timed_out", detail))
    retry = {"Retry-After": str(int(probes.RETRY.total_seconds()))}
    detail = gettext("The worker could not compute this. It will be tried again when you ask again later.")
    return Problem(503, "There is no answer", detail, headers=retry, code=probe.problem or "failed")
