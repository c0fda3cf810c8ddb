import re
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from quizzes import attempts
from quizzes.models import Attempt, Response, Review, Slot
from tests.quizzes.factories import NOW, make_course, the_quiz

CLOZE = {"blank-sum": "weighted-sum", "blank-name": "Forward-Pass"}
HTMX = {"hx-request": "true"}


@pytest.fixture
def attempt(client, learner) -> Attempt:
    quiz = the_quiz(make_course())
    client.force_login(learner)
    return attempts.start(learner, quiz, uuid.uuid4(), now=timezone.now())[0]


def question(attempt, position):
    return reverse("quizzes:attempt_question", args=[attempt.id, position])


def get(client, url, **headers):
    response = client.get(url, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def answer(client, attempt, position, form, headers=None):
    return client.post(question(attempt, position), form, headers=headers or {})


def test_it_shows_one_question_without_its_key(client, attempt) -> None:
    html = get(client, question(attempt, 1))
    assert "Question 1 of 2" in html
    assert "Nothing answered yet" in html
    assert html.count('type="radio"') == 3
    assert "Depth needs non-linearity" not in html
    assert "else depth adds nothing" not in html
    assert "choice--good" not in html


def test_a_cloze_has_a_field_for_each_blank_in_its_sentence(client, attempt) -> None:
    html = get(client, question(attempt, 2))
    assert re.search(r'activates the <select class="blank" name="blank-sum" aria-label="Blank 1">', html)
    assert re.search(
        r'the step is a <input class="blank" type="text" name="blank-name" value="" aria-label="Blank 2"', html
    )
    assert "forward pass" not in html


def test_a_right_answer_is_confirmed_with_its_explanation_and_the_way_on(client, attempt) -> None:
    response = answer(client, attempt, 1, {"choice": "nonlinear"})
    assert (response.status_code, response.url) == (302, question(attempt, 1))
    html = get(client, question(attempt, 1))
    assert "Your answer, right" in html
    assert html.index("else depth adds nothing") < html.index("Depth needs non-linearity")
    assert "/courses/small/nets/#activations" in html
    assert question(attempt, 2) in html
    assert "1 answer saved" in html


def test_a_wrong_answer_shows_the_right_one_beside_it(client, attempt) -> None:
    answer(client, attempt, 1, {"choice": "linear"})
    html = get(client, question(attempt, 1))
    assert "Not right yet" in html
    assert "Right answer" in html
    assert "Stacked linear maps stay one linear map" in html


def test_a_half_right_cloze_says_first_what_is_right(client, attempt) -> None:
    answer(client, attempt, 2, {**CLOZE, "blank-name": "backward pass"})
    html = get(client, question(attempt, 2))
    assert "1 of 2 is right" in html
    assert html.index("1 of 2 is right") < html.index("From input to output")
    assert "<s>backward pass</s>" in html
    assert "<b>forward pass</b>" in html
    assert re.search(r'filled--right">.*weighted sum', html)


def test_htmx_gets_only_the_question_and_focus_on_the_way_on(client, attempt) -> None:
    response = answer(client, attempt, 1, {"choice": "nonlinear"}, HTMX)
    html = response.content.decode()
    assert response.status_code == 200
    assert html.strip().startswith('<div id="question"')
    assert "<html" not in html
    assert re.search(r"data-next autofocus", html)


def test_checking_without_an_answer_asks_for_one_and_saves_nothing(client, attempt) -> None:
    for form in ({}, {"choice": "surprise"}):
        response = answer(client, attempt, 1, form)
        assert response.status_code == 422
        assert "Give an answer first" in response.content.decode()
    assert answer(client, attempt, 1, {}, HTMX).status_code == 200
    assert not Response.objects.exists()


def test_a_second_tab_gives_no_second_mark(client, attempt) -> None:
    answer(client, attempt, 1, {"choice": "linear"})
    html = client.post(question(attempt, 1), {"choice": "nonlinear"}, follow=True).content.decode()
    assert "Your first answer stands" in html
    assert "Not right yet" in html
    assert Response.objects.get().score == 0
    assert Review.objects.count() == 1
    assert "Your first answer stands" in answer(client, attempt, 1, {"choice": "nonlinear"}, HTMX).content.decode()


def test_the_address_of_the_attempt_leads_to_where_the_learner_is(client, attempt) -> None:
    here = reverse("quizzes:attempt", args=[attempt.id])
    assert client.get(here).url == question(attempt, 1)
    answer(client, attempt, 1, {"choice": "linear"})
    assert client.get(here).url == question(attempt, 2)
    answer(client, attempt, 2, CLOZE)
    assert client.get(here).url == question(attempt, 2)
    attempts.submit(attempt, now=NOW)
    assert client.get(here).url == reverse("quizzes:attempt_review", args=[attempt.id])


def test_a_skipped_question_is_offered_again_and_finishing_early_is_possible(client, attempt) -> None:
    assert "Skip for now" in get(client, question(attempt, 1))
    answer(client, attempt, 2, CLOZE)
    html = get(client, question(attempt, 2))
    assert question(attempt, 1) in html
    assert "Finish now" in html
    assert "1 question has no answer yet" in html


def test_the_result_shows_score_answers_and_what_comes_back(client, attempt) -> None:
    answer(client, attempt, 1, {"choice": "linear"})
    answer(client, attempt, 2, CLOZE)
    response = client.post(reverse("quizzes:attempt_submit", args=[attempt.id]), follow=True)
    html = response.content.decode()
    assert response.redirect_chain[-1][0] == reverse("quizzes:attempt_review", args=[attempt.id])
    assert "1 of 2 right" in html
    assert "1 missed question is in your review" in html
    assert reverse("quizzes:review") in html
    assert html.count('class="card"') == 2
    assert 'name="choice1"' in html
    assert "/courses/small/nets/#activations" in html


def test_the_result_of_an_unanswered_question_still_teaches(client, attempt) -> None:
    html = client.post(reverse("quizzes:attempt_submit", args=[attempt.id]), follow=True).content.decode()
    assert "0 of 2 right" in html
    assert "2 questions have no answer and count 0" in html
    assert "Right answer" in html
    assert '<b class="filled">forward pass</b>' in html
    assert "in your review" not in html


def test_a_perfect_result_says_so(client, attempt) -> None:
    answer(client, attempt, 1, {"choice": "nonlinear"})
    answer(client, attempt, 2, CLOZE)
    html = client.post(reverse("quizzes:attempt_submit", args=[attempt.id]), follow=True).content.decode()
    assert "2 of 2 right" in html
    assert "Nothing missed" in html


def test_after_submission_the_questions_lead_to_the_result(client, attempt) -> None:
    attempts.submit(attempt, now=NOW)
    response = answer(client, attempt, 1, {"choice": "linear"})
    assert response.url == reverse("quizzes:attempt_review", args=[attempt.id])


def test_the_result_of_an_open_attempt_leads_back_to_it(client, attempt) -> None:
    here = reverse("quizzes:attempt_review", args=[attempt.id])
    assert client.get(here).url == reverse("quizzes:attempt", args=[attempt.id])


def test_strangers_find_nothing(client, attempt, other_learner) -> None:
    client.force_login(other_learner)
    for name, arguments in [("attempt", []), ("attempt_question", [1]), ("attempt_review", [])]:
        assert client.get(reverse(f"quizzes:{name}", args=[attempt.id, *arguments])).status_code == 404
    assert client.post(question(attempt, 1), {"choice": "linear"}).status_code == 404
    assert client.post(reverse("quizzes:attempt_submit", args=[attempt.id])).status_code == 404
    assert Attempt.objects.get().submitted_at is None


@pytest.mark.parametrize("position", [0, 3, 99])
def test_a_position_beyond_the_quiz_is_404(client, attempt, position) -> None:
    assert client.get(question(attempt, position)).status_code == 404


def test_each_page_needs_at_most_10_queries(client, attempt, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(10):
        client.get(question(attempt, 1))
    answer(client, attempt, 1, {"choice": "linear"})
    with django_assert_max_num_queries(10):
        client.get(question(attempt, 1))
    attempts.submit(attempt, now=timezone.now())
    with django_assert_max_num_queries(10):
        client.get(reverse("quizzes:attempt_review", args=[attempt.id]))


def test_no_page_holds_inline_script_or_style(client, attempt) -> None:
    answer(client, attempt, 1, {"choice": "linear"})
    html = get(client, question(attempt, 1))
    assert not re.search(r"\sstyle=|\son[a-z]+=", html)


def test_an_instructor_is_told_that_it_is_a_preview(client, admin_user) -> None:
    quiz = the_quiz(make_course())
    client.force_login(admin_user)
    html = client.post(reverse("quizzes:quiz", args=[quiz.id]), follow=True).content.decode()
    assert "Preview: does not count" in html
    client.post(question(Attempt.objects.get(), 1), {"choice": "linear"})
    assert not Review.objects.exists()
    assert Slot.objects.count() == 2
