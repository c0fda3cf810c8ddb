"""The command and the tasks that fit memory."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from courses.models import Course
from quizzes import tasks
from quizzes.memory import plans
from quizzes.memory.learning import own_weights
from quizzes.models import FittedWeights
from tests.quizzes.memory.learning.simulated import forgetful_log, keep


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("fit_memory", *arguments, stdout=out)
    return out.getvalue()


def test_it_prints_the_figures_of_every_learner_with_new_reviews(
    learner: User, other_learner: User, course: Course
) -> None:
    keep(learner, course, forgetful_log())
    printed = run()
    assert f"{learner.email}: fitted on " in printed
    assert "published; taken" in printed
    assert other_learner.email not in printed
    assert "1 learners with new reviews looked at." in printed
    assert "0 learners with new reviews looked at." in run()


def test_one_learner_by_address(learner: User, other_learner: User, course: Course) -> None:
    keep(learner, course, forgetful_log())
    assert "500 more reviews are needed" in run(other_learner.email)
    assert "taken" in run(learner.email.upper())
    assert "not taken (worse)" in run(learner.email)


def test_an_unknown_address_is_an_error(db: None) -> None:
    with pytest.raises(CommandError, match="no learner with the address nobody"):
        run("nobody@example.org")


def test_the_task_on_request_fits_one_learner(learner: User, course: Course) -> None:
    keep(learner, course, forgetful_log())
    tasks.fit_learner.call_local(learner.pk)
    assert plans.plan_of(learner).weights is not None


def test_a_learner_who_is_gone_meanwhile_is_no_error(learner: User) -> None:
    pk = learner.pk
    learner.delete()
    tasks.fit_learner.call_local(pk)


def test_what_fails_for_one_learner_stops_no_other(
    learner: User, other_learner: User, course: Course, monkeypatch: pytest.MonkeyPatch, caplog
) -> None:
    for user in (learner, other_learner):
        keep(user, course, forgetful_log())
    first, _ = sorted([learner, other_learner], key=lambda user: str(user.pk))
    learn = own_weights.learn

    def failing(user: User, **how):
        if user == first:
            raise OSError("the disk is full")
        return learn(user, **how)

    monkeypatch.setattr(own_weights, "learn", failing)
    tasks.fit_everybody.call_local()
    assert FittedWeights.objects.count() == 1
    assert f"The weights of learner {first.pk} could not be fitted." in caplog.text
