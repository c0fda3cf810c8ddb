"""Tables of Markdown: their cells, and the questions that a table in a quiz asks. Pure."""

import re
from dataclasses import dataclass

from courses.notes.blocks import Block
from courses.notes.emphasis import plain
from courses.notes.inline import tokens
from courses.notes.quiz_marks import ANSWER, EXPLANATION, bracketed_answer, highlight

QUESTION = re.compile(r"(?:问题?|题目?|题干|陈述|questions?|q|statements?)", re.IGNORECASE)
ANSWERS = re.compile(rf"(?:{ANSWER}|key)", re.IGNORECASE)
SHORT_ANSWERS = re.compile(rf"(?:{ANSWER}|key|a)", re.IGNORECASE)
EXPLANATIONS = re.compile(EXPLANATION, re.IGNORECASE)
NUMBER = re.compile(r"(?:序号|编号|题号|no\.?|nr\.?|#|\d+\.?|)", re.IGNORECASE)
CHINESE = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True)
class RowQuestion:
    """`text` is the row as a sentence, which stays where it makes no question."""

    line: int
    text: str
    prompt: str
    answer: str | None
    choices: list[str]
    explanation: str


def cells(line: str) -> list[str]:
    """The cells of a row; a bar in code, in a formula or behind a backslash parts nothing."""
    text = line.strip()
    inside = [token for token in tokens(text) if token.kind in ("code", "escape", "formula")]
    found, start, index = [], 0, 0
    for bar in re.finditer(r"\|", text):
        while index < len(inside) and inside[index].end <= bar.start():
            index += 1
        if index == len(inside) or inside[index].start > bar.start():
            found.append(text[start : bar.start()].strip())
            start = bar.end()
    if text[start:].strip() or not text.endswith("|"):
        found.append(text[start:].strip())
    return found[1:] if text.startswith("|") else found


def row_questions(block: Block) -> list[RowQuestion]:
    """What the rows of a table ask; [] where it gives no answers."""
    lines = block.text.split("\n")
    head, rows = cells(lines[0]), [(block.line + number, cells(line)) for number, line in enumerate(lines[2:], 2)]
    names = [plain(name) for name in head]
    asks = next((place for place, name in enumerate(names) if QUESTION.fullmatch(name)), None)
    is_answer = ANSWERS if "B" in names else SHORT_ANSWERS
    gives = next((place for place, name in enumerate(names) if is_answer.fullmatch(name)), None)
    if asks is not None and gives is not None and gives != asks:
        return [_answered(line, names, row, asks, gives) for line, row in rows if any(row)]
    found = [_sentence(line, names, row) for line, row in rows if any(row)]
    return found if any(question.answer or highlight(question.prompt) == "part" for question in found) else []


def _answered(line: int, names: list[str], row: list[str], asks: int, gives: int) -> RowQuestion:
    row = row + [""] * (len(names) - len(row))
    prompt, explanation, choices = row[asks], "", []
    for place, (name, cell) in enumerate(zip(names, row, strict=False)):
        if place in (asks, gives) or not cell:
            continue
        if EXPLANATIONS.fullmatch(name):
            explanation = cell
        elif re.fullmatch(r"[A-H]", name) and "B" in names:
            choices.append(cell)
        elif not NUMBER.fullmatch(name):
            prompt += f"（{name}：{cell}）" if CHINESE.search(name) else f" ({name}: {cell})"
    for cell in row[len(names) :]:
        prompt += f" {cell}"
    return RowQuestion(line, _written(names, row), prompt, row[gives] or None, choices, explanation)


def _sentence(line: int, names: list[str], row: list[str]) -> RowQuestion:
    text = _written(names, row)
    found = bracketed_answer(text)
    return RowQuestion(line, text, found[0] if found else text, found[1] if found else None, [], "")


def _written(names: list[str], row: list[str]) -> str:
    """`Name: cell; name: cell`, without the number of the row."""
    names = names + [""] * (len(row) - len(names))
    parts = [(name, cell) for name, cell in zip(names, row, strict=False) if cell]
    if len(parts) > 1 and NUMBER.fullmatch(parts[0][0]) and NUMBER.fullmatch(parts[0][1]):
        parts = parts[1:]
    chinese = CHINESE.search("".join(names + row))
    colon, comma = ("：", "；") if chinese else (": ", "; ")
    if not any(name for name, _ in parts):
        return colon.join(cell for _, cell in parts)
    return comma.join(f"{name}{colon}{cell}" if name else cell for name, cell in parts)
