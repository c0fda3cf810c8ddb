import itertools
import time

import fsrs_rs_python as fsrs_rs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.memory.fsrs import DEFAULT_WEIGHTS
from quizzes.memory.planning import simulation
from quizzes.memory.planning.simulation import workloads
from quizzes.memory.planning.workload import Kept, Unseen

ENGINE = fsrs_rs.FSRS(list(DEFAULT_WEIGHTS))
NONE = Unseen(0, 20, 10.0)


def kept(count: int) -> list[Kept]:
    return [Kept(1.0 + place % 60, 3.0 + place % 5, place % 7, 12.0) for place in range(count)]


@given(st.floats(0.1, 2000), st.floats(1, 10), st.integers(1, 1000))
def test_the_formulas_are_those_of_the_engine(stability: float, difficulty: float, days: int) -> None:
    states = ENGINE.next_states(fsrs_rs.MemoryState(stability, difficulty), 0.9, days)
    given_ = np.array([stability]), np.array([difficulty])
    recall = simulation._recall(np.array([float(days)]), given_[0], DEFAULT_WEIGHTS)
    success = simulation._after_success(*given_, recall, DEFAULT_WEIGHTS)[0]
    lapse = simulation._after_lapse(*given_, recall, DEFAULT_WEIGHTS)[0]
    assert success == pytest.approx(states.good.memory.stability, rel=1e-4)
    assert lapse == pytest.approx(states.again.memory.stability, rel=1e-4)
    for rating, after in ((3, states.good), (1, states.again)):
        harder = simulation._next_difficulty(given_[1], rating, DEFAULT_WEIGHTS)[0]
        assert harder == pytest.approx(after.memory.difficulty, rel=1e-4)


@given(st.floats(0.1, 2000))
def test_a_step_of_the_same_day_too(stability: float) -> None:
    expected = ENGINE.next_states(fsrs_rs.MemoryState(stability, 5.0), 0.9, 0).good.memory.stability
    found = simulation._same_day_good(np.array([stability]), DEFAULT_WEIGHTS)[0]
    assert found == pytest.approx(expected, rel=1e-4)


def test_who_wants_to_know_more_reviews_more() -> None:
    found = workloads(kept(300), NONE, DEFAULT_WEIGHTS, seed=5)
    assert [one.retention for one in found] == list(simulation.RETENTIONS)
    every_fifth = [one.reviews for one in found[::5]]
    assert all(low < high for low, high in itertools.pairwise(every_fifth))
    assert found[-1].reviews > 2 * found[20].reviews
    assert found[-1].recall > found[0].recall + 0.1


def test_the_same_seed_gives_the_same_figures_and_another_nearly_so() -> None:
    first, again, other = (workloads(kept(300), NONE, DEFAULT_WEIGHTS, seed=seed) for seed in (5, 5, 6))
    assert first == again
    assert first != other
    assert other[20].reviews == pytest.approx(first[20].reviews, rel=0.1)


def test_twice_the_cards_are_twice_the_work() -> None:
    one, two = (workloads(kept(70) * times, NONE, DEFAULT_WEIGHTS, seed=5)[20] for times in (1, 2))
    assert two.reviews == pytest.approx(2 * one.reviews, rel=0.1)
    assert one.minutes > one.reviews * 12 / 60 * 0.999


def test_a_card_that_is_surely_known_is_seen_when_its_interval_ends() -> None:
    (found,) = workloads([Kept(30.0, 5.0, 0.0, 60.0)], NONE, DEFAULT_WEIGHTS, seed=5, retentions=[0.9], days=31)
    assert 1 <= found.reviews * 31 <= 2  # once, and once more where it was forgotten
    assert workloads([Kept(30.0, 5.0, 0.0, 60.0)], NONE, DEFAULT_WEIGHTS, seed=5, days=3)[20].reviews == 0


def test_new_cards_are_met_so_many_a_day() -> None:
    (found,) = workloads([], Unseen(50, 10, 10.0), DEFAULT_WEIGHTS, seed=5, retentions=[0.9], days=2)
    assert found.reviews * 2 >= 2 * 20  # each with its step
    nobody = workloads([], Unseen(50, 0, 10.0), DEFAULT_WEIGHTS, seed=5)
    assert {one.reviews for one in nobody} == {0.0}


def test_500_cards_take_a_moment() -> None:
    begin = time.process_time()
    workloads(kept(500), Unseen(60, 20, 10.0), DEFAULT_WEIGHTS, seed=5)
    assert time.process_time() - begin < 5  # in truth about a hundredth of a second
