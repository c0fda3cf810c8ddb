import os
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import yaml
from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Model
from django.utils import translation
from rest_framework.test import APIClient

from accounts.models import User
from courses.models import Course

# A slow machine is no fault, and a build that fails fails again.
hypothesis.settings.register_profile("engram", deadline=None, derandomize=os.environ.get("CI") == "true")
hypothesis.settings.load_profile("engram")

Rows = dict[str, tuple[list[str], list[Any]]]
"""Table → its columns and rows."""
CONTENT = ["courses", "quizzes", "sandbox"]
COURSE_FOLDER = Path(__file__).resolve().parent.parent / "courses" / "content" / "deep-learning-with-keras"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The folders of long tests come first, so that short ones are left to fill both processes to the end."""
    items.sort(key=lambda item: item.path.parent.name not in {"e2e", "sandbox"})


@pytest.fixture(autouse=True)
def quick_hashing(settings) -> None:
    """Argon2 is slow on purpose; a suite makes hundreds of accounts."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def learner(db: None) -> User:
    return User.objects.create_user("learner@example.org", "correct horse battery", name="Lin")


@pytest.fixture
def other_learner(db: None) -> User:
    return User.objects.create_user("other@example.org", "correct horse battery", name="Ola")


@pytest.fixture
def admin_user(db: None) -> User:
    return User.objects.create_superuser("admin@example.org", "correct horse battery")


@pytest.fixture(autouse=True)
def no_language_left_over() -> None:
    """A request in Chinese leaves its language to the thread, and to the next test."""
    translation.deactivate()


def rows_of(folder: Path) -> Rows:
    """The rows that importing a course folder into an empty database writes, table by table; they are taken back."""
    with transaction.atomic():
        call_command("import_course", str(folder), verbosity=0)
        rows = {model._meta.db_table: _read(model._meta.db_table) for model in _content_models()}
        transaction.set_rollback(True)
    return {table: found for table, found in rows.items() if found[1]}


def imported(folder: Path, rows: Rows) -> Course:
    """The course of a folder, of rows that were made of it before: to write them takes a tenth of an import."""
    slug = yaml.safe_load((folder / "course.yaml").read_text("utf-8"))["slug"]
    if Course.objects.exists():  # whose rows may have the same numbers
        call_command("import_course", str(folder), verbosity=0)
        return Course.objects.get(slug=slug)
    with transaction.atomic(), connection.cursor() as cursor:
        for table, (columns, found) in rows.items():
            names, places = ", ".join(f'"{name}"' for name in columns), ", ".join(["%s"] * len(columns))
            cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({places})', found)
        for statement in connection.ops.sequence_reset_sql(no_style(), _content_models()):
            cursor.execute(statement)
    return Course.objects.get(slug=slug)


def _content_models() -> list[type[Model]]:
    return [model for app in CONTENT for model in apps.get_app_config(app).get_models(include_auto_created=True)]


def _read(table: str) -> tuple[list[str], list[Any]]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}"')
        return [column[0] for column in cursor.description], cursor.fetchall()


@pytest.fixture(scope="session")
def shipped_rows(django_db_setup: None, django_db_blocker: Any) -> Rows:
    """Ten lessons are imported once, and not for every test."""
    with django_db_blocker.unblock():
        return rows_of(COURSE_FOLDER)


@pytest.fixture
def shipped_course(db: None, shipped_rows: Rows) -> Course:
    return imported(COURSE_FOLDER, shipped_rows)


@pytest.fixture
def instructor(shipped_course: Course) -> User:
    """Teaches the shipped course, and no other."""
    user = User.objects.create_user("instructor@example.org", "correct horse battery", is_staff=True)
    shipped_course.instructors.add(user)
    return user


@pytest.fixture
def api(learner: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(learner)
    return client
