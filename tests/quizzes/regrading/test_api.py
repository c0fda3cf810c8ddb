"""POST /questions/{id}/regrade/, GET …/regrades/, POST …/regrades/{id}/undo/."""

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from courses.models import Course
from quizzes.models import MemoryState, Question, Regrade
from tests.quizzes.factories import make_course
from tests.quizzes.regrading.samples import WRONG_KEY, everything, marks, mend, review, sit

pytestmark = pytest.mark.django_db


@pytest.fixture
def course(db: None) -> Course:
    return make_course(questions=WRONG_KEY)


@pytest.fixture
def question(course: Course) -> Question:
    return course.questions.get(slug="nonlinear")


@pytest.fixture
def teacher(course: Course) -> APIClient:
    user = User.objects.create_user("teacher@example.org", "correct horse battery", is_staff=True, name="Tia")
    course.instructors.add(user)
    client = APIClient()
    client.force_authenticate(user)
    return client


def post(client: APIClient, question: Question, version: int | None = 2, query: str = "", **headers: str):
    body = {"version": version, "reason": "Wrong key."}
    return client.post(f"/api/v1/questions/{question.pk}/regrade/{query}", body, format="json", headers=headers)


def test_strangers_find_nothing(api: APIClient, question: Question) -> None:
    assert post(api, question).status_code == 404
    assert api.get(f"/api/v1/questions/{question.pk}/regrades/").status_code == 404
    assert api.post(f"/api/v1/questions/{question.pk}/regrades/1/undo/").status_code == 404


def test_looked_at_done_and_taken_back(teacher: APIClient, course: Course, question: Question, learner: User) -> None:
    sit(learner, course, "nonlinear")
    mend(course)
    before = everything()
    looked = post(teacher, question, query="?dry_run=true")
    assert looked.status_code == 200
    assert looked.data["regrade"] is None
    assert everything() == before
    (change,) = looked.data["difference"]["attempts"]
    assert (change["learner"], change["score_before"], change["score_after"]) == ("Lin", 0.5, 1.5)
    assert looked.data["difference"]["memory"][0]["due_before"] < looked.data["difference"]["memory"][0]["due_after"]
    done = post(teacher, question, **{"If-Match": looked["ETag"]})
    assert (done.status_code, marks()) == (201, [1.0])
    assert done.data["difference"] == looked.data["difference"]
    (row,) = teacher.get(f"/api/v1/questions/{question.pk}/regrades/").data["regrades"]
    assert (row["version"], row["reason"], row["author"], row["learners"]) == (2, "Wrong key.", "Tia", 1)
    undo = f"/api/v1/questions/{question.pk}/regrades/{row['id']}/undo/"
    looked = teacher.post(f"{undo}?dry_run=true", {}, format="json")
    assert looked.data["difference"]["fallen"] == 1
    taken_back = teacher.post(undo, {}, format="json", headers={"If-Match": looked["ETag"]})
    assert (taken_back.status_code, taken_back.data["regrade"]["undoes"]) == (201, row["id"])
    assert everything() == before
    again = teacher.post(undo, {}, format="json", headers={"If-Match": looked["ETag"]})
    assert (again.status_code, again.data["type"]) == (409, "urn:engram:problem:already_undone")
    rows = teacher.get(f"/api/v1/questions/{question.pk}/regrades/").data["regrades"]
    assert [one["taken_back_by"] for one in rows] == [None, taken_back.data["regrade"]["id"]]


def test_without_having_looked_it_is_428(teacher: APIClient, course: Course, question: Question) -> None:
    mend(course)
    refused = post(teacher, question)
    assert refused.status_code == 428
    assert post(teacher, question, **{"If-Match": refused["ETag"]}).status_code == 201


def test_what_changed_meanwhile_is_412(
    teacher: APIClient, course: Course, question: Question, learner: User, other_learner: User
) -> None:
    sit(learner, course, "nonlinear")
    mend(course)
    seen = post(teacher, question, query="?dry_run=true")["ETag"]
    review(other_learner, question, "nonlinear", version=1)
    refused = post(teacher, question, **{"If-Match": seen})
    assert (refused.status_code, refused["ETag"] != seen) == (412, True)
    assert not Regrade.objects.exists()


def test_a_question_is_kept_out_of_memory(teacher: APIClient, question: Question, learner: User) -> None:
    review(learner, question, "linear")
    seen = post(teacher, question, None, "?dry_run=true")["ETag"]
    assert post(teacher, question, None, **{"If-Match": seen}).status_code == 201
    assert not MemoryState.objects.exists()
    assert post(teacher, question, None, **{"If-Match": seen}).status_code == 409


def test_a_card_has_no_key(teacher: APIClient, course: Course) -> None:
    refused = post(teacher, course.questions.get(slug="card-epoch"), 1)
    assert refused.status_code == 422
    assert refused.data["errors"][0]["code"] == "nothing_to_judge"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"version": 9, "reason": "x"}, "/version"),
        ({"version": 1, "reason": " "}, "/reason"),
        ({"version": 1}, "/reason"),
        ({"version": "1", "reason": "x"}, "/version"),
        ({"version": 1, "reason": "x", "more": 1}, "/more"),
    ],
)
def test_bad_fields_are_named(teacher: APIClient, question: Question, body: dict[str, object], pointer: str) -> None:
    refused = teacher.post(f"/api/v1/questions/{question.pk}/regrade/?dry_run=true", body, format="json")
    assert refused.status_code == 422
    assert refused.data["errors"][0]["pointer"] == pointer
