"""The page of a lesson, and what page and API read of it: at most ten queries, however long the course."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeVar

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User
from courses import access
from courses.models import Concept, ConceptText, Course, Lesson, LessonBody, Progress, in_locale
from courses.progress import open_lesson
from courses.views import current_locale, foreign_name, quizzes_by_lesson, signed_in
from quizzes import challenge_states, checkpoints, queue
from quizzes.challenge_states import Posed
from quizzes.checkpoints import Checkpoint
from quizzes.models import Question
from sandbox.models import Preset
from sandbox.presentation import network_drawing

Rows = TypeVar("Rows", bound=QuerySet[Any])


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
    body: Any = access.find_body(with_flashcards(LessonBody.objects.all(), "lesson_id"), course_slug, slug, locale)
    found = body.lesson
    progress = open_lesson(learner, found, now=now) if learner else None
    quiz = quizzes_by_lesson([found], learner, locale).get(found.pk)
    presets = presets_by_slug(found.course)
    questions = challenge_states.placed(found.course, asked_in(body), learner)
    asked = checkpoints.in_text(questions, locale)
    posed = challenge_states.in_text(questions, presets, body.locale)
    concepts, due = remembered(found, learner, body.locale, now)
    previous, following = neighbours(found, body.locale)
    context = {
        "course": found.course,
        "lesson": found,
        "body": body,
        "parts": filled_parts(body, presets, asked, posed),
        "foreign": foreign_name(body.locale, locale),
        "may_edit": access.is_instructor(request.user, found.course),
        "progress": progress,
        "stopped_at": _stopped_at(body, progress),
        "quiz": quiz,
        "flashcards": body.flashcards,
        "concepts": concepts,
        "due": due,
        "previous": previous,
        "following": following,
    }
    return render(request, "courses/lesson.html", context)


# --- what page and API read ------------------------------------------------------------------------------------------


def with_flashcards(rows: Rows, lesson: str) -> Rows:
    """Rows with `flashcards`: how many the lesson brings whose id is in the column `lesson`."""
    cards = Question.objects.published().filter(lesson=OuterRef(lesson), kind="flashcard").order_by().values("lesson")
    return rows.annotate(flashcards=Coalesce(Subquery(cards.annotate(n=Count("pk")).values("n")), 0))


def presets_by_slug(course: Course) -> dict[str, Preset]:
    return {preset.slug: preset for preset in Preset.objects.offered().filter(collection=course.slug)}


def neighbours(lesson: Lesson, locale: str) -> tuple[LessonBody | None, LessonBody | None]:
    """The lessons before and after this one, by their bodies, in one query."""
    bodies = (
        LessonBody.objects.filter(lesson__course=lesson.course, lesson__archived_at=None)
        .filter(lesson__position__in=[lesson.position - 1, lesson.position + 1])
        .filter(locale__in=[locale, lesson.course.fallback])
        .select_related("lesson__course")
        .defer("markdown", "parts", "contents")
    )
    before = [body for body in bodies if body.lesson.position < lesson.position]
    after = [body for body in bodies if body.lesson.position > lesson.position]
    return in_locale(before, locale, lesson.course.fallback), in_locale(after, locale, lesson.course.fallback)


def explained_concepts(lesson: Lesson, locale: str) -> dict[Concept, ConceptText]:
    """What this lesson explains, in reading order, with its words in one language."""
    texts = ConceptText.objects.explained_in(lesson).filter(locale__in=[locale, lesson.course.fallback])
    by_concept: dict[Concept, list[ConceptText]] = {}
    for text in texts.select_related("concept"):
        by_concept.setdefault(text.concept, []).append(text)
    chosen = {concept: in_locale(found, locale, lesson.course.fallback) for concept, found in by_concept.items()}
    return {concept: text for concept, text in chosen.items() if text}


def remembered(lesson: Lesson, learner: User | None, locale: str, now: datetime) -> tuple[list[ExplainedConcept], int]:
    """The concepts with the recall predicted for this learner, and how much of the lesson is due today."""
    texts = explained_concepts(lesson, locale)
    memory = queue.of_lesson(learner, lesson, list(texts), now=now) if learner else queue.LessonMemory({}, 0)
    concepts = [ExplainedConcept(concept, text, memory.recall.get(concept.pk)) for concept, text in texts.items()]
    return concepts, memory.due


def asked_in(body: LessonBody) -> list[str]:
    """The ids of the questions that a text places, challenges included."""
    return [part["ref"] for part in body.parts if part.get("directive") in {"question", "challenge"}]


def filled_parts(
    body: LessonBody,
    presets: dict[str, Preset],
    asked: Mapping[str, Checkpoint],
    posed: Mapping[str, Posed] = MappingProxyType({}),
) -> list[dict[str, Any]]:
    """The parts of a text with the rows that its directives name. A row that is gone leaves its caption."""
    return [{**part, **_filling(part, body, presets, asked, posed)} for part in body.parts]


def _filling(
    part: Mapping[str, str],
    body: LessonBody,
    presets: dict[str, Preset],
    asked: Mapping[str, Checkpoint],
    posed: Mapping[str, Posed],
) -> dict[str, Any]:
    directive, ref = part.get("directive"), part.get("ref", "")
    if directive == "question" and ref in asked:
        return {"checkpoint": asked[ref]}
    if directive == "challenge" and ref in posed:
        return {"challenge": posed[ref]}
    if directive == "preset" and ref in presets:
        preset = presets[ref]
        return {
            "preset": preset,
            "title": preset.text("title", body.locale),
            "summary": preset.text("summary", body.locale),
            "drawing": network_drawing(preset.spec),
        }
    return {}


# --- parts of the page -----------------------------------------------------------------------------------------------


def _stopped_at(body: LessonBody, progress: Progress | None) -> dict[str, Any] | None:
    """The heading to go on at, for a learner who has read a part."""
    if progress is None or progress.finished or len(progress.sections) < 2:
        return None
    return next((heading for heading in body.contents if heading["id"] == progress.sections[-1]), None)
