"""The weights of a course: from whom they are made, who gets them, and what withdrawn consent does."""

import uuid
from datetime import timedelta

import pytest

from accounts.models import User
from courses.models import Course
from quizzes.memory import plans, reviews
from quizzes.memory.fsrs import DEFAULT_WEIGHTS, Weights
from quizzes.memory.learning import fitting, own_weights, priors
from quizzes.models import CoursePlan, FittedWeights
from tests.quizzes.factories import NOW
from tests.quizzes.memory.learning.simulated import FORGETFUL, Habits, Line, keep, simulate
from tests.quizzes.memory.samples import open_lesson

HABITS = Habits(cards=150)


def a_learner(course: Course, log: list[Line], *, shares: bool = False) -> User:
    user = User.objects.create_user(f"{uuid.uuid4()}@example.org", "correct horse battery")
    if log:
        keep(user, course, log)
    if shares:
        own_weights.share(user, True)
    return user


@pytest.fixture
def sharing(course: Course) -> list[User]:
    return [a_learner(course, simulate(FORGETFUL, seed, 60, HABITS), shares=True) for seed in (1, 3, 5, 7)]


def given(user: User, course: Course) -> Weights:
    return plans.plan_of(user).weights_of(course.pk)


def learn(course: Course, days: int = 0) -> FittedWeights | None:
    return priors.learn_course(course, now=NOW + timedelta(days=days))


def test_what_consenting_learners_teach_is_given_to_those_who_start(course: Course, sharing: list[User]) -> None:
    newcomer = a_learner(course, [])
    open_lesson(newcomer, course)
    row = learn(course)
    assert row is not None
    assert row.accepted
    assert row.user is None
    assert row.log_loss_after < row.log_loss_before
    assert given(newcomer, course) == tuple(row.weights) != DEFAULT_WEIGHTS
    assert plans.plan_of(newcomer).weights is None
    for user in sharing:
        assert reviews.rebuild(user, check=True) == 0


def test_reviews_of_those_who_do_not_consent_teach_nothing(course: Course, sharing: list[User]) -> None:
    before = learn(course)
    assert before is not None
    FittedWeights.objects.all().delete()
    a_learner(course, simulate(DEFAULT_WEIGHTS, 9, 60, HABITS))
    after = learn(course)
    assert after is not None
    assert (after.weights, after.reviews) == (before.weights, before.reviews)


def test_two_learners_are_no_course(course: Course, sharing: list[User]) -> None:
    for user in sharing[2:]:
        own_weights.share(user, False)
    assert learn(course) is None
    assert not FittedWeights.objects.exists()


def test_a_learner_with_own_weights_keeps_them(course: Course, sharing: list[User]) -> None:
    own = a_learner(course, simulate(FORGETFUL, 7, 30, HABITS))
    own_weights.use_published(own)
    learn(course)
    assert given(own, course) == DEFAULT_WEIGHTS
    assert not CoursePlan.objects.filter(user=own, weights__isnull=False).exists()


def test_whom_it_predicts_worse_does_not_get_it(course: Course, sharing: list[User]) -> None:
    """Somebody who forgets nothing is not helped by the weights of forgetful learners."""
    steady = [Line(card, NOW + timedelta(days=day, minutes=card), 3) for card in range(20) for day in (0, 3, 12, 40)]
    user = a_learner(course, steady)
    row = learn(course)
    assert row is not None
    assert row.accepted
    assert given(user, course) == DEFAULT_WEIGHTS


def test_withdrawn_consent_takes_effect_the_next_night(course: Course, sharing: list[User]) -> None:
    newcomer = a_learner(course, [])
    open_lesson(newcomer, course)
    first = learn(course)
    assert first is not None
    own_weights.share(sharing[0], False)
    second = learn(course, days=1)
    assert second is not None
    assert second.reviews < first.reviews
    assert given(newcomer, course) == (tuple(second.weights) if second.accepted else DEFAULT_WEIGHTS)
    for user in sharing[1:]:
        own_weights.share(user, False)
    assert learn(course, days=2) is None
    assert given(newcomer, course) == DEFAULT_WEIGHTS
    assert all(given(user, course) == DEFAULT_WEIGHTS for user in sharing)
    assert all(reviews.rebuild(user, check=True) == 0 for user in sharing)


def test_without_new_reviews_there_is_no_new_fit(course: Course, sharing: list[User]) -> None:
    assert learn(course) is not None
    assert learn(course, days=1) is None
    newcomer = a_learner(course, [])
    open_lesson(newcomer, course)
    learn(course, days=2)
    assert given(newcomer, course) != DEFAULT_WEIGHTS


def test_it_is_given_once(course: Course, sharing: list[User]) -> None:
    learn(course)
    prior = priors.standing_of(course)
    assert prior is not None
    assert not any(priors.give(user, course.pk, prior) for user in sharing)


def test_learners_like_the_published_weights_teach_nothing_new(course: Course) -> None:
    users = [a_learner(course, simulate(DEFAULT_WEIGHTS, seed, 60, HABITS), shares=True) for seed in (1, 2, 3)]
    row = learn(course)
    assert row is not None
    assert not row.accepted
    assert all(given(user, course) == DEFAULT_WEIGHTS for user in users)


def test_of_two_nights_at_once_one_writes(course: Course, sharing: list[User], monkeypatch: pytest.MonkeyPatch) -> None:
    fit, rivals = fitting.fit_weights, [1]

    def while_another_one_is_made(seen):
        if rivals:
            rivals.pop()
            learn(course)
        return fit(seen)

    monkeypatch.setattr(fitting, "fit_weights", while_another_one_is_made)
    assert learn(course) is None
    assert FittedWeights.objects.count() == 1


def test_an_account_that_is_deleted_leaves_no_trace_that_names_it(course: Course, sharing: list[User]) -> None:
    row = learn(course)
    assert row is not None
    for user in sharing:
        assert str(user.pk) not in str(row.calibration)
        assert user.pk.hex not in str(row.calibration)
