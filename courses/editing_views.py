"""The editor of a lesson: its text, a preview of it, what is wrong with it, and what hangs on what was changed.

Works without scripts: two buttons of one form, “Preview” and “Save”. With htmx the same views answer with the parts of
the page that follow the text.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from courses import access, editing
from courses.comparing import changed_sections, compare_texts, section_titles
from courses.documents import Problem
from courses.editing import Checked, ConflictError, RefusedError, Text, language_name
from courses.exporting import place
from courses.models import LessonBody, LessonVersion
from courses.problem_wording import Worded, in_words
from courses.upload_presentation import KINDS
from courses.views import current_locale
from quizzes import challenge_states, dependants
from quizzes.searching import prompt_html
from sandbox.presentation import network_drawing


@require_safe
def editor(request: HttpRequest, course_slug: str, lesson_slug: str, locale: str) -> HttpResponse:
    """A lesson as it is, to be changed."""
    body = edited_body(request, course_slug, lesson_slug, locale)
    return editor_page(request, body, editing.check(body, Text.of(body)))


@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: HttpRequest, course_slug: str, lesson_slug: str, locale: str) -> HttpResponse:
    """What the text that was sent would become. Writes nothing. The address stays in the browser: opened again, it
    leads to the editor."""
    body = edited_body(request, course_slug, lesson_slug, locale)
    if request.method != "POST":
        return redirect("courses:editor", course_slug, lesson_slug, locale)
    checked = editing.check(body, _sent_text(request))
    if _is_htmx(request):
        return render(request, "courses/editor_live.html", _shown(body, checked))
    return editor_page(request, body, checked, based_on=sent_number(request, "based_on"))


@require_http_methods(["GET", "HEAD", "POST"])
def save(request: HttpRequest, course_slug: str, lesson_slug: str, locale: str) -> HttpResponse:
    """Save the text as a new version, unless it has errors (422) or a newer version is there (409). The address stays
    in the browser then: opened again, it leads to the editor."""
    body = edited_body(request, course_slug, lesson_slug, locale)
    if request.method != "POST":
        return redirect("courses:editor", course_slug, lesson_slug, locale)
    text, based_on = _sent_text(request), sent_number(request, "based_on")
    try:
        version = editing.save(body, text, author=author(request), based_on=based_on, now=timezone.now())
    except ConflictError as conflict:
        return conflict_page(request, body, text, conflict.newest, based_on)
    except RefusedError as refused:
        return _refused(request, body, refused.checked, based_on)
    said = saved_in_words(version)
    if _is_htmx(request):
        return _saved(request, body, text, said)
    messages.success(request, said)
    return redirect("courses:editor", course_slug, lesson_slug, locale)


# --- who asks, and what was sent -------------------------------------------------------------------------------------


def edited_body(request: HttpRequest, course_slug: str, lesson_slug: str, locale: str) -> LessonBody:
    """The text that this instructor may change; nobody else is told that there is one."""
    return access.find_edited(request.user, course_slug, lesson_slug, locale)


def author(request: HttpRequest) -> User:
    return cast("User", request.user)


def sent_number(request: HttpRequest, name: str) -> int:
    """The number of a version in the form; −1, which none has, for anything else."""
    sent = request.POST.get(name, "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 9 else -1


def _sent_text(request: HttpRequest) -> Text:
    return Text.written(*(request.POST.get(name, "") for name in Text._fields))


def _is_htmx(request: HttpRequest) -> bool:
    return bool(request.htmx)  # type: ignore[attr-defined]


# --- the page --------------------------------------------------------------------------------------------------------


def editor_page(
    request: HttpRequest,
    body: LessonBody,
    checked: Checked,
    *,
    based_on: int | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """The editor with this text in it; `based_on` is the version that it was made from, if that is not the newest."""
    newest = editing.newest(body)
    number = newest.number if newest else 0
    context = {
        **frame(body, [body.locale, *(other.locale for other in checked.around.others)]),
        **_shown(body, checked),
        "newest": newest,
        "based_on": number if based_on is None else based_on,
        "is_unsaved": checked.text != Text.of(body),
        "around": checked.around,
        "kinds": KINDS,
        **more,
    }
    return render(request, "courses/editor.html", context, status=status)


def conflict_page(
    request: HttpRequest, body: LessonBody, text: Text, newest: LessonVersion, based_on: int
) -> HttpResponse:
    """Both texts: what somebody else has saved, and what was about to be. Saving again is then a decision."""
    if _is_htmx(request):  # a whole page cannot take the place of a part: the form is sent once more, without htmx
        return HttpResponse(headers={"HX-Trigger": "editor:conflict", "HX-Reswap": "none"})
    body.title, body.summary, body.markdown = Text.of(newest)
    began_from = LessonVersion.objects.of(body).filter(number=based_on).first()
    more = {
        "conflict": newest,
        "mine": compare_texts(Text.of(newest), text),
        "theirs": compare_texts(Text.of(began_from), Text.of(newest)) if began_from else None,
    }
    return editor_page(request, body, editing.check(body, text), based_on=newest.number, status=409, **more)


def saved_in_words(version: LessonVersion | None) -> str:
    if version is None:
        return gettext("Nothing has changed: this is what the lesson says already.")
    return gettext("Saved as version %(number)d.") % {"number": version.number}


def _saved(request: HttpRequest, body: LessonBody, text: Text, said: str) -> HttpResponse:
    body.title, body.summary, body.markdown = text
    newest = editing.newest(body)
    context = {
        **_shown(body, editing.check(body, text)),
        "newest": newest,
        "based_on": newest.number if newest else 0,
        "said": said,
    }
    response = render(request, "courses/editor_live.html", context)
    response.headers["HX-Trigger"] = "editor:saved"
    return response


def _refused(request: HttpRequest, body: LessonBody, checked: Checked, based_on: int) -> HttpResponse:
    if _is_htmx(request):
        context = {**_shown(body, checked), "newest": editing.newest(body), "refused": True}
        return render(request, "courses/editor_live.html", context)
    return editor_page(request, body, checked, based_on=based_on, status=422, refused=True)


# --- parts of the page -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Language:
    locale: str
    name: str
    is_current: bool


def frame(body: LessonBody, locales: Iterable[str] | None = None) -> dict[str, Any]:
    """What every page about the text of a lesson has: where it stands, and the languages it is in (asked for, if they
    are not known)."""
    course = body.lesson.course
    if locales is None:
        locales = LessonBody.objects.filter(lesson=body.lesson).order_by().values_list("locale", flat=True)
    return {
        "course": course,
        "lesson": body.lesson,
        "body": body,
        "course_text": course.text(current_locale()),
        "languages": [
            Language(locale, language_name(locale), locale == body.locale)
            for locale in sorted(locales, key=lambda locale: place(locale, course))
        ],
    }


def _shown(body: LessonBody, checked: Checked) -> dict[str, Any]:
    """What follows the text while it is written. `body` is what it was before."""
    return {
        "course": body.lesson.course,
        "lesson": body.lesson,
        "body": body,
        "text": checked.text,
        "parts": _parts(checked, body.locale),
        "findings": [_Finding.of(problem) for problem in checked.problems],
        "errors": len(checked.errors),
        "warnings": len(checked.warnings),
        "changed": hanging_on(body, Text.of(body), checked.text),
    }


@dataclass(frozen=True)
class _Finding:
    """A problem and where to go for it: a line of the text, or a field above it."""

    line: int
    field: str
    said: Worded
    severity: str

    @classmethod
    def of(cls, problem: Problem) -> "_Finding":
        head = next((name for name in ("title", "summary") if problem.message.startswith(f"{name}:")), "")
        return cls(problem.line, "" if problem.line else head, in_words(problem.message), problem.severity)


def hanging_on(body: LessonBody, old: Text, new: Text) -> Sequence[dependants.ChangedSection]:
    """The sections that differ between two texts, with what points at them."""
    changes = changed_sections(old.markdown, new.markdown)
    titles = section_titles(old.markdown) | section_titles(new.markdown)
    return dependants.of_sections(body.lesson, changes, titles, body.locale)


def _parts(checked: Checked, locale: str) -> list[dict[str, Any]] | None:
    """The parts of the text with what its directives show in a preview; None for what cannot be read at all."""
    if checked.body is None:
        return None
    around = checked.around
    posed = challenge_states.in_text(around.questions, around.presets, locale)
    by_name = {question.slug: question for question in around.questions}
    filled: list[dict[str, Any]] = []
    for part in checked.body.rendered.parts:
        ref = part.get("ref", "")
        more: dict[str, Any] = {}
        if part.get("directive") == "question" and ref in by_name:
            question = by_name[ref]
            assert question.current is not None
            prompt = prompt_html(question.current.texts_in(locale, question.course.fallback))
            more = {"prompt": prompt, "kind": KINDS.get(question.kind, question.kind)}
        elif part.get("directive") == "challenge" and ref in posed:
            more = {"challenge": posed[ref]}
        elif part.get("directive") == "preset" and ref in around.experiments:
            preset = around.presets[ref]
            more = {
                "title": preset.text("title", locale),
                "summary": preset.text("summary", locale),
                "drawing": network_drawing(preset.spec),
            }
        filled.append({**part, **more})
    return filled
