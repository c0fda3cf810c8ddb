"""The ideas of a course: all of them on one page, and each on a page of its own with what explains and tests it."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from courses import access
from courses.models import Concept, ConceptText, Course, Lesson, LessonBody, SearchEntry, Section, in_locale
from courses.views import current_locale, foreign_name, signed_in
from quizzes.memory.planning import queue
from quizzes.models import Question


@dataclass(frozen=True)
class Place:
    """A section that explains a concept, with its heading in one language."""

    section: Section
    title: str
    lesson_title: str
    locale: str

    @property
    def url(self) -> str:
        return self.section.get_absolute_url()


@dataclass(frozen=True)
class Term:
    """A concept with its words in one language; `recall`: the predicted chance of recalling it now, 0…1."""

    concept: Concept
    text: ConceptText
    places: Sequence[Place]
    recall: float | None

    @property
    def recall_percent(self) -> int | None:
        return None if self.recall is None else round(self.recall * 100)


@dataclass(frozen=True)
class Chapter:
    """The concepts that a lesson is the first to explain; those that none explains have no lesson."""

    lesson: Lesson | None
    title: str
    locale: str
    terms: Sequence[Term]


@require_safe
def glossary(request: HttpRequest, slug: str) -> HttpResponse:
    """Every concept of a course, in the order in which its lessons explain them."""
    course, locale = access.find_course(slug), current_locale()
    text = course.text(locale)
    context = {
        "course": course,
        "text": text,
        "foreign": foreign_name(text.locale if text else "", locale),
        "chapters": _chapters(_terms(request, course, course.concepts.all(), locale)),
    }
    return render(request, "courses/glossary.html", context)


@require_safe
def concept(request: HttpRequest, slug: str, concept_slug: str) -> HttpResponse:
    """What a concept is, how well this learner would recall it, where it is explained and what asks for it."""
    course, locale = access.find_course(slug), current_locale()
    terms = _terms(request, course, course.concepts.filter(slug=concept_slug), locale)
    if not terms:
        raise Http404
    questions = Question.objects.published().filter(concepts=terms[0].concept)
    prompts = SearchEntry.objects.filter(
        course=course,
        kind=SearchEntry.Kind.QUESTION,
        locale=terms[0].text.locale,
        target__in=questions.order_by().values("pk"),
    )
    context = {
        "course": course,
        "text": course.text(locale),
        "foreign": foreign_name(terms[0].text.locale, locale),
        "term": terms[0],
        "prompts": prompts.select_related("lesson__course").order_by("lesson__position", "pk"),
    }
    return render(request, "courses/concept.html", context)


def _terms(request: HttpRequest, course: Course, concepts: Any, locale: str) -> list[Term]:
    """The concepts with texts, places and recall, in five queries however many there are."""
    explaining = Section.objects.published().filter(lesson__archived_at=None).select_related("lesson")
    in_order = explaining.order_by("lesson__position", "position")
    found: list[Concept] = list(concepts.filter(archived_at=None).with_texts().prefetch_related(
        Prefetch("sections", in_order)
    ))  # fmt: skip
    headings = _headings(course, {section.lesson_id for one in found for section in one.sections.all()}, locale)
    learner = signed_in(request)
    recall = queue.recall_by_concept(learner, found, now=timezone.now()) if learner and found else {}
    terms = []
    for one in found:
        text = one.text(locale, course.fallback)
        if text is not None:
            terms.append(Term(one, text, _places(course, one.sections.all(), headings), recall.get(one.pk)))
    return terms


def _places(course: Course, sections: Iterable[Section], headings: dict[uuid.UUID, LessonBody]) -> list[Place]:
    places = []
    for section in sections:
        section.lesson.course = course
        body = headings.get(section.lesson_id)
        if body is not None:
            titles = {heading["id"]: heading["title"] for heading in body.contents}
            places.append(Place(section, titles.get(section.slug, section.slug), body.title, body.locale))
    return places


def _headings(course: Course, lessons: set[uuid.UUID], locale: str) -> dict[uuid.UUID, LessonBody]:
    """The body of each lesson in one language, for its headings."""
    bodies = LessonBody.objects.filter(lesson__in=lessons, locale__in=[locale, course.fallback])
    by_lesson: dict[uuid.UUID, list[LessonBody]] = {}
    for body in bodies.defer("markdown", "parts"):
        by_lesson.setdefault(body.lesson_id, []).append(body)
    chosen = {lesson: in_locale(found, locale, course.fallback) for lesson, found in by_lesson.items()}
    return {lesson: body for lesson, body in chosen.items() if body}


def _chapters(terms: Sequence[Term]) -> list[Chapter]:
    first: dict[Lesson | None, list[Term]] = {}
    for term in terms:
        first.setdefault(term.places[0].section.lesson if term.places else None, []).append(term)
    chapters = []
    for lesson in sorted((one for one in first if one), key=lambda lesson: lesson.position):
        own = sorted(first[lesson], key=lambda term: term.places[0].section.position)
        place = own[0].places[0]
        chapters.append(Chapter(lesson, place.lesson_title, place.locale, own))
    return chapters + ([Chapter(None, "", "", first[None])] if None in first else [])
