"""One sitting of the daily review, or of practice: what was reviewed since the learner began, read from the log.

A sitting is known by the sequence number of the last review before it, which the page carries from card to card: no
session, and a second tab or a reload loses nothing.
"""

import uuid
from collections import Counter
from dataclasses import dataclass
from typing import Final

from django.db.models import Max

from accounts.models import User
from quizzes.memory.fsrs import Rating
from quizzes.models import Review

PAUSE_AFTER: Final = 20


@dataclass(frozen=True)
class Sitting:
    """`reviews` are the ratings that stand, the latest last."""

    since: int
    reviews: list[Review]

    @property
    def last(self) -> Review | None:
        return self.reviews[-1] if self.reviews else None

    @property
    def is_long(self) -> bool:
        return len(self.reviews) >= PAUSE_AFTER

    @property
    def recalled(self) -> int:
        return sum(review.rating != Rating.AGAIN for review in self.reviews)

    @property
    def questions(self) -> int:
        return len({review.question_id for review in self.reviews})

    @property
    def minutes(self) -> int:
        """How long the answers took, at least 1."""
        milliseconds = sum(review.elapsed_ms or 0 for review in self.reviews)
        return max(1, round(milliseconds / 60_000))

    @property
    def by_rating(self) -> dict[Rating, int]:
        found = Counter(review.rating for review in self.reviews)
        return {rating: found[rating] for rating in Rating}


def sitting(user: User, since: int | None, source: Review.Source = Review.Source.FLASHCARD) -> Sitting:
    """Return the sitting that began after the review `since`; a new one if None. `source`: of its reviews."""
    if since is None:
        last: int | None = Review.objects.by(user.pk).aggregate(last=Max("sequence"))["last"]
        return Sitting(last or 0, [])
    rows = Review.objects.by(user.pk).filter(sequence__gt=since, source=source)
    log = list(rows.defer("response").order_by("sequence"))
    undone: set[uuid.UUID | None] = {review.undoes for review in log}
    return Sitting(since, [review for review in log if review.rating is not None and review.review_id not in undone])
