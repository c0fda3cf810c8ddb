"""A course folder, all of it: what courses, quizzes and sandbox each keep of it, checked, imported, exported together.

The one module that knows the importers of all three apps; command, page and task call it. A course may be longer than
memory: what the check has rendered waits in files (`Spool`) until all of the folder is known to be good, and is then
written lesson after lesson. Of a usual lesson these are 110 KB, put away and taken back in 2 ms; to read and render it
a second time would take 60.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from django.db import transaction
from django.utils import timezone

import courses.exporting
import quizzes.exporting
import quizzes.importing
import sandbox.exporting
import sandbox.importing
from accounts.models import User
from courses.course_checks import facts_of
from courses.documents import LocatedDocument, Problem
from courses.exporting import FileContent
from courses.ids import content_id
from courses.importing import import_course
from courses.manifest import Manifest
from courses.models import Course, Lesson
from courses.parsed import LessonFacts, ParsedCourse, ParsedLesson, Place
from courses.parsing import add_lesson, finish, folder_hash, open_course, places, read_lesson, read_slug
from courses.processes import several
from courses.searching import index_course
from courses.spool import Spool
from courses.yaml_writing import to_yaml
from quizzes.importing import LessonDraft, SeenIds
from quizzes.searching import asked_in
from sandbox.importing import PresetDraft
from sandbox.keras_code import translate

Item = TypeVar("Item")
# From here on, processes are worth their start.
MANY_LESSONS = 40
# How many of how many lessons are done, and with what.
Progress = Callable[[int, int, str], None]


def silent(done: int, total: int, what: str) -> None:
    """Tell nobody."""


@dataclass
class CheckedFolder:
    """A folder of which every block has been checked by the app that it belongs to."""

    course: ParsedCourse
    texts: Spool[ParsedLesson] = field(default_factory=Spool)
    questions: Spool[tuple[str, LessonDraft]] = field(default_factory=Spool)
    presets: Spool[list[PresetDraft]] = field(default_factory=Spool)
    problems: list[Problem] = field(default_factory=list)

    @property
    def errors(self) -> int:
        return sum(problem.severity == "error" for problem in self.problems)


def is_current(folder: Path) -> bool:
    """Whether exactly this folder is what was imported last and nobody has edited it since: nothing need be read."""
    if not (folder / "course.yaml").is_file():
        return False
    unedited = Course.objects.published().filter(edited_at=None)
    return unedited.filter(content_hash=folder_hash(folder)).exists()


def edited_course(folder: Path) -> Course | None:
    """The course that an import of this folder would take back to what the folder says."""
    slug = read_slug(folder)
    return Course.objects.published().filter(slug=slug, edited_at__isnull=False).first() if slug else None


def can_train(code: str) -> bool:
    """Whether this code describes a network that the sandbox can train: what gets a button in a lesson."""
    return translate(code).spec is not None


# --- checking --------------------------------------------------------------------------------------------------------


def check_folder(folder: Path, progress: Progress = silent, *, processes: int = 1) -> CheckedFolder:
    """Read the folder and let each app check its blocks. Writes nothing but files without a name.

    With several `processes` a long course is read in as many.
    """
    checked = CheckedFolder(open_course(folder))
    manifest = checked.course.manifest
    if manifest is None:
        checked.problems = checked.course.problems
        return checked
    check = _Check(checked, manifest)
    lessons = places(checked.course)
    with several(processes if len(lessons) > MANY_LESSONS else 1) as each:
        for done, read in enumerate(each(_read, lessons), 1):
            go_on = add_lesson(checked.course, read.facts, read.problems)
            check.lesson(read)
            progress(done, len(lessons), "checking")
            if not go_on:
                break
    finish(checked.course)
    problems = {*checked.course.problems, *checked.problems}
    checked.problems = sorted(problems, key=lambda problem: (problem.file, problem.line))
    return checked


@dataclass(frozen=True)
class _Read:
    """A lesson with its questions, rendered: all that takes long, and needs nothing of the other lessons."""

    lesson: ParsedLesson
    facts: LessonFacts
    questions: LessonDraft
    problems: list[Problem]


def _read(place: Place) -> _Read:
    lesson, problems = read_lesson(place, can_train)
    draft = LessonDraft()
    if lesson.questions is not None:
        draft, found = quizzes.importing.read_questions(lesson.questions)
        problems += found
    if lesson.experiments is not None:
        challenges, found = quizzes.importing.read_challenges(lesson.experiments)
        draft = replace(draft, questions=[*draft.questions, *challenges])
        problems += found
    return _Read(replace(lesson, questions=None), facts_of(lesson), draft, problems)


class _Check:
    """What the lessons checked so far have in common with those that come."""

    def __init__(self, checked: CheckedFolder, manifest: Manifest) -> None:
        self.checked, self.manifest = checked, manifest
        self.concepts = {concept.id for concept in manifest.concepts}
        self.seen = SeenIds()
        self.presets: set[str] = set()

    def lesson(self, read: _Read) -> None:
        """Check questions and experiments against those of other lessons, and put the lesson away."""
        lesson = read.lesson
        presets = self._experiments(lesson, lesson.experiments) if lesson.experiments else []
        self.checked.problems += quizzes.importing.check_questions(
            read.questions,
            locales=self.manifest.locales,
            sections=lesson.sections,
            concepts=self.concepts,
            seen=self.seen,
        )
        if not self.checked.course.errors and not self.checked.errors:
            self.checked.texts.append(replace(lesson, experiments=None))
            self.checked.questions.append((lesson.slug, read.questions))
            self.checked.presets.append(presets)

    def _experiments(self, lesson: ParsedLesson, document: LocatedDocument) -> list[PresetDraft]:
        problems = self.checked.problems
        if not isinstance(document.value, dict) or not {*document.value} <= {"experiments", "challenges"}:
            wanted = "This file has “experiments” and “challenges”, each with a list below it, and nothing else."
            problems.append(document.problem((), wanted))
            return []
        drafts, found = sandbox.importing.read_presets(document.value.get("experiments", []))
        problems += [document.problem(("experiments", *path), message) for path, message in found]
        starts, found = sandbox.importing.read_starts(document.value.get("challenges"))
        problems += [document.problem(("challenges", *path), message) for path, message in found]
        for draft in drafts:
            faults = _faults(draft, lesson, self.manifest.locales)
            if draft.slug in self.presets:
                faults.append(f"The experiment “{draft.slug}” is in another lesson, too.")
            problems += [document.problem(_place_of(document, draft), message) for message in faults]
        self.presets |= {draft.slug for draft in drafts}
        problems += [
            document.problem(_place_of(document, start), f"The id “{start.slug}” is that of an experiment, too.")
            for start in starts
            if start.slug in self.presets
        ]
        drafts += starts
        self.presets |= {start.slug for start in starts}
        lesson_id = content_id(self.manifest.slug, "lesson", lesson.slug)
        return [replace(draft, lesson_id=lesson_id) for draft in drafts]


def _place_of(document: LocatedDocument, draft: PresetDraft) -> tuple[str | int, ...]:
    """The path of a draft in its document; drafts skip the entries that had faults."""
    key = "challenges" if draft.is_challenge else "experiments"
    ids = [entry.get("id") if isinstance(entry, dict) else None for entry in document.value[key]]
    return (key, ids.index(draft.slug))


def _faults(draft: PresetDraft, lesson: ParsedLesson, locales: Sequence[str]) -> list[str]:
    faults = [f"{draft.slug}: there is no text in {locale}." for locale in locales if locale not in draft.texts]
    faults += [
        f"{draft.slug}: {locale} is no language of this course." for locale in draft.texts if locale not in locales
    ]
    if draft.section and draft.section not in lesson.sections:
        faults.append(f"{draft.slug}: the lesson has no section “{draft.section}”.")
    return faults


# --- writing ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def write_folder(checked: CheckedFolder, progress: Progress = silent, *, author: User | None = None) -> Course:
    """Write course, questions and experiments; all of them or nothing. What was edited since gives way.

    `author` is who asked for it, if that is known: the versions of the texts name them.
    """
    now = timezone.now()
    texts = _counted(checked.texts, progress, "writing texts")
    course = import_course(checked.course, texts, now=now, author=author)
    questions = _counted(checked.questions, progress, "writing questions")
    quizzes.importing.import_questions(course, questions, now=now)
    drafts = (draft for presets in checked.presets for draft in presets)
    presets = ((content_id(course.slug, "preset", draft.slug), draft.slug, draft) for draft in drafts)
    sandbox.importing.import_presets(course.slug, presets, now=now)
    index_course(course, asked_in(course))
    return course


def _counted(items: Spool[Item], progress: Progress, what: str) -> Iterator[Item]:
    for done, item in enumerate(items, 1):
        yield item
        progress(done, len(items), what)


# --- exporting -------------------------------------------------------------------------------------------------------


def export_files(course: Course) -> Iterator[tuple[str, FileContent]]:
    """Each file of the folder that the course could be imported from, one at a time, with its path in that folder."""
    yield "course.yaml", courses.exporting.manifest_yaml(course)
    lessons = Lesson.objects.filter(course=course, archived_at=None).in_order()
    for lesson in lessons.iterator():
        for name, content in _lesson_files(course, lesson):
            yield f"{lesson.folder_name}/{name}", content


def _lesson_files(course: Course, lesson: Lesson) -> Iterator[tuple[str, FileContent]]:
    yield from courses.exporting.lesson_files(lesson)
    questions = quizzes.exporting.lesson_questions(lesson, course.locales)
    if questions.file:
        yield "questions.yaml", to_yaml(questions.file)
    sections = set(lesson.sections.published().values_list("slug", flat=True))
    experiments = {
        "experiments": sandbox.exporting.lesson_presets(course.slug, lesson.pk, course.locales, sections),
        "challenges": questions.challenges,
    }
    if any(experiments.values()):
        yield "experiments.yaml", to_yaml({name: entries for name, entries in experiments.items() if entries})
