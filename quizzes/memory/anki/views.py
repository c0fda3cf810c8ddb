"""Pages of cards from and for Anki: a package is looked at first, then imported; one's cards go out as a package."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses.upload_views import ENVELOPE_BYTES
from courses.views import current_locale
from quizzes.form_fields import htmx
from quizzes.memory.anki import exporting, files, pictures, wording
from quizzes.memory.anki.exporting import Exported
from quizzes.memory.anki.forms import ExportForm, ImportForm, too_large
from quizzes.memory.anki.package_reading import PackageError
from quizzes.memory.reviewing.learners import LearnerRequest, for_learners
from quizzes.models import AnkiPackage, OwnPicture

MEDIA_TYPE = "application/octet-stream"

# --- in and out ------------------------------------------------------------------------------------------------------


@csrf_exempt  # looking for the token reads the whole body: `_receive` does, once it is known to be short enough
@for_learners
@require_http_methods(["GET", "HEAD", "POST"])
def anki(request: LearnerRequest) -> HttpResponse:
    """The forms to bring a package in and to take one away; a POST brings one."""
    if request.method != "POST":
        return _page(request)
    size = int(request.META.get("CONTENT_LENGTH") or 0)
    if size > settings.ANKI_PACKAGE_BYTES + ENVELOPE_BYTES:
        return _page(request, fault=too_large(size), status=413)
    return _receive(request)


@csrf_protect
def _receive(request: LearnerRequest) -> HttpResponse:
    form = ImportForm(current_locale(), request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form=form, status=422)
    sent = form.cleaned_data
    try:
        kept = files.keep(
            request.user,
            sent["course"],
            package_id=sent["upload"],
            name=sent["file"].name,
            content=sent["file"].read(),
            now=timezone.now(),
        )
    except PackageError as error:
        return _page(request, form=form, fault=wording.fault(error.code, error.values), status=422)
    except files.TooManyError:
        message = gettext("You have %(number)d packages that were not imported. Import or remove one before the next.")
        fault = message % {"number": settings.ANKI_PACKAGES_PER_LEARNER}
        return _page(request, form=form, fault=fault, status=422)
    return redirect(kept)


def _page(request: LearnerRequest, form: ImportForm | None = None, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        "form": form or ImportForm(current_locale()),
        "export_form": ExportForm(current_locale()),
        "packages": AnkiPackage.objects.by(request.user.pk).exclude(status=AnkiPackage.Status.IMPORTED),
        **more,
    }
    return render(request, "quizzes/anki.html", context, status=status)


# --- one package -----------------------------------------------------------------------------------------------------


@for_learners
@require_safe
@never_cache
def package(request: LearnerRequest, package_id: uuid.UUID) -> HttpResponse:
    """What importing it would do, how far it is, what it did. htmx is given the part that changes alone."""
    template = "quizzes/anki_state.html" if htmx(request) else "quizzes/anki_package.html"
    return render(request, template, _about(_own(request, package_id)))


@for_learners
@require_POST
def start(request: LearnerRequest, package_id: uuid.UUID) -> HttpResponse:
    """Import it. Pressed twice it is imported once."""
    found = _own(request, package_id)
    files.start(found, clock=timezone.now)
    return redirect(found)


@for_learners
@require_POST
def remove(request: LearnerRequest, package_id: uuid.UUID) -> HttpResponse:
    """Forget it; what was imported of it stays."""
    found = _own(request, package_id)
    if not files.remove(found):
        return redirect(found)
    messages.info(request, gettext("The package is removed."))
    return redirect("quizzes:anki_import")


def _own(request: LearnerRequest, package_id: uuid.UUID) -> AnkiPackage:
    rows = AnkiPackage.objects.by(request.user.pk).select_related("course")
    return get_object_or_404(rows.prefetch_related("course__texts"), pk=package_id)


def _about(found: AnkiPackage) -> dict[str, Any]:
    plan, progress = found.result.get("plan", {}), found.progress
    all_ = progress.get("all_cards", 0) + progress.get("all_reviews", 0)
    return {
        "package": found,
        "course_text": found.course.text(current_locale()),
        "plan": plan,
        "does_something": plan.get("reviews") or plan["counts"]["created"] or plan["counts"]["changed"],
        "left_out": wording.left_out(plan.get("left_out", {})),
        "done": found.result.get("done"),
        "fault": wording.fault(*found.result["fault"]) if found.status == AnkiPackage.Status.FAILED else "",
        "is_working": found.status == AnkiPackage.Status.IMPORTING,
        "all": all_,
        "done_so_far": progress.get("cards", 0) + progress.get("reviews", 0),
    }


# --- out -------------------------------------------------------------------------------------------------------------


@for_learners
@require_safe
@never_cache
def export(request: LearnerRequest) -> HttpResponse:
    """The package; but where some questions are no cards, first a page that says which (`anyway` sends it)."""
    form = ExportForm(current_locale(), request.GET)
    if not form.is_valid():
        raise Http404
    course, scheduling = form.cleaned_data["course"], form.cleaned_data["scheduling"]
    exported = exporting.export(
        request.user, course, locale=current_locale(), with_scheduling=scheduling, now=timezone.now()
    )
    if not exported.cards or (exported.left_out and "anyway" not in request.GET):
        context = {
            "exported": exported,
            "kinds": sorted(exported.left_out.items()),
            "again": f"?{request.GET.urlencode()}&anyway=1",
        }
        return render(request, "quizzes/anki_export.html", context)
    return package_response(exported)


def package_response(exported: Exported) -> HttpResponse:
    response = HttpResponse(exported.content, content_type=MEDIA_TYPE)
    response["Content-Disposition"] = content_disposition_header(True, exported.name)
    response["Cache-Control"] = "private, no-cache"
    return response


# --- pictures --------------------------------------------------------------------------------------------------------


@for_learners
@require_safe
def picture(request: LearnerRequest, picture_id: uuid.UUID) -> HttpResponse:
    """A picture on the learner's own cards; of anybody else's there is none."""
    return picture_response(request, pictures.own(request.user, picture_id))


def picture_response(request: HttpRequest, found: OwnPicture) -> HttpResponse:
    """The bytes never change: the id is made of them. Whatever they are, a browser takes them for a picture alone."""
    response = HttpResponse(bytes(found.content), content_type=found.media_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Disposition"] = "inline"
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    return response
