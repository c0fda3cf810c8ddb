import pytest
from django.test import Client

from accounts.models import User
from courses.models import Course
from tests.quizzes.factories import make_course


@pytest.fixture
def course(db: None) -> Course:
    return make_course()


@pytest.fixture
def page(client: Client, learner: User) -> Client:
    client.force_login(learner)
    return client
