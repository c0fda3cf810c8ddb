import math
from typing import Any, ClassVar, cast

from django.conf import settings
from django.db import transaction
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import personal_data
from accounts.models import User
from quizzes.memory import reviews


class MeSerializer(serializers.ModelSerializer[User]):
    locale = serializers.ChoiceField(choices=settings.LANGUAGES)
    roles = serializers.SerializerMethodField(help_text="learner, instructor (of some course), admin")

    class Meta:
        model = User
        fields: ClassVar[list[str]] = [
            *["id", "email", "name", "locale", "time_zone", "day_start_hour", "desired_retention"],
            *["date_joined", "roles"],
        ]
        read_only_fields: ClassVar[list[str]] = ["id", "email", "date_joined"]

    def get_roles(self, user: User) -> list[str]:
        return [role.value for role in user.roles]

    def validate_desired_retention(self, share: float) -> float:
        if not math.isfinite(share):
            raise serializers.ValidationError("This is no number.", "invalid")
        return share

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        writable = {name for name, field in self.fields.items() if not field.read_only}
        unknown = set(self.initial_data) - writable
        if unknown:
            raise serializers.ValidationError(
                {name: ErrorDetail("This cannot be changed here.", "unknown") for name in sorted(unknown)}
            )
        return attrs


class Me(APIView):
    @extend_schema(operation_id="me_retrieve", responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """The account of the token, its preferences and roles."""
        return Response(MeSerializer(cast("User", request.user)).data)

    @extend_schema(operation_id="me_update", request=MeSerializer(partial=True), responses=MeSerializer)
    def patch(self, request: Request) -> Response:
        """Change preferences; what is left out stays."""
        serializer = MeSerializer(cast("User", request.user), data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            before = cast("User", request.user).desired_retention
            user = serializer.save()
            if user.desired_retention != before:
                reviews.rebuild(user)
        return Response(serializer.data)

    @extend_schema(operation_id="me_destroy", responses={204: None})
    def delete(self, request: Request) -> Response:
        """Delete the account and everything in it, at once and for good."""
        personal_data.erase_everything(cast("User", request.user))
        return Response(status=status.HTTP_204_NO_CONTENT)


class MyExport(APIView):
    @extend_schema(operation_id="me_export", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """Everything that is kept of this account, app by app."""
        body = personal_data.export_everything(cast("User", request.user))
        return Response(body, headers={"Cache-Control": "no-store"})
