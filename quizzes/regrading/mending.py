"""Mending a question in the browser: its text as YAML, checked as an import would check it, saved as a new version.

What a question has beside its body (id, section, concepts, difficulty) stays as the course's files have it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from courses.documents import DocumentError, LocatedDocument, Path, Problem, read_yaml
from courses.models import Course, Section
from courses.searching import index_lesson
from courses.yaml_writing import to_yaml
from quizzes import importing
from quizzes.exporting import in_order
from quizzes.importing import QuestionDraft, QuestionHead, SeenIds
from quizzes.models import Question, QuestionVersion
from quizzes.searching import asked_in

UNMENDED = ("challenge",)
"""Kinds that are more than a text: a challenge begins with an experiment."""
_FILE = "question"


class RefusedError(Exception):
    """The text has errors; nothing was written."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("This question has errors.")
        self.problems = problems


class ConflictError(Exception):
    """There is a version that the author has not seen; nothing was written."""

    def __init__(self, newest: QuestionVersion) -> None:
        super().__init__("The question has been changed by somebody else.")
        self.newest = newest


@dataclass(frozen=True)
class Checked:
    """A text and what is wrong with it; `draft` is None where it is no question."""

    draft: QuestionDraft | None
    problems: Sequence[Problem]


def written(question: Question) -> str:
    """Return the current version as its author would write it."""
    assert question.current is not None
    body = question.current.parsed.model_dump(mode="json", exclude_unset=True)
    texts = in_order(body.pop("texts"), question.course.locales)
    return to_yaml({"kind": body.pop("kind"), **body, "texts": texts})


def check(question: Question, text: str) -> Checked:
    """Read a text as the importer would read it in its file. Writes nothing."""
    try:
        document = read_yaml(text, _FILE)
    except DocumentError as error:
        return Checked(None, [Problem(_FILE, error.line, error.message)])
    if not isinstance(document.value, dict):
        return Checked(None, [document.problem((), "expected a mapping with kind, key and texts")])
    problems = [document.problem(path, message) for path, message in _kept(question, document.value)]
    lesson, found = importing.read_questions(_as_file(question, document))
    problems += found
    if lesson.questions:
        problems += importing.check_questions(
            lesson, locales=question.course.locales, sections=_section(question), concepts=(), seen=SeenIds()
        )
    named = f"{question.slug}: "
    shown = [replace(one, message=one.message.removeprefix(named)) for one in problems]
    return Checked(lesson.questions[0] if lesson.questions else None, sorted(set(shown), key=lambda one: one.line))


def _kept(question: Question, value: dict[str, Any]) -> list[tuple[Path, str]]:
    """What this text may not change."""
    faults: list[tuple[Path, str]] = [
        ((key,), f"{key} belongs to the files of the course, and stays as it is")
        for key in QuestionHead.model_fields
        if key in value
    ]
    if value.get("kind", question.kind) != question.kind:
        faults.append(
            (("kind",), f"a question keeps its kind, {question.kind}: answers of another kind cannot be judged")
        )
    return faults


def _as_file(question: Question, document: LocatedDocument) -> LocatedDocument:
    """The `questions.yaml` that would have this question alone, with the lines of the text."""
    head = {"id": question.slug}
    own = {key: value for key, value in document.value.items() if key not in QuestionHead.model_fields}
    lines: dict[Path, int] = {("questions", 0, *path): line for path, line in document.lines.items()}
    return LocatedDocument(document.file, {"questions": [{**head, **own}]}, lines)


def _section(question: Question) -> list[str]:
    return [question.section.slug] if isinstance(question.section, Section) else []


def save(question: Question, text: str, *, based_on: int, now: datetime) -> QuestionVersion | None:
    """Make this the current version; return it, or None if the question says this already.

    `based_on` is the number of the version that the author began from: never is a newer one overwritten unseen. Raises
    ConflictError, RefusedError; then nothing is written. What was answered so far is judged as it was, until somebody
    decides otherwise (`quizzes.regrading`). The course counts as edited: an import that would undo this asks first.
    """
    checked = check(question, text)
    with transaction.atomic():
        course = Course.objects.select_for_update().get(pk=question.course_id)
        present = Question.objects.select_related("current").get(pk=question.pk)
        assert present.current is not None
        if present.current.number != based_on:
            raise ConflictError(present.current)
        if checked.problems or checked.draft is None:
            raise RefusedError(checked.problems)
        drafts = {question.pk: checked.draft}
        versions, new = importing.write_versions(drafts, now=now)
        if not new:
            return None
        current = versions[question.pk]
        Question.objects.filter(pk=question.pk).update(current=current)
        course.edited_at = now
        course.save(update_fields=["edited_at"])
        if question.lesson is not None:
            index_lesson(question.lesson, asked_in(question.lesson))
    return QuestionVersion.objects.get(pk=current)
