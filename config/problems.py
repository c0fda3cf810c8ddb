"""Errors of the API as RFC 9457 problems: `type, title, status, detail, errors: [{pointer, code, detail}]`.

drf-standardized-errors finds and flattens every error; this module gives it the standard's shape.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any

import pydantic
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse
from drf_standardized_errors.formatter import ExceptionFormatter, flatten_errors
from drf_standardized_errors.handler import ExceptionHandler
from rest_framework import exceptions
from rest_framework.response import Response

from config.parsers import BodyTooLarge

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class FieldError:
    pointer: str
    """JSON Pointer into the body, such as `/spec/layers/0/units`; empty for the body as a whole."""
    code: str
    detail: str


class Problem(exceptions.APIException):
    """Raise it in a view: a problem with a status, a title, and the fields that are to blame."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str = "",
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        code: str = "",
    ) -> None:
        super().__init__(detail or title, code or HTTPStatus(status).phrase.lower().replace(" ", "_"))
        self.status_code = status
        self.title = title
        self.errors = list(errors)
        self.headers = dict(headers or {})


def from_pydantic(error: pydantic.ValidationError, prefix: str = "") -> Problem:
    """Return the 422 that names each wrong field of a validated body below `prefix`."""
    errors = [
        FieldError(prefix + _pointer(item["loc"]), item["type"], item["msg"])
        for item in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    return Problem(422, "Some fields are not valid", errors=errors, code="invalid")


def _pointer(location: Sequence[str | int]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)


def problem_body(
    status: int, code: str, detail: str, errors: Sequence[FieldError] = (), title: str = ""
) -> dict[str, Any]:
    return {
        "type": f"urn:engram:problem:{code}",
        "title": title or HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "errors": [asdict(error) for error in errors],
    }


class ProblemFormatter(ExceptionFormatter):
    def run(self) -> dict[str, Any]:
        if isinstance(self.exc, Problem):
            return problem_body(
                self.exc.status_code, str(self.exc.get_codes()), str(self.exc.detail), self.exc.errors, self.exc.title
            )
        flat = flatten_errors(self.exc.detail)
        if isinstance(self.exc, exceptions.ValidationError):
            errors = [FieldError(_attribute_pointer(e.attr), e.code, e.detail) for e in flat]
            return problem_body(self.exc.status_code, "invalid", "Some fields are not valid.", errors)
        return problem_body(self.exc.status_code, flat[0].code, flat[0].detail)


def _attribute_pointer(attribute: str | None) -> str:
    if attribute in (None, "non_field_errors"):
        return ""
    return "/" + str(attribute).replace(".", "/")


class ProblemHandler(ExceptionHandler):
    def convert_known_exceptions(self, exc: Exception) -> Exception:
        if isinstance(exc, pydantic.ValidationError):
            return from_pydantic(exc)
        if isinstance(exc, exceptions.ValidationError):
            exc.status_code = 422
        if isinstance(exc, RequestDataTooBig):
            return BodyTooLarge()
        if isinstance(exc, SuspiciousOperation):  # more fields or files in a form than are read
            return exceptions.ParseError("The form is not one that this server reads.")
        converted: Exception = super().convert_known_exceptions(exc)
        return converted

    def format_exception(self, exc: exceptions.APIException) -> dict[str, Any]:
        return ProblemFormatter(exc, self.context, self.exc).run()

    def get_response(self, exc: exceptions.APIException, data: dict[str, Any]) -> Response:
        return Response(data, status=exc.status_code, headers=self.get_headers(exc), content_type=MEDIA_TYPE)

    def get_headers(self, exc: exceptions.APIException) -> dict[str, str]:
        return {**super().get_headers(exc), **getattr(exc, "headers", {})}


def exception_handler(exc: Exception, context: Any) -> Response | None:
    response: Response | None = ProblemHandler(exc, context).run()
    return response


def problem_response(status: int, code: str, detail: str) -> HttpResponse:
    """Return a problem from outside DRF: an unknown path, a crash, an event stream."""
    return JsonResponse(problem_body(status, code, detail), status=status, content_type=MEDIA_TYPE)


def unknown_path(request: HttpRequest, rest: str = "") -> HttpResponse:
    return problem_response(404, "not_found", f"There is nothing at {request.path}.")
