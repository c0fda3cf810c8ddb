"""Words that are marked, of one paragraph → Markdown. Pure.

`**` and `*` where nothing can be mistaken; where two marks touch, the tags that Markdown lets through.
"""

import re
from dataclasses import dataclass
from typing import Final

from quizzes.interchange.markdown_signs import WHITE, literal

SIGNS: Final = {"strong": "**", "em": "*"}


@dataclass(frozen=True)
class Run:
    r"""Words with what they are marked by, the outermost mark first. `\n` in them is a line break."""

    words: str
    marks: tuple[str, ...]
    href: str = ""


def longest(sign: str, text: str) -> int:
    """Return the length of the longest run of a sign."""
    return max((len(run) for run in re.findall(f"{sign}+", text)), default=0)


def marked_words(runs: list[Run]) -> str:
    """Return the Markdown of one paragraph."""
    pieces = _opened_and_closed(_trimmed(runs))
    partners = _partners(pieces)
    written: list[str] = []
    links, starts_line = 0, True
    for index, piece in enumerate(pieces):
        if piece.kind == "words":
            # What means something at the start of a line alone is escaped only there.
            text = literal(piece.text) if starts_line else literal(f"x{piece.text}")[1:]
            written.append(text.replace("]", "&#93;") if links else text)
        elif piece.kind == "code":
            written.append(_code(piece.text))
        else:
            opens = piece.kind == "open"
            links += (piece.text == "a") * (1 if opens else -1)
            start, end = sorted((index, partners[index]))
            written.append(_mark(pieces, start, end, opens=opens))
        starts_line = written[-1].endswith("\n") or (starts_line and written[-1].startswith("<"))
    return "".join(written).replace("\n", "  \n")


def _trimmed(runs: list[Run]) -> list[Run]:
    """Runs without white space at the ends of lines, or at the ends of what is marked; runs with equal marks joined."""
    bare: list[Run] = []
    marks: tuple[str, ...] = ()
    for run in runs:
        marks = tuple(sorted(run.marks, key=lambda mark: _place(mark, marks)))
        words = run.words.strip(WHITE)
        before = run.words[: len(run.words) - len(run.words.lstrip(WHITE))]
        after = run.words[len(run.words.rstrip(WHITE)) :] if words else ""
        bare += [Run(before, ()), Run(words, marks, run.href), Run(after, ())]
    joined: list[Run] = []
    for run in bare:
        if not run.words:
            continue
        last = joined[-1] if joined else None
        if last and (last.marks, last.href) == (run.marks, run.href):
            joined[-1] = Run(last.words + run.words, run.marks, run.href)
        elif len(joined) > 1 and last and _is_between(joined[-2], last, run):
            joined[-2:] = [Run(joined[-2].words + last.words + run.words, run.marks, run.href)]
        else:
            joined.append(run)
    return _without_outer_space(joined)


def _place(mark: str, before: tuple[str, ...]) -> int:
    """Marks that go on stand outside of those that begin."""
    return before.index(mark) if mark in before else len(before)


def _is_between(before: Run, space: Run, after: Run) -> bool:
    """Whether a space stands between words that are marked alike: it is marked as they are."""
    alike = (before.marks, before.href) == (after.marks, after.href)
    return alike and not space.marks and not space.words.strip(" ")


def _without_outer_space(runs: list[Run]) -> list[Run]:
    """Spaces beside line breaks and at both ends mean nothing."""
    text: list[Run] = []
    at_start = True
    for index, run in enumerate(runs):
        words = re.sub(r"[ \t]*\n[ \t]*", "\n", re.sub(r" {2,}", " ", run.words))
        words = words.lstrip(WHITE) if at_start else words
        if index + 1 < len(runs) and runs[index + 1].words.startswith("\n"):
            words = words.rstrip(" ")
        if words:
            at_start = words.endswith("\n")
            text.append(Run(re.sub(r"\n{2,}", "\n", words), run.marks, run.href))
    while text and not text[-1].words.strip(WHITE):
        text.pop()
    if text:
        text[-1] = Run(text[-1].words.rstrip(WHITE), text[-1].marks, text[-1].href)
    return text


@dataclass(frozen=True)
class _Piece:
    kind: str
    """`open`, `close`, `words`, `code`."""
    text: str
    """The mark or the words."""
    href: str = ""


def _opened_and_closed(runs: list[Run]) -> list[_Piece]:
    pieces: list[_Piece] = []
    open_marks: list[tuple[str, str]] = []
    for run in runs:
        is_code = "code" in run.marks and bool(run.words.strip(WHITE))
        links = [("a", run.href)] if run.href else []
        wanted = links + [(mark, "") for mark in run.marks if mark != "code"]
        kept = _common(open_marks, wanted)
        pieces += [_Piece("close", mark, href) for mark, href in reversed(open_marks[kept:])]
        pieces += [_Piece("open", mark, href) for mark, href in wanted[kept:]]
        pieces.append(_Piece("code" if is_code else "words", run.words))
        open_marks = wanted
    return pieces + [_Piece("close", mark, href) for mark, href in reversed(open_marks)]


def _common(some: list[tuple[str, str]], others: list[tuple[str, str]]) -> int:
    """How many marks are the same, from the outermost one."""
    count = 0
    for one, other in zip(some, others, strict=False):
        if one != other:
            break
        count += 1
    return count


def _partners(pieces: list[_Piece]) -> dict[int, int]:
    """The place of the opening mark for each closing one, and the other way round."""
    partners: dict[int, int] = {}
    opened: list[int] = []
    for index, piece in enumerate(pieces):
        if piece.kind == "open":
            opened.append(index)
        elif piece.kind == "close":
            partners[index] = opened.pop()
            partners[partners[index]] = index
    return partners


def _mark(pieces: list[_Piece], start: int, end: int, *, opens: bool) -> str:
    piece = pieces[start]
    if piece.text == "a":
        return "[" if opens else f"]({_address(piece.href)})"
    sign = SIGNS.get(piece.text, "")
    if sign and _stands_alone(pieces, start, end):
        return sign
    return f"<{piece.text}>" if opens else f"</{piece.text}>"


def _stands_alone(pieces: list[_Piece], start: int, end: int) -> bool:
    """Whether no mark touches either end of this one, where the stars of both would run together."""
    beside = [pieces[at] for at in (start - 1, start + 1, end - 1, end + 1) if 0 <= at < len(pieces)]
    inside = pieces[start + 1 : end]
    return all(piece.kind in ("words", "code") for piece in beside) and not any(
        piece.kind == "open" and piece.text in SIGNS for piece in inside
    )


def _code(words: str) -> str:
    text = " ".join(words.split())
    if "&#" in text:
        # The library takes it for the beginning of an entity, even between backticks, where a tag follows.
        return f"<code>{literal(f'x{text}')[1:]}</code>"
    fence = "`" * (longest("`", text) + 1)
    return f"{fence} {text} {fence}" if "`" in (text[0], text[-1]) else f"{fence}{text}{fence}"


def _address(href: str) -> str:
    return re.sub(r"&(?=#?[A-Za-z0-9]{1,32};)", "&amp;", href)
