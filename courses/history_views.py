"""The history of a lesson in one language: its versions, any two of them beside each other, and the way back."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from courses import editing
from courses.comparing import CONTEXT, Counts, compare_texts, count
from courses.editing import ConflictError, RefusedError, Text
from courses.editing_views import (
    author,
    conflict_page,
    edited_body,
    editor_page,
    frame,
    hanging_on,
    saved_in_words,
    sent_number,
)
from courses.models import LessonBody, LessonVersion

ON_A_PAGE = 20
MOST_ROWS = 5_000


@dataclass(frozen=True)
class Step:
    """A version and what it changed of the one before, if there is one."""

    version: LessonVersion
    before: LessonVersion | None
    counts: Counts

    @property
    def title_changed(self) -> bool:
        return self.before is not None and self.before.title != self.version.title

    @property
    def summary_changed(self) -> bool:
        return self.before is not None and self.before.summary != self.version.summary


@require_safe
def history(request: HttpRequest, course_slug: str, lesson_slug: str, locale: str) -> HttpResponse:
    """Who changed what, and when; the newest first."""
    body = edited_body(request, course_slug, lesson_slug, locale)
    versions = LessonVersion.objects.of(body).newest_first()
    page = Paginator(versions, ON_A_PAGE).get_page(request.GET.get("page"))
    numbers = [version.number for version in page]
    # With the one before the last of this page.
    shown = versions.filter(number__lte=numbers[0] if numbers else 0).select_related("author")[: len(numbers) + 1]
    context = {**frame(body), "page": page, "steps": _steps(list(shown), len(numbers)), "newest": editing.newest(body)}
    return render(request, "courses/history.html", context)


def _steps(versions: Sequence[LessonVersion], number: int) -> list[Step]:
    steps = []
    for version, before in zip(versions[:number], [*versions[1:], None], strict=False):
        old = before.markdown if before else ""
        steps.append(Step(version, before, count(old, version.markdown)))
    return steps


@require_safe
def compare(request: HttpRequest, course_slug: str, lesson_slug: str, locale: str) -> HttpResponse:
    """Two versions, line by line; `?old=` and `?new=` name them, else the last two. What hangs on their sections."""
    body = edited_body(request, course_slug, lesson_slug, locale)
    old, new = _two_versions(request, body)
    before, after = Text.of(old), Text.of(new)
    is_whole = request.GET.get("all") == "1"
    comparison = compare_texts(before, after, context=None if is_whole else CONTEXT)
    context = {
        **frame(body),
        "old": old,
        "new": new,
        "newest": editing.newest(body),
        "comparison": comparison,
        "rows": comparison.rows[:MOST_ROWS],
        "left_out": max(0, len(comparison.rows) - MOST_ROWS),
        "counts": count(before.markdown, after.markdown),
        "is_whole": is_whole,
        "is_folded": any(row.kind == "gap" for row in comparison.rows),
        "side_by_side": request.GET.get("view") == "side",
        "changed": hanging_on(body, before, after),
    }
    return render(request, "courses/compare.html", context)


def _two_versions(request: HttpRequest, body: LessonBody) -> tuple[LessonVersion, LessonVersion]:
    """The older first, however they were asked for."""
    versions = LessonVersion.objects.of(body).select_related("author").newest_first()
    asked = [request.GET.get(name, "") for name in ("old", "new")]
    if any(asked):
        numbers = {int(number) for number in asked if number.isascii() and number.isdigit() and len(number) < 9}
        found = list(versions.filter(number__in=numbers))
        if len(found) != len(set(asked)):
            raise Http404
    else:
        found = list(versions[:2])
    if not found:
        raise Http404
    return found[-1], found[0]


@require_http_methods(["GET", "HEAD", "POST"])
def restore(request: HttpRequest, course_slug: str, lesson_slug: str, locale: str, number: int) -> HttpResponse:
    """Make an old version the newest. One that has errors by now goes to the editor, to be mended."""
    body = edited_body(request, course_slug, lesson_slug, locale)
    if request.method != "POST":
        return redirect("courses:history", course_slug, lesson_slug, locale)
    version = LessonVersion.objects.of(body).filter(number=number).first()
    if version is None:
        raise Http404
    based_on = sent_number(request, "based_on")
    try:
        new = editing.restore(body, version, author=author(request), based_on=based_on, now=timezone.now())
    except ConflictError as conflict:
        return conflict_page(request, body, Text.of(version), conflict.newest, based_on)
    except RefusedError as refused:
        return editor_page(request, body, refused.checked, based_on=based_on, status=422, refused=True)
    if new is None:
        messages.info(request, saved_in_words(None))
    else:
        words = gettext("The text of version %(old)d is back, as version %(number)d.")
        messages.success(request, words % {"old": number, "number": new.number})
    return redirect("courses:history", course_slug, lesson_slug, locale)
