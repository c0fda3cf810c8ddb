import uuid
from datetime import timedelta

import pytest

from accounts.models import User
from courses.models import Course
from quizzes.memory import plans, reviews
from quizzes.memory.browsing import history as card_history
from quizzes.memory.browsing.history import Past
from quizzes.models import MemoryState, Question, Review, StudyPlan
from tests.quizzes.factories import NOW, make_course
from tests.quizzes.memory.samples import rate


@pytest.fixture
def card(db: None) -> Question:
    course: Course = make_course()
    return course.questions.get(slug="card-epoch")


def past(user: User, card: Question) -> list[Past]:
    return card_history.of_card(user, card, plans.plan_of(user))


def test_reviews_come_in_the_order_of_the_fold_and_end_at_the_state(learner: User, card: Question) -> None:
    for days in (9, 0, 3):
        rate(learner, card, at=NOW + timedelta(days=days))
    found = past(learner, card)
    assert [one.at for one in found] == [NOW + timedelta(days=days) for days in (0, 3, 9)]
    assert [one.waited for one in found] == [None, timedelta(days=3), timedelta(days=6)]
    state = MemoryState.objects.get(user=learner)
    last = found[-1].after
    assert last is not None
    assert (last.stability, last.due, last.state_hash) == (state.stability, state.due, state.state_hash)


def test_a_review_that_was_taken_back_stands_there_and_moves_nothing(learner: User, card: Question) -> None:
    rate(learner, card)
    rate(learner, card, at=NOW + timedelta(days=2))
    undone = Review.objects.get(effective_at=NOW)
    item = {"id": str(uuid.uuid4()), "question": str(card.pk), "undoes": str(undone.review_id), "occurred_at": str(NOW)}
    reviews.record(learner, reviews.read_all([item]), source=Review.Source.FLASHCARD, now=NOW)
    first, second = past(learner, card)
    assert (first.is_undone, first.after) == (True, None)
    assert second.after is not None
    assert second.after.reps == 1


def test_what_the_learners_plan_leaves_out_does_not_count(learner: User, card: Question) -> None:
    rate(learner, card)
    Review.objects.update(source=Review.Source.QUIZ)
    StudyPlan.objects.create(user=learner, quiz_evidence=False)
    (one,) = past(learner, card)
    assert (one.after, one.is_undone, one.rating) == (None, False, 3)


def test_nobody_elses_reviews_are_in_it(learner: User, other_learner: User, card: Question) -> None:
    rate(other_learner, card)
    assert past(learner, card) == []
