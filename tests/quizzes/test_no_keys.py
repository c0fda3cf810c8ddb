"""Before a learner hands in, no page and no answer of the API says what is right."""

import json
import re
import uuid
from typing import Any

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from quizzes import attempts, places
from quizzes.models import Attempt
from tests.quizzes.factories import NOW, make_course, the_quiz
from tests.quizzes.kind_samples import SAMPLES, SECRETS, WRONG, in_sitting, in_two_languages

KEYS = {"key", "revealed", "accept", "accepted", "tolerance", "parts", "score"}


@pytest.fixture
def attempt(client, learner) -> Attempt:
    """A question of every kind, marked at the end."""
    quiz = {
        "id": "all",
        "texts": {"en": {"title": "All"}, "zh-hans": {"title": "全"}},
        "questions": [kind.replace("_", "-") for kind in SAMPLES],
        "rules": {"behaviour": "deferred", "certainty": True},
    }
    questions = [{"id": kind.replace("_", "-"), **in_two_languages(sample)} for kind, sample in SAMPLES.items()]
    course = make_course(questions=json.dumps({"quiz": quiz, "questions": questions}))
    client.force_login(learner)
    return attempts.start(learner, the_quiz(course), uuid.uuid4(), now=NOW)[0]


def secrets_in(text: str, kind: str) -> list[str]:
    """What the learner has written alone is no secret."""
    own = json.dumps(WRONG[kind])
    return [f"{kind}: {secret}" for secret in SECRETS[kind] if secret in text and secret not in own]


def keys_in(value: Any, path: str = "") -> list[str]:
    """The paths of whatever tells or could tell what is right."""
    if isinstance(value, dict):
        told = [f"{path}/{name}" for name, inner in value.items() if name in KEYS and inner not in (None, {}, [])]
        return told + [one for name, inner in value.items() for one in keys_in(inner, f"{path}/{name}")]
    if isinstance(value, list):
        return [one for index, inner in enumerate(value) for one in keys_in(inner, f"{path}/{index}")]
    return []


def walk(client, learner, attempt: Attempt) -> None:
    api = APIClient()
    api.force_authenticate(learner)
    for place in places.of_attempt(attempt):
        page = reverse("quizzes:attempt_question", args=[attempt.id, place.position])
        html = client.get(page).content.decode()
        assert secrets_in(html, place.version.parsed.kind) == []
        assert not re.search(r"choice--(good|bad|missed)|filled--|outcome__", html), page
    for name, argument in [("quiz", attempt.quiz_id), ("attempt_finish", attempt.id)]:
        html = client.get(reverse(f"quizzes:{name}", args=[argument])).content.decode()
        assert [secret for kind in SAMPLES for secret in secrets_in(html, kind)] == []
    for endpoint, each in [(f"quizzes/{attempt.quiz_id}", "slots"), (f"attempts/{attempt.id}", "places")]:
        answer = api.get(f"/api/v1/{endpoint}/").json()
        assert keys_in(answer) == [], endpoint
        for one in answer[each]:
            assert secrets_in(json.dumps(one, ensure_ascii=False), one["body"]["kind"]) == [], endpoint
    assert api.get(f"/api/v1/attempts/{attempt.id}/review/").status_code == 409


def test_nothing_is_told_before_anything_is_answered(client, learner, attempt) -> None:
    walk(client, learner, attempt)


def test_nothing_is_told_when_everything_is_saved(client, learner, attempt) -> None:
    api = APIClient()
    api.force_authenticate(learner)
    for place in places.of_attempt(attempt):
        _, wrong, _ = in_sitting(place.version.parsed.kind, place.seed)
        given = {"slot": str(place.slot_id), "response": wrong, "certainty": 3}
        saved = api.put(
            f"/api/v1/attempts/{attempt.id}/", {"quiz": str(attempt.quiz_id), "responses": [given]}, format="json"
        )
        (result,) = saved.json()["results"]
        assert result["status"] == "saved", result
        assert keys_in(saved.json()) == []
        draft = client.post(
            reverse("quizzes:attempt_draft", args=[attempt.id, place.position]), place.body.form_of(wrong)
        )
        assert set(draft.json()) == {"status", "sequence"}
    walk(client, learner, attempt)


def test_afterwards_it_is_told(client, learner, attempt) -> None:
    attempts.submit(attempt, now=NOW)
    html = client.get(reverse("quizzes:attempt_review", args=[attempt.id])).content.decode()
    assert "Right answer" in html
