from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from quizzes.rules import CERTAINTIES, Draw, Phase, Rules, total

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
scores = st.floats(0, 1)


def test_without_any_rule_an_answer_counts_what_it_scored_and_nothing_ends() -> None:
    rules = Rules()
    assert rules.mark(0.75, 2.0) == 1.5
    assert rules.expiry(NOON) is None
    assert rules.is_open(NOON)
    assert rules.passed(0, 1) is None


@pytest.mark.parametrize(("tries", "mark"), [(1, 3.0), (2, 2.0), (3, 1.0), (4, 0.0), (9, 0.0)])
def test_each_try_before_takes_the_penalty(tries, mark) -> None:
    assert Rules(behaviour="tries").mark(1.0, 3.0, tries=tries) == pytest.approx(mark)


@pytest.mark.parametrize(
    ("certainty", "right", "wrong"), [(None, 1.0, 0.0), (1, 1.0, 0.0), (2, 2.0, -2.0), (3, 3.0, -6.0)]
)
def test_certainty_pays_and_costs_as_gardner_medwin_has_it(certainty, right, wrong) -> None:
    rules = Rules(certainty=True)
    assert rules.mark(1.0, 3.0, certainty=certainty) == pytest.approx(right)
    assert rules.mark(0.0, 3.0, certainty=certainty) == pytest.approx(wrong)


@given(chance=st.floats(0, 1))
def test_stating_what_one_believes_pays_best(chance) -> None:
    """Which certainty pays most changes at 2/3 and 4/5 of being right."""
    rules = Rules(certainty=True)
    expected = {
        sure: chance * rules.mark(1.0, 1.0, certainty=sure) + (1 - chance) * rules.mark(0.0, 1.0, certainty=sure)
        for sure in CERTAINTIES
    }
    honest = 1 if chance < 2 / 3 else 2 if chance < 4 / 5 else 3
    assert expected[honest] >= max(expected.values()) - 1e-9


@given(score=scores, worth=st.floats(0.1, 100), tries=st.integers(1, 10), penalty=st.floats(0, 1))
def test_a_mark_is_never_more_than_the_slot_is_worth_and_never_rises_with_tries(score, worth, tries, penalty) -> None:
    rules = Rules(behaviour="tries", penalty=penalty)
    assert 0 <= rules.mark(score, worth, tries=tries + 1) <= rules.mark(score, worth, tries=tries) <= worth


@given(marks=st.lists(st.floats(-200, 100), max_size=20))
def test_a_score_is_never_below_0(marks) -> None:
    assert total(marks) >= 0


def test_an_attempt_ends_with_its_time_or_with_the_quiz_whichever_is_first() -> None:
    limited = Rules(time_limit=600)
    assert limited.expiry(NOON) == NOON + timedelta(minutes=10)
    closing = Rules(time_limit=600, closes=NOON + timedelta(minutes=3))
    assert closing.expiry(NOON) == NOON + timedelta(minutes=3)
    assert closing.last_moment(NOON) == NOON + timedelta(seconds=30)


def test_it_opens_and_closes_to_the_instant() -> None:
    rules = Rules(opens=NOON, closes=NOON + timedelta(hours=1))
    before, last = NOON - timedelta(microseconds=1), NOON + timedelta(hours=1, microseconds=-1)
    assert (rules.is_early(before), rules.is_open(NOON), rules.is_open(last)) == (True, True, True)
    assert rules.is_closed(NOON + timedelta(hours=1))


def test_what_is_shown_hangs_on_when_one_looks() -> None:
    rules = Rules(closes=NOON)
    assert rules.phase(None, NOON) is Phase.DURING
    assert rules.phase(NOON - timedelta(hours=2), NOON - timedelta(hours=1)) is Phase.AFTER
    assert rules.phase(NOON - timedelta(hours=2), NOON) is Phase.CLOSED


@pytest.mark.parametrize(("counted", "result"), [("highest", 0.9), ("first", 0.4), ("latest", 0.5), ("mean", 0.6)])
def test_which_of_several_attempts_counts(counted, result) -> None:
    assert Rules(counted=counted).result([0.4, 0.9, 0.5]) == pytest.approx(result)
    assert Rules(counted=counted).result([]) is None


def test_a_third_of_three_marks_passes_at_a_third() -> None:
    assert Rules(passing=1 / 3).passed(1.0, 3.0)
    assert not Rules(passing=1 / 3).passed(0.99, 3.0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"behaviour": "adaptive"},
        {"certainty": True, "behaviour": "tries"},
        {"opens": NOON, "closes": NOON},
        {"closes": "2026-03-01T12:00:00"},
        {"time_limit": 5},
        {"passing": 0},
        {"penalty": 1.5},
        {"tries": 1},
        {"shown": {"marks": ["never"]}},
        {"colour": "red"},
    ],
)
def test_rules_that_make_no_sense_are_refused(wrong) -> None:
    with pytest.raises(ValidationError):
        Rules.model_validate(wrong)


def test_a_draw_says_from_what() -> None:
    with pytest.raises(ValidationError):
        Draw()
