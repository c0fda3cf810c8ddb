"""What learners are told when a question of theirs was mended."""

from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from courses.models import Course
from quizzes import attempts
from quizzes.models import Question, Quiz
from quizzes.regrading import decisions, notices, standing
from tests.quizzes.factories import NOW, QUESTIONS, make_course
from tests.quizzes.regrading.samples import LATER, WRONG_KEY, exclude, mend, regrade, sit, slot_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def course(db: None) -> Course:
    return make_course(questions=WRONG_KEY)


@pytest.fixture
def question(course: Course) -> Question:
    return course.questions.get(slug="nonlinear")


def told(attempt: attempts.Attempt) -> list[tuple[float, float, bool]]:
    return [(one.score_before, one.score_after, one.taken_back) for one in notices.of_attempt(attempt)]


def page(attempt: attempts.Attempt) -> str:
    html = render_to_string("quizzes/regrade_notices.html", {"notices": notices.of_attempt(attempt)})
    return " ".join(html.split())


def test_it_says_what_the_mark_was_and_why_it_changed(course: Course, question: Question, learner: User) -> None:
    attempt = sit(learner, course, "nonlinear")
    regrade(question, mend(course), reason="The key was <wrong>.")
    (notice,) = notices.of_attempt(attempt)
    assert (notice.question, notice.made_at, notice.mark_before, notice.mark_after) == (question.pk, LATER, 0.0, 1.0)
    text = page(attempt)
    assert "A question was mended on March 3, 2026: your mark rose from 0.5 to 1.5." in text
    assert "Reason: The key was &lt;wrong&gt;." in text


def test_it_says_too_that_it_was_taken_back(course: Course, question: Question, learner: User) -> None:
    attempt = sit(learner, course, "nonlinear")
    decision = regrade(question, mend(course))
    decisions.undo(decision, author=None, now=LATER + timedelta(days=1), reason="It was right.")
    assert told(attempt) == [(0.5, 1.5, False), (1.5, 0.5, True)]
    assert "A change to a question was taken back on March 4, 2026: your mark fell from 1.5 to 0.5." in page(attempt)


def test_each_decision_is_told_as_it_was(course: Course, question: Question, learner: User) -> None:
    attempt = sit(learner, course, "nonlinear")
    older = regrade(question, mend(course))
    regrade(question, mend(course, QUESTIONS.replace("key: nonlinear\n", "key: constant\n")), now=LATER)
    decisions.undo(older, author=None, now=LATER + timedelta(days=1))
    assert told(attempt) == [(0.5, 1.5, False), (1.5, 0.5, False)]


def test_who_is_not_concerned_is_told_nothing(
    course: Course, question: Question, learner: User, other_learner: User, django_assert_num_queries
) -> None:
    attempt, still_open = sit(learner, course, "constant"), sit(other_learner, course, "nonlinear", submit=False)
    regrade(question, mend(course))
    exclude(question)
    assert told(still_open) == []
    with django_assert_num_queries(1):
        assert told(attempt) == []


def test_an_answer_that_came_after_the_decision_had_its_mark_from_the_start(
    course: Course, question: Question, learner: User
) -> None:
    attempt = sit(learner, course, submit=False)
    decision = regrade(question, mend(course))
    after = LATER + timedelta(hours=1)
    attempts.answer(attempt, slot_of(course, "nonlinear"), {"choice": "nonlinear"}, now=after)
    attempts.submit(attempt, now=after)
    assert told(attempt) == []
    decisions.undo(decision, author=None, now=after + timedelta(hours=1))
    assert told(attempt) == [(1.5, 0.5, True)]


def test_the_certainty_of_an_answer_is_part_of_what_it_counted(
    course: Course, question: Question, learner: User
) -> None:
    Quiz.objects.update(rules={"certainty": True})
    attempt = sit(learner, course, submit=False)
    attempts.answer(attempt, slot_of(course, "nonlinear"), {"choice": "linear"}, now=NOW, certainty=1)
    attempts.submit(attempt, now=NOW + timedelta(minutes=5))
    regrade(question, mend(course))
    (notice,) = notices.of_attempt(attempt)
    assert notice.mark_before > notice.mark_after == 0.0
    assert "your mark fell from" in page(attempt)


def test_what_holds_of_a_response_has_the_version_that_judged_it(
    course: Course, question: Question, learner: User
) -> None:
    attempt = sit(learner, course, "nonlinear")
    version = mend(course)
    assert standing.held_of_attempt(attempt) == {}
    regrade(question, version)
    (held,) = standing.held_of_attempt(attempt).values()
    assert (held.score, held.mark, held.version) == (1.0, 1.0, version)


def test_the_result_page_and_the_api_show_what_holds_now(
    client, course: Course, question: Question, learner: User
) -> None:
    attempt = sit(learner, course, "nonlinear")
    version = mend(course)
    client.force_login(learner)
    url = reverse("quizzes:attempt_review", args=[attempt.pk])
    assert "Not right yet" in client.get(url).content.decode()
    regrade(question, version)
    html = client.get(url).content.decode()
    assert "Not right yet" not in html
    assert "A question was mended on" in html
    api = APIClient()
    api.force_authenticate(learner)
    answer = api.get(f"/api/v1/attempts/{attempt.pk}/review/").json()
    outcome = next(slot["outcome"] for slot in answer["slots"] if slot["outcome"])
    assert (outcome["score"], outcome["mark"], outcome["version"]) == (1.0, 1.0, 2)
    assert len(answer["notices"]) == 1
