"""Headings of a student's notes: which lines are some, their titles without numbering, which open a quiz. Pure."""

import re

from courses.notes.emphasis import Span, plain, spans
from courses.notes.inline import Token

MAX_TITLE = 200
MAX_HEADING = 2_000

HEADING = re.compile(r"^ {0,3}(?P<marks>[#＃]{1,6})(?P<space>\s*+)(?P<title>.*)$")
HTML_HEADING = re.compile(r"^\s*+<h(?P<level>[1-6])(?:\s[^<>]*+)?>(?P<title>.*)</h(?P=level)>\s*+$", re.IGNORECASE)

CHINESE_NUMBER = "一二三四五六七八九十百零〇"
CIRCLED = "\u2460-\u2473\u2776-\u277f\u3220-\u3229\u3280-\u3289"
ROMAN_SIGNS = "\u2160-\u217f"
NUMBER_WORDS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
NUMBERING = re.compile(
    rf"^(?:第\s*[{CHINESE_NUMBER}\d]+\s*[章节節课課讲講部篇周週回单單](?:元)?(?!\S*[章节])"
    rf"|(?:chapter|part|lesson|lecture|lec\.?|unit|week|module|section|ch\.)\s*(?:\d+(?:\.\d+)*|(?:[ivxlc]+|{NUMBER_WORDS})\b)"
    rf"|[（(【\[]\s*(?:\d+|[{CHINESE_NUMBER}]+|[ivx]+|[a-z])\s*[)）】\]]"
    rf"|[{CIRCLED}{ROMAN_SIGNS}]"
    rf"|[{CHINESE_NUMBER}]+(?=[\s、.．,，:：])"
    r"|§?\s?\d+(?:\.\d+)*(?=[、.．)）:：](?!\d)|\s+(?![a-z])|\s+(?-i:[A-Z][a-z]))"
    r"|[ivxlc]+(?=[.、)）]\s*)"
    r"|[a-z](?=[.、)）]\s))\s*[、.．:：,，)）—–-]*\s*",
    re.IGNORECASE,
)
# What makes a chapter of a heading or a line by itself, wherever it stands.
CHAPTER = re.compile(
    rf"第\s*[{CHINESE_NUMBER}\d]+\s*[章课課讲講部篇周週](?!\S*[章节])"
    rf"|(?:chapter|part|lesson|lecture|unit|week|module)\s+(?:\d+|(?:[ivxlc]+|{NUMBER_WORDS})\b)",
    re.IGNORECASE,
)
QUIZ = re.compile(
    r"(?:课后|課後|随堂|隨堂|课堂|章末|本章|本节|单元|小|自我|复习|思考|巩固)?"
    r"(?:测验|測驗|小测|小測|测试题|小测试|练习|練習|练习题|习题|習題|自测|自測|自测题|问答题|测验题|思考题|复习题|选择题|填空题|判断题|简答题)"
    r"|(?:(?:self|chapter|section|end|pop|mini|short|practice|review|final)[ -])*"
    r"(?:quiz|quizzes|quiz questions|quiz time|exercises?|questions?|problems?|test yourself|self[ -]?test"
    r"|self[ -]?check|knowledge check|check yourself|check your (?:understanding|knowledge))",
    re.IGNORECASE,
)
# “测验：激活函数” is a quiz, too; “Questions: why?” need not be.
QUIZ_ABOUT = re.compile(r"(?P<name>[^:：—–-]{2,20}?)\s*[:：—–-]+\s*\S")
VAGUE = re.compile(r"(?:.*\s)?(?:questions?|problems?)", re.IGNORECASE)
MAY_BE_HEADING = re.compile(
    rf"\s*(?:[第（([【*=_<{CHINESE_NUMBER}]|chapter|part|lesson|lecture|unit|week|module)", re.I
)
ENDS_A_SENTENCE = re.compile(r"[。．.;；,，、!！?？:：…]$")


def heading_of(line: str) -> tuple[int, str] | None:
    """Level and source of a heading. `#标题` is one; `#include` is not."""
    if html := HTML_HEADING.match(line):
        return int(html["level"]), html["title"]
    found = HEADING.match(line)
    if found is None:
        return None
    title = found["title"].strip()
    if len(found["marks"]) == 6 and title.startswith(("#", "＃")) and not found["space"]:
        return None
    title = re.sub(r"(?:^|\s)[#＃]+$", "", title) if title.strip("#＃") else ""
    if title and not found["space"] and len(found["marks"]) == 1 and re.match(r"[a-z!]", title):
        return None
    return len(found["marks"]), title.strip()


def clean_title(source: str) -> str:
    """A heading without emphasis and numbering, on one line, at most 200 characters."""
    text = heading_text(source)
    bare = NUMBERING.sub("", text[:MAX_HEADING], count=1).strip()
    bare = re.sub(r"\s*[:：]$", "", re.sub(r"^【(.*)】[:：]?$", r"\1", bare))
    title = bare or text
    return (title if len(title) <= MAX_TITLE else title[: MAX_TITLE - 1].strip() + "…") or "…"


def heading_text(source: str) -> str:
    """What a reader sees of a heading, its numbering included, without marks of footnotes."""
    found: list[Span] = spans(source, _seen)
    return " ".join("".join(span.plain for span in found).split())


def _seen(token: Token) -> tuple[str, str]:
    if token.kind in ("footnote", "hidden"):
        return "", ""
    return token.source, plain(token.words) if token.kind in ("link", "reference") else token.words


def is_quiz_title(title: str) -> bool:
    bare = re.sub(rf"^[\W_]+|[\s\d{CHINESE_NUMBER}\W_]+$", "", title[:MAX_TITLE])
    bare = re.sub(r"[（(][^（()）]*$", "", bare).strip()
    if QUIZ.fullmatch(bare):
        return True
    about = QUIZ_ABOUT.match(bare)
    return about is not None and QUIZ.fullmatch(about["name"]) is not None and not VAGUE.fullmatch(about["name"])


def quiz_line(line: str) -> bool:
    """Whether a line without # opens a quiz: bold, in 【】 or before a colon, and nothing else in it."""
    if len(line) > MAX_TITLE or not QUIZ.search(line):
        return False
    text = heading_text(line)
    stands_out = is_emphasised(line) or re.fullmatch(r"【.*】|.*[:：]", text) is not None
    return stands_out and is_quiz_title(clean_title(line))


def names_quiz(line: str) -> bool:
    """Whether a line says nothing but that a quiz begins."""
    return QUIZ.search(line) is not None and is_quiz_title(clean_title(line))


def is_emphasised(line: str) -> bool:
    """Whether all of a line is highlighted."""
    return all(span.marks - {"italic", "struck"} or not span.plain.strip() for span in spans(line))


def plain_heading(line: str) -> int:
    """The level of a line that students without # write as a heading, 0 if it is none: chapters, 一、, bold lines."""
    if len(line) > 60 or not MAY_BE_HEADING.match(line):
        return 0
    text = heading_text(line)
    if not text or ENDS_A_SENTENCE.search(text):
        return 0
    if CHAPTER.match(text):
        return 1
    if re.match(rf"[{CHINESE_NUMBER}]+[、.．]\s*\S", text):
        return 2
    if re.match(rf"[（(][{CHINESE_NUMBER}]+[)）]\s*\S", text):
        return 3
    return 4 if is_emphasised(line) else 0
