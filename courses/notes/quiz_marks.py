"""The signs by which a student's quiz says what is asked, what may be chosen and what is right. Pure.

`（答案：x）`, `Answer: x`, `答：x`, `Q: … A: …`, `____`, `（ B ）`, `A. x`, `[x]`, `✓`, `(correct)`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from courses.notes.emphasis import LEVELS, plain, spans
from courses.notes.inline import tokens

OPEN, CLOSE = r"(?:\*\*|==|__|<u>|<b>|<mark>|\*)?", r"(?:\*\*|==|__|</u>|</b>|</mark>|\*)?"
ANSWER = (
    r"(?:参考答案|正确答案|标准答案|答案|解答|答"
    r"|correct answers?|right answers?|model answers?|answers?|ans|solutions?)"
)
EXPLANATION = r"(?:答案解析|解析|解释|explanation|rationale)"
ANSWER_LINE = re.compile(
    rf"^\s*{OPEN}(?:【\s*{ANSWER}\s*】\s*[:：]?|{ANSWER}\s*\d*{CLOSE}\s*(?:[:：]|[–—-]\s|\s(?=[A-H]\W*$))){CLOSE}\s*(?P<text>.*)$",
    re.IGNORECASE | re.DOTALL,
)
EXPLANATION_LINE = re.compile(
    rf"^\s*{OPEN}(?:【\s*{EXPLANATION}\s*】\s*[:：]?|{EXPLANATION}{CLOSE}\s*[:：]){CLOSE}\s*(?P<text>.*)$",
    re.IGNORECASE | re.DOTALL,
)
QUESTION_LABEL = re.compile(
    rf"^\s*{OPEN}(?:(?:Q|问|问题|题目?|question)\s*\d*{CLOSE}\s*[:：.、)]|第\s*\d+\s*题{CLOSE}\s*[:：.、)]?){CLOSE}\s*",
    re.IGNORECASE,
)
SHORT_ANSWER = re.compile(rf"^\s*{OPEN}A\s*\d*{CLOSE}\s*[:：.]{CLOSE}\s*(?P<text>.*)$", re.DOTALL)
# In the line of the question: “… ? A: x” after Q:, “…？答：x” anywhere.
INLINE_SHORT = re.compile(rf"\s{OPEN}(?:A\s*\d*|Answer){CLOSE}\s*[:：]{CLOSE}\s*(?P<text>\S.*)$", re.DOTALL)
INLINE_ANSWER = re.compile(
    r"(?:(?<=[\s。.？?！!；;）)])|^)(?:参考答案|正确答案|答案|答|Answer|Ans|ANSWER)\s*[:：]\s*(?P<text>\S.*)$",
    re.DOTALL,
)
BRACKET = re.compile(rf"\s*[（(\[【]\s*(?:{ANSWER}|key)\s*[:：]\s*", re.IGNORECASE)
BRACKETS = {"（": 1, "(": 1, "[": 1, "【": 1, "）": -1, ")": -1, "]": -1, "】": -1}
VERDICT = re.compile(
    r"\s*[（(]\s*(?P<text>√|×|✓|✗|✔|✘|T|F|true|false|对|错|正确|错误)\s*[)）]\s*[。.]?\s*$", re.IGNORECASE
)
# Not the brackets of `model.fit()`, nor an empty list.
PLACEHOLDER = re.compile(r"_{3,}|＿{2,}|（\s*）|(?<![\w.])\(\s*\)|(?<!\w)\[\s+\]|【\s*】")
LETTERS_IN_BRACKETS = re.compile(r"[（(]\s*(?P<text>[A-H](?:\s*[、,，]?\s*[A-H])*)\s*[)）]")
LETTERS = re.compile(
    r"(?P<text>[A-H](?:\s*[、,，和&/+]?\s*(?:and\s+)?[A-H])*)(?:[.。、)）．:：,，;；]\s*|\s*$|(?P<apart>\s+)(?=\S))",
    re.IGNORECASE,
)
TASK = re.compile(r"^\[(?P<sign>[ xX✓✔√])\]\s*(?P<text>.*)$", re.DOTALL)
LETTERED = re.compile(
    r"^\s*(?P<check>[✓✔√✅☑]\s*)?(?P<open>\*\*|==|<u>|<mark>|<b>|\*)?[（(]?(?P<letter>[A-Ha-h])[)）.、．:：]"
    r"(?P<close>\*\*|==|</u>|</mark>|</b>|\*)?\s*(?P<text>\S.*)$",
    re.DOTALL,
)
CHOICE_MARK = re.compile(
    r"(?:(?<=[\s?？。：:）)])|^)(?:\*\*|==|<u>|<mark>|<b>)?[（(]?(?P<letter>[A-Ha-h])[)）.、．](?=\s*\S)"
)
RIGHT = re.compile(
    r"\s*(?:[✓✔√✅☑]|[（(]\s*(?:correct|right|正确(?:答案)?|对|√|✓)\s*[)）]|(?:←|<-+)\s*(?:correct|正确)\S*)\s*$", re.I
)
WRONG = re.compile(r"\s*(?:[✗✘×❌]|[（(]\s*(?:wrong|incorrect|错误?|不正确|×|✗)\s*[)）])\s*$", re.IGNORECASE)
CHECKED = re.compile(r"^\s*[✓✔√✅☑]\s*")
_TRUE, _FALSE = (
    "true t right correct yes 对 正确 是 √ ✓ ✔ ✅",
    "false f wrong incorrect no 错 错误 不对 不正确 否 × ✗ ✘ ❌",
)
TRUE, FALSE = frozenset(_TRUE.split()), frozenset(_FALSE.split())
ASKS = re.compile(r"[?？:：]\s*$|[（(]\s*[A-H]?\s*[)）]|_{3,}|哪|下列|以下|\bwhich\b", re.IGNORECASE)


@dataclass(frozen=True)
class Choice:
    """`text` is Markdown of the notes."""

    line: int
    text: str
    is_marked: bool


def highlight(text: str) -> str:
    """ "all" where all of the text has one strong emphasis, "part" where some has, else ""."""
    found = [span for span in spans(text) if span.plain.strip()]
    if any(all(level in span.marks for span in found) for level in LEVELS if found):
        return "all"
    return "part" if any(span.marks.intersection(LEVELS) for span in found) else ""


def bare(text: str) -> str:
    """The text without its emphasis."""
    return "".join(span.source for span in spans(text)).strip()


def unwrapped(text: str) -> str:
    """Without emphasis where all of the text has it: `**Answer: x**`."""
    return bare(text) if text[:1] in "*=_<" and highlight(text) == "all" else text


def lettered(line: int, text: str) -> tuple[int, Choice] | None:
    """The place of the letter in the alphabet, and the choice behind it."""
    found = LETTERED.match(text)
    if found is None:
        return None
    letter, words = found["letter"].lower(), found["text"]
    if found["open"] and not found["close"]:
        words = found["open"] + words
    elif found["close"] and not found["open"]:
        words = found["close"] + words
    return ord(letter) - ord("a"), choice(line, words, bool(found["check"]))


def choice(line: int, text: str, is_marked: bool = False) -> Choice:
    """A choice without the signs that say whether it is right."""
    is_marked = is_marked or highlight(text) == "all"
    words = bare(text) if highlight(text) else text.strip()
    if found := CHECKED.match(words):
        words, is_marked = words[found.end() :], True
    if found := RIGHT.search(words[-40:]):
        words, is_marked = words[: len(words) - len(found[0])], True
    elif found := WRONG.search(words[-40:]):
        words = words[: len(words) - len(found[0])]
    return Choice(line, words.strip(), is_marked)


def split_choices(text: str) -> tuple[str, list[str]] | None:
    """`Which? A. x B. y` → what stands before A, and the choices with their letters."""
    places: list[int] = []
    first = ""
    for found in CHOICE_MARK.finditer(text):
        first = first if places else ("A" if found["letter"].isupper() else "a")
        if found["letter"] == chr(ord(first) + len(places)):
            places.append(found.start())
    if len(places) < 2:
        return None
    ends = [*places[1:], len(text)]
    return text[: places[0]], [text[start:end].strip() for start, end in zip(places, ends, strict=True)]


def bracketed_answer(text: str) -> tuple[str, str] | None:
    """`… (Answer: x) …` → the text without it, and x, which may hold brackets of its own."""
    found = BRACKET.search(text)
    if found is None:
        return None
    depth = 1
    for place in range(found.end(), len(text)):
        depth += BRACKETS.get(text[place], 0)
        if not depth:
            return text[: found.start()] + text[place + 1 :], text[found.end() : place].strip()
    return None


def named_choices(answer: str, choices: Sequence[Choice]) -> list[int]:
    """The places of the choices that an answer such as “B”, “A、C”, “B. gradient” or “gradient” names."""
    texts = [same(one.text) for one in choices]
    if same(answer) in texts:
        return [texts.index(same(answer))]
    found = LETTERS.match(answer.strip())
    if found is None:
        return []
    signs = re.sub(r"[^A-H]", "", re.sub("and", "", found["text"], flags=re.IGNORECASE).upper())
    places = sorted({ord(letter) - ord("A") for letter in signs})
    rest = same(answer.strip()[found.end() :])
    # “A gradient” names a choice only if A is the gradient.
    is_article = found["apart"] is not None and rest != texts[places[0]] if places[0] < len(texts) else False
    return [] if places[-1] >= len(choices) or is_article else places


def same(text: str) -> str:
    return plain(text).casefold().strip(" 。.;；")


def verdict(answer: str) -> bool | None:
    """Whether an answer says that the statement is true or false; None if it says something else."""
    word = answer.strip(" 。.！!").casefold()
    return True if word in TRUE else False if word in FALSE else None


def around_blanks(prompt: str) -> list[str]:
    """The parts of a question between its blanks: `____`, `（ ）`. What stands in code or a formula is none."""
    inside = [token for token in tokens(prompt) if token.kind in ("code", "formula", "link", "picture")]
    parts, start, index = [], 0, 0
    for blank in PLACEHOLDER.finditer(prompt):
        while index < len(inside) and inside[index].end <= blank.start():
            index += 1
        if index == len(inside) or inside[index].start >= blank.end():
            parts.append(prompt[start : blank.start()])
            start = blank.end()
    return [*parts, prompt[start:]]
