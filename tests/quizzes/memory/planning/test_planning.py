import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.memory import fsrs
from quizzes.memory.fsrs import Phase
from quizzes.memory.planning import exams
from quizzes.memory.planning import line as planning
from quizzes.memory.planning.candidates import Because, Candidate, Line, NewCard, StudyDay, Why, Wishes

BEGIN = datetime(2026, 3, 2, 4, tzinfo=UTC)  # a Monday
NOW = BEGIN + timedelta(hours=8)
TODAY = StudyDay(BEGIN, BEGIN + timedelta(days=1), date(2026, 3, 2))
DAY = timedelta(days=1)
COURSE, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)
SECONDS = {"flashcard": 10}


def card(number: int, *, due_in: float = 0, interval: int = 10, **more: object) -> Candidate:
    """A review that is due in so many days from now, 10 days after the one before, at 90 % then."""
    due = NOW + due_in * DAY
    given = {
        "question": uuid.UUID(int=1000 + number),
        "kind": "flashcard",
        "course": COURSE,
        "lesson": None,
        "phase": Phase.REVIEW,
        "due": due,
        "last_review": due - interval * DAY,
        "stability": float(interval),
    }
    return Candidate(**given | more)  # type: ignore[arg-type]


def cards(count: int, *, first: int = 0, **more: object) -> list[Candidate]:
    return [card(first + number, **more) for number in range(count)]  # type: ignore[arg-type]


def new(number: int, *concepts: int) -> NewCard:
    return NewCard(uuid.UUID(int=5000 + number), None, ideas(*concepts))


def ideas(*numbers: int) -> frozenset[uuid.UUID]:
    return frozenset(uuid.UUID(int=9000 + number) for number in numbers)


def line(candidates: Sequence[Candidate], fresh: Sequence[NewCard] = (), **wishes: object) -> Line:
    return planning.line(
        candidates,
        fresh,
        Wishes(**wishes),
        TODAY,
        NOW,
        lambda kind: SECONDS.get(kind, 25),  # type: ignore[arg-type]
    )


def asked(found: Line) -> list[int]:
    return [due.question.int for due in found.ready]


def left_out(found: Line) -> dict[int, Because]:
    return {one.question.int: one.because for one in found.left_out}


def answered(one: Candidate, seconds: int = 0) -> Candidate:
    """As it is after it was recalled, so many seconds from now."""
    at = NOW + timedelta(seconds=seconds)
    return one._replace(last_review=at, due=at + 20 * DAY, stability=one.stability * 2)


def forgotten(one: Candidate, seconds: int) -> Candidate:
    at = NOW + timedelta(seconds=seconds)
    return one._replace(phase=Phase.RELEARNING, last_review=at, due=at + timedelta(minutes=10), stability=1.0)


class TestOrder:
    def test_the_most_urgent_comes_first_relative_to_what_is_desired(self) -> None:
        fresh_ = card(1, due_in=-1)
        old = card(2, due_in=-9)
        ambitious = card(3, due_in=-1, desired=0.97)
        assert asked(line([fresh_, old, ambitious])) == [1003, 1002, 1001]

    def test_steps_come_first_and_near_ones_last(self) -> None:
        step = card(1, phase=Phase.LEARNING, last_review=NOW)._replace(due=NOW - timedelta(minutes=1))
        near = step._replace(question=uuid.UUID(int=1002), due=NOW + timedelta(minutes=1))
        later = step._replace(question=uuid.UUID(int=1003), due=NOW + timedelta(minutes=9))
        found = line([near, later, card(4), step], [new(1)])
        assert asked(found) == [1001, 1004, 5001, 1002]
        assert [due.question.int for due in found.waiting] == [1003]
        assert [due.why for due in found.ready] == [Why.STEP, Why.DUE, Why.NEW, Why.STEP]

    def test_a_card_whose_text_changed_is_asked_early_and_once(self) -> None:
        changed = card(1, due_in=5, is_changed=True)
        assert [(due.question.int, due.why) for due in line([changed]).ready] == [(1001, Why.CHANGED)]
        assert asked(line([answered(changed)._replace(is_changed=False)])) == []

    def test_a_buried_card_is_not_asked_and_said(self) -> None:
        found = line([card(1, is_buried=True), card(2, due_in=3, is_buried=True)])
        assert asked(found) == []
        assert left_out(found) == {1001: Because.BURIED}


class TestLimits:
    def test_reviews_a_day_keep_the_most_urgent(self) -> None:
        found = line([card(number, due_in=-number) for number in range(5)], reviews_per_day=2)
        assert asked(found) == [1004, 1003]
        assert left_out(found) == dict.fromkeys([1000, 1001, 1002], Because.REVIEWS)

    def test_what_was_answered_today_counts(self) -> None:
        found = line([answered(card(1)), card(2, due_in=-3), card(3, due_in=-4)], reviews_per_day=2)
        assert asked(found) == [1003]
        assert found.done == 1

    def test_what_was_met_today_is_no_review(self) -> None:
        met = answered(card(1, is_introduced=True))
        assert len(line([met, card(2), card(3)], reviews_per_day=2).ready) == 2

    def test_minutes_take_reviews_first_then_new_cards(self) -> None:
        found = line(cards(4, due_in=-3), [new(number) for number in range(4)], minutes_per_day=1)
        assert [due.why for due in found.ready] == [*[Why.DUE] * 4, *[Why.NEW] * 2]
        assert set(left_out(found).values()) == {Because.MINUTES}
        assert found.seconds == 60

    def test_a_question_takes_longer_than_a_card(self) -> None:
        found = line(cards(4, due_in=-3, kind="numeric"), minutes_per_day=1)
        assert len(found.ready) == 2

    def test_no_new_cards_can_be_wished_for(self) -> None:
        assert asked(line([], [new(1)], new_per_day=0)) == []

    def test_steps_are_never_held_back(self) -> None:
        step = card(1, phase=Phase.RELEARNING)
        assert asked(line([step, card(2)], reviews_per_day=1, minutes_per_day=1, new_per_day=0)) == [1001]


class TestSiblings:
    def test_the_less_urgent_waits_a_day(self) -> None:
        found = line([card(1, concepts=ideas(1)), card(2, due_in=-1, concepts=ideas(1, 2))])
        assert asked(found) == [1002]
        assert left_out(found) == {1001: Because.SIBLING}

    def test_it_waits_on_when_the_other_has_been_answered(self) -> None:
        found = line([card(1, concepts=ideas(1)), answered(card(2, due_in=-1, concepts=ideas(1)))])
        assert left_out(found) == {1001: Because.SIBLING}

    def test_what_cannot_wait_is_asked_but_not_right_after(self) -> None:
        overdue = [card(number, due_in=-8 - number, concepts=ideas(number // 2)) for number in range(4)]
        assert asked(line(overdue)) == [1003, 1001, 1002, 1000]

    def test_short_intervals_are_asked_when_they_are_due(self) -> None:
        found = line(cards(2, interval=2, concepts=ideas(1)))
        assert len(found.ready) == 2

    def test_new_cards_of_other_ideas_come_first(self) -> None:
        fresh = [new(1, 1), new(2, 1), new(3, 2), new(4, 3)]
        assert asked(line([], fresh, new_per_day=3)) == [5001, 5003, 5004]
        assert sorted(asked(line([], fresh, new_per_day=4))) == [5001, 5002, 5003, 5004]
        assert asked(line([], fresh, new_per_day=4))[:2] == [5001, 5003]

    def test_the_next_one_is_no_sibling_of_the_one_answered_last(self) -> None:
        last = answered(card(1, interval=2, concepts=ideas(1)))
        found = line([last, card(2, due_in=-9, concepts=ideas(1)), card(3, due_in=-8, concepts=ideas(2))])
        assert asked(found) == [1003, 1002]


class TestEvenDays:
    def test_an_ordinary_day_is_left_as_it_is(self) -> None:
        assert len(line(cards(planning.ORDINARY)).ready) == planning.ORDINARY

    def test_a_full_day_gives_to_empty_ones_what_can_wait(self) -> None:
        found = line(cards(60))
        assert len(found.ready) == planning.ORDINARY
        assert set(left_out(found).values()) == {Because.EVEN}

    def test_what_cannot_wait_stays(self) -> None:
        assert len(line(cards(60, interval=2)).ready) == 60
        assert len(line(cards(60, due_in=-5)).ready) == 60

    def test_a_full_day_that_comes_gives_to_today(self) -> None:
        found = line(cards(60, due_in=1))
        assert len(found.ready) == 9  # 60 reviews in 7 days
        assert {due.why for due in found.ready} == {Why.EARLY}

    def test_only_within_the_fuzz_of_the_interval(self) -> None:
        assert len(line(cards(60, due_in=3)).ready) == 0
        assert len(line(cards(60, due_in=3, interval=100)).ready) == 9

    def test_a_day_off_asks_only_what_cannot_wait(self) -> None:
        found = line([*cards(5), *cards(2, first=50, interval=2)], easy_days={0: 0.0})
        assert sorted(asked(found)) == [1050, 1051]

    def test_half_a_day_asks_half(self) -> None:
        assert len(line(cards(60), easy_days={0: 0.5}).ready) == planning.ORDINARY // 2

    def test_what_would_fall_on_a_day_off_comes_before(self) -> None:
        loads = [*cards(10, due_in=1), *cards(10, first=20, due_in=2, interval=30)]
        found = line(loads, easy_days={1: 0.0})
        assert {number for number in asked(found) if number < 1020}
        assert not {number for number in asked(found) if number >= 1020}

    def test_a_card_that_waits_can_also_wait_for_a_day_that_is_no_day_off(self) -> None:
        waits_one_day = cards(3, interval=5)
        assert len(line(waits_one_day, easy_days={0: 0.0, 1: 0.0}).ready) == 3
        assert len(line(cards(3, interval=60), easy_days={0: 0.0, 1: 0.0}).ready) == 0

    @given(st.integers(0, 60), st.integers(3, 300))
    def test_recall_never_falls_by_more_than_a_little(self, interval: int, stability: int) -> None:
        one = card(1, interval=interval, stability=float(stability))
        if left_out(line([one], easy_days={0: 0.0})):
            assert one.recall(one.due) - one.recall(TODAY.end + DAY) <= planning.MAX_LOSS
            assert interval >= planning.SHORTEST_INTERVAL


@st.composite
def lines(draw: st.DrawFn) -> list[Candidate]:
    intervals = draw(st.lists(st.sampled_from([1, 2, 5, 12, 40, 200]), min_size=1, max_size=60))
    return [
        card(
            number,
            due_in=draw(st.integers(-6, min(6, interval - 1))),
            interval=interval,
            concepts=ideas(draw(st.integers(0, 8))),
            is_changed=draw(st.integers(0, 9)) == 0,
            course=draw(st.sampled_from([COURSE, OTHER])),
        )
        for number, interval in enumerate(intervals)
    ]


class TestStability:
    @given(
        lines(),
        st.sampled_from([None, 5, 15]),
        st.sampled_from([None, 2, 4]),
        st.sampled_from([{}, {0: 0.5}, {0: 0.0, 2: 0.0}]),
        st.sampled_from([None, 1, 2, 6, 13]),
    )
    def test_answering_the_first_card_leaves_the_others_as_they_were(
        self,
        candidates: list[Candidate],
        reviews: int | None,
        minutes: int | None,
        easy: dict[int, float],
        exam: int | None,
    ) -> None:
        fresh = [new(number, number % 3) for number in range(9)]
        wishes = {
            "reviews_per_day": reviews,
            "minutes_per_day": minutes,
            "easy_days": easy,
            "new_per_day": 6,
            "exams": {COURSE: TODAY.date + timedelta(days=exam)} if exam else {},
        }
        before = line(candidates, fresh, **wishes)
        for number in range(len(before.ready)):
            first = before.ready[0]
            after_it = forgotten if number % 3 == 2 else answered
            candidates = [after_it(one, number) if one.question == first.question else one for one in candidates]
            if first.why is Why.NEW:
                met = next(one for one in fresh if one.question == first.question)
                fresh = [one for one in fresh if one is not met]
                learnt = card(0, question=met.question, concepts=met.concepts, is_introduced=True, course=OTHER)
                candidates = [*candidates, answered(learnt, number)]
            after = line(candidates, fresh, **wishes)
            assert [due.question for due in after.ready] == [due.question for due in before.ready[1:]]
            assert left_out(after) == left_out(before)
            assert after.seconds == before.seconds
            before = after

    @given(lines())
    def test_the_order_of_the_rows_does_not_matter(self, candidates: list[Candidate]) -> None:
        assert asked(line(candidates)) == asked(line(candidates[::-1]))


class TestExams:
    def weak(self, count: int) -> list[Candidate]:
        """Due after the exam, but at about 90 % on its day."""
        return [card(number, due_in=12, interval=13 + number, stability=13.0 + number) for number in range(count)]

    def exam(self, days: int) -> dict[uuid.UUID, date]:
        return {COURSE: TODAY.date + timedelta(days=days)}

    def test_more_is_wished_for_than_on_other_days(self) -> None:
        assert exams.exam_goal(0.9) == pytest.approx(0.95)
        assert exams.exam_goal(0.97) == 0.97

    def test_weak_cards_are_spread_over_the_days_left(self) -> None:
        found = line(self.weak(20), exams=self.exam(10))
        assert [(due.why, due.exam_in) for due in found.ready] == [(Why.EXAM, 10)] * 2

    def test_at_first_those_that_last_in_the_end_the_weakest(self) -> None:
        assert set(asked(line(self.weak(20), exams=self.exam(10)))) == {1018, 1019}
        weak = [one for one in self.weak(20) if exams.is_weak(one, TODAY.begin + 2 * DAY)]
        assert 10 < len(weak) < 20
        weak.sort(key=lambda one: one.recall(TODAY.begin + 2 * DAY))
        in_the_end = set(asked(line(self.weak(20), exams=self.exam(2))))
        assert in_the_end == {one.question.int for one in weak[: -(-len(weak) // 2)]}

    def test_what_is_due_anyhow_is_part_of_a_days_share(self) -> None:
        due = card(100, due_in=-1)
        assert len(line([*self.weak(20), due], exams=self.exam(10)).ready) == 3
        assert len(line([*self.weak(19), due], exams=self.exam(10)).ready) == 2

    def test_nothing_is_asked_for_an_exam_that_is_far_or_past(self) -> None:
        for days in (0, -1, exams.EXAM_DAYS + 1):
            assert asked(line(self.weak(20), exams=self.exam(days))) == []

    def test_before_an_exam_no_card_of_it_waits(self) -> None:
        full = cards(60)
        assert len(line(full, exams=self.exam(5)).ready) == 60

    @pytest.mark.parametrize("days", [1, 5, 14, 40])
    def test_the_outlook_counts_each_card_once(self, days: int) -> None:
        strong = card(100, due_in=300, interval=400, stability=4000.0)
        of_course = [*self.weak(20), card(101, due_in=-2), strong]
        found = exams.outlook(of_course, 30, 0, Wishes(), TODAY, days, lambda kind: 10)
        assert len(found.days) == days
        assert sum(reviews for reviews, _ in found.days) + found.unseen == found.cards
        assert (found.unseen, found.cards > 30) == (30, True)

    def test_the_outlook_says_what_will_not_fit(self) -> None:
        found = exams.outlook([], 120, 0, Wishes(new_per_day=8), TODAY, 10, lambda kind: 10)
        assert (found.cards, found.short, found.more_a_day) == (120, 40, 4)
        assert [new_ for _, new_ in found.days] == [8] * 10

    def test_a_limit_of_reviews_or_minutes_leaves_out_too(self) -> None:
        due = cards(50, due_in=-1)
        by_reviews = exams.outlook(due, 0, 10, Wishes(reviews_per_day=5), TODAY, 10, lambda kind: 10)
        assert by_reviews.short == 10  # 50 places, 10 of them for other courses
        by_minutes = exams.outlook(due, 0, 0, Wishes(minutes_per_day=1), TODAY, 5, lambda kind: 10)
        assert by_minutes.short == 20
        assert exams.outlook(due, 0, 0, Wishes(), TODAY, 5, lambda kind: 10).short == 0


def test_the_fuzz_range_is_that_of_the_fold() -> None:
    assert fsrs.fuzz_range(2) == (2, 2)
    assert fsrs.fuzz_range(3) == (2, 4)
    assert fsrs.fuzz_range(10) == (8, 12)
