"""Learners whose true memory is known: what they recall is drawn from weights that nobody is told.

The cards are scheduled by the published weights, as for any new learner. Seeds are fixed: the same log every time.
"""

import random
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import fsrs_rs_python as fsrs_rs

from accounts.models import User
from courses.models import Course
from quizzes.memory import reviews
from quizzes.memory.fsrs import DEFAULT_WEIGHTS, Entry, Weights
from quizzes.memory.learning import fitting
from quizzes.memory.learning.fitting import History
from quizzes.models import Question, Review

BEGIN = datetime(2025, 1, 1, 9, 0, tzinfo=UTC)
NAMES = ("again", "hard", "good", "easy")


def _forgetful() -> Weights:
    """Keeps a quarter as long what is new, gains less with each review, and forgets along another curve."""
    weights = list(DEFAULT_WEIGHTS)
    for first in (0, 1, 2, 3):
        weights[first] *= 0.25
    weights[8] -= 0.9
    weights[20] = 0.3
    return tuple(weights)


FORGETFUL = _forgetful()


@dataclass(frozen=True)
class Line:
    """`quiz`: it was answered in a quiz, and its rating says nothing about memory."""

    card: int
    at: datetime
    rating: int
    quiz: bool = False


@dataclass(frozen=True)
class Habits:
    cards: int = 700
    per_day: int = 12
    retention: float = 0.9
    quizzes: float = 0.0
    """The chance that a card is answered right by guessing, in a quiz two days after a daily review."""


class _Card:
    """What the learner really remembers of a card, and what the schedule believes."""

    def __init__(self) -> None:
        self.true = self.believed = None
        self.seen = 0

    def recall(self, day: int, weights: Weights) -> float:
        decay = -weights[20]
        return float((1 + (0.9 ** (1 / decay) - 1) * (day - self.seen) / self.true.stability) ** decay)


def simulate(weights: Weights, seed: int, days: int, habits: Habits = Habits()) -> list[Line]:
    """Return the log of so many days, in the order of time."""
    chance = random.Random(seed)
    truth, schedule = fsrs_rs.FSRS(list(weights)), fsrs_rs.FSRS(list(DEFAULT_WEIGHTS))
    cards: list[_Card] = []
    due: dict[int, list[int]] = {}
    log: list[Line] = []
    for day in range(days):
        fresh = range(len(cards), min(len(cards) + habits.per_day, habits.cards))
        cards += [_Card() for _ in fresh]
        at = BEGIN + timedelta(days=day)
        for number in [*due.pop(day, []), *fresh]:
            card = cards[number]
            rating = _rating(card, day, weights, chance)
            for given in [rating, 3] if rating == 1 else [rating]:
                elapsed = day - card.seen if card.true else 0
                card.true = getattr(truth.next_states(card.true, 0.9, elapsed), NAMES[given - 1]).memory
                step = getattr(schedule.next_states(card.believed, habits.retention, elapsed), NAMES[given - 1])
                card.believed, card.seen = step.memory, day
                at += timedelta(seconds=7)
                log.append(Line(number, at, given))
            wait = max(1, round(step.interval * chance.uniform(0.95, 1.05)))
            due.setdefault(day + wait, []).append(number)
            if habits.quizzes and wait > 3 and chance.random() < habits.quizzes:
                log.append(Line(number, at + timedelta(days=2), 3, quiz=True))
    return sorted(log, key=lambda line: line.at)


def _rating(card: _Card, day: int, weights: Weights, chance: random.Random) -> int:
    if card.true is None:
        return chance.choices([1, 2, 3, 4], [0.24, 0.10, 0.50, 0.16])[0]
    if chance.random() >= card.recall(day, weights):
        return 1
    return chance.choices([2, 3, 4], [0.12, 0.78, 0.10])[0]


def first(log: Sequence[Line], share: float) -> list[Line]:
    return list(log[: int(len(log) * share)])


def histories(log: Iterable[Line], learner: int = 0, quizzes: bool = True) -> list[History]:
    """The log as the fit reads it; with `quizzes` False as if those had never been answered."""
    entries: dict[int, list[Entry]] = {}
    judging = set()
    for number, line in enumerate(log):
        entry = Entry(uuid.UUID(int=number + 1), line.rating, line.at, line.at)
        if line.quiz and not quizzes:
            entry = replace(entry, rating=None)
        if not line.quiz:
            judging.add(entry.id)
        entries.setdefault(line.card, []).append(entry)
    found = (fitting.history((learner, card), None, lines, judging) for card, lines in entries.items())
    return [one for one in found if one is not None]


def forgetful_log() -> list[Line]:
    """A short log (2,139 reviews) of a learner whose own weights pass the guard."""
    return simulate(FORGETFUL, 1, 100, Habits(cards=150))


# --- in the database --------------------------------------------------------------------------------------------------


def keep(user: User, course: Course, log: Sequence[Line]) -> None:
    """Write the log as this learner's reviews of cards of the course, and fold it."""
    cards = _cards(course, max(line.card for line in log) + 1)
    rows = [
        Review(
            review_id=uuid.uuid5(user.pk, str(number)),
            user=user,
            question_id=cards[line.card],
            rating=line.rating,
            source=Review.Source.QUIZ if line.quiz else Review.Source.FLASHCARD,
            occurred_at=line.at,
            effective_at=line.at,
            received_at=line.at,
            body_hash="",
            sequence=number,
        )
        for number, line in enumerate(log, start=1 + Review.objects.by(user.pk).count())
    ]
    Review.objects.bulk_create(rows)
    reviews.rebuild(user)


def _cards(course: Course, count: int) -> list[uuid.UUID]:
    ids = [uuid.uuid5(course.pk, f"simulated {number}") for number in range(count)]
    known = set(Question.objects.filter(pk__in=ids).values_list("pk", flat=True))
    Question.objects.bulk_create(
        Question(id=id_, course=course, slug=f"simulated-{number}", kind="flashcard")
        for number, id_ in enumerate(ids)
        if id_ not in known
    )
    return ids
