import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from courses.models import Course
from quizzes.memory.browsing import own_cards
from quizzes.memory.browsing.own_cards import OwnCard
from quizzes.models import CardMark, MemoryState, Question, Review
from tests.quizzes.memory.samples import open_lesson, rate, remember

URL = "/memory/cards/"


@pytest.fixture
def browser(client: Client, learner: User) -> Client:
    client.force_login(learner)
    return client


def own(user: User, course: Course, front: str = "my front", back: str = "my back") -> Question:
    (kept,) = own_cards.keep(user, course, [OwnCard(uuid.uuid4(), front, back)], now=timezone.now())
    return kept.question


def read(client: Client, url: str = URL, **headers: str) -> str:
    answer = client.get(url, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_visitor_is_asked_to_log_in(client: Client, db: None) -> None:
    assert client.get(URL).status_code == 302
    assert client.get(f"{URL}?q=x", headers={"HX-Request": "true"}).status_code == 401


def test_before_the_first_card_it_says_what_to_do(browser: Client, course: Course) -> None:
    assert "There is no card yet" in read(browser)
    assert "No card is like this" in read(browser, f"{URL}?q=nothing")


def test_a_row_shows_text_state_recall_due_stability_lapses_and_marks(
    browser: Client, learner: User, course: Course
) -> None:
    card, now = own(learner, course), timezone.now()
    remember(learner, card, now + timedelta(days=3))
    MemoryState.objects.update(lapses=4, reps=8, stability=3.0, last_review=now - timedelta(days=3, hours=1))
    CardMark.objects.create(user=learner, question=card, suspended_at=now, note="n", updated_at=now)
    page = read(browser)
    for text in ["my front", "in review", "90 %", "in 3 days", "3 days", "your own", "suspended", "forgotten often"]:
        assert text in page, text
    assert "with a note" in page
    assert "my back" not in page


def test_the_first_page_has_fifty_cards_and_a_way_to_the_next(browser: Client, learner: User, course: Course) -> None:
    many = [OwnCard(uuid.uuid4(), f"front {number:02}", "back") for number in range(53)]
    own_cards.keep(learner, course, many, now=timezone.now())
    page = read(browser, f"{URL}?q=front&sort=lapses")
    assert page.count('class="cards__item"') == 50
    assert "53 cards" in page
    assert f'rel="next" href="{URL}?q=front&amp;sort=lapses&amp;page=2"' in page
    assert read(browser, f"{URL}?q=front&page=2").count('class="cards__item"') == 3
    assert read(browser, f"{URL}?page=999").count('class="cards__item"') == 3


def test_htmx_is_given_the_list_alone(browser: Client, learner: User, course: Course) -> None:
    own(learner, course)
    part = read(browser, f"{URL}?q=front", **{"HX-Request": "true"})
    assert part.lstrip().startswith('<section id="cards"')
    assert "<html" not in part


def test_an_address_with_nonsense_shows_the_page(browser: Client, course: Course) -> None:
    assert browser.get(f"{URL}?lesson=x&state=%00&only=odd&sort=odd&page=-3&q={'x' * 500}").status_code == 200


def test_many_cards_take_at_most_ten_queries(
    browser: Client, learner: User, course: Course, django_assert_max_num_queries
) -> None:
    open_lesson(learner, course)
    many = [OwnCard(uuid.uuid4(), f"front {number:02}", "back") for number in range(120)]
    own_cards.keep(learner, course, many, now=timezone.now())
    remember(learner, course.questions.get(slug="output"), timezone.now())
    for url in [URL, f"{URL}?q=front&only=own&sort=recall", f"{URL}?only=changed"]:
        with django_assert_max_num_queries(10):
            read(browser, url)
    card = Question.every.filter(owner=learner).first()
    assert card is not None
    rate(learner, card, at=timezone.now())
    with django_assert_max_num_queries(10):
        read(browser, f"{URL}{card.pk}/")


# --- several at once -------------------------------------------------------------------------------------------------


def test_chosen_cards_are_suspended_rested_and_asked_again(browser: Client, learner: User, course: Course) -> None:
    cards = [own(learner, course, front) for front in ("a", "b")]
    ids = [str(card.pk) for card in cards]
    mark = reverse("quizzes:cards_mark")
    back = f"{URL}?only=own"
    answer = browser.post(mark, {"do": "suspend", "card": ids, "back": back})
    assert answer.headers["Location"] == back
    assert CardMark.objects.filter(user=learner, suspended_at__isnull=False).count() == 2
    assert "2 cards are suspended." in read(browser, back)
    browser.post(mark, {"do": "take_up", "card": ids[:1]})
    assert CardMark.objects.filter(user=learner, suspended_at__isnull=False).count() == 1
    browser.post(mark, {"do": "bury", "card": ids[:1]})
    assert CardMark.objects.filter(user=learner, buried_until__gt=timezone.now()).count() == 1


def test_marks_of_cards_that_are_not_ones_own_are_refused_whole(
    browser: Client, learner: User, other_learner: User, course: Course
) -> None:
    mine, theirs = own(learner, course), own(other_learner, course)
    for ids in ([str(mine.pk), str(theirs.pk)], [str(uuid.uuid4())], ["no id"]):
        answer = browser.post(reverse("quizzes:cards_mark"), {"do": "suspend", "card": ids})
        assert answer.status_code == 404
    assert browser.post(reverse("quizzes:cards_mark"), {"do": "erase", "card": str(mine.pk)}).status_code == 404
    assert not CardMark.objects.exists()


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/memory/cards/", "/memory/cards/\\evil"])
def test_after_marking_nobody_is_sent_elsewhere(browser: Client, learner: User, course: Course, back: str) -> None:
    card = own(learner, course)
    answer = browser.post(reverse("quizzes:cards_mark"), {"do": "bury", "card": str(card.pk), "back": back})
    assert answer.headers["Location"] == URL


def test_nothing_chosen_is_said(browser: Client, course: Course) -> None:
    answer = browser.post(reverse("quizzes:cards_mark"), {"do": "bury"}, follow=True)
    assert "Choose the cards first." in answer.content.decode()


# --- one card --------------------------------------------------------------------------------------------------------


def test_one_card_shows_its_sides_memory_and_every_review(browser: Client, learner: User, course: Course) -> None:
    card, now = own(learner, course, "What is **SGD**?", "An optimizer"), timezone.now()
    for days in (20, 12, 1):
        rate(learner, card, at=now - timedelta(days=days))
    page = read(browser, f"{URL}{card.pk}/")
    for text in ["<strong>SGD</strong>", "An optimizer", "Stability grew from", "3 reviews as a table", "8 days"]:
        assert text in page, text
    assert page.count("<td>Good</td>") == 3
    assert '<svg class="diagram" role="img" aria-label="After each of 3 reviews' in page


def test_a_review_that_was_taken_back_is_said_to_be(browser: Client, learner: User, course: Course) -> None:
    card = own(learner, course)
    rate(learner, card, at=timezone.now() - timedelta(hours=1))
    browser.post(reverse("quizzes:review_undo"), {"review": str(Review.objects.get().review_id)})
    page = read(browser, f"{URL}{card.pk}/")
    assert "taken back" in page
    assert "Nothing yet" in page


def test_a_question_that_is_graded_shows_what_it_asks_and_no_key(
    browser: Client, learner: User, course: Course
) -> None:
    question = course.questions.get(slug="output")
    assert browser.get(f"{URL}{question.pk}/").status_code == 404
    remember(learner, question, timezone.now())
    page = read(browser, f"{URL}{question.pk}/")
    assert "A node activates the ___ of its inputs" in page
    assert "weighted" not in page
    assert "forward pass" not in page
    assert f'href="/courses/{course.slug}/nets/#forward"' in page


def test_a_card_of_somebody_else_is_not_there(browser: Client, other_learner: User, course: Course) -> None:
    card = own(other_learner, course)
    for path in ["", "edit/"]:
        assert browser.get(f"{URL}{card.pk}/{path}").status_code == 404
    for path in ["edit/", "put-away/", "bring-back/"]:
        assert browser.post(f"{URL}{card.pk}/{path}", {"front": "x", "back": "y", "id": card.pk}).status_code == 404


def test_it_is_in_chinese_for_a_chinese_reader(browser: Client, learner: User, course: Course) -> None:
    open_lesson(learner, course)
    assert "什么是 epoch？" in read(browser, **{"accept-language": "zh-hans"})
