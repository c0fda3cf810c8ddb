import os
from pathlib import Path

import hypothesis
import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from accounts.models import User
from courses.models import Course

# A slow machine is no fault, and a build that fails fails again.
hypothesis.settings.register_profile("engram", deadline=None, derandomize=os.environ.get("CI") == "true")
hypothesis.settings.load_profile("engram")

COURSE_FOLDER = Path(__file__).resolve().parent.parent / "courses" / "content" / "deep-learning-with-keras"


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


@pytest.fixture
def shipped_course(db: None) -> Course:
    call_command("import_course", str(COURSE_FOLDER), verbosity=0)
    return Course.objects.get(slug="deep-learning-with-keras")


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
