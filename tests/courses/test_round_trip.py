"""import(export(rows)) changes no row, and export(import(folder)) gives the folder back."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import models, transaction
from hypothesis import HealthCheck, given, settings

from courses.documents import read_yaml
from courses.folders import check_folder, export_files, write_folder
from courses.manifest import FrontMatter, Manifest
from courses.models import (
    Concept,
    ConceptText,
    Course,
    CourseText,
    Lesson,
    LessonBody,
    LessonPicture,
    LessonVersion,
    Section,
)
from quizzes import kinds
from quizzes.importing import read_challenges, read_questions
from quizzes.models import Question, QuestionVersion, Quiz, Slot
from sandbox.importing import read_presets
from sandbox.models import Preset
from tests.courses.conftest import SMALL_COURSE
from tests.courses.generated import QUESTIONS, Files, courses

ROWS: list[type[models.Model]] = [
    Course, CourseText, Lesson, LessonBody, LessonVersion, LessonPicture, Section, Concept, ConceptText,
    Concept.sections.through,
    Question, QuestionVersion, Question.concepts.through, Quiz, Slot, Preset,
]  # fmt: skip
UNDONE = {"suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow], "deadline": None}


def rows() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table of content; the hash of the folder is that of its formatting, too."""
    found = {model.__name__: list(model._default_manager.order_by("pk").values()) for model in ROWS}
    for course in found["Course"]:
        del course["content_hash"]
    return found


def import_files(files: Files) -> Course:
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            file = Path(folder, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        checked = check_folder(Path(folder))
        assert [str(problem) for problem in checked.problems] == []
        return write_folder(checked)


def exported(course: Course) -> Files:
    return {name: text if isinstance(text, bytes) else text.encode() for name, text in export_files(course)}


def meaning(files: Files) -> dict[str, Any]:
    """What the files say, however they are formatted."""
    return {name: said for name, content in files.items() if (said := _meaning(name, content))}


def _meaning(name: str, content: bytes) -> Any:
    if name.endswith(".md"):
        front, _, markdown = content.decode().removeprefix("---\n").partition("\n---\n")
        return FrontMatter.model_validate(read_yaml(front, name).value), markdown
    if not name.endswith(".yaml"):
        return content
    document = read_yaml(content.decode(), name)
    if name == "course.yaml":
        return Manifest.model_validate(document.value)
    if name.endswith("questions.yaml"):
        draft, _ = read_questions(document)
        quiz = draft.quiz.entry if draft.quiz else None
        return [quiz, *((one.head, one.body) for one in draft.questions)] if quiz or draft.questions else None
    presets, _ = read_presets(document.value.get("experiments", []))
    challenges, _ = read_challenges(document)
    return [*presets, *((one.head, one.body) for one in challenges)]


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written inside is taken back, so that each example begins with an empty database."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def both_ways(files: Files) -> None:
    with undone():
        course = import_files(files)
        before, written = rows(), exported(course)
        assert meaning(written) == meaning(files)
        import_files(written)
        assert rows() == before
        assert exported(course) == written


@pytest.mark.django_db
@settings(max_examples=3, **UNDONE)
@given(files=courses())
def test_any_course_comes_back_both_ways(files):
    both_ways(files)


@pytest.mark.slow
@pytest.mark.django_db
@settings(max_examples=300, **UNDONE)
@given(files=courses())
def test_many_courses_come_back_both_ways(files):
    both_ways(files)


def test_every_kind_of_question_is_generated():
    assert {*QUESTIONS, "challenge"} == {*kinds.KINDS}


def files_of(folder: Path) -> Files:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.django_db
def test_the_shipped_course_comes_back(shipped_course, tmp_path):
    from tests.conftest import COURSE_FOLDER

    lessons = tuple(lesson.folder for lesson in shipped_course.lessons.all())
    files = {name: text for name, text in files_of(COURSE_FOLDER).items() if name.startswith(("course.yaml", *lessons))}
    assert meaning(exported(shipped_course)) == meaning(files)


@pytest.mark.django_db
def test_what_was_edited_here_is_exported(course):
    """An editor gives a text another version; the folder has it, and the export is made from the rows alone."""
    body = LessonBody.objects.get(lesson__slug="neurons", locale="en")
    body.markdown = body.markdown.replace("The end.", "Another end.")
    body.save()
    assert b"Another end." in exported(course)["01-neurons/lesson.en.md"]
    Question.objects.filter(slug="card-neuron").update(archived_at="2026-01-01T00:00Z")
    assert b"card-neuron" not in exported(course)["01-neurons/questions.yaml"]
    Lesson.objects.filter(slug="learning-rate").update(archived_at="2026-01-01T00:00Z")
    assert not [name for name in exported(course) if "learning-rate" in name]
    assert b"learning-rate/step-size" not in exported(course)["course.yaml"]


@pytest.mark.django_db
def test_a_lesson_without_a_folder_gets_one(course):
    Lesson.objects.filter(slug="learning-rate").update(folder="", position=12)
    assert "12-learning-rate/lesson.en.md" in exported(course)


@pytest.mark.django_db
def test_it_exports_with_few_queries(course, django_assert_max_num_queries):
    with django_assert_max_num_queries(7 + 8 * 2):
        exported(course)


@pytest.mark.django_db
def test_the_order_of_what_was_written_is_kept(spoil, tmp_path):
    """Also where it changes later: nothing is sorted by its name."""
    shutil.copytree(SMALL_COURSE, tmp_path / "first")
    import_files(files_of(tmp_path / "first"))
    spoil("course.yaml", "[learning-rate/step-size, neurons/training]", "[neurons/training, learning-rate/step-size]")
    folder = spoil("01-neurons/questions.yaml", "concepts: [neuron]", "concepts: [learning-rate, neuron]")
    text = (folder / "01-neurons" / "questions.yaml").read_text()
    head, choice, card = text.partition("  - id: what-it-adds")[0], *text.partition("  - id: ")[2].split("  - id: ")
    (folder / "01-neurons" / "questions.yaml").write_text(f"{head}  - id: {card}  - id: {choice}")
    files = files_of(folder)
    assert meaning(exported(import_files(files))) == meaning(files)
