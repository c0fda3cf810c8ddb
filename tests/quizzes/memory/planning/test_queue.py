import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import User
from courses.models import Course, LessonBody, Progress
from quizzes.memory import reviews
from quizzes.memory.planning import in_line, queue
from quizzes.memory.planning.candidates import Because, Why
from quizzes.models import CardMark, CoursePlan, MemoryState, Question, QuestionVersion, Review, StudyPlan
from tests.quizzes.factories import NOW
from tests.quizzes.memory.samples import more_cards, open_lesson, rate, remember

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")


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
        assert len(queue.today(learner, now=NOW).ready) == 1
        learner.time_zone = "Asia/Shanghai"  # there it is 5:00 of the next day
        assert len(queue.today(learner, now=NOW).ready) == 0

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
        assert queue.today(learner, now=NOW).new == 20
        rate(learner, *cards[:5])
        assert queue.today(learner, now=NOW).new == 15
        assert queue.today(learner, now=NOW + timedelta(days=1)).new == 20

    def test_a_card_seen_again_today_is_not_counted_as_new(self, learner: User, course: Course) -> None:
        cards = more_cards(course, 30)
        open_lesson(learner, course)
        rate(learner, *cards[:5], at=NOW - timedelta(days=3))
        rate(learner, *cards[:5])
        assert queue.today(learner, now=NOW).new == 20

    def test_an_app_that_goes_offline_gets_those_of_the_coming_days_too(self, learner: User, course: Course) -> None:
        more_cards(course, 70)
        open_lesson(learner, course)
        assert len(queue.until(learner, queue.today(learner, now=NOW), now=NOW, days=2, limit=200)) == 60
        assert len(queue.until(learner, queue.today(learner, now=NOW), now=NOW, days=2, limit=7)) == 7


def test_the_home_page_is_told_how_many_and_how_long(learner: User, course: Course) -> None:
    open_lesson(learner, course)
    for card in more_cards(course, 11):
        remember(learner, card, NOW)
    found = queue.today(learner, now=NOW)
    assert (len(found.ready), found.new, len(found.waiting), found.minutes) == (12, 1, 0, 2)


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


class TestMarks:
    def mark(self, user: User, card: Question, **given: Any) -> None:
        CardMark.objects.create(user=user, question=card, updated_at=NOW, **given)

    def test_a_suspended_card_is_not_asked_nor_foreseen(self, learner: User, course: Course) -> None:
        (card,) = more_cards(course, 1)
        remember(learner, card, NOW)
        self.mark(learner, card, suspended_at=NOW)
        assert queue.today(learner, now=NOW).ready == []
        assert queue.next_due(learner) is None
        assert sum(reviews for _, reviews, _ in queue.forecast(learner, NOW)) == 0

    def test_a_buried_card_comes_back_when_its_time_is_over(self, learner: User, course: Course) -> None:
        (card,) = more_cards(course, 1)
        remember(learner, card, NOW)
        self.mark(learner, card, buried_until=NOW + timedelta(hours=1))
        found = queue.today(learner, now=NOW)
        assert found.ready == []
        assert found.left_out_by == {Because.BURIED: 1}
        assert len(queue.today(learner, now=NOW + timedelta(hours=1)).ready) == 1

    def test_new_cards_can_be_put_off_too(self, learner: User, course: Course) -> None:
        open_lesson(learner, course)
        suspended, buried = more_cards(course, 2)
        self.mark(learner, suspended, suspended_at=NOW)
        self.mark(learner, buried, buried_until=NOW + timedelta(hours=1))
        assert queue.today(learner, now=NOW).new == 1
        assert queue.today(learner, now=NOW + timedelta(hours=2)).new == 2

    def test_what_another_learner_marked_counts_for_nobody_else(
        self, learner: User, other_learner: User, course: Course
    ) -> None:
        (card,) = more_cards(course, 1)
        remember(learner, card, NOW)
        self.mark(other_learner, card, suspended_at=NOW)
        assert len(queue.today(learner, now=NOW).ready) == 1


class TestChangedCards:
    def change(self, course: Course, at: datetime) -> Question:
        question = course.questions.select_related("current").get(slug="card-epoch")
        former = question.current
        assert former is not None
        question.current = QuestionVersion.objects.create(
            question=question,
            number=2,
            body=former.body,
            rendered=former.rendered,
            content_hash="2",
            created_at=at,
        )
        question.save()
        return question

    def test_one_is_asked_early_once(self, learner: User, course: Course) -> None:
        question = course.questions.get(slug="card-epoch")
        rate(learner, question, at=NOW - timedelta(days=20))
        rate(learner, question, at=NOW - timedelta(days=20) + timedelta(minutes=10))
        rate(learner, question, at=NOW - timedelta(days=10))
        assert queue.today(learner, now=NOW).ready == []
        self.change(course, NOW - timedelta(days=1))
        assert [due.why for due in queue.today(learner, now=NOW).ready] == [Why.CHANGED]
        rate(learner, question, at=NOW)
        assert queue.today(learner, now=NOW + timedelta(days=1)).ready == []

    def test_one_that_was_answered_since_is_not(self, learner: User, course: Course) -> None:
        question = self.change(course, NOW - timedelta(days=30))
        remember(learner, question, NOW + timedelta(days=2))
        assert queue.today(learner, now=NOW).ready == []


class TestThePlan:
    def test_the_limits_of_the_learner_hold(self, learner: User, course: Course) -> None:
        open_lesson(learner, course)
        for number, card in enumerate(more_cards(course, 6)):
            remember(learner, card, NOW - timedelta(days=number))
        more_cards_of(course, 4)
        StudyPlan.objects.create(user=learner, new_per_day=2, reviews_per_day=3)
        found = queue.today(learner, now=NOW)
        assert [due.why for due in found.ready] == [*[Why.DUE] * 3, *[Why.NEW] * 2]
        assert found.left_out_by == {Because.REVIEWS: 3}

    def test_one_answer_takes_one_away_and_leaves_the_rest(self, learner: User, course: Course) -> None:
        for number, card in enumerate(more_cards(course, 6)):
            for at in (NOW - timedelta(days=20 + number), NOW - timedelta(days=19 + number)):
                rate(learner, card, at=at)
        StudyPlan.objects.create(user=learner, reviews_per_day=3, minutes_per_day=10)
        before = [due.question for due in queue.today(learner, now=NOW).ready]
        assert len(before) == 3
        rate(learner, Question.every.get(pk=before[0]))
        assert [due.question for due in queue.today(learner, now=NOW).ready] == before[1:]

    def test_an_exam_of_a_course_brings_its_weak_cards(self, learner: User, course: Course) -> None:
        (card,) = more_cards(course, 1)
        remember(learner, card, NOW + timedelta(days=2))
        MemoryState.objects.update(last_review=NOW - timedelta(days=40), due=NOW + timedelta(days=30), stability=60)
        assert queue.today(learner, now=NOW).ready == []
        CoursePlan.objects.create(user=learner, course=course, exam_on=date(2026, 3, 3))
        (due,) = queue.today(learner, now=NOW).ready
        assert (due.why, due.exam_in) == (Why.EXAM, 2)

    def test_the_own_pace_is_that_of_the_days_before(self, learner: User, course: Course) -> None:
        (card,) = more_cards(course, 1)
        items = [
            {
                "id": str(uuid.uuid4()),
                "question": str(card.pk),
                "rating": 3,
                "occurred_at": (NOW - timedelta(days=30 - day)).isoformat(),
                "elapsed_ms": 40_000,
            }
            for day in range(in_line.ENOUGH_ANSWERS)
        ]
        then = NOW - timedelta(days=9)
        reviews.record(learner, reviews.read_all(items), source=Review.Source.FLASHCARD, now=then)
        begin, _ = queue.study_day(NOW, learner.zone, 4)
        pace = in_line.pace(learner, begin)
        assert (pace("flashcard"), pace("numeric")) == (40, 25)
        assert in_line.pace(learner, then - timedelta(days=1))("flashcard") == 10


class TestTheDay:
    def test_the_next_lesson_is_part_of_it(self, learner: User, course: Course) -> None:
        lesson = queue.day(learner, NOW, locale="en").lesson
        assert lesson is not None
        assert (lesson.title, lesson.minutes, lesson.is_begun) == ("Nets", 1, False)
        assert lesson.get_absolute_url() == course.lessons.get().get_absolute_url()

    def test_a_lesson_that_was_read_is_not(self, learner: User, course: Course) -> None:
        open_lesson(learner, course)
        found = queue.day(learner, NOW, locale="en").lesson
        assert found is not None
        assert found.is_begun
        Progress.objects.update(position=1.0)
        assert queue.day(learner, NOW, locale="en").lesson is None

    def test_it_waits_when_the_minutes_are_full(self, learner: User, course: Course) -> None:
        LessonBody.objects.update(minutes=9)
        StudyPlan.objects.create(user=learner, minutes_per_day=10)
        (card,) = more_cards(course, 1)
        assert queue.day(learner, NOW, locale="en").lesson is not None
        for one in [card, *more_cards_of(course, 8)]:
            remember(learner, one, NOW - timedelta(days=5))
        found = queue.day(learner, NOW, locale="en")
        assert (found.lesson, found.lesson_waits is not None, found.budget) == (None, True, 10)

    def test_it_counts_what_was_done(self, learner: User, course: Course) -> None:
        rate(learner, *more_cards(course, 3))
        found = queue.day(learner, NOW, locale="en")
        assert (found.done, found.seconds) == (3, 30)

    def test_the_coming_days_are_foreseen(self, learner: User, course: Course) -> None:
        late, today_, later = more_cards(course, 3)
        remember(learner, late, NOW - timedelta(days=8))
        remember(learner, today_, NOW)
        remember(learner, later, NOW + timedelta(days=3))
        found = queue.forecast(learner, NOW, days=5)
        assert [on for on, _, _ in found] == [date(2026, 3, 1) + timedelta(days=day) for day in range(5)]
        assert [(count, minutes) for _, count, minutes in found] == [(2, 1), (0, 0), (0, 0), (1, 1), (0, 0)]


def more_cards_of(course: Course, count: int) -> list[Question]:
    """As `more_cards`, for the second time."""
    for number, card in enumerate(course.questions.filter(slug__startswith="z-")):
        card.slug = f"y-{number:03}"
        card.save()
    return more_cards(course, count)


@pytest.mark.parametrize("cards", [1, 30])
def test_it_takes_four_queries_however_many_cards_there_are(
    learner: User, course: Course, cards: int, django_assert_num_queries: Any
) -> None:
    open_lesson(learner, course)
    for card in more_cards(course, cards):
        remember(learner, card, NOW)
    with django_assert_num_queries(4):
        queue.today(learner, now=NOW)
    StudyPlan.objects.create(user=learner, minutes_per_day=20)
    with django_assert_num_queries(5):
        queue.day(learner, NOW, locale="en")
