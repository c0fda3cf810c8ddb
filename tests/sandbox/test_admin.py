"""The administration of the sandbox …"""

import uuid

import pytest
from django.test import Client

from accounts.models import User
from sandbox.models import Preset
from tests.sandbox.samples import finished, queued, spec

pytestmark = pytest.mark.django_db

RUNS = "/admin/sandbox/run/"


@pytest.fixture
def admin_client(client: Client, admin_user: User) -> Client:
    client.force_login(admin_user)
    return client


def test_it_lists_runs_with_their_figures(admin_client: Client, learner: User) -> None:
    finished(learner)
    html = admin_client.get(RUNS).content.decode()
    assert "3 / 20" in html
    assert "Validation accuracy 93.0 %" in html


def test_it_finds_runs(admin_client: Client, learner: User, other_learner: User) -> None:
    mine, theirs = queued(learner), queued(other_learner)
    html = admin_client.get(RUNS, {"q": "learner@example.org"}).content.decode()
    assert str(mine.pk) in html
    assert str(theirs.pk) not in html
    assert str(mine.pk) in admin_client.get(RUNS, {"status__exact": "queued"}).content.decode()


def test_it_shows_the_history_and_lets_nobody_write_it(admin_client: Client, learner: User) -> None:
    run = finished(learner)
    html = admin_client.get(f"{RUNS}{run.pk}/change/").content.decode()
    assert "claimed" in html
    assert "end" in html
    assert "_save" not in html
    assert str(run.lease_token or "nothing") not in html
    assert admin_client.get(f"{RUNS}add/").status_code == 403


def test_it_lists_presets(admin_client: Client) -> None:
    preset = Preset.objects.create(
        pk=uuid.uuid4(), collection="a", slug="x", texts={"en": {"title": "A race"}}, spec=spec()
    )
    assert "A race" in admin_client.get("/admin/sandbox/preset/").content.decode()
    assert admin_client.get(f"/admin/sandbox/preset/{preset.pk}/change/").status_code == 200


def test_it_shows_an_instructor_the_runs_of_their_course(client: Client, instructor: User, learner: User) -> None:
    course = instructor.instructed_courses.get()
    preset = Preset.objects.create(
        pk=uuid.uuid4(), collection=course.slug, slug="own", texts={"en": {"title": "Own"}}, spec=spec()
    )
    taught, other = queued(learner, preset=preset), queued(learner)
    client.force_login(instructor)
    html = client.get(RUNS).content.decode()
    assert str(taught.pk) in html
    assert str(other.pk) not in html
    assert client.get(f"{RUNS}{taught.pk}/change/").status_code == 200
    assert client.get(f"{RUNS}{other.pk}/change/").status_code == 302
