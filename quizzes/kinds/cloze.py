import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from quizzes.kinds.base import (
    Body,
    Html,
    Id,
    Locale,
    Markdown,
    PublicQuestion,
    Render,
    Sheet,
    Strict,
    Texts,
    WrittenTexts,
    distinct,
    hints,
    same_ids,
    shuffled,
)
from quizzes.kinds.blanks import ClozeResponse, WithBlanks
from quizzes.kinds.typed_text import Typed, normal

BLANK = re.compile(r"\[\[([a-z0-9_-]+)\]\]")
# A word that Markdown, Pygments and the sanitiser all pass on untouched, in prose and in code alike.
_MARK = "engramblank{}blank"
_TAG = re.compile(r"<[^>]*>")


class ChooseBlank(Strict):
    input: Literal["choose"]
    options: Annotated[list[Id], Field(min_length=2, max_length=12)]
    key: Id

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        distinct(self.options, "an option")
        if self.key not in self.options:
            raise ValueError(f"the key {self.key!r} is none of the options")
        return self


class TypeBlank(Strict):
    input: Literal["type"]


Blank = Annotated[ChooseBlank | TypeBlank, Field(discriminator="input")]


class BlankTexts(Strict):
    options: dict[Id, Annotated[str, StringConstraints(min_length=1, max_length=200)]] = {}
    accept: Annotated[list[Typed], Field(max_length=50)] = []


class ClozeTexts(WrittenTexts):
    text: Markdown
    blanks: dict[Id, BlankTexts]
    feedback: Markdown | None = None


class Option(Strict):
    """`text` is plain: a list to choose from shows no markup."""

    id: str
    text: str


class PublicBlank(Strict):
    name: str
    input: Literal["choose", "type"]
    options: list[Option]


@dataclass(frozen=True)
class Piece:
    """A stretch of HTML, or (`html` is None) a blank. `correct` stands only after the answer."""

    html: Html | None = None
    name: str = ""
    number: int = 0
    input: str = ""
    options: Sequence[Option] = ()
    typed: str = ""
    shown: str = ""
    right: bool = False
    correct: str = ""


class PublicCloze(PublicQuestion):
    """`text` holds `[[name]]` once for each blank."""

    kind: Literal["cloze"] = "cloze"
    text: Html
    blanks: list[PublicBlank]

    def laid_out(self, sheet: Sheet) -> list[Piece]:
        """Return the text in order: HTML, blank, HTML, …"""
        blanks = {blank.name: blank for blank in self.blanks}
        return [
            Piece(html=piece) if index % 2 == 0 else _laid_out(blanks[piece], index // 2 + 1, sheet)
            for index, piece in enumerate(BLANK.split(self.text))
        ]


def _laid_out(blank: PublicBlank, number: int, sheet: Sheet) -> Piece:
    name, texts = blank.name, {option.id: option.text for option in blank.options}
    given = sheet.response.blanks.get(name, "") if sheet.response else ""
    in_locale = sheet.key.shown.get(sheet.locale, {}) if sheet.key else {}
    accepted = (in_locale.get(name) or sheet.key.blanks[name][0]) if sheet.key else ""
    return Piece(
        name=name,
        number=number,
        input=blank.input,
        options=blank.options,
        typed=sheet.given.get(f"blank-{name}", ""),
        shown=texts.get(given, given),
        right=sheet.parts.get(name, False),
        correct=texts.get(accepted, accepted),
    )


class ClozeKey(Strict):
    """Right answers by blank: the id of the option, or every text that is accepted.

    `shown` is, for each language, what to show of a blank that is typed: the first text that its author accepts.
    """

    kind: Literal["cloze"] = "cloze"
    blanks: dict[str, list[str]]
    shown: dict[str, dict[str, str]]


class Cloze(WithBlanks, Body):
    Public, Key, Response = PublicCloze, ClozeKey, ClozeResponse
    PLAIN = {"blanks": True}

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

    def asked(self, seed: int, *, shuffle: bool = False) -> Self:
        if not shuffle:
            return self
        blanks = {
            name: blank.model_copy(update={"options": shuffled(blank.options, f"{seed}/{name}")})
            if isinstance(blank, ChooseBlank)
            else blank
            for name, blank in self.blanks.items()
        }
        return self.model_copy(update={"blanks": blanks})

    def public(self, texts: Texts) -> PublicCloze:
        blanks = []
        for name, blank in self.blanks.items():
            ids = blank.options if isinstance(blank, ChooseBlank) else []
            options = [Option(id=option, text=texts[f"blanks.{name}.options.{option}"]) for option in ids]
            blanks.append(PublicBlank(name=name, input=blank.input, options=options))
        return PublicCloze(text=texts["text"], hints=hints(texts), blanks=blanks)

    def revealed(self) -> ClozeKey:
        typed = [name for name, blank in self.blanks.items() if isinstance(blank, TypeBlank)]
        shown = {locale: {name: texts.blanks[name].accept[0] for name in typed} for locale, texts in self.texts.items()}
        return ClozeKey(blanks={name: self._right(name) for name in self.blanks}, shown=shown)

    def _right(self, name: str) -> list[str]:
        blank = self.blanks[name]
        if isinstance(blank, ChooseBlank):
            return [blank.key]
        return list(dict.fromkeys(text for texts in self.texts.values() for text in texts.blanks[name].accept))

    def _is_right(self, name: str, text: str) -> bool:
        if isinstance(self.blanks[name], ChooseBlank):
            return text in self._right(name)
        return normal(text) in {normal(right) for right in self._right(name)}


KIND = Cloze
