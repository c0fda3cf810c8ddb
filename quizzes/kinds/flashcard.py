from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from quizzes.kinds.base import Body, Graded, Html, Locale, Markdown, PublicQuestion, Refused, Texts, WrittenTexts, hints


class FlashcardTexts(WrittenTexts):
    front: Markdown
    back: Markdown


class PublicFlashcard(PublicQuestion):
    """Both sides: the learner turns the card and grades alone, offline too."""

    kind: Literal["flashcard"] = "flashcard"
    front: Html
    back: Html


class Flashcard(Body):
    Public = PublicFlashcard

    kind: Literal["flashcard"]
    texts: Annotated[dict[Locale, FlashcardTexts], Field(min_length=1)]

    def public(self, texts: Texts) -> PublicFlashcard:
        return PublicFlashcard(front=texts["front"], back=texts["back"], hints=hints(texts))

    def revealed(self) -> None:
        return None

    def grade(self, response: Any) -> Graded | Refused:
        return Refused("", "not_graded", "A flashcard is rated by the learner and takes no response.")

    def response_from_form(self, form: Mapping[str, str]) -> Any:
        return None


KIND = Flashcard
