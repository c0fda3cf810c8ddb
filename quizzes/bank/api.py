"""Files of questions, for instructors. Nothing is imported that was not looked at: `If-Match` names the plan that a dry
run gave as its ETag; 428 without it, 412 if it would be another by now."""

from collections.abc import Mapping
from typing import IO, Any, cast

from django.core.files.base import ContentFile
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from config.parsers import BodyTooLarge
from config.problems import FieldError, Problem
from courses.access import find_taught
from courses.ids import content_id
from courses.models import Course, Lesson
from quizzes.bank import exporting, files, importing, schemas
from quizzes.bank.exporting import Exported
from quizzes.bank.formats import FORMATS, Format, guess
from quizzes.bank.plan import Plan, Planned, WrongPlaceError, plan
from quizzes.bank.views import file_response
from quizzes.interchange.items import MAX_BYTES, FileFault, Item

ENVELOPE_BYTES = 64 * 1024
"""What a multipart body may have beside the file."""
FORMAT = OpenApiParameter("format", str, enum=[*FORMATS], description="What the file looks like, if left out.")
LESSON = OpenApiParameter("lesson", str, description="The slug of a lesson.")
LOCALE = OpenApiParameter("locale", str, description="The language of the texts; the first of the course if left out.")


class AnyParser(BaseParser):
    """A body that is the file itself."""

    media_type = "*/*"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        query = (parser_context or {})["request"].query_params
        return {"file": ContentFile(stream.read(MAX_BYTES + 1), name=query.get("name", "") or "questions")}


class AnswerInJson(DefaultContentNegotiation):
    """REST framework would take `?format=` for the name of a renderer, and answer 404."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, renderer.media_type or ""


class QuestionFileSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(allow_empty_file=True)


class ImportView(APIView):
    parser_classes = [MultiPartParser, AnyParser]
    content_negotiation_class = AnswerInJson

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Look at the size before anything reads the body: large files would be written to the disk."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > MAX_BYTES + ENVELOPE_BYTES:
            raise BodyTooLarge
        super().initial(request, *args, **kwargs)

    @extend_schema(
        operation_id="question_import",
        parameters=[
            OpenApiParameter("dry_run", bool, description="Only say what would change; false if absent."),
            FORMAT,
            LESSON,
            LOCALE,
            OpenApiParameter("name", str, description="Of the file, where the body is the file."),
            OpenApiParameter(
                "If-Match",
                str,
                OpenApiParameter.HEADER,
                description="The ETag of the dry run. 428 without it, 412 if it is stale.",
            ),
        ],
        request={"multipart/form-data": QuestionFileSerializer, "application/octet-stream": OpenApiTypes.BINARY},
        responses=schemas.QuestionImport,
    )
    def post(self, request: Request, slug: str) -> Response:
        """Bring the questions of a file into a course: GIFT, Moodle XML, CSV, XLSX or Aiken, at most 5 MB.

        First with `dry_run=true`: item by item what is new, changed, the same, or refused and why. Importing again
        changes nothing. What is refused does not keep the rest out. 422 with the line if the file cannot be read.
        """
        course = find_taught(cast("User", request.user), slug)
        query = schemas.ImportQuery.model_validate(request.query_params.dict())
        shown = _planned(course, query, request)
        if query.dry_run:
            return _sent(shown, imported=False)
        expected = _expected(request, shown)
        try:
            applied = importing.apply(shown, expected=expected, now=timezone.now())
        except WrongPlaceError as gone:  # the lesson, meanwhile
            raise Problem(409, "Changed meanwhile", str(gone), code="conflict") from None
        except importing.ChangedMeanwhileError as changed:
            headers = {"ETag": _etag(changed.plan)}
            raise Problem(412, "Changed meanwhile", str(changed), headers=headers, code=changed.code) from changed
        return _sent(applied.plan, imported=True)


class ExportView(APIView):
    content_negotiation_class = AnswerInJson

    @extend_schema(
        operation_id="question_export",
        parameters=[
            OpenApiParameter("format", str, enum=[*FORMATS], required=True),
            LESSON,
            LOCALE,
            OpenApiParameter(
                "report", bool, description="Say as JSON what the file does not hold, instead of the file."
            ),
        ],
        responses={
            (200, "application/octet-stream"): OpenApiTypes.BINARY,
            (200, "application/json"): schemas.QuestionExport,
        },
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        """The published questions of a course, or of one lesson, as a file that other systems read.

        `Left-Out` says how many things the format cannot hold; `report=true` which. Importing the file changes nothing.
        """
        course = find_taught(cast("User", request.user), slug)
        query = schemas.ExportQuery.model_validate(request.query_params.dict())
        locale, lesson, file_format = (
            _locale(course, query.locale),
            _lesson(course, query.lesson),
            FORMATS[query.format],
        )
        exported = exporting.export(course, lesson, locale, file_format)
        if query.report:
            return Response(_report(exported, file_format, locale).model_dump(mode="json"))
        response = file_response(course, exported.content, lesson, locale, file_format)
        response["Left-Out"] = str(len(exported.left_out))
        return response


# --- what comes in ---------------------------------------------------------------------------------------------------


def _planned(course: Course, query: schemas.ImportQuery, request: Request) -> Plan:
    locale, lesson = _locale(course, query.locale), _lesson(course, query.lesson)
    asked = QuestionFileSerializer(data=request.data)
    asked.is_valid(raise_exception=True)
    file = asked.validated_data["file"]
    if file.size > MAX_BYTES:
        raise BodyTooLarge
    content = file.read()
    file_format = FORMATS[query.format] if query.format else guess(query.name or file.name, content)
    return plan(course, lesson, _items(content, locale, file_format), locale, file_format)


def _items(content: bytes, locale: str, file_format: Format) -> list[Item]:
    try:
        return files.read(content, locale, file_format)
    except FileFault as fault:
        where = f"Line {fault.line}: " if fault.line else ""
        detail = f"{where}{fault.message} (It was read as {file_format.label}.)"
        errors = [FieldError("/file", "unreadable", detail)]
        raise Problem(422, "This file cannot be read", detail, errors=errors, code="invalid") from None


def _locale(course: Course, locale: str | None) -> str:
    if locale is None or locale in course.locales:
        return locale or course.fallback
    raise _wrong("/locale", "unknown_locale", f"The course is written in {', '.join(course.locales)}.")


def _lesson(course: Course, slug: str | None) -> Lesson | None:
    lesson = Lesson.objects.published().filter(course=course, slug=slug).first() if slug else None
    if slug and lesson is None:
        raise _wrong("/lesson", "unknown_lesson", "The course has no such lesson.")
    return lesson


def _wrong(pointer: str, code: str, detail: str) -> Problem:
    return Problem(422, "Some fields are not valid", errors=[FieldError(pointer, code, detail)], code="invalid")


def _expected(request: Request, found: Plan) -> str:
    """The hash that the client has seen."""
    sent = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    if not sent:
        detail = "Send the ETag of a dry run as If-Match, so that only what was looked at is done."
        raise Problem(428, "Look first", detail, headers={"ETag": _etag(found)}, code="precondition_required")
    return sent


# --- what goes out ---------------------------------------------------------------------------------------------------


def _etag(found: Plan) -> str:
    return f'"{found.hash}"'


def _sent(found: Plan, *, imported: bool) -> Response:
    body = schemas.QuestionImport(
        hash=found.hash,
        imported=imported,
        format=cast("schemas.FormatName", found.format.name),
        locale=found.locale,
        counts=schemas.ImportCounts(**found.counts),
        items=[_item(found.course, one) for one in found.planned],
    )
    return Response(body.model_dump(mode="json"), headers={"ETag": _etag(found)})


def _item(course: Course, one: Planned) -> schemas.PlannedQuestion:
    return schemas.PlannedQuestion(
        line=one.line,
        title=one.title,
        prompt=one.prompt,
        kind=one.kind,
        status=one.status,
        question=content_id(course.slug, "question", one.slug) if one.slug else None,
        slug=one.slug,
        lesson=one.lesson.slug if one.lesson else None,
        why=one.why,
        changed=[*one.changed],
        notes=[*one.notes, *one.remarks],
    )


def _report(exported: Exported, file_format: Format, locale: str) -> schemas.QuestionExport:
    left_out = [
        schemas.LeftOutQuestion(question=one.question.pk, slug=one.question.slug, kind=one.question.kind, why=one.why)
        for one in exported.left_out
    ]
    name = cast("schemas.FormatName", file_format.name)
    return schemas.QuestionExport(format=name, locale=locale, asked=exported.asked, left_out=left_out)
