"""What the sandbox keeps of a learner …"""

import json

import pytest

from accounts.models import User
from sandbox import personal_data
from sandbox.models import Event, Run
from tests.sandbox.samples import finished

pytestmark = pytest.mark.django_db


def test_it_is_exported_whole(learner: User, other_learner: User) -> None:
    run = finished(learner)
    finished(other_learner)
    exported = json.loads(json.dumps(personal_data.export(learner), allow_nan=False))
    (only,) = exported["runs"]
    assert only["id"] == str(run.pk)
    assert [epoch["number"] for epoch in only["epochs"]] == [1, 2, 3]


def test_it_is_erased_whole(learner: User, other_learner: User) -> None:
    finished(learner)
    kept = finished(other_learner)
    personal_data.erase(learner)
    assert list(Run.objects.all()) == [kept]
    assert set(Event.objects.values_list("run", flat=True)) == {kept.pk}
