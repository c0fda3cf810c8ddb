"""PUT /lessons/{id}/progress/: what devices report is merged, and never shrinks."""

import itertools
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from courses.models import Progress

SECTIONS = ["what-a-neuron-is", "training", "going-on"]


@pytest.fixture
def url(lesson):
    return f"/api/v1/lessons/{lesson.pk}/progress/"


def test_it_opens_the_lesson_and_keeps_how_far_it_was_read(url, api, lesson, learner):
    answer = api.put(url, {"position": 0.25, "sections": ["training"]})

    assert answer.status_code == 200
    assert answer.json()["lesson"] == str(lesson.pk)
    progress = Progress.objects.get(user=learner)
    assert (progress.position, progress.sections) == (0.25, ["training"])


def test_it_gives_the_same_in_any_order(url, api):
    reports = [
        {"position": 0.25, "sections": ["training"]},
        {"position": 1, "sections": []},
        {"position": 0.5, "sections": ["what-a-neuron-is"]},
    ]
    for order in itertools.permutations(reports):
        Progress.objects.all().delete()
        for report in order:
            last = api.put(url, report).json()
        assert (last["position"], last["sections"]) == (1.0, ["what-a-neuron-is", "training"])


@given(st.lists(st.tuples(st.floats(0, 1), st.lists(st.sampled_from(SECTIONS))), min_size=1, max_size=5))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_never_shrinks(url, api, reports):
    Progress.objects.all().delete()
    before = (0.0, set())
    for position, sections in reports:
        merged = api.put(url, {"position": position, "sections": sections}).json()
        assert merged["position"] == max(before[0], position)
        assert set(merged["sections"]) == before[1] | set(sections)
        before = (merged["position"], set(merged["sections"]))


def test_it_changes_nothing_when_repeated(url, api):
    first = api.put(url, {"position": 0.5, "sections": ["training"]}).json()
    assert api.put(url, {"position": 0.5, "sections": ["training"]}).json() == first


def test_it_leaves_out_sections_that_are_not_there(url, api):
    assert api.put(url, {"position": 0.5, "sections": ["gone", "training"]}).json()["sections"] == ["training"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"position": 1.5}, "/position"),
        ({"position": -0.1}, "/position"),
        ({"position": True}, "/position"),
        ({"position": "0.5"}, "/position"),
        ({"position": None}, "/position"),
        ({}, "/position"),
        ({"position": 0.5, "sections": "training"}, "/sections"),
        ({"position": 0.5, "sections": [3]}, "/sections/0"),
        ({"position": 0.5, "sections": ["x"] * 501}, "/sections"),
        ({"position": 0.5, "page": 3}, "/page"),
    ],
)
def test_it_refuses_other_bodies_and_names_the_field(url, api, body, pointer):
    answer = api.put(url, body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert not Progress.objects.exists()


def test_it_refuses_what_is_no_number(url, api):
    answer = api.put(url, '{"position": NaN}', content_type="application/json")
    assert answer.status_code in {400, 422}
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_it_is_for_learners_only(url):
    assert APIClient().put(url, {"position": 0.5}).status_code == 401


def test_it_asks_browsers_for_the_token_against_forgery(url, learner):
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(learner)
    assert client.put(url, {"position": 0.5}).status_code == 403


def test_it_is_not_there_for_an_unknown_lesson(api, db):
    assert api.put(f"/api/v1/lessons/{uuid.uuid4()}/progress/", {"position": 0.5}).status_code == 404
