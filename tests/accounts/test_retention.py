"""The wish to remember more or less moves what is due; what happened stays as it was."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from quizzes.models import MemoryState
from tests.quizzes.factories import make_course

LATE = {"name": "", "locale": "en", "time_zone": "UTC", "day_start_hour": "4", "desired_retention": "0.8"}


@pytest.fixture
def due(api: APIClient) -> Callable[[], datetime]:
    card = make_course().questions.get(slug="card-epoch")
    review = {"id": "5f0c7a52-0e11-4bd6-9d0c-0d1f6a4a3c11", "question": str(card.pk), "rating": 4}
    answer = api.post("/api/v1/reviews/", {"reviews": [{**review, "occurred_at": "2026-03-01T12:00:00Z"}]})
    assert answer.json()["results"][0]["status"] == "created"
    return lambda: MemoryState.objects.get().due


def test_an_app_that_lowers_it_is_asked_later(api: APIClient, due: Callable[[], datetime]) -> None:
    before = due()
    assert api.patch("/api/v1/me/", {"desired_retention": 0.8}).status_code == 200
    assert due() > before
    call_command("rebuild_memory", check=True)


def test_the_preferences_page_moves_it_too(client: Client, learner: User, due: Callable[[], datetime]) -> None:
    before = due()
    client.force_login(learner)
    assert client.post("/settings/", LATE).status_code == 302
    assert due() > before
    call_command("rebuild_memory", check=True)
