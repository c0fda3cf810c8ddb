import uuid

import pytest
from django.urls import reverse

from quizzes import attempts
from quizzes.models import Attempt, Slot
from tests.quizzes.factories import NOW, make_course, the_quiz


@pytest.fixture
def quiz(db):
    return the_quiz(make_course())


@pytest.fixture
def page(client, learner, quiz):
    client.force_login(learner)
    return lambda **headers: client.get(reverse("quizzes:quiz", args=[quiz.id]), headers=headers)


def test_it_says_what_awaits_the_learner(page) -> None:
    html = page().content.decode()
    assert "<h1>First steps</h1>" in html
    assert "2 questions" in html
    assert "Start the quiz" in html
    assert "Your earlier attempts" not in html


def test_it_speaks_the_language_of_the_reader(page) -> None:
    assert "<h1>第一步</h1>" in page(accept_language="zh-hans").content.decode()


def test_starting_leads_to_the_first_question(client, page, quiz) -> None:
    response = client.post(reverse("quizzes:quiz", args=[quiz.id]), follow=True)
    attempt = Attempt.objects.get()
    assert response.redirect_chain[-1][0] == reverse("quizzes:attempt_question", args=[attempt.id, 1])


def test_it_offers_to_go_on_and_a_second_tab_gets_the_same_attempt(client, page, quiz) -> None:
    for _tab in range(2):
        client.post(reverse("quizzes:quiz", args=[quiz.id]))
    assert Attempt.objects.count() == 1
    assert "Go on with the quiz" in page().content.decode()


def test_earlier_attempts_stand_below_with_their_scores(page, quiz, learner, other_learner) -> None:
    mine, _ = attempts.start(learner, quiz, uuid.uuid4(), now=NOW)
    theirs, _ = attempts.start(other_learner, quiz, uuid.uuid4(), now=NOW)
    attempts.answer(mine, Slot.objects.get(question__slug="nonlinear").id, {"choice": "nonlinear"}, now=NOW)
    for attempt in (mine, theirs):
        attempts.submit(attempt, now=NOW)
    html = page().content.decode()
    assert "1 of 2" in html
    assert reverse("quizzes:attempt_review", args=[mine.id]) in html
    assert str(theirs.id) not in html
    assert "Take it again" in html


def test_a_quiz_without_questions_says_so(client, page, quiz) -> None:
    Slot.objects.update(archived_at=NOW)
    assert "No questions yet" in page().content.decode()
    assert client.post(reverse("quizzes:quiz", args=[quiz.id])).status_code == 409
    assert not Attempt.objects.exists()


def test_a_visitor_is_asked_to_log_in(client, quiz) -> None:
    response = client.get(reverse("quizzes:quiz", args=[quiz.id]))
    assert response.status_code == 302
    assert reverse("account_login") in response.url


def test_an_unknown_quiz_is_404(client, learner) -> None:
    client.force_login(learner)
    assert client.get(reverse("quizzes:quiz", args=[uuid.uuid4()])).status_code == 404


def test_it_needs_at_most_10_queries_however_many_attempts(page, quiz, learner, django_assert_max_num_queries) -> None:
    for _ in range(30):
        attempts.submit(attempts.start(learner, quiz, uuid.uuid4(), now=NOW)[0], now=NOW)
    with django_assert_max_num_queries(10):
        page()
