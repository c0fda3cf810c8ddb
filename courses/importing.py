"""The only writer of courses, lessons, sections and concepts as a whole.

Importing the same folder again writes nothing. What vanished from the folder is archived, and comes back with its
history if the folder has it again. The frame of the course (lessons, sections, concepts) is written at once; texts and
pictures lesson after lesson, so that one lesson is in memory.
"""

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Set
from datetime import datetime
from typing import Any

from django.db import models, transaction

from accounts.models import User
from courses.ids import Kind, content_id
from courses.manifest import Manifest
from courses.models import (
    Concept,
    ConceptText,
    Course,
    CourseText,
    Lesson,
    LessonBody,
    LessonPicture,
    Section,
)
from courses.parsed import LessonFacts, ParsedBody, ParsedCourse, ParsedLesson, Picture
from courses.rendering import render_fragment
from courses.rows import MOST_AT_ONCE, archive_others, link_in_order, write_rows
from courses.version_models import Source
from courses.versions import TEXT, NewVersions


@transaction.atomic
def import_course(
    parsed: ParsedCourse, lessons: Iterable[ParsedLesson], *, now: datetime, author: User | None = None
) -> Course:
    """Write the course of a folder that has no errors; all of it or nothing.

    `lessons` are those of `parsed` with their texts, and are taken one by one. The caller that also imports questions
    and experiments opens the transaction around all three.
    """
    manifest = parsed.manifest
    if manifest is None or parsed.errors:
        raise ValueError("A course with errors is not imported.")
    course = _write_course(manifest, parsed.content_hash)
    frame = _Frame(course, now)
    frame.write_lessons(parsed.lessons)
    frame.write_concepts(manifest)
    versions = NewVersions(course, Source.IMPORT, author, now)
    for lesson in lessons:
        lesson_id = content_id(course.slug, "lesson", lesson.slug)
        write_bodies(lesson_id, lesson.bodies, versions)
        _write_pictures(lesson_id, lesson.pictures)
    return course


def _write_course(manifest: Manifest, content_hash: str) -> Course:
    course_id = content_id(manifest.slug, "course", manifest.slug)
    values = {
        "slug": manifest.slug,
        "licence": manifest.licence,
        "locales": manifest.locales,
        "content_hash": content_hash,
        "archived_at": None,
        "edited_at": None,
    }
    write_rows(Course, {course_id: values})
    _write_texts(CourseText, "course", {course_id: {loc: text.model_dump() for loc, text in manifest.texts.items()}})
    return Course.objects.get(pk=course_id)


class _Frame:
    """Lessons, sections and concepts of one course: what others point at."""

    def __init__(self, course: Course, now: datetime) -> None:
        self.course, self.now = course, now

    def _id(self, kind: Kind, stable_id: str) -> uuid.UUID:
        return content_id(self.course.slug, kind, stable_id)

    def write_lessons(self, lessons: Iterable[LessonFacts]) -> None:
        rows: dict[uuid.UUID, dict[str, Any]] = {}
        sections: dict[uuid.UUID, dict[str, Any]] = {}
        for lesson in lessons:
            lesson_id = self._id("lesson", lesson.slug)
            rows[lesson_id] = {
                "course_id": self.course.pk,
                "slug": lesson.slug,
                "position": lesson.position,
                "folder": lesson.folder,
                "archived_at": None,
            }
            sections |= section_rows(self.course.slug, lesson_id, lesson.slug, lesson.sections)
        write_rows(Lesson, rows)
        write_rows(Section, sections)
        archive_others(Lesson.objects.filter(course=self.course), rows.keys(), self.now)
        # Those of a lesson that is gone stay as they are: it takes them along, and back.
        kept_lessons = Section.objects.filter(lesson__course=self.course, lesson__archived_at=None)
        archive_others(kept_lessons, sections.keys(), self.now)

    def write_concepts(self, manifest: Manifest) -> None:
        rows: dict[uuid.UUID, dict[str, Any]] = {}
        texts: dict[uuid.UUID, dict[str, dict[str, Any]]] = {}
        sections: dict[uuid.UUID, list[uuid.UUID]] = {}
        for position, entry in enumerate(manifest.concepts, 1):
            concept_id = self._id("concept", entry.id)
            rows[concept_id] = {
                "course_id": self.course.pk,
                "slug": entry.id,
                "position": position,
                "archived_at": None,
            }
            texts[concept_id] = {
                locale: {**text.model_dump(), "definition_html": render_fragment(text.definition)}
                for locale, text in entry.texts.items()
            }
            sections[concept_id] = [self._id("section", path) for path in entry.explained_in]
        write_rows(Concept, rows)
        _write_texts(ConceptText, "concept", texts)
        link_in_order(Concept.sections.through, "concept_id", "section_id", sections)
        archive_others(Concept.objects.filter(course=self.course), rows.keys(), self.now)


def section_rows(
    course_slug: str, lesson_id: uuid.UUID, lesson_slug: str, sections: Iterable[str]
) -> dict[uuid.UUID, dict[str, Any]]:
    """The rows that these headings of a lesson have, whoever writes them."""
    return {
        content_id(course_slug, "section", f"{lesson_slug}/{slug}"): {
            "lesson_id": lesson_id,
            "slug": slug,
            "position": position,
            "archived_at": None,
        }
        for position, slug in enumerate(sections, 1)
    }


# --- texts and pictures ----------------------------------------------------------------------------------------------


def write_bodies(
    lesson_id: uuid.UUID, bodies: Mapping[str, ParsedBody], versions: NewVersions, *, others_stay: bool = False
) -> None:
    """Make the texts of a lesson these, by their locales, and keep a version of each that has changed.

    The one way into LessonBody. Texts in other languages go, unless `others_stay`.
    """
    values = {
        locale: {
            "title": body.title,
            "summary": body.summary,
            "markdown": body.markdown,
            "parts": body.rendered.parts,
            "contents": body.rendered.contents,
            "minutes": body.rendered.minutes,
            "content_hash": body.content_hash,
        }
        for locale, body in bodies.items()
    }
    changed = _write_texts(LessonBody, "lesson", {lesson_id: values}, others_stay=others_stay)
    versions.add(body for body, names in changed if TEXT & names)


def _write_pictures(lesson_id: uuid.UUID, pictures: Mapping[str, Picture]) -> None:
    wanted = {name: hashlib.sha256(picture.content).hexdigest() for name, picture in pictures.items()}
    rows = LessonPicture.objects.filter(lesson=lesson_id)
    present = dict(rows.values_list("name", "content_hash"))
    outdated = [name for name, found in present.items() if wanted.get(name) != found]
    if outdated:
        rows.filter(name__in=outdated).delete()
    LessonPicture.objects.bulk_create(
        LessonPicture(
            lesson_id=lesson_id,
            name=name,
            kind=picture.kind,
            content=picture.content,
            content_hash=wanted[name],
        )
        for name, picture in pictures.items()
        if present.get(name) != wanted[name]
    )


def _write_texts(
    model: type[models.Model],
    owner: str,
    wanted: Mapping[uuid.UUID, Mapping[str, Mapping[str, Any]]],
    *,
    others_stay: bool = False,
) -> list[tuple[Any, Set[str]]]:
    """Make the texts of each owner, one row per locale, those wanted; returns what is new or changed, and in what.

    These rows carry no history: others are deleted, unless `others_stay`.
    """
    rows = model._default_manager
    changed: list[tuple[Any, Set[str]]] = []
    left = {(one, locale): values for one, texts in wanted.items() for locale, values in texts.items()}
    row: Any
    for row in rows.filter(**{f"{owner}__in": list(wanted)}):
        values = left.pop((getattr(row, f"{owner}_id"), row.locale), None)
        if values is None:
            if not others_stay:
                row.delete()
            continue
        differing = {name: value for name, value in values.items() if getattr(row, name) != value}
        for name, value in differing.items():
            setattr(row, name, value)
        if differing:
            changed.append((row, differing.keys()))
    new = [
        (model(**{f"{owner}_id": one}, locale=locale, **values), values.keys())
        for (one, locale), values in left.items()
    ]
    rows.bulk_create([row for row, _ in new], batch_size=MOST_AT_ONCE)
    if changed:
        names = sorted({name for _, names in changed for name in names})
        rows.bulk_update([row for row, _ in changed], names, batch_size=MOST_AT_ONCE)
    return [*new, *changed]
