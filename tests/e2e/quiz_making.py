"""Quizzes of three questions of the shipped course, each under rules of its own, on a running installation."""

import json
from typing import Final

import pytest

from tests.servers import Installation

RULES: Final[dict[str, dict[str, object]]] = {
    "free": {},
    "twice": {"attempts": 2},
    "deferred": {"behaviour": "deferred"},
    "ten seconds": {"behaviour": "deferred", "time_limit": 10, "grace": 5},
    "two tries": {"behaviour": "tries", "tries": 2},
    "certainty": {"certainty": True},
}
MAKE: Final = """
import json
from courses.ids import content_id
from courses.models import Lesson
from quizzes.models import Quiz, Slot

COURSE = "deep-learning-with-keras"
lesson = Lesson.objects.get(slug="learning-rate")
choices = lesson.questions.filter(kind="single_choice").order_by("position")
questions = list(choices.values_list("pk", flat=True)[:3])
made = {}
for number, (name, rules) in enumerate(json.loads(RULES).items()):
    # Behind the quiz of the lesson, which stays the one that it offers.
    slug = f"zz-sitting-{number}"
    quiz = Quiz.objects.create(
        id=content_id(COURSE, "quiz", slug), lesson=lesson, slug=slug, texts={"en": {"title": "A sitting"}}, rules=rules
    )
    for position, pk in enumerate(questions, 1):
        slot = content_id(COURSE, "slot", f"{slug}/{pk}")
        Slot.objects.create(id=slot, quiz=quiz, position=position, question_id=pk)
    made[name] = str(quiz.pk)
print("QUIZZES", json.dumps(made))
"""


@pytest.fixture(scope="package")
def quizzes(installation: Installation) -> dict[str, str]:
    """Their ids, by the names of `RULES`."""
    printed = installation.manage("shell", "-v", "0", "-c", f"RULES = {json.dumps(RULES)!r}\n{MAKE}")
    found: dict[str, str] = json.loads(printed.split("QUIZZES")[1])
    return found
