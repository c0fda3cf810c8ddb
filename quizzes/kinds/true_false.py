from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from quizzes.kinds.base import (
    Body,
    Graded,
    Html,
    Locale,
    Markdown,
    PublicQuestion,
    Refused,
    Strict,
    Texts,
    WrittenTexts,
    hints,
)

_FORM = {"true": True, "false": False}


class TrueFalseTexts(WrittenTexts):
    """`if_true` is for who said true, `if_false` for who said false; either may be right."""

    prompt: Markdown
    if_true: Markdown | None = None
    if_false: Markdown | None = None
    feedback: Markdown | None = None


class TrueFalseResponse(Strict):
    answer: bool


class PublicTrueFalse(PublicQuestion):
    """`prompt` is a statement, to be called true or false."""

    kind: Literal["true_false"] = "true_false"
    prompt: Html


class TrueFalseKey(Strict):
    kind: Literal["true_false"] = "true_false"
    answer: bool


class TrueFalse(Body):
    Public, Key, Response = PublicTrueFalse, TrueFalseKey, TrueFalseResponse

    kind: Literal["true_false"]
    key: bool
    texts: Annotated[dict[Locale, TrueFalseTexts], Field(min_length=1)]

    def public(self, texts: Texts) -> PublicTrueFalse:
        return PublicTrueFalse(prompt=texts["prompt"], hints=hints(texts))

    def revealed(self) -> TrueFalseKey:
        return TrueFalseKey(answer=self.key)

    def grade(self, response: TrueFalseResponse) -> Graded | Refused:
        right = response.answer == self.key
        said = "if_true" if response.answer else "if_false"
        return Graded(float(right), {"answer": right}, (said, "feedback"))

    def response_from_form(self, form: Mapping[str, str]) -> Any:
        return {"answer": _FORM[form["answer"]]} if form.get("answer") in _FORM else {}

    def fields(self, response: TrueFalseResponse) -> dict[str, str]:
        return {"answer": "true" if response.answer else "false"}


KIND = TrueFalse
