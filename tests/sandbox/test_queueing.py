"""Fair turns …"""

from hypothesis import given
from hypothesis import strategies as st

from sandbox.queueing import fair_order


def test_it_is_first_come_first_served_for_one_learner() -> None:
    assert fair_order([("a1", "a"), ("a2", "a")], {}) == ["a1", "a2"]


def test_it_lets_others_in_between() -> None:
    waiting = [("a1", "a"), ("a2", "a"), ("a3", "a"), ("b1", "b"), ("c1", "c")]
    assert fair_order(waiting, {}) == ["a1", "b1", "c1", "a2", "a3"]


def test_it_counts_what_already_runs() -> None:
    assert fair_order([("a1", "a"), ("b1", "b")], {"a": 1}) == ["b1", "a1"]


@given(st.lists(st.sampled_from("abcd"), max_size=30), st.dictionaries(st.sampled_from("abcd"), st.integers(0, 3)))
def test_it_serves_everyone_once_and_each_in_their_order(owners: list[str], running: dict[str, int]) -> None:
    waiting = [(index, owner) for index, owner in enumerate(owners)]
    order = fair_order(waiting, running)
    assert sorted(order) == list(range(len(owners)))
    for owner in set(owners):
        mine = [index for index in order if owners[index] == owner]
        assert mine == sorted(mine)
