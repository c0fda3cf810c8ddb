"""A quiz of three questions of the shipped course, under rules of one's own, on a running installation."""

import json
import uuid
from collections.abc import Callable

import pytest

from tests.servers import Installation

MakeQuiz = Callable[..., str]

QUESTIONS = """
from courses.models import Lesson
from courses.documents import read_yaml
from quizzes.importing import read_questions
from quizzes.models import Quiz, Slot, Question
from courses.ids import content_id
import json
lesson = Lesson.objects.get(slug="learning-rate")
choices = lesson.questions.filter(kind="single_choice").order_by("position")
ids = [str(pk) for pk in choices.values_list("pk", flat=True)[:3]]
quiz, _ = Quiz.objects.update_or_create(
    id=content_id("deep-learning-with-keras", "quiz", NAME),
    defaults={"lesson": lesson, "slug": NAME, "texts": {"en": {"title": "A sitting"}}, "rules": json.loads(RULES)},
)
for position, pk in enumerate(ids, 1):
    Slot.objects.update_or_create(
        id=content_id("deep-learning-with-keras", "slot", f"{NAME}/{pk}"),
        defaults={"quiz": quiz, "position": position, "question_id": pk},
    )
print("QUIZ", quiz.pk)
"""


@pytest.fixture
def make_quiz(installation: Installation) -> MakeQuiz:
    """Return a function that makes a quiz with these rules, and gives its id."""

    def make(**rules: object) -> str:
        name = f"sitting-{uuid.uuid4().hex[:8]}"
        code = f"NAME, RULES = {name!r}, {json.dumps(rules)!r}\n{QUESTIONS}"
        printed = installation.manage("shell", "-v", "0", "-c", code)
        return printed.split("QUIZ")[1].strip()

    return make
