"""Whatever learners did, and whatever was decided in whichever order: what is taken back had never been."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from courses.models import Course
from quizzes.models import Attempt, Question, QuestionVersion, Quiz, Regrade
from quizzes.regrading import decisions as regrading
from tests.quizzes.factories import NOW, QUESTIONS, make_course
from tests.quizzes.regrading.samples import (
    WRONG_KEY,
    everything,
    exclude,
    memory_agrees_with_the_log,
    mend,
    regrade,
    review,
    sit,
    undo,
)

pytestmark = pytest.mark.django_db
CHOICES = ("nonlinear", "linear", "constant")
KEYS = [QUESTIONS, QUESTIONS.replace("key: nonlinear\n", "key: constant\n")]

learners = st.sampled_from([0, 1])
days = st.integers(0, 20)
choices = st.sampled_from(CHOICES)
answers = st.one_of(
    st.tuples(st.just("sit"), learners, choices, days, st.booleans()),
    st.tuples(st.just("review"), learners, choices, days),
)
decisions = st.one_of(st.tuples(st.just("regrade"), st.integers(1, 3)), st.just(("exclude",)))
rules = st.sampled_from(
    [{}, {"behaviour": "tries", "penalty": 0.1}, {"certainty": True}, {"behaviour": "deferred"}, {"passing": 0.5}]
)


class World:
    """A course with three versions of one question, two learners, and what they do."""

    def __init__(self, quiz_rules: dict[str, Any]) -> None:
        self.course: Course = make_course(questions=WRONG_KEY)
        self.question: Question = self.course.questions.get(slug="nonlinear")
        Quiz.objects.update(rules=quiz_rules)
        self.users = [User.objects.create_user(f"u{uuid.uuid4()}@example.org", name=name) for name in ("Lin", "Ola")]
        for key in KEYS:
            mend(self.course, key)
        self.versions: list[QuestionVersion] = list(self.question.versions.order_by("number"))
        Question.objects.filter(pk=self.question.pk).update(current=self.versions[0])

    def do(self, history: list[tuple[Any, ...]]) -> None:
        """No two at the same moment: which came first would hang on ids, which every history makes anew."""
        for number, step in enumerate(history):
            self._do(*step, number=number)

    def _do(self, name: str, user: int, choice: str, day: int, *rest: bool, number: int) -> None:
        at = NOW + timedelta(days=day, minutes=10 * number)
        if name == "sit":
            sit(self.users[user], self.course, choice, at=at, submit=rest[0])
        else:
            review(self.users[user], self.question, choice, at=at, version=1)

    def decide(self, step: tuple[Any, ...]) -> Regrade | None:
        if step[0] == "regrade":
            return regrade(self.question, self.versions[step[1] - 1])
        try:
            return exclude(self.question)
        except regrading.AlreadyExcludedError:
            return None


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(rules, st.lists(answers, max_size=6), st.lists(decisions, min_size=1, max_size=3), st.randoms())
def test_taking_everything_back_in_any_order_gives_every_byte_back(
    db: None, quiz_rules: dict[str, Any], history: list[Any], decided: list[Any], chance: Any
) -> None:
    with transaction.atomic():
        world = World(quiz_rules)
        world.do(history)
        before = everything()
        made = [decision for step in decided if (decision := world.decide(step))]
        assert memory_agrees_with_the_log()
        chance.shuffle(made)
        for decision in made:
            undo(decision)
            assert memory_agrees_with_the_log()
        assert everything() == before
        transaction.set_rollback(True)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(answers, min_size=1, max_size=5), st.lists(decisions, min_size=1, max_size=3), st.data())
def test_what_came_after_a_decision_counts_as_if_it_had_come_before(
    db: None, history: list[Any], decided: list[Any], data: st.DataObject
) -> None:
    """The same answers and the same decisions, in two orders; then some decisions are taken back."""
    taken_back = data.draw(st.sets(st.integers(0, len(decided) - 1)))
    seen = []
    for answers_first in (True, False):
        with transaction.atomic():
            world = World({})
            if answers_first:
                world.do(history)
            made = [world.decide(step) for step in decided]
            if not answers_first:
                world.do(history)
            for number in sorted(taken_back):
                if (decision := made[number]) is not None:
                    undo(decision)
            assert memory_agrees_with_the_log()
            seen.append(what_counts(world))
            transaction.set_rollback(True)
    assert seen[0] == seen[1]


def what_counts(world: World) -> Any:
    """Without what hangs on ids, which every history makes anew: the fuzz of an interval, and the hash."""
    attempted = [
        (world.users.index(one.user), one.started_at, one.score, sorted(one.responses.values_list("score", "mark")))
        for one in Attempt.objects.select_related("user")
    ]
    states = [
        (world.users.index(one.user), one.state, one.reps, one.lapses)
        for one in world.question.memory_states.select_related("user")
    ]
    return sorted(attempted, key=repr), sorted(states)
