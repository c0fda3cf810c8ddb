"""What importing a package would do, card by card. Reads, and writes nothing.

A card from elsewhere becomes an own card whose id hangs on the learner, the note's guid and the card's number; so does
the id of each review. A note that was made here (`identity.question_in`) is that question again: of a card of the
course only the reviews are taken; of an own card also the text, if it was changed in Anki.
"""

import json
import uuid
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Any, Final, Literal, TypeVar

from django.conf import settings
from pydantic import ValidationError

from accounts.models import User
from courses.models import Course
from quizzes import kinds
from quizzes.memory.anki import exporting, identity, pictures
from quizzes.memory.anki.log_reading import Rated, read_log
from quizzes.memory.anki.note_rendering import Sides, UnfitError, pictures_named, sides_of
from quizzes.memory.anki.package_reading import Card, Limits, Package, PackageError, read_package
from quizzes.memory.anki.question_sides import Said
from quizzes.memory.browsing import own_cards
from quizzes.models import Question, Review

Status = Literal["created", "changed", "same", "course"]
STATUSES: Final[tuple[Status, ...]] = ("created", "changed", "same", "course")
"""`course`: a card of the course, whose text stays."""
SAMPLES: Final = 3
SAME_REVIEW: Final = timedelta(seconds=1)
"""Nobody rates a card twice in a second: such a line of the log is a review that was sent out from here."""
_BATCH: Final = 500
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PlannedReview:
    id: uuid.UUID
    rated: Rated


@dataclass(frozen=True, slots=True)
class PlannedCard:
    """`front` and `back` are None where the text stays as it is. `reviews`: those that are not here yet, perhaps."""

    id: uuid.UUID
    status: Status
    front: str | None
    back: str | None
    is_suspended: bool
    reviews: Sequence[PlannedReview]


@dataclass(frozen=True)
class Plan:
    """`left_out`: reason → how many. `known`: reviews that are here already. `pictures`: name → id, of those shown."""

    course: Course
    notes: int
    cards: Sequence[PlannedCard]
    known: int
    pictures: Mapping[str, uuid.UUID]
    left_out: Mapping[str, int]

    @cached_property
    def counts(self) -> dict[str, int]:
        found = Counter(card.status for card in self.cards)
        return {status: found[status] for status in STATUSES}

    @cached_property
    def reviews(self) -> int:
        return sum(len(card.reviews) for card in self.cards)

    @property
    def size(self) -> int:
        """How much there is to do."""
        return len(self.cards) + self.reviews

    @cached_property
    def hash(self) -> str:
        """64 hexadecimal digits: the same while an import would do the same."""
        decided = [
            [str(card.id), card.status, card.front, card.back, [str(review.id) for review in card.reviews]]
            for card in self.cards
        ]
        pictures_ = sorted((name, str(pk)) for name, pk in self.pictures.items())
        told = [str(self.course.pk), decided, pictures_]
        return sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()

    def samples(self) -> list[PlannedCard]:
        """The first cards whose text comes in, to be looked at."""
        coming = [card for card in self.cards if card.front is not None and card.status != "same"]
        return coming[:SAMPLES]


def limits() -> Limits:
    return Limits(
        database_bytes=settings.ANKI_DATABASE_BYTES,
        notes=settings.ANKI_CARDS,
        cards=settings.ANKI_CARDS,
        reviews=settings.ANKI_REVIEWS,
        picture_bytes=settings.ANKI_PICTURE_BYTES,
    )


def read(content: bytes) -> Package:
    """Raises PackageError."""
    if len(content) > settings.ANKI_PACKAGE_BYTES:
        size, most = (f"{number / 1_000_000:.1f} MB" for number in (len(content), settings.ANKI_PACKAGE_BYTES))
        raise PackageError("too_large", size=size, most=most)
    return read_package(content, limits())


def plan(user: User, course: Course, package: Package, *, now: datetime) -> Plan:
    """Return what importing the package would do now. Raises PackageError. A few queries for every 500 cards."""
    return _Planning(user, course, package, now).plan()


class _Planning:
    def __init__(self, user: User, course: Course, package: Package, now: datetime) -> None:
        self.user, self.course, self.package, self.now = user, course, package, now
        self.left_out: Counter[str] = Counter()
        self.shown: set[uuid.UUID] = set()
        self.told: set[str] = set(self._sources.values())
        """Names of media of which something else is said, or that are here."""

    def plan(self) -> Plan:
        available = self._pictures()
        here = self._made_here()
        cards: dict[uuid.UUID, PlannedCard] = {}
        for card in self.package.cards:
            planned = self._one(card, here, available)
            if planned is not None:
                cards[planned.id] = planned
        with_status = list(self._with_status(cards))
        self.left_out["strays"] += self.package.strays
        known = self._known(with_status)
        wanted = [replace(card, reviews=[one for one in card.reviews if one.id not in known]) for card in with_status]
        kept = self._without_graded(wanted)
        shown = {name: pk for name, pk in available.items() if pk in self.shown}
        self.left_out["other_media"] += len(self.package.media.keys() - shown.keys() - self.told)
        told = {reason: number for reason, number in sorted(self.left_out.items()) if number > 0}
        return Plan(self.course, len(self.package.notes), kept, len(known), shown, told)

    # --- pictures ---

    def _pictures(self) -> dict[str, uuid.UUID]:
        """The pictures that some note shows and that can be shown here, by name. Raises PackageError."""
        named = dict.fromkeys(name for note in self.package.notes for name in pictures_named(note))
        room = settings.ANKI_PICTURE_BYTES_PER_LEARNER - pictures.bytes_of(self.user)
        there, left_to_read = self._sources.keys(), settings.ANKI_PICTURE_BYTES_PER_LEARNER
        found: dict[str, uuid.UUID] = {}
        for name in named:
            size = self.package.size_of(name)
            if size is None:
                continue
            if size > settings.ANKI_PICTURE_BYTES:
                self._tell("large_picture", name)
            elif pictures.media_type_of(self.package.beginning_of(name)) is None:
                self._tell("no_picture", name)
            elif size > left_to_read:
                self._tell("no_room", name)
            else:
                left_to_read -= size
                pk = identity.picture_id(self.user.pk, self.package.content_of(name))
                is_new = pk not in there and pk not in found.values()
                if is_new and size > room:
                    self._tell("no_room", name)
                    continue
                room -= size if is_new else 0
                found[name] = pk
        return found

    def _tell(self, reason: str, name: str) -> None:
        self.left_out[reason] += 1
        self.told.add(name)

    # --- cards ---

    def _made_here(self) -> dict[uuid.UUID, Question]:
        """The questions that notes of the package were made of, as far as the learner may see them."""
        ids = {pk for note in self.package.notes if (pk := identity.question_in(note.guid)) is not None}
        found: dict[uuid.UUID, Question] = {}
        for some in batches(ids):
            rows = Question.every.visible_to(self.user.pk).filter(pk__in=some).select_related("current", "course")
            found |= {row.pk: row for row in rows}
        return found

    def _one(
        self, card: Card, here: Mapping[uuid.UUID, Question], available: Mapping[str, uuid.UUID]
    ) -> PlannedCard | None:
        named = identity.question_in(card.note.guid)
        question = here.get(named) if named and card.ordinal == 0 else None
        return self._from_elsewhere(card, available) if question is None else self._of_here(card, question, available)

    def _of_here(self, card: Card, question: Question, available: Mapping[str, uuid.UUID]) -> PlannedCard | None:
        reviews = self._reviews(card, question.pk)
        if question.owner_id is None:
            return PlannedCard(question.pk, "course", None, None, False, reviews)
        if self._is_as_it_went_out(card, question):
            return PlannedCard(question.pk, "same", None, None, False, reviews)
        sides = self._sides(card, {**available, **{name: pk for pk, name in self._sources.items()}})
        if sides is None:
            self.left_out["reviews_without_card"] += len(card.log)
            return None
        return PlannedCard(question.pk, "changed", sides.front, sides.back, False, reviews)

    def _is_as_it_went_out(self, card: Card, question: Question) -> bool:
        said = Said(own_cards.LOCALE, "", "")
        sides = exporting.of_question(question, question.course, said, self._sources)
        return sides is not None and list(card.note.fields[:2]) == [sides.front, sides.back]

    @cached_property
    def _sources(self) -> dict[uuid.UUID, str]:
        return pictures.names_of(self.user)

    def _from_elsewhere(self, card: Card, available: Mapping[str, uuid.UUID]) -> PlannedCard | None:
        sides = self._sides(card, available)
        if sides is None:
            self.left_out["reviews_without_card"] += len(card.log)
            return None
        pk = identity.card_id(self.user.pk, card.note.guid, card.ordinal)
        return PlannedCard(pk, "created", sides.front, sides.back, card.is_suspended, self._reviews(card, pk))

    def _sides(self, card: Card, available: Mapping[str, uuid.UUID]) -> Sides | None:
        try:
            sides = sides_of(card, available)
            own_cards.body_of(sides.front, sides.back)
        except UnfitError as error:
            self.left_out[error.code] += 1
            return None
        except (own_cards.CardTextError, ValidationError):
            self.left_out["too_long"] += 1
            return None
        self.left_out["sounds"] += sides.sounds
        self.left_out["missing_picture"] += len(sides.missing)
        self.left_out["simplified"] += sides.is_simplified
        self.shown |= set(sides.pictures)
        return sides

    def _with_status(self, cards: Mapping[uuid.UUID, PlannedCard]) -> Iterator[PlannedCard]:
        """Compare with what is here: of cards whose text comes in."""
        for some in batches(cards):
            rows = Question.every.filter(pk__in=some, owner=self.user)
            there = dict(rows.order_by().values_list("pk", "current__content_hash"))
            for pk in some:
                card = cards[pk]
                if card.front is None or card.back is None or pk not in there:
                    yield card
                    continue
                is_same = there[pk] == kinds.content_hash(own_cards.body_of(card.front, card.back))
                yield replace(card, status="same" if is_same else "changed")

    # --- reviews ---

    def _reviews(self, card: Card, question: uuid.UUID) -> list[PlannedReview]:
        log = read_log(card.log, self.package.scheduler, now=self.now)
        self.left_out += log.left_out
        guid, ordinal, learner = card.note.guid, card.ordinal, self.user.pk
        return [PlannedReview(identity.review_id(learner, guid, ordinal, one.row), one) for one in log.ratings]

    def _known(self, cards: Sequence[PlannedCard]) -> set[uuid.UUID]:
        """The reviews that are here: by their id, or because they were sent out from here."""
        found: set[uuid.UUID] = set()
        for some in batches([card for card in cards if card.reviews]):
            rows = Review.objects.by(self.user.pk).filter(question__in=[card.id for card in some], undoes=None)
            kept: dict[uuid.UUID, list[tuple[uuid.UUID, datetime]]] = {}
            for question, id_, at in rows.order_by().values_list("question_id", "review_id", "effective_at"):
                kept.setdefault(question, []).append((id_, at))
            for card in some:
                found |= _already_here(card.reviews, kept.get(card.id, ()))
        return found

    def _without_graded(self, cards: Sequence[PlannedCard]) -> list[PlannedCard]:
        """A question that is graded here takes no rating."""
        asked = [card.id for card in cards if card.status == "course" and card.reviews]
        graded: set[uuid.UUID] = set()
        for some in batches(asked):
            rows = Question.objects.filter(pk__in=some).exclude(kind="flashcard")
            graded |= set(rows.values_list("pk", flat=True))
        self.left_out["graded_here"] += sum(len(card.reviews) for card in cards if card.id in graded)
        return [replace(card, reviews=()) if card.id in graded else card for card in cards]


def _already_here(planned: Sequence[PlannedReview], kept: Sequence[tuple[uuid.UUID, datetime]]) -> set[uuid.UUID]:
    """Those of the planned reviews that are kept; a kept one is one planned review at most."""
    by_id, moments = {id_ for id_, _ in kept}, sorted(at for id_, at in kept)
    found = {one.id for one in planned if one.id in by_id}
    at = 0
    for one in planned:
        while at < len(moments) and moments[at] <= one.rated.at - SAME_REVIEW:
            at += 1
        if at < len(moments) and abs(moments[at] - one.rated.at) < SAME_REVIEW:
            found.add(one.id)
            at += 1
    return found


def batches(items: Collection[T]) -> Iterator[list[T]]:
    listed: list[Any] = list(items)
    return (listed[begin : begin + _BATCH] for begin in range(0, len(listed), _BATCH))
