"""What the API of packages takes and gives; the OpenAPI document is made from these types."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from quizzes.kinds.base import Strict


class ImportQuery(Strict):
    course: Annotated[str, Field(max_length=100)]
    dry_run: Annotated[bool, Field(strict=False)] = False


class ExportQuery(Strict):
    course: Annotated[str, Field(max_length=100)]
    scheduling: Annotated[bool, Field(strict=False)] = True


class CardCounts(Strict):
    """`course`: cards of the course that were made here; their text stays, their reviews are taken."""

    created: int
    changed: int
    same: int
    course: int


class LeftOut(Strict):
    """`reason` is a word for programs, `detail` a sentence for people."""

    reason: str
    number: int
    detail: str


class ImportDone(Strict):
    """What was written. `known`: reviews that were here already."""

    created: int
    changed: int
    same: int
    pictures: int
    reviews: int
    known: int


class AnkiImport(Strict):
    """What importing a package would do (`done` null), or what it did. `package`: the one that is imported in the
    background; its page shows how far it is."""

    hash: str
    notes: int
    cards: int
    counts: CardCounts
    reviews: int
    known: int
    pictures: int
    left_out: list[LeftOut]
    done: ImportDone | None
    package: UUID | None
    status: str | None
