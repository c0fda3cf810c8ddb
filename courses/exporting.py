"""The part of a course folder that courses keep: the manifest, the texts and the pictures of a lesson, from the rows.

Importing what is written here gives the same rows again. Comments, and how a file was formatted, are not kept.
"""

import uuid
from collections.abc import Iterator
from typing import Any

from courses.models import Concept, Course, Lesson, LessonBody
from courses.yaml_writing import to_yaml

FileContent = str | bytes


def manifest_yaml(course: Course) -> str:
    """The `course.yaml`."""
    lessons = course.lessons.filter(archived_at=None).in_order()
    manifest: dict[str, Any] = {"slug": course.slug}
    if course.licence:
        manifest["licence"] = course.licence
    manifest["locales"] = course.locales
    texts = sorted(course.texts.all(), key=lambda text: place(text.locale, course))
    manifest["texts"] = {text.locale: titled(text.title, text.summary) for text in texts}
    manifest["lessons"] = [lesson.folder_name for lesson in lessons]
    if concepts := list(_concepts(course)):
        manifest["concepts"] = concepts
    return to_yaml(manifest)


def place(locale: str, course: Course) -> tuple[int, str]:
    """Where a language stands among those of the course, to sort by."""
    return (course.locales.index(locale) if locale in course.locales else len(course.locales), locale)


def titled(title: str, summary: str) -> dict[str, str]:
    return {"title": title, "summary": summary} if summary else {"title": title}


def _concepts(course: Course) -> Iterator[dict[str, Any]]:
    explained = _explained_in(course)
    rows = Concept.objects.filter(course=course, archived_at=None).with_texts()
    for concept in rows.order_by("position", "slug"):
        entry: dict[str, Any] = {"id": concept.slug}
        if concept.pk in explained:
            entry["explained_in"] = explained[concept.pk]
        texts = sorted(concept.texts.all(), key=lambda text: place(text.locale, course))
        entry["texts"] = {text.locale: {"name": text.name, "definition": text.definition} for text in texts}
        yield entry


def _explained_in(course: Course) -> dict[uuid.UUID, list[str]]:
    """The sections of each concept, in the order in which they were named."""
    links = Concept.sections.through.objects.filter(concept__course=course, section__archived_at=None)
    links = links.filter(section__lesson__archived_at=None).order_by("pk")
    explained: dict[uuid.UUID, list[str]] = {}
    for concept, lesson, section in links.values_list("concept_id", "section__lesson__slug", "section__slug"):
        explained.setdefault(concept, []).append(f"{lesson}/{section}")
    return explained


def text_file(title: str, summary: str, markdown: str) -> str:
    """The `lesson.<locale>.md`."""
    return f"---\n{to_yaml(titled(title, summary), texts=True)}---\n{markdown}"


def lesson_files(lesson: Lesson) -> Iterator[tuple[str, FileContent]]:
    """Each file of a lesson's folder that is a text or a picture, one at a time, with its name in that folder."""
    for body in LessonBody.objects.filter(lesson=lesson).defer("parts", "contents").order_by("locale").iterator():
        yield f"lesson.{body.locale}.md", text_file(body.title, body.summary, body.markdown)
    for picture in lesson.pictures.order_by("name").iterator(chunk_size=1):
        yield picture.name, bytes(picture.content)
