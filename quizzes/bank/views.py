"""Pages of an instructor: questions of other systems come in, first looked at, then imported; and go out."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses import access
from courses.authoring_views import author_of
from courses.models import Course
from courses.upload_views import ENVELOPE_BYTES
from courses.views import current_locale
from quizzes.bank import exporting, files
from quizzes.bank.formats import FORMATS, guess
from quizzes.bank.forms import ExportForm, ImportForm, language_name, too_large
from quizzes.bank.importing import ChangedMeanwhileError
from quizzes.bank.plan import Plan, WrongPlaceError
from quizzes.bank.presenting import groups
from quizzes.interchange.items import MAX_BYTES, FileFault
from quizzes.models import Question, QuestionFile

# --- in and out ------------------------------------------------------------------------------------------------------


@csrf_exempt  # looking for the token reads the whole body: `_receive` does, once it is known to be short enough
@require_http_methods(["GET", "HEAD", "POST"])
def bank(request: HttpRequest, slug: str) -> HttpResponse:
    """The forms to bring questions in and to take them away; a POST brings a file."""
    course = access.find_taught(author_of(request), slug)
    if request.method != "POST":
        return _page(request, course)
    size = int(request.META.get("CONTENT_LENGTH") or 0)
    if size > MAX_BYTES + ENVELOPE_BYTES:
        return _page(request, course, fault=too_large(size), status=413)
    return _receive(request, course)


@csrf_protect
def _receive(request: HttpRequest, course: Course) -> HttpResponse:
    form = ImportForm(course, current_locale(), request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, course, form=form, status=422)
    chosen, content = form.cleaned_data, form.cleaned_data["file"].read()
    name = chosen["file"].name
    file_format = FORMATS[chosen["format"]] if chosen["format"] else guess(name, content)
    try:
        kept = files.keep(
            author_of(request),
            course,
            chosen["lesson"],
            file_id=chosen["upload"],
            name=name,
            file_format=file_format,
            locale=chosen["locale"],
            content=content,
            now=timezone.now(),
        )
    except FileFault as fault:
        return _page(request, course, form=form, file_fault=fault, read_as=file_format.label, status=422)
    except files.TooManyError:
        message = gettext("You have %(number)d files that were not imported. Import or remove one before the next.")
        return _page(request, course, form=form, fault=message % {"number": files.MAX_FILES}, status=422)
    return redirect(kept)


def _page(
    request: HttpRequest, course: Course, form: ImportForm | None = None, status: int = 200, **more: Any
) -> HttpResponse:
    author = author_of(request)
    context = {
        **_head(course),
        "form": form or ImportForm(course, current_locale()),
        "export_form": ExportForm(course, current_locale()),
        "files": QuestionFile.objects.by(author).waiting().filter(course=course).light(),
        **more,
    }
    return render(request, "quizzes/bank.html", context, status=status)


def _head(course: Course) -> dict[str, Any]:
    return {"course": course, "course_text": course.text(current_locale())}


# --- one file --------------------------------------------------------------------------------------------------------


@require_safe
@never_cache
def file(request: HttpRequest, file_id: uuid.UUID) -> HttpResponse:
    """What importing the file would do, item by item; what it did, once it is imported."""
    found = _own(request, file_id)
    return _imported(request, found) if found.imported_at else _preview(request, found)


@require_POST
def start(request: HttpRequest, file_id: uuid.UUID) -> HttpResponse:
    """Import it, as it was shown. If the course has changed since, say so, and show what would be done now (409)."""
    found = _own(request, file_id)
    try:
        files.import_file(found, expected=request.POST.get("expected", ""), now=timezone.now())
    except ChangedMeanwhileError as changed:
        return _preview(request, found, changed.plan, status=409, is_changed=True)
    except (FileFault, WrongPlaceError):
        return _preview(request, found, status=409)
    except files.ImportedAlreadyError:
        pass
    return redirect(found)


@require_POST
def remove(request: HttpRequest, file_id: uuid.UUID) -> HttpResponse:
    found = _own(request, file_id)
    files.remove(found)
    messages.info(request, gettext("The file is removed. Nothing of it was imported."))
    return redirect("quizzes:question_bank", found.course.slug)


def _own(request: HttpRequest, file_id: uuid.UUID) -> QuestionFile:
    author = author_of(request)
    found = get_object_or_404(QuestionFile.objects.by(author).select_related("lesson", "course"), pk=file_id)
    found.course = access.find_taught(author, found.course.slug)
    return found


def _preview(
    request: HttpRequest, found: QuestionFile, plan: Plan | None = None, status: int = 200, **more: Any
) -> HttpResponse:
    context = {**_head(found.course), **_about(found), **more}
    try:
        plan = plan or files.planned(found)
    except (FileFault, WrongPlaceError):  # the lesson or the language is gone since
        return render(request, "quizzes/bank_file.html", {**context, "is_lost": True}, status=status)
    context |= {"plan": plan, "groups": groups(plan), "counts": plan.counts}
    return render(request, "quizzes/bank_file.html", context, status=status)


def _imported(request: HttpRequest, found: QuestionFile) -> HttpResponse:
    ids = {uuid.UUID(pk): status for pk, _slug, status in found.result["written"]}
    rows = Question.objects.published().filter(pk__in=ids, course=found.course).order_by("lesson__position", "position")
    questions = [(question, ids[question.pk]) for question in rows.select_related("lesson")]
    context = {**_head(found.course), **_about(found), "counts": found.result["counts"], "questions": questions}
    context["refused"] = found.result["refused"]
    return render(request, "quizzes/bank_imported.html", context)


def _about(found: QuestionFile) -> dict[str, Any]:
    lesson = found.lesson
    if lesson is not None:
        lesson.course = found.course
    return {
        "file": found,
        "lesson": lesson,
        "lesson_body": lesson.body(current_locale()) if lesson else None,
        "format": FORMATS[found.format],
        "language": language_name(found.locale),
    }


# --- out -------------------------------------------------------------------------------------------------------------


@require_safe
@never_cache
def export(request: HttpRequest, slug: str) -> HttpResponse:
    """The file; but where it does not hold everything, first a page that says what (`anyway` sends the file)."""
    course = access.find_taught(author_of(request), slug)
    form = ExportForm(course, current_locale(), request.GET)
    if not form.is_valid():
        raise Http404
    chosen, file_format = form.cleaned_data, FORMATS[form.cleaned_data["format"]]
    exported = exporting.export(course, chosen["lesson"], chosen["locale"], file_format)
    if exported.left_out and "anyway" not in request.GET:
        context = {
            **_head(course),
            "exported": exported,
            "reasons": exported.by_reason,
            "format": file_format,
            "language": language_name(chosen["locale"]),
            "again": f"?{request.GET.urlencode()}&anyway=1",
        }
        return render(request, "quizzes/bank_export.html", context)
    return file_response(course, exported.content, chosen["lesson"], chosen["locale"], file_format)


def file_response(course: Course, content: bytes, lesson: Any, locale: str, file_format: Any) -> HttpResponse:
    charset = "" if file_format.name == "xlsx" else "; charset=utf-8"
    response = HttpResponse(content, content_type=f"{file_format.media_type}{charset}")
    name = "-".join([course.slug, *([lesson.slug] if lesson else []), locale])
    response["Content-Disposition"] = content_disposition_header(True, f"{name}{file_format.ending}")
    response["Cache-Control"] = "private, no-cache"
    return response
