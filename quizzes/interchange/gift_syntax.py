r"""The grammar of GIFT: the text of one question → its parts. Pure.

Escapes are `\~ \= \# \{ \} \: \n \\`; any other backslash is a backslash. What a text of these parts means, its format
included, is for `gift_reading`.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal, cast

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

MAX_QUESTION: Final = 100_000
MAX_SIGNS: Final = 200
"""Of `=`, `~` and `#` in one answer block: no question has as many, and each costs time."""

GRAMMAR: Final = r"""
    start: NAME? TEXT? (OPEN block CLOSE TEXT?)?

    block: GENERAL?                            -> open_answer
         | TRUTH SAID* GENERAL?                -> truth
         | NUMBER_SIGN bare? answer* GENERAL?  -> numbers
         | bare answer* GENERAL?               -> answers
         | answer+ GENERAL?                    -> answers

    bare: WEIGHT? PIECE (HASH PIECE?)*
    answer: MARK WEIGHT? PIECE? (HASH PIECE?)*

    NAME.9: /::(?:[^\\:]|\\[\s\S]|:(?!:))*+::\s*/
    TEXT: /(?:[^\\{}]|\\(?:[\s\S]|\Z))++/
    OPEN: /\{\s*/
    CLOSE: "}"
    GENERAL.9: /####(?:[^\\{}]|\\[\s\S])*+/
    TRUTH.8: /(?:TRUE|FALSE|T|F)\s*(?=[#}])/
    SAID.7: /#(?:[^\\{}#]|\\[\s\S])*+/
    NUMBER_SIGN.6: /#\s*/
    HASH.5: "#"
    MARK: /[=~]\s*/
    WEIGHT.4: /%-?[0-9]{1,3}(?:\.[0-9]{0,10})?%/
    PIECE: /(?:[^\\{}=~#]|\\[\s\S])++/
"""
# What is expected where something else stands.
_NAMES: Final = {
    "OPEN": "{", "CLOSE": "}", "GENERAL": "####", "SAID": "#", "HASH": "#", "NUMBER_SIGN": "#", "MARK": "= or ~",
    "PIECE": "text", "TEXT": "text", "TRUTH": "T or F", "$END": "the end of the question",
}  # fmt: skip
_ESCAPE = re.compile(r"\\([\\~=#{}:n])")
_RESERVED = re.compile(r"[\\~=#{}:\n]")
_SIGNS = re.compile(r"\\[\s\S]|(?P<sign>[=~#])")


@dataclass(frozen=True)
class Answer:
    """`mark` is `=`, `~`, or "" for what stands in a block without either; `weight` in per cent, as it is written."""

    mark: str
    weight: str | None
    text: str
    feedback: str


@dataclass(frozen=True)
class Block:
    """`truth`: what a true/false question calls right; `answers` has its feedback for wrong and for right answers."""

    kind: Literal["open_answer", "truth", "numbers", "answers"]
    answers: tuple[Answer, ...] = ()
    general: str = ""
    truth: bool = False


@dataclass(frozen=True)
class Parts:
    """All texts are raw: escapes and formats are still in them. `after`: None where no block is."""

    name: str
    before: str
    block: Block | None
    after: str


class GiftSyntaxError(ValueError):
    """`line` counts from 0 in the text of the question."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


def parse(text: str) -> Parts:
    """Return the parts of one question; raise GiftSyntaxError."""
    if fault := size_fault(text):
        raise GiftSyntaxError(fault, 0)
    try:
        return cast("Parts", _PARSER.parse(text))  # what the transformer makes of it
    except UnexpectedInput as unexpected:
        raise _fault(text, unexpected) from None


def size_fault(text: str) -> str:
    """Return in which way a question is too large to be read; "" where it is not."""
    if len(text) > MAX_QUESTION:
        return f"The question has {len(text):,} characters; at most {MAX_QUESTION:,} are read."
    answers = text.partition("{")[2].partition("####")[0]
    if sum(1 for found in _SIGNS.finditer(answers) if found["sign"]) > MAX_SIGNS:
        return f"The answer block has more than {MAX_SIGNS} of the signs = ~ #."
    return ""


def unescape(text: str) -> str:
    """Return what a raw text says."""
    return _ESCAPE.sub(lambda escape: "\n" if escape[1] == "n" else escape[1], text)


def escape(text: str) -> str:
    """Return a text in one line, without a sign that means something in GIFT."""
    return _RESERVED.sub(lambda sign: r"\n" if sign[0] == "\n" else f"\\{sign[0]}", text)


def _fault(text: str, fault: UnexpectedInput) -> GiftSyntaxError:
    expected = fault.accepts if isinstance(fault, UnexpectedToken) else getattr(fault, "allowed", set())
    at = fault.pos_in_stream if isinstance(fault, UnexpectedCharacters | UnexpectedToken) else len(text)
    at = len(text) if at is None or (isinstance(fault, UnexpectedToken) and fault.token.type == "$END") else at
    line = text.count("\n", 0, at)
    if at >= len(text):
        opened = text.count("\n", 0, text.find("{"))
        return GiftSyntaxError("The answer block that begins here is never closed: } was expected.", opened)
    found = text[at]
    if found == "{" and "$END" in (expected or ()):
        return GiftSyntaxError(
            r"“{” stands behind the answer block. A blank line ends a question; a brace in a text is written \{.", line
        )
    names = sorted({_NAMES[name] for name in expected or () if name in _NAMES})
    hint = rf" A brace in a text is written \{found}." if found in "{}" else ""
    where = f"{', '.join(names)} was expected" if names else "nothing of the kind was expected"
    return GiftSyntaxError(f"“{found}” stands where {where}.{hint}", line)


class _Parts(Transformer[Token, Parts]):
    def start(self, children: list[Token | Block]) -> Parts:
        texts = {"NAME": "", "before": "", "after": ""}
        block: Block | None = None
        for child in children:
            if isinstance(child, Block):
                block = child
            elif child.type == "NAME":
                texts["NAME"] = child.strip()[2:-2]
            elif child.type == "TEXT":
                texts["before" if block is None else "after"] = str(child)
        return Parts(texts["NAME"], texts["before"], block, texts["after"])

    def open_answer(self, children: list[Token]) -> Block:
        return Block("open_answer", general=_general(children))

    def truth(self, children: list[Token]) -> Block:
        said = [str(child)[1:] for child in children if child.type == "SAID"]
        # Only the first two signs divide; others are signs of the second text.
        wrong, right = said[0] if said else "", "#".join(said[1:])
        answers = (Answer("", None, "", wrong), Answer("", None, "", right))
        return Block("truth", answers, _general(children), truth=children[0].startswith("T"))

    def numbers(self, children: list[Token | Answer]) -> Block:
        return Block("numbers", _answers(children), _general(children))

    def answers(self, children: list[Token | Answer]) -> Block:
        return Block("answers", _answers(children), _general(children))

    def bare(self, children: list[Token]) -> Answer:
        return _answer("", children)

    def answer(self, children: list[Token]) -> Answer:
        return _answer(children[0][0], children[1:])


def _general(children: list[Token] | list[Token | Answer]) -> str:
    return next((str(child)[4:] for child in children if isinstance(child, Token) and child.type == "GENERAL"), "")


def _answers(children: list[Token | Answer]) -> tuple[Answer, ...]:
    return tuple(child for child in children if isinstance(child, Answer))


def _answer(mark: str, children: list[Token]) -> Answer:
    weight = next((str(child)[1:-1] for child in children if child.type == "WEIGHT"), None)
    words = [child for child in children if child.type != "WEIGHT"]
    # The first # divides; others are signs of the feedback.
    at = next((index for index, child in enumerate(words) if child.type == "HASH"), len(words))
    return Answer(mark, weight, "".join(words[:at]), "".join(words[at + 1 :]))


_PARSER = Lark(GRAMMAR, parser="lalr", lexer="contextual", maybe_placeholders=False, transformer=_Parts())
