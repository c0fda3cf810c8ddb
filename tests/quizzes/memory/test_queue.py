import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import User
from courses.models import Course
from quizzes.memory import queue, reviews
from quizzes.models import MemoryState, Review
from tests.quizzes.factories import NOW, make_course
from tests.quizzes.memory.samples import more_cards, open_lesson, rate, remember

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")


@pytest.fixture
def course(db: None) -> Course:
    return make_course()


class TestTheStudyDay:
    def test_it_begins_at_the_learners_hour(self) -> None:
        at = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)  # 20:00 in Shanghai
        begin, end = queue.study_day(at, SHANGHAI, 4)
        assert begin == datetime(2026, 3, 1, 4, 0, tzinfo=SHANGHAI)
        assert end == datetime(2026, 3, 2, 4, 0, tzinfo=SHANGHAI)

    def test_the_night_belongs_to_the_day_before(self) -> None:
        at = datetime(2026, 3, 2, 3, 59, tzinfo=SHANGHAI)
        assert queue.study_day(at, SHANGHAI, 4)[1] == datetime(2026, 3, 2, 4, 0, tzinfo=SHANGHAI)

    def test_it_has_23_or_25_hours_where_the_clock_is_changed(self) -> None:
        days = [datetime(2026, 3, 7, 22, tzinfo=NEW_YORK), datetime(2026, 10, 31, 22, tzinfo=NEW_YORK)]
        lengths = [
            end.astimezone(UTC) - begin.astimezone(UTC)
            for begin, end in (queue.study_day(day, NEW_YORK, 4) for day in days)
        ]
        assert lengths == [timedelta(hours=23), timedelta(hours=25)]

    @settings(deadline=None)
    @given(
        st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
        st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York", "Pacific/Apia", "Asia/Kathmandu"]),
        st.integers(4, 23),
    )
    def test_now_always_lies_in_it(self, now: datetime, zone: str, hour: int) -> None:
        begin, end = queue.study_day(now, ZoneInfo(zone), hour)
        assert begin <= now < end


class TestToday:
    def test_it_holds_what_falls_due_until_the_study_day_ends(self, learner: User, course: Course) -> None:
        early, late = more_cards(course, 2)
        _begin, end = queue.study_day(NOW, learner.zone, 4)
        remember(learner, early, end)
        remember(learner, late, end + timedelta(seconds=1))
        assert [due.question for due in queue.today(learner, now=NOW).ready] == [early.pk]

    def test_the_time_zone_decides_when_that_is(self, learner: User, course: Course) -> None:
        (card,) = more_cards(course, 1)
        remember(learner, card, datetime(2026, 3, 1, 21, 0, tzinfo=UTC))
        assert queue.counts(learner, now=NOW).due == 1
        learner.time_zone = "Asia/Shanghai"  # there it is 5:00 of the next day
        assert queue.counts(learner, now=NOW).due == 0

    def test_due_steps_come_first_then_reviews_new_cards_and_steps_that_are_near(
        self, learner: User, course: Course
    ) -> None:
        open_lesson(learner, course)
        near, step, old, older = more_cards(course, 4)
        remember(learner, near, NOW + timedelta(minutes=1), MemoryState.State.LEARNING)
        remember(learner, step, NOW - timedelta(minutes=1), MemoryState.State.RELEARNING)
        remember(learner, old, NOW - timedelta(days=1))
        remember(learner, older, NOW - timedelta(days=9))
        new = course.questions.get(slug="card-epoch")
        found = queue.today(learner, now=NOW)
        assert [due.question for due in found.ready] == [one.pk for one in (step, older, old, new, near)]

    def test_a_later_step_waits(self, learner: User, course: Course) -> None:
        (card,) = more_cards(course, 1)
        remember(learner, card, NOW + timedelta(minutes=10), MemoryState.State.LEARNING)
        found = queue.today(learner, now=NOW)
        assert (len(found.ready), len(found.waiting)) == (0, 1)
        assert len(queue.today(learner, now=NOW + timedelta(minutes=8)).ready) == 1

    def test_a_missed_question_of_a_quiz_is_in_it(self, learner: User, course: Course) -> None:
        question = course.questions.get(slug="nonlinear")
        assert question.current is not None
        reviews.record_response(
            learner,
            question.current,
            {"choice": "linear"},
            0.0,
            review_id=uuid.uuid4(),
            source=Review.Source.QUIZ,
            occurred_at=NOW,
            now=NOW,
        )
        assert [due.question for due in queue.today(learner, now=NOW).ready] == [question.pk]

    def test_archived_questions_are_not_asked(self, learner: User, course: Course) -> None:
        open_lesson(learner, course)
        remembered, _new = more_cards(course, 2)
        remember(learner, remembered, NOW)
        course.questions.update(archived_at=NOW)
        assert queue.today(learner, now=NOW).ready == []

    def test_what_another_learner_remembers_is_not_in_it(
        self, learner: User, other_learner: User, course: Course
    ) -> None:
        (card,) = more_cards(course, 1)
        remember(other_learner, card, NOW)
        open_lesson(other_learner, course)
        assert queue.today(learner, now=NOW).ready == []


class TestNewCards:
    def test_they_come_from_opened_lessons_only_and_are_flashcards(self, learner: User, course: Course) -> None:
        assert queue.today(learner, now=NOW).ready == []
        open_lesson(learner, course)
        assert [due.kind for due in queue.today(learner, now=NOW).ready] == ["flashcard"]

    def test_there_are_at_most_20_a_study_day(self, learner: User, course: Course) -> None:
        cards = more_cards(course, 30)
        open_lesson(learner, course)
        assert queue.counts(learner, now=NOW).new == 20
        rate(learner, *cards[:5])
        assert queue.counts(learner, now=NOW).new == 15
        assert queue.counts(learner, now=NOW + timedelta(days=1)).new == 20

    def test_a_card_seen_again_today_is_not_counted_as_new(self, learner: User, course: Course) -> None:
        cards = more_cards(course, 30)
        open_lesson(learner, course)
        rate(learner, *cards[:5], at=NOW - timedelta(days=3))
        rate(learner, *cards[:5])
        assert queue.counts(learner, now=NOW).new == 20

    def test_an_app_that_goes_offline_gets_those_of_the_coming_days_too(self, learner: User, course: Course) -> None:
        more_cards(course, 70)
        open_lesson(learner, course)
        assert len(queue.until(learner, now=NOW, days=2, limit=200)) == 60
        assert len(queue.until(learner, now=NOW, days=2, limit=7)) == 7


def test_the_home_page_is_told_how_many_and_how_long(learner: User, course: Course) -> None:
    open_lesson(learner, course)
    for card in more_cards(course, 11):
        remember(learner, card, NOW)
    found = queue.counts(learner, now=NOW)
    assert (found.due, found.new, found.waiting, found.minutes) == (12, 1, 0, 2)


def test_recall_falls_with_time_and_is_a_mean(learner: User, course: Course) -> None:
    first, second = more_cards(course, 2)
    lesson = course.lessons.get()
    remember(learner, first, NOW)
    remember(learner, second, NOW)
    now, later = (queue.recall_by_lesson(learner, now=NOW + timedelta(days=days)) for days in (0, 30))
    assert now[lesson.pk] == pytest.approx(0.9)
    assert later[lesson.pk] < 0.8


def test_recall_of_a_concept_is_that_of_its_questions(learner: User, course: Course) -> None:
    concepts = list(course.concepts.order_by("slug"))
    rate(learner, course.questions.get(slug="card-epoch"))
    assert queue.recall_by_concept(learner, concepts, now=NOW) == {concepts[1].pk: 1.0}


@pytest.mark.parametrize("cards", [1, 30])
def test_it_takes_three_queries_however_many_cards_there_are(
    learner: User, course: Course, cards: int, django_assert_num_queries: Any
) -> None:
    open_lesson(learner, course)
    for card in more_cards(course, cards):
        remember(learner, card, NOW)
    with django_assert_num_queries(3):
        queue.today(learner, now=NOW)
