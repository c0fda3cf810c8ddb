from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from quizzes.kinds.base import (
    Body,
    Graded,
    Html,
    Id,
    Locale,
    Markdown,
    Refused,
    Render,
    Strict,
    Texts,
    inline,
    same_ids,
)


class ChoiceText(Strict):
    text: Markdown
    feedback: Markdown | None = None


class SingleChoiceTexts(Strict):
    prompt: Markdown
    choices: dict[Id, ChoiceText]
    feedback: Markdown | None = None


class SingleChoiceResponse(Strict):
    choice: str


class Choice(Strict):
    id: str
    text: Html


class PublicSingleChoice(Strict):
    kind: Literal["single_choice"] = "single_choice"
    prompt: Html
    choices: list[Choice]


class SingleChoiceKey(Strict):
    kind: Literal["single_choice"] = "single_choice"
    choice: str


class SingleChoice(Body):
    Response = SingleChoiceResponse

    kind: Literal["single_choice"]
    choices: Annotated[list[Id], Field(min_length=2, max_length=12)]
    key: Id
    texts: Annotated[dict[Locale, SingleChoiceTexts], Field(min_length=1)]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(set(self.choices)) < len(self.choices):
            raise ValueError("a choice stands twice")
        if self.key not in self.choices:
            raise ValueError(f"the key {self.key!r} is none of the choices")
        for locale, texts in self.texts.items():
            same_ids(self.choices, texts.choices, f"choices ({locale})")
        return self

    def markdown(self, locale: str) -> dict[str, str]:
        texts = self.texts[locale]
        written: dict[str, str | None] = {"prompt": texts.prompt, "feedback": texts.feedback}
        for choice, text in texts.choices.items():
            written[f"choices.{choice}.text"] = text.text
            written[f"choices.{choice}.feedback"] = text.feedback
        return {path: text for path, text in written.items() if text}

    def render(self, render: Render) -> dict[str, Texts]:
        rendered = super().render(render)
        for texts in rendered.values():
            texts |= {f"choices.{choice}.text": inline(texts[f"choices.{choice}.text"]) for choice in self.choices}
        return rendered

    def public(self, texts: Texts) -> PublicSingleChoice:
        choices = [Choice(id=choice, text=texts[f"choices.{choice}.text"]) for choice in self.choices]
        return PublicSingleChoice(prompt=texts["prompt"], choices=choices)

    def revealed(self) -> SingleChoiceKey:
        return SingleChoiceKey(choice=self.key)

    def grade(self, response: SingleChoiceResponse) -> Graded | Refused:
        if response.choice not in self.choices:
            return Refused("/choice", "unknown_choice", "This is none of the choices.")
        right = response.choice == self.key
        return Graded(float(right), {"choice": right}, (f"choices.{response.choice}.feedback", "feedback"))

    def response_from_form(self, form: Mapping[str, str]) -> Any:
        return {"choice": form["choice"]} if form.get("choice") else {}
