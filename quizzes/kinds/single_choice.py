from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import model_validator

from quizzes.kinds.base import Graded, Html, Id, PublicQuestion, Refused, Strict, Texts, hints
from quizzes.kinds.choices import Choice, WithChoices


class SingleChoiceResponse(Strict):
    choice: str


class PublicSingleChoice(PublicQuestion):
    kind: Literal["single_choice"] = "single_choice"
    prompt: Html
    choices: list[Choice]


class SingleChoiceKey(Strict):
    kind: Literal["single_choice"] = "single_choice"
    choice: str


class SingleChoice(WithChoices):
    Public, Key, Response = PublicSingleChoice, SingleChoiceKey, SingleChoiceResponse

    kind: Literal["single_choice"]
    key: Id

    @model_validator(mode="after")
    def _key_is_a_choice(self) -> Self:
        if self.key not in self.choices:
            raise ValueError(f"the key {self.key!r} is none of the choices")
        return self

    def public(self, texts: Texts) -> PublicSingleChoice:
        return PublicSingleChoice(prompt=texts["prompt"], hints=hints(texts), choices=self.shown_choices(texts))

    def revealed(self) -> SingleChoiceKey:
        return SingleChoiceKey(choice=self.key)

    def grade(self, response: SingleChoiceResponse) -> Graded | Refused:
        if response.choice not in self.choices:
            return Refused("/choice", "unknown_choice", "This is none of the choices.")
        right = response.choice == self.key
        return Graded(float(right), {"choice": right}, (f"choices.{response.choice}.feedback", "feedback"))

    def response_from_form(self, form: Mapping[str, str]) -> Any:
        return {"choice": form["choice"]} if form.get("choice") else {}


KIND = SingleChoice
