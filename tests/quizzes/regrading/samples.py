"""Learners who have answered a question of which the key turns out to be wrong."""

import uuid
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

from django.core.management import call_command

from accounts.models import User
from courses.models import Course
from quizzes import attempts
from quizzes.memory import reviews
from quizzes.models import Attempt, Correction, MemoryState, Question, QuestionVersion, Regrade, Response, Review
from quizzes.regrading import decisions
from tests.quizzes.factories import NOW, QUESTIONS, import_yaml, the_quiz

WRONG_KEY = QUESTIONS.replace("key: nonlinear\n", "key: linear\n")
"""As it was first."""
LATER = NOW + timedelta(days=2)


def mend(course: Course, questions: str = QUESTIONS, slug: str = "nonlinear") -> QuestionVersion:
    import_yaml(course, questions, now=NOW + timedelta(hours=1))
    version = Question.objects.select_related("current").get(course=course, slug=slug).current
    assert version is not None
    return version


def slot_of(course: Course, slug: str) -> uuid.UUID:
    return Question.objects.get(course=course, slug=slug).slots.get().pk


def sit(user: User, course: Course, *choices: str, at: datetime = NOW, submit: bool = True) -> Attempt:
    """Answer the choice question in one attempt; the cloze is half right."""
    attempt, _ = attempts.start(user, the_quiz(course), uuid.uuid4(), now=at)
    for choice in choices:
        attempts.answer(attempt, slot_of(course, "nonlinear"), {"choice": choice}, now=at)
    half = {"blanks": {"sum": "weighted-sum", "name": "nonsense"}}
    attempts.answer(attempt, slot_of(course, "output"), half, now=at + timedelta(minutes=1))
    return attempts.submit(attempt, now=at + timedelta(minutes=2)) if submit else attempt


def review(user: User, question: Question, choice: str | None, *, at: datetime = NOW, **more: Any) -> reviews.Result:
    item = {"id": str(uuid.uuid4()), "question": str(question.pk), "occurred_at": at.isoformat(), **more}
    if choice is not None:
        item["response"] = {"choice": choice}
    (result,) = reviews.record(user, reviews.read_all([item]), source=Review.Source.CHECKPOINT, now=at)
    return result


def regrade(question: Question, version: QuestionVersion, **more: Any) -> Regrade:
    expected = decisions.preview(question, version)
    given = {"author": None, "reason": "The key was wrong.", "now": LATER, "expected": expected} | more
    return decisions.regrade(question, version, **given)


def exclude(question: Question, **more: Any) -> Regrade:
    given = {"author": None, "reason": "Ambiguous.", "now": LATER, "expected": decisions.preview(question, None)} | more
    return decisions.exclude(question, **given)


def undo(regrade: Regrade) -> Regrade:
    return decisions.undo(regrade, author=None, now=LATER)


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row that a decision may touch, and every one that it may not; without the log of decisions. A state that
    was gone and is back has a new number, which nothing refers to."""
    models = (Attempt, Response, Review, MemoryState, QuestionVersion, Question)
    rows = {model.__name__: list(model._default_manager.order_by("pk").values()) for model in models}
    for row in rows["MemoryState"]:
        del row["id"]
    rows["MemoryState"].sort(key=lambda row: (str(row["user_id"]), str(row["question_id"])))
    return rows


def memory_agrees_with_the_log() -> bool:
    out = StringIO()
    call_command("rebuild_memory", "--check", stdout=out)
    return "agree with the log" in out.getvalue()


def marks() -> list[float]:
    rows = Response.objects.filter(version__question__slug="nonlinear").order_by("attempt__started_at", "pk")
    return list(rows.values_list("mark", flat=True))


def corrections() -> int:
    return Correction.objects.count()
