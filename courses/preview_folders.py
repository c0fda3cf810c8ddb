"""What importing a checked folder would make: its lessons and questions, its problems, and what changes here.

Like `courses.folders` it knows the rows of all three apps. What comes out is JSON, for an upload's row and its page:

    course     {"slug", "locales", "titles": {locale: title}}, or {} where there is no manifest
    lessons    [{"slug", "titles", "texts": {locale: versions.text_hash}, "sections", "minutes", "pictures",
               "questions": {kind: number}, "experiments", "change": "new" | "changed" | "back" | "same"}], empty where
               something is wrong
    problems   {"errors", "warnings", "left_out", "files": [{"file", "errors", "warnings", "entries":
               [[line, message, severity]]}]}
    changes    {"is_new", "lessons" | "questions" | "cards" | "experiments" | "concepts": {"new": [name],
               "changed": […], "back": […], "archived": […], "numbers": {"new": 3, …, "same": 4}}}
"""

import hashlib
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from courses.documents import Problem
from courses.folders import CheckedFolder, Progress, silent
from courses.ids import content_id
from courses.manifest import Manifest
from courses.models import Concept, ConceptText, Course, Lesson, LessonBody, LessonPicture
from courses.parsed import ParsedLesson
from courses.versions import text_hash
from quizzes import kinds
from quizzes.importing import LessonDraft
from quizzes.models import Question
from sandbox.importing import PresetDraft
from sandbox.models import Preset

MOST_PROBLEMS = 500
MOST_NAMES = 30
CHANGES = ("new", "changed", "back", "archived")


@dataclass
class Tally:
    """What becomes of the lessons, or of the questions, …: names, and how many keep as they are."""

    names: dict[str, list[str]] = field(default_factory=lambda: {change: [] for change in CHANGES})
    same: int = 0

    def add(self, change: str, name: str) -> str:
        if change == "same":
            self.same += 1
        else:
            self.names[change].append(name)
        return change

    def as_json(self) -> dict[str, Any]:
        numbers = {change: len(names) for change, names in self.names.items()} | {"same": self.same}
        return {change: names[:MOST_NAMES] for change, names in self.names.items()} | {"numbers": numbers}


def preview(checked: CheckedFolder, progress: Progress = silent) -> dict[str, Any]:
    """Everything that an author wants to know before the import."""
    manifest = checked.course.manifest
    found: dict[str, Any] = {
        "course": _course(manifest) if manifest else {},
        "lessons": [],
        "problems": _problems(checked.problems, checked.course.path),
        "changes": {},
    }
    if manifest is None or checked.errors:
        return found
    comparison = Comparison(manifest)
    total = len(checked.texts)
    for done, parts in enumerate(zip(checked.texts, checked.questions, checked.presets, strict=True), 1):
        text, (_slug, questions), presets = parts
        found["lessons"].append(comparison.lesson(text, questions, presets))
        progress(done, total, "comparing")
    found["changes"] = comparison.finish()
    return found


def _course(manifest: Manifest) -> dict[str, Any]:
    titles = {locale: text.title for locale, text in manifest.texts.items()}
    return {"slug": manifest.slug, "locales": manifest.locales, "titles": titles}


def _problems(problems: Iterable[Problem], top: Path) -> dict[str, Any]:
    """By file, those with errors first; where there are very many, not all."""
    files: dict[str, dict[str, Any]] = {}
    number: Counter[str] = Counter()
    for problem in sorted(problems, key=lambda problem: (problem.severity == "warning", problem.file, problem.line)):
        number[problem.severity] += 1
        name = _place(problem.file, top)
        file = files.setdefault(name, {"file": name, "errors": 0, "warnings": 0, "entries": []})
        file[f"{problem.severity}s"] += 1
        if number.total() <= MOST_PROBLEMS:
            file["entries"].append([problem.line, problem.message.replace(f"{top}/", ""), problem.severity])
    return {
        "errors": number["error"],
        "warnings": number["warning"],
        "left_out": max(0, number.total() - MOST_PROBLEMS),
        "files": [file for file in files.values() if file["entries"]],
    }


def _place(file: str, top: Path) -> str:
    """The path in the course folder; "" for the folder itself."""
    path = Path(file)
    if path == top:
        return ""
    return path.relative_to(top).as_posix() if path.is_relative_to(top) else file


class Comparison:
    """The folder beside the rows of the course of this name."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.course = Course.objects.filter(pk=content_id(manifest.slug, "course", manifest.slug)).first()
        self.here = _Here(self.course)
        self.lessons, self.questions, self.cards, self.experiments = Tally(), Tally(), Tally(), Tally()
        self.seen: set[uuid.UUID] = set()

    def _id(self, kind: Any, name: str) -> uuid.UUID:
        pk = content_id(self.manifest.slug, kind, name)
        self.seen.add(pk)
        return pk

    def lesson(self, lesson: ParsedLesson, draft: LessonDraft, presets: Iterable[PresetDraft]) -> dict[str, Any]:
        """What is in a lesson, and what becomes of it."""
        pk = self._id("lesson", lesson.slug)
        titles = {locale: body.title for locale, body in lesson.bodies.items()}
        first = next(iter(titles.values()), lesson.slug)
        number = Counter(question.body.kind for question in draft.questions)
        for question in draft.questions:
            self._question(pk, question.id, question.body)
        return {
            "slug": lesson.slug,
            "titles": titles,
            "texts": {
                locale: text_hash(body.title, body.summary, body.markdown) for locale, body in lesson.bodies.items()
            },
            "sections": len(lesson.sections),
            "minutes": next((body.rendered.minutes for body in lesson.bodies.values()), 0),
            "pictures": len(lesson.pictures),
            "questions": dict(number),
            "experiments": sum(self._experiment(preset) for preset in presets),
            "change": self.lessons.add(_change(self.here.lessons, pk, _facts(lesson)), first),
        }

    def _question(self, lesson: uuid.UUID, name: str, body: kinds.Body) -> None:
        tally = self.cards if body.kind == "flashcard" else self.questions
        pk = self._id("question", name)
        tally.add(_change(self.here.questions, pk, (lesson, kinds.content_hash(body))), name)

    def _experiment(self, preset: PresetDraft) -> bool:
        pk = self._id("preset", preset.slug)
        facts = (preset.lesson_id, preset.section, preset.texts, preset.spec)
        if not preset.is_challenge:
            self.experiments.add(_change(self.here.presets, pk, facts), preset.slug)
        return not preset.is_challenge

    def finish(self) -> dict[str, Any]:
        concepts = self._concepts()
        self._archived(self.here.lessons, self.lessons)
        self._archived(self.here.concepts, concepts)
        self._archived(self.here.presets, self.experiments)
        self._archived({pk: row for pk, row in self.here.questions.items() if row.is_card}, self.cards)
        self._archived({pk: row for pk, row in self.here.questions.items() if not row.is_card}, self.questions)
        return {
            "is_new": self.course is None,
            "lessons": self.lessons.as_json(),
            "questions": self.questions.as_json(),
            "cards": self.cards.as_json(),
            "experiments": self.experiments.as_json(),
            "concepts": concepts.as_json(),
        }

    def _concepts(self) -> Tally:
        tally = Tally()
        for concept in self.manifest.concepts:
            texts = {locale: (text.name, text.definition) for locale, text in concept.texts.items()}
            tally.add(_change(self.here.concepts, self._id("concept", concept.id), texts), concept.id)
        return tally

    def _archived(self, rows: Mapping[uuid.UUID, "_Row"], tally: Tally) -> None:
        for pk, row in rows.items():
            if pk not in self.seen and not row.is_archived:
                tally.add("archived", row.name)


def _facts(lesson: ParsedLesson) -> Any:
    """What of a lesson would be written anew if it were another."""
    texts = {locale: body.content_hash for locale, body in lesson.bodies.items()}
    pictures = {name: hashlib.sha256(picture.content).hexdigest() for name, picture in lesson.pictures.items()}
    return (lesson.position, texts, pictures)


# --- what is here ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Row:
    name: str
    facts: Any
    is_archived: bool
    is_card: bool = False


def _change(rows: Mapping[uuid.UUID, _Row], pk: uuid.UUID, facts: Any) -> str:
    row = rows.get(pk)
    if row is None:
        return "new"
    if row.is_archived:
        return "back"
    return "same" if row.facts == facts else "changed"


class _Here:
    """The rows of a course, each reduced to what a comparison needs. A handful of queries, however many there are."""

    def __init__(self, course: Course | None) -> None:
        self.lessons = dict(_lessons(course)) if course else {}
        self.questions = dict(_questions(course)) if course else {}
        self.presets = dict(_presets(course)) if course else {}
        self.concepts = dict(_concepts(course)) if course else {}


Rows = Iterable[tuple[uuid.UUID, _Row]]


def _lessons(course: Course) -> Rows:
    texts: dict[uuid.UUID, dict[str, str]] = {}
    titles: dict[uuid.UUID, dict[str, str]] = {}
    pictures: dict[uuid.UUID, dict[str, str]] = {}
    bodies = LessonBody.objects.filter(lesson__course=course).order_by()
    for pk, locale, content_hash, title in bodies.values_list("lesson_id", "locale", "content_hash", "title"):
        texts.setdefault(pk, {})[locale] = content_hash
        titles.setdefault(pk, {})[locale] = title
    shown = LessonPicture.objects.filter(lesson__course=course).order_by()
    for pk, name, content_hash in shown.values_list("lesson_id", "name", "content_hash"):
        pictures.setdefault(pk, {})[name] = content_hash
    rows = Lesson.objects.filter(course=course).in_order()
    for pk, slug, position, archived_at in rows.values_list("pk", "slug", "position", "archived_at"):
        title = titles.get(pk, {}).get(course.fallback, slug)
        facts = (position, texts.get(pk, {}), pictures.get(pk, {}))
        yield pk, _Row(title, facts, archived_at is not None)


def _questions(course: Course) -> Rows:
    rows = Question.objects.filter(course=course).order_by("lesson__position", "position")
    named = rows.values_list("pk", "slug", "kind", "lesson_id", "current__content_hash", "archived_at")
    for pk, slug, kind, lesson, content_hash, archived_at in named:
        yield pk, _Row(slug, (lesson, content_hash), archived_at is not None, kind == "flashcard")


def _presets(course: Course) -> Rows:
    for preset in Preset.objects.filter(collection=course.slug, is_challenge=False).iterator():
        facts = (preset.lesson_id, preset.section, preset.texts, preset.spec)
        yield preset.pk, _Row(preset.slug, facts, preset.archived_at is not None)


def _concepts(course: Course) -> Rows:
    texts: dict[uuid.UUID, dict[str, tuple[str, str]]] = {}
    for text in ConceptText.objects.filter(concept__course=course).order_by():
        texts.setdefault(text.concept_id, {})[text.locale] = (text.name, text.definition)
    rows = Concept.objects.filter(course=course).order_by("position", "slug")
    for pk, slug, archived_at in rows.values_list("pk", "slug", "archived_at"):
        yield pk, _Row(slug, texts.get(pk, {}), archived_at is not None)
