from datetime import date, timedelta

import pytest

from accounts.models import User
from courses.models import Course
from quizzes.memory import plans, reviews
from quizzes.memory.planning import deciding
from quizzes.memory.planning.candidates import Wishes
from quizzes.memory.planning.deciding import Decision
from quizzes.models import CoursePlan, MemoryState, StudyPlan
from tests.quizzes.factories import NOW, make_course
from tests.quizzes.memory.samples import rate

EXAM = date(2030, 1, 7)


@pytest.fixture
def course(learner: User) -> Course:
    course = make_course()
    card = course.questions.get(slug="card-epoch")
    for days in (20, 19, 11):
        rate(learner, card, at=NOW - timedelta(days=days))
    return course


def test_a_decision_is_what_the_queue_reads(learner: User, course: Course) -> None:
    wishes = Wishes(7, 50, 25, {5: 0.5, 6: 0.0}, {course.pk: EXAM})
    assert deciding.decide(learner, Decision(wishes, 0.85, {course.pk: 0.95}))
    found = plans.day_plan_of(learner)
    assert found.wishes == wishes
    assert (found.plan.desired_retention, found.desired(course.pk), found.desired(None)) == (0.85, 0.95, 0.85)


def test_states_are_those_of_the_new_retention(learner: User, course: Course) -> None:
    deciding.decide(learner, Decision(Wishes(), 0.9, {course.pk: 0.97}))
    assert reviews.rebuild(learner, check=True) == 0


def test_twice_is_once(learner: User, course: Course) -> None:
    decision = Decision(Wishes(exams={course.pk: EXAM}), 0.8, {course.pk: 0.95})
    assert [deciding.decide(learner, decision) for _ in range(2)] == [True, False]
    assert (StudyPlan.objects.count(), CoursePlan.objects.count()) == (1, 1)


def test_killed_in_the_middle_nothing_has_happened(
    learner: User, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(user: User) -> None:
        raise KeyboardInterrupt

    before = MemoryState.objects.get().due
    monkeypatch.setattr(reviews, "rebuild", killed)
    with pytest.raises(KeyboardInterrupt):
        deciding.decide(learner, Decision(Wishes(new_per_day=1), 0.8))
    learner.refresh_from_db()
    assert learner.desired_retention == 0.9
    assert not StudyPlan.objects.exists()
    assert MemoryState.objects.get().due == before


def test_the_plan_of_another_learner_stays(learner: User, other_learner: User, course: Course) -> None:
    deciding.decide(other_learner, Decision(Wishes(exams={course.pk: EXAM}), 0.8, {course.pk: 0.7}))
    deciding.decide(learner, Decision(Wishes(), 0.9))
    assert plans.day_plan_of(other_learner).wishes.exams == {course.pk: EXAM}
    assert plans.day_plan_of(other_learner).desired(course.pk) == 0.7
