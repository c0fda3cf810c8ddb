from datetime import timedelta

import pytest

from quizzes.memory import reviews
from quizzes.models import MemoryState, Question, Quiz, Regrade, Review
from quizzes.regrading import decisions
from quizzes.statistics import flagging
from tests.quizzes.classes import RIGHT, class_of, course_of
from tests.quizzes.factories import NOW

KINDS = ["single_choice", "true_false", "numeric", "ordering", "cloze", "multiple_choice"]
LATER = NOW + timedelta(days=1)


@pytest.fixture
def backwards(db) -> Question:
    """The stronger miss it: so says a class of forty."""
    course_of(KINDS)
    class_of(Quiz.objects.get(), 40, backwards=2)
    return Question.objects.get(slug="q2")


def answer(learner, question: Question) -> None:
    item = {"id": str(question.pk), "question": str(question.pk), "response": RIGHT["numeric"], "occurred_at": NOW}
    reviews.record(learner, reviews.read_all([item]), source=Review.Source.QUIZ, now=NOW)


def memory() -> list[dict[str, object]]:
    """Every column but the number of the row."""
    return [{name: value for name, value in row.items() if name != "id"} for row in MemoryState.objects.values()]


def test_it_moves_nobodys_memory_until_an_instructor_has_looked(backwards, learner, admin_user) -> None:
    answer(learner, backwards)
    before = memory()
    assert flagging.keep_out_flagged(now=LATER) == [backwards]
    assert not MemoryState.objects.exists()
    assert Review.objects.count() == 1
    decisions.undo(Regrade.objects.get(), author=admin_user, now=LATER)
    assert memory() == before
    assert flagging.keep_out_flagged(now=LATER + timedelta(days=1)) == []


def test_a_second_night_changes_nothing(backwards) -> None:
    flagging.keep_out_flagged(now=LATER)
    assert flagging.keep_out_flagged(now=LATER + timedelta(days=1)) == []
    assert Regrade.objects.count() == 1


def test_a_question_that_does_what_it_should_is_left_alone(db) -> None:
    course_of(KINDS)
    class_of(Quiz.objects.get(), 40)
    assert flagging.keep_out_flagged(now=LATER) == []


def test_a_class_of_four_says_nothing(db) -> None:
    course_of(KINDS)
    class_of(Quiz.objects.get(), 4, backwards=2)
    assert flagging.keep_out_flagged(now=LATER) == []
