"""Who is who on both sides: ids made of what never changes, so that everything twice is the same once. Pure."""

import hashlib
import re
from typing import Final
from uuid import UUID, uuid5

_GUID = re.compile(r"engram-([0-9a-f]{32})")
_IDS: Final = (1 << 30, 1 << 31)
"""Where Anki's makers of packages put the ids of decks and note types that they make up."""


def guid_of(question: UUID) -> str:
    """Return the guid of the note that a question becomes: Anki updates a note whose guid it knows."""
    return f"engram-{question.hex}"


def question_in(guid: str) -> UUID | None:
    """Return the question that a note was made of here, or None for a note from elsewhere."""
    found = _GUID.fullmatch(guid)
    return UUID(found[1]) if found else None


def card_id(learner: UUID, guid: str, ordinal: int) -> UUID:
    """Return the id of the own card that a card from elsewhere becomes."""
    return uuid5(learner, f"anki/{guid}/{ordinal}")


def review_id(learner: UUID, guid: str, ordinal: int, row: int) -> UUID:
    """Return the id of the review that a line of the log becomes."""
    return uuid5(learner, f"anki/{guid}/{ordinal}/{row}")


def picture_id(learner: UUID, content: bytes) -> UUID:
    """Return the id of a picture: the same bytes are one picture of a learner."""
    return uuid5(learner, f"picture/{hashlib.sha256(content).hexdigest()}")


def deck_id(course: UUID) -> int:
    """Return a number for the deck of a course, the same each time."""
    low, high = _IDS
    return low + course.int % (high - low)
