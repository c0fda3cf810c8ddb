"""The page "Predictions"."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from courses.models import Course
from quizzes import tasks
from quizzes.memory import plans
from quizzes.memory.fsrs import DEFAULT_WEIGHTS
from quizzes.memory.learning import own_weights
from quizzes.memory.learning import presenting as learning_presenting
from quizzes.models import CoursePlan, FittedWeights, StudyPlan
from tests.quizzes.factories import NOW
from tests.quizzes.memory.learning.simulated import FORGETFUL, Habits, forgetful_log, keep, simulate

PAGE = "/memory/learning/"


@pytest.fixture
def forgetful(learner: User, course: Course) -> User:
    keep(learner, course, forgetful_log())
    return learner


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What the queue was asked to fit."""
    found: list[object] = []
    monkeypatch.setattr(tasks, "fit_learner", found.append)
    return found


@pytest.fixture
def page(client: Client, learner: User) -> Callable[..., str]:
    client.force_login(learner)

    def get(query: str = "", **headers: str) -> str:
        response = client.get(PAGE + query, headers=headers)
        assert response.status_code == 200
        return re.sub(r"\s+", " ", response.content.decode())

    return get


def learn(user: User) -> FittedWeights:
    found = own_weights.learn(user, now=NOW)
    assert found is not None
    assert found.row is not None
    return found.row


def test_a_visitor_is_asked_to_log_in(client: Client, db: None) -> None:
    for name in ("memory_learning", "memory_learning_fit", "memory_learning_weights", "memory_learning_sharing"):
        response = client.post(reverse(f"quizzes:{name}"))
        assert response.status_code == 302
        assert reverse("account_login") in response.url


# --- with few reviews


def test_before_the_first_review_it_says_what_it_takes(page) -> None:
    shown = page()
    assert "Nothing to check yet" in shown
    assert "500 more reviews on later days" in shown
    assert "The published weights, made from the reviews of thousands of learners" in shown
    assert "Fit now" not in shown


def test_with_some_reviews_the_plot_is_there_and_the_rest_is_counted(page, learner: User, course: Course) -> None:
    keep(learner, course, simulate(DEFAULT_WEIGHTS, 1, 10, Habits(cards=30)))
    shown = page()
    assert "<svg" in shown
    assert "Engram expected" in shown
    assert re.search(r"Each point stands for about \d+ reviews", shown)
    assert re.search(r"\d+ more reviews on later days", shown)
    assert "No fit had seen them" not in shown


# --- with a fit


def test_after_a_fit_it_shows_what_is_in_use_and_what_came_of_it(page, forgetful: User) -> None:
    row = learn(forgetful)
    shown = page()
    assert "Your own weights, fitted to your reviews" in shown
    assert "Taken: it predicted these reviews better" in shown
    assert f"log-loss {row.log_loss_before:.4f} and {row.log_loss_after:.4f}" in shown
    assert f"Fitted on {row.reviews:,} reviews, judged by {row.unseen} later ones".replace(",", "") in shown.replace(
        ",", ""
    )
    assert "Back to the published weights" in shown
    assert "No fit had seen them" in shown
    assert "Use these again" not in shown


def test_the_plot_has_its_numbers_in_a_table(page, forgetful: User) -> None:
    row = learn(forgetful)
    bins = own_weights.figures_of(row).after
    shown = page()
    assert shown.count('class="calibration__point"') == len(bins)
    assert f'<td class="number">{bins[0].predicted * 100:.0f} %</td>' in shown
    assert f'<td class="number">{bins[0].count}</td>' in shown


def test_a_fit_that_was_not_taken_is_shown_with_its_reason(page, forgetful: User) -> None:
    learn(forgetful)
    learn(forgetful)
    shown = page()
    assert "Not taken: it predicted them no better than what was in use." in shown
    assert shown.count("in use</span>") == 1


def test_weights_of_the_course_are_named(page, learner: User, course: Course) -> None:
    CoursePlan.objects.create(user=learner, course=course, weights=list(FORGETFUL))
    assert "The weights of your course" in page()


@pytest.mark.parametrize("fits", [1, 25])
def test_the_queries_do_not_grow_with_the_fits(page, forgetful: User, fits: int, django_assert_max_num_queries) -> None:
    row = learn(forgetful)
    for _ in range(fits - 1):
        row.pk = None
        row.save(force_insert=True)
    with django_assert_max_num_queries(10):
        page()


def test_without_a_fit_the_queries_are_bounded_too(page, forgetful: User, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(10):
        page()


def test_a_long_log_is_not_read_while_the_page_waits(
    client: Client, page, forgetful: User, asked: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after an import of years of reviews: the first fit reads them."""
    monkeypatch.setattr(learning_presenting, "MAX_AT_ONCE", 1000)
    shown = page()
    assert "Not looked at yet" in shown
    assert "<progress" not in shown
    client.post(PAGE + "fit/")
    assert asked == [forgetful.pk]


# --- fit now


def test_fit_now_puts_it_in_the_queue_and_the_page_waits_for_it(
    client: Client, page, forgetful: User, asked: list[object]
) -> None:
    answer = client.post(PAGE + "fit/")
    assert answer.status_code == 302
    assert asked == [forgetful.pk]
    query = answer.url.removeprefix(PAGE)
    assert 'hx-trigger="every 2s"' in page(query)
    waiting = page(query, **{"HX-Request": "true"})
    assert "<html" not in waiting
    assert "being fitted" in waiting
    own_weights.learn(forgetful, now=timezone.now() + timedelta(seconds=1))
    done = page(query, **{"HX-Request": "true"})
    assert "hx-trigger" not in done
    assert "Your own weights are in use" in done


def test_a_page_does_not_wait_for_ever(page, forgetful: User) -> None:
    long_ago = int((timezone.now() - timedelta(minutes=5)).timestamp())
    shown = page(f"?asked={long_ago}")
    assert "hx-trigger" not in shown
    assert "takes longer than usual" in shown
    assert page("?asked=nonsense")
    assert page("?asked=99999999999999")


def test_it_can_be_asked_for_once_a_minute_and_not_right_after_a_fit(
    client: Client, page, forgetful: User, asked: list[object]
) -> None:
    client.post(PAGE + "fit/")
    client.post(PAGE + "fit/")
    assert asked == [forgetful.pk]
    assert "You can ask again in 1 minute." in page()
    own_weights.learn(forgetful, now=timezone.now())
    assert "you can ask again in 5 minutes" in page()


def test_with_too_few_reviews_nothing_is_put_in_the_queue(client: Client, page, asked: list[object]) -> None:
    client.post(PAGE + "fit/")
    assert asked == []
    assert "It takes 500 more reviews on later days before a fit can be judged." in page()


# --- what the learner decides


def test_one_click_back_and_one_click_forth(client: Client, page, forgetful: User) -> None:
    row = learn(forgetful)
    client.post(PAGE + "weights/", {"use": "published"})
    assert plans.plan_of(forgetful).weights == DEFAULT_WEIGHTS
    shown = page()
    assert "The published weights, because you went back to them" in shown
    assert "Use these again" in shown
    client.post(PAGE + "weights/", {"use": str(row.pk)})
    assert plans.plan_of(forgetful).weights == tuple(row.weights)


def test_somebody_elses_weights_are_not_there(client: Client, forgetful: User, other_learner: User) -> None:
    row = learn(forgetful)
    client.force_login(other_learner)
    for use in (str(row.pk), "nonsense", ""):
        assert client.post(PAGE + "weights/", {"use": use}).status_code == 404
    assert not StudyPlan.objects.filter(user=other_learner).exists()


def test_consent_is_given_and_taken_back(client: Client, page, learner: User) -> None:
    assert 'name="shares">' in page()
    for given, checked in (({"shares": "on"}, True), ({"shares": "on"}, True), ({}, False)):
        client.post(PAGE + "sharing/", given)
        assert StudyPlan.objects.get(user=learner).shares_reviews is checked
        assert ('name="shares" checked>' in page()) is checked


def test_quizzes_that_misled_are_named_with_their_figures_and_can_be_switched_on(
    client: Client, page, learner: User, course: Course
) -> None:
    keep(learner, course, simulate(FORGETFUL, 1, 120, Habits(quizzes=0.9)))
    learn(learner)
    shown = page()
    assert "Answers in quizzes no longer move your memory, because they misled it" in shown
    assert re.search(r"In [\d,]+ reviews that followed an answer in a quiz", shown)
    client.post(PAGE + "quizzes/", {"counts": "yes"})
    assert StudyPlan.objects.get(user=learner).quiz_evidence is True
    assert "You have switched them on by hand" in page()
    client.post(PAGE + "quizzes/", {"counts": "no"})
    assert plans.plan_of(learner).quiz_evidence is False
