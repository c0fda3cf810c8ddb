"""What reviews add up to: nothing is lost, and every review lies in the study day of its learner."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.memory.insight import sums as insight
from quizzes.memory.insight.sums import Activity, Calendar, Line, Tally
from quizzes.memory.planning import queue

ZONES = ["UTC", "Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"]
UTC_DAYS = Calendar(ZoneInfo("UTC"), 4)
DAY = 86_400
NOON = int(datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp())
TODAY = date(2026, 3, 1)

moments = st.integers(
    int(datetime(2005, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2037, 1, 1, tzinfo=UTC).timestamp())
)
calendars = st.builds(Calendar, st.sampled_from(ZONES).map(ZoneInfo), st.integers(0, 23))
lines = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.integers(NOON - 40 * DAY, NOON),
        st.integers(1, 4),
        st.none() | st.integers(0, 300_000),
        st.integers(0, 1),
    ),
    max_size=40,
)


def line(at: int, question: str = "a", rating: int = 3, milliseconds: int | None = None, counts: int = 1) -> Line:
    return question, at, rating, milliseconds, counts


def tallies(days: dict[date, int]) -> dict[date, Tally]:
    return {day: Tally(reviews=count) for day, count in days.items()}


class TestTheCalendar:
    @given(moments, calendars)
    def test_it_agrees_with_the_queue_about_which_study_day_it_is(self, moment: int, calendar: Calendar) -> None:
        at = datetime.fromtimestamp(moment, UTC)
        assert calendar.day_of(moment) == queue.calendar(at, calendar.zone, calendar.day_start_hour).date

    @given(moments, calendars)
    def test_a_quarter_of_an_hour_lies_in_one_study_day(self, moment: int, calendar: Calendar) -> None:
        assert calendar.day_of(moment) == calendar.day_of(moment // 900 * 900)

    @pytest.mark.parametrize(
        ("day", "hours"), [(date(2026, 3, 7), 23), (date(2026, 10, 31), 25), (date(2026, 6, 1), 24)]
    )
    def test_a_day_is_as_long_as_the_clock_makes_it(self, day: date, hours: int) -> None:
        calendar = Calendar(ZoneInfo("America/New_York"), 4)
        begin = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
        assert sum(calendar.day_of(begin + hour * 3600) == day for hour in range(72)) == hours


class TestActivity:
    @given(lines, calendars)
    def test_every_review_is_in_one_day_and_one_hour(self, given_lines: list[Line], calendar: Calendar) -> None:
        found = Activity.of(given_lines, calendar)
        assert found.all.reviews == len(given_lines)
        assert sum(found.hours.values(), Tally()) == found.all
        assert found.all.recalled <= found.all.came_back <= sum(counts for *_, counts in given_lines)

    @given(lines, st.randoms(use_true_random=False))
    def test_the_order_in_which_they_come_does_not_matter(self, given_lines: list[Line], chance) -> None:
        shuffled = chance.sample(given_lines, len(given_lines))
        assert Activity.of(shuffled, UTC_DAYS) == Activity.of(given_lines, UTC_DAYS)

    def test_what_comes_back_after_a_day_is_in_the_retention(self) -> None:
        found = Activity.of([line(NOON - 2 * DAY), line(NOON - DAY), line(NOON, rating=1)], UTC_DAYS)
        assert (found.all.came_back, found.all.recalled, found.all.retention) == (2, 1, 0.5)

    def test_what_comes_back_the_same_day_is_not(self) -> None:
        found = Activity.of([line(NOON - DAY + 1), line(NOON)], UTC_DAYS)
        assert found.all.retention is None

    def test_another_question_is_another_memory(self) -> None:
        assert Activity.of([line(NOON - 3 * DAY, "a"), line(NOON, "b")], UTC_DAYS).all.came_back == 0

    def test_what_memory_does_not_count_is_activity_only(self) -> None:
        between = line(NOON - DAY, rating=1, counts=0)
        found = Activity.of([line(NOON - DAY - 60), between, line(NOON)], UTC_DAYS)
        assert found.all == Tally(reviews=3, came_back=1, recalled=1)

    def test_a_page_that_was_left_open_counts_two_minutes(self) -> None:
        found = Activity.of([line(NOON, milliseconds=5_000_000), line(NOON, "b", milliseconds=60_000)], UTC_DAYS)
        assert found.all.minutes == 3

    def test_between_has_both_ends(self) -> None:
        found = Activity.of([line(NOON - 2 * DAY), line(NOON - DAY, "b"), line(NOON, "c")], UTC_DAYS)
        assert found.between(TODAY - timedelta(days=1), TODAY).reviews == 2


class TestWeeksAndMonths:
    @given(lines)
    def test_they_lose_nothing_of_their_time(self, given_lines: list[Line]) -> None:
        days = Activity.of(given_lines, UTC_DAYS).days
        weeks, months = insight.weeks(days, TODAY, 7), insight.months(days, TODAY, 3)
        assert sum(week.tally.reviews for week in weeks) == len(given_lines)
        assert sum(month.tally.reviews for month in months) == len(given_lines)
        assert sum(week.days_studied for week in weeks) == len(days)

    def test_weeks_begin_on_mondays_and_empty_ones_are_there(self) -> None:
        weeks = insight.weeks({}, date(2026, 3, 4), 3)
        assert [week.first for week in weeks] == [date(2026, 2, 16), date(2026, 2, 23), date(2026, 3, 2)]

    def test_months_go_back_over_the_new_year(self) -> None:
        months = insight.months(tallies({date(2025, 12, 31): 2}), date(2026, 1, 5), 2)
        assert [(month.first, month.tally.reviews) for month in months] == [
            (date(2025, 12, 1), 2),
            (date(2026, 1, 1), 0),
        ]


class TestRhythm:
    @pytest.mark.parametrize(
        ("days_ago", "expected"),
        [
            ([], (0, 0, 0)),
            ([0], (1, 1, 1)),
            ([1, 2, 3], (3, 3, 3)),
            ([2, 3, 4], (3, 3, 0)),
            ([0, 1, 5, 6, 7, 8], (6, 4, 2)),
            ([29, 30, 31], (1, 3, 0)),
            ([-1, 0], (1, 1, 1)),
        ],
    )
    def test_it_counts_days_and_runs(self, days_ago: list[int], expected: tuple[int, int, int]) -> None:
        found = insight.rhythm([TODAY - timedelta(days=ago) for ago in days_ago], TODAY)
        assert (found.of_last_30, found.longest_run, found.current_run) == expected


class TestTheHeatMap:
    @given(st.dictionaries(st.integers(0, 400), st.integers(1, 500), max_size=60))
    def test_each_day_of_the_year_is_in_it_once_and_darker_means_more(self, counts: dict[int, int]) -> None:
        days = {TODAY - timedelta(days=ago): count for ago, count in counts.items()}
        cells = insight.heat_map(tallies(days), TODAY, 53)
        assert len({cell.day for cell in cells}) == len(cells)
        assert cells[-1].day == TODAY
        assert cells[0].day.weekday() == 0
        assert all(cell.reviews == days.get(cell.day, 0) for cell in cells)
        in_order = sorted((cell.reviews, cell.level) for cell in cells)
        assert [level for _, level in in_order] == sorted(level for _, level in in_order)
        assert {cell.level for cell in cells if not cell.reviews} <= {0}
        assert all(1 <= cell.level <= insight.LEVELS for cell in cells if cell.reviews)

    def test_one_day_of_cramming_does_not_make_the_others_pale(self) -> None:
        assert insight.level_bounds([*range(1, 13), 900]) == [1, 4, 7, 10]


class TestHistograms:
    @given(st.lists(st.floats(0.001, 36_500), max_size=50))
    def test_every_stability_is_in_one_bin(self, stabilities: list[float]) -> None:
        assert sum(insight.stability_bins(stabilities)) == len(stabilities)

    def test_a_bin_begins_at_its_bound(self) -> None:
        assert insight.stability_bins([0.9, 1.0, 2.9, 3.0, 730.0]) == [1, 2, 1, 0, 0, 0, 0, 0, 1]

    @given(st.lists(st.floats(1, 10), max_size=50))
    def test_every_difficulty_is_in_one_bin(self, difficulties: list[float]) -> None:
        assert sum(insight.difficulty_bins(difficulties)) == len(difficulties)

    def test_the_median_lies_in_the_middle(self) -> None:
        assert (insight.median([]), insight.median([3, 1, 2]), insight.median([4, 1])) == (None, 2, 2.5)


class TestTheLoadToCome:
    @given(st.lists(st.integers(NOON - 90 * DAY, NOON + 20 * DAY), max_size=40), calendars)
    def test_nothing_is_lost_and_what_is_overdue_is_todays(self, dues: list[int], calendar: Calendar) -> None:
        today = calendar.day_of(NOON)
        found = insight.load(dues, calendar, today, 30)
        assert sum(found) == len(dues)
        assert found[0] == sum(calendar.day_of(due) <= today for due in dues)

    def test_what_comes_later_is_not_in_it(self) -> None:
        assert insight.load([NOON + 40 * DAY], UTC_DAYS, TODAY, 30) == [0] * 30
