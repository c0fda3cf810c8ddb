"""manage.py regrade"""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from courses.models import Course
from quizzes.models import Regrade
from tests.quizzes.factories import make_course
from tests.quizzes.regrading.samples import WRONG_KEY, everything, marks, mend, sit

pytestmark = pytest.mark.django_db


@pytest.fixture
def course(learner: User) -> Course:
    course = make_course(questions=WRONG_KEY)
    sit(learner, course, "nonlinear")
    mend(course)
    return course


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("regrade", "nonlinear", "--course", "small", *arguments, stdout=out)
    return out.getvalue()


def test_a_dry_run_says_what_would_change_and_changes_nothing(course: Course) -> None:
    before = everything()
    said = run("--dry-run")
    assert "1 learners: 1 marks rise, 0 fall" in said
    assert everything() == before


def test_it_judges_by_the_current_version_and_takes_it_back(course: Course) -> None:
    before = everything()
    run("--reason", "Wrong key.")
    assert marks() == [1.0]
    decision = Regrade.objects.get()
    assert (decision.version, decision.reason) == (course.questions.get(slug="nonlinear").current, "Wrong key.")
    run("--undo", str(decision.pk))
    assert everything() == before
    with pytest.raises(CommandError, match="taken back already"):
        run("--undo", str(decision.pk))


def test_it_judges_by_the_version_that_is_named(course: Course) -> None:
    run("--version", "1")
    assert marks() == [0.0]
    assert Regrade.objects.get().version == course.questions.get(slug="nonlinear").versions.get(number=1)


def test_it_keeps_a_question_out_of_memory(course: Course) -> None:
    assert "1 are left out" in run("--exclude")
    with pytest.raises(CommandError, match="already"):
        run("--exclude")


@pytest.mark.parametrize(
    ("arguments", "said"), [(["--version", "9"], "no version 9"), (["--undo", "9"], "no decision 9")]
)
def test_what_is_not_there_is_said(course: Course, arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        run(*arguments)
    with pytest.raises(CommandError, match="has no question"):
        call_command("regrade", "nothing", "--course", "small")
