"""Whatever way the reviews of one learner take to the server, what is remembered is the same."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from quizzes.memory import fsrs, plans, reviews
from quizzes.memory.fsrs import Entry
from quizzes.models import MemoryState, Question, Review
from tests.quizzes.factories import NOW, make_course
from tests.quizzes.memory.samples import more_cards

pytestmark = pytest.mark.django_db

Item = dict[str, Any]
END = NOW + timedelta(days=100)
CHOICES = ["linear", "nonlinear"]
ANY_DB = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@st.composite
def histories(draw: st.DrawFn) -> list[Item]:
    """What several devices have collected of three questions (0 and 1 are cards, 2 is graded), the undos of any of it,
    of undos, of what never was, and of reviews of another question. Clocks are wrong by up to a month."""
    ids = draw(st.lists(st.uuids(version=4), min_size=1, max_size=9, unique=True))
    clocks = draw(st.lists(st.timedeltas(timedelta(days=-30), timedelta(days=30)), min_size=1, max_size=3))
    known: list[Item] = []
    for id_ in ids:
        at = NOW + draw(st.timedeltas(timedelta(0), timedelta(days=40)) | st.just(timedelta(days=1)))
        item: Item = {"id": str(id_), "occurred_at": (at + draw(st.sampled_from(clocks))).isoformat()}
        target = draw(st.sampled_from([*known, {"id": str(uuid.UUID(int=1)), "question": 0}]))
        match draw(st.integers(0, 4)):
            case 0:
                other = draw(st.integers(0, 9)) == 0
                item |= {"undoes": target["id"], "question": 1 if other else target["question"]}
            case 1:
                item |= {"question": 2, "response": {"choice": draw(st.sampled_from(CHOICES))}}
            case _:
                item |= {"question": draw(st.integers(0, 1)), "rating": draw(st.integers(1, 4))}
        known.append(item)
    return known


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[Item], list[list[Item]]]:
    """A history, and the batches that a bad network makes of it: in any order, some items several times."""
    history = draw(histories())
    again = draw(st.lists(st.sampled_from(history), max_size=6))
    sent = draw(st.permutations([*history, *again]))
    batches: list[list[Item]] = [[]]
    for item in sent:
        batches[-1].append(item)
        if draw(st.booleans()):
            batches.append([])
    return history, batches


class World:
    """Three questions and a learner."""

    def __init__(self, learner: User) -> None:
        course = make_course()
        self.learner = learner
        self.questions: Sequence[Question] = [*more_cards(course, 2), course.questions.get(slug="nonlinear")]

    def after(self, batches: Iterable[Sequence[Item]]) -> dict[uuid.UUID, fsrs.State]:
        """Return what is remembered after these batches, and forget it."""
        with transaction.atomic():
            for batch in batches:
                self.send(batch)
            assert reviews.rebuild(self.learner, check=True) == 0
            found = self.remembered()
            transaction.set_rollback(True)
        return found

    def send(self, batch: Sequence[Item]) -> None:
        raws = [item | {"question": str(self.questions[item["question"]].pk)} for item in batch]
        items = reviews.read_all(raws)
        results = reviews.record(self.learner, items, source=Review.Source.FLASHCARD, now=END)
        told = {result.problem.code if result.problem else result.status for result in results}
        assert told <= {"created", "duplicate", "undo_of_undo", "other_question"}

    def remembered(self) -> dict[uuid.UUID, fsrs.State]:
        rows = MemoryState.objects.filter(user=self.learner).values_list("question_id", *reviews.STATE_FIELDS)
        return {question: fsrs.State(fsrs.Phase(phase), *rest) for question, phase, *rest in rows}

    def folded(self, history: Iterable[Item]) -> dict[uuid.UUID, fsrs.State]:
        """Return the pure fold of the same."""
        plan = plans.plan_of(self.learner)
        found = {}
        for number, question in enumerate(self.questions):
            log = [_entry(item) for item in history if item["question"] == number]
            state = fsrs.fold(log, plan.terms(question.pk, None))
            if state is not None:
                found[question.pk] = state
        return found


def _entry(item: Item) -> Entry:
    at = datetime.fromisoformat(item["occurred_at"]).astimezone(UTC)
    graded = {"linear": 1, "nonlinear": 3}[item["response"]["choice"]] if "response" in item else None
    undoes = uuid.UUID(item["undoes"]) if "undoes" in item else None
    return Entry(uuid.UUID(item["id"]), item.get("rating", graded), at, at, undoes)


@pytest.fixture
def world(learner: User) -> World:
    return World(learner)


@settings(max_examples=25, suppress_health_check=ANY_DB)
@given(deliveries())
def test_any_way_to_the_server_gives_the_same_states(world: World, delivery: Any) -> None:
    history, batches = delivery
    assert world.after(batches) == world.after([history]) == world.folded(history)


@pytest.mark.slow
@settings(max_examples=1000, suppress_health_check=ANY_DB)
@given(deliveries())
def test_any_way_to_the_server_gives_the_same_states_a_thousand_times(world: World, delivery: Any) -> None:
    history, batches = delivery
    assert world.after(batches) == world.after([history]) == world.folded(history)


@settings(max_examples=25, suppress_health_check=ANY_DB)
@given(deliveries(), st.data())
def test_what_was_undone_and_all_folded_anew_had_never_been(world: World, delivery: Any, data: st.DataObject) -> None:
    history, batches = delivery
    undone = data.draw(st.sets(st.sampled_from([item["id"] for item in history])))
    undos = [
        {"id": str(uuid.uuid4()), "undoes": item["id"], "question": item["question"], "occurred_at": END.isoformat()}
        for item in history
        if item["id"] in undone and "undoes" not in item
    ]
    names = {undo["undoes"] for undo in undos}
    without = [item for item in history if item["id"] not in names and item.get("undoes") not in names]
    with transaction.atomic():
        for batch in [*batches, undos]:
            world.send(batch)
        MemoryState.objects.all().delete()
        reviews.rebuild(world.learner)
        found = world.remembered()
        transaction.set_rollback(True)
    assert found == world.after([without])


@pytest.mark.parametrize("examples", [200, pytest.param(1000, marks=pytest.mark.slow)])
def test_the_pure_fold_does_not_see_order_or_repetition(examples: int) -> None:
    terms = fsrs.Terms(uuid.UUID(int=7), uuid.UUID(int=8))

    @settings(max_examples=examples)
    @given(deliveries())
    def folds_the_same(delivery: tuple[list[Item], list[list[Item]]]) -> None:
        history, batches = delivery
        log = [_entry(item) for item in history]
        delivered = [_entry(item) for batch in batches for item in batch]
        assert fsrs.fold(delivered, terms) == fsrs.fold(log, terms)
        assert fsrs.state_hash(delivered) == fsrs.state_hash(log)

    folds_the_same()


def test_two_devices_forget_by_days_and_not_by_months_whichever_comes_first(world: World) -> None:
    """Known well for two months; then forgotten on one device, and on the next day known on the other."""
    known = [rated(number, rating, day) for number, (rating, day) in enumerate([(4, 0), (3, 10), (3, 25)])]
    forgotten, known_again = rated(10, 1, 60), rated(11, 3, 61)
    orders = [[forgotten], [known_again]], [[known_again], [forgotten]]
    first, second = [world.after([known, *order]) for order in orders]
    assert first == second
    (state,) = first.values()
    assert state.due - (NOW + timedelta(days=61)) < timedelta(days=14)
    assert (state.reps, state.lapses) == (5, 1)
    (unforgotten,) = world.after([known, [known_again]]).values()
    assert unforgotten.due - state.due > timedelta(days=60)


def rated(number: int, rating: int, day: int) -> Item:
    at = NOW + timedelta(days=day)
    return {"id": str(uuid.UUID(int=number, version=4)), "question": 0, "rating": rating, "occurred_at": at.isoformat()}
