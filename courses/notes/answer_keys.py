"""The answers below a quiz, under a heading of their own (答案, Answers), by the numbers of their questions. Pure.

`1. B`, `1. B  2. C`, `1-5 ABCAD`.
"""

import re
from collections.abc import Iterable

from courses.notes.blocks import Block

TITLE = re.compile(
    r"(?:参考|标准|正确|本章)?答案(?:与解析|及解析|和解析)?|answers?|answer key|key|solutions?|correct answers?",
    re.IGNORECASE,
)
RANGE = re.compile(
    r"(?<!\d)(?P<first>\d{1,2})\s*[-–~～]\s*(?P<last>\d{1,2})\s*[:：.、]?\s*(?P<letters>[A-H]{2,})(?![A-Za-z])"
)
NUMBER = re.compile(r"(?:(?<=[\s;；,，])|^)(?P<number>\d{1,3})\s*[.、．:：)）](?!\d)\s*")
EDGES = " \t\n;；,，"


def is_key(title: str) -> bool:
    return TITLE.fullmatch(title.strip()) is not None


def read_key(blocks: Iterable[Block]) -> dict[int, str]:
    """Number → answer, in Markdown of the notes. The first of two with the same number counts."""
    found: dict[int, str] = {}
    for block in blocks:
        if block.kind not in ("item", "paragraph", "quote"):
            continue
        text = f"{block.bullet} {block.text}" if block.bullet[:1].isdigit() else block.text
        for run in RANGE.finditer(text):
            first, last = int(run["first"]), int(run["last"])
            if last - first + 1 == len(run["letters"]):
                for number, letter in enumerate(run["letters"], first):
                    found.setdefault(number, letter)
        text = RANGE.sub("", text)
        marks = list(NUMBER.finditer(text))
        starts = [*(mark.start() for mark in marks), len(text)]
        for mark, end in zip(marks, starts[1:], strict=True):
            if answer := text[mark.end() : end].strip(EDGES):
                found.setdefault(int(mark["number"]), answer)
    return found
