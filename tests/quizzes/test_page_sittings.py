"""The pages of a quiz under the rules that its author may set."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from quizzes import attempts
from quizzes.models import Attempt, Response, SavedAnswer
from tests.quizzes.factories import NOW, QUESTIONS, make_course, the_quiz
from tests.quizzes.test_behaviours import DRAWN, RIGHT, begin, quiz_with, slot

CLOZE = {"blank-sum": "weighted-sum", "blank-name": "Forward-Pass"}
HTMX = {"hx-request": "true"}


@pytest.fixture
def start(client, learner, db):
    """Return a function that makes a quiz with these rules and begins it."""

    def make(rules: str, slots: str = "questions: [nonlinear, output]") -> Attempt:
        client.force_login(learner)
        return begin(learner, quiz_with(rules, slots), timezone.now())

    return make


def question(attempt, position):
    return reverse("quizzes:attempt_question", args=[attempt.id, position])


def html(client, url, **more) -> str:
    answer = client.get(url, follow=True, **more)
    assert answer.status_code == 200
    return answer.content.decode()


class TestDeferred:
    def test_an_answer_is_saved_and_stands_in_the_form_again(self, client, start) -> None:
        attempt = start("behaviour: deferred")
        answer = client.post(question(attempt, 1), {"choice": "linear"})
        assert answer.url == question(attempt, 2)
        shown = html(client, question(attempt, 1))
        assert re.search(r'value="linear"[^>]* checked', shown)
        assert "Saved. You may change it until you finish." in shown
        assert "Not right yet" not in shown
        assert not Response.objects.exists()

    def test_the_last_question_leads_to_what_is_still_open(self, client, start) -> None:
        attempt = start("behaviour: deferred")
        assert client.post(question(attempt, 2), CLOZE).url == reverse("quizzes:attempt_finish", args=[attempt.id])
        shown = html(client, reverse("quizzes:attempt_finish", args=[attempt.id]))
        assert "1 question has no answer yet" in shown
        assert 'aria-label="Question 2, answered"' in shown

    def test_what_cannot_be_marked_yet_is_kept_and_said(self, client, start) -> None:
        attempt = start("behaviour: deferred", "questions: [output]")
        answer = client.post(question(attempt, 1), {"blank-sum": "nothing-like-it", "blank-name": "x"})
        assert answer.status_code == 422
        assert "Kept as it is" in answer.content.decode()
        assert SavedAnswer.objects.count() == 1

    def test_a_sign_that_no_database_keeps_is_left_out(self, client, start) -> None:
        attempt = start("behaviour: deferred")
        client.post(question(attempt, 2), {"blank-sum": "weighted-sum", "blank-name": "for\x00ward pass"})
        assert SavedAnswer.objects.get().answer["blanks"]["name"] == "forward pass"

    def test_the_page_saves_while_one_writes_and_never_goes_back(self, client, start) -> None:
        attempt = start("behaviour: deferred")
        draft = reverse("quizzes:attempt_draft", args=[attempt.id, 1])
        first = client.post(draft, {"choice": "linear", "sequence": "2"}).json()
        late = client.post(draft, {"choice": "constant", "sequence": "1"}).json()
        assert (first, late) == ({"status": "saved", "sequence": 2}, {"status": "outdated", "sequence": 2})
        attempts.submit(attempt, now=timezone.now())
        assert client.post(draft, {"choice": "constant", "sequence": "9"}).json() == {"status": "marked"}
        ended = client.post(reverse("quizzes:attempt_draft", args=[attempt.id, 2]), {**CLOZE, "sequence": "9"})
        assert (ended.status_code, ended.json()["code"]) == (409, "submitted")

    def test_somebody_elses_attempt_is_not_there(self, client, start, other_learner) -> None:
        attempt = start("behaviour: deferred")
        client.force_login(other_learner)
        for name, arguments in [("attempt_draft", [1]), ("attempt_finish", [])]:
            url = reverse(f"quizzes:{name}", args=[attempt.id, *arguments])
            assert client.post(url).status_code in {404, 405}
            assert client.get(url).status_code in {404, 405}
        assert not SavedAnswer.objects.exists()


class TestShown:
    RULES = (
        "behaviour: deferred, closes: 2099-01-01T00:00:00+00:00, "
        "shown: {marks: [closed], answers: [closed], feedback: []}"
    )

    def test_marks_and_answers_wait_until_the_quiz_has_closed(self, client, start) -> None:
        attempt = start(self.RULES)
        client.post(question(attempt, 1), {"choice": "linear"})
        client.post(reverse("quizzes:attempt_submit", args=[attempt.id]))
        shown = html(client, reverse("quizzes:attempt_review", args=[attempt.id]))
        assert "Handed in" in shown
        assert "The marks are shown when the quiz has closed" in shown
        assert "Right answer" not in shown
        Attempt.objects.update(rules={**attempt.rules, "closes": (timezone.now() - timedelta(days=1)).isoformat()})
        closed = html(client, reverse("quizzes:attempt_review", args=[attempt.id]))
        assert "0 of 2 right" in closed
        assert "Right answer" in closed
        assert "Depth needs non-linearity" not in closed

    def test_an_answer_that_shows_no_key_stands_as_it_was_given(self, client, start) -> None:
        attempt = start("shown: {marks: [during], answers: [], feedback: [during]}")
        client.post(question(attempt, 1), {"choice": "linear"})
        shown = html(client, question(attempt, 1))
        assert re.search(r'<fieldset class="question__given" disabled>.*value="linear"[^>]* checked', shown, re.DOTALL)
        assert "Not right yet" in shown
        assert "Right answer" not in shown

    def test_the_list_of_attempts_shows_no_mark_that_is_not_shown(self, client, start) -> None:
        attempt = start(self.RULES)
        attempts.submit(attempt, now=timezone.now())
        assert "not shown now" in html(client, reverse("quizzes:quiz", args=[attempt.quiz_id]))


class TestTries:
    def test_a_miss_says_how_many_tries_are_left_and_not_what_is_right(self, client, start) -> None:
        attempt = start("behaviour: tries, tries: 2")
        client.post(question(attempt, 1), {"choice": "linear"})
        shown = html(client, question(attempt, 1))
        assert "Try again: 1 try is left." in shown
        assert "Stacked linear maps" in shown
        assert "Depth needs non-linearity" not in shown
        assert "choice--good" not in shown
        client.post(question(attempt, 1), {"choice": "nonlinear"})
        told = html(client, question(attempt, 1))
        assert "It took 2 tries." in told
        assert "Mark: 0.67 of 1" in told


class TestCertainty:
    def test_without_it_an_answer_is_not_checked_and_stays(self, client, start) -> None:
        attempt = start("certainty: true")
        shown = client.post(question(attempt, 1), {"choice": "linear"})
        assert shown.status_code == 422
        assert "Say how sure you are" in shown.content.decode()
        assert re.search(r'value="linear"[^>]* checked', shown.content.decode())
        assert not Response.objects.exists()

    def test_what_it_cost_is_told(self, client, start) -> None:
        attempt = start("certainty: true")
        client.post(question(attempt, 1), {"choice": "linear", "certainty": "3"})
        shown = html(client, question(attempt, 1))
        assert "Mark: −2 of 1" in shown
        assert "You said: certain." in shown


class TestTime:
    def test_the_clock_runs_by_the_server(self, client, start) -> None:
        attempt = start("time_limit: 600")
        shown = html(client, question(attempt, 1))
        assert f'data-expires="{attempt.expires_at:%Y-%m-%dT%H:%M:%S}' in shown

    def test_a_look_at_an_attempt_whose_time_is_up_ends_it(self, client, learner, db) -> None:
        client.force_login(learner)
        attempt = begin(learner, quiz_with("time_limit: 600"), NOW)
        attempts.answer(attempt, slot("nonlinear"), RIGHT, now=NOW)
        assert "1 of 2 right" in html(client, reverse("quizzes:attempt", args=[attempt.id]))
        attempt.refresh_from_db()
        assert attempt.submitted_at == attempt.expires_at

    def test_an_answer_that_comes_too_late_is_told_so(self, client, learner, db) -> None:
        client.force_login(learner)
        attempt = begin(learner, quiz_with("time_limit: 600"), NOW)
        answer = client.post(question(attempt, 1), {"choice": "nonlinear"}, follow=True)
        assert "Your time was up." in answer.content.decode()
        assert not Response.objects.exists()


class TestStart:
    def test_it_says_how_the_quiz_is_sat(self, client, start) -> None:
        attempt = start("time_limit: 600, attempts: 2, passing: 0.6, certainty: true")
        attempts.submit(attempt, now=timezone.now())
        shown = html(client, reverse("quizzes:quiz", args=[attempt.quiz_id]))
        for said in ["10 minutes", "It may be taken 2 times", "Left: 1.", "To pass: 60 %", "how sure you are"]:
            assert said in shown

    def test_who_has_no_attempt_left_is_offered_none(self, client, start) -> None:
        attempt = start("attempts: 1")
        attempts.submit(attempt, now=timezone.now())
        url = reverse("quizzes:quiz", args=[attempt.quiz_id])
        shown = html(client, url)
        assert "as often as it may be taken" in shown
        assert "Take it again" not in shown
        assert client.post(url).status_code == 409

    def test_a_quiz_that_has_closed_says_when(self, client, learner, db) -> None:
        client.force_login(learner)
        quiz = quiz_with("closes: 2020-01-01T00:00:00+00:00")
        assert "This quiz closed on" in html(client, reverse("quizzes:quiz", args=[quiz.pk]))

    def test_an_instructor_is_told_of_draws_that_find_nothing(self, client, admin_user, db) -> None:
        client.force_login(admin_user)
        quiz = quiz_with("", DRAWN)
        assert "2 places of this quiz find no question" in html(client, reverse("quizzes:quiz", args=[quiz.pk]))


def test_a_page_takes_at_most_ten_queries_with_a_hundred_slots(
    client, learner, db, django_assert_max_num_queries
) -> None:
    ids = [f"q{number}" for number in range(100)]
    more = "".join(
        f"""
  - id: {one}
    kind: true_false
    key: true
    texts: {{en: {{prompt: "{one}"}}, zh-hans: {{prompt: "{one}"}}}}
"""
        for one in ids
    )
    written = QUESTIONS.replace(
        "questions: [nonlinear, output]", f"questions: [{', '.join(ids)}]\n  rules: {{behaviour: deferred}}"
    )
    client.force_login(learner)
    attempt = begin(learner, the_quiz(make_course(questions=written + more)), timezone.now())
    urls = [
        reverse("quizzes:quiz", args=[attempt.quiz_id]),
        question(attempt, 50),
        reverse("quizzes:attempt_finish", args=[attempt.id]),
    ]
    for url in urls:
        with django_assert_max_num_queries(10):
            client.get(url)
    with django_assert_max_num_queries(20):
        client.post(question(attempt, 50), {"answer": "true"})
    attempts.submit(attempt, now=timezone.now())
    with django_assert_max_num_queries(10):
        client.get(reverse("quizzes:attempt_review", args=[attempt.id]))
