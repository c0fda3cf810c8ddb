import uuid

import pytest
from django.urls import reverse

from quizzes import attempts
from quizzes.models import Attempt, MemoryState, Question, Quiz, Review, Slot
from tests.quizzes.factories import NOW, make_course, the_quiz

MODELS = [Question, Quiz, Attempt, Review, MemoryState]


@pytest.fixture
def course(db):
    return make_course()


@pytest.fixture
def attempt(course, learner):
    attempt, _ = attempts.start(learner, the_quiz(course), uuid.uuid4(), now=NOW)
    attempts.answer(attempt, slot("nonlinear"), {"choice": "linear"}, now=NOW)
    return attempts.submit(attempt, now=NOW)


@pytest.fixture
def teacher(course, other_learner):
    other_learner.is_staff = True
    other_learner.save()
    course.instructors.add(other_learner)
    return other_learner


def slot(slug):
    return Slot.objects.get(question__slug=slug).id


def changelist(model):
    return reverse(f"admin:quizzes_{model._meta.model_name}_changelist")


def change(row):
    return reverse(f"admin:quizzes_{row._meta.model_name}_change", args=[row.pk])


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_list_and_row_can_be_read_and_none_changed(client, admin_user, attempt, model) -> None:
    client.force_login(admin_user)
    assert client.get(changelist(model)).status_code == 200
    html = client.get(change(model.objects.first())).content.decode()
    assert 'name="_save"' not in html
    assert client.get(reverse(f"admin:quizzes_{model._meta.model_name}_add")).status_code == 403


def test_questions_are_listed_with_answers_and_facility(client, admin_user, attempt) -> None:
    client.force_login(admin_user)
    html = client.get(changelist(Question)).content.decode()
    assert '<td class="field-answers">1</td>' in html
    assert '<td class="field-facility_index">0%</td>' in html


@pytest.mark.parametrize(
    ("query", "found"),
    [("?q=nonlin", ["nonlinear"]), ("?q=forward", ["card-epoch", "output"]), ("?kind=flashcard", ["card-epoch"])],
)
def test_questions_are_found_by_id_concept_and_kind(client, admin_user, course, query, found) -> None:
    client.force_login(admin_user)
    rows = client.get(changelist(Question) + query).context["cl"].result_list
    assert sorted(question.slug for question in rows) == found


def test_a_question_shows_its_versions_as_written(client, admin_user, course) -> None:
    client.force_login(admin_user)
    html = client.get(change(Question.objects.get(slug="output"))).content.decode()
    assert "前向传播" in html


def test_an_attempt_shows_learner_score_and_answers(client, admin_user, attempt) -> None:
    client.force_login(admin_user)
    html = client.get(changelist(Attempt) + "?q=learner@").content.decode()
    assert "Lin" in html
    assert "0 / 2" in html
    html = client.get(change(attempt)).content.decode()
    assert "nonlinear (1)" in html
    assert "linear" in html


def test_an_instructor_sees_the_own_course_alone(client, teacher, attempt) -> None:
    make_course("other")
    client.force_login(teacher)
    rows = client.get(changelist(Question)).context["cl"].result_list
    assert {question.course.slug for question in rows} == {"small"}
    foreign = Question.objects.exclude(course__slug="small").first()
    assert client.get(change(foreign)).status_code == 302
    html = client.get(change(attempt)).content.decode()
    assert "nonlinear (1)" in html


def test_a_learner_has_no_way_in(client, learner, course) -> None:
    client.force_login(learner)
    assert client.get(changelist(Question)).status_code in {302, 403}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_lists_need_few_queries(client, admin_user, attempt, model, django_assert_max_num_queries) -> None:
    client.force_login(admin_user)
    with django_assert_max_num_queries(14):
        client.get(changelist(model))
