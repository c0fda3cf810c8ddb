"""From a lesson's `questions.yaml` to rows. Reading finds every fault with its line; importing writes.

Importing twice changes nothing. A question gets a new version only if its content changed. What vanished is archived.
"""

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from django.db import transaction
from pydantic import Field, StringConstraints, ValidationError

from courses.documents import LocatedDocument, Path, Problem
from courses.ids import content_id
from courses.models import Concept, Course, Lesson, Section
from courses.rendering import render_fragment
from quizzes import kinds
from quizzes.kinds.base import Id, Locale, Strict
from quizzes.models import Question, QuestionVersion, Quiz, Slot


class QuizTexts(Strict):
    title: Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]


class QuizEntry(Strict):
    id: Id
    texts: Annotated[dict[Locale, QuizTexts], Field(min_length=1)]
    questions: Annotated[list[Id], Field(min_length=1, max_length=200)]


class QuestionHead(Strict):
    """What a question has beside its body: it may change without a new version."""

    id: Id
    section: Id | None = None
    concepts: Annotated[list[Id], Field(max_length=20)] = []


@dataclass(frozen=True)
class QuestionDraft:
    head: QuestionHead
    body: kinds.Body
    rendered: Mapping[str, kinds.Texts]
    file: str
    line: int

    @property
    def id(self) -> str:
        return self.head.id


@dataclass(frozen=True)
class QuizDraft:
    entry: QuizEntry
    file: str
    line: int


@dataclass(frozen=True)
class LessonDraft:
    """The questions of one lesson, and its quiz if it has one."""

    questions: Sequence[QuestionDraft] = ()
    quiz: QuizDraft | None = None


@dataclass
class Imported:
    """How many rows changed."""

    created: int = 0
    new_versions: int = 0
    archived: int = 0
    quizzes: int = 0


@dataclass
class _Reading:
    document: LocatedDocument
    problems: list[Problem] = field(default_factory=list)

    def fault(self, path: Path, message: str) -> None:
        self.problems.append(self.document.problem(path, message))

    def faults(self, path: Path, name: str, error: ValidationError) -> None:
        for item in error.errors(include_url=False, include_input=False):
            place = _existing(self.document.value, (*path, *item["loc"]))
            where = ".".join(str(part) for part in place[len(path) :])
            message = item["msg"].removeprefix("Value error, ")
            missing = item["loc"][-1] if item["type"] == "missing" else None
            self.fault(place, f"{name}: " + ": ".join(str(part) for part in (where, missing, message) if part))


def read_questions(document: LocatedDocument) -> tuple[LessonDraft, list[Problem]]:
    """Validate and render the questions of one lesson; return what is sound, and every fault with file and line."""
    reading = _Reading(document)
    value = document.value
    if value is None:
        return LessonDraft(), []
    if not isinstance(value, dict):
        reading.fault((), "expected a mapping with quiz and questions")
        return LessonDraft(), reading.problems
    for key in value.keys() - {"quiz", "questions"}:
        reading.fault((key,), f"unknown key {key!r}")
    entries = value.get("questions", [])
    if not isinstance(entries, list):
        reading.fault(("questions",), "questions: expected a list")
        entries = []
    drafts = [draft for index, entry in enumerate(entries) if (draft := _read_question(reading, index, entry))]
    quiz = _read_quiz(reading, value["quiz"], entries) if "quiz" in value else None
    return LessonDraft(drafts, quiz), reading.problems


def check_questions(
    lessons: Mapping[str, LessonDraft],
    *,
    locales: Sequence[str],
    sections: Mapping[str, Iterable[str]],
    concepts: Iterable[str],
) -> list[Problem]:
    """Return the faults that only the whole course shows: ids, translations, and what a question points at.

    `sections`: the section ids of each lesson.
    """
    known, seen, quizzes, problems = set(concepts), Counter[str](), Counter[str](), []
    for lesson, draft in lessons.items():
        for question in draft.questions:
            seen[question.id] += 1
            faults = [*_wrong_ids(seen[question.id], question.body.locales, locales)]
            faults += _dangling(question, set(sections.get(lesson, ())), known)
            problems += [Problem(question.file, question.line, f"{question.id}: {fault}") for fault in faults]
        if quiz := draft.quiz:
            quizzes[quiz.entry.id] += 1
            faults = [*_wrong_ids(quizzes[quiz.entry.id], quiz.entry.texts, locales)]
            problems += [Problem(quiz.file, quiz.line, f"quiz {quiz.entry.id}: {fault}") for fault in faults]
    return problems


def _wrong_ids(times: int, written: Iterable[str], locales: Sequence[str]) -> Iterator[str]:
    if times == 2:
        yield "this id stands twice in the course"
    for locale in locales:
        if locale not in written:
            yield f"no text in {locale}"
    for locale in written:
        if locale not in locales:
            yield f"{locale} is no language of the course"


def _dangling(question: QuestionDraft, sections: set[str], concepts: set[str]) -> Iterator[str]:
    if question.head.section is not None and question.head.section not in sections:
        yield f"the lesson has no section {question.head.section!r}"
    for concept in question.head.concepts:
        if concept not in concepts:
            yield f"the course has no concept {concept!r}"


@transaction.atomic
def import_questions(course: Course, lessons: Mapping[str, LessonDraft], *, now: datetime) -> Imported:
    """Write the questions and quizzes of a course, by the slugs of its lessons. The drafts have been checked."""
    done = Imported()
    rows = {lesson.slug: lesson for lesson in course.lessons.all()}
    importing = _Importing(course, done, now)
    for slug, draft in lessons.items():
        for question in draft.questions:
            importing.question(rows[slug], question)
    for slug, draft in lessons.items():
        if draft.quiz is not None:
            importing.quiz(rows[slug], draft.quiz.entry)
    importing.archive_the_rest()
    return done


class _Importing:
    """One import: the rows that are there, loaded once, and what has been seen of them."""

    def __init__(self, course: Course, done: Imported, now: datetime) -> None:
        self.course, self.done, self.now = course, done, now
        questions = Question.objects.filter(course=course).select_related("current").prefetch_related("concepts")
        self.questions = {question.id: question for question in questions}
        self.quizzes = {quiz.id: quiz for quiz in Quiz.objects.filter(lesson__course=course)}
        self.slots = {slot.id: slot for slot in Slot.objects.filter(quiz__lesson__course=course)}
        self.concepts = {concept.slug: concept for concept in Concept.objects.filter(course=course)}
        sections = Section.objects.filter(lesson__course=course)
        self.sections = {(section.lesson_id, section.slug): section for section in sections}
        self.seen: set[uuid.UUID] = set()

    def question(self, lesson: Lesson, draft: QuestionDraft) -> None:
        question_id = content_id(self.course.slug, "question", draft.id)
        self.seen.add(question_id)
        question = self.questions.get(question_id)
        if question is None:
            question = Question.objects.create(id=question_id, course=self.course, slug=draft.id, kind=draft.body.kind)
            self.questions[question_id] = question
            self.done.created += 1
        section = self.sections[lesson.id, draft.head.section] if draft.head.section else None
        _update(
            question,
            lesson_id=lesson.id,
            section_id=section.id if section else None,
            kind=draft.body.kind,
            current_id=self._version(question, draft).pk,
            archived_at=None,
        )
        concepts = [self.concepts[slug] for slug in draft.head.concepts]
        if {concept.id for concept in question.concepts.all()} != {concept.id for concept in concepts}:
            question.concepts.set(concepts)

    def _version(self, question: Question, draft: QuestionDraft) -> QuestionVersion:
        content_hash = kinds.content_hash(draft.body)
        current = question.current
        if current is not None and current.content_hash == content_hash:
            # The same content, perhaps rendered by a newer renderer.
            _update(current, rendered=draft.rendered)
            return current
        self.done.new_versions += 1
        return QuestionVersion.objects.create(
            question=question,
            number=question.versions.count() + 1,
            body=draft.body.model_dump(mode="json", exclude_unset=True),
            rendered=draft.rendered,
            content_hash=content_hash,
            created_at=self.now,
        )

    def quiz(self, lesson: Lesson, entry: QuizEntry) -> None:
        quiz_id = content_id(self.course.slug, "quiz", entry.id)
        self.seen.add(quiz_id)
        quiz = self.quizzes.get(quiz_id)
        if quiz is None:
            quiz = Quiz.objects.create(id=quiz_id, lesson=lesson, slug=entry.id)
            self.done.quizzes += 1
        texts = {locale: text.model_dump() for locale, text in entry.texts.items()}
        _update(quiz, lesson_id=lesson.id, texts=texts, archived_at=None)
        for position, question in enumerate(entry.questions, start=1):
            self._slot(quiz, position, question)

    def _slot(self, quiz: Quiz, position: int, question: str) -> None:
        slot_id = content_id(self.course.slug, "slot", f"{quiz.slug}/{question}")
        self.seen.add(slot_id)
        slot = self.slots.get(slot_id)
        if slot is None:
            question_id = content_id(self.course.slug, "question", question)
            Slot.objects.create(id=slot_id, quiz=quiz, position=position, question_id=question_id)
        else:
            _update(slot, position=position, archived_at=None)

    def archive_the_rest(self) -> None:
        for rows in (self.questions, self.quizzes, self.slots):
            for row in rows.values():
                if row.id not in self.seen and row.archived_at is None:
                    _update(row, archived_at=self.now)
                    self.done.archived += isinstance(row, Question)


def _update(row: Question | QuestionVersion | Quiz | Slot, **values: Any) -> None:
    """Write the values that differ."""
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        row.save(update_fields=changed)


def _read_question(reading: _Reading, index: int, entry: Any) -> QuestionDraft | None:
    path: Path = ("questions", index)
    if not isinstance(entry, dict):
        reading.fault(path, f"question {index + 1}: expected a mapping")
        return None
    name = str(entry.get("id") or f"question {index + 1}")
    before = len(reading.problems)
    head, body = None, None
    try:
        head = QuestionHead.model_validate({key: entry[key] for key in entry if key in QuestionHead.model_fields})
    except ValidationError as error:
        reading.faults(path, name, error)
    try:
        body = kinds.parse({key: entry[key] for key in entry if key not in QuestionHead.model_fields})
    except kinds.UnknownKindError as error:
        reading.fault((*path, "kind") if "kind" in entry else path, f"{name}: {error}")
    except ValidationError as error:
        reading.faults(path, name, error)
    if head is None or body is None or len(reading.problems) > before:
        return None
    try:
        rendered = body.render(render_fragment)
    except ValueError as error:
        reading.fault((*path, "texts"), f"{name}: {error}")
        return None
    return QuestionDraft(head, body, rendered, reading.document.file, reading.document.line(path))


def _read_quiz(reading: _Reading, value: Any, entries: list[Any]) -> QuizDraft | None:
    try:
        quiz = QuizEntry.model_validate(value)
    except ValidationError as error:
        reading.faults(("quiz",), "quiz", error)
        return None
    by_id = {entry.get("id"): entry.get("kind") for entry in entries if isinstance(entry, dict)}
    for index, question in enumerate(quiz.questions):
        path: Path = ("quiz", "questions", index)
        if question in quiz.questions[:index]:
            reading.fault(path, f"quiz: {question!r} stands twice")
        elif question not in by_id:
            reading.fault(path, f"quiz: there is no question {question!r} in this file")
        elif by_id[question] == "flashcard":
            reading.fault(path, f"quiz: {question!r} is a flashcard, which nobody can mark")
    return QuizDraft(quiz, reading.document.file, reading.document.line(("quiz",)))


def _existing(value: Any, location: Path) -> Path:
    """Return the part of a pydantic location that is in the document (it also names union members)."""
    found: list[str | int] = []
    for part in location:
        if (isinstance(value, dict) and part in value) or (
            isinstance(value, list) and isinstance(part, int) and part < len(value)
        ):
            found.append(part)
            value = value[part]  # type: ignore[index]
    return tuple(found)
