"""Questions of a draft: cloze and choice questions of a quiz, flashcards proposed from highlights. Pure."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from typing import Any

from courses.notes.emphasis import Piece, escaped
from courses.rendering import render_fragment
from courses.yaml_writing import to_yaml

MAX_OPTION = 200
MAX_TEXT = 4_000
MAX_FRONT = 1_000
MAX_CHOICES = 12
MAX_DISTRACTORS = 3
CARD_LENGTH = range(2, 41)
GAP = "［…］"
BLANK = re.compile(r"\[\[[a-z0-9_-]+\]\]")
SENTENCE_END = re.compile(r"(?<=[。！？；!?;])|(?<=\.)\s++|\n")
WORDY = re.compile(r"\w")


@dataclass(frozen=True)
class Statement:
    """A sentence of a quiz with its highlighted answers."""

    id: str
    line: int
    section: str
    pieces: Sequence[Piece]
    explanation: str = ""

    @property
    def answers(self) -> list[str]:
        return [_line(piece.plain) for piece in self.pieces if piece.is_answer]

    @property
    def text(self) -> str:
        """Markdown with `[[b1]]`, `[[b2]]`… in the place of the answers."""
        written, number = "", 0
        for piece in self.pieces:
            number += piece.is_answer
            written += f"[[b{number}]]" if piece.is_answer else piece.markdown
        return at_line_start(written.strip())

    @property
    def given_away(self) -> list[str]:
        """Answers that the rest of the statement holds, too."""
        rest = "".join(piece.plain for piece in self.pieces if not piece.is_answer).casefold()
        return [answer for answer in self.answers if len(answer) > 1 and answer.casefold() in rest]

    @property
    def solution(self) -> str:
        whole = "".join(f"**{piece.markdown.strip()}**" if piece.is_answer else piece.markdown for piece in self.pieces)
        return at_line_start(f"{whole.strip()}\n\n{self.explanation}".strip())


@dataclass(frozen=True)
class ChoiceQuestion:
    """Choices in Markdown; `key` holds the places of the right ones."""

    id: str
    line: int
    section: str
    prompt: str
    choices: Sequence[str]
    key: Sequence[int]
    explanation: str = ""


@dataclass(frozen=True)
class Verdict:
    """A statement that is true or false."""

    id: str
    line: int
    section: str
    prompt: str
    key: bool
    explanation: str = ""


Question = Statement | ChoiceQuestion | Verdict


@dataclass(frozen=True)
class Card:
    id: str
    line: int
    section: str
    front: str
    back: str


def why_no_question(pieces: Sequence[Piece]) -> str:
    """What keeps a statement from becoming a cloze question; "" if nothing does."""
    statement = Statement("", 0, "", pieces)
    if not statement.answers:
        return "the statement has no highlight, so its answer is not known"
    if not any(WORDY.search(piece.plain) for piece in pieces if not piece.is_answer):
        return "the whole statement is highlighted, so there is nothing to fill in"
    if len(statement.answers) > 20 or max(map(len, statement.answers)) > MAX_OPTION:
        return f"a highlight of the statement is longer than {MAX_OPTION} characters, or there are more than 20"
    if sum(len(piece.markdown) for piece in pieces) > MAX_TEXT:
        return f"the statement is longer than {MAX_TEXT} characters"
    if BLANK.search("".join(piece.plain for piece in pieces)):
        return "the statement holds [[…]], which means a blank in a question"
    return "" if _shows_its_blanks(statement) else "a highlight stands where no blank can be"


def _shows_its_blanks(statement: Statement) -> bool:
    """Whether Markdown leaves each blank in sight; in a formula or an attribute it would not."""
    count = len(statement.answers)
    text = statement.text
    for number in range(1, count + 1):
        text = text.replace(f"[[b{number}]]", f"draftblank{number}blank")
    visible = re.sub(r"<[^>]*>", "", render_fragment(text))
    return all(visible.count(f"draftblank{number}blank") == 1 for number in range(1, count + 1))


def at_line_start(text: str) -> str:
    """The text so that its first characters make no heading, list or quotation."""
    text = re.sub(r"^(\s*)([#>+{!]|-(?=\s)|::)", r"\1\\\2", text, flags=re.MULTILINE)
    return re.sub(r"^(\s*\d+)([.)])", r"\1\\\2", text, flags=re.MULTILINE)


def _line(text: str) -> str:
    return " ".join(text.split())


# --- flashcards --------------------------------------------------------------------------------------------------


def propose_cards(pieces: Sequence[Piece]) -> list[tuple[str, str, str]]:
    """For each strongest highlight of the text: the words, front and back of a card; no front where it makes none."""
    whole = "".join(piece.plain for piece in pieces)
    ends = sorted({0, len(whole), *(match.end() for match in SENTENCE_END.finditer(whole))})
    cards, position = [], 0
    for piece in pieces:
        start, position = position, position + len(piece.plain)
        if piece.is_answer:
            left, right = ends[bisect_right(ends, start) - 1], ends[bisect_left(ends, position)]
            front, back = ("", "")
            if right - left <= MAX_FRONT:
                front, back = _card(whole[left:start], _line(piece.plain), whole[position:right])
            cards.append((_line(piece.plain), front, back))
    return cards


def _card(before: str, words: str, after: str) -> tuple[str, str]:
    context = len(WORDY.findall(before + after))
    name, equals, formula = words.partition("=")
    if context < 4 and equals and WORDY.search(name) and WORDY.search(formula):
        return at_line_start(escaped(f"{name.strip()} = {GAP}")), at_line_start(escaped(formula.strip()))
    if context < 4 or len(words) not in CARD_LENGTH or not WORDY.search(words):
        return "", ""
    return at_line_start(escaped(_line(f"{before}{GAP}{after}"))), at_line_start(escaped(words))


# --- questions.yaml ----------------------------------------------------------------------------------------------


def list_item(value: dict[str, Any], comments: Iterable[str]) -> str:
    """One entry of a YAML list, below its comments."""
    head = "".join(f"  # {_line(comment)}\n" for comment in comments)
    lines = to_yaml(value).splitlines()
    return head + "\n".join(("  - " if number == 0 else "    ") + line for number, line in enumerate(lines)) + "\n"


def questions_yaml(
    lesson: str, title: str, locale: str, asked: Sequence[Question], cards: Sequence[Card], pool: "Pool"
) -> str:
    """The file of one lesson. `pool`: the answers of all quizzes of the notes, from which wrong options are drawn."""
    text = "# review: drafted from notes; read every question before it is published\n"
    if asked:
        quiz = {"id": lesson, "texts": {locale: {"title": title}}, "questions": [item.id for item in asked]}
        text += to_yaml({"quiz": quiz})
    entries = []
    for item in asked:
        match item:
            case Statement():
                question, comments = _cloze(item, locale, pool)
            case ChoiceQuestion():
                question, comments = _choice(item, locale)
            case Verdict():
                question, comments = _verdict(item, locale)
        entries.append(list_item(question, comments))
    for card in cards:
        entries.append(list_item(_flashcard(card, locale), [f"review: proposed from line {card.line} of the notes"]))
    return text + "questions:\n" + "".join(entries)


def _head(id_: str, kind: str, section: str) -> dict[str, Any]:
    return {"id": id_, "kind": kind} | ({"section": section} if section else {}) | {"concepts": []}


def _flashcard(card: Card, locale: str) -> dict[str, Any]:
    return _head(card.id, "flashcard", card.section) | {"texts": {locale: {"front": card.front, "back": card.back}}}


def _choice(question: ChoiceQuestion, locale: str) -> tuple[dict[str, Any], list[str]]:
    """`single_choice`; with several right choices `multiple_choice`."""
    names = "abcdefghijkl"[: len(question.choices)]
    key = [names[place] for place in question.key]
    choices = {name: {"text": text} for name, text in zip(names, question.choices, strict=True)}
    texts = {"prompt": question.prompt, "choices": choices} | _feedback(question.explanation)
    comments = [f"from line {question.line} of the notes", "review: say beside each wrong choice why one may take it"]
    head = _head(question.id, "single_choice" if len(key) == 1 else "multiple_choice", question.section)
    return head | {
        "choices": list(names), "key": key[0] if len(key) == 1 else key, "texts": {locale: texts}
    }, comments  # fmt: skip


def _verdict(question: Verdict, locale: str) -> tuple[dict[str, Any], list[str]]:
    texts = {"prompt": question.prompt} | _feedback(question.explanation)
    head = _head(question.id, "true_false", question.section)
    return head | {"key": question.key, "texts": {locale: texts}}, [f"from line {question.line} of the notes"]


def _feedback(explanation: str) -> dict[str, str]:
    return {"feedback": explanation} if explanation else {}


def _cloze(statement: Statement, locale: str, pool: "Pool") -> tuple[dict[str, Any], list[str]]:
    blanks: dict[str, Any] = {}
    texts: dict[str, Any] = {}
    comments = [f"from line {statement.line} of the notes"]
    for number, answer in enumerate(statement.answers, start=1):
        name, wrong = f"b{number}", pool.distractors(answer, statement.answers)
        if not wrong:
            blanks[name], texts[name] = {"input": "type"}, {"accept": [answer]}
            continue
        comments[1:] = ["review: the wrong options are answers of other statements; make sure that none is right here"]
        # In the order of their spelling, and named by it: neither place nor id tells which is right.
        options = dict(zip("abcdefgh", sorted([answer, *wrong]), strict=False))
        key = next(option for option, text in options.items() if text == answer)
        blanks[name] = {"input": "choose", "options": list(options), "key": key}
        texts[name] = {"options": options}
    comments += [f"review: the statement gives “{answer}” away in another place" for answer in statement.given_away]
    body = {"text": statement.text, "blanks": texts, "feedback": statement.solution}
    return _head(statement.id, "cloze", statement.section) | {"blanks": blanks, "texts": {locale: body}}, comments


class Pool:
    """The answers of all quizzes, by their length: wrong options are drawn from those of a like length."""

    def __init__(self, answers: Iterable[str]) -> None:
        different: dict[str, str] = {}
        for answer in answers:
            different.setdefault(answer.casefold(), answer)
        self.by_length: dict[int, list[tuple[int, str]]] = {}
        for place, answer in enumerate(different.values()):
            self.by_length.setdefault(len(answer), []).append((place, answer))

    def distractors(self, answer: str, own: Sequence[str]) -> list[str]:
        """Up to three answers of other statements, those of the most like length first, then in their order."""
        taken = {text.casefold() for text in own}
        found: list[str] = []
        for distance in range(MAX_OPTION):
            around = {len(answer) - distance, len(answer) + distance}
            places = merge(*(self.by_length.get(length, []) for length in around))
            free = (text for _, text in places if text.casefold() not in taken)
            found += islice(free, MAX_DISTRACTORS - len(found))
            if len(found) == MAX_DISTRACTORS:
                break
        return found
