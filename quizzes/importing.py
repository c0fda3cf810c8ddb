"""From a lesson's `questions.yaml` to rows. Reading finds every fault with its line; importing writes.

Importing twice changes nothing. A question gets a new version only if its content changed. What vanished is archived.
"""

import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Self

from django.db import transaction
from django.db.models import F, Max
from pydantic import Field, StringConstraints, ValidationError, model_validator

from courses.documents import LocatedDocument, Path, Problem
from courses.ids import Kind, content_id
from courses.models import Course
from courses.rendering import render_fragment
from courses.rows import archive_others, link_in_order, write_rows
from quizzes import kinds
from quizzes.kinds.base import Id, Locale, Strict
from quizzes.kinds.challenge import Challenge
from quizzes.layouts import UNMARKED
from quizzes.models import Question, QuestionVersion, Quiz, Slot
from quizzes.rules import Draw, Rules

IN_QUESTIONS = [kind for kind in kinds.KINDS if kind != "challenge"]
"""The kinds of a `questions.yaml`. A challenge needs a start to train, and stands in the `experiments.yaml`."""


MOST_SLOTS = 200


class QuizTexts(Strict):
    title: Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]


class SlotEntry(Strict):
    """One place of a quiz, or with `draw` as many as `count`."""

    question: Id | None = None
    draw: Draw | None = None
    count: Annotated[int, Field(ge=1, le=100)] = 1
    mark: Annotated[float, Field(gt=0, le=1000)] = 1.0

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.question is None) == (self.draw is None):
            raise ValueError("a slot names a question, or what to draw")
        if self.question is not None and self.count != 1:
            raise ValueError("count belongs to a draw")
        return self


class QuizEntry(Strict):
    """`questions` is short for slots that each ask one question for the mark 1. Rules stand beside it."""

    id: Id
    texts: Annotated[dict[Locale, QuizTexts], Field(min_length=1)]
    questions: Annotated[list[Id], Field(min_length=1, max_length=MOST_SLOTS)] | None = None
    slots: Annotated[list[SlotEntry], Field(min_length=1, max_length=MOST_SLOTS)] | None = None
    rules: Rules = Rules()

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.questions is None) == (self.slots is None):
            raise ValueError("a quiz has questions, or slots")
        if len(self.asked) > MOST_SLOTS:
            raise ValueError(f"a quiz has at most {MOST_SLOTS} places")
        return self

    @property
    def asked(self) -> list[SlotEntry]:
        """One entry for each place."""
        entries = self.slots or [SlotEntry(question=question) for question in self.questions or ()]
        return [entry for entry in entries for _ in range(entry.count)]


class QuestionHead(Strict):
    """What a question has beside its body: it may change without a new version."""

    id: Id
    section: Id | None = None
    concepts: Annotated[list[Id], Field(max_length=20)] = []
    difficulty: Annotated[int | None, Field(ge=1, le=3)] = None


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
    drafts = [
        draft
        for index, entry in enumerate(entries)
        if (draft := _read_question(reading, ("questions", index), entry, IN_QUESTIONS))
    ]
    quiz = _read_quiz(reading, value["quiz"], entries) if "quiz" in value else None
    return LessonDraft(drafts, quiz), reading.problems


def read_challenges(document: LocatedDocument) -> tuple[list[QuestionDraft], list[Problem]]:
    """Validate and render what stands below `challenges:` in an `experiments.yaml`.

    Whether a start can be trained is for the sandbox to say; here it must measure what the targets name.
    """
    reading = _Reading(document)
    entries = document.value.get("challenges") if isinstance(document.value, dict) else None
    if entries is not None and not isinstance(entries, list):
        reading.fault(("challenges",), "challenges: expected a list")
    drafts = []
    for index, entry in enumerate(entries if isinstance(entries, list) else []):
        path: Path = ("challenges", index)
        if isinstance(entry, dict) and "kind" in entry:
            reading.fault((*path, "kind"), "a challenge says no kind: it has its own")
        given = {**entry, "kind": "challenge"} if isinstance(entry, dict) else entry
        draft = _read_question(reading, path, given, ("challenge",))
        if draft is not None:
            _check_measures(reading, path, draft)
            drafts.append(draft)
    return drafts, reading.problems


def _check_measures(reading: _Reading, path: Path, draft: QuestionDraft) -> None:
    assert isinstance(draft.body, Challenge)
    try:
        unmeasured = draft.body.unmeasured()
    except ValidationError:  # the sandbox says what is wrong with the start
        return
    for name in unmeasured:
        reading.fault((*path, "targets", name), f"{draft.id}: a run of the start does not measure {name}")


@dataclass
class SeenIds:
    """The ids that the lessons checked so far have given; they are unique in the course."""

    questions: Counter[str] = field(default_factory=Counter)
    quizzes: Counter[str] = field(default_factory=Counter)


def check_questions(
    draft: LessonDraft, *, locales: Sequence[str], sections: Iterable[str], concepts: Iterable[str], seen: SeenIds
) -> list[Problem]:
    """Return the faults of a lesson's questions that only the course shows: ids, translations, what they point at.

    `sections`: those of the lesson. `seen` takes the lesson's ids in.
    """
    own, known, problems = set(sections), set(concepts), []
    for question in draft.questions:
        seen.questions[question.id] += 1
        faults = [*_wrong_ids(seen.questions[question.id], question.body.locales, locales)]
        faults += _dangling(question, own, known)
        problems += [Problem(question.file, question.line, f"{question.id}: {fault}") for fault in faults]
    if quiz := draft.quiz:
        seen.quizzes[quiz.entry.id] += 1
        faults = [*_wrong_ids(seen.quizzes[quiz.entry.id], quiz.entry.texts, locales), *_dangling_draws(quiz, known)]
        problems += [Problem(quiz.file, quiz.line, f"quiz {quiz.entry.id}: {fault}") for fault in faults]
    return problems


def _dangling_draws(quiz: QuizDraft, concepts: set[str]) -> Iterator[str]:
    for slot in quiz.entry.slots or ():
        if slot.draw and slot.draw.concept is not None and slot.draw.concept not in concepts:
            yield f"the course has no concept {slot.draw.concept!r} to draw from"


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
def import_questions(course: Course, lessons: Iterable[tuple[str, LessonDraft]], *, now: datetime) -> Imported:
    """Write the questions and quizzes of a course, lesson after lesson, by the lessons' slugs. They have been checked.

    A handful of queries a lesson; nothing of a lesson is kept but its ids.
    """
    importing = _Importing(course, now)
    for slug, draft in lessons:
        importing.lesson(slug, draft)
    importing.archive_the_rest()
    return importing.done


class _Importing:
    """One import: what has been seen, and how many rows have changed."""

    def __init__(self, course: Course, now: datetime) -> None:
        self.course, self.now = course, now
        self.done = Imported()
        self.seen: set[uuid.UUID] = set()

    def _id(self, kind: Kind, stable_id: str) -> uuid.UUID:
        return content_id(self.course.slug, kind, stable_id)

    def lesson(self, slug: str, draft: LessonDraft) -> None:
        lesson_id = self._id("lesson", slug)
        drafts = {self._id("question", question.id): question for question in draft.questions}
        self.seen |= drafts.keys()
        current, new = write_versions(drafts, now=self.now)
        self.done.new_versions += new
        self.done.created += write_rows(
            Question,
            {
                pk: {**self._values(lesson_id, slug, draft), "position": position, "current_id": current[pk]}
                for position, (pk, draft) in enumerate(drafts.items(), start=1)
            },
        )
        concepts = {pk: [self._id("concept", slug) for slug in draft.head.concepts] for pk, draft in drafts.items()}
        link_in_order(Question.concepts.through, "question_id", "concept_id", concepts)
        if draft.quiz is not None:
            self._quiz(lesson_id, draft.quiz.entry)

    def _values(self, lesson_id: uuid.UUID, lesson: str, draft: QuestionDraft) -> dict[str, Any]:
        section = draft.head.section
        return {
            "course_id": self.course.pk,
            "lesson_id": lesson_id,
            "section_id": self._id("section", f"{lesson}/{section}") if section else None,
            "slug": draft.id,
            "kind": draft.body.kind,
            "difficulty": draft.head.difficulty,
            "archived_at": None,
        }

    def _quiz(self, lesson_id: uuid.UUID, entry: QuizEntry) -> None:
        quiz_id = self._id("quiz", entry.id)
        texts = {locale: text.model_dump() for locale, text in entry.texts.items()}
        rules = entry.rules.model_dump(mode="json", exclude_unset=True)
        quiz = {"lesson_id": lesson_id, "slug": entry.id, "texts": texts, "rules": rules, "archived_at": None}
        self.done.quizzes += write_rows(Quiz, {quiz_id: quiz})
        slots = self._slots(quiz_id, entry)
        write_rows(Slot, slots)
        self.seen |= {quiz_id, *slots}

    def _slots(self, quiz_id: uuid.UUID, entry: QuizEntry) -> dict[uuid.UUID, dict[str, Any]]:
        """A slot that draws is known by its number among those that do."""
        slots, draws = {}, 0
        for position, asked in enumerate(entry.asked, start=1):
            draws += asked.draw is not None
            slots[self._id("slot", f"{entry.id}/{asked.question or f'draw-{draws}'}")] = {
                "quiz_id": quiz_id,
                "position": position,
                "question_id": self._id("question", asked.question) if asked.question else None,
                "draw": asked.draw.model_dump(exclude_unset=True) if asked.draw else None,
                "mark": asked.mark,
                "archived_at": None,
            }
        return slots

    def archive_the_rest(self) -> None:
        questions = Question.objects.filter(course=self.course)
        self.done.archived += archive_others(questions, self.seen, self.now)
        archive_others(Quiz.objects.filter(lesson__course=self.course), self.seen, self.now)
        archive_others(Slot.objects.filter(quiz__lesson__course=self.course), self.seen, self.now)


def write_versions(drafts: Mapping[uuid.UUID, QuestionDraft], *, now: datetime) -> tuple[dict[uuid.UUID, int], int]:
    """Return the key of each question's version, and how many are new: the current one where the content is the same.

    The questions may not be there yet: the database looks at the end of the transaction. Whose they are to be is for
    the caller to write.
    """
    hashes = {pk: kinds.content_hash(draft.body) for pk, draft in drafts.items()}
    current = {}
    rendered_anew = []
    for version in QuestionVersion.objects.filter(question__in=drafts, question__current=F("pk")):
        pk = version.question_id
        if version.content_hash == hashes[pk]:
            current[pk] = version.pk
            if version.rendered != drafts[pk].rendered:  # the same content, by a newer renderer
                version.rendered = dict(drafts[pk].rendered)
                rendered_anew.append(version)
    QuestionVersion.objects.bulk_update(rendered_anew, ["rendered"])
    changed = {pk: draft for pk, draft in drafts.items() if pk not in current}
    new = _new_versions(changed, hashes, now) if changed else {}
    return current | new, len(new)


def _new_versions(
    drafts: Mapping[uuid.UUID, QuestionDraft], hashes: Mapping[uuid.UUID, str], now: datetime
) -> dict[uuid.UUID, int]:
    numbers = QuestionVersion.objects.filter(question__in=drafts).order_by().values_list("question")
    last = dict(numbers.annotate(last=Max("number")))
    versions = [
        QuestionVersion(
            question_id=pk,
            number=last.get(pk, 0) + 1,
            body=draft.body.model_dump(mode="json", exclude_unset=True),
            rendered=dict(draft.rendered),
            content_hash=hashes[pk],
            created_at=now,
        )
        for pk, draft in drafts.items()
    ]
    QuestionVersion.objects.bulk_create(versions)
    return {version.question_id: version.pk for version in versions}


def _read_question(reading: _Reading, path: Path, entry: Any, allowed: Collection[str]) -> QuestionDraft | None:
    what = f"{str(path[0]).removesuffix('s')} {int(path[1]) + 1}"
    if not isinstance(entry, dict):
        reading.fault(path, f"{what}: expected a mapping")
        return None
    name = str(entry.get("id") or what)
    before = len(reading.problems)
    head, body = None, None
    try:
        head = QuestionHead.model_validate({key: entry[key] for key in entry if key in QuestionHead.model_fields})
    except ValidationError as error:
        reading.faults(path, name, error)
    try:
        body = kinds.parse({key: entry[key] for key in entry if key not in QuestionHead.model_fields}, allowed)
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
    asked: set[str] = set()
    for index, slot in enumerate(quiz.slots or [SlotEntry(question=question) for question in quiz.questions or ()]):
        path: Path = ("quiz", "slots", index) if quiz.slots else ("quiz", "questions", index)
        if slot.draw is not None:
            _check_draw(reading, path, slot.draw)
        elif slot.question in asked:
            reading.fault(path, f"quiz: {slot.question!r} stands twice")
        elif slot.question not in by_id:
            reading.fault(path, f"quiz: there is no question {slot.question!r} in this file")
        elif by_id[slot.question] in UNMARKED:
            reading.fault(path, f"quiz: {slot.question!r} is a {by_id[slot.question]}, which nobody can mark")
        if slot.question:
            asked.add(slot.question)
    return QuizDraft(quiz, reading.document.file, reading.document.line(("quiz",)))


def _check_draw(reading: _Reading, path: Path, draw: Draw) -> None:
    if draw.kind is not None and (draw.kind not in IN_QUESTIONS or draw.kind in UNMARKED):
        marked = ", ".join(kind for kind in IN_QUESTIONS if kind not in UNMARKED)
        reading.fault(
            (*path, "draw", "kind"), f"quiz: no question of the kind {draw.kind!r} can be drawn; there are {marked}"
        )


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
