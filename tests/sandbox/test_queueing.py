"""Fair turns, and when they come …"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.queueing import expected_starts, fair_order, pace


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


class TestExpectedStarts:
    def test_it_is_at_once_where_a_seat_is_free(self) -> None:
        assert expected_starts([("a", 9.0)], [("b", 5.0)], seats=2, seats_per_owner=2) == [0.0]

    def test_it_is_when_the_next_of_several_seats_is_free(self) -> None:
        line = [("a", 4.0), ("b", 1.0), ("c", 1.0)]
        assert expected_starts(line, [("d", 3.0), ("e", 2.0)], seats=2, seats_per_owner=2) == [2.0, 3.0, 4.0]

    def test_it_is_the_sum_of_all_before_where_one_trains_at_a_time(self) -> None:
        line = [("a", 4.0), ("b", 3.0), ("c", 1.0)]
        assert expected_starts(line, [("d", 2.0)], seats=1, seats_per_owner=1) == [2.0, 6.0, 9.0]

    def test_it_passes_over_who_has_enough_until_one_of_theirs_ends(self) -> None:
        line = [("a", 4.0), ("b", 1.0)]
        assert expected_starts(line, [("a", 7.0), ("a", 9.0)], seats=4, seats_per_owner=2) == [7.0, 0.0]

    @given(
        st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 100)), max_size=12),
        st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 100)), max_size=4),
        st.integers(0, 4),
        st.integers(0, 3),
    )
    def test_it_never_seats_more_than_there_are_seats(
        self, line: list[tuple[str, float]], running: list[tuple[str, float]], seats: int, each: int
    ) -> None:
        starts = expected_starts(line, running, seats=seats, seats_per_owner=each)
        spans = [(0.0, left, owner) for owner, left in running]
        spans += [(start, start + seconds, owner) for start, (owner, seconds) in zip(starts, line, strict=True)]
        for start, (owner, _) in zip(starts, line, strict=True):
            together = [whose for begin, end, whose in spans if begin <= start < end]
            assert len(together) <= max(1, seats, len(running))
            assert together.count(owner) <= max(1, each, [who for who, _ in running].count(owner))


class TestPace:
    def test_it_is_that_of_the_estimates_until_three_runs_tell(self) -> None:
        assert pace([(9.0, 1.0), (9.0, 1.0)]) == 1.0

    def test_it_is_what_most_runs_took_for_an_estimated_second(self) -> None:
        assert pace([(4.0, 2.0), (6.0, 3.0), (1.0, 0.5), (300.0, 1.0), (0.0, 1.0)]) == 2.0

    def test_it_stays_within_what_a_machine_can_be(self) -> None:
        assert pace([(1e9, 1.0)] * 3) == 20.0
        assert pace([(1e-9, 1.0)] * 3) == pytest.approx(0.05)
