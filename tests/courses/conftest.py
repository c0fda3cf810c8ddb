import shutil
from pathlib import Path
from typing import Any

import pytest
from huey import MemoryHuey

from accounts.models import User
from courses import upload_progress
from courses.models import Course
from tests.conftest import Rows, imported, rows_of

SMALL_COURSE = Path(__file__).parent / "small-course"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small course folder without faults, to spoil."""
    return shutil.copytree(SMALL_COURSE, tmp_path / "small-course")


@pytest.fixture(scope="session")
def small_rows(django_db_setup: None, django_db_blocker: Any) -> Rows:
    with django_db_blocker.unblock():
        return rows_of(SMALL_COURSE)


@pytest.fixture
def course(db: None, small_rows: Rows) -> Course:
    """The small course, imported: two lessons, two concepts, a quiz of one question, a flashcard, an experiment."""
    return imported(SMALL_COURSE, small_rows)


@pytest.fixture
def author(db: None) -> User:
    """May make courses, and teaches none."""
    return User.objects.create_user("author@example.org", "correct horse battery", is_staff=True)


@pytest.fixture
def queue(monkeypatch) -> MemoryHuey:
    """Where the progress of uploads is kept: in the tests' own database of the queue nothing can be."""
    memory = MemoryHuey()
    monkeypatch.setattr(upload_progress, "HUEY", memory)
    return memory


@pytest.fixture
def lesson(course: Course):
    return course.lessons.get(slug="neurons")


@pytest.fixture
def teacher(course: Course) -> User:
    """Teaches the small course."""
    user = User.objects.create_user("teacher@example.org", "correct horse battery", name="Tea", is_staff=True)
    course.instructors.add(user)
    return user


@pytest.fixture
def spoil(folder: Path):
    """Replace a text in a file of the folder; returns the folder."""

    def replace(name: str, old: str, new: str) -> Path:
        file = folder / name
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))
        return folder

    return replace
