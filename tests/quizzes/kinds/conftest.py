import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from quizzes import attempts
from tests.quizzes.factories import NOW, make_course, the_quiz
from tests.quizzes.kind_samples import in_two_languages


@pytest.fixture
def quiz_page(client, learner, db) -> Callable[[dict[str, Any]], str]:
    """Put a question, as a SAMPLE has it, into a quiz that the learner has begun; return the address of its page."""

    def begin(sample: dict[str, Any]) -> str:
        titles = {"en": {"title": "One"}, "zh-hans": {"title": "一"}}
        quiz = {"id": "one", "texts": titles, "questions": ["asked"]}
        texts = in_two_languages(sample)["texts"] | sample["texts"]
        question = {"id": "asked", "section": "forward", "concepts": ["forward-pass"], **sample, "texts": texts}
        course = make_course(questions=json.dumps({"quiz": quiz, "questions": [question]}))
        client.force_login(learner)
        attempt, _ = attempts.start(learner, the_quiz(course), uuid.uuid4(), now=NOW)
        return reverse("quizzes:attempt_question", args=[attempt.id, 1])

    return begin
