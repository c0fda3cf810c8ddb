"""The fit and its guard, on learners whose true memory is known."""

import math
import uuid
from datetime import timedelta

import fsrs_rs_python as fsrs_rs
import pytest

from quizzes.memory import fsrs
from quizzes.memory.fsrs import DEFAULT_WEIGHTS, Entry, Terms, Weights
from quizzes.memory.learning import fitting
from quizzes.memory.learning.fitting import Bin, Fit, History, Outcome, Reason
from tests.quizzes.memory.learning.simulated import BEGIN, FORGETFUL, Line, first, histories, simulate


def published(_: History) -> Weights:
    return DEFAULT_WEIGHTS


def mean_loss(wanted: list[Outcome], weights: Weights) -> float:
    return fitting.mean(fitting.losses(wanted, fitting.predict(wanted, lambda _: weights)))


def later_than(log: list[Line], visible: list[Line]) -> list[Outcome]:
    return [outcome for outcome in fitting.outcomes(histories(log)) if outcome.moment > visible[-1].at]


def guarded(weights: Weights, seed: int, days: int = 200) -> tuple[Fit, list[Outcome]]:
    """What the guard makes of the first two thirds of a history, and the last third, which it has not seen."""
    log = simulate(weights, seed, days)
    visible = first(log, 2 / 3)
    fit = fitting.learn(histories(visible), published)
    assert fit is not None
    return fit, later_than(log, visible)


def in_use_after(fit: Fit) -> Weights:
    return fit.weights if fit.accepted else DEFAULT_WEIGHTS


# --- three learners


@pytest.mark.parametrize("seed", [1, 2, 3, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(4, 24))])
def test_a_learner_like_the_published_weights_is_never_predicted_worse(seed: int) -> None:
    fit, later = guarded(DEFAULT_WEIGHTS, seed)
    assert mean_loss(later, in_use_after(fit)) <= mean_loss(later, DEFAULT_WEIGHTS)


def test_without_the_guard_that_learner_would_be_predicted_worse() -> None:
    fit, later = guarded(DEFAULT_WEIGHTS, 1)
    assert not fit.accepted
    assert mean_loss(later, fit.weights) > mean_loss(later, DEFAULT_WEIGHTS)


@pytest.mark.parametrize("seed", [1, 2, 3, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(4, 24))])
def test_a_forgetful_learner_is_never_predicted_worse(seed: int) -> None:
    fit, later = guarded(FORGETFUL, seed)
    assert mean_loss(later, in_use_after(fit)) <= mean_loss(later, DEFAULT_WEIGHTS)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_forgetful_learner_gets_weights_and_gains_by_them(seed: int) -> None:
    log = simulate(FORGETFUL, seed, 300)
    visible = first(log, 2 / 3)
    fit = fitting.learn(histories(visible), published)
    assert fit is not None
    assert fit.reason is Reason.BETTER
    assert fit.after.log_loss < fit.before.log_loss
    later = later_than(log, visible)
    assert mean_loss(later, fit.weights) < mean_loss(later, DEFAULT_WEIGHTS) - 0.005


def test_80_reviews_are_too_few_to_judge_by() -> None:
    log = simulate(FORGETFUL, 1, 40)[:80]
    assert fitting.learn(histories(log), published) is None
    missing = fitting.enough(len(fitting.outcomes(histories(log))))
    assert 420 < missing <= 500


# --- against what is in use


def test_weights_win_against_what_is_in_use_and_not_only_against_the_published() -> None:
    log = simulate(FORGETFUL, 1, 300)
    fit = fitting.learn(histories(log), published)
    assert fit is not None
    again = fitting.learn(histories(log), lambda _: fit.weights)
    assert again is not None
    assert not again.accepted
    assert again.reason is Reason.WORSE
    assert again.before == again.after


def test_weights_that_only_beat_bad_ones_are_not_taken() -> None:
    fit = fitting.learn(histories(simulate(DEFAULT_WEIGHTS, 1, 200)), lambda _: FORGETFUL)
    assert fit is not None
    assert fit.reason is Reason.NOT_BETTER_THAN_PUBLISHED
    assert fit.after.log_loss < fit.before.log_loss


def test_who_forgot_nothing_gets_no_weights_that_promise_perfect_recall() -> None:
    log = [
        Line(card, BEGIN + timedelta(days=day, minutes=card), 3) for card in range(150) for day in (0, 3, 12, 40, 100)
    ]
    fit = fitting.learn(histories(log), published)
    assert fit is not None
    assert fit.gain.gain > 0
    assert fit.reason is Reason.TOO_LITTLE_FORGOTTEN


# --- what is an outcome, and what is predicted


def entries(*days: float) -> list[Entry]:
    moments = [BEGIN + timedelta(days=day) for day in days]
    return [Entry(uuid.UUID(int=n + 1), 3, moment, moment) for n, moment in enumerate(moments)]


def test_the_first_review_and_those_within_a_day_are_no_outcomes() -> None:
    log = entries(0, 0.4, 1.5, 1.6, 9)
    one = fitting.history("card", None, log, {entry.id for entry in log})
    assert one is not None
    assert one.days == (0, 0, 1, 0, 7)
    assert one.outcomes == (2, 4)


def test_an_answer_in_a_quiz_is_part_of_the_history_and_no_outcome() -> None:
    log = entries(0, 3, 9)
    one = fitting.history("card", None, log, {log[0].id, log[2].id})
    assert one is not None
    assert one.outcomes == (2,)
    assert one.days[2] == 6


def test_an_undone_review_has_never_been() -> None:
    log = entries(0, 3, 9)
    undo = Entry(uuid.UUID(int=99), None, log[1].effective_at, log[1].occurred_at, undoes=log[1].id)
    assert fitting.history("card", None, [*log, undo], {log[2].id}) == fitting.history(
        "card", None, [log[0], log[2]], {log[2].id}
    )


def test_the_predictions_are_those_that_the_fold_makes() -> None:
    """The engine folds a whole history at once; the memory states are folded review by review."""
    log = entries(0, 0.4, 1.5, 9, 30.2)
    one = fitting.history("card", None, log, {entry.id for entry in log})
    assert one is not None
    terms = Terms(uuid.UUID(int=1), uuid.UUID(int=2), weights=FORGETFUL)
    for outcome, predicted in zip(
        fitting.outcomes([one]), fitting.predict(fitting.outcomes([one]), lambda _: FORGETFUL), strict=True
    ):
        state = fsrs.fold(log[: outcome.at], terms)
        assert state is not None
        assert predicted == pytest.approx(fsrs.retrievability(state, outcome.moment, FORGETFUL), abs=1e-6)


def test_the_log_loss_is_that_of_the_engine() -> None:
    found = fitting.outcomes(histories(simulate(DEFAULT_WEIGHTS, 1, 60)))
    items = [
        fsrs_rs.FSRSItem(
            [
                fsrs_rs.FSRSReview(rating, days)
                for rating, days in zip(
                    outcome.history.ratings[: outcome.at + 1], outcome.history.days[: outcome.at + 1], strict=True
                )
            ]
        )
        for outcome in found
    ]
    expected = fsrs_rs.FSRS(list(DEFAULT_WEIGHTS)).evaluate(items).log_loss
    losses = fitting.losses(found, fitting.predict(found, lambda _: DEFAULT_WEIGHTS))
    recent = [0.25 + 0.75 * (n / len(losses)) ** 3 for n in range(len(losses))]  # as the engine weighs the later ones
    weighted = sum(weight * loss for weight, loss in zip(recent, losses, strict=True)) / sum(recent)
    assert weighted == pytest.approx(expected, abs=1e-4)


def test_the_unseen_outcomes_are_the_later_ones() -> None:
    found = fitting.outcomes(histories(simulate(DEFAULT_WEIGHTS, 1, 60)))
    seen, unseen = fitting.split(found)
    assert [*seen, *unseen] == found
    assert seen[-1].moment < unseen[0].moment
    assert len(unseen) == pytest.approx(len(found) * 0.2, abs=2)


def test_a_fit_is_the_same_every_time() -> None:
    log = simulate(FORGETFUL, 1, 60)
    assert fitting.learn(histories(log), published) == fitting.learn(histories(log), published)


# --- figures


def history_of(*ratings: int, key: str = "card") -> History:
    days = (0, *(1 for _ in ratings[1:]))
    moments = tuple(BEGIN + timedelta(days=n) for n in range(len(ratings)))
    return History(key, None, moments, ratings, days, tuple(range(1, len(ratings))))


def test_one_surprise_costs_much_but_not_everything() -> None:
    forgotten = fitting.outcomes([history_of(3, 1)])
    assert fitting.losses(forgotten, [1.0]) == pytest.approx([math.log(10_000)])
    assert fitting.losses(forgotten, [0.25]) == pytest.approx([-math.log(0.75)])


def test_bins_hold_equally_many_and_few_outcomes_make_one() -> None:
    found = [Outcome(history_of(3, 3 if n % 2 else 1, key=str(n)), 1) for n in range(40)]
    predicted = [n / 40 for n in range(40)]
    low, high = fitting.calibration(found, predicted)
    assert (low.count, high.count) == (20, 20)
    assert (low.predicted, high.predicted) == (pytest.approx(0.2375), pytest.approx(0.7375))
    assert low.actual == high.actual == 0.5
    assert fitting.calibration(found[:1], [0.7]) == (Bin(0.7, 0.0, 1),)


def test_many_reviews_of_one_card_are_less_evidence_than_of_many_cards() -> None:
    one_card = fitting.outcomes([history_of(*[3] * 11, key="a"), history_of(*[3] * 11, key="b")])
    many = fitting.outcomes([history_of(3, 3, key=str(n)) for n in range(20)])
    before = [0.5] * 10 + [0.1] * 10
    clustered = fitting.compare(sorted(one_card, key=lambda o: str(o.history.key)), before, [0.2] * 20)
    alone = fitting.compare(many, before, [0.2] * 20)
    assert clustered.gain == alone.gain == pytest.approx(0.1)
    assert clustered.error > 2 * alone.error


def test_one_card_alone_proves_nothing() -> None:
    found = fitting.outcomes([history_of(*[3] * 30)])
    assert not fitting.compare(found, [0.9] * 29, [0.1] * 29).is_gain
