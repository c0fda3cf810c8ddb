from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from quizzes.kinds.base import Graded, Html, Id, PublicQuestion, Refused, Sheet, Strict, Texts, distinct, hints
from quizzes.kinds.choices import Choice, WithChoices


class MultipleChoiceResponse(Strict):
    """The ids of what was ticked, in any order."""

    choices: Annotated[list[str], Field(max_length=100)]


@dataclass(frozen=True)
class Ticked:
    """A choice that could be ticked. `right` and `beside` stand only after the answer."""

    id: str
    text: Html
    ticked: bool
    right: bool
    beside: Html


class PublicMultipleChoice(PublicQuestion):
    """One or more of the choices are right; how many is not told."""

    kind: Literal["multiple_choice"] = "multiple_choice"
    prompt: Html
    choices: list[Choice]

    def laid_out(self, sheet: Sheet) -> list[Ticked]:
        given: Sequence[str] = sheet.response.choices if sheet.response else ()
        right: Sequence[str] = sheet.key.choices if sheet.key else ()
        return [
            Ticked(
                id=choice.id,
                text=choice.text,
                ticked=choice.id in given or f"choice-{choice.id}" in sheet.given,
                right=choice.id in right,
                beside=sheet.beside.get(choice.id, ""),
            )
            for choice in self.choices
        ]


class MultipleChoiceKey(Strict):
    """The ids of the right choices."""

    kind: Literal["multiple_choice"] = "multiple_choice"
    choices: list[str]


class MultipleChoice(WithChoices):
    """Several choices may be right. The mark of a response is

        max(0, (right ticked − wrong ticked) / number of right choices)

    so a wrong tick takes back a right one. Ticking everything gives max(0, 1 − wrong/right): nothing as soon as there
    are as many wrong choices as right ones. Only the exact key gives 1.
    """

    Public, Key, Response = PublicMultipleChoice, MultipleChoiceKey, MultipleChoiceResponse

    kind: Literal["multiple_choice"]
    key: Annotated[list[Id], Field(min_length=1, max_length=11)]

    @model_validator(mode="after")
    def _key_is_some_of_the_choices(self) -> Self:
        distinct(self.key, "a right choice")
        for choice in self.key:
            if choice not in self.choices:
                raise ValueError(f"the key {choice!r} is none of the choices")
        if len(self.key) == len(self.choices):
            raise ValueError("every choice is right: at least one must be wrong")
        return self

    def public(self, texts: Texts) -> PublicMultipleChoice:
        return PublicMultipleChoice(prompt=texts["prompt"], hints=hints(texts), choices=self.shown_choices(texts))

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

    def fields(self, response: MultipleChoiceResponse) -> dict[str, str]:
        return {f"choice-{choice}": "1" for choice in response.choices}


KIND = MultipleChoice
