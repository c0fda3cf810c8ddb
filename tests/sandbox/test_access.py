"""Rights in the sandbox …"""

import uuid

import pytest
from django.http import Http404

from accounts.models import User
from sandbox import access
from sandbox.models import Preset
from tests.sandbox.samples import NOW, queued, spec

pytestmark = pytest.mark.django_db


def test_it_shows_a_run_to_its_owner_only(learner: User, other_learner: User, admin_user: User) -> None:
    run = queued(learner)
    assert access.run_of(learner, run.pk) == run
    for stranger in (other_learner, admin_user):
        with pytest.raises(Http404):
            access.run_of(stranger, run.pk)


def test_it_knows_no_run_that_is_not_there(learner: User) -> None:
    with pytest.raises(Http404):
        access.run_of(learner, uuid.uuid4())


def test_it_offers_no_archived_preset(db: None) -> None:
    preset = Preset.objects.create(
        pk=uuid.uuid4(), collection="a", slug="old", texts={"en": {"title": "Old"}}, spec=spec(), archived_at=NOW
    )
    with pytest.raises(Http404):
        access.preset(preset.pk)
