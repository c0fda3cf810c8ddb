import random
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import fsrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizzes.memory import fsrs as memory
from quizzes.memory.fsrs import Entry, Phase, Rating, State, Terms

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
TERMS = Terms(learner=uuid.UUID(int=7), question=uuid.UUID(int=8))
EXACT = Terms(TERMS.learner, TERMS.question, fuzz=False)

moments = st.datetimes(datetime(2020, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@st.composite
def logs(draw: st.DrawFn) -> list[Entry]:
    """Ratings at any moments (some at the very same), and undos of some of them, of undos, and of nothing."""
    count = draw(st.integers(1, 8))
    ids = draw(st.lists(st.uuids(), min_size=count, max_size=count, unique=True))
    entries = []
    for id_ in ids:
        at = draw(moments | st.just(NOW))
        if draw(st.integers(0, 4)) == 0:
            entries.append(Entry(id_, None, at, at, undoes=draw(st.sampled_from(ids) | st.uuids())))
        else:
            entries.append(Entry(id_, draw(st.integers(1, 4)), at, draw(moments | st.just(at))))
    return entries


def history(*ratings: int, every: timedelta = timedelta(days=1)) -> list[Entry]:
    return [
        Entry(uuid.UUID(int=number), rating, NOW + number * every, NOW + number * every)
        for number, rating in enumerate(ratings)
    ]


class TestTheFold:
    @settings(deadline=None)
    @given(logs(), st.randoms(use_true_random=False))
    def test_it_does_not_depend_on_order_or_repetition(self, log: list[Entry], chance: random.Random) -> None:
        delivered = log + chance.choices(log, k=chance.randint(0, 5))
        chance.shuffle(delivered)
        assert memory.fold(delivered, TERMS) == memory.fold(log, TERMS)
        assert memory.state_hash(delivered) == memory.state_hash(log)

    @settings(deadline=None)
    @given(logs())
    def test_it_is_the_same_continued_one_by_one(self, log: list[Entry]) -> None:
        state = None
        for entry in memory.effective(log):
            state = memory.continue_fold(state, entry, TERMS)
        assert state == memory.fold(log, TERMS)

    @settings(deadline=None)
    @given(logs())
    def test_it_carries_the_hash_of_its_effective_reviews(self, log: list[Entry]) -> None:
        state = memory.fold(log, TERMS)
        assert state is None or state.state_hash == memory.state_hash(log)

    @settings(deadline=None)
    @given(logs(), st.uuids())
    def test_it_is_as_if_an_undone_review_had_never_been(self, log: list[Entry], undo: uuid.UUID) -> None:
        kept, undone = log[1:], log[0]
        if undone.rating is None:
            return
        with_undo = [*log, Entry(undo, None, NOW, NOW, undoes=undone.id)]
        assert memory.fold(with_undo, TERMS) == memory.fold(kept, TERMS)

    def test_it_ignores_the_undo_of_an_undo(self) -> None:
        first, second = history(3, 1)
        undo = Entry(uuid.UUID(int=90), None, NOW, NOW, undoes=second.id)
        undo_of_undo = Entry(uuid.UUID(int=91), None, NOW, NOW, undoes=undo.id)
        assert memory.fold([undo_of_undo, second, undo, first], TERMS) == memory.fold([first], TERMS)

    def test_it_is_nothing_where_nothing_counts(self) -> None:
        assert memory.fold([], TERMS) is None
        review = history(3)[0]
        assert memory.fold([review, Entry(uuid.uuid4(), None, NOW, NOW, undoes=review.id)], TERMS) is None

    def test_it_counts_reviews_and_lapses(self) -> None:
        state = memory.fold(history(1, 4, 1, 1, 3, 1), TERMS)
        assert state is not None
        assert (state.reps, state.lapses) == (6, 2)
        assert (state.state, state.step) == (Phase.RELEARNING, 0)

    def test_its_hash_tells_other_ratings_times_and_weights_apart(self) -> None:
        log = history(3, 3)
        other = [Entry(log[0].id, 4, log[0].effective_at, log[0].occurred_at), log[1]]
        later = [log[0], Entry(log[1].id, 3, log[1].effective_at, log[1].occurred_at + timedelta(microseconds=1))]
        weights = (0.3, *memory.DEFAULT_WEIGHTS[1:])
        hashes = {memory.state_hash(log), memory.state_hash(other), memory.state_hash(later)}
        assert len(hashes | {memory.state_hash(log, weights)}) == 4

    def test_its_hash_does_not_depend_on_the_desired_retention(self) -> None:
        careful = Terms(TERMS.learner, TERMS.question, desired_retention=0.95)
        strict, usual = memory.fold(history(4, 3), careful), memory.fold(history(4, 3), TERMS)
        assert strict is not None
        assert usual is not None
        assert strict.state_hash == usual.state_hash
        assert strict.due < usual.due


class TestFuzz:
    def test_it_differs_between_reviews_and_stays_near(self) -> None:
        days = set()
        for number in range(50):
            entry = Entry(uuid.UUID(int=number), 4, NOW, NOW)
            days.add((memory.continue_fold(None, entry, TERMS).due - NOW).days)
        assert days <= set(range(6, 11))
        assert len(days) >= 3

    def test_it_leaves_steps_and_short_intervals_alone(self) -> None:
        for number in range(20):
            entry = Entry(uuid.UUID(int=number), 1, NOW, NOW)
            assert memory.continue_fold(None, entry, TERMS).due == NOW + timedelta(minutes=1)

    def test_it_is_another_for_another_learner_and_question(self) -> None:
        long = [Entry(uuid.UUID(int=n), 4, NOW + n * timedelta(days=60), NOW) for n in range(4)]
        dues = {memory.fold(long, Terms(uuid.UUID(int=n), uuid.UUID(int=8))).due for n in range(20)}  # type: ignore[union-attr]
        dues |= {memory.fold(long, Terms(uuid.UUID(int=7), uuid.UUID(int=n))).due for n in range(20)}  # type: ignore[union-attr]
        assert len(dues) > 10


class TestPreviews:
    @settings(deadline=None)
    @given(logs(), st.uuids())
    def test_they_are_what_each_rating_then_gives(self, log: list[Entry], coming: uuid.UUID) -> None:
        state, now = memory.fold(log, TERMS), NOW + timedelta(days=1)
        for preview in memory.previews(state, now, TERMS, coming):
            after = memory.continue_fold(state, Entry(coming, preview.rating, now, now), TERMS)
            assert (after.due, after.due - now) == (preview.due, preview.interval)

    def test_of_a_new_card_are_its_learning_steps(self) -> None:
        intervals = [preview.interval for preview in memory.previews(None, NOW, TERMS)]
        minutes = timedelta(minutes=1)
        assert intervals == [minutes, 5.5 * minutes, 10 * minutes, timedelta(days=8)]


@pytest.mark.parametrize(
    ("score", "rating"),
    [
        (0.0, Rating.AGAIN),
        (0.499, Rating.AGAIN),
        (0.5, Rating.HARD),
        (0.849, Rating.HARD),
        (0.85, Rating.GOOD),
        (1.0, Rating.GOOD),
    ],
)
def test_a_score_becomes_a_rating_and_never_easy(score: float, rating: Rating) -> None:
    assert memory.rating_of_score(score) is rating


class TestAgainstPyFsrs:
    """The oracle: another implementation, in other arithmetic (64 bits), with its own state machine."""

    @pytest.mark.parametrize("retention", [0.8, 0.9, 0.95])
    @pytest.mark.parametrize("seed", range(8))
    def test_random_histories_give_the_same_states(self, seed: int, retention: float) -> None:
        chance = random.Random(seed)
        for _ in range(40):
            log = random_history(chance, chance.randint(1, 15))
            compare_with_oracle(log, retention)

    @pytest.mark.parametrize("rating", Rating)
    @pytest.mark.parametrize("gap", [timedelta(seconds=5), timedelta(hours=30), timedelta(days=200)])
    def test_monotonous_histories_give_the_same_states(self, rating: Rating, gap: timedelta) -> None:
        compare_with_oracle(history(*[rating] * 12, every=gap), 0.9)

    def test_retrievability_is_the_same(self) -> None:
        scheduler, card = fsrs.Scheduler(enable_fuzzing=False), fsrs.Card(card_id=1)
        log = history(3, 3, 4)
        state = memory.fold(log, EXACT)
        assert state is not None
        for entry in log:
            card, _ = scheduler.review_card(card, fsrs.Rating(entry.rating or 0), entry.effective_at)
        for hours in [0, 23, 24, 100, 1000, 50_000]:
            now = state.last_review + timedelta(hours=hours)
            expected = scheduler.get_card_retrievability(card, now)
            assert memory.retrievability(state, now) == pytest.approx(expected, rel=1e-5)


def random_history(chance: random.Random, length: int) -> list[Entry]:
    at, entries = NOW, []
    for _ in range(length):
        longest = chance.choice([600, 86_400, 10 * 86_400, 200 * 86_400])
        at += timedelta(seconds=chance.randint(1, longest))
        entries.append(Entry(uuid.UUID(int=chance.getrandbits(128)), chance.choice([1, 2, 3, 3, 3, 4]), at, at))
    return entries


def compare_with_oracle(log: Sequence[Entry], retention: float) -> None:
    terms = Terms(TERMS.learner, TERMS.question, desired_retention=retention, fuzz=False)
    scheduler, card = fsrs.Scheduler(desired_retention=retention, enable_fuzzing=False), fsrs.Card(card_id=1)
    state: State | None = None
    for entry in log:
        state = memory.continue_fold(state, entry, terms)
        card, _ = scheduler.review_card(card, fsrs.Rating(entry.rating or 0), entry.effective_at)
        assert (state.state, state.step) == (card.state, card.step)
        assert state.stability == pytest.approx(card.stability, rel=1e-4)
        assert state.difficulty == pytest.approx(card.difficulty, rel=1e-4)
        assert abs(state.due - card.due) < timedelta(seconds=1) or is_between_two_days(scheduler, card)


def is_between_two_days(scheduler: fsrs.Scheduler, card: fsrs.Card) -> bool:
    """Whether the interval lies so near to a half day that 32 and 64 bits may round it apart."""
    factor, decay = 0.9 ** (1 / -scheduler.parameters[20]) - 1, -scheduler.parameters[20]
    interval = card.stability / factor * (scheduler.desired_retention ** (1 / decay) - 1)
    return abs(interval % 1 - 0.5) < 5e-6 * interval
