"""What the pages and the API of one's cards take and give, as strict types; the OpenAPI document is made from them."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self, get_args
from uuid import UUID

from pydantic import Field, StringConstraints, ValidationError

from quizzes.kinds import AnyPublic
from quizzes.kinds.base import Html, Markdown, Strict
from quizzes.memory.schemas import MAX_CARDS, Memory
from quizzes.schemas import IdText, LessonLink

Phase = Literal["new", "learning", "review", "relearning"]
Only = Literal["due", "suspended", "buried", "leech", "changed", "own", "note", "put_away"]
Sort = Literal["due", "recall", "difficulty", "stability", "lapses"]
MAX_SEARCH = 200
Slug = Annotated[str, StringConstraints(max_length=100)]


class Wanted(Strict):
    """Which cards. `q`: words that stand in what is asked, in the back of a flashcard or in the learner's note.

    `only`: all of these hold. `due`: falls due in the learner's study day. `leech`: forgotten again and again.
    `changed`: its text is another than at the last review. `put_away`: own cards that are asked no more; without it,
    they are left out.
    """

    q: Annotated[str, StringConstraints(max_length=MAX_SEARCH, strip_whitespace=True)] = ""
    course: Slug | None = None
    lesson: IdText | None = None
    kind: Slug | None = None
    state: Phase | None = None
    only: Annotated[list[Only], Field(max_length=len(get_args(Only)))] = []

    @classmethod
    def of(cls, given: dict[str, Any]) -> Self:
        """Read a page's address, in which anybody may have written: a part that means nothing is left out."""
        known = {name: value for name, value in given.items() if name in cls.model_fields and value not in ("", [])}
        while True:
            try:
                return cls.model_validate(known)
            except ValidationError as error:
                for fault in error.errors():
                    known.pop(str(fault["loc"][0]), None)


class Shown(Wanted):
    """A page of them, in this order."""

    sort: Sort = "due"


class CardsQuery(Wanted):
    """`cursor`: the id of the last card of the page before."""

    cursor: IdText | None = None
    limit: Annotated[int, Field(ge=1, le=MAX_CARDS, strict=False)] = 50


class OwnCardBody(Strict):
    """`front` and `back` are Markdown. `course`: its slug; a card that is there stays in its own.

    `section`: the id of the section that the card was taken from; null leaves it as it was.
    """

    front: Markdown
    back: Markdown
    course: Slug
    section: IdText | None = None


class CardMarks(Strict):
    buried_until: datetime | None
    suspended: bool
    note: str


class ListedCard(Strict):
    """One card. `memory` is null before the first review. `explained_in`: the paragraph that it is about.

    `own`: the learner made it; then `front` and `back` are its Markdown, else they are null. `put_away`: it is asked no
    more. `text`: what is asked, as HTML.
    """

    question: UUID
    kind: str
    own: bool
    put_away: bool
    course: str
    lesson: UUID | None
    explained_in: LessonLink | None
    version: int
    text: Html
    front: str | None
    back: str | None
    memory: Memory | None
    marks: CardMarks


class PastReview(Strict):
    """One review of a card. `rating` is as the last correction has it. `undone`: it was taken back. `stability` (days)
    and `due` are what it led to; null where it does not count."""

    id: UUID
    at: datetime
    rating: int | None
    source: str
    undone: bool
    stability: float | None
    due: datetime | None


class Card(ListedCard):
    """`history`: its reviews, the first one first."""

    body: AnyPublic
    history: list[PastReview]


class CardPage(Strict):
    """`next`: the address of the page after this one; null at the end."""

    next: str | None
    results: list[ListedCard]


class KeptCard(Card):
    """`status`: what the request did; `same`, if it was as it is."""

    status: Literal["created", "changed", "same"]
