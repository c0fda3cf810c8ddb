"""REST of the sandbox: a run's spec as code to take away."""

from collections.abc import Iterable
from uuid import UUID

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from config.problems import FieldError, Problem
from sandbox import access
from sandbox.keras_script import script
from sandbox.keras_script.notebook import notebook
from sandbox.models import Run
from sandbox.presentation import heading_of
from sandbox.spec import Spec
from sandbox.wording import readable

MEDIA_TYPES = {"py": "text/x-python", "ipynb": "application/x-ipynb+json"}
LONGEST_NAME = 60


class AnswerInOneForm(BaseContentNegotiation):
    """The view says what it sends. REST framework would take `?format=` for the name of a renderer, and answer 404."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        return next(iter(parsers), None)

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """For problems; a file needs none."""
        renderer = next(iter(renderers))
        return renderer, renderer.media_type or ""


class Code(APIView):
    content_negotiation_class = AnswerInOneForm

    @extend_schema(
        operation_id="sandbox_run_code",
        parameters=[
            OpenApiParameter(
                "format",
                str,
                enum=[*MEDIA_TYPES],
                default="py",
                description="`py` a Keras script, `ipynb` a Jupyter notebook with texts in your language.",
            )
        ],
        responses={
            (200, "text/x-python"): OpenApiTypes.STR,
            (200, "application/x-ipynb+json"): OpenApiTypes.OBJECT,
        },
    )
    def get(self, request: Request, run_id: UUID) -> HttpResponse:
        """The run's experiment as a file of Keras code that ends with the run's own numbers.

        410 if the run is so old that its spec can no longer be read.
        """
        run = access.run_of(request.user, run_id)
        form = _form(request)
        spec = _spec(run)
        text = script(spec) if form == "py" else notebook(spec, gettext)
        return _file(text, run, form)


def _form(request: Request) -> str:
    form = request.query_params.get("format", "py")
    if form not in MEDIA_TYPES:
        known = " or ".join(MEDIA_TYPES)
        raise Problem(
            422,
            "Some fields are not valid",
            errors=[FieldError("/format", "unknown_format", f"Ask for {known}.")],
            code="invalid",
        )
    return form


def _spec(run: Run) -> Spec:
    spec = readable(run.spec)
    if spec is None:
        raise Problem(410, "This run's spec can no longer be read", code="outdated_spec")
    return spec


def _file(text: str, run: Run, form: str) -> HttpResponse:
    response = HttpResponse(text, content_type=f"{MEDIA_TYPES[form]}; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, f"{file_name(run)}.{form}")
    response["Cache-Control"] = "private, no-cache"
    return response


def file_name(run: Run) -> str:
    """Letters, digits, hyphens and underscores of what the run is called, so that any system can store it."""
    name = slugify(heading_of(run), allow_unicode=True)[:LONGEST_NAME].strip("-_")
    return name or f"run-{str(run.pk)[:8]}"
