"""The questions of a lesson as its folder has them, from the rows: what importing them made comes back."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from courses.models import Lesson
from quizzes.models import Question, Quiz, Slot


@dataclass(frozen=True)
class WrittenQuestions:
    """`file` is the content of the `questions.yaml`; `challenges` stand in the `experiments.yaml`."""

    file: dict[str, Any]
    challenges: list[dict[str, Any]] = field(default_factory=list)


def lesson_questions(lesson: Lesson, locales: Sequence[str]) -> WrittenQuestions:
    """Everything that is asked in a lesson, in the order in which it was written."""
    rows = Question.objects.published().filter(lesson=lesson).select_related("current", "section")
    questions = list(rows.order_by("position", "slug"))
    concepts = concepts_of(questions)
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
    if question.difficulty is not None:
        entry["difficulty"] = question.difficulty
    return {**entry, **body, "texts": texts}


def in_order(texts: dict[str, Any], locales: Sequence[str]) -> dict[str, Any]:
    """The texts with the languages in the order of the course's."""
    return {locale: texts[locale] for locale in [*locales, *sorted(texts)] if locale in texts}


def concepts_of(questions: Sequence[Question]) -> dict[uuid.UUID, list[str]]:
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
    slots = [_slot(slot) for slot in quiz.slots.active().select_related("question").order_by("position")]
    written: dict[str, Any] = {"id": quiz.slug, "texts": in_order(quiz.texts, locales)}
    if quiz.rules:
        written["rules"] = quiz.rules
    if all(slot.keys() == {"question"} for slot in slots):
        return {**written, "questions": [slot["question"] for slot in slots]}
    return {**written, "slots": _counted(slots)}


def _slot(slot: Slot) -> dict[str, Any]:
    asked: dict[str, Any] = {"question": slot.question.slug} if slot.question else {"draw": slot.draw}
    return asked if slot.mark == 1 else {**asked, "mark": slot.mark}


def _counted(slots: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same draw several times in a row is one entry with a count."""
    entries = []
    for slot, alike in groupby(slots):
        count = len(list(alike))
        entries.append({**slot, "count": count} if count > 1 else slot)
    return entries
