"""REST of a run under way: commands to it, and its decision boundary as it was drawn."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiParameter, extend_schema
from pydantic import ValidationError
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.problems import FieldError, Problem, from_pydantic
from sandbox import access, steering
from sandbox.bodies import CommandBody
from sandbox.messages import GRID
from sandbox.models import Event, Run


class CommandSerializer(serializers.Serializer[Any]):
    """A command as it was accepted; a `changed` event of the run tells that it was carried out."""

    id = serializers.UUIDField(source="key")
    kind = serializers.CharField()
    learning_rate = serializers.FloatField(allow_null=True)
    created_at = serializers.DateTimeField()


class Commands(APIView):
    @extend_schema(operation_id="sandbox_run_command", request=CommandBody, responses={202: CommandSerializer})
    def post(self, request: Request, run_id: UUID) -> Response:
        """Pause, resume or step a run that trains, or change its learning rate; it obeys within a fifth of a second.

        409 if the run waits or has ended, 422 if its learning rate follows a schedule.
        """
        run = access.run_of(request.user, run_id)
        try:
            body = CommandBody.model_validate(request.data)
        except ValidationError as error:
            raise from_pydantic(error) from None
        return Response(CommandSerializer(_give(run, body)).data, status=202)


def _give(run: Run, body: CommandBody) -> Any:
    try:
        return steering.give(run, body.id, body.kind, body.learning_rate, now=timezone.now())
    except steering.NotRunningError:
        detail = gettext("Only a run that trains can be steered.")
        raise Problem(409, "The run does not train", detail, code="not_running") from None
    except steering.ScheduledError:
        detail = gettext("The learning rate of this run follows a schedule.")
        errors = [FieldError("/learning_rate", "scheduled", detail)]
        raise Problem(422, "Some fields are not valid", errors=errors, code="invalid") from None
    except steering.TooManyError:
        raise Problem(429, "Too many commands", headers={"Retry-After": "60"}, code="too_many_commands") from None


class BoundarySerializer(serializers.Serializer[Any]):
    epoch = serializers.IntegerField()
    size = serializers.IntegerField(help_text="Points along each side.")
    low = serializers.ListField(child=serializers.FloatField(), help_text="Of both inputs, before scaling.")
    high = serializers.ListField(child=serializers.FloatField())
    classes = serializers.CharField(help_text="Base64: a byte for each point, row by row from the lowest x₂.")
    certainty = serializers.CharField(help_text="Base64, likewise: 0 is a guess, 255 is certain.")


class Boundaries(APIView):
    @extend_schema(
        operation_id="sandbox_run_boundary",
        parameters=[OpenApiParameter("epoch", int, description="The newest up to this epoch.")],
        responses=BoundarySerializer,
    )
    def get(self, request: Request, run_id: UUID) -> Response:
        """What the network says over the plane of its two inputs. 404 for networks with other inputs."""
        run = access.run_of(request.user, run_id)
        epoch = request.query_params.get("epoch")
        if epoch is not None and not (epoch.isascii() and epoch.isdigit() and len(epoch) < 10):
            raise Problem(422, "Some fields are not valid", errors=[FieldError("/epoch", "invalid", "Not a number.")])
        drawn = Event.objects.boundary_of(run, None if epoch is None else int(epoch))
        if drawn is None:
            raise Problem(404, "No boundary has been drawn", code="not_found")
        return Response(BoundarySerializer({**drawn.payload, "size": GRID}).data)
