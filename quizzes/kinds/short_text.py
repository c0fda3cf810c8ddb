from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from quizzes.kinds.base import (
    Body,
    Graded,
    Html,
    Id,
    Locale,
    Markdown,
    PublicQuestion,
    Refused,
    Sheet,
    Strict,
    Texts,
    WrittenTexts,
    distinct,
    hints,
    same_ids,
)
from quizzes.kinds.typed_text import MAX_TYPED, Pattern, fits, normal, readable


class Answer(Strict):
    """An answer that is known, and its mark: 1 is right, 0 a mistake worth a word of its own."""

    id: Id
    share: Annotated[float, Field(ge=0, le=1)] = 1.0


class AnswerTexts(Strict):
    """`accept`: each way to write it."""

    accept: Annotated[list[Pattern], Field(min_length=1, max_length=50)]
    feedback: Markdown | None = None


class ShortTextTexts(WrittenTexts):
    prompt: Markdown
    answers: dict[Id, AnswerTexts]
    feedback: Markdown | None = None


class ShortTextResponse(Strict):
    text: str


class PublicShortText(PublicQuestion):
    """`case`: whether capital letters matter."""

    kind: Literal["short_text"] = "short_text"
    prompt: Html
    case: bool

    def laid_out(self, sheet: Sheet) -> list[str]:
        """Return the right answers to show, after the answer."""
        if sheet.key is None:
            return []
        shown: list[str] = sheet.key.shown.get(sheet.locale) or next(iter(sheet.key.shown.values()))
        return shown


class ShortTextKey(Strict):
    """Every wholly right answer, in every language. … stands for any text, or none.

    `shown` is, for each language, what to show: the first way to write each of them.
    """

    kind: Literal["short_text"] = "short_text"
    answers: list[str]
    shown: dict[str, list[str]]


class ShortText(Body):
    """A word or a few, typed. The mark is the share of the best answer that the text fits, and 0 where it fits none.

    Spaces, punctuation and the width of signs never matter, letters only where `case` says so. Answers of every
    language are accepted.
    """

    Public, Key, Response = PublicShortText, ShortTextKey, ShortTextResponse
    PLAIN = {"answers": {"__all__": {"accept"}}}

    kind: Literal["short_text"]
    case: bool = False
    answers: Annotated[list[Answer], Field(min_length=1, max_length=20)]
    texts: Annotated[dict[Locale, ShortTextTexts], Field(min_length=1)]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        ids = [answer.id for answer in self.answers]
        distinct(ids, "an answer")
        if not any(answer.share == 1 for answer in self.answers):
            raise ValueError("no answer is wholly right: one needs the share 1")
        for locale, texts in self.texts.items():
            same_ids(ids, texts.answers, f"answers ({locale})")
        return self

    def public(self, texts: Texts) -> PublicShortText:
        return PublicShortText(prompt=texts["prompt"], hints=hints(texts), case=self.case)

    def revealed(self) -> ShortTextKey:
        right = [answer for answer in self.answers if answer.share == 1]
        ways = [readable(pattern) for answer in right for pattern in self._ways(answer)]
        shown = {
            locale: [readable(texts.answers[answer.id].accept[0]) for answer in right]
            for locale, texts in self.texts.items()
        }
        return ShortTextKey(answers=list(dict.fromkeys(ways)), shown=shown)

    def grade(self, response: ShortTextResponse) -> Graded | Refused:
        """Of answers with the same share, the first one that fits counts. Its feedback is read before the general."""
        if len(response.text) > MAX_TYPED:
            return Refused("/text", "too_long", f"At most {MAX_TYPED} characters.")
        if not normal(response.text):
            return Refused("/text", "empty", "Nothing is written.")
        for answer in self._best_first():
            if any(fits(response.text, pattern, case=self.case) for pattern in self._ways(answer)):
                return Graded(answer.share, {"text": answer.share == 1}, (f"answers.{answer.id}.feedback", "feedback"))
        return Graded(0.0, {"text": False}, ("feedback",))

    def _best_first(self) -> Sequence[Answer]:
        return sorted(self.answers, key=lambda answer: -answer.share)

    def _ways(self, answer: Answer) -> Iterator[str]:
        for texts in self.texts.values():
            yield from texts.answers[answer.id].accept

    def response_from_form(self, form: Mapping[str, str]) -> Any:
        return {"text": form.get("text", "")}


KIND = ShortText
