import re
from collections.abc import Iterable
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
    shuffled,
)
from quizzes.kinds.blanks import ClozeResponse, WithBlanks
from quizzes.kinds.cloze import Option, Piece, PublicBlank
from quizzes.kinds.typed_code import same_code, straight
from quizzes.kinds.typed_text import MAX_TYPED

MAX_CODE = 5_000

# A name that Pygments passes on whole, in strings and comments too.
_MARK = "engramblank{}blank"
_TAG = re.compile(r"<[^>]*>")

Code = Annotated[str, StringConstraints(min_length=1, max_length=MAX_CODE)]
Snippet = Annotated[str, StringConstraints(pattern=r"^[^\r\n]*$", min_length=1, max_length=MAX_TYPED)]


class TypeCode(Strict):
    accept: Annotated[list[Snippet], Field(min_length=1, max_length=12)]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not all(text.strip() for text in self.accept):
            raise ValueError("an accepted answer is empty")
        return self


class ChooseCode(Strict):
    options: Annotated[list[Snippet], Field(min_length=2, max_length=12)]
    key: Snippet

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        distinct(self.options, "an option")
        if self.key not in self.options:
            raise ValueError(f"the key {self.key!r} is none of the options")
        return self


class CodeClozeTexts(WrittenTexts):
    prompt: Markdown
    feedback: Markdown | None = None


class PublicCodeCloze(PublicQuestion):
    """`code` is the highlighted listing, `source` its plain text; both hold `[[name]]` once for each blank.

    The options of a blank have no ids: what is chosen is answered as it is written.
    """

    kind: Literal["code_cloze"] = "code_cloze"
    prompt: Html
    language: Literal["python"]
    code: Html
    source: str
    blanks: list[PublicBlank]

    def laid_out(self, sheet: Sheet) -> list[Piece]:
        """Return the listing in order: HTML, blank, HTML, …"""
        blanks = {blank.name: blank for blank in self.blanks}
        pieces = _places(blanks).split(self.code)
        return [
            Piece(html=piece) if index % 2 == 0 else _laid_out(blanks[piece], index // 2 + 1, sheet)
            for index, piece in enumerate(pieces)
        ]


def _laid_out(blank: PublicBlank, number: int, sheet: Sheet) -> Piece:
    return Piece(
        name=blank.name,
        number=number,
        input=blank.input,
        options=blank.options,
        typed=sheet.given.get(f"blank-{blank.name}", ""),
        shown=sheet.response.blanks.get(blank.name, "").strip() if sheet.response else "",
        right=sheet.parts.get(blank.name, False),
        correct=sheet.key.blanks[blank.name][0] if sheet.key else "",
    )


class CodeClozeKey(Strict):
    """Right answers by blank: the option, or every text that is accepted."""

    kind: Literal["code_cloze"] = "code_cloze"
    blanks: dict[str, list[str]]


class CodeCloze(WithBlanks, Body):
    """A listing with `[[name]]` where something is to be filled in; any other `[[…]]` is code. One for all languages.

    What is typed is compared in its place, the whole listing with it against the whole listing with what is accepted,
    as `typed_code` compares: so a comma counts where it makes a tuple, and a quote where it ends a string.
    """

    Public, Key, Response = PublicCodeCloze, CodeClozeKey, ClozeResponse

    kind: Literal["code_cloze"]
    language: Literal["python"] = "python"
    code: Code
    blanks: Annotated[dict[Id, TypeCode | ChooseCode], Field(min_length=1, max_length=20)]
    texts: Annotated[dict[Locale, CodeClozeTexts], Field(min_length=1)]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for name in self.blanks:
            if self.code.count(f"[[{name}]]") != 1:
                raise ValueError(f"the code must hold each blank once: [[{name}]]")
        for name, blank in self.blanks.items():
            if isinstance(blank, ChooseCode):
                wrong = [text for text in blank.options if text != blank.key]
                if any(self._is_accepted(name, text, [blank.key]) for text in wrong):
                    raise ValueError(f"a wrong option of {name} is the same code as the right one")
        return self

    def render(self, render: Render) -> dict[str, Texts]:
        rendered = super().render(render)
        listing = self._listing(render)
        for texts in rendered.values():
            texts["code"] = listing
        return rendered

    def _listing(self, render: Render) -> Html:
        marks = {name: _MARK.format(index) for index, name in enumerate(self.blanks)}
        code = _places(marks).sub(lambda match: marks[match[1]], self.code.expandtabs(4).strip("\n"))
        # Longer than any row of them in the code, which so cannot end the block.
        fence = "~" * max([3, *(len(row) + 1 for row in re.findall("~+", code))])
        html = render(f"{fence}{self.language}\n{code}\n{fence}")
        for name, mark in marks.items():
            html = html.replace(mark, f"[[{name}]]")
        if sorted(_places(marks).findall(_TAG.sub("", html))) != sorted(marks):
            raise ValueError("a blank of the code is lost where it is highlighted")
        return html

    def asked(self, seed: int, *, shuffle: bool = False) -> Self:
        if not shuffle:
            return self
        blanks = {
            name: blank.model_copy(update={"options": shuffled(blank.options, f"{seed}/{name}")})
            if isinstance(blank, ChooseCode)
            else blank
            for name, blank in self.blanks.items()
        }
        return self.model_copy(update={"blanks": blanks})

    def public(self, texts: Texts) -> PublicCodeCloze:
        return PublicCodeCloze(
            prompt=texts["prompt"],
            hints=hints(texts),
            language=self.language,
            code=texts["code"],
            source=self.code,
            blanks=[_shown(name, blank) for name, blank in self.blanks.items()],
        )

    def revealed(self) -> CodeClozeKey:
        return CodeClozeKey(blanks={name: self._right(name) for name in self.blanks})

    def _right(self, name: str) -> list[str]:
        blank = self.blanks[name]
        return [blank.key] if isinstance(blank, ChooseCode) else blank.accept

    def _is_right(self, name: str, text: str) -> bool:
        right = self._right(name)
        return text in right if isinstance(self.blanks[name], ChooseCode) else self._is_accepted(name, text, right)

    def _is_accepted(self, name: str, text: str, accept: Iterable[str]) -> bool:
        """White space around an answer never counts, in a string neither: a phone adds it."""
        before, after = self.code.split(f"[[{name}]]")
        typed = {text.strip(), straight(text)}
        wanted = {right.strip() for right in accept}
        return bool(typed & wanted) or any(
            same_code(f"{before}{one}{after}", f"{before}{right}{after}") for one in typed for right in wanted
        )


def _places(names: Iterable[str]) -> re.Pattern[str]:
    return re.compile(r"\[\[(" + "|".join(map(re.escape, names)) + r")\]\]")


def _shown(name: str, blank: TypeCode | ChooseCode) -> PublicBlank:
    options = blank.options if isinstance(blank, ChooseCode) else []
    return PublicBlank(
        name=name, input="choose" if options else "type", options=[Option(id=text, text=text) for text in options]
    )


KIND = CodeCloze
