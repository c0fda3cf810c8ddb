import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from courses.models import Course
from quizzes.memory.reviewing import leeches, marks
from quizzes.models import CardMark, MemoryState, Question, Review
from tests.quizzes.factories import NOW, make_course
from tests.quizzes.memory.reviewing.test_page_review import Fields, get, text
from tests.quizzes.memory.reviewing.test_page_review import rate as rate_on_page
from tests.quizzes.memory.samples import more_cards, own_card, remember

PAGE = "/review/"


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def with_lapses(user: User, question: Question, lapses: int, reps: int = 20) -> MemoryState:
    remember(user, question, NOW)
    state = MemoryState.objects.get(user=user, question=question)
    state.lapses, state.reps = lapses, reps
    state.save()
    return state


class TestTheRule:
    @pytest.mark.parametrize(
        ("lapses", "reps", "expected"),
        [(3, 20, False), (4, 20, True), (4, 400, True), (3, 9, True), (3, 10, False), (2, 3, False), (0, 0, False)],
    )
    def test_four_lapses_or_three_that_are_a_third(self, lapses: int, reps: int, expected: bool) -> None:
        assert leeches.is_leech(lapses, reps) is expected

    def test_the_learner_is_told_at_four_and_at_every_second_after(self) -> None:
        seen, told = 0, []
        for lapses in range(1, 12):
            if leeches.is_news(lapses, 100, seen):
                told.append(lapses)
                seen = lapses
        assert told == [4, 6, 8, 10]

    @given(st.integers(0, 50), st.integers(0, 200), st.integers(0, 50))
    def test_what_was_told_is_no_news(self, lapses: int, reps: int, told_at: int) -> None:
        if leeches.is_news(lapses, reps, told_at):
            assert leeches.is_leech(lapses, reps)
            assert not leeches.is_news(lapses, reps, lapses)

    @given(lapses=st.integers(0, 6), reps=st.integers(0, 30))
    @pytest.mark.django_db
    def test_the_database_asks_the_same_rule(self, lapses: int, reps: int) -> None:
        rows = MemoryState.objects.filter(leeches._LEECH)
        user, _ = User.objects.get_or_create(email="rule@example.org")
        course = Course.objects.first() or make_course()
        question = course.questions.get(slug="card-epoch")
        MemoryState.objects.all().delete()
        with_lapses(user, question, lapses, reps)
        assert rows.exists() is leeches.is_leech(lapses, reps)


class TestTheLearnerIsTold:
    def forget(self, page: Client, question: Question) -> Any:
        return rate_on_page(page, get(page, f"{PAGE}?since=0&card={question.pk}"), 1)

    def test_after_the_review_in_which_it_becomes_one(self, page: Client, learner: User, course: Course) -> None:
        card = course.questions.get(slug="card-epoch")
        with_lapses(learner, card, 3)
        html = get(page, self.forget(page, card).url)
        assert "This one keeps slipping away" in html
        assert "What is an epoch? You knew it and forgot it 4 times." in text(html)
        assert "/courses/small/nets/#forward" in html
        assert CardMark.objects.get().leech_seen == 4

    def test_it_offers_another_kind_of_question_on_the_same_concept(
        self, page: Client, learner: User, course: Course
    ) -> None:
        card, sibling = course.questions.get(slug="card-epoch"), course.questions.get(slug="output")
        with_lapses(learner, card, 3)
        html = get(page, self.forget(page, card).url)
        address = f"/review/?since=0&amp;card={sibling.pk}"
        assert address in html
        assert Fields(get(page, address.replace("&amp;", "&"))).fields["question"] == str(sibling.pk)

    def test_without_such_a_question_it_offers_to_practise_the_concept(
        self, page: Client, learner: User, course: Course
    ) -> None:
        card, sibling = course.questions.get(slug="card-epoch"), course.questions.get(slug="output")
        marks.suspend(learner, [sibling.pk], now=NOW)
        with_lapses(learner, card, 3)
        html = get(page, self.forget(page, card).url)
        assert "/practice/small/?concept=forward-pass" in html
        assert page.get("/practice/small/?concept=forward-pass").status_code == 200

    def test_not_at_the_next_lapse_but_at_the_one_after(self, page: Client, learner: User, course: Course) -> None:
        card = course.questions.get(slug="card-epoch")
        for lapses, is_told in [(3, True), (4, False), (5, True)]:
            MemoryState.objects.all().delete()
            Review.objects.all().delete()
            with_lapses(learner, card, lapses)
            assert ("leech=" in self.forget(page, card).url) is is_told, lapses

    def test_sent_twice_it_tells_the_same(self, page: Client, learner: User, course: Course) -> None:
        card = course.questions.get(slug="card-epoch")
        with_lapses(learner, card, 3)
        html = get(page, f"{PAGE}?since=0&card={card.pk}")
        assert rate_on_page(page, html, 1).url == rate_on_page(page, html, 1).url
        assert Review.objects.count() == 1

    def test_a_remembered_card_says_nothing(self, page: Client, learner: User, course: Course) -> None:
        card = course.questions.get(slug="card-epoch")
        with_lapses(learner, card, 7)
        response = rate_on_page(page, get(page, f"{PAGE}?since=0&card={card.pk}"), 3)
        assert "leech=" not in response.url

    def test_it_can_be_suspended_there(self, page: Client, learner: User, course: Course) -> None:
        card = course.questions.get(slug="card-epoch")
        with_lapses(learner, card, 3)
        self.forget(page, card)
        response = page.post("/review/mark/", {"question": card.pk, "since": "0", "do": "suspend"})
        assert "Suspended: this card is not asked any more." in text(get(page, response.url))

    def test_a_graded_question_tells_it_beside_its_outcome(self, page: Client, learner: User, course: Course) -> None:
        question = course.questions.get(slug="output")
        with_lapses(learner, question, 3)
        form = Fields(get(page, f"{PAGE}?since=0&card={question.pk}")).fields | {"blank-sum": "product"}
        html = page.post("/review/answer/", form, follow=True).content.decode()
        assert "This one keeps slipping away" in html
        card = course.questions.get(slug="card-epoch")
        assert str(card.pk) not in html.split("This one keeps")[1].split("</section>")[0], "a flashcard marks nothing"

    def test_an_address_made_up_says_nothing(self, page: Client, learner: User, course: Course) -> None:
        card = course.questions.get(slug="card-epoch")
        remember(learner, card, NOW)
        for value in [str(card.pk), str(uuid.uuid4()), "x"]:
            assert "slipping" not in get(page, f"{PAGE}?since=0&leech={value}")

    def test_it_takes_at_most_ten_queries(
        self, page: Client, learner: User, course: Course, django_assert_max_num_queries: Any
    ) -> None:
        card = course.questions.get(slug="card-epoch")
        for other in more_cards(course, 5):
            remember(learner, other, NOW)
        with_lapses(learner, card, 3)
        address = self.forget(page, card).url
        with django_assert_max_num_queries(10):
            assert "slipping" in get(page, address)


class TestTheInstructorIsTold:
    ADDRESS = "/authoring/small/leeches/"

    @pytest.fixture
    def teacher(self, client: Client, course: Course) -> Client:
        user = User.objects.create_user("tea@example.org", "correct horse battery", is_staff=True)
        course.instructors.add(user)
        client.force_login(user)
        return client

    def test_which_questions_do_not_stick_and_with_how_many(
        self, teacher: Client, learner: User, other_learner: User, course: Course
    ) -> None:
        card, question = course.questions.get(slug="card-epoch"), course.questions.get(slug="output")
        with_lapses(learner, card, 5)
        remember(other_learner, card, NOW)
        with_lapses(learner, question, 4)
        with_lapses(other_learner, question, 4)
        html = get(teacher, self.ADDRESS)
        told = text(html)
        assert "2 questions do not stick" in told
        assert told.index("A node activates the ___ of its inputs") < told.index("What is an epoch?")
        assert "Learners 2 of 2 100 % Times forgotten 8" in told
        assert "Learners 1 of 2 50 % Times forgotten 5" in told
        assert f"/questions/{question.pk}/regrade/" in html
        assert "Lin" not in told
        assert learner.email not in html

    def test_a_course_that_sticks_says_so(self, teacher: Client, learner: User, course: Course) -> None:
        remember(learner, course.questions.get(slug="card-epoch"), NOW)
        assert "Nothing slips away" in get(teacher, self.ADDRESS)

    def test_cards_that_learners_made_are_not_told(self, teacher: Client, learner: User, course: Course) -> None:
        with_lapses(learner, own_card(learner, course), 9)
        assert "Nothing slips away" in get(teacher, self.ADDRESS)

    def test_who_does_not_teach_the_course_finds_nothing(self, page: Client, course: Course) -> None:
        assert page.get(self.ADDRESS).status_code == 404

    def test_a_visitor_is_sent_to_the_login(self, client: Client, course: Course) -> None:
        assert "/accounts/login/" in client.get(self.ADDRESS).url

    def test_it_takes_at_most_ten_queries(
        self, teacher: Client, learner: User, course: Course, django_assert_max_num_queries: Any
    ) -> None:
        for card in more_cards(course, 25):
            with_lapses(learner, card, 5)
        with django_assert_max_num_queries(10):
            assert "25 questions" in get(teacher, self.ADDRESS)


def test_a_lapse_of_long_ago_is_still_one(learner: User, course: Course, page: Client) -> None:
    """What counts are lapses, not the time between them."""
    card = course.questions.get(slug="card-epoch")
    state = with_lapses(learner, card, 3)
    state.last_review = NOW - timedelta(days=900)
    state.save()
    assert "leech=" in rate_on_page(page, get(page, f"{PAGE}?since=0&card={card.pk}"), 1).url
