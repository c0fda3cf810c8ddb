import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from courses.models import Course, Lesson, Progress
from quizzes import practice
from quizzes.memory import reviews
from quizzes.models import Question, Review
from tests.quizzes.factories import make_course

PAGE = "/practice/small/"
HTMX = {"hx-request": "true"}


@pytest.fixture
def course(db) -> Course:
    return make_course()


@pytest.fixture
def opened(course, learner) -> Lesson:
    lesson = Lesson.objects.get()
    Progress.objects.create(user=learner, lesson=lesson, opened_at=timezone.now(), updated_at=timezone.now())
    return lesson


def answered(learner, slug: str, response, ago: timedelta) -> None:
    question = Question.objects.get(slug=slug)
    item = {
        "id": str(uuid.uuid4()),
        "question": str(question.pk),
        "response": response,
        "occurred_at": (timezone.now() - ago).isoformat(),
    }
    (result,) = reviews.record(learner, reviews.read_all([item]), source=Review.Source.PRACTICE, now=timezone.now())
    assert result.status == "created"


RIGHT = {"nonlinear": {"choice": "nonlinear"}, "output": {"blanks": {"sum": "weighted-sum", "name": "forward pass"}}}


def order(learner, course, concept=None) -> list[str]:
    found = practice.candidates(learner, course, concept, now=timezone.now())
    return [Question.objects.get(pk=one.question).slug for one in found]


def test_what_has_never_been_answered_comes_first_then_what_would_be_recalled_least(course, learner, opened) -> None:
    assert order(learner, course) == ["nonlinear", "output"]  # never the flashcard, which nobody marks
    answered(learner, "nonlinear", RIGHT["nonlinear"], timedelta(days=2))
    assert order(learner, course) == ["output", "nonlinear"]
    answered(learner, "output", RIGHT["output"], timedelta(days=9))
    assert order(learner, course) == ["output", "nonlinear"]
    answered(learner, "output", RIGHT["output"], timedelta(minutes=1))
    assert order(learner, course) == ["nonlinear", "output"]


def test_the_course_means_opened_lessons_a_concept_means_all_of_it(course, learner) -> None:
    assert order(learner, course) == []
    assert order(learner, course, course.concepts.get(slug="forward-pass")) == ["output"]


def test_what_was_just_answered_waits_and_it_never_ends(course, learner, opened) -> None:
    asked = []
    for _ in range(6):
        found = practice.next_question(learner, course, None, now=timezone.now())
        slug = Question.objects.get(pk=found).slug
        asked.append(slug)
        answered(learner, slug, RIGHT[slug], timedelta(0))
    assert asked == ["nonlinear", "output"] * 3


class TestPage:
    @pytest.fixture(autouse=True)
    def _signed_in(self, client, learner, opened) -> None:
        client.force_login(learner)

    def fields(self, html: str) -> dict[str, str]:
        names = ("question", "version", "review")
        return {name: html.split(f'name="{name}" value="')[1].split('"', maxsplit=1)[0] for name in names}

    def test_an_answer_is_evidence_and_leads_to_the_next(self, client, learner) -> None:
        html = client.get(PAGE).content.decode()
        assert "usually comes a" in html
        fields = self.fields(html)
        shown = client.post(PAGE, {**fields, "choice": "linear"}).content.decode()
        assert "Not right yet" in shown
        review = Review.objects.get()
        assert (review.source, review.rating, str(review.review_id)) == ("practice", 1, fields["review"])
        following = shown.split("data-next")[1].split('href="')[1].split('"')[0].replace("&amp;", "&")
        assert "activates the" in client.get(following).content.decode()

    def test_the_same_form_twice_is_one_review(self, client) -> None:
        fields = self.fields(client.get(PAGE).content.decode())
        for choice in ("linear", "nonlinear"):
            html = client.post(PAGE, {**fields, "choice": choice}).content.decode()
        assert "Not right yet" in html
        assert Review.objects.count() == 1

    def test_no_answer_is_said_and_nothing_is_kept(self, client) -> None:
        fields = self.fields(client.get(PAGE).content.decode())
        answer = client.post(PAGE, fields)
        assert answer.status_code == 422
        assert "Give an answer first" in answer.content.decode()
        assert not Review.objects.exists()

    def test_it_counts_what_was_answered_since_it_began(self, client) -> None:
        fields = self.fields(client.get(PAGE).content.decode())
        html = client.post(f"{PAGE}?since=0", {**fields, "choice": "nonlinear"}, headers=HTMX).content.decode()
        assert "1 answer so far" in html
        assert "<html" not in html

    def test_a_concept_without_questions_and_one_that_is_not_there(self, client, course) -> None:
        course.concepts.create(id=uuid.uuid4(), slug="bare")
        assert "asks nothing about this concept" in client.get(f"{PAGE}?concept=bare").content.decode()
        assert client.get(f"{PAGE}?concept=nothing").status_code == 404

    @pytest.mark.parametrize(
        "broken", [{"question": "x"}, {"review": ""}, {"version": "99"}, {"question": str(uuid.uuid4())}]
    )
    def test_a_form_that_was_tampered_with_finds_nothing(self, client, broken) -> None:
        fields = self.fields(client.get(PAGE).content.decode())
        assert client.post(PAGE, {**fields, "choice": "linear", **broken}).status_code == 404
        assert not Review.objects.exists()

    def test_it_takes_at_most_ten_queries(self, client, django_assert_max_num_queries) -> None:
        with django_assert_max_num_queries(10):
            client.get(PAGE)


def test_visitors_are_asked_to_sign_in(client, course) -> None:
    assert client.get(PAGE).url.startswith(reverse("account_login"))
