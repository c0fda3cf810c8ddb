"""Multiple choice in the Aiken format: plain text, one right choice, no feedback. Pure.

    What does the loss do if the learning rate is far too large?
    A. It grows
    B. It falls faster
    ANSWER: A

Letters with `.` or `)` and a space. The text of a question may have several lines; blank lines mean nothing but a
paragraph in it. The format has no names, ids, concepts and categories.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import Any, Final

from quizzes.interchange.bodies import fault_in
from quizzes.interchange.decoding import decoded
from quizzes.interchange.items import MAX_ITEMS, Entry, FileFault, Item, Written
from quizzes.interchange.naming import ids_for
from quizzes.interchange.plain_markdown import from_plain, to_plain
from quizzes.kinds.base import Body

ANSWER: Final = "ANSWER:"
CHOICE: Final = re.compile(r"([A-Z])[.)][ \t]+(\S.*)")


def read(content: bytes, locale: str) -> list[Item]:
    """Return every question of the file in its order, with texts in `locale`; raise FileFault."""
    reader = _Reader(locale)
    for number, line in enumerate(decoded(content).split("\n"), 1):
        reader.line(number, line.strip())
        if len(reader.items) > MAX_ITEMS:
            raise FileFault(f"The file has more than {MAX_ITEMS:,} questions.", number)
    reader.end()
    return reader.items


def write(entries: Sequence[Entry], locale: str) -> Written:
    """Return an Aiken file of the questions with one right choice."""
    questions: list[str] = []
    left_out: list[tuple[str, str]] = []
    for entry in entries:
        try:
            text, missing = _written(entry.body, locale)
        except _LeftOutError as reason:
            left_out.append((entry.id, str(reason)))
            continue
        questions.append(text)
        left_out += [(entry.id, reason) for reason in missing]
    return Written("\n".join(questions).encode(errors="replace"), tuple(left_out))


# --- reading ---------------------------------------------------------------------------------------------------------


@dataclass
class _Begun:
    """A question that is being read."""

    line: int
    text: list[str] = field(default_factory=list)
    choices: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


class _Reader:
    def __init__(self, locale: str) -> None:
        self.locale = locale
        self.items: list[Item] = []
        self.begun: _Begun | None = None

    def line(self, number: int, line: str) -> None:
        begun = self.begun
        if line.startswith(ANSWER):
            self._answer(number, line.removeprefix(ANSWER).strip())
        elif found := CHOICE.fullmatch(line):
            self._choice(number, found[1], found[2])
        elif line and begun and begun.choices:
            begun.faults.append(f"Line {number}: a choice (A. or A) and a space) or ANSWER: was expected.")
            self.end()
            self.begun = _Begun(number, [line])
        elif line or begun:
            self.begun = begun or _Begun(number)
            if not self.begun.choices:
                self.begun.text.append(line)

    def _choice(self, number: int, letter: str, text: str) -> None:
        self.begun = begun = self.begun or _Begun(number)
        if not begun.text and not begun.choices:
            begun.faults.append(f"Line {number}: a choice stands where the text of a question was expected.")
        if letter in begun.choices:
            begun.faults.append(f"Line {number}: the letter {letter} stands for two choices.")
        begun.choices[letter] = text

    def _answer(self, number: int, letter: str) -> None:
        self.begun = begun = self.begun or _Begun(number)
        if not begun.text and not begun.faults:
            begun.faults.append(f"Line {number}: {ANSWER} stands where the text of a question was expected.")
        elif letter.upper() not in begun.choices:
            known = ", ".join(begun.choices) or "none"
            begun.faults.append(f"Line {number}: one letter of a choice was expected; there is {known}.")
        self.end(letter.upper())

    def end(self, right: str = "") -> None:
        """End the question that is being read; without a right letter it is refused."""
        begun, self.begun = self.begun, None
        if begun is None:
            return
        if not right and not begun.faults:
            begun.faults.append(f"Line {begun.line}: the question that begins here has no {ANSWER} line.")
        body = None if begun.faults else _body(begun, right, self.locale)
        fault = begun.faults[0] if begun.faults else fault_in(body or {})
        self.items.append(Item(begun.line, "", "", None if fault else body, refused=fault))


def _body(begun: _Begun, right: str, locale: str) -> dict[str, Any]:
    texts = [from_plain(text) for text in begun.choices.values()]
    ids = dict(zip(begun.choices, ids_for(texts), strict=True))
    choices = {choice: {"text": text} for choice, text in zip(ids.values(), texts, strict=True)}
    described = {"prompt": from_plain("\n".join(begun.text)), "choices": choices}
    return {
        "kind": "single_choice", "choices": list(ids.values()), "key": ids[right], "texts": {locale: described}
    }  # fmt: skip


# --- writing ---------------------------------------------------------------------------------------------------------


class _LeftOutError(ValueError):
    """Aiken cannot hold the question; the message says why, in one sentence."""


def _written(body: Body, locale: str) -> tuple[str, list[str]]:
    if body.kind != "single_choice":
        raise _LeftOutError(f"Aiken has only questions with one right choice, none of the kind {body.kind}.")
    texts = body.texts.get(locale)
    if texts is None:
        raise _LeftOutError(f"The question has no texts in the language {locale}.")
    question: Any = body
    markdowns = [texts.prompt, *(texts.choices[choice].text for choice in question.choices)]
    lines = [_line(markdown) for markdown in markdowns]
    if CHOICE.fullmatch(lines[0]) or lines[0].startswith(ANSWER):
        raise _LeftOutError("Its text begins like a choice or an answer of Aiken.")
    letters = ascii_uppercase[: len(question.choices)]
    choices = [f"{letter}. {line}" for letter, line in zip(letters, lines[1:], strict=True)]
    right = letters[question.choices.index(question.key)]
    lost = {
        "its formatting": any(from_plain(line) != text for line, text in zip(lines, markdowns, strict=True)),
        "its feedback": bool(texts.feedback) or any(choice.feedback for choice in texts.choices.values()),
        "its hints": bool(texts.hints),
    }
    missing = [f"Written without {what}: Aiken holds none." for what, is_lost in lost.items() if is_lost]
    return "".join(f"{line}\n" for line in [lines[0], *choices, f"{ANSWER} {right}"]), missing


def _line(markdown: str) -> str:
    """Return the words of a text, which has to be one line."""
    words = to_plain(from_plain(to_plain(markdown)))
    if not words:
        raise _LeftOutError("A text has no words.")
    if "\n" in words:
        raise _LeftOutError("A text has several lines, and Aiken has one for each.")
    return words
