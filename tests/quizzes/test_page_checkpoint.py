"""A checkpoint, answered in the text of its lesson."""

import uuid

import pytest

from quizzes.models import MemoryState, Question, Review

pytestmark = pytest.mark.django_db


@pytest.fixture
def question(shipped_course):
    return Question.objects.get(slug="who-holds-the-rate")


def post(client, question, choice="optimizer", review=None, **headers):
    form = {"version": 1, "review": review or uuid.uuid4()} | ({"choice": choice} if choice else {})
    return client.post(f"/checkpoints/{question.pk}/", form, headers=headers)


def test_a_learner_sees_at_once_whether_it_is_right_and_it_counts(client, learner, question):
    client.force_login(learner)
    answer = post(client, question, "loss")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Not right yet" in text
    assert "The learning rate belongs to the optimizer." in text
    review = Review.objects.get(user=learner)
    assert (review.source, review.rating, review.score) == ("checkpoint", 1, 0.0)
    assert MemoryState.objects.filter(user=learner, question=question).exists()


def test_sent_twice_it_counts_once(client, learner, question):
    client.force_login(learner)
    review = uuid.uuid4()
    post(client, question, "optimizer", review)
    again = post(client, question, "loss", review)
    assert Review.objects.filter(user=learner).count() == 1
    assert "notice--good" in again.content.decode()


def test_a_visitor_learns_whether_it_is_right_and_nothing_is_kept(client, question):
    text = post(client, question).content.decode()
    assert "notice--good" in text
    assert "Sign up" in text
    assert not Review.objects.exists()


def test_an_instructor_only_previews(client, instructor, question):
    client.force_login(instructor)
    assert "your answers do not count" in post(client, question).content.decode()
    assert not Review.objects.exists()


def test_htmx_gets_the_card_alone(client, learner, question):
    client.force_login(learner)
    text = post(client, question, **{"HX-Request": "true"}).content.decode()
    assert "<html" not in text
    assert text.count(f'id="checkpoint-{question.slug}"') == 1


def test_without_an_answer_it_says_what_to_do(client, learner, question):
    client.force_login(learner)
    answer = post(client, question, choice=None)
    assert answer.status_code == 422
    assert "Give an answer first" in answer.content.decode()
    assert not Review.objects.exists()


def test_it_can_be_asked_again(client, question):
    text = client.get(f"/checkpoints/{question.pk}/").content.decode()
    assert "Which" in text or "which" in text
    assert "The learning rate belongs to the optimizer." not in text
    assert "/courses/deep-learning-with-keras/learning-rate/#optimizer" in text


@pytest.mark.parametrize(
    "form", [{}, {"version": "1"}, {"version": "99", "review": str(uuid.uuid4())}, {"version": "x"}]
)
def test_a_form_that_is_none_of_ours_is_refused(client, learner, question, form):
    client.force_login(learner)
    assert client.post(f"/checkpoints/{question.pk}/", form).status_code == 404


def test_a_flashcard_is_no_checkpoint(client, shipped_course):
    card = Question.objects.get(slug="card-divergence")
    assert client.get(f"/checkpoints/{card.pk}/").status_code == 404
