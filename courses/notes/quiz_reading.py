"""The blocks of a quiz in a student's notes → what is asked, with the answers that the notes give. Pure.

A question begins with each bullet or paragraph; below it may stand choices, an answer and an explanation.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from courses.notes.blocks import Block
from courses.notes.emphasis import plain
from courses.notes.quiz_marks import (
    ANSWER,
    ANSWER_LINE,
    ASKS,
    EXPLANATION_LINE,
    INLINE_ANSWER,
    INLINE_SHORT,
    LETTERS_IN_BRACKETS,
    QUESTION_LABEL,
    SHORT_ANSWER,
    TASK,
    VERDICT,
    Choice,
    bracketed_answer,
    choice,
    highlight,
    lettered,
    same,
    split_choices,
    unwrapped,
)
from courses.notes.tables import row_questions

SUMMARY = re.compile(r"<summary[^<>]*>(?P<words>[^<>]*)</summary\s*>", re.IGNORECASE)
DETAILS = re.compile(r"</?details[^<>]*>", re.IGNORECASE)
SHOWS_ANSWER = re.compile(rf"{ANSWER}|点击|展开|查看|reveal|show|click", re.IGNORECASE)
# More lines than one question has, more bullets than one has choices.
MAX_ROWS, MAX_BULLETS = 100, 12
ENDS = re.compile(r"[。．.？?！!；;]\s*$")
CHINESE = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True)
class Row:
    """A line of a quiz. `starts`: whether it may begin a question, being the first of its block."""

    block: Block
    line: int
    text: str
    starts: bool


@dataclass
class Asked:
    """One question as the notes have it, in Markdown of the notes. `answer` is None where none is given in words."""

    line: int
    prompt: str
    rows: list[Row] = field(default_factory=list)
    answer: str | None = None
    choices: list[Choice] = field(default_factory=list)
    explanation: str = ""
    is_labelled: bool = False
    is_task: bool = False
    has_tasks: bool = False
    last: str = "prompt"
    """What the latest line belongs to; a line that begins nothing goes there, too."""

    @property
    def number(self) -> int:
        """In its list; 0 if it has none."""
        bullet = self.rows[0].block.bullet
        return int(bullet[:-1]) if bullet[:1].isdigit() else 0

    @property
    def blocks(self) -> list[Block]:
        """What it was made of, to stay in the lesson as text."""
        found: list[Block] = []
        for row in self.rows:
            if found and not row.starts:
                found[-1] = replace(found[-1], text=f"{found[-1].text}\n{row.text}")
            else:
                found.append(replace(row.block, line=row.line, text=row.text))
        return found


def read_quiz(blocks: Sequence[Block]) -> Iterator[Asked | Block]:
    """In order; a block that asks nothing (code, a formula, a table without answers) comes out as it is."""
    reader = _Reader()
    for block in blocks:
        if block.kind in ("item", "paragraph", "quote"):
            reader.rows += _rows(block)
            continue
        yield from reader.finish()
        if block.kind == "table" and (found := row_questions(block)):
            for question in found:
                row = Row(replace(block, kind="paragraph"), question.line, question.text, starts=True)
                asked = Asked(question.line, question.prompt, [row], explanation=question.explanation)
                asked.answer = question.answer
                asked.choices = [choice(question.line, text) for text in question.choices]
                yield asked
        else:
            yield block
    yield from reader.finish()


def _rows(block: Block) -> Iterator[Row]:
    lines = block.text.split("\n")
    apart = block.kind != "item" and _are_statements(lines)
    for number, line in enumerate(lines):
        text = DETAILS.sub("", line)
        text = SUMMARY.sub(lambda m: "答案：" if SHOWS_ANSWER.search(m["words"]) else m["words"], text).strip()
        if block.kind == "quote":
            text = re.sub(r"^\[!\w+\][+-]?\s*", "", text)
        yield Row(block, block.line + number, text, starts=not number or apart)


def _are_statements(lines: Sequence[str]) -> bool:
    """Whether each line of a paragraph is a statement of its own, and not one sentence over many lines."""
    if len(lines) < 2 or not all(highlight(line) == "part" or bracketed_answer(line) for line in lines):
        return False
    return all(ENDS.search(plain(line)) or CHINESE.search(line) for line in lines[:-1])


class _Reader:
    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.current: Asked | None = None

    def finish(self) -> Iterator[Asked]:
        """Every question of the rows that have come so far."""
        at = 0
        while at < len(self.rows):
            row = self.rows[at]
            if not row.text:
                self._empty(row)
                if self.current is None:
                    yield Asked(row.line, "", [row])
                at += 1
            elif taken := self._belongs(at):
                self._add(at, taken)
                at += taken
            else:
                yield from self._done()
                self._begin(row)
                at += 1
        yield from self._done()
        self.rows = []

    def _done(self) -> Iterator[Asked]:
        if self.current:
            yield self.current
        self.current = None

    def _empty(self, row: Row) -> None:
        if self.current:
            self.current.rows.append(row)

    def _add(self, at: int, count: int) -> None:
        assert self.current is not None
        self.current.rows += self.rows[at : at + count]

    def _begin(self, row: Row) -> None:
        text = row.text
        task = TASK.match(text)
        text = task["text"] if task else unwrapped_label(text)
        label = QUESTION_LABEL.match(text)
        asked = Asked(row.line, text[label.end() :] if label else text, [row], is_labelled=label is not None)
        asked.is_task = task is not None
        if (found := split_choices(asked.prompt)) and not _is_statement(asked.prompt, found[1]):
            asked.prompt, asked.last = found[0], "choices"
            asked.choices = [one[1] for part in found[1] if (one := lettered(row.line, part))]
            self._answer_behind(asked)
        else:
            asked.prompt, asked.answer = _answer_in(asked.prompt, asked.is_labelled)
        self.current = asked

    def _answer_behind(self, asked: Asked) -> None:
        """`A. x B. y（答案：B）`: the answer stands behind the last choice."""
        last = asked.choices[-1]
        if found := _answer_in_words(last.text, labelled=False):
            asked.choices[-1], asked.answer = choice(last.line, found[0], last.is_marked), found[1]
        elif found := _answer_in_words(asked.prompt, labelled=False):
            asked.prompt, asked.answer = found

    # --- what belongs to the question above ----------------------------------------------------------------------

    def _belongs(self, at: int) -> int:
        """How many rows from here on belong to the current question."""
        asked, row = self.current, self.rows[at]
        if asked is None or len(asked.rows) >= MAX_ROWS:
            return 0
        if self._says_answer(asked, at) or self._offers(asked, at):
            return 1
        if count := self._bullets(asked, at):
            return count
        if (asked.last == "awaiting" and not self._is_next(asked, row)) or not row.starts:
            self._continue(asked, row)
            return 1
        return 0

    def _is_next(self, asked: Asked, row: Row) -> bool:
        """Whether the row is the next bullet of the list that the question stands in."""
        first = asked.rows[0].block
        return row.starts and row.block.kind == first.kind == "item" and row.block.depth <= first.depth

    def _says_answer(self, asked: Asked, at: int) -> bool:
        text = unwrapped(self.rows[at].text)
        if asked.answer and self.rows[at].starts and not EXPLANATION_LINE.match(text):
            return False  # a second answer is not this question's
        if explanation := EXPLANATION_LINE.match(text):
            asked.explanation = _joined(asked.explanation, explanation["text"])
            asked.last = "explanation"
            return True
        found = ANSWER_LINE.match(text)
        if found is None and asked.is_labelled and not asked.choices and not self._is_choice(at + 1, 1):
            found = SHORT_ANSWER.match(text)
        if found is None:
            return False
        asked.answer = _joined(asked.answer or "", found["text"])
        asked.last = "answer" if found["text"].strip() else "awaiting"
        return True

    def _offers(self, asked: Asked, at: int) -> bool:
        """Whether the row is one choice or more."""
        row = self.rows[at]
        task = TASK.match(row.text)
        if task:
            if asked.is_task or highlight(asked.prompt) or asked.answer or (asked.choices and not asked.has_tasks):
                return False
            asked.choices.append(choice(row.line, task["text"], task["sign"] != " "))
            asked.has_tasks = True
        elif (found := split_choices(row.text)) and not found[0].strip() and not asked.choices:
            asked.choices += [one[1] for part in found[1] if (one := lettered(row.line, part))]
            self._answer_behind(asked)
        elif (one := lettered(row.line, row.text)) and one[0] == len(asked.choices):
            if not one[0] and not self._is_choice(at + 1, 1):
                return False
            asked.choices.append(one[1])
            self._answer_behind(asked)
        else:
            return False
        asked.last = "choices"
        return True

    def _is_choice(self, at: int, place: int) -> bool:
        found = lettered(0, self.rows[at].text) if at < len(self.rows) else None
        return found is not None and found[0] == place

    def _bullets(self, asked: Asked, at: int) -> int:
        """Bullets below a question are its choices if just one of them is marked, or the answer is one of them."""
        row = self.rows[at]
        nested = row.block.depth > asked.rows[0].block.depth or asked.rows[0].block.kind != "item"
        if (
            row.block.kind != "item"
            or not nested
            or asked.choices
            or asked.answer
            or not ASKS.search(plain(asked.prompt))
        ):
            return 0
        end = at
        while end < len(self.rows) and end - at <= MAX_BULLETS and self._is_sibling(self.rows[end], row):
            end += 1
        found = [choice(other.line, other.text) for other in self.rows[at:end]]
        marked = sum(one.is_marked for one in found)
        partly = any(highlight(other.text) == "part" for other in self.rows[at:end])
        following = ANSWER_LINE.match(self.rows[end].text) if end < len(self.rows) else None
        names_one = following is not None and same(following["text"]) in {same(one.text) for one in found}
        if not 2 <= len(found) <= MAX_BULLETS or partly or not (marked == 1 or (not marked and names_one)):
            return 0
        asked.choices, asked.last = found, "choices"
        return end - at

    def _is_sibling(self, row: Row, first: Row) -> bool:
        is_item = row.block.kind == "item" and row.starts and "\n" not in row.block.text
        return is_item and row.block.depth == first.block.depth and not ANSWER_LINE.match(row.text)

    def _continue(self, asked: Asked, row: Row) -> None:
        """A line that begins nothing goes on with what stands above it."""
        if asked.last in ("answer", "awaiting"):
            asked.answer, asked.last = _joined(asked.answer or "", row.text), "answer"
        elif asked.last == "explanation":
            asked.explanation = _joined(asked.explanation, row.text)
        elif asked.last == "choices":
            last = asked.choices.pop()
            asked.choices.append(choice(last.line, _joined(last.text, row.text), last.is_marked))
        else:
            text, answer = _answer_in(row.text, asked.is_labelled) if asked.answer is None else (row.text, asked.answer)
            asked.prompt, asked.answer = _joined(asked.prompt, text), answer


def _is_statement(text: str, parts: Sequence[str]) -> bool:
    """Whether “A. Turing and B. Russell asked ==this==” has its answer within, and no choices."""
    if highlight(text) != "part" or bracketed_answer(text):
        return False
    return not any(one[1].is_marked for part in parts if (one := lettered(0, part)))


def unwrapped_label(text: str) -> str:
    """`**Q: why?**` without its emphasis, which is no answer."""
    inner = unwrapped(text)
    return inner if inner is not text and QUESTION_LABEL.match(inner) else text


def _answer_in(text: str, labelled: bool) -> tuple[str, str | None]:
    """The question without the answer that stands in the same line, and that answer."""
    if found := _answer_in_words(text, labelled):
        return found
    verdict = VERDICT.search(text[-40:])
    # Beside a highlight, “(T)” is more likely a sign of the text.
    if verdict and not (verdict["text"].upper() in "TF" and highlight(text)):
        return text[: len(text) - len(verdict[0])].strip(), verdict["text"]
    return text, None


def _answer_in_words(text: str, labelled: bool) -> tuple[str, str] | None:
    if found := bracketed_answer(text):
        return found[0].strip(), found[1]
    inline = (INLINE_SHORT.search(text) if labelled else None) or INLINE_ANSWER.search(text)
    if inline and text[: inline.start()].strip():
        return text[: inline.start()].strip(), inline["text"].strip()
    return None


def letters_in_prompt(asked: Asked) -> str | None:
    """`…是（ B ）`: the letter that stands where the answer belongs; it is taken out of the prompt."""
    found = LETTERS_IN_BRACKETS.search(asked.prompt)
    if found is None:
        return None
    asked.prompt = f"{asked.prompt[: found.start()]}（　）{asked.prompt[found.end() :]}"
    return found["text"]


def _joined(before: str, text: str) -> str:
    return f"{before}\n{text.strip()}" if before.strip() else text.strip()
