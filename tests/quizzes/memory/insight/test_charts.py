"""The charts: well-formed SVG, every number in its place, every word escaped."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.memory.insight import charts
from quizzes.memory.insight.charts import Axes, Bar, Day, Point

AXES = Axes("weeks", "minutes")
HOSTILE = '<b onload="x">&"\''


def marks(markup: str, kind: str) -> list[ElementTree.Element]:
    return [one for one in ElementTree.fromstring(markup).iter() if one.tag == kind]


def of_class(markup: str, name: str) -> list[ElementTree.Element]:
    return [one for one in ElementTree.fromstring(markup).iter() if name in one.get("class", "").split()]


@given(st.lists(st.floats(0, 1e6), max_size=30))
def test_bars_are_as_high_as_their_numbers_and_inside(values: list[float]) -> None:
    drawn = of_class(charts.bar_chart([Bar(value, "") for value in values], AXES, "d"), "insight-bar")
    assert len(drawn) == sum(value > 0 for value in values)
    for bar in drawn:
        assert float(bar.get("y", "")) >= 0
        assert float(bar.get("y", "")) + float(bar.get("height", "")) <= charts.HEIGHT


@given(st.floats(0, 1e7))
def test_an_axis_reaches_its_highest_value_in_few_steps(highest: float) -> None:
    top, step = charts.scale(highest)
    assert top >= highest
    assert 1 <= round(top / step) <= 5
    assert re.fullmatch("[125]0*", f"{step:.0f}")


def test_words_are_escaped_and_the_description_is_for_screen_readers() -> None:
    markup = charts.bar_chart([Bar(1, HOSTILE, HOSTILE)], Axes(HOSTILE, HOSTILE), HOSTILE)
    assert "<b" not in markup
    assert ElementTree.fromstring(markup).get("aria-label") == HOSTILE
    assert marks(markup, "title")[0].text == HOSTILE


def test_axes_carry_their_names() -> None:
    texts = [one.text for one in marks(charts.bar_chart([Bar(3, "", "Mon")], AXES, "d"), "text")]
    assert {"weeks", "minutes", "Mon"} <= set(texts)


class TestShares:
    @staticmethod
    def drawn(*values: float | None, sure: bool = True) -> str:
        points = [Point(value, "told", is_sure=sure) for value in values]
        return charts.share_chart(points, 0.9, "wanted", AXES, "d")

    def test_a_week_without_reviews_is_a_gap(self) -> None:
        markup = self.drawn(0.9, 0.8, None, 0.7, 0.95)
        assert len(of_class(markup, "insight-line")) == 2
        assert len(marks(markup, "circle")) == 4

    def test_the_level_that_was_wished_for_is_a_line_with_a_name(self) -> None:
        markup = self.drawn(0.9)
        assert len(of_class(markup, "insight-level")) == 2
        assert "wanted" in [one.text for one in marks(markup, "text")]

    def test_one_unlucky_review_does_not_press_the_others_flat(self) -> None:
        points = [Point(0.9, ""), Point(0.0, "", is_sure=False)]
        markup = charts.share_chart(points, 0.9, "wanted", AXES, "d")
        assert "0 %" not in [one.text for one in marks(markup, "text")]
        assert len(marks(markup, "polygon")) == 1

    @pytest.mark.parametrize(("value", "lowest"), [(0.95, "70 %"), (0.65, "60 %"), (0.31, "20 %"), (0.0, "0 %")])
    def test_the_axis_goes_down_to_what_was_recalled(self, value: float, lowest: str) -> None:
        texts = [one.text for one in marks(self.drawn(value), "text")]
        assert "100 %" in texts
        assert lowest in texts


def test_a_heat_map_tells_by_size_what_it_tells_by_shade() -> None:
    markup = charts.heat_map([Day(0, day, day, f"{day}") for day in range(5)], [(0, "Jan")], ["Mon"] + [""] * 6, "d")
    sizes = [float(of_class(markup, f"insight-day--{level}")[0].get("width", "")) for level in range(1, 5)]
    assert sizes == sorted(set(sizes))
    assert {"Jan", "Mon"} <= {one.text for one in marks(markup, "text")}
