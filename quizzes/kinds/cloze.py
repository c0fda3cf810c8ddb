import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from quizzes.kinds.base import Body, Graded, Html, Id, Locale, Markdown, Refused, Render, Strict, Texts, same_ids
from quizzes.kinds.typed_text import normal

BLANK = re.compile(r"\[\[([a-z0-9_-]+)\]\]")
# A word that Markdown, Pygments and the sanitiser all pass on untouched, in prose and in code alike.
_MARK = "engramblank{}blank"
_TAG = re.compile(r"<[^>]*>")
MAX_TYPED = 300

Typed = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TYPED, strip_whitespace=True)]


class ChooseBlank(Strict):
    input: Literal["choose"]
    options: Annotated[list[Id], Field(min_length=2, max_length=12)]
    key: Id

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(set(self.options)) < len(self.options):
            raise ValueError("an option stands twice")
        if self.key not in self.options:
            raise ValueError(f"the key {self.key!r} is none of the options")
        return self


class TypeBlank(Strict):
    input: Literal["type"]


Blank = Annotated[ChooseBlank | TypeBlank, Field(discriminator="input")]


class BlankTexts(Strict):
    options: dict[Id, Annotated[str, StringConstraints(min_length=1, max_length=200)]] = {}
    accept: Annotated[list[Typed], Field(max_length=50)] = []


class ClozeTexts(Strict):
    text: Markdown
    blanks: dict[Id, BlankTexts]
    feedback: Markdown | None = None


class ClozeResponse(Strict):
    blanks: dict[str, str]


class Option(Strict):
    """`text` is plain: a list to choose from shows no markup."""

    id: str
    text: str


class PublicBlank(Strict):
    name: str
    input: Literal["choose", "type"]
    options: list[Option]


class PublicCloze(Strict):
    """`text` holds `[[name]]` once for each blank."""

    kind: Literal["cloze"] = "cloze"
    text: Html
    blanks: list[PublicBlank]


class ClozeKey(Strict):
    """Right answers by blank: the id of the option, or every text that is accepted."""

    kind: Literal["cloze"] = "cloze"
    blanks: dict[str, list[str]]


class Cloze(Body):
    Response = ClozeResponse

    kind: Literal["cloze"]
    blanks: Annotated[dict[Id, Blank], Field(min_length=1, max_length=20)]
    texts: Annotated[dict[Locale, ClozeTexts], Field(min_length=1)]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for locale, texts in self.texts.items():
            self._consistent_texts(locale, texts)
        return self

    def _consistent_texts(self, locale: str, texts: ClozeTexts) -> None:
        found = BLANK.findall(texts.text)
        if sorted(found) != sorted(self.blanks):
            raise ValueError(f"the text ({locale}) must hold each blank once: [[{']] [['.join(self.blanks)}]]")
        same_ids(list(self.blanks), texts.blanks, f"blanks ({locale})")
        for name, blank in self.blanks.items():
            given = texts.blanks[name]
            if isinstance(blank, ChooseBlank):
                same_ids(blank.options, given.options, f"options of {name} ({locale})")
                if given.accept:
                    raise ValueError(f"{name} ({locale}) is chosen, not typed: accept has no place there")
            elif given.options or not given.accept:
                raise ValueError(f"{name} ({locale}) is typed: it needs accept, and no options")

    def markdown(self, locale: str) -> dict[str, str]:
        texts = self.texts[locale]
        written = {"text": texts.text}
        if texts.feedback:
            written["feedback"] = texts.feedback
        return written

    def render(self, render: Render) -> dict[str, Texts]:
        def with_blanks(text: str) -> Html:
            for index, name in enumerate(self.blanks):
                text = text.replace(f"[[{name}]]", _MARK.format(index))
            html = render(text)
            for index, name in enumerate(self.blanks):
                html = html.replace(_MARK.format(index), f"[[{name}]]")
            return html

        rendered = super().render(with_blanks)
        for locale, texts in rendered.items():
            if sorted(BLANK.findall(_TAG.sub("", texts["text"]))) != sorted(self.blanks):
                raise ValueError(f"a blank of the text ({locale}) stands where none can be, in a formula or a link")
            for name, blank in self.texts[locale].blanks.items():
                texts |= {f"blanks.{name}.options.{option}": text for option, text in blank.options.items()}
        return rendered

    def public(self, texts: Texts) -> PublicCloze:
        blanks = []
        for name, blank in self.blanks.items():
            ids = blank.options if isinstance(blank, ChooseBlank) else []
            options = [Option(id=option, text=texts[f"blanks.{name}.options.{option}"]) for option in ids]
            blanks.append(PublicBlank(name=name, input=blank.input, options=options))
        return PublicCloze(text=texts["text"], blanks=blanks)

    def revealed(self) -> ClozeKey:
        return ClozeKey(blanks={name: self._right(name) for name in self.blanks})

    def _right(self, name: str) -> list[str]:
        blank = self.blanks[name]
        if isinstance(blank, ChooseBlank):
            return [blank.key]
        return list(dict.fromkeys(text for texts in self.texts.values() for text in texts.blanks[name].accept))

    def grade(self, response: ClozeResponse) -> Graded | Refused:
        """An empty blank is wrong; the mark is the share of right blanks. Answers of every locale are accepted."""
        given = {name: text for name, text in response.blanks.items() if text.strip()}
        refusal = self._refusal(given)
        if refusal:
            return refusal
        parts = {name: name in given and self._is_right(name, given[name]) for name in self.blanks}
        return Graded(sum(parts.values()) / len(parts), parts, ("feedback",))

    def _refusal(self, given: Mapping[str, str]) -> Refused | None:
        if not given:
            return Refused("/blanks", "empty", "No blank is filled in.")
        for name, text in given.items():
            blank = self.blanks.get(name)
            # The pointer goes to the object, for a name that is no blank may hold anything.
            if blank is None:
                return Refused("/blanks", "unknown_blank", f"The text has no blank {name[:100]!r}.")
            if isinstance(blank, ChooseBlank) and text not in blank.options:
                return Refused(f"/blanks/{name}", "unknown_option", "This is none of the options.")
            if len(text) > MAX_TYPED:
                return Refused(f"/blanks/{name}", "too_long", f"At most {MAX_TYPED} characters.")
        return None

    def _is_right(self, name: str, text: str) -> bool:
        if isinstance(self.blanks[name], ChooseBlank):
            return text in self._right(name)
        return normal(text) in {normal(right) for right in self._right(name)}

    def response_from_form(self, form: Mapping[str, str]) -> Any:
        return {"blanks": {name: form[f"blank-{name}"] for name in self.blanks if f"blank-{name}" in form}}
