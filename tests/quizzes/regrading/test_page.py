"""The pages on which an instructor mends a question and has its answers judged anew."""

import re

import pytest
from django.test import Client

from accounts.models import User
from courses.models import Course
from quizzes.models import MemoryState, Question, Regrade
from quizzes.regrading import mending
from tests.quizzes.factories import NOW, make_course
from tests.quizzes.regrading.samples import WRONG_KEY, marks, mend, review, sit

pytestmark = pytest.mark.django_db


@pytest.fixture
def course(db: None) -> Course:
    return make_course(questions=WRONG_KEY)


@pytest.fixture
def question(course: Course) -> Question:
    return course.questions.get(slug="nonlinear")


@pytest.fixture
def teacher(client: Client, course: Course) -> User:
    user = User.objects.create_user("teacher@example.org", "correct horse battery", is_staff=True, name="Tia")
    course.instructors.add(user)
    client.force_login(user)
    return user


def expected(text: str) -> str:
    found = re.search(r'name="expected" value="([0-9a-f]{64})"', text)
    assert found
    return found[1]


def test_strangers_find_nothing(client: Client, learner: User, question: Question) -> None:
    for user in (None, learner):
        if user:
            client.force_login(user)
        for path in ("", "key/", "1/undo/"):
            assert client.get(f"/questions/{question.pk}/regrade/{path}").status_code == 404
            assert client.post(f"/questions/{question.pk}/regrade/{path}").status_code == 404


def test_an_instructor_of_another_course_finds_nothing(client: Client, teacher: User, question: Question) -> None:
    other = make_course("other")
    assert client.get(f"/questions/{question.pk}/regrade/").status_code == 200
    assert client.get(f"/questions/{other.questions.get(slug='nonlinear').pk}/regrade/").status_code == 404


def test_from_the_wrong_key_to_the_right_marks(
    client: Client, teacher: User, course: Course, question: Question, learner: User
) -> None:
    sit(learner, course, "nonlinear")
    address = f"/questions/{question.pk}/regrade/"
    form = client.get(f"{address}key/").content.decode()
    assert "key: linear" in form
    written = client.get(f"{address}key/").context["text"].replace("key: linear", "key: nonlinear")
    saved = client.post(f"{address}key/", {"text": written, "based_on": 1}, follow=True)
    text = saved.content.decode()
    assert "Saved as version 2." in text
    assert "Lin" in text
    assert "0.50 → 1.50" in text
    assert "non-linear" in text
    assert marks() == [0.0]
    done = client.post(address, {"version": 2, "expected": expected(text), "reason": "Wrong key."}, follow=True)
    assert "All answers are judged anew." in done.content.decode()
    assert marks() == [1.0]
    decision = Regrade.objects.get()
    assert (decision.author, decision.reason) == (teacher, "Wrong key.")
    back = client.get(f"{address}{decision.pk}/undo/").content.decode()
    assert "1.50 → 0.50" in back
    client.post(f"{address}{decision.pk}/undo/", {"expected": expected(back)})
    assert marks() == [0.0]
    again = client.post(f"{address}{decision.pk}/undo/", {"expected": expected(back)}, follow=True)
    assert "taken back already" in again.content.decode()


def test_a_question_is_kept_out_of_memory_and_taken_in_again(
    client: Client, teacher: User, question: Question, learner: User
) -> None:
    review(learner, question, "linear")
    address = f"/questions/{question.pk}/regrade/"
    text = client.get(f"{address}?version=out").content.decode()
    assert "1 left out" in text
    client.post(address, {"version": "out", "expected": expected(text), "reason": "Ambiguous."})
    assert not MemoryState.objects.exists()
    assert "kept out of memory already" in client.get(f"{address}?version=out").content.decode()
    undo = f"{address}{Regrade.objects.get().pk}/undo/"
    client.post(undo, {"expected": expected(client.get(undo).content.decode())})
    assert MemoryState.objects.count() == 1


def test_nothing_is_done_that_was_not_looked_at(
    client: Client, teacher: User, course: Course, question: Question, learner: User, other_learner: User
) -> None:
    sit(learner, course, "nonlinear")
    version = mend(course)
    address = f"/questions/{question.pk}/regrade/"
    seen = expected(client.get(address).content.decode())
    review(other_learner, question, "nonlinear", version=1)
    refused = client.post(address, {"version": version.number, "expected": seen, "reason": "Wrong key."})
    text = refused.content.decode()
    assert refused.status_code == 409
    assert "Something has changed meanwhile" in text
    assert "Wrong key." in text
    assert marks() == [0.0]
    client.post(address, {"version": version.number, "expected": expected(text), "reason": "Wrong key."})
    assert marks() == [1.0]


def test_a_reason_is_asked_for(client: Client, teacher: User, course: Course, question: Question) -> None:
    mend(course)
    address = f"/questions/{question.pk}/regrade/"
    seen = expected(client.get(address).content.decode())
    refused = client.post(address, {"version": 2, "expected": seen, "reason": "  "})
    assert refused.status_code == 422
    assert "Say why" in refused.content.decode()
    assert not Regrade.objects.exists()


class TestMending:
    @pytest.mark.parametrize(
        ("old", "new", "line", "said"),
        [
            ("key: linear", "key: cubic", 1, "none of the choices"),
            ("kind: single_choice", "kind: numeric", 1, "keeps its kind"),
            ("kind: single_choice", "id: other\nkind: single_choice", 1, "stays as it is"),
            ("key: linear", "key: [", 7, "not valid YAML"),
            ("  zh-hans:", "  fr:", 1, "no text in zh-hans"),
        ],
    )
    def test_errors_name_their_lines_and_nothing_is_lost(
        self, client: Client, teacher: User, question: Question, old: str, new: str, line: int, said: str
    ) -> None:
        address = f"/questions/{question.pk}/regrade/key/"
        text = client.get(address).context["text"].replace(old, new)
        refused = client.post(address, {"text": text, "based_on": 1})
        assert refused.status_code == 422
        assert refused.context["text"] == text
        assert any(said in one["said"].words and one["line"] >= line for one in refused.context["findings"])
        assert question.versions.count() == 1

    def test_what_somebody_else_has_saved_is_not_overwritten(
        self, client: Client, teacher: User, course: Course, question: Question
    ) -> None:
        address = f"/questions/{question.pk}/regrade/key/"
        text = client.get(address).context["text"].replace("key: linear", "key: constant")
        mend(course)
        refused = client.post(address, {"text": text, "based_on": 1})
        assert refused.status_code == 409
        assert "key: nonlinear" in refused.context["newest"]
        assert refused.context["text"] == text
        assert client.post(address, {"text": text, "based_on": refused.context["based_on"]}).status_code == 302
        assert question.versions.count() == 3

    def test_the_same_text_is_no_new_version_and_a_change_marks_the_course(
        self, client: Client, teacher: User, course: Course, question: Question
    ) -> None:
        address = f"/questions/{question.pk}/regrade/key/"
        text = client.get(address).context["text"]
        client.post(address, {"text": text.replace("\n", "\r\n"), "based_on": 1})
        course.refresh_from_db()
        assert (question.versions.count(), course.edited_at) == (1, None)
        client.post(address, {"text": text.replace("key: linear", "key: nonlinear"), "based_on": 1})
        course.refresh_from_db()
        assert (question.versions.count(), course.edited_at is not None) == (2, True)

    def test_what_is_shown_of_every_kind_can_be_saved_as_it_is(self, shipped_course: Course) -> None:
        one_of_each = {question.kind: question for question in shipped_course.questions.select_related("current")}
        assert len(one_of_each) > 5
        for kind, question in one_of_each.items():
            if kind not in mending.UNMENDED:
                text = mending.written(question)
                assert mending.save(question, text, based_on=1, now=NOW) is None, kind


def test_the_page_asks_few_queries_whatever_was_answered(
    client: Client, teacher: User, course: Course, question: Question, learner: User, django_assert_max_num_queries
) -> None:
    for minute in range(5):
        sit(learner, course, "nonlinear", at=NOW.replace(minute=minute))
    version = mend(course)
    with django_assert_max_num_queries(18):
        text = client.get(f"/questions/{question.pk}/regrade/?version={version.number}").content.decode()
    assert text.count("0.50 → 1.50") == 5
