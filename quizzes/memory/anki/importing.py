"""The only way of a package into cards and reviews: `memory.browsing.own_cards` and `memory.reviews` write.

In batches, each a transaction of its own. A batch repeated changes nothing, because every id is made of what stands in
the package (`identity`); so an import that is killed is taken up from the start and ends as it would have ended.
Cards come before their reviews: nothing of memory hangs in the air in between.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from accounts.models import User
from quizzes.memory import reviews
from quizzes.memory.anki import pictures
from quizzes.memory.anki.package_reading import Package
from quizzes.memory.anki.planning import Plan, PlannedCard, PlannedReview, batches
from quizzes.memory.browsing import own_cards
from quizzes.memory.browsing.own_cards import OwnCard
from quizzes.memory.reviewing import marks
from quizzes.memory.reviews import ReviewItem
from quizzes.models import Review

REVIEWS_AT_ONCE: Final = 500
PICTURES_AT_ONCE: Final = 20

Tell = Callable[[int, int], None]
"""Called after every batch with how many cards and reviews are done."""


@dataclass
class Applied:
    """What was written: cards by what became of them, reviews by the status of each."""

    created: int = 0
    changed: int = 0
    same: int = 0
    pictures: int = 0
    reviews: int = 0
    known: int = 0
    refused: int = 0


def _tell_nobody(cards: int, reviews: int) -> None:
    """For a caller that waits until everything is done."""


def apply(user: User, package: Package, plan: Plan, *, now: datetime, tell: Tell = _tell_nobody) -> Applied:
    """Do what was planned. Raises own_cards.TooManyCardsError and pictures.TooManyBytesError; what was done stays."""
    applied = Applied(known=plan.known)
    _keep_pictures(user, package, plan, applied, now)
    done = 0
    for some in batches(plan.cards):
        with transaction.atomic():
            _keep_cards(user, plan, some, applied, now)
        done += len(some)
        tell(done, 0)
    logged = 0
    for items in _items(plan):
        _record(user, items, applied, now)
        logged += len(items)
        tell(done, logged)
    return applied


def _keep_pictures(user: User, package: Package, plan: Plan, applied: Applied, now: datetime) -> None:
    names = list(plan.pictures)
    for begin in range(0, len(names), PICTURES_AT_ONCE):
        files = {name: package.content_of(name) for name in names[begin : begin + PICTURES_AT_ONCE]}
        applied.pictures += pictures.keep(user, files, now=now)


def _keep_cards(user: User, plan: Plan, some: list[PlannedCard], applied: Applied, now: datetime) -> None:
    written = [card for card in some if card.front is not None and card.back is not None]
    cards = [OwnCard(card.id, card.front or "", card.back or "") for card in written]
    fresh = []
    for card, kept in zip(written, own_cards.keep(user, plan.course, cards, now=now), strict=True):
        setattr(applied, kept.status, getattr(applied, kept.status) + 1)
        if kept.status == "created" and card.is_suspended:
            fresh.append(card.id)
    applied.same += len(some) - len(written)
    if fresh:
        marks.suspend(user, fresh, now=now)


def _items(plan: Plan) -> Iterator[list[ReviewItem]]:
    """The reviews, card by card, so that most cards are folded once."""
    batch: list[ReviewItem] = []
    for card in plan.cards:
        for review in card.reviews:
            batch.append(_item(card, review))
            if len(batch) == REVIEWS_AT_ONCE:
                yield batch
                batch = []
    if batch:
        yield batch


def _item(card: PlannedCard, review: PlannedReview) -> ReviewItem:
    rated = review.rated
    return ReviewItem(
        id=review.id, question=card.id, rating=rated.rating, occurred_at=rated.at, elapsed_ms=rated.elapsed_ms
    )


def _record(user: User, items: list[ReviewItem], applied: Applied, now: datetime) -> None:
    results: Mapping[str, int] = _counted(reviews.record(user, items, source=Review.Source.IMPORT, now=now))
    applied.reviews += results.get("created", 0)
    applied.known += results.get("duplicate", 0) + results.get("conflict", 0)
    applied.refused += results.get("rejected", 0)


def _counted(results: list[reviews.Result]) -> dict[str, int]:
    found: dict[str, int] = {}
    for result in results:
        found[result.status] = found.get(result.status, 0) + 1
    return found
