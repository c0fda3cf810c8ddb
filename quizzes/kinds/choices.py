"""What the kinds with choices share: their texts, how they are shown, and that each choice has a text everywhere."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from quizzes.kinds.base import (
    Body,
    Html,
    Id,
    Locale,
    Markdown,
    Strict,
    Texts,
    WrittenTexts,
    distinct,
    same_ids,
    shuffled,
)


class ChoiceText(Strict):
    text: Markdown
    feedback: Markdown | None = None


class ChoiceTexts(WrittenTexts):
    prompt: Markdown
    choices: dict[Id, ChoiceText]
    feedback: Markdown | None = None


class Choice(Strict):
    """Something to choose, to put in order, or to match."""

    id: str
    text: Html


class WithChoices(Body):
    """A question with choices, in the order in which they are shown. A kind of these adds its key and its marks."""

    choices: Annotated[list[Id], Field(min_length=2, max_length=12)]
    texts: Annotated[dict[Locale, ChoiceTexts], Field(min_length=1)]

    @model_validator(mode="after")
    def _choices_have_texts(self) -> Self:
        distinct(self.choices, "a choice")
        for locale, texts in self.texts.items():
            same_ids(self.choices, texts.choices, f"choices ({locale})")
        return self

    def inlined(self) -> list[str]:
        return [f"choices.{choice}.text" for choice in self.choices]

    def asked(self, seed: int, *, shuffle: bool = False) -> Self:
        return self.model_copy(update={"choices": shuffled(self.choices, seed)}) if shuffle else self

    def shown_choices(self, texts: Texts) -> list[Choice]:
        return [Choice(id=choice, text=texts[f"choices.{choice}.text"]) for choice in self.choices]
