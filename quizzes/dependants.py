"""What hangs on the sections of a lesson: questions and flashcards that point at them, concepts explained there,
experiments, and links from other lessons. Its author looks at these when a section has changed. Reads only."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from courses.comparing import Change
from courses.models import Concept, ConceptText, Lesson, LessonBody
from courses.search_words import plain
from quizzes.models import Question
from quizzes.searching import prompt_html
from sandbox.models import Preset


@dataclass(frozen=True)
class Asking:
    """A question that points at a section. `prompt` is what it asks, as text."""

    question: Question
    prompt: str

    @property
    def is_card(self) -> bool:
        return self.question.kind == "flashcard"


@dataclass
class ChangedSection:
    """A section of which the text differs, and what hangs on it. `linked_from`: only of a section that is gone."""

    slug: str
    title: str
    change: Change
    asking: list[Asking] = field(default_factory=list)
    concepts: list[ConceptText] = field(default_factory=list)
    experiments: list[Preset] = field(default_factory=list)
    linked_from: list[LessonBody] = field(default_factory=list)

    @property
    def is_free(self) -> bool:
        return not (self.asking or self.concepts or self.experiments or self.linked_from)


def of_sections(
    lesson: Lesson, changes: Mapping[str, Change], titles: Mapping[str, str], locale: str
) -> list[ChangedSection]:
    """Return the sections of `changes` in their order, with what hangs on them, in one language. At most five queries.

    `titles`: those of the sections, in that language.
    """
    sections = {slug: ChangedSection(slug, titles.get(slug, slug), change) for slug, change in changes.items()}
    if sections:
        _add_questions(lesson, sections, locale)
        _add_concepts(lesson, sections, locale)
        _add_experiments(lesson, sections)
        _add_links(lesson, [section for section in sections.values() if section.change == "gone"])
    return list(sections.values())


def _add_questions(lesson: Lesson, sections: Mapping[str, ChangedSection], locale: str) -> None:
    questions = Question.objects.published().filter(section__lesson=lesson, section__slug__in=sections)
    for question in questions.select_related("current", "section").order_by("position", "slug"):
        assert question.current is not None
        assert question.section is not None
        prompt = plain(prompt_html(question.current.texts_in(locale, lesson.course.fallback)))
        sections[question.section.slug].asking.append(Asking(question, prompt or question.slug))


def _add_concepts(lesson: Lesson, sections: Mapping[str, ChangedSection], locale: str) -> None:
    links = Concept.sections.through.objects.filter(section__lesson=lesson, section__slug__in=sections)
    links = links.filter(concept__archived_at=None).select_related("section", "concept").order_by("pk")
    for link in links.prefetch_related("concept__texts"):
        if text := link.concept.text(locale, lesson.course.fallback):
            text.concept = link.concept
            sections[link.section.slug].concepts.append(text)


def _add_experiments(lesson: Lesson, sections: Mapping[str, ChangedSection]) -> None:
    presets = Preset.objects.experiments().filter(collection=lesson.course.slug, lesson_id=lesson.pk)
    for preset in presets.filter(section__in=sections):
        sections[preset.section].experiments.append(preset)


def _add_links(lesson: Lesson, gone: Sequence[ChangedSection]) -> None:
    """Links of other lessons that would lead nowhere."""
    if not gone:
        return
    bodies = LessonBody.objects.filter(lesson__course=lesson.course, lesson__archived_at=None).exclude(lesson=lesson)
    linking = bodies.filter(markdown__contains=f"../{lesson.slug}/").select_related("lesson").defer("parts", "contents")
    for body in linking.order_by("lesson__position", "locale"):
        body.lesson.course = lesson.course
        linked = set(re.findall(rf"\.\./{re.escape(lesson.slug)}/?#([a-z0-9-]+)", body.markdown))
        for section in gone:
            if section.slug in linked:
                section.linked_from.append(body)
