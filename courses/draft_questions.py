"""Questions of a draft: cloze questions from quiz statements, flashcards proposed from highlights. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from courses.emphasis import Piece, cut, escaped
from courses.rendering import render_fragment

MAX_OPTION, MAX_TYPED = 200, 300
MAX_DISTRACTORS = 3
CARD_LENGTH = range(2, 41)
GAP = "［…］"
BLANK = re.compile(r"\[\[[a-z0-9_-]+\]\]")
SENTENCE_END = re.compile(r"(?<=[。！？；!?;])|(?<=\.)\s+|\n")
WORDY = re.compile(r"\w")


@dataclass(frozen=True)
class Statement:
    """A sentence of a quiz with its highlighted answers."""

    id: str
    line: int
    section: str
    pieces: Sequence[Piece]

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
        return at_line_start(whole.strip())


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
    if BLANK.search("".join(piece.plain for piece in pieces)):
        return "the statement holds [[…]], which means a blank in a question"
    if not _shows_its_blanks(statement):
        return "a highlight stands where no blank can be"
    return ""


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


def propose_cards(text: str) -> list[tuple[str, str, str]]:
    """For each strongest highlight of the text: the words, front and back of a card; no front where it makes none."""
    pieces = cut(text)
    whole = "".join(piece.plain for piece in pieces)
    ends = sorted({0, len(whole), *(match.end() for match in SENTENCE_END.finditer(whole))})
    cards, position = [], 0
    for piece in pieces:
        start, position = position, position + len(piece.plain)
        if piece.is_answer:
            left, right = max(end for end in ends if end <= start), min(end for end in ends if end >= position)
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


class _Quoted(str):
    """A text, always in quotation marks: `no`, `1e-4` and `null` stay words."""


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_representer(_Quoted, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))


def to_yaml(value: Any) -> str:
    return yaml.dump(_quoted(value), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10**6)


def _quoted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _quoted(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_quoted(item) for item in value]
    return _Quoted(value) if isinstance(value, str) else value


def list_item(value: dict[str, Any], comments: Iterable[str]) -> str:
    """One entry of a YAML list, below its comments."""
    head = "".join(f"  # {_line(comment)}\n" for comment in comments)
    lines = to_yaml(value).splitlines()
    return head + "\n".join(("  - " if number == 0 else "    ") + line for number, line in enumerate(lines)) + "\n"


def questions_yaml(
    lesson: str, title: str, locale: str, statements: Sequence[Statement], cards: Sequence[Card], pool: Sequence[str]
) -> str:
    """The file of one lesson. `pool`: the answers of all quizzes of the notes, from which wrong options are drawn."""
    text = "# review: drafted from notes; read every question before it is published\n"
    if statements:
        quiz = {"id": lesson, "texts": {locale: {"title": title}}, "questions": [item.id for item in statements]}
        text += to_yaml({"quiz": quiz})
    text += "questions:\n"
    for statement in statements:
        question, comments = _cloze(statement, locale, pool)
        text += list_item(question, comments)
    for card in cards:
        text += list_item(_flashcard(card, locale), [f"review: proposed from a highlight in line {card.line}"])
    return text


def _flashcard(card: Card, locale: str) -> dict[str, Any]:
    head = {"id": card.id, "kind": "flashcard"} | ({"section": card.section} if card.section else {})
    return {**head, "concepts": [], "texts": {locale: {"front": card.front, "back": card.back}}}


def _cloze(statement: Statement, locale: str, pool: Sequence[str]) -> tuple[dict[str, Any], list[str]]:
    blanks: dict[str, Any] = {}
    texts: dict[str, Any] = {}
    comments = [f"from line {statement.line} of the notes"]
    for number, answer in enumerate(statement.answers, start=1):
        name, wrong = f"b{number}", distractors(answer, statement.answers, pool)
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
    head = {"id": statement.id, "kind": "cloze"} | ({"section": statement.section} if statement.section else {})
    body = {"text": statement.text, "blanks": texts, "feedback": statement.solution}
    return {**head, "concepts": [], "blanks": blanks, "texts": {locale: body}}, comments


def distractors(answer: str, own: Sequence[str], pool: Sequence[str]) -> list[str]:
    """Up to three answers of other statements, those of a like length first."""
    taken = {text.casefold() for text in own}
    others: dict[str, str] = {}
    for text in pool:
        if text.casefold() not in taken:
            others.setdefault(text.casefold(), text)
    return sorted(others.values(), key=lambda text: abs(len(text) - len(answer)))[:MAX_DISTRACTORS]
