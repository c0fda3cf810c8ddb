import pytest

from quizzes.memory.learning.chart import Words, calibration_svg, likely_range
from quizzes.memory.learning.figures import KeptBin

WORDS = Words("across", "up", "exact & true")


@pytest.mark.parametrize(
    ("actual", "count", "low", "high"), [(0.5, 100, 0.404, 0.596), (0.0, 20, 0.0, 0.161), (1.0, 20, 0.839, 1.0)]
)
def test_the_likely_range_is_wilsons(actual: float, count: int, low: float, high: float) -> None:
    assert likely_range(actual, count) == (pytest.approx(low, abs=5e-4), pytest.approx(high, abs=5e-4))


def test_every_bin_is_a_point_inside_the_drawing() -> None:
    bins = [KeptBin(predicted=0.31, actual=0.0, count=20), KeptBin(predicted=0.99, actual=1.0, count=20)]
    drawn = calibration_svg(bins, WORDS)
    assert drawn.count("<circle") == 2
    assert ">0\N{NO-BREAK SPACE}%<" in drawn
    assert ">100\N{NO-BREAK SPACE}%<" in drawn
    assert "exact &amp; true" in drawn


def test_the_axes_begin_where_there_is_something_to_see() -> None:
    drawn = calibration_svg([KeptBin(predicted=0.9, actual=0.9, count=900)], WORDS)
    assert ">80\N{NO-BREAK SPACE}%<" in drawn
    assert ">70\N{NO-BREAK SPACE}%<" not in drawn
