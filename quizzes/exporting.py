"""The questions of a lesson as its folder has them, from the rows: what importing them made comes back."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from courses.models import Lesson
from quizzes.models import Question, Quiz


@dataclass(frozen=True)
class WrittenQuestions:
    """`file` is the content of the `questions.yaml`; `challenges` stand in the `experiments.yaml`."""

    file: dict[str, Any]
    challenges: list[dict[str, Any]] = field(default_factory=list)


def lesson_questions(lesson: Lesson, locales: Sequence[str]) -> WrittenQuestions:
    """Everything that is asked in a lesson, in the order in which it was written."""
    rows = Question.objects.published().filter(lesson=lesson).select_related("current", "section")
    questions = list(rows.order_by("position", "slug"))
    concepts = _concepts(questions)
    written = [(question, _written(question, concepts.get(question.pk, []), locales)) for question in questions]
    file: dict[str, Any] = {}
    if quiz := _quiz(lesson, locales):
        file["quiz"] = quiz
    if asked := [entry for question, entry in written if question.kind != "challenge"]:
        file["questions"] = asked
    challenges = [entry for question, entry in written if question.kind == "challenge"]
    for entry in challenges:
        del entry["kind"]
    return WrittenQuestions(file, challenges)


def _written(question: Question, concepts: Sequence[str], locales: Sequence[str]) -> dict[str, Any]:
    assert question.current is not None
    body = question.current.parsed.model_dump(mode="json", exclude_unset=True)
    texts = in_order(body.pop("texts"), locales)
    entry: dict[str, Any] = {"id": question.slug, "kind": body.pop("kind")}
    if question.section is not None and question.section.archived_at is None:
        entry["section"] = question.section.slug
    if concepts:
        entry["concepts"] = list(concepts)
    return {**entry, **body, "texts": texts}


def in_order(texts: dict[str, Any], locales: Sequence[str]) -> dict[str, Any]:
    """The texts with the languages in the order of the course's."""
    return {locale: texts[locale] for locale in [*locales, *sorted(texts)] if locale in texts}


def _concepts(questions: Sequence[Question]) -> dict[uuid.UUID, list[str]]:
    """The concepts of each question, in the order in which they were named."""
    links = Question.concepts.through.objects.filter(question__in=questions, concept__archived_at=None)
    named: dict[uuid.UUID, list[str]] = {}
    for question, concept in links.order_by("pk").values_list("question_id", "concept__slug"):
        named.setdefault(question, []).append(concept)
    return named


def _quiz(lesson: Lesson, locales: Sequence[str]) -> dict[str, Any] | None:
    quiz = Quiz.objects.published().filter(lesson=lesson).order_by("slug").first()
    if quiz is None:
        return None
    slots = quiz.slots.active().order_by("position")
    asked = list(slots.values_list("question__slug", flat=True))
    return {"id": quiz.slug, "texts": in_order(quiz.texts, locales), "questions": asked}
