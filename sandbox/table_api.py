"""REST of the data sets: the built-in ones, and learners' own tables."""

from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.utils import timezone
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.etags import conditional
from config.parsers import BodyTooLarge
from config.problems import FieldError, Problem
from sandbox import access, uploads
from sandbox.datasets import DATASETS
from sandbox.models import Table
from sandbox.serializers import DatasetSerializer
from sandbox.tables import TableError
from sandbox.tables.reading import MAX_BYTES, clean
from sandbox.tables.wording import error_in_words, remark_in_words, report_in_words

ENVELOPE_BYTES = 64 * 1024
"""What a multipart body may have beside the file."""


class CsvParser(BaseParser):
    """A body that is the CSV itself; name and id come with the address."""

    media_type = "text/csv"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        query = (parser_context or {})["request"].query_params
        content = stream.read(MAX_BYTES + 1)
        return {"file": ContentFile(content, name="table.csv"), **{key: query[key] for key in query}}


# --- shapes ---------------------------------------------------------------------------------------------------------


class ColumnSerializer(serializers.Serializer[Any]):
    """A column that can be an input or the target."""

    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=["number", "category"])
    classes = serializers.ListField(
        child=serializers.CharField(), help_text="What it tells apart as a target; empty: a number is to be predicted."
    )
    counts = serializers.ListField(child=serializers.IntegerField(), help_text="Rows of each class.")
    low = serializers.FloatField(allow_null=True, help_text="Of a number column.")
    high = serializers.FloatField(allow_null=True)


class TableRemarkSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()
    column = serializers.CharField(allow_null=True)
    line = serializers.IntegerField(allow_null=True)
    count = serializers.IntegerField(allow_null=True)


class TableSerializer(serializers.ModelSerializer[Table]):
    """A table of your own. In a spec: `{"kind": "table", "table": id, "target": name of a column}`."""

    kind = serializers.SerializerMethodField()
    columns = ColumnSerializer(many=True, read_only=True)
    report = serializers.SerializerMethodField(help_text="What was left out of the file, and why.")

    class Meta:
        model = Table
        fields = ["kind", "id", "name", "rows", "bytes", "columns", "report", "created_at"]
        read_only_fields = fields

    def get_kind(self, table: Table) -> str:
        return "table"

    @extend_schema_field(TableRemarkSerializer(many=True))
    def get_report(self, table: Table) -> list[dict[str, Any]]:
        return [dict(TableRemarkSerializer(line).data) for line in report_in_words(table.report)]


class TableUploadSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(allow_empty_file=True)
    name = serializers.CharField(required=False, allow_blank=True, max_length=200)
    id = serializers.UUIDField(required=False, help_text="Made by you, so that the upload can be repeated.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        unknown = sorted(set(self.initial_data) - {*self.fields, "csrfmiddlewaretoken"})
        if unknown:
            detail = gettext("Nothing of this name is known here.")
            raise serializers.ValidationError({name: ErrorDetail(detail, "unknown") for name in unknown})
        return attrs


_ANY_DATASET = PolymorphicProxySerializer(
    component_name="AnyDataset",
    serializers={**dict.fromkeys(DATASETS, DatasetSerializer), "table": TableSerializer},
    resource_type_field_name="kind",
    many=True,
)


# --- views ----------------------------------------------------------------------------------------------------------


class Datasets(APIView):
    parser_classes = [MultiPartParser, CsvParser]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Look at the size before anything reads the body: large files would be written to the disk."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > MAX_BYTES + ENVELOPE_BYTES:
            raise BodyTooLarge
        super().initial(request, *args, **kwargs)

    @extend_schema(operation_id="sandbox_datasets", responses=_ANY_DATASET)
    @conditional
    def get(self, request: Request) -> Response:
        """The built-in data sets, then your own tables, newest first."""
        built_in: Any = DatasetSerializer([*DATASETS.values()], many=True).data  # type: ignore[arg-type]
        own = access.tables_of(request.user).newest_first().without_content()
        return Response([*built_in, *TableSerializer(own, many=True).data])

    @extend_schema(
        operation_id="sandbox_table_create",
        parameters=[
            OpenApiParameter("name", str, description="Of the table, where the body is the CSV."),
            OpenApiParameter("id", OpenApiTypes.UUID, description="Of the table, where the body is the CSV."),
        ],
        request={"multipart/form-data": TableUploadSerializer, "text/csv": OpenApiTypes.BINARY},
        responses={201: TableSerializer, 200: TableSerializer},
    )
    def post(self, request: Request) -> Response:
        """Upload a CSV: 201 the first time, 200 with the same table for the same bytes.

        422 with the number of the line if it cannot be read, 413 beyond 2 MB, 409 if the id names another table or no
        more tables are kept for you.
        """
        asked = TableUploadSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        now = timezone.now()
        table = _upload(request.user, asked.validated_data, now)
        return Response(TableSerializer(table).data, status=201 if table.created_at == now else 200)


def _upload(owner: Any, asked: Mapping[str, Any], now: Any) -> Table:
    file = asked["file"]
    if file.size > MAX_BYTES:
        raise BodyTooLarge
    name = clean(asked.get("name") or Path(file.name).stem)[:200] or "table"
    try:
        return uploads.upload(owner, name, file.read(), now=now, table_id=asked.get("id"))
    except TableError as error:
        raise _refusal(error) from None
    except uploads.ConflictError:
        raise Problem(409, "Another table has this id", "Make a new id for another file.", code="conflict") from None
    except uploads.NoRoomError as full:
        raise _no_room(full) from None


def _refusal(error: TableError) -> Problem:
    detail = error_in_words(error)
    errors = [FieldError("/file", error.code, detail)]
    errors += [FieldError("/file", remark.code, remark_in_words(remark)) for remark in error.report]
    return Problem(422, "This file cannot be trained on", detail, errors=errors, code="invalid")


def _no_room(full: uploads.NoRoomError) -> Problem:
    detail = gettext("At most %(tables)d tables and %(megabytes)d MB of them are kept for you. Remove one first.") % {
        "tables": full.most_tables,
        "megabytes": full.most_bytes // 1024**2,
    }
    return Problem(409, "No more tables are kept", detail, [FieldError("/file", "no_room", detail)], code="no_room")


class OneTable(APIView):
    @extend_schema(operation_id="sandbox_table", responses=TableSerializer)
    @conditional
    def get(self, request: Request, table_id: UUID) -> Response:
        """One of your tables: its columns, and what was left out."""
        return Response(TableSerializer(access.table_of(request.user, table_id)).data)

    @extend_schema(operation_id="sandbox_table_destroy", responses={204: None})
    def delete(self, request: Request, table_id: UUID) -> Response:
        """Remove the table. Runs of it stay as they are; those that still wait will fail."""
        uploads.remove(access.table_of(request.user, table_id))
        return Response(status=204)
