"""What a learner wants decides about dues, and whose weights fold."""

import pytest

from accounts.models import User
from courses.models import Course
from quizzes.memory import plans, reviews
from quizzes.memory.fsrs import DEFAULT_WEIGHTS
from quizzes.memory.reviewing import cards
from quizzes.models import CoursePlan, MemoryState, Review, StudyPlan
from tests.quizzes.memory.samples import more_cards, own_card, rate

OTHERS = (*DEFAULT_WEIGHTS[:2], 5.0, *DEFAULT_WEIGHTS[3:])
PRIOR = (*DEFAULT_WEIGHTS[:2], 6.0, *DEFAULT_WEIGHTS[3:])


def stability(user: User) -> float:
    return MemoryState.objects.by(user.pk).get().stability


def test_without_a_plan_the_published_weights_and_the_own_retention_count(learner: User, course: Course) -> None:
    terms = plans.plan_of(learner).terms(course.pk, course.pk)
    assert (terms.weights, terms.desired_retention) == (DEFAULT_WEIGHTS, learner.desired_retention)


def test_own_weights_come_before_those_of_the_course(learner: User, course: Course) -> None:
    CoursePlan.objects.create(user=learner, course=course, weights=PRIOR, desired_retention=0.95)
    plan = plans.plan_of(learner)
    assert plan.terms(course.pk, course.pk).weights == PRIOR
    assert plan.terms(course.pk, course.pk).desired_retention == 0.95
    assert plan.terms(course.pk, None).weights == DEFAULT_WEIGHTS
    StudyPlan.objects.create(user=learner, weights=OTHERS)
    assert plans.plan_of(learner).terms(course.pk, course.pk).weights == OTHERS


@pytest.mark.parametrize("plan", ["own", "of the course"])
def test_a_review_is_folded_with_the_weights_of_the_plan(learner: User, course: Course, plan: str) -> None:
    if plan == "own":
        StudyPlan.objects.create(user=learner, weights=OTHERS)
    else:
        CoursePlan.objects.create(user=learner, course=course, weights=OTHERS)
    card = course.questions.get(slug="card-epoch")
    rate(learner, card)
    assert stability(learner) == 5.0
    assert reviews.rebuild(learner, check=True) == 0


def test_where_quiz_answers_do_not_count_they_are_kept_and_move_nothing(learner: User, course: Course) -> None:
    card = course.questions.get(slug="card-epoch")
    rate(learner, card)
    Review.objects.update(source=Review.Source.QUIZ)
    StudyPlan.objects.create(user=learner, quiz_evidence=False)
    assert reviews.rebuild(learner) == 1
    assert not MemoryState.objects.exists()
    assert Review.objects.count() == 1
    StudyPlan.objects.update(quiz_evidence=None)
    reviews.rebuild(learner)
    assert MemoryState.objects.count() == 1


def test_an_own_card_is_asked_of_its_owner_alone(learner: User, other_learner: User, course: Course) -> None:
    card = own_card(learner, course)
    assert card not in course.questions.all()
    assert [one.question for one in cards.load(learner, [card.pk])] == [card]
    assert cards.load(other_learner, [card.pk]) == []
    rate(learner, card)
    with pytest.raises(AssertionError):
        rate(other_learner, card)
    assert [review.user for review in Review.objects.all()] == [learner]
    assert more_cards(course, 1)[0] in course.questions.all()
