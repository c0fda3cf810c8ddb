"""Pages of an upload: it comes in, is read, shown, imported. Every button works without a script and pressed twice."""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses import access, upload_presentation, upload_progress, uploads
from courses.authoring_views import author_of, authoring_page, course_page
from courses.models import Course
from courses.upload_forms import NotesForm, UploadForm, too_large
from courses.upload_models import CourseUpload, Status
from courses.views import current_locale

ENVELOPE_BYTES = 64 * 1024
"""What a multipart body may have beside the file."""
LONG_SECONDS = 30
"""A worker takes an upload within a second; after so long nobody seems to work."""


# --- it comes in -----------------------------------------------------------------------------------------------------


@csrf_exempt  # looking for the token reads the whole body: `_receive` does, once it is known to be short enough
@require_http_methods(["GET", "HEAD", "POST"])
def receive(request: HttpRequest) -> HttpResponse:
    """Take a file. `?course=` names the course of which it is a newer version. Where that failed, the address stays in
    the browser: opened again, it leads to the form."""
    author_of(request)
    if request.method != "POST":
        return redirect("courses:authoring")
    size = int(request.META.get("CONTENT_LENGTH") or 0)
    if size > settings.COURSE_UPLOAD_BYTES + ENVELOPE_BYTES:
        return _not_taken(request, too_large(size, settings.COURSE_UPLOAD_BYTES), status=413)
    return _receive(request)


@csrf_protect
def _receive(request: HttpRequest) -> HttpResponse:
    author, course = author_of(request), _named_course(request)
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _not_taken(request, " ".join(str(fault) for faults in form.errors.values() for fault in faults))
    target = course.slug if course else ""
    try:
        upload = uploads.receive(
            author, form.cleaned_data["upload"], form.cleaned_data["file"], target=target, now=timezone.now()
        )
    except uploads.TooManyError:
        message = gettext(
            "You have %(number)d uploads that were never imported. Import or remove one before you send another."
        )
        return _not_taken(request, message % {"number": settings.COURSE_UPLOADS_PER_AUTHOR})
    return redirect(upload)


def _named_course(request: HttpRequest) -> Course | None:
    slug = request.GET.get("course")
    return access.find_taught(author_of(request), slug) if slug else None


def _not_taken(request: HttpRequest, fault: str, status: int = 422) -> HttpResponse:
    """The page that the form stands on, with what was wrong beside the field."""
    author, course = author_of(request), _named_course(request)
    if course is None:
        return authoring_page(request, author, fault=fault, status=status)
    return course_page(request, author, course, fault=fault, status=status)


# --- it is shown -----------------------------------------------------------------------------------------------------


@require_safe
@never_cache
def upload(request: HttpRequest, upload_id: uuid.UUID) -> HttpResponse:
    """Where the upload is: how far it has been read, what was found, what an import would change, what was imported."""
    return _page(request, _own(request, upload_id))


@require_safe
@never_cache
def state(request: HttpRequest, upload_id: uuid.UUID) -> HttpResponse:
    """The part of the page that changes while a worker is at it."""
    return render(request, "courses/upload_state.html", _context(request, _own(request, upload_id)))


@require_safe
def report(request: HttpRequest, upload_id: uuid.UUID) -> HttpResponse:
    """What became of every block of the notes."""
    found = _own(request, upload_id)
    return render(request, "courses/upload_report.html", {"upload": found, "fates": found.draft.get("fates", [])})


def _own(request: HttpRequest, upload_id: uuid.UUID) -> CourseUpload:
    rows = CourseUpload.objects.owned_by(author_of(request)).light().select_related("course")
    return get_object_or_404(rows, pk=upload_id)


def _page(request: HttpRequest, found: CourseUpload, form: NotesForm | None = None, status: int = 200) -> HttpResponse:
    return render(request, "courses/upload.html", _context(request, found, form), status=status)


def _context(request: HttpRequest, found: CourseUpload, form: NotesForm | None = None) -> dict[str, Any]:
    now, words = timezone.now(), upload_presentation
    context: dict[str, Any] = {
        "upload": found,
        "heading": found.title or found.name,
        "size": words.size_in_words(found),
        "is_silent": found.is_silent(now),
    }
    if found.is_under_way:
        waits = found.lease_token is None
        step = None if waits else words.step_in_words(upload_progress.look(found.pk))
        is_long = waits and (now - found.changed_at).total_seconds() > LONG_SECONDS
        return context | {"waits": waits, "step": step, "is_long": is_long}
    if found.status == Status.FAILED:
        return context
    context |= words.findings_in_words(found, current_locale())
    if found.status == Status.REFUSED:
        context["refusal"] = words.refusal_in_words(found)
    if found.is_notes and found.status in (Status.READY, Status.REFUSED):
        context["form"] = form or NotesForm(author_of(request), found)
    if found.status == Status.READY:
        context["edited_at"], context["overwritten"] = _edited(found)
        context["asks_again"] = bool(context["overwritten"]) and "again" in request.GET
    return context


def _edited(found: CourseUpload) -> tuple[datetime | None, int]:
    """When the course that the import would go over was last edited here, and in how many lessons that would show."""
    course = Course.objects.filter(slug=found.slug, edited_at__isnull=False).first()
    return (course.edited_at, uploads.overwritten(found, course)) if course else (None, 0)


# --- what its author does --------------------------------------------------------------------------------------------


@require_POST
def change(request: HttpRequest, upload_id: uuid.UUID) -> HttpResponse:
    """Read the notes again with another title, address or language."""
    found = _own(request, upload_id)
    form = NotesForm(author_of(request), found, request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    uploads.change(found, **form.cleaned_data, now=timezone.now())
    return redirect(found)


@require_POST
def start(request: HttpRequest, upload_id: uuid.UUID) -> HttpResponse:
    """Import it. What is first: another title that was typed in, and a course that was edited here."""
    found = _own(request, upload_id)
    if found.status == Status.READY and found.is_notes and "title" in request.POST:
        form = NotesForm(author_of(request), found, request.POST)
        if not form.is_valid():
            return _page(request, found, form, status=422)
        if form.has_changed():
            uploads.change(found, **form.cleaned_data, now=timezone.now())
            messages.info(request, gettext("It is read again with what you typed in. Then you can import it."))
            return redirect(found)
    edited_at, overwritten = _edited(found)
    if found.status == Status.READY and overwritten and _moment(request.POST.get("over", "")) != edited_at:
        return redirect(f"{found.get_absolute_url()}?again=1#import")
    uploads.start(found, agreed_edit=edited_at, now=timezone.now())
    return redirect(found)


def _moment(text: str) -> datetime | None:
    try:
        return parse_datetime(text)
    except ValueError:
        return None


@require_POST
def retry(request: HttpRequest, upload_id: uuid.UUID) -> HttpResponse:
    """Go on where it was stopped."""
    found = _own(request, upload_id)
    uploads.retry(found, now=timezone.now())
    return redirect(found)


@require_POST
def remove(request: HttpRequest, upload_id: uuid.UUID) -> HttpResponse:
    """Forget it; what was imported stays."""
    found = _own(request, upload_id)
    if not uploads.remove(found):
        return redirect(found)
    messages.success(request, gettext("The upload is removed. No course was changed."))
    return redirect("courses:authoring_course", found.target) if found.target else redirect("courses:authoring")
