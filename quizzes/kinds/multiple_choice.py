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
from quizzes.kinds.single_choice import Choice, ChoiceText


class MultipleChoiceTexts(Strict):
    prompt: Markdown
    choices: dict[Id, ChoiceText]
    feedback: Markdown | None = None


class MultipleChoiceResponse(Strict):
    """The ids of what was ticked, in any order."""

    choices: Annotated[list[str], Field(max_length=100)]


class PublicMultipleChoice(Strict):
    """One or more of the choices are right; how many is not told."""

    kind: Literal["multiple_choice"] = "multiple_choice"
    prompt: Html
    choices: list[Choice]


class MultipleChoiceKey(Strict):
    """The ids of the right choices."""

    kind: Literal["multiple_choice"] = "multiple_choice"
    choices: list[str]


class MultipleChoice(Body):
    """Several choices may be right. The mark of a response is

        max(0, (right ticked − wrong ticked) / number of right choices)

    so a wrong tick takes back a right one. Ticking everything gives max(0, 1 − wrong/right): nothing as soon as there
    are as many wrong choices as right ones. Only the exact key gives 1.
    """

    Response = MultipleChoiceResponse

    kind: Literal["multiple_choice"]
    choices: Annotated[list[Id], Field(min_length=2, max_length=12)]
    key: Annotated[list[Id], Field(min_length=1, max_length=11)]
    texts: Annotated[dict[Locale, MultipleChoiceTexts], Field(min_length=1)]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(set(self.choices)) < len(self.choices):
            raise ValueError("a choice stands twice")
        if len(set(self.key)) < len(self.key):
            raise ValueError("a right choice stands twice in the key")
        for choice in self.key:
            if choice not in self.choices:
                raise ValueError(f"the key {choice!r} is none of the choices")
        if len(self.key) == len(self.choices):
            raise ValueError("every choice is right: at least one must be wrong")
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

    def public(self, texts: Texts) -> PublicMultipleChoice:
        choices = [Choice(id=choice, text=texts[f"choices.{choice}.text"]) for choice in self.choices]
        return PublicMultipleChoice(prompt=texts["prompt"], choices=choices)

    def revealed(self) -> MultipleChoiceKey:
        return MultipleChoiceKey(choices=[choice for choice in self.choices if choice in self.key])

    def grade(self, response: MultipleChoiceResponse) -> Graded | Refused:
        """`parts`: for each choice, whether ticking or leaving it was right.

        Beside each choice that was ticked, and each right one that was not, stands the feedback of its own.
        """
        ticked = set(response.choices)
        if not ticked:
            return Refused("/choices", "empty", "No choice is ticked.")
        if not ticked <= set(self.choices):
            return Refused("/choices", "unknown_choice", "One of these is none of the choices.")
        if len(ticked) < len(response.choices):
            return Refused("/choices", "given_twice", "A choice is given twice.")
        right = len(ticked & set(self.key))
        score = max(0.0, (right - (len(ticked) - right)) / len(self.key))
        parts = {choice: (choice in ticked) == (choice in self.key) for choice in self.choices}
        beside = {
            choice: f"choices.{choice}.feedback" for choice in self.choices if choice in ticked or choice in self.key
        }
        return Graded(score, parts, ("feedback",), beside)

    def response_from_form(self, form: Mapping[str, str]) -> Any:
        """Each box has a name of its own, for a form is read as one value per name."""
        return {"choices": [choice for choice in self.choices if form.get(f"choice-{choice}")]}
