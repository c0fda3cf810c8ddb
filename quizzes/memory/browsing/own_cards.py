"""The only writer of questions with an owner: the cards that learners make for themselves.

An own card is a flashcard that nobody but its owner ever sees. Its id comes from whoever makes it (a phone, a form, a
file that is read), and makes repeating harmless. Guarantees, whatever arrives twice, together, or not to the end:

- the same id is one card, and a new version of it is made only if its text has changed;
- an id that is somebody else's, or a course's, is unknown here, and nothing of that call is kept;
- a card that is put away keeps its reviews; keeping it again, or taking it up, brings it back.
"""

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeVar

from django.conf import settings
from django.db import IntegrityError, transaction
from pydantic import ValidationError

from accounts.models import User
from courses.models import Course, Section
from quizzes import kinds
from quizzes.importing import QuestionDraft, QuestionHead, write_versions
from quizzes.kinds import Texts
from quizzes.kinds.flashcard import Flashcard
from quizzes.memory import plans
from quizzes.memory.browsing import own_texts
from quizzes.models import Question

LOCALE: Final = "und"
"""An own card has one text, in whichever language its learner writes: it is shown to readers of every language."""
_AT_ONCE: Final = 500
T = TypeVar("T")

Side = Literal["front", "back"]
Status = Literal["created", "changed", "same"]


@dataclass(frozen=True, slots=True)
class OwnCard:
    """`id` becomes the question's: made by the client at random, or of something that an importer can find again.

    `front` and `back` are Markdown (`own_texts`), 1 to 10,000 characters. `section`: which it was taken from; None
    leaves it as it was.
    """

    id: uuid.UUID
    front: str
    back: str
    section: Section | None = None


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A card that was read: `body` has its text, `hash` tells whether that is another one."""

    card: OwnCard
    body: Flashcard
    hash: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of one card. `same`: it was there, and so was its text."""

    question: Question
    status: Status


class UnknownCardError(LookupError):
    """There is no own card with this id: there is none, or it is not the learner's."""


class TooManyCardsError(Exception):
    """More cards than one learner may keep, put-away ones included."""

    def __init__(self, most: int, count: int) -> None:
        super().__init__(f"{count} cards; one learner keeps {most} at most")
        self.most, self.count = most, count


class CardTextError(ValueError):
    """A text that no card can have. `code`: missing, too_long or character (one that no database keeps)."""

    def __init__(self, side: Side, code: str) -> None:
        super().__init__(f"{side}: {code}")
        self.side, self.code = side, code


def body_of(front: str, back: str) -> Flashcard:
    """Return the two sides as the body of a question, or raise CardTextError for the first fault."""
    sides: dict[Side, str] = {"front": front.replace("\r\n", "\n"), "back": back.replace("\r\n", "\n")}
    for side, text in sides.items():
        if "\x00" in text:
            raise CardTextError(side, "character")
    try:
        return Flashcard.model_validate({"kind": "flashcard", "texts": {LOCALE: sides}})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        codes = {"string_too_short": "missing", "string_too_long": "too_long"}
        blamed: Side = "back" if first["loc"][-1] == "back" else "front"
        raise CardTextError(blamed, codes.get(first["type"], "character")) from None


def may_be_of(user: User, id_: uuid.UUID) -> bool:
    """Whether somebody may bring a card with this id: a random one, or that of an own card.

    Ids of content are made of names (version 5). Nobody may take one before the content is there.
    """
    return id_.version != 5 or Question.every.filter(owner=user, pk=id_).exists()


def keep(user: User, course: Course, cards: Sequence[OwnCard], *, now: datetime) -> list[Kept]:
    """Make or change the learner's cards; return what became of each, in the same order. All of them or none.

    New cards go to `course`, which the learner must be allowed to see; one that is there stays in its own. A section
    counts only within the card's course. Where an id stands twice, the last one counts. Raises CardTextError,
    UnknownCardError, TooManyCardsError. A few queries for every hundred cards.
    """
    wanted = _read(cards)
    rendered = _rendered(user, wanted)
    try:
        kept = _keep(user, course, wanted, rendered, now)
    except IntegrityError:  # somebody took an id between the look and the writing: now it is seen
        kept = _keep(user, course, wanted, rendered, now)
    return [kept[card.id] for card in cards]


def compare(user: User, cards: Sequence[OwnCard]) -> dict[uuid.UUID, Status]:
    """Return what `keep` would do with each card, by id, and write nothing. Raises as `keep` does."""
    wanted = _read(cards)
    there = _existing(user, wanted)
    _check_room(user, len(wanted) - len(there))
    found: dict[uuid.UUID, Status] = {}
    for pk, one in wanted.items():
        is_same = _is_same(there.get(pk), one) and there[pk].archived_at is None
        found[pk] = "created" if pk not in there else "same" if is_same else "changed"
    return found


def put_away(user: User, question_ids: Collection[uuid.UUID], *, now: datetime) -> int:
    """Ask these cards no more; return how many were asked before. Raises UnknownCardError, and then nothing changes."""
    with transaction.atomic():
        _check_own(user, question_ids)
        return sum(
            Question.every.filter(owner=user, pk__in=some, archived_at=None).update(archived_at=now)
            for some in _batches(question_ids)
        )


def take_up_again(user: User, question_ids: Collection[uuid.UUID]) -> int:
    """Ask cards again that were put away; return how many they are. Raises UnknownCardError, and nothing changes."""
    with transaction.atomic():
        _check_own(user, question_ids)
        return sum(
            Question.every.filter(owner=user, pk__in=some, archived_at__isnull=False).update(archived_at=None)
            for some in _batches(question_ids)
        )


def _check_own(user: User, ids: Collection[uuid.UUID]) -> None:
    unique = set(ids)
    found = sum(Question.every.filter(owner=user, pk__in=some).count() for some in _batches(unique))
    if found < len(unique):
        raise UnknownCardError


def _read(cards: Sequence[OwnCard]) -> dict[uuid.UUID, _Wanted]:
    bodies = {card.id: (card, body_of(card.front, card.back)) for card in cards}
    return {pk: _Wanted(card, body, kinds.content_hash(body)) for pk, (card, body) in bodies.items()}


def _rendered(user: User, wanted: Mapping[uuid.UUID, _Wanted]) -> dict[uuid.UUID, Mapping[str, Texts]]:
    """The HTML of what seems new: made before anything is locked, for it takes the longest."""
    same: set[uuid.UUID] = set()
    for some in _batches(wanted):
        rows = Question.every.filter(owner=user, pk__in=some).order_by().values_list("pk", "current__content_hash")
        same |= {pk for pk, content_hash in rows if content_hash == wanted[pk].hash}
    return {pk: one.body.render(own_texts.render) for pk, one in wanted.items() if pk not in same}


@transaction.atomic
def _keep(
    user: User,
    course: Course,
    wanted: Mapping[uuid.UUID, _Wanted],
    rendered: Mapping[uuid.UUID, Mapping[str, Texts]],
    now: datetime,
) -> dict[uuid.UUID, Kept]:
    plans.lock(user)  # two requests of one learner come one after the other
    there = _existing(user, wanted)
    _check_room(user, len(wanted) - len(there))
    kept: dict[uuid.UUID, Kept] = {}
    for some in _batches(wanted):
        changed = {pk: wanted[pk].body for pk in some if not _is_same(there.get(pk), wanted[pk])}
        drafts = {
            pk: _draft(pk, body, rendered.get(pk) or body.render(own_texts.render)) for pk, body in changed.items()
        }
        current, _ = write_versions(drafts, now=now) if drafts else ({}, 0)
        kept |= _write(user, course, [wanted[pk].card for pk in some], there, current)
    return kept


def _draft(pk: uuid.UUID, body: Flashcard, rendered: Mapping[str, Texts]) -> QuestionDraft:
    return QuestionDraft(QuestionHead(id=f"own-{pk}"), body, rendered, file="", line=0)


def _existing(user: User, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Question]:
    found: dict[uuid.UUID, Question] = {}
    for some in _batches(ids):
        rows = Question.every.filter(pk__in=some).select_related("current")
        found |= rows.defer("current__body", "current__rendered").in_bulk()
    if any(question.owner_id != user.pk for question in found.values()):
        raise UnknownCardError
    return found


def _check_room(user: User, new: int) -> None:
    if new <= 0:
        return
    count = Question.every.filter(owner=user).count() + new
    if count > settings.OWN_CARDS_PER_LEARNER:
        raise TooManyCardsError(settings.OWN_CARDS_PER_LEARNER, count)


def _is_same(question: Question | None, wanted: _Wanted) -> bool:
    current = question.current if question else None
    return current is not None and current.content_hash == wanted.hash


def _write(
    user: User,
    course: Course,
    cards: Sequence[OwnCard],
    there: Mapping[uuid.UUID, Question],
    current: Mapping[uuid.UUID, int],
) -> dict[uuid.UUID, Kept]:
    """Bring the rows of these cards to what is wanted; `current`: the new version of those whose text has changed."""
    made: list[Question] = []
    changed: list[Question] = []
    kept: dict[uuid.UUID, Kept] = {}
    for card in cards:
        row = there.get(card.id) or Question(
            id=card.id, course=course, slug=f"own-{card.id}", kind="flashcard", owner=user
        )
        differs = _bring_to(row, card.section, current.get(card.id))
        if card.id not in there:
            made.append(row)
        elif differs:
            changed.append(row)
        kept[card.id] = Kept(row, "created" if card.id not in there else "changed" if differs else "same")
    Question.every.bulk_create(made)
    Question.every.bulk_update(changed, ["lesson", "section", "current", "archived_at"])
    return kept


def _bring_to(row: Question, section: Section | None, version: int | None) -> bool:
    """Set what is to change; return whether anything did."""
    before = (row.section_id, row.lesson_id, row.current_id, row.archived_at)
    if section is not None and section.lesson.course_id == row.course_id:
        row.section, row.lesson_id = section, section.lesson_id
    if version is not None:
        row.current_id = version
    row.archived_at = None
    return (row.section_id, row.lesson_id, row.current_id, row.archived_at) != before


def _batches(items: Collection[T]) -> Iterator[list[T]]:
    listed = list(items)
    return (listed[begin : begin + _AT_ONCE] for begin in range(0, len(listed), _AT_ONCE))
