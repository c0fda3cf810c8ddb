"""The studio …"""

import uuid

import pytest
from django.test import Client

from accounts.models import User
from sandbox.models import Preset
from tests.sandbox.samples import finished, queued, spec

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client: Client, learner: User) -> Client:
    client.force_login(learner)
    return client


def page(client: Client, query: str = "") -> str:
    answer = client.get(f"/sandbox/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_asks_who_you_are(client: Client, db: None) -> None:
    assert client.get("/sandbox/").status_code == 302


def test_it_invites_to_train_when_nothing_is_there(signed_in: Client) -> None:
    html = page(signed_in)
    assert "Nothing trained yet" in html
    assert "No experiments yet" in html


def test_it_offers_presets(signed_in: Client) -> None:
    texts = {"en": {"title": "A race of rates", "summary": "Watch the third one."}}
    preset = Preset.objects.create(pk=uuid.uuid4(), collection="a", slug="race", texts=texts, spec=spec())
    html = page(signed_in)
    assert "A race of rates" in html
    assert f"/sandbox/new/?preset={preset.pk}" in html


def test_it_shows_your_runs_with_their_figures(signed_in: Client, learner: User, other_learner: User) -> None:
    done = finished(learner)
    waiting = queued(learner, minutes=1, title="Second try")
    theirs = queued(other_learner, minutes=2)
    html = page(signed_in)
    assert f"/sandbox/runs/{done.pk}/" in html
    assert "93.0 %" in html
    assert "finished" in html
    assert f"/sandbox/runs/{waiting.pk}/" in html
    assert "Second try" in html
    assert "number 1 in the queue" in html
    assert str(theirs.pk) not in html


def test_it_turns_pages(signed_in: Client, learner: User) -> None:
    for minutes in range(14):
        finished(learner, minutes=minutes)
    assert "Page 1 of 2" in page(signed_in)
    assert page(signed_in, "?page=2").count("/sandbox/runs/") == 2


def test_it_needs_few_queries(signed_in: Client, learner: User, django_assert_max_num_queries) -> None:
    for minutes in range(12):
        finished(learner, minutes=minutes)
    queued(learner, minutes=30)
    with django_assert_max_num_queries(10):
        page(signed_in)
