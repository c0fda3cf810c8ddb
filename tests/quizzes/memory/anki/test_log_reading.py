"""The log of a card in Anki → ratings; what Anki itself leaves out of memory is left out and counted."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.memory.anki.log_reading import Log, read_log
from quizzes.memory.anki.package_reading import LogRow

NOW = datetime(2026, 3, 1, tzinfo=UTC)
AT = int((NOW - timedelta(days=100)).timestamp() * 1000)


def read(*rows: tuple[int, int, int], scheduler: int = 2) -> Log:
    """`rows`: ease, kind, factor; a day lies between them."""
    lines = [LogRow(AT + number * 86_400_000, *row, 1500) for number, row in enumerate(rows)]
    return read_log(lines, scheduler, now=NOW)


def test_answers_are_ratings_at_their_moments() -> None:
    found = read((3, 0, 0), (1, 1, 2500), (4, 2, 2500), (2, 3, 2500))
    assert [one.rating for one in found.ratings] == [3, 1, 4, 2]
    assert [one.at - found.ratings[0].at for one in found.ratings] == [timedelta(days=number) for number in range(4)]
    assert {one.elapsed_ms for one in found.ratings} == {1500}
    assert found.left_out == {}


@pytest.mark.parametrize(
    ("row", "reason"),
    [((0, 4, 2500), "by_hand"), ((0, 5, 0), "by_hand"), ((3, 3, 0), "filtered"), ((5, 1, 1), "impossible")],
)
def test_what_is_no_answer_is_counted(row: tuple[int, int, int], reason: str) -> None:
    found = read(row)
    assert (list(found.ratings), dict(found.left_out)[reason]) == ([], 1)


def test_a_card_that_was_reset_begins_anew() -> None:
    found = read((3, 0, 0), (3, 1, 2500), (0, 4, 0), (2, 0, 0))
    assert [one.rating for one in found.ratings] == [2]
    assert found.left_out == {"by_hand": 1, "before_forgetting": 2}


def test_a_card_that_was_given_another_day_keeps_its_answers() -> None:
    assert len(read((3, 0, 0), (0, 4, 2500), (3, 1, 2500)).ratings) == 2


def test_the_first_scheduler_had_three_buttons_while_learning() -> None:
    rows = [(1, 0, 0), (2, 0, 0), (3, 0, 0), (2, 1, 2500), (3, 2, 2500)]
    assert [one.rating for one in read(*rows, scheduler=1).ratings] == [1, 3, 4, 2, 4]
    assert [one.rating for one in read(*rows, scheduler=2).ratings] == [1, 2, 3, 2, 3]


@given(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**63), 2**63 - 1), st.integers(), st.integers())
def test_no_line_is_too_strange(moment: int, ease: int, kind: int, milliseconds: int) -> None:
    found = read_log([LogRow(moment, ease, kind, 1, milliseconds)], 2, now=NOW)
    assert len(found.ratings) + sum(found.left_out.values()) == 1
