"""Weights of one learner: what is taken, kept and put in use, and what the learner decides."""

from datetime import timedelta

import pytest
from django.http import Http404

from accounts.models import User
from courses.models import Course
from quizzes.memory import plans, reviews
from quizzes.memory.fsrs import DEFAULT_WEIGHTS, Weights
from quizzes.memory.learning import fitting, own_weights
from quizzes.models import CoursePlan, FittedWeights, MemoryState, Review, StudyPlan
from tests.quizzes.factories import NOW
from tests.quizzes.memory.learning.simulated import (
    FORGETFUL,
    Habits,
    Line,
    first,
    forgetful_log,
    histories,
    keep,
    simulate,
)

OTHERS = (*DEFAULT_WEIGHTS[:2], 5.0, *DEFAULT_WEIGHTS[3:])


@pytest.fixture
def forgetful(learner: User, course: Course) -> User:
    keep(learner, course, forgetful_log())
    return learner


def weights_of(user: User) -> Weights | None:
    return plans.plan_of(user).weights


def learnt(user: User, **how: bool) -> own_weights.Learnt:
    found = own_weights.learn(user, now=NOW, **how)
    assert found is not None
    return found


# --- three learners


def test_a_forgetful_learner_gets_own_weights_and_is_predicted_better_afterwards(learner: User, course: Course) -> None:
    log = simulate(FORGETFUL, 1, 300)
    visible = first(log, 2 / 3)
    keep(learner, course, visible)
    row = learnt(learner).row
    assert row is not None
    assert row.accepted
    mine = weights_of(learner)
    assert mine == tuple(row.weights) != DEFAULT_WEIGHTS
    later = [outcome for outcome in fitting.outcomes(histories(log)) if outcome.moment > visible[-1].at]
    own, published = (
        fitting.mean(fitting.losses(later, fitting.predict(later, lambda _, use=use: use)))
        for use in (mine, DEFAULT_WEIGHTS)
    )
    assert own < published


def test_a_learner_like_the_published_weights_keeps_them_and_the_fit_is_kept_as_well(
    learner: User, course: Course
) -> None:
    keep(learner, course, simulate(DEFAULT_WEIGHTS, 1, 120))
    row = learnt(learner).row
    assert row is not None
    assert not row.accepted
    assert weights_of(learner) is None
    figures = own_weights.figures_of(row)
    assert row.log_loss_before == figures.log_loss_published
    assert sum(one.count for one in figures.before) == sum(one.count for one in figures.after) == row.unseen
    assert row.unseen >= fitting.MIN_UNSEEN


def test_after_80_reviews_it_says_how_many_are_missing_and_writes_nothing(learner: User, course: Course) -> None:
    keep(learner, course, simulate(FORGETFUL, 1, 40)[:80])
    found = learnt(learner)
    assert found.row is None
    assert 420 < found.missing <= 500
    assert not FittedWeights.objects.exists()
    assert not StudyPlan.objects.exists()


# --- in use


def test_what_is_taken_is_in_every_state_at_once(forgetful: User) -> None:
    before = dict(MemoryState.objects.values_list("question", "stability"))
    learnt(forgetful)
    assert reviews.rebuild(forgetful, check=True) == 0
    after = dict(MemoryState.objects.values_list("question", "stability"))
    assert after.keys() == before.keys()
    assert after != before


def test_a_second_fit_changes_nothing_more(forgetful: User) -> None:
    learnt(forgetful)
    mine = weights_of(forgetful)
    again = learnt(forgetful).row
    assert again is not None
    assert not again.accepted
    assert weights_of(forgetful) == mine
    assert FittedWeights.objects.by(forgetful.pk).count() == 2


def test_of_two_fits_at_once_the_second_is_judged_against_what_the_first_put_in_use(
    forgetful: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit, rivals = fitting.learn, [1]

    def while_another_one_is_made(*args, **kwargs):
        found = fit(*args, **kwargs)
        if rivals:
            rivals.pop()
            learnt(forgetful)
        return found

    monkeypatch.setattr(fitting, "learn", while_another_one_is_made)
    second = learnt(forgetful).row
    assert second is not None
    assert not second.accepted
    first_row = FittedWeights.objects.by(forgetful.pk).order_by("pk").first()
    assert first_row is not None
    assert weights_of(forgetful) == tuple(first_row.weights)


def test_killed_in_the_middle_nothing_has_happened(forgetful: User, monkeypatch: pytest.MonkeyPatch) -> None:
    before = list(MemoryState.objects.order_by("question").values_list("question", "state_hash"))

    def killed(user: User) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(reviews, "rebuild", killed)
    with pytest.raises(KeyboardInterrupt):
        learnt(forgetful)
    monkeypatch.undo()
    assert not FittedWeights.objects.exists()
    assert weights_of(forgetful) is None
    assert list(MemoryState.objects.order_by("question").values_list("question", "state_hash")) == before
    assert learnt(forgetful).row is not None


def test_reviews_that_come_meanwhile_are_folded_with_the_new_weights(
    forgetful: User, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit = fitting.learn

    def while_a_card_is_reviewed(*args, **kwargs):
        found = fit(*args, **kwargs)
        keep(forgetful, course, [Line(0, NOW, 3)])
        return found

    monkeypatch.setattr(fitting, "learn", while_a_card_is_reviewed)
    row = learnt(forgetful).row
    assert row is not None
    assert row.accepted
    assert reviews.rebuild(forgetful, check=True) == 0


def test_it_is_judged_against_the_weights_of_the_course_where_those_are_in_use(forgetful: User, course: Course) -> None:
    CoursePlan.objects.create(user=forgetful, course=course, weights=list(FORGETFUL))
    row = learnt(forgetful).row
    assert row is not None
    assert row.log_loss_before != own_weights.figures_of(row).log_loss_published


# --- by night


def test_at_night_who_went_back_to_the_published_weights_keeps_them(forgetful: User) -> None:
    own_weights.use_published(forgetful)
    row = learnt(forgetful, asked=False).row
    assert row is not None
    assert row.accepted
    assert weights_of(forgetful) == DEFAULT_WEIGHTS
    own_weights.use_again(forgetful, row.pk)
    assert weights_of(forgetful) == tuple(row.weights)


def test_at_night_a_learner_is_looked_at_again_when_there_is_enough_new(
    forgetful: User, other_learner: User, course: Course
) -> None:
    assert list(own_weights.waiting()) == [forgetful]
    learnt(forgetful)
    assert list(own_weights.waiting()) == []
    many = Review.objects.by(forgetful.pk).count() // 20 + 1
    keep(forgetful, course, [Line(n, NOW + timedelta(minutes=n), 3) for n in range(many)])
    assert list(own_weights.waiting()) == [forgetful]


# --- the learner decides


def test_back_to_the_published_weights_every_state_is_as_it_was(forgetful: User) -> None:
    before = list(MemoryState.objects.order_by("question").values_list("question", "state_hash"))
    learnt(forgetful)
    own_weights.use_published(forgetful)
    assert weights_of(forgetful) == DEFAULT_WEIGHTS
    assert list(MemoryState.objects.order_by("question").values_list("question", "state_hash")) == before


def test_only_accepted_weights_of_the_own_history_can_be_used(forgetful: User, other_learner: User) -> None:
    row = learnt(forgetful).row
    rejected = learnt(forgetful).row
    assert row is not None
    assert rejected is not None
    for user, fit in ((other_learner, row.pk), (forgetful, rejected.pk), (forgetful, 0)):
        with pytest.raises(Http404):
            own_weights.use_again(user, fit)
    assert weights_of(other_learner) is None


# --- quizzes as evidence


@pytest.fixture
def guesser(learner: User, course: Course) -> User:
    keep(learner, course, simulate(FORGETFUL, 1, 120, Habits(quizzes=0.9)))
    return learner


def test_quizzes_that_mislead_are_left_out_by_themselves(guesser: User) -> None:
    found = learnt(guesser)
    assert found.quizzes_turned_off
    assert found.evidence is not None
    assert found.evidence.log_loss_with > found.evidence.log_loss_without
    assert not plans.plan_of(guesser).quiz_evidence
    assert reviews.rebuild(guesser, check=True) == 0
    assert not learnt(guesser).quizzes_turned_off


def test_what_the_learner_switched_on_stays_on(guesser: User) -> None:
    learnt(guesser)
    own_weights.count_quizzes(guesser, True)
    assert reviews.rebuild(guesser, check=True) == 0
    found = learnt(guesser)
    assert not found.quizzes_turned_off
    assert plans.plan_of(guesser).quiz_evidence


def test_quizzes_that_do_no_harm_stay_evidence(learner: User, course: Course) -> None:
    keep(learner, course, simulate(DEFAULT_WEIGHTS, 2, 120, Habits(quizzes=0.5)))
    assert not learnt(learner).quizzes_turned_off
    assert plans.plan_of(learner).quiz_evidence


def test_a_review_that_an_instructor_kept_out_is_no_outcome(learner: User, course: Course) -> None:
    from quizzes.regrading import decisions

    card = course.questions.get(slug="card-epoch")
    log = [Line(0, NOW + timedelta(days=day), 3) for day in (0, 2, 9)]
    keep(learner, course, log)
    Review.objects.update(question=card, version=card.current)
    assert learnt(learner).missing == 498
    decisions.exclude(card, author=None, reason="wrong", now=NOW, expected=decisions.preview(card, None))
    assert learnt(learner).missing == 500
