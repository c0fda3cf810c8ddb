"""The only writer of courses, lessons, sections and concepts.

Importing the same folder again writes nothing. What vanished from the folder is archived, and comes back with its
history if the folder has it again.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar

from django.db import models, transaction

from courses.ids import content_id
from courses.manifest import ConceptEntry, Manifest
from courses.models import Concept, ConceptText, Course, CourseText, Lesson, LessonBody, Section
from courses.parsing import ParsedCourse, ParsedLesson
from courses.rendering import render_fragment

Row = TypeVar("Row", bound=models.Model)


@transaction.atomic
def import_course(parsed: ParsedCourse, *, now: datetime) -> Course:
    """Write the course of a folder that has no errors; all of it or nothing.

    The caller that also imports questions and experiments opens the transaction around all three.
    """
    manifest = parsed.manifest
    if manifest is None or parsed.errors:
        raise ValueError("A course with errors is not imported.")
    course_id = content_id(manifest.slug, "course", manifest.slug)
    course = Course.objects.filter(pk=course_id).first()
    if course and course.content_hash == parsed.content_hash and course.archived_at is None:
        return course
    course = _write(
        Course,
        course_id,
        slug=manifest.slug,
        licence=manifest.licence,
        locales=manifest.locales,
        content_hash=parsed.content_hash,
        archived_at=None,
    )
    _write_texts(CourseText, "course", course, {locale: text.model_dump() for locale, text in manifest.texts.items()})
    sections: dict[str, Section] = {}
    lessons = [_import_lesson(course, lesson, sections, now) for lesson in parsed.lessons]
    _archive_others(course.lessons.all(), lessons, now)
    _import_concepts(course, manifest, sections, now)
    return course


def _import_lesson(course: Course, parsed: ParsedLesson, sections: dict[str, Section], now: datetime) -> Lesson:
    """Write one lesson; adds its sections to `sections` by `lesson/section`."""
    lesson = _write(
        Lesson,
        content_id(course.slug, "lesson", parsed.slug),
        course=course,
        slug=parsed.slug,
        position=parsed.position,
        archived_at=None,
    )
    bodies = {
        locale: {
            "title": body.title,
            "summary": body.summary,
            "markdown": body.markdown,
            "parts": body.rendered.parts,
            "contents": body.rendered.contents,
            "minutes": body.rendered.minutes,
            "content_hash": body.content_hash,
        }
        for locale, body in parsed.bodies.items()
    }
    _write_texts(LessonBody, "lesson", lesson, bodies)
    kept = []
    for position, slug in enumerate(parsed.sections, 1):
        path = f"{parsed.slug}/{slug}"
        section_id = content_id(course.slug, "section", path)
        section = _write(Section, section_id, lesson=lesson, slug=slug, position=position, archived_at=None)
        sections[path] = section
        kept.append(section)
    _archive_others(lesson.sections.all(), kept, now)
    return lesson


def _import_concepts(course: Course, manifest: Manifest, sections: dict[str, Section], now: datetime) -> None:
    concepts = [_import_concept(course, entry, sections) for entry in manifest.concepts]
    _archive_others(course.concepts.all(), concepts, now)


def _import_concept(course: Course, entry: ConceptEntry, sections: dict[str, Section]) -> Concept:
    concept_id = content_id(course.slug, "concept", entry.id)
    concept = _write(Concept, concept_id, course=course, slug=entry.id, archived_at=None)
    texts = {
        locale: {**text.model_dump(), "definition_html": render_fragment(text.definition)}
        for locale, text in entry.texts.items()
    }
    _write_texts(ConceptText, "concept", concept, texts)
    concept.sections.set([sections[path] for path in entry.explained_in])
    return concept


# --- rows ------------------------------------------------------------------------------------------------------------


def _write(model: type[Row], pk: uuid.UUID, **values: Any) -> Row:
    """Return the row with this id and these values; writes what differs, if anything."""
    row = model._default_manager.filter(pk=pk).first()
    if row is None:
        return model._default_manager.create(pk=pk, **values)
    _update(row, values)
    return row


def _update(row: models.Model, values: dict[str, Any]) -> None:
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        row.save(update_fields=changed)


def _write_texts(model: type[models.Model], owner: str, row: models.Model, texts: dict[str, dict[str, Any]]) -> None:
    """Make the texts of `row`, one row per locale, those of `texts`. Texts carry no history: others are deleted."""
    existing = {text.locale: text for text in model._default_manager.filter(**{owner: row})}  # type: ignore[attr-defined]
    for locale, values in texts.items():
        if locale in existing:
            _update(existing.pop(locale), values)
        else:
            model._default_manager.create(**{owner: row}, locale=locale, **values)
    for gone in existing.values():
        gone.delete()


def _archive_others(rows: models.QuerySet[Any], kept: Iterable[models.Model], now: datetime) -> None:
    rows.filter(archived_at=None).exclude(pk__in=[row.pk for row in kept]).update(archived_at=now)
