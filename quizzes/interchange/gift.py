r"""Questions in Moodle's GIFT format. Pure.

    // [id:rate] [tag:learning-rate]
    ::Too large a rate::[markdown]What does the loss do if the learning rate is far too large?{
        =It grows#Each step jumps over the minimum.
        ~It falls faster
        ####Compare the race of rates.
    }

A blank line ends a question, a line that begins with `//` is a comment, `$CATEGORY: a/b` holds for all questions below
it. One question that cannot be read is refused with its line, and the next one is read. Tested against what Moodle
documents and does:

    {T} {FALSE#for the wrong#for the right}    true_false
    {=right ~wrong}                            single_choice
    {~%50%right ~%50%right ~%-50%wrong}        multiple_choice
    {=accepted =%50%half of it}                short_text
    {=left -> right =left -> right = -> more}  matching
    {#3.14:0.01} {#3..4}                       numeric; {#=%100%3:0 =%0%4:0#a mistake}
    text {=word ~other} text                   cloze with one blank to choose, or to type
    {}                                         an essay: refused
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from quizzes.interchange.decoding import decoded
from quizzes.interchange.gift_reading import RefusedError, body_of
from quizzes.interchange.gift_syntax import GiftSyntaxError, escape, parse, size_fault, unescape
from quizzes.interchange.gift_writing import LeftOutError, written
from quizzes.interchange.items import MAX_ITEMS, Entry, FileFault, Item, Written
from quizzes.interchange.markdown_signs import PLACE, cleaned
from quizzes.interchange.naming import concepts_of

CATEGORY: Final = "$CATEGORY:"
_ID = re.compile(r"\[id:((?:\\\]|[^\]\x00-\x1f\x7f]){1,200})\]")
_TAG = re.compile(r"\[tag:((?:\\\]|[^\]<>`\x00-\x1f\x7f]){1,200})\]")
_IN_TOKEN = re.compile(r"[\x00-\x1f\x7f]+")


def read(content: bytes, locale: str) -> list[Item]:
    """Return every question of the file in its order, with texts in `locale`; raise FileFault."""
    items: list[Item] = []
    category = ""
    for source in _sources(decoded(content).replace(PLACE, "")):
        if source.category is not None:
            if source.category:
                category = source.category
            else:
                items.append(Item(source.line, "", "", None, refused="A category needs a name behind $CATEGORY:."))
        elif source.text:
            items.append(_item(source, category, locale))
        if len(items) > MAX_ITEMS:
            raise FileFault(f"The file has more than {MAX_ITEMS:,} questions.", source.line)
    return items


def write(entries: Sequence[Entry], locale: str) -> Written:
    """Return a GIFT file of the questions that it can hold, those without a category first."""
    questions: list[str] = []
    left_out: list[tuple[str, str]] = []
    category = ""
    for entry in sorted(entries, key=lambda entry: bool(_one_line(entry.category))):
        title = _one_line(entry.title)
        name = f"::{escape(title)}::" if title else ""
        try:
            text, missing = written(entry.body, locale)
        except LeftOutError as reason:
            left_out.append((entry.id, str(reason)))
            continue
        if fault := size_fault(name + text):
            left_out.append((entry.id, fault))
            continue
        left_out += [(entry.id, reason) for reason in missing]
        if (its_category := _one_line(entry.category)) != category:
            category = its_category
            questions.append(f"{CATEGORY} {escape(category)}\n\n")
        questions.append(f"{_comment(entry)}{name}{text}\n\n")
    return Written("".join(questions).encode(errors="replace"), tuple(left_out))


# --- one question of the file ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Source:
    """What stands between two blank lines. `numbers` has the line of the file for each line of the text."""

    line: int
    text: str
    comments: str
    numbers: tuple[int, ...]
    category: str | None = None


def _sources(text: str) -> Iterator[_Source]:
    chunk: list[tuple[int, str]] = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            chunk.append((number, line))
        elif chunk:
            yield from _divided(chunk)
            chunk = []
    if chunk:
        yield from _divided(chunk)


def _divided(chunk: Sequence[tuple[int, str]]) -> Iterator[_Source]:
    """Take the category and the comments out of a chunk."""
    comments = [line.strip() for _, line in chunk if line.strip().startswith("//")]
    lines = [(number, line) for number, line in chunk if not line.strip().startswith("//")]
    while lines and lines[0][1].strip().startswith(CATEGORY):
        number, line = lines.pop(0)
        yield _Source(number, "", "", (number,), _one_line(unescape(line.strip().removeprefix(CATEGORY))))
    text = "\n".join(line for _, line in lines)
    numbers = tuple(number for number, _ in lines)
    if lines:
        yield _Source(numbers[0], text.lstrip(), "\n".join(comments), numbers)


def _item(source: _Source, category: str, locale: str) -> Item:
    found_id = _ID.search(source.comments)
    name = _one_line(found_id[1].replace(r"\]", "]")) if found_id else ""
    concepts, notes = concepts_of(tag.replace(r"\]", "]") for tag in _TAG.findall(source.comments))
    title = ""
    try:
        parts = parse(source.text)
        title = _one_line(unescape(parts.name))
        body, more = body_of(parts, locale)
    except GiftSyntaxError as fault:
        line = source.numbers[min(fault.line, len(source.numbers) - 1)]
        return Item(source.line, title, name, None, concepts, category, f"Line {line}: {fault.message}", notes)
    except RefusedError as reason:
        return Item(source.line, title, name, None, concepts, category, str(reason), notes)
    return Item(source.line, title, name, body, concepts, category, "", (*notes, *more))


def _one_line(text: str) -> str:
    return " ".join(cleaned(text).split())


def _comment(entry: Entry) -> str:
    tokens = [f"[id:{_token(entry.id)}]"] if _token(entry.id) else []
    tokens += [f"[tag:{_token(concept)}]" for concept in entry.concepts]
    return f"// {' '.join(tokens)}\n" if tokens else ""


def _token(text: str) -> str:
    return _one_line(_IN_TOKEN.sub(" ", text)).rstrip("\\ ").replace("]", r"\]")
