"""What the API of marks takes and gives; the OpenAPI document is made from these types."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from quizzes.kinds.base import Html, Strict
from quizzes.memory.reviewing.marks import MAX_NOTE


class MarkBody(Strict):
    """The whole mark of a card. `buried`: not asked before the learner's next study day; `suspended`: not asked until
    this is false again. `note`: the learner's own words, Markdown; empty for none."""

    buried: bool
    suspended: bool
    note: Annotated[str, Field(max_length=MAX_NOTE)]


class Mark(Strict):
    """What stands. `buried_until` is in the future where `buried` is true; `note_html` is the note, safe to show."""

    question: UUID
    buried: bool
    buried_until: datetime | None
    suspended: bool
    suspended_at: datetime | None
    note: str
    note_html: Html
