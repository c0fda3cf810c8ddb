"""Packages of Anki for apps. Nothing is imported that was not looked at: `If-Match` names the plan that a dry run gave
as its ETag; 428 without it, 412 if it would be another by now."""

import uuid
from typing import Any, cast

from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from config.parsers import BodyTooLarge
from config.problems import FieldError, Problem
from courses.access import find_course
from courses.models import Course
from quizzes.memory.anki import exporting, files, pictures, planning, schemas, wording
from quizzes.memory.anki.package_reading import PackageError
from quizzes.memory.anki.planning import Plan
from quizzes.memory.anki.views import package_response, picture_response
from quizzes.models import AnkiPackage

ENVELOPE_BYTES = 64 * 1024
"""What a multipart body may have beside the file."""
COURSE = OpenApiParameter("course", str, required=True, description="The slug of the course of the cards.")


class AnkiPackageSerializer(serializers.Serializer[Any]):
    file = serializers.FileField(allow_empty_file=True)


class ImportView(APIView):
    parser_classes = [MultiPartParser]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Look at the size before anything reads the body: large files would be written to the disk."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > settings.ANKI_PACKAGE_BYTES + ENVELOPE_BYTES:
            raise BodyTooLarge
        super().initial(request, *args, **kwargs)

    @extend_schema(
        operation_id="anki_import",
        parameters=[
            COURSE,
            OpenApiParameter("dry_run", bool, description="Only say what would change; false if absent."),
            OpenApiParameter(
                "If-Match",
                str,
                OpenApiParameter.HEADER,
                description="The ETag of the dry run. 428 without it, 412 if it is stale.",
            ),
        ],
        request={"multipart/form-data": AnkiPackageSerializer},
        responses={200: schemas.AnkiImport, 202: schemas.AnkiImport},
    )
    def post(self, request: Request) -> Response:
        """Bring the cards of an .apkg in, with their reviews and pictures: the older form of the package.

        First with `dry_run=true`: how many cards and reviews come in, and what is left out and why. Importing again
        updates and never doubles. A large package is imported in the background: 202, and its `package` to be asked
        for. 422 with the reason if the package is not taken.
        """
        learner = _learner(request)
        query = schemas.ImportQuery.model_validate(request.query_params.dict())
        course, content = _course(query.course), _content(request)
        try:
            plan = planning.plan(learner, course, planning.read(content), now=timezone.now())
        except PackageError as error:
            raise _refused(error) from None
        if query.dry_run:
            return _answer(_of_plan(plan), plan.hash)
        _check(request, plan)
        return _imported(learner, course, content)


class PackageView(APIView):
    @extend_schema(operation_id="anki_import_read", responses=schemas.AnkiImport)
    def get(self, request: Request, package_id: uuid.UUID) -> Response:
        """How far the import of a package is; for a day after it was sent."""
        return Response(_of_package(_own(_learner(request), package_id)).model_dump(mode="json"))


class ExportView(APIView):
    @extend_schema(
        operation_id="anki_export",
        parameters=[
            COURSE,
            OpenApiParameter(
                "scheduling", bool, description="With intervals, memory states and the log; true if absent."
            ),
        ],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request) -> HttpResponse:
        """The learner's cards of a course as an .apkg that every Anki reads. Importing it there again updates.

        `Left-Out` says how many questions have no front and back, and so are no cards.
        """
        query = schemas.ExportQuery.model_validate(request.query_params.dict())
        course, locale = _course(query.course), get_language() or ""
        exported = exporting.export(
            _learner(request), course, locale=locale, with_scheduling=query.scheduling, now=timezone.now()
        )
        response = package_response(exported)
        response["Left-Out"] = str(sum(exported.left_out.values()))
        return response


class PictureView(APIView):
    @extend_schema(operation_id="own_picture_read", responses={(200, "image/*"): OpenApiTypes.BINARY})
    def get(self, request: Request, picture_id: uuid.UUID) -> HttpResponse:
        """A picture on one of the learner's own cards, as their HTML names it; 404 for anybody else's."""
        return picture_response(request, pictures.own(_learner(request), picture_id))


# --- what comes in ---------------------------------------------------------------------------------------------------


def _learner(request: Request) -> User:
    """The permission class lets nobody else in."""
    return cast("User", request.user)


def _course(slug: str) -> Course:
    try:
        return find_course(slug)
    except Http404:
        errors = [FieldError("/course", "unknown_course", "There is no such course.")]
        raise Problem(422, "Some fields are not valid", errors=errors, code="invalid") from None


def _content(request: Request) -> bytes:
    asked = AnkiPackageSerializer(data=request.data)
    asked.is_valid(raise_exception=True)
    file = asked.validated_data["file"]
    if file.size > settings.ANKI_PACKAGE_BYTES:
        raise BodyTooLarge
    content: bytes = file.read()
    return content


def _refused(error: PackageError) -> Problem:
    errors = [FieldError("/file", error.code, str(error))]
    return Problem(422, "This package is not taken", str(error), errors=errors, code="invalid")


def _check(request: Request, plan: Plan) -> None:
    """Let only that be done which the client has seen."""
    sent = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    headers = {"ETag": _etag(plan.hash)}
    if not sent:
        detail = "Send the ETag of a dry run as If-Match, so that only what was looked at is done."
        raise Problem(428, "Look first", detail, headers=headers, code="precondition_required")
    if sent != plan.hash:
        detail = "Importing the package would do something else by now. Nothing was imported; look again."
        raise Problem(412, "Changed meanwhile", detail, headers=headers, code="changed_meanwhile")


def _imported(learner: User, course: Course, content: bytes) -> Response:
    try:
        kept = files.keep(
            learner, course, package_id=uuid.uuid4(), name="package.apkg", content=content, now=timezone.now()
        )
    except files.TooManyError:
        detail = f"{settings.ANKI_PACKAGES_PER_LEARNER} packages wait to be imported. Import or remove one first."
        raise Problem(409, "Too many packages", detail, code="conflict") from None
    files.start(kept, clock=timezone.now)
    found = _own(learner, kept.pk)
    if found.status == AnkiPackage.Status.FAILED:
        code, values = found.result["fault"]
        raise Problem(409, "The import stopped", wording.fault(code, values), code="conflict")
    status = 202 if found.status == AnkiPackage.Status.IMPORTING else 200
    return _answer(_of_package(found), found.result["plan"]["hash"], status)


def _own(learner: User, package_id: uuid.UUID) -> AnkiPackage:
    found = AnkiPackage.objects.by(learner.pk).filter(pk=package_id).first()
    if found is None:
        raise Http404
    return found


# --- what goes out ---------------------------------------------------------------------------------------------------


def _etag(plan_hash: str) -> str:
    return f'"{plan_hash}"'


def _answer(body: schemas.AnkiImport, plan_hash: str, status: int = 200) -> Response:
    return Response(body.model_dump(mode="json"), status=status, headers={"ETag": _etag(plan_hash)})


def _of_plan(plan: Plan) -> schemas.AnkiImport:
    return _body(files.summary(plan), done=None, package=None, status=None)


def _of_package(found: AnkiPackage) -> schemas.AnkiImport:
    done = found.result.get("done")
    shown = schemas.ImportDone(**{name: done[name] for name in schemas.ImportDone.model_fields}) if done else None
    return _body(found.result["plan"], done=shown, package=found.pk, status=found.status)


def _body(told: dict[str, Any], **more: Any) -> schemas.AnkiImport:
    left_out = [
        schemas.LeftOut(reason=reason, number=number, detail=wording.left_out({reason: number})[0])
        for reason, number in told["left_out"].items()
    ]
    return schemas.AnkiImport(
        **{name: told[name] for name in ("hash", "notes", "cards", "reviews", "known", "pictures")},
        counts=schemas.CardCounts(**told["counts"]),
        left_out=left_out,
        **more,
    )
