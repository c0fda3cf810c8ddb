"""The log of a learner who does not exist: one whose memory is FSRS-6 itself, with the published weights. Pure.

Cards come in on the first 120 of 240 days. Each review comes between an eighth and eight times as late as it is due,
so that easy and hard predictions are both there; whether the card is recalled is drawn with the probability that FSRS
gives. All draws are hashes of the seed: the same seed is the same log, byte for byte.
"""

import hashlib
import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from quizzes.memory import fsrs
from quizzes.memory.fsrs import Entry, Phase, Rating, State, Terms

SEED: Final = 1
CARDS: Final = 1200
_BEGIN: Final = datetime(2025, 1, 1, 8, tzinfo=UTC)
_END: Final = _BEGIN + timedelta(days=240)
_DAYS_OF_NEW: Final = 120
_SPREAD: Final = 8.0
_RETENTION: Final = 0.8
_FIRST: Final = ((0.2, Rating.AGAIN), (0.3, Rating.HARD), (0.9, Rating.GOOD), (1.0, Rating.EASY))
_RECALLED: Final = ((0.1, Rating.HARD), (0.9, Rating.GOOD), (1.0, Rating.EASY))
"""Up to this share of the draws, the rating."""


def simulated_logs(seed: int = SEED, cards: int = CARDS) -> dict[UUID, list[Entry]]:
    """Return the log of each card, by the card's id."""
    return {card: [*_log(seed, card)] for number in range(cards) for card in [_id(seed, "card", number)]}


def _log(seed: int, card: UUID) -> Iterator[Entry]:
    terms = Terms(UUID(int=0), card, _RETENTION, fuzz=False)
    at = _BEGIN + timedelta(days=int(_draw(seed, card, "new") * _DAYS_OF_NEW), hours=3 * _draw(seed, card, "hour"))
    state, number = None, 0
    while at < _END:
        entry = Entry(_id(seed, card, number), _rating(seed, card, number, state, at), at, at)
        yield entry
        state = fsrs.continue_fold(state, entry, terms)
        at += _wait(seed, card, number, state)
        number += 1


def _rating(seed: int, card: UUID, number: int, state: State | None, at: datetime) -> Rating:
    which = _draw(seed, card, number, "rating")
    if state is None:
        return _pick(_FIRST, which)
    recalled = _draw(seed, card, number, "recalled") < fsrs.retrievability(state, at)
    return _pick(_RECALLED, which) if recalled else Rating.AGAIN


def _wait(seed: int, card: UUID, number: int, state: State) -> timedelta:
    """The steps of learning are kept; what is known is reviewed earlier or later than it is due."""
    wait = state.due - state.last_review
    if state.state is not Phase.REVIEW:
        return wait
    return wait * math.exp(math.log(_SPREAD) * (2 * _draw(seed, card, number, "delay") - 1))


def _pick(shares: tuple[tuple[float, Rating], ...], drawn: float) -> Rating:
    return next(rating for share, rating in shares if drawn < share)


def _draw(*of: object) -> float:
    """A number of [0, 1), evenly spread."""
    return int.from_bytes(_digest(*of)[:6]) / 2**48


def _id(*of: object) -> UUID:
    return UUID(bytes=_digest("id", *of)[:16], version=4)


def _digest(*of: object) -> bytes:
    return hashlib.sha256("/".join(map(str, of)).encode()).digest()
