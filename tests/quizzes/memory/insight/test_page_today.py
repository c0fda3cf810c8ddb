import re
import uuid
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from courses.models import Course
from quizzes.models import CardMark, CoursePlan, MemoryState, Question, StudyPlan
from tests.quizzes.factories import NOW
from tests.quizzes.memory.samples import more_cards, open_lesson, own_card, rate, remember

PAGE = "/today/"


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
    return " ".join(re.sub(r"<[^>]*>", " ", html[html.find("<main") : html.find("</main")]).split())


def due_cards(learner: User, course: Course, count: int, days_ago: float = 0) -> list[Question]:
    cards = more_cards(course, count)
    for card in cards:
        remember(learner, card, NOW - timedelta(days=days_ago))
    return cards


def card_named(course: Course, slug: str) -> Question:
    model = course.questions.get(slug="card-epoch")
    return Question.objects.create(
        id=uuid.uuid4(), course=course, lesson=model.lesson, slug=slug, kind="flashcard", current=model.current
    )


class TestWhatNow:
    def test_one_button_says_how_much_and_how_long(self, page: Client, learner: User, course: Course) -> None:
        due_cards(learner, course, 12)
        html = html_of(page)
        assert "12 cards want to be remembered" in html
        assert re.search(r'class="button button--large" href="/review/">Review now · about 2 minutes', html)

    def test_the_home_page_says_the_same(self, page: Client, learner: User, course: Course) -> None:
        open_lesson(learner, course)
        due_cards(learner, course, 4)
        said = [re.findall(r"\d+ cards want|about \d+ minutes?", text_of(page, address))[:2] for address in ("/", PAGE)]
        assert said[0] == said[1] == ["5 cards want", "about 1 minute"]

    def test_a_new_learner_is_led_to_the_first_lesson(self, page: Client, course: Course) -> None:
        html = html_of(page)
        assert "Your memory begins with a lesson" in html
        assert 'href="/courses/small/nets/"' in html
        assert "Read “Nets”" in html

    def test_where_there_is_no_course_it_leads_home(self, page: Client) -> None:
        assert 'class="button button--large" href="/"' in html_of(page)

    def test_after_the_last_card_the_day_is_done(self, page: Client, learner: User, course: Course) -> None:
        cards = more_cards(course, 3)
        for card in cards:
            remember(learner, card, NOW - timedelta(days=1))
        rate(learner, *cards)
        text = text_of(page)
        assert "Done for today" in text
        assert "You answered 3 cards" in text
        assert "The next card comes back in" in text
        assert "Review now" not in text

    def test_it_says_how_far_the_day_is(self, page: Client, learner: User, course: Course) -> None:
        first, *_rest = due_cards(learner, course, 3)
        rate(learner, first)
        html = html_of(page)
        assert 'max="3" value="1"' in html
        assert "1 answered today, 2 left" in html

    def test_while_only_steps_wait_it_says_when_the_first_comes(
        self, page: Client, learner: User, course: Course
    ) -> None:
        (card,) = more_cards(course, 1)
        remember(learner, card, NOW + timedelta(minutes=10), MemoryState.State.LEARNING)
        text = text_of(page)
        assert "A moment of rest" in text
        assert "1 card comes back today, in 10 minutes." in text

    def test_a_day_without_cards_is_no_reproach(self, page: Client, learner: User, course: Course) -> None:
        (card,) = more_cards(course, 1)
        remember(learner, card, NOW + timedelta(days=2))
        assert "Nothing is due today" in text_of(page)

    def test_the_next_lesson_is_named_with_its_minutes(self, page: Client, learner: User, course: Course) -> None:
        due_cards(learner, course, 2)
        assert re.search(r"Later today Read “Nets” about \d+ minutes?", text_of(page))

    def test_a_lesson_waits_where_the_minutes_are_for_cards(self, page: Client, learner: User, course: Course) -> None:
        StudyPlan.objects.create(user=learner, minutes_per_day=1)
        due_cards(learner, course, 6)
        assert "your minutes of today are for cards" in text_of(page)


class TestWhatTheDayConsistsOf:
    def test_every_card_is_in_one_part(self, page: Client, learner: User, course: Course) -> None:
        open_lesson(learner, course)
        step, *cards = more_cards(course, 4)
        remember(learner, step, NOW - timedelta(minutes=1), MemoryState.State.RELEARNING)
        for card in cards[:2]:
            remember(learner, card, NOW)
        remember(learner, course.questions.get(slug="nonlinear"), NOW)
        text = text_of(page)
        assert "1 learning step that is due 1 min" in text
        assert "2 cards that come back 1 min" in text
        assert "1 question of a lesson or quiz 1 min" in text
        assert "2 new cards 1 min" in text
        assert "6 cards want to be remembered" in text

    def test_the_exam_has_a_part_of_its_own(self, page: Client, learner: User, course: Course) -> None:
        CoursePlan.objects.create(user=learner, course=course, exam_on=NOW.date() + timedelta(days=2))
        (card,) = more_cards(course, 1)
        remember(learner, card, NOW + timedelta(days=2))
        text = text_of(page)
        assert "1 card for your exam" in text
        assert "exam in 2 days" in text

    def test_steps_that_come_later_have_a_time(self, page: Client, learner: User, course: Course) -> None:
        due_cards(learner, course, 1)
        card = card_named(course, "later")
        remember(learner, card, NOW + timedelta(minutes=25), MemoryState.State.LEARNING)
        html = html_of(page)
        assert "1 learning step comes back later:" in html
        assert 'data-local="time">12:25 p.m.</time>' in html


class TestWhyNow:
    def test_a_card_that_is_overdue_says_so_with_its_predicted_recall(
        self, page: Client, learner: User, course: Course
    ) -> None:
        due_cards(learner, course, 1, days_ago=3)
        text = text_of(page)
        assert "What is an epoch?" in text
        assert re.search(r"due 3 days ago · predicted recall 8\d %, you want 90 %", text), text

    def test_the_wished_for_retention_is_that_of_the_course(self, page: Client, learner: User, course: Course) -> None:
        CoursePlan.objects.create(user=learner, course=course, desired_retention=0.8)
        due_cards(learner, course, 1)
        assert "due today · predicted recall 90 %, you want 80 %" in text_of(page)

    def test_a_new_card_names_its_lesson(self, page: Client, learner: User, course: Course) -> None:
        open_lesson(learner, course)
        assert "new from “Nets”" in text_of(page)

    def test_ones_own_card_is_ones_own(self, page: Client, learner: User, course: Course) -> None:
        card = own_card(learner, course)
        Question.every.filter(pk=card.pk).update(lesson=None)
        assert "a new card of your own" in text_of(page)

    def test_a_card_that_was_missed_says_so(self, page: Client, learner: User, course: Course) -> None:
        (card,) = more_cards(course, 1)
        remember(learner, card, NOW - timedelta(minutes=1), MemoryState.State.RELEARNING)
        assert "missed the last time" in text_of(page)

    def test_five_cards_are_told(self, page: Client, learner: User, course: Course) -> None:
        due_cards(learner, course, 9)
        assert html_of(page).count('class="today__card"') == 5

    def test_the_answer_is_not_told(self, page: Client, learner: User, course: Course) -> None:
        due_cards(learner, course, 1)
        assert "One pass over the training set" not in html_of(page)


class TestNotToday:
    def test_limits_are_named(self, page: Client, learner: User, course: Course) -> None:
        StudyPlan.objects.create(user=learner, reviews_per_day=2)
        due_cards(learner, course, 5)
        assert "3 reviews wait: you want at most 2 a day." in text_of(page)

    def test_so_are_minutes(self, page: Client, learner: User, course: Course) -> None:
        StudyPlan.objects.create(user=learner, minutes_per_day=1)
        due_cards(learner, course, 8)
        text = text_of(page)
        assert "2 cards wait: the 1 min you have set are full." in text
        assert "You have set 1 minute a day." in text

    def test_and_what_the_learner_put_off_or_suspended(self, page: Client, learner: User, course: Course) -> None:
        buried, suspended, _asked = due_cards(learner, course, 3)
        CardMark.objects.create(user=learner, question=buried, buried_until=NOW + timedelta(hours=9), updated_at=NOW)
        CardMark.objects.create(user=learner, question=suspended, suspended_at=NOW, updated_at=NOW)
        text = text_of(page)
        assert "1 card was put off by you." in text
        assert "1 card is suspended: it comes when you take it up again." in text
        assert "1 card wants to be remembered" in text

    def test_and_easy_days(self, page: Client, learner: User, course: Course) -> None:
        StudyPlan.objects.create(user=learner, easy_days={str(NOW.weekday()): 0.0})
        due_cards(learner, course, 5)
        assert "5 reviews wait: today is one of your easy days." in text_of(page)

    def test_and_that_other_cards_ask_about_the_same(self, page: Client, learner: User, course: Course) -> None:
        concept = course.concepts.get(slug="forward-pass")
        for card in due_cards(learner, course, 2):
            card.concepts.add(concept)
        assert "1 card waits because another one of today asks about the same idea." in text_of(page)

    def test_nothing_is_said_where_nothing_waits(self, page: Client, learner: User, course: Course) -> None:
        due_cards(learner, course, 2)
        assert "Not today" not in text_of(page)


def test_a_visitor_is_asked_to_log_in(client: Client, db: None) -> None:
    response = client.get(PAGE)
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


def test_what_others_have_to_do_is_not_in_it(page: Client, other_learner: User, course: Course) -> None:
    due_cards(other_learner, course, 3)
    assert "want to be remembered" not in text_of(page)


@pytest.mark.parametrize("cards", [1, 40])
def test_it_needs_at_most_ten_queries(
    page: Client, learner: User, course: Course, cards: int, django_assert_max_num_queries
) -> None:
    StudyPlan.objects.create(user=learner, minutes_per_day=60)
    open_lesson(learner, course)
    for number in range(cards):
        card = card_named(course, f"due-{number}")
        remember(learner, card, NOW - timedelta(hours=1))
    for address in (PAGE, "/"):
        with django_assert_max_num_queries(10):
            page.get(address)


def test_the_header_leads_to_it_and_marks_all_pages_of_memory(page: Client, course: Course) -> None:
    for address in (PAGE, "/review/", "/memory/statistics/"):
        assert '<a href="/today/" aria-current="true">Review</a>' in html_of(page, address)
    assert '<a href="/today/">Review</a>' in html_of(page, "/")


def test_it_speaks_chinese(page: Client, learner: User, course: Course) -> None:
    due_cards(learner, course, 1)
    html = page.get(PAGE, headers={"accept-language": "zh-CN"}).content.decode()
    assert '<html lang="zh-hans">' in html
    assert "什么是 epoch？" in html
