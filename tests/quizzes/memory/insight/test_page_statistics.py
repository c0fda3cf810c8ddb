import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from courses.models import Course
from quizzes.memory import reviews
from quizzes.memory.insight import reading as history
from quizzes.memory.planning import queue
from quizzes.models import CardMark, CoursePlan, MemoryState, Question, Review, StudyPlan
from tests.quizzes.factories import NOW, make_course
from tests.quizzes.memory.samples import more_cards, rate, remember
from tests.quizzes.regrading.samples import WRONG_KEY, exclude, mend, regrade

PAGE = "/memory/statistics/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def html_of(page: Client, address: str = PAGE) -> str:
    response = page.get(address)
    assert response.status_code == 200
    return response.content.decode()


def text_of(page: Client, address: str = PAGE) -> str:
    html = html_of(page, address)
    main = re.sub(r"<title>[^<]*</title>", " ", html[html.find("<main") : html.find("</main")])
    return " ".join(re.sub(r"<[^>]*>", " ", main).split())


def tallied(learner: User, **which: Any) -> Any:
    return history.history_of(learner, now=NOW, **which).activity.all


def record(learner: User, card: Question, days_ago: float, rating: int = 3, **more: Any) -> uuid.UUID:
    at = NOW - timedelta(days=days_ago)
    review_id = uuid.uuid4()
    item = {"id": str(review_id), "question": str(card.pk), "rating": rating, "occurred_at": at.isoformat(), **more}
    (result,) = reviews.record(learner, reviews.read_all([item]), source=Review.Source.FLASHCARD, now=NOW)
    assert result.status == "created"
    return review_id


def answer(learner: User, question: Question, days_ago: float, score: float, choice: str = "nonlinear") -> None:
    assert question.current is not None
    reviews.record_response(
        learner,
        question.current,
        {"choice": choice},
        score,
        review_id=uuid.uuid4(),
        source=Review.Source.QUIZ,
        occurred_at=NOW - timedelta(days=days_ago),
        now=NOW,
    )


class TestWhatIsCounted:
    def test_a_card_that_came_back_after_a_day_is_in_the_retention(self, learner: User, course: Course) -> None:
        (card,) = more_cards(course, 1)
        for days_ago, rating in [(9, 3), (7, 3), (4, 1), (4 - 0.01, 3)]:
            record(learner, card, days_ago, rating)
        found = tallied(learner)
        assert (found.reviews, found.came_back, found.recalled) == (4, 2, 1)

    def test_what_was_taken_back_is_not(self, learner: User, course: Course) -> None:
        (card,) = more_cards(course, 1)
        record(learner, card, 3)
        wrong = record(learner, card, 1, 1)
        item = {"id": str(uuid.uuid4()), "question": str(card.pk), "occurred_at": NOW.isoformat(), "undoes": str(wrong)}
        reviews.record(learner, reviews.read_all([item]), source=Review.Source.FLASHCARD, now=NOW)
        assert (tallied(learner).reviews, tallied(learner).came_back) == (1, 0)

    def test_answers_in_quizzes_are_activity_and_move_the_retention(self, learner: User, course: Course) -> None:
        question = course.questions.get(slug="nonlinear")
        answer(learner, question, 5, 1.0)
        answer(learner, question, 2, 0.0)
        found = tallied(learner)
        assert (found.reviews, found.came_back, found.recalled) == (2, 1, 0)

    def test_but_not_the_retention_where_they_do_not_move_memory(self, learner: User, course: Course) -> None:
        StudyPlan.objects.create(user=learner, quiz_evidence=False)
        question = course.questions.get(slug="nonlinear")
        answer(learner, question, 5, 1.0)
        answer(learner, question, 2, 0.0)
        found = tallied(learner)
        assert (found.reviews, found.came_back) == (2, 0)

    def test_what_an_instructor_kept_out_of_memory_is_activity_only(self, learner: User, course: Course) -> None:
        question = course.questions.get(slug="nonlinear")
        answer(learner, question, 5, 1.0)
        answer(learner, question, 2, 0.0)
        exclude(question)
        found = tallied(learner)
        assert (found.reviews, found.came_back) == (2, 0)

    def test_a_review_counts_as_the_mended_key_has_it(self, learner: User) -> None:
        course = make_course("mended", WRONG_KEY)
        question = course.questions.get(slug="nonlinear")
        answer(learner, question, 5, 1.0, "linear")
        answer(learner, question, 2, 0.0, "nonlinear")
        assert tallied(learner).recalled == 0
        regrade(question, mend(course))
        found = tallied(learner)
        assert (found.reviews, found.came_back, found.recalled) == (2, 1, 1)

    def test_those_of_others_are_not(self, learner: User, other_learner: User, course: Course) -> None:
        (card,) = more_cards(course, 1)
        record(other_learner, card, 1)
        assert tallied(learner).reviews == 0

    def test_the_night_belongs_to_the_day_before(self, learner: User, course: Course) -> None:
        learner.time_zone = "Asia/Shanghai"
        (card,) = more_cards(course, 1)
        rate(learner, card, at=datetime(2026, 2, 27, 19, 59, tzinfo=UTC))  # 3:59 in Shanghai on the 28th
        (day,) = history.history_of(learner, now=NOW).activity.days
        assert day.isoformat() == "2026-02-27"

    def test_a_course_can_be_looked_at_alone(self, learner: User, course: Course) -> None:
        other = make_course("other")
        rate(learner, course.questions.get(slug="card-epoch"), at=NOW - timedelta(days=1))
        rate(learner, other.questions.get(slug="card-epoch"))
        shown = {one.slug: one for one in history.courses_of(learner, "en")}
        assert set(shown) == {"small", "other"}
        assert tallied(learner).reviews == 2
        assert tallied(learner, course=shown["other"]).reviews == 1

    def test_suspended_cards_do_not_come_back(self, learner: User, course: Course) -> None:
        suspended, asked = more_cards(course, 2)
        for card in (suspended, asked):
            remember(learner, card, NOW)
        CardMark.objects.create(user=learner, question=suspended, suspended_at=NOW, updated_at=NOW)
        found = history.history_of(learner, now=NOW)
        assert (len(found.stabilities), found.upcoming[0], sum(found.upcoming)) == (1, 1, 1)

    def test_the_load_to_come_is_what_the_plan_foresees(self, learner: User, course: Course) -> None:
        for number, card in enumerate(more_cards(course, 12)):
            remember(learner, card, NOW + timedelta(days=4 * number - 8, hours=number))
        found = history.history_of(learner, now=NOW).upcoming
        assert list(found) == [cards for _, cards, _ in queue.forecast(learner, NOW)]
        assert found[0] == 3


class TestThePage:
    def test_before_the_first_review_it_says_what_will_be_there(self, page: Client, course: Course) -> None:
        html = html_of(page)
        assert "Nothing to count yet" in html
        assert "<figure" not in html

    def test_titles_state_what_was_found(self, page: Client, learner: User, course: Course) -> None:
        cards = more_cards(course, 10)
        for number, card in enumerate(cards):
            record(learner, card, 9, 4, elapsed_ms=60_000)
            record(learner, card, 2, 3 if number else 1, elapsed_ms=60_000)
        text = text_of(page)
        assert "In the last 30 days: 20 reviews, about 20 min." in text
        assert "You recalled 90 % of what came back; you asked for 90 %" in text
        assert "In the last year you studied on 2 days" in text
        assert "2 of 30" in text
        assert re.search(r"\d+ cards? comes? back in the next 30 days, \d+ of them today", text)
        assert re.search(r"Half of your cards keep for [0-9.]+ (days|months) or longer", text)
        assert re.search(r"\d+ of 10 cards are hard for you", text)
        assert "You spend about 10 minutes a week on reviews" in text
        assert "You review most between 12:00 and 13:00" in text

    def test_the_wish_of_a_course_is_the_line_of_its_page(self, page: Client, learner: User, course: Course) -> None:
        CoursePlan.objects.create(user=learner, course=course, desired_retention=0.8)
        rate(learner, course.questions.get(slug="card-epoch"))
        assert "you asked for 80 %" in text_of(page, f"{PAGE}?course=small")

    def test_every_chart_has_a_description_and_a_table(self, page: Client, learner: User, course: Course) -> None:
        record(learner, course.questions.get(slug="card-epoch"), 1)
        html = html_of(page)
        figures = html.split("<figure")[1:]
        assert len(figures) == 7
        for figure in figures:
            assert re.search(r'role="img" aria-label="[^"]{20,}"', figure)
            assert "<table" in figure
            assert "<figcaption>" in figure
            assert figure.count("<tr>") >= 2

    def test_the_table_of_the_year_goes_by_month(self, page: Client, learner: User, course: Course) -> None:
        record(learner, course.questions.get(slug="card-epoch"), 0)
        assert "March 2026 1 1 0 –" in text_of(page)

    def test_a_missed_month_is_no_reproach(self, page: Client, learner: User, course: Course) -> None:
        record(learner, course.questions.get(slug="card-epoch"), 50)
        text = text_of(page)
        assert "No reviews in the last 30 days. What you learnt is kept" in text
        assert "0 of 30" in text

    def test_courses_can_be_chosen_where_there_are_several(self, page: Client, learner: User, course: Course) -> None:
        rate(learner, course.questions.get(slug="card-epoch"))
        assert "?course=" not in html_of(page)
        rate(learner, make_course("other").questions.get(slug="card-epoch"))
        assert 'href="/memory/statistics/?course=other" aria-current="true"' in html_of(page, f"{PAGE}?course=other")

    @pytest.mark.parametrize("slug", ["small", "nothing", "%00"])
    def test_a_course_that_nothing_is_remembered_of_is_not_there(self, page: Client, course: Course, slug: str) -> None:
        assert page.get(f"{PAGE}?course={slug}").status_code == 404

    def test_a_visitor_is_asked_to_log_in(self, client: Client, db: None) -> None:
        assert client.get(PAGE)["Location"].startswith("/accounts/login/")

    @pytest.mark.parametrize("count", [1, 5000])
    def test_it_needs_at_most_ten_queries(
        self, page: Client, learner: User, course: Course, count: int, django_assert_max_num_queries
    ) -> None:
        fill(learner, course, count)
        with django_assert_max_num_queries(10):
            assert "Show as a table" in html_of(page)


def fill(learner: User, course: Course, count: int) -> None:
    """So many reviews of five cards, one an hour."""
    cards = more_cards(course, 5)
    Review.objects.bulk_create(
        Review(
            review_id=uuid.uuid4(),
            user=learner,
            question=cards[number % 5],
            rating=1 + number % 4,
            source=Review.Source.FLASHCARD,
            occurred_at=NOW - timedelta(hours=number),
            effective_at=NOW - timedelta(hours=number),
            received_at=NOW,
            elapsed_ms=5000,
            body_hash="",
            sequence=number + 1,
        )
        for number in range(count)
    )
    for card in cards:
        remember(learner, card, NOW, MemoryState.State.REVIEW)
