"""Every fact of the notes that the course was written from is asked for in the lesson of its chapter."""

import pytest

from tests.course.facts import FACTS, Fact
from tests.course.shipped import lessons

CHAPTERS_WITH_A_QUIZ = {2: 1, 3: 1, 4: 2, 9: 2}
"""How many quiz statements the notes have; the quiz of chapter 10 is empty, and the other chapters have none."""


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: f"{fact.chapter} {fact.says}")
def test_a_fact_is_asked_for_in_its_lesson(fact: Fact) -> None:
    lesson = next((lesson for lesson in lessons() if lesson.folder.startswith(f"{fact.lesson:02}-")), None)
    assert lesson is not None, f"there is no lesson {fact.lesson}"
    graded = [question["id"] for question in lesson.graded]

    assert fact.questions, f"{lesson.folder}: no question asks that {fact.says}"
    for question in fact.questions:
        assert question in graded, f"{lesson.folder}: its quiz has no graded question {question} ({fact.says})"


def test_every_chapter_has_facts() -> None:
    assert {fact.chapter for fact in FACTS} == set(range(1, 11))


@pytest.mark.parametrize(("chapter", "statements"), CHAPTERS_WITH_A_QUIZ.items())
def test_every_quiz_statement_of_the_notes_is_a_fact(chapter: int, statements: int) -> None:
    assert sum(fact.quiz for fact in FACTS if fact.chapter == chapter) == statements
