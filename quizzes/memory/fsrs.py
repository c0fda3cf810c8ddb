"""Memory as a pure function of the set of a learner's reviews of one question (FSRS-6).

Stability and difficulty come from fsrs-rs, the engine of Anki; elapsed days are whole 24-hour periods between instants.
The state machine is that of py-fsrs, with learning steps of 1 and 10 minutes and a relearning step of 10 minutes:

    (new) ── Again, Hard, Good ──▶ LEARNING ── Good on the last step, Easy ──▶ REVIEW ◀──┐
      └───────────────────────────── Easy ────────────────────────────────────▶ │        │ Good, Easy
                                                                                └ Again ▶ RELEARNING

Any order, repetition or batching of the same reviews gives the same state, to the last bit: reviews are sorted before
they are folded, undone ones are left out, and the fuzz of an interval is a hash, never chance.
"""

import hashlib
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

import fsrs_rs_python as fsrs_rs

Weights = tuple[float, ...]

DEFAULT_WEIGHTS: Final[Weights] = (
    *(0.212, 1.2931, 2.3065, 8.2956, 6.4133, 0.8334, 3.0194),
    *(0.001, 1.8722, 0.1666, 0.796, 1.4835, 0.0614, 0.2629),
    *(1.6483, 0.6014, 1.8729, 0.5425, 0.0912, 0.0658, 0.1542),
)
"""The 21 published defaults of FSRS-6."""

MAX_INTERVAL_DAYS: Final = 36_500
_DAY: Final = timedelta(days=1)
_DAY_MICROS: Final = 86_400_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# (from, to, factor): how much of the part of an interval that lies in this range of days may be added or taken off.
_FUZZ_RANGES: Final = ((2.5, 7.0, 0.15), (7.0, 20.0, 0.1), (20.0, float("inf"), 0.05))
_MOMENTS: Final = struct.Struct(">Bqq").pack


class Rating(IntEnum):
    AGAIN = 1
    HARD = 2
    GOOD = 3
    EASY = 4


class Phase(IntEnum):
    LEARNING = 1
    REVIEW = 2
    RELEARNING = 3


STEPS: Final[Mapping[Phase, Sequence[timedelta]]] = {
    Phase.LEARNING: (timedelta(minutes=1), timedelta(minutes=10)),
    Phase.RELEARNING: (timedelta(minutes=10),),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log of one learner and question: a rating, or (rating None) the undoing of another line, or a
    review that an instructor's decision keeps out."""

    id: UUID
    rating: int | None
    effective_at: datetime
    occurred_at: datetime
    undoes: UUID | None = None

    @property
    def order(self) -> tuple[datetime, datetime, UUID]:
        return self.effective_at, self.occurred_at, self.id


Line = tuple[int, int, bytes, int]
"""A rating that counts, ready to be folded: effective and occurred at (microseconds since 1970), id, rating. Lines sort
in the order of the fold."""


class Terms(NamedTuple):
    """What a state depends on beside the reviews. Weights and retention are the learner's."""

    learner: UUID
    question: UUID
    desired_retention: float = 0.9
    weights: Weights = DEFAULT_WEIGHTS
    fuzz: bool = True


class State(NamedTuple):
    """`stability` in days (recall falls to 90 % after it), `difficulty` 1…10, `step` only while (re)learning.

    `reps` counts effective reviews, `lapses` those in REVIEW that were rated Again.
    """

    state: Phase
    step: int | None
    stability: float
    difficulty: float
    due: datetime
    last_review: datetime
    reps: int
    lapses: int
    state_hash: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What one rating would give now."""

    rating: Rating
    due: datetime
    interval: timedelta


def rating_of_score(score: float, certainty: int | None = None) -> Rating:
    """Return what a graded answer (mark 0…1) says about memory. Never Easy: a right answer may be a guess.

    Of who said to be unsure (certainty 1 of 3) it may well be one: then at most Hard.
    """
    if score < 0.5:
        return Rating.AGAIN
    return Rating.HARD if score < 0.85 or certainty == 1 else Rating.GOOD


def effective(entries: Iterable[Entry]) -> list[Entry]:
    """Return the ratings that count, in the order of the fold: identical ids once, undone ones left out.

    An undo of an undo undoes nothing, for it names no rating.
    """
    by_id = {entry.id: entry for entry in entries}
    undone = {entry.undoes for entry in by_id.values() if entry.undoes is not None}
    counted = [entry for entry in by_id.values() if entry.rating is not None and entry.id not in undone]
    return sorted(counted, key=lambda entry: entry.order)


def fold(entries: Iterable[Entry], terms: Terms) -> State | None:
    """Return the state after all entries of one question, given in any order; None where none counts."""
    return fold_lines([_line(entry) for entry in effective(entries)], terms)


def continue_fold(state: State | None, entry: Entry, terms: Terms) -> State:
    """Return the state after one more rating, later than all that `state` has folded."""
    after = fold_lines([_line(entry)], terms, state)
    assert after is not None
    return after


def fold_lines(lines: Iterable[Line], terms: Terms, state: State | None = None) -> State | None:
    """Return the state after these ratings, each given once, in any order, all later than what `state` has folded.

    The one fold of all: the engine is asked once for the whole history, and gives what it would give rating by rating,
    to the last bit (a test compares). 2 µs a rating.
    """
    place, last, lapses = _NEW, None, 0
    if state is not None:
        place, last, lapses = _PLACES[state.state, state.step], micros(state.last_review), state.lapses
    chained = (state.state_hash if state else _hash_of_weights(terms.weights)).encode()
    told, wait, id_ = [], None, b""
    for at, occurred, id_, rating in sorted(lines):
        told.append(fsrs_rs.FSRSReview(rating, (at - last) // _DAY_MICROS if last is not None and at > last else 0))
        lapses += rating == 1 and place is _IN_REVIEW
        place, wait = place.after[rating - 1]
        chained = hashlib.sha256(chained + id_ + _MOMENTS(rating, at, occurred)).hexdigest().encode()
        last = at
    if not told or last is None or place.phase is None:
        return state
    before = fsrs_rs.MemoryState(state.stability, state.difficulty) if state else None
    memory = _engine(terms.weights).memory_state(fsrs_rs.FSRSItem(told), before)
    last_review = _EPOCH + timedelta(microseconds=last)
    return State(
        state=place.phase,
        step=place.step,
        stability=memory.stability,
        difficulty=memory.difficulty,
        due=last_review + (_interval(memory.stability, id_, terms) if wait is None else wait),
        last_review=last_review,
        reps=(state.reps if state else 0) + len(told),
        lapses=lapses,
        state_hash=chained.decode(),
    )


def state_hash(entries: Iterable[Entry], weights: Weights = DEFAULT_WEIGHTS) -> str:
    """Return the hash of the effective reviews and the weights, and of nothing else.

    A chain, so that one more review needs only the hash before it: sha256 (hex) of the weights as big-endian doubles,
    then for each review sha256 of the hash so far + id (16 bytes) + rating (1) + effective and occurred at
    (microseconds since 1970, 8 bytes each, signed, big-endian).
    """
    found = _hash_of_weights(weights)
    for entry in effective(entries):
        at, occurred, id_, rating = _line(entry)
        found = hashlib.sha256(found.encode() + id_ + _MOMENTS(rating, at, occurred)).hexdigest()
    return found


def micros(moment: datetime) -> int:
    """Return the microseconds since 1970."""
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def retrievability(state: State, now: datetime, weights: Weights = DEFAULT_WEIGHTS) -> float:
    """Return the probability (0…1) of recalling it at `now`."""
    return recall(state.stability, state.last_review, now, weights)


def recall(stability: float, last_review: datetime, now: datetime, weights: Weights = DEFAULT_WEIGHTS) -> float:
    """As `retrievability`, from the two numbers it needs: where many are asked for at once."""
    factor, decay = _curve(weights)
    elapsed = max(0, (now - last_review) // _DAY)
    return float((1 + factor * elapsed / stability) ** decay)


def previews(state: State | None, now: datetime, terms: Terms, review: UUID | None = None) -> list[Preview]:
    """Return what each rating would give now, Again first. Exact with the id of the coming review, else unfuzzed."""
    known = terms if review is not None else terms._replace(fuzz=False)
    id_ = review.bytes if review is not None else b""
    days = max(0, (now - state.last_review) // _DAY) if state else 0
    before = fsrs_rs.MemoryState(state.stability, state.difficulty) if state else None
    after = _engine(terms.weights).next_states(before, 0.9, days)
    place = _PLACES[state.state, state.step] if state else _NEW
    found = []
    for rating, one in zip(Rating, (after.again, after.hard, after.good, after.easy), strict=True):
        _, wait = place.after[rating - 1]
        interval = _interval(one.memory.stability, id_, known) if wait is None else wait
        found.append(Preview(rating, now + interval, interval))
    return found


def _line(entry: Entry) -> Line:
    assert entry.rating is not None
    return micros(entry.effective_at), micros(entry.occurred_at), entry.id.bytes, int(entry.rating)


@dataclass(slots=True, eq=False)
class _Place:
    """A place in the state machine (phase None: new). `after`: for each rating the next place and the waiting time,
    None where the interval follows from stability."""

    phase: Phase | None
    step: int | None
    after: "list[tuple[_Place, timedelta | None]]" = field(default_factory=list)


def _next_phase(phase: Phase | None, step: int | None, rating: Rating) -> tuple[Phase, int | None, timedelta | None]:
    """Return phase, step and waiting time; None where the interval follows from stability."""
    if phase is Phase.REVIEW:
        if rating is Rating.AGAIN:
            return Phase.RELEARNING, 0, STEPS[Phase.RELEARNING][0]
        return Phase.REVIEW, None, None
    phase, step = phase or Phase.LEARNING, step or 0
    steps = STEPS[phase]
    if rating is Rating.AGAIN:
        return phase, 0, steps[0]
    if rating is Rating.HARD:
        return phase, step, _hard_wait(steps, step)
    if rating is Rating.EASY or step + 1 >= len(steps):
        return Phase.REVIEW, None, None
    return phase, step + 1, steps[step + 1]


def _hard_wait(steps: Sequence[timedelta], step: int) -> timedelta:
    if step > 0:
        return steps[step]
    return steps[0] * 1.5 if len(steps) == 1 else (steps[0] + steps[1]) / 2


def _places() -> dict[tuple[Phase | None, int | None], _Place]:
    """Return the state machine, drawn once: by phase and step."""
    keys: list[tuple[Phase | None, int | None]] = [(None, None), (Phase.REVIEW, None)]
    keys += [(phase, step) for phase, steps in STEPS.items() for step in range(len(steps))]
    places = {key: _Place(*key) for key in keys}
    for place in places.values():
        for rating in Rating:
            phase, step, wait = _next_phase(place.phase, place.step, rating)
            place.after.append((places[phase, step], wait))
    return places


_PLACES: Final = _places()
_NEW: Final = _PLACES[None, None]
_IN_REVIEW: Final = _PLACES[Phase.REVIEW, None]


def _interval(stability: float, review: bytes, terms: Terms) -> timedelta:
    """Return how long a card in REVIEW waits, in whole days."""
    days = _interval_days(stability, terms)
    return timedelta(days=_fuzzed(days, review, terms) if terms.fuzz else days)


def _interval_days(stability: float, terms: Terms) -> int:
    """Return after how many whole days recall has fallen to the desired retention, 1…36500."""
    factor, decay = _curve(terms.weights)
    days: int = round(stability / factor * (terms.desired_retention ** (1 / decay) - 1))
    return min(max(days, 1), MAX_INTERVAL_DAYS)


@lru_cache(maxsize=1024)
def fuzz_range(days: int) -> tuple[int, int]:
    """Return the shortest and the longest interval (days) that count as the same as this one; itself if under 3."""
    if days < 2.5:
        return days, days
    spread = 1.0 + sum(factor * max(min(days, end) - start, 0.0) for start, end, factor in _FUZZ_RANGES)
    longest = min(round(days + spread), MAX_INTERVAL_DAYS)
    return min(max(2, round(days - spread)), longest), longest


def _fuzzed(days: int, review: bytes, terms: Terms) -> int:
    """Return an interval near `days`, so that cards learned together come back apart; intervals under 3 days stay."""
    if days < 2.5:
        return days
    shortest, longest = fuzz_range(days)
    digest = hashlib.sha256(terms.learner.bytes + terms.question.bytes + review).digest()
    return shortest + int.from_bytes(digest[:8]) * (longest - shortest + 1) // 2**64


@lru_cache(maxsize=256)
def _engine(weights: Weights) -> Any:
    return fsrs_rs.FSRS(list(weights))


@lru_cache(maxsize=256)
def _curve(weights: Weights) -> tuple[float, float]:
    """Return factor and decay of the forgetting curve R(t) = (1 + factor · t / S) ^ decay, with R(S) = 0.9."""
    decay = -weights[20]
    return 0.9 ** (1 / decay) - 1, decay


@lru_cache(maxsize=256)
def _hash_of_weights(weights: Weights) -> str:
    return hashlib.sha256(struct.pack(f">{len(weights)}d", *weights)).hexdigest()
