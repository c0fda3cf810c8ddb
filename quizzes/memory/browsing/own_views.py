"""Pages of the cards that a learner makes: from a text of a lesson or from nothing; changed, put away, brought back.

Many come at once from a file, which is looked at first.
"""

import uuid
from typing import Any, Final

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from courses.models import Course, Section
from courses.upload_views import ENVELOPE_BYTES
from courses.views import current_locale
from quizzes import access
from quizzes.form_fields import htmx, uuid_in
from quizzes.interchange.items import FileFault
from quizzes.memory.browsing import files, finding, own_cards, tables
from quizzes.memory.browsing.forms import MAX_TEXT, CardFileForm, NewCardForm, OwnCardForm, too_large
from quizzes.memory.browsing.own_cards import CardTextError, OwnCard, TooManyCardsError, UnknownCardError
from quizzes.memory.browsing.tables import CardRow
from quizzes.memory.reviewing.learners import LearnerRequest, for_learners
from quizzes.models import Question

_LOOKED_AT_FOR: Final = 60 * 60 * 24
_MOST_SHOWN: Final = 200


# --- one card --------------------------------------------------------------------------------------------------------


@for_learners
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: LearnerRequest) -> HttpResponse:
    """Make a card: its back may be given, and the section that it is taken from. In a lesson, htmx has it in place."""
    locale = current_locale()
    section = _section(request.POST if request.method == "POST" else request.GET)
    if request.method != "POST":
        initial: dict[str, Any] = {"back": request.GET.get("back", "").replace("\x00", "")[:MAX_TEXT]}
        initial |= {"section": section.pk, "course": section.lesson.course.slug} if section else {}
        return _form(request, NewCardForm(request.user, locale, initial=initial), section)
    form = NewCardForm(request.user, locale, request.POST)
    if form.is_valid():
        chosen = form.cleaned_data
        course = section.lesson.course if section else chosen["course"]
        if not own_cards.may_be_of(request.user, chosen["id"]):
            raise Http404(access.NOTHING)
        card = OwnCard(chosen["id"], chosen["front"], chosen["back"], section)
        if question := _keep(request.user, course, card, form):
            if htmx(request):
                return render(request, "quizzes/own_card_kept.html", {"question": question, "section": section})
            messages.success(request, _("The card is kept. It comes up in your review."))
            return redirect("quizzes:card", question.pk)
    return _form(request, form, section, status=200 if htmx(request) else 422)


@for_learners
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: LearnerRequest, question_id: uuid.UUID) -> HttpResponse:
    """Change the text of an own card; what was reviewed of it stays."""
    found = finding.card_of(request.user, question_id, now=timezone.now())
    if found is None or not found.is_own:
        raise Http404(access.NOTHING)
    question, written = found.question, found.written()
    if request.method != "POST":
        form = OwnCardForm(initial={"id": question.pk, "front": written["front"], "back": written["back"]})
        return _form(request, form, question.section, question)
    form = OwnCardForm(request.POST)
    if form.is_valid():
        card = OwnCard(question.pk, form.cleaned_data["front"], form.cleaned_data["back"])
        if _keep(request.user, question.course, card, form):
            messages.success(request, _("The card is changed."))
            return redirect("quizzes:card", question.pk)
    return _form(request, form, question.section, question, status=422)


@for_learners
@require_POST
def put_away(request: LearnerRequest, question_id: uuid.UUID) -> HttpResponse:
    """Ask an own card no more. Its reviews are kept."""
    try:
        own_cards.put_away(request.user, [question_id], now=timezone.now())
    except UnknownCardError:
        raise Http404(access.NOTHING) from None
    messages.success(request, _("The card is put away. Its reviews are kept, and you can bring it back."))
    return redirect("quizzes:card", question_id)


@for_learners
@require_POST
def take_up_again(request: LearnerRequest, question_id: uuid.UUID) -> HttpResponse:
    try:
        own_cards.take_up_again(request.user, [question_id])
    except UnknownCardError:
        raise Http404(access.NOTHING) from None
    messages.success(request, _("The card is back, with what you remember of it."))
    return redirect("quizzes:card", question_id)


def _section(given: Any) -> Section | None:
    """The section that a lesson's page names: by its id, or by lesson and heading."""
    rows = Section.objects.published().filter(lesson__archived_at=None, lesson__course__archived_at=None)
    rows = rows.select_related("lesson__course").prefetch_related("lesson__bodies")
    if (pk := uuid_in(given, "section")) is not None:
        return rows.filter(pk=pk).first()
    lesson = uuid_in(given, "lesson")
    return rows.filter(lesson=lesson, slug=given.get("heading", "")[:100]).first() if lesson else None


def _keep(user: User, course: Course, card: OwnCard, form: OwnCardForm) -> Question | None:
    try:
        (kept,) = own_cards.keep(user, course, [card], now=timezone.now())
    except UnknownCardError:
        raise Http404(access.NOTHING) from None
    except (CardTextError, TooManyCardsError) as fault:
        form.refuse(fault)
        return None
    return kept.question


def _form(
    request: LearnerRequest,
    form: OwnCardForm,
    section: Section | None,
    question: Question | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    body = section.lesson.body(current_locale()) if section and question is None else None
    heading = next((one["title"] for one in body.contents if one["id"] == section.slug), "") if body and section else ""
    context = {"form": form, "section": section, "heading": heading, "body": body, "question": question}
    template = "quizzes/own_card_form.html" if htmx(request) else "quizzes/own_card.html"
    return render(request, template, context, status=status)


# --- many, from a file -----------------------------------------------------------------------------------------------


@csrf_exempt  # looking for the token reads the whole body: `_look` does, once it is known to be short enough
@for_learners
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def receive(request: LearnerRequest) -> HttpResponse:
    """A file of cards: first said line by line what importing it would do. Nothing is kept before that is pressed."""
    if request.method != "POST":
        return _receiving(request)
    size = int(request.META.get("CONTENT_LENGTH") or 0)
    if size > tables.MAX_BYTES + ENVELOPE_BYTES:
        return _receiving(request, fault=too_large(size), status=413)
    return _look(request)


@csrf_protect
def _look(request: LearnerRequest) -> HttpResponse:
    locale = current_locale()
    form = CardFileForm(request.user, locale, request.POST, request.FILES)
    if not form.is_valid():
        return _receiving(request, form, status=422)
    try:
        sheet = tables.read(form.cleaned_data["file"].read())
        planning = files.plan(request.user, sheet.rows)
    except FileFault as fault:
        return _receiving(request, form, file_fault=fault, status=422)
    except TooManyCardsError as fault:
        return _receiving(request, form, too_many=fault, status=422)
    course = form.cleaned_data["course"]
    context = {
        **{status: planning.count(status) for status in ("created", "changed", "same", "refused")},
        "unread": sheet.unread,
        "shown": planning.planned[:_MOST_SHOWN],
        "more": max(0, len(planning.planned) - _MOST_SHOWN),
        "course_title": _title(course, locale),
        "looked_at": _sealed(request.user, course, sheet.rows),
    }
    return render(request, "quizzes/cards_import_preview.html", context)


def _receiving(
    request: LearnerRequest, form: CardFileForm | None = None, *, status: int = 200, **faults: Any
) -> HttpResponse:
    context = {"form": form or CardFileForm(request.user, current_locale()), **faults}
    return render(request, "quizzes/cards_import.html", context, status=status)


@for_learners
@require_POST
def start(request: LearnerRequest) -> HttpResponse:
    """Import what was looked at. Sent twice, it changes nothing the second time."""
    try:
        slug, rows = _unsealed(request.user, request.POST.get("looked_at", ""))
    except signing.BadSignature:
        messages.error(request, _("Choose the file once more: what was looked at is not at hand any longer."))
        return redirect("quizzes:cards_import")
    course = Course.objects.published().filter(slug=slug).first()
    if course is None:
        raise Http404(access.NOTHING)
    try:
        planning, _kept = files.import_rows(request.user, course, rows, now=timezone.now())
    except TooManyCardsError as fault:
        return _receiving(request, too_many=fault, status=422)
    counts = {status: planning.count(status) for status in ("created", "changed")}
    messages.success(request, _("The cards are imported: %(created)d new, %(changed)d changed.") % counts)
    return redirect(f"{reverse('quizzes:cards')}?only=own")


def _title(course: Course, locale: str) -> str:
    text = course.text(locale)
    return text.title if text else course.slug


def _sealed(user: User, course: Course, rows: Any) -> str:
    """What was looked at, in a field of the form: nothing of a file is stored that is not imported."""
    cells = [[row.line, row.id, row.front, row.back] for row in rows]
    return signing.dumps([course.slug, cells], salt=f"cards/{user.pk}", compress=True)


def _unsealed(user: User, sealed: str) -> tuple[str, list[CardRow]]:
    slug, cells = signing.loads(sealed, salt=f"cards/{user.pk}", max_age=_LOOKED_AT_FOR)
    return slug, [CardRow(*cell) for cell in cells]
