"""Pages of all one's cards: found, sorted, laid aside several at once; one card with its history; a file of them."""

import uuid
from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from courses.models import Course, CourseText, Lesson, in_locale, light_bodies
from courses.views import current_locale
from quizzes import access, presenting
from quizzes.form_fields import htmx, number_in
from quizzes.memory import plans
from quizzes.memory.browsing import files, finding, history
from quizzes.memory.browsing.presenting import choices, history_rows, narrowed_by, shown_card, stability_figure
from quizzes.memory.browsing.schemas import Shown
from quizzes.memory.browsing.tables import FORMATS, MEDIA_TYPES
from quizzes.memory.planning import queue
from quizzes.memory.reviewing import marks
from quizzes.memory.reviewing.learners import LearnerRequest, for_learners

MOST_MARKED: Final = 200


@for_learners
@require_safe
@never_cache
def cards(request: LearnerRequest) -> HttpResponse:
    """All cards, or those that the address asks for, 50 at a time. htmx is given the list alone."""
    shown, now, locale = _shown(request.GET), timezone.now(), current_locale()
    page = finding.page_of(request.user, shown, number_in(request.GET, "page") or 1, now=now)
    context = {
        "shown": shown,
        "page": page,
        "rows": [shown_card(one, locale) for one in page.object_list],
        "now": now,
        "here": _address(shown, page.number),
        "previous": _address(shown, page.number - 1),
        "following": _address(shown, page.number + 1),
        "query": f"?{_query(shown)}&" if _query(shown) else "?",
        "is_narrowed": _is_narrowed(shown),
        "narrowed_by": narrowed_by(shown),
    }
    if htmx(request):
        return render(request, "quizzes/cards_list.html", context)
    return render(request, "quizzes/cards.html", context | choices(shown, _courses(locale), locale))


@for_learners
@require_POST
def mark(request: LearnerRequest) -> HttpResponse:
    """Suspend the chosen cards, lay them aside until tomorrow (`bury`), or take them up again; then the same list."""
    now, wanted, ids = timezone.now(), request.POST.get("do", ""), _ids(request.POST)
    if wanted not in {"suspend", "bury", "take_up"}:
        raise Http404(access.NOTHING)
    if not ids:
        messages.info(request, _("Choose the cards first."))
        return redirect(_back(request))
    if finding.reachable(request.user, ids, now=now) < set(ids):
        raise Http404(access.NOTHING)
    if wanted == "suspend":
        marks.suspend(request.user, ids, now=now)
    elif wanted == "take_up":
        marks.take_up(request.user, ids, now=now)
    else:
        _begin, tomorrow = queue.study_day(now, request.user.zone, request.user.day_start_hour)
        marks.bury(request.user, ids, until=tomorrow, now=now)
    messages.success(request, _told(wanted, len(ids)))
    return redirect(_back(request))


@for_learners
@require_safe
@never_cache
def card(request: LearnerRequest, question_id: uuid.UUID) -> HttpResponse:
    """One card: its text, what is remembered, and every review of it."""
    now, locale = timezone.now(), current_locale()
    found = finding.card_of(request.user, question_id, now=now)
    if found is None:
        raise Http404(access.NOTHING)
    past = history.of_card(request.user, found.question, plans.plan_of(request.user))
    context = {
        "row": shown_card(found, locale),
        "card": found,
        "explained_in": presenting.explained_in(found.question),
        "history": history_rows(past),
        "figure": stability_figure(past),
        "now": now,
        "here": request.path,
    }
    return render(request, "quizzes/card.html", context)


@for_learners
@require_safe
@never_cache
def export(request: LearnerRequest) -> HttpResponse:
    """A file of the cards that the address asks for: own ones to be read again, or (`memory`) all with figures."""
    file_format = FORMATS.get(request.GET.get("format", "csv"))
    if file_format is None:
        raise Http404(access.NOTHING)
    with_memory, now = "memory" in request.GET, timezone.now()
    content = files.export(
        request.user, _shown(request.GET), file_format, current_locale(), with_memory=with_memory, now=now
    )
    response = HttpResponse(content, content_type=f"{MEDIA_TYPES[file_format]}; charset=utf-8")
    name = f"{'cards-and-memory' if with_memory else 'own-cards'}-{now:%Y-%m-%d}.{file_format}"
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


# --- what an address asks for ----------------------------------------------------------------------------------------


def _shown(given: QueryDict) -> Shown:
    return Shown.of({**given.dict(), "only": given.getlist("only")})


def _address(shown: Shown, page: int = 1) -> str:
    query = _query(shown, **({"page": page} if page > 1 else {}))
    return f"{reverse('quizzes:cards')}?{query}" if query else reverse("quizzes:cards")


def _query(shown: Shown, **more: int) -> str:
    return urlencode(shown.model_dump(mode="json", exclude_defaults=True) | more, doseq=True)


def _is_narrowed(shown: Shown) -> bool:
    return bool(shown.model_dump(exclude_defaults=True, exclude={"sort"}))


def _back(request: HttpRequest) -> str:
    """The page of cards that the form was sent from; never another site's."""
    cards_url, back = reverse("quizzes:cards"), request.POST.get("back", "")
    return back if back.startswith(cards_url) and "\\" not in back else cards_url


def _ids(form: QueryDict) -> list[uuid.UUID]:
    ids = []
    for text in form.getlist("card")[:MOST_MARKED]:
        try:
            ids.append(uuid.UUID(text))
        except ValueError:
            raise Http404(access.NOTHING) from None
    return list(dict.fromkeys(ids))


def _told(done: str, count: int) -> str:
    if done == "suspend":
        message = ngettext("%(count)d card is suspended.", "%(count)d cards are suspended.", count)
    elif done == "bury":
        message = ngettext("%(count)d card rests until tomorrow.", "%(count)d cards rest until tomorrow.", count)
    else:
        message = ngettext("%(count)d card is asked again.", "%(count)d cards are asked again.", count)
    return message % {"count": count}


def _courses(locale: str) -> list[tuple[Course, str, list[Lesson]]]:
    """Every published course with its title and lessons, in three queries."""
    lessons = Lesson.objects.published().select_related("course").prefetch_related(light_bodies())
    by_course: dict[Course, list[Lesson]] = {}
    for lesson in lessons.order_by("course__slug", "position"):
        by_course.setdefault(lesson.course, []).append(lesson)
    texts: dict[uuid.UUID, list[CourseText]] = {}
    for text in CourseText.objects.filter(course__in=by_course).order_by():
        texts.setdefault(text.course_id, []).append(text)
    found = []
    for course, its in by_course.items():
        title = in_locale(texts.get(course.pk, []), locale, course.fallback)
        found.append((course, title.title if title else course.slug, its))
    return found
