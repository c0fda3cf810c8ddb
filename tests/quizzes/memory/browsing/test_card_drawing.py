import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from quizzes.memory.browsing.drawing import HEIGHT, WIDTH, Point, stability_chart

DAYS = st.lists(st.floats(0, 5000), min_size=2, max_size=40).map(sorted)


def test_a_lapse_is_a_cross_and_not_told_by_colour_alone() -> None:
    points = [Point(0, 2.3, is_lapse=False), Point(3, 9, is_lapse=False), Point(12, 1.5, is_lapse=True)]
    drawing = stability_chart(points, "days", "stability in days", "It grew <and> fell.")
    assert drawing.count("<circle") == 2
    assert drawing.count('class="d-curve-2 d-series"') == 2
    assert 'aria-label="It grew &lt;and&gt; fell."' in drawing
    assert all(f">{tick}</text>" in drawing for tick in ("0", "5", "10", "12"))


@given(DAYS, st.lists(st.floats(0.001, 36_500), min_size=40, max_size=40))
def test_every_drawing_is_well_formed_and_stays_within_its_frame(days: list[float], stabilities: list[float]) -> None:
    points = [Point(day, stability, is_lapse=False) for day, stability in zip(days, stabilities, strict=False)]
    drawing = stability_chart(points, "x", "y", "told")
    ElementTree.fromstring(drawing)
    for x, y in re.findall(r'cx="([^"]+)" cy="([^"]+)"', drawing):
        assert 0 <= float(x) <= WIDTH
        assert 0 <= float(y) <= HEIGHT
    assert drawing.count("d-grid") <= 5
