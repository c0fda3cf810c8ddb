"""A course folder, all of it: what courses, quizzes and sandbox each keep of it, checked and imported together.

The one module that knows the importers of all three apps; command, page and task call it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

import quizzes.importing
import sandbox.importing
from courses.documents import LocatedDocument, Problem
from courses.ids import content_id
from courses.importing import import_course
from courses.models import Course
from courses.parsing import ParsedCourse, ParsedLesson, folder_hash, parse_folder
from quizzes.importing import LessonDraft
from sandbox.importing import PresetDraft


@dataclass
class CheckedFolder:
    """A folder of which every block has been checked by the app that it belongs to."""

    course: ParsedCourse
    questions: dict[str, LessonDraft] = field(default_factory=dict)
    presets: list[PresetDraft] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def errors(self) -> int:
        return sum(problem.severity == "error" for problem in self.problems)


def is_current(folder: Path) -> bool:
    """Whether exactly this folder is what was imported last, so that nothing need be read."""
    if not (folder / "course.yaml").is_file():
        return False
    return Course.objects.published().filter(content_hash=folder_hash(folder)).exists()


def check_folder(folder: Path) -> CheckedFolder:
    """Read the folder and let each app check its blocks."""
    course = parse_folder(folder)
    checked = CheckedFolder(course, problems=list(course.problems))
    if course.manifest is None:
        return checked
    for lesson in course.lessons:
        if lesson.questions is not None:
            draft, problems = quizzes.importing.read_questions(lesson.questions)
            checked.questions[lesson.slug] = draft
            checked.problems += problems
        if lesson.experiments is not None:
            _read_experiments(checked, lesson, lesson.experiments)
    checked.problems += quizzes.importing.check_questions(
        checked.questions,
        locales=course.manifest.locales,
        sections={lesson.slug: lesson.sections for lesson in course.lessons},
        concepts=[concept.id for concept in course.manifest.concepts],
    )
    checked.problems = sorted(set(checked.problems), key=lambda problem: (problem.file, problem.line))
    return checked


def _read_experiments(checked: CheckedFolder, lesson: ParsedLesson, document: LocatedDocument) -> None:
    manifest = checked.course.manifest
    assert manifest is not None
    if not isinstance(document.value, dict) or set(document.value) != {"experiments"}:
        checked.problems.append(document.problem((), "This file has one key, “experiments”, with a list below it."))
        return
    drafts, problems = sandbox.importing.read_presets(document.value["experiments"])
    checked.problems += [document.problem(("experiments", *path), message) for path, message in problems]
    taken = {draft.slug for draft in checked.presets}
    for index, draft in enumerate(drafts):
        lines = _lines_of(document, draft, index)
        checked.problems += [document.problem(lines, message) for message in _faults(draft, lesson, manifest.locales)]
        if draft.slug in taken:
            checked.problems.append(
                document.problem(lines, f"The experiment “{draft.slug}” is in another lesson, too.")
            )
    lesson_id = content_id(manifest.slug, "lesson", lesson.slug)
    checked.presets += [replace(draft, lesson_id=lesson_id) for draft in drafts]


def _lines_of(document: LocatedDocument, draft: PresetDraft, index: int) -> tuple[str | int, ...]:
    """The path of a draft in its document; drafts skip the entries that had faults."""
    entries: Sequence[Any] = document.value["experiments"]
    ids = [entry.get("id") if isinstance(entry, dict) else None for entry in entries]
    return ("experiments", ids.index(draft.slug) if draft.slug in ids else index)


def _faults(draft: PresetDraft, lesson: ParsedLesson, locales: Sequence[str]) -> list[str]:
    faults = [f"{draft.slug}: there is no text in {locale}." for locale in locales if locale not in draft.texts]
    faults += [
        f"{draft.slug}: {locale} is no language of this course." for locale in draft.texts if locale not in locales
    ]
    if draft.section and draft.section not in lesson.sections:
        faults.append(f"{draft.slug}: the lesson has no section “{draft.section}”.")
    return faults


@transaction.atomic
def write_folder(checked: CheckedFolder) -> Course:
    """Write course, questions and experiments; all of them or nothing."""
    now = timezone.now()
    course = import_course(checked.course, now=now)
    quizzes.importing.import_questions(course, checked.questions, now=now)
    presets = [(content_id(course.slug, "preset", draft.slug), draft.slug, draft) for draft in checked.presets]
    sandbox.importing.import_presets(course.slug, presets, now=now)
    return course
