"""The page of a lesson, and what page and API read of it: at most ten queries, however long the course.

The ORM writes most of them once (`config.prepared`). What surrounds the text is kept by all that it shows, with holes
for what is the reader's or the request's (`courses.kept`); of the text, `courses.article_views` does the same.
"""

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.messages import get_messages
from django.db.models import CharField, IntegerField, UUIDField
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.views.decorators.http import require_safe

from accounts.models import User
from config.prepared import Prepared
from courses import access
from courses.article_views import TOKEN, article, find_placed, find_text
from courses.kept import Kept, StandIn, cut, filled, hole
from courses.models import Concept, ConceptText, Lesson, LessonBody, Progress, in_locale
from courses.progress import open_lesson
from courses.views import QuizState, current_locale, foreign_name, quizzes_by_lesson, signed_in
from quizzes.memory.planning import queue


@dataclass(frozen=True)
class ExplainedConcept:
    """A concept with its words in one language. `recall`: the predicted probability of recalling it now, 0…1."""

    concept: Concept
    text: ConceptText
    recall: float | None

    @property
    def recall_percent(self) -> int | None:
        return None if self.recall is None else round(self.recall * 100)


@require_safe
def lesson(request: HttpRequest, course_slug: str, slug: str) -> HttpResponse:
    """The text of a lesson with its figures, questions and concepts. Opening it begins the learner's progress."""
    learner, locale, now = signed_in(request), current_locale(), timezone.now()
    text = find_text(course_slug, slug, locale)
    body, found = text.body, text.body.lesson
    progress = open_lesson(learner, found, now=now) if learner else None
    concepts, due = remembered(found, learner, body.locale, now)
    previous, following = neighbours(found, body.locale)
    page = Page(
        language=locale,
        course=found.course.slug,
        lesson=found.pk,
        slug=found.slug,
        position=found.position,
        locale=body.locale,
        title=body.title,
        summary=body.summary,
        minutes=body.minutes,
        foreign=foreign_name(body.locale, locale),
        contents=text.contents,
        concepts=tuple(ShownConcept.of(one) for one in concepts),
        previous=Neighbour.of(previous),
        following=Neighbour.of(following),
        quiz=ShownQuiz.of(quizzes_by_lesson([found], learner, locale).get(found.pk)),
        flashcards=text.flashcards,
        signed_in=learner is not None,
        is_staff=learner is not None and learner.is_staff,
        may_edit=access.is_instructor(request.user, found.course),
        stopped_at=_stopped_at(progress),
        due=due,
    )
    placed, token = find_placed(text, learner), get_token(request)
    filling = {
        TOKEN: token,
        _NONCE: str(request.csp_nonce),  # type: ignore[attr-defined]
        _ADDRESS: escape(request.get_full_path()),
        _NAME: escape(learner.name or learner.email) if learner else "",
        _EMAIL: escape(learner.email) if learner else "",
        _PERCENT: str(progress.percent if progress else 0),
        _ARTICLE: article(text, placed, locale, token=token, signed_in=page.signed_in),
        **{hole("recall", one.concept.slug): _recall(one.recall_percent) for one in concepts},
    }
    messages = get_messages(request)
    pieces = _make(page, messages) if len(messages) else _pages.get(page, lambda: _make(page))
    return HttpResponse(filled(pieces, filling))


# --- the page around the text ----------------------------------------------------------------------------------------


class ShownConcept(NamedTuple):
    slug: str
    locale: str
    name: str
    definition: str
    """HTML."""

    @classmethod
    def of(cls, one: "ExplainedConcept") -> "ShownConcept":
        return cls(one.concept.slug, one.text.locale, one.text.name, one.text.definition_html)

    @property
    def recall(self) -> str:
        return hole("recall", self.slug)


class Neighbour(NamedTuple):
    """A lesson to go to."""

    slug: str
    locale: str
    title: str

    @classmethod
    def of(cls, body: LessonBody | None) -> "Neighbour | None":
        return cls(body.lesson.slug, body.locale, body.title) if body else None


class ShownQuiz(NamedTuple):
    """`QuizState`, without its rows."""

    id: uuid.UUID
    questions: int
    best_percent: int | None
    open: bool

    @classmethod
    def of(cls, state: QuizState | None) -> "ShownQuiz | None":
        return cls(state.quiz.pk, state.questions, state.best_percent, state.open) if state else None


class Page(NamedTuple):
    """All that is shown around the text, but for the holes; so what is kept of it is right for whoever has the same.

    `contents`: JSON. `due`: how many of the lesson's cards are due today. `stopped_at`: the slug of a section.
    """

    language: str
    course: str
    lesson: uuid.UUID
    slug: str
    position: int
    locale: str
    title: str
    summary: str
    minutes: int
    foreign: str
    contents: str
    concepts: tuple[ShownConcept, ...]
    previous: Neighbour | None
    following: Neighbour | None
    quiz: ShownQuiz | None
    flashcards: int
    signed_in: bool
    is_staff: bool
    may_edit: bool
    stopped_at: str
    due: int


_pages: Kept[tuple[str, ...]] = Kept()
_NONCE, _ADDRESS, _NAME, _EMAIL = hole("nonce"), hole("address"), hole("name"), hole("email")
_PERCENT, _ARTICLE = hole("percent"), hole("article")


def _make(page: Page, messages: Iterable[Any] = ()) -> tuple[str, ...]:
    """The page in pieces. Of the reader and the request it knows what is in `page`; the rest are holes."""
    contents = json.loads(page.contents)
    user = StandIn(is_authenticated=page.signed_in, is_staff=page.is_staff, name=_NAME, email=_EMAIL)
    request = StandIn(
        csp_nonce=_NONCE,
        path=reverse("courses:lesson", args=[page.course, page.slug]),
        get_full_path=_ADDRESS,
        resolver_match=StandIn(app_name="courses", url_name="lesson"),
    )
    context = {
        "page": page,
        "contents": contents,
        "stopped_at": next((heading for heading in contents if heading["id"] == page.stopped_at), None),
        "percent": _PERCENT,
        "article": _ARTICLE,
        "foreign": page.foreign,
        "user": user,
        "request": request,
        "csrf_token": TOKEN,
        "messages": messages,
    }
    holes = [TOKEN, _NONCE, _ADDRESS, _NAME, _EMAIL, _PERCENT, _ARTICLE, *(one.recall for one in page.concepts)]
    return cut(render_to_string("courses/lesson.html", context), holes)


def _recall(percent: int | None) -> str:
    return "" if percent is None else render_to_string("courses/recall.html", {"percent": percent})


def _stopped_at(progress: Progress | None) -> str:
    """The heading to go on at, for a learner who has read a part."""
    if progress is None or progress.finished or len(progress.sections) < 2:
        return ""
    slug: str = progress.sections[-1]
    return slug


# --- what page and API read ------------------------------------------------------------------------------------------


_NEIGHBOURS = Prepared(
    lambda course, positions, locales: (
        LessonBody.objects.filter(lesson__course=course, lesson__archived_at=None)
        .filter(lesson__position__in=positions, locale__in=locales)
        .values_list("lesson__position", "lesson__slug", "locale", "title")
    ),
    course=UUIDField(),
    positions=IntegerField(),
    locales=CharField(),
)


def neighbours(lesson: Lesson, locale: str) -> tuple[LessonBody | None, LessonBody | None]:
    """The lessons before and after this one, by what a link says of them, in one query."""
    course, beside = lesson.course, [lesson.position - 1, lesson.position + 1]
    found: dict[int, list[LessonBody]] = {position: [] for position in beside}
    for position, slug, spoken, title in _NEIGHBOURS(
        course=course.pk, positions=beside, locales=[locale, course.fallback]
    ):
        other = Lesson(course=course, slug=slug, position=position)
        found[position].append(LessonBody(lesson=other, locale=spoken, title=title))
    before, after = (in_locale(found[position], locale, course.fallback) for position in beside)
    return before, after


_CONCEPTS = Prepared(
    lambda lesson, locales: (
        ConceptText.objects.explained_in(lesson)
        .filter(locale__in=locales)
        .values_list("concept_id", "concept__slug", "locale", "name", "definition_html")
    ),
    lesson=UUIDField(),
    locales=CharField(),
)


def explained_concepts(lesson: Lesson, locale: str) -> dict[Concept, ConceptText]:
    """What this lesson explains, in reading order, with its words in one language."""
    course = lesson.course
    by_concept: dict[Concept, list[ConceptText]] = {}
    for concept_id, slug, spoken, name, html in _CONCEPTS(lesson=lesson.pk, locales=[locale, course.fallback]):
        concept = Concept(id=concept_id, course=course, slug=slug)
        text = ConceptText(concept=concept, locale=spoken, name=name, definition_html=html)
        by_concept.setdefault(concept, []).append(text)
    chosen = {concept: in_locale(found, locale, course.fallback) for concept, found in by_concept.items()}
    return {concept: text for concept, text in chosen.items() if text}


def remembered(lesson: Lesson, learner: User | None, locale: str, now: datetime) -> tuple[list[ExplainedConcept], int]:
    """The concepts with the recall predicted for this learner, and how much of the lesson is due today."""
    texts = explained_concepts(lesson, locale)
    memory = queue.of_lesson(learner, lesson, list(texts), now=now) if learner else queue.LessonMemory({}, 0)
    concepts = [ExplainedConcept(concept, text, memory.recall.get(concept.pk)) for concept, text in texts.items()]
    return concepts, memory.due
