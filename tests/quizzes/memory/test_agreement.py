"""Our states beside those of two other implementations, on the same histories.

py-fsrs counts in 64 bits and has learning steps of its own; fsrs-rs is asked the ordinary way, rating by rating: it
knows whole days and no steps. The one is met within its rounding, the other to the last bit.
"""

import random
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

import fsrs as py_fsrs
import fsrs_rs_python as fsrs_rs
import pytest

from accounts.models import User
from quizzes.memory import fsrs, reviews
from quizzes.memory.fsrs import DEFAULT_WEIGHTS, Entry, Phase, State, Terms, Weights
from quizzes.models import MemoryState, Question, Review
from tests.quizzes.factories import NOW, make_course

HISTORIES = 300
GAPS = [timedelta(seconds=50), timedelta(minutes=15), timedelta(hours=30), timedelta(days=12), timedelta(days=200)]
TERMS = Terms(uuid.UUID(int=7), uuid.UUID(int=8), fuzz=False)


def random_history(chance: random.Random) -> list[Entry]:
    """Up to 20 ratings, some seconds to 200 days apart."""
    at, log = NOW, []
    for _ in range(chance.randint(1, 20)):
        at += timedelta(seconds=chance.randint(1, round(chance.choice(GAPS).total_seconds())))
        log.append(Entry(uuid.UUID(int=chance.getrandbits(128), version=4), chance.choice([1, 2, 3, 3, 3, 4]), at, at))
    return log


def oracle_states(log: Sequence[Entry], retention: float = 0.9) -> list[py_fsrs.Card]:
    scheduler, card = py_fsrs.Scheduler(desired_retention=retention, enable_fuzzing=False), py_fsrs.Card(card_id=1)
    found = []
    for entry in log:
        card, _ = scheduler.review_card(card, py_fsrs.Rating(entry.rating or 0), entry.effective_at)
        found.append(card)
    return found


def assert_same_memory(state: State, card: py_fsrs.Card) -> None:
    assert (state.state, state.step) == (card.state, card.step)
    assert state.stability == pytest.approx(card.stability, rel=1e-4)
    assert state.difficulty == pytest.approx(card.difficulty, rel=1e-4)


def test_every_state_of_300_histories_is_that_of_py_fsrs_due_to_the_second() -> None:
    """At most one due in a thousand may lie a day apart: where an interval ends within a rounding of half a day."""
    chance, compared, apart = random.Random(2026), 0, 0
    for _ in range(HISTORIES):
        log = random_history(chance)
        for length, card in enumerate(oracle_states(log), 1):
            state = fsrs.fold(log[:length], TERMS)
            assert state is not None
            assert_same_memory(state, card)
            difference = abs(state.due - card.due)
            assert difference < timedelta(seconds=1) or difference == timedelta(days=1)
            compared, apart = compared + 1, apart + (difference >= timedelta(seconds=1))
    assert compared > HISTORIES * 5
    assert apart <= compared / 1000


@pytest.mark.django_db
def test_what_is_recorded_is_that_of_py_fsrs_with_its_intervals_fuzzed(learner: User) -> None:
    card = make_course().questions.get(slug="card-epoch")
    chance = random.Random(11)
    for _ in range(25):
        MemoryState.objects.all().delete()
        Review.objects.all().delete()
        log = random_history(chance)
        record(learner, card, log, chance)
        row, oracle = MemoryState.objects.get(), oracle_states(log, learner.desired_retention)[-1]
        state = State(Phase(row.state), *[getattr(row, name) for name in reviews.STATE_FIELDS[1:]])
        assert_same_memory(state, oracle)
        waited, exact = state.due - state.last_review, oracle.due - log[-1].effective_at
        if exact < timedelta(days=1):
            assert waited == exact
        else:
            shortest, longest = fsrs.fuzz_range(exact.days)
            assert shortest - 1 <= waited.days <= longest + 1


def record(user: User, card: Question, log: Sequence[Entry], chance: random.Random) -> None:
    """In any order, in batches of three."""
    raws = [
        {"id": str(one.id), "question": str(card.pk), "rating": one.rating, "occurred_at": one.occurred_at.isoformat()}
        for one in chance.sample(log, len(log))
    ]
    for begin in range(0, len(raws), 3):
        batch = reviews.read_all(raws[begin : begin + 3])
        reviews.record(user, batch, source=Review.Source.FLASHCARD, now=log[-1].effective_at)


def rating_by_rating(log: Sequence[Entry], weights: Weights) -> list[fsrs_rs.ItemState]:
    """The ordinary way: what the engine says after each rating, given the days since the one before."""
    engine, memory, last = fsrs_rs.FSRS(list(weights)), None, None
    found = []
    for entry in log:
        days = (entry.effective_at - last) // timedelta(days=1) if last else 0
        after = engine.next_states(memory, 0.9, days)
        chosen = [after.again, after.hard, after.good, after.easy][(entry.rating or 0) - 1]
        memory, last = fsrs_rs.MemoryState(chosen.memory.stability, chosen.memory.difficulty), entry.effective_at
        found.append(chosen)
    return found


def other_weights(chance: random.Random) -> Weights:
    return tuple(weight * chance.uniform(0.8, 1.2) for weight in DEFAULT_WEIGHTS)


@pytest.mark.parametrize("seed", range(5))
def test_folding_a_history_at_once_gives_the_very_bits_of_the_engine_rating_by_rating(seed: int) -> None:
    chance = random.Random(seed)
    for number in range(HISTORIES // 5):
        log, weights = random_history(chance), DEFAULT_WEIGHTS if number % 2 else other_weights(chance)
        terms, cut = Terms(TERMS.learner, TERMS.question, weights=weights), chance.randint(0, len(log))
        expected = rating_by_rating(log, weights)[-1].memory
        whole, part = fsrs.fold(log, terms), fsrs.fold(log[:cut], terms)
        for entry in log[cut:]:
            part = fsrs.continue_fold(part, entry, terms)
        assert whole is not None
        assert whole == part
        assert (whole.stability, whole.difficulty) == (expected.stability, expected.difficulty)


def test_intervals_in_days_are_those_of_the_engine_and_the_steps_are_ours() -> None:
    chance, compared = random.Random(5), 0
    for _ in range(HISTORIES):
        log = random_history(chance)
        state, said = fsrs.fold(log, TERMS), rating_by_rating(log, DEFAULT_WEIGHTS)[-1]
        assert state is not None
        wait = state.due - log[-1].effective_at
        if state.state is Phase.REVIEW:
            compared += 1
            assert wait.seconds == 0
            exact = min(max(said.interval, 1), fsrs.MAX_INTERVAL_DAYS)
            assert abs(wait.days - exact) <= 0.5 + 1e-5 * exact
        else:
            assert wait in {timedelta(minutes=1), timedelta(minutes=5.5), timedelta(minutes=10), timedelta(minutes=15)}
    assert compared > HISTORIES / 3


def test_a_moment_in_another_zone_is_the_same_moment() -> None:
    """No calendar enters the fold: only what lies between two instants."""
    log = random_history(random.Random(3))
    shifted = [Entry(one.id, one.rating, _in_shanghai(one.effective_at), _in_shanghai(one.occurred_at)) for one in log]
    assert fsrs.fold(shifted, TERMS) == fsrs.fold(log, TERMS)


def _in_shanghai(moment: datetime) -> datetime:
    from zoneinfo import ZoneInfo

    return moment.astimezone(ZoneInfo("Asia/Shanghai"))
