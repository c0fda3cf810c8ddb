"""Questions in a sheet, CSV or XLSX: one row per question, headings in the first row. Pure.

The order of the columns does not matter, nor do capitals; columns that are not used may be left out. Empty rows are
skipped. All texts are Markdown. In an XLSX file the first sheet counts.

    kind                    single_choice, multiple_choice, true_false, short_text, numeric, matching, ordering, cloze
                            or flashcard
    id                      small letters, digits and hyphens; the same id later means the same question
    title, category         as you like; a category is a path such as Training/Loss
    concepts                ids of concepts, with commas
    prompt                  the question; of a true_false, a statement
    choice 1, choice 2, …   what can be chosen (up to 24 columns; most kinds take 12)
    choice 1 feedback, …    for who chose it
    key                     what is right, see below
    feedback                for everybody, after the answer
    hint 1, … hint 5        shown one after another, on demand
    comment                 for yourself; it is not read

    single_choice           key: the letter of the right choice, its number, or its text
    multiple_choice         key: letters, as in A, C
    true_false              key: true or false; `feedback if true` is for who said true, `feedback if false` for false
    short_text              key: what is accepted, alternatives between bars (gradient | slope), `*` for anything;
                            case: yes where capitals matter. Or choice 1, choice 2, … with what is accepted for each,
                            `choice 1 share` (1, 0.5 or 50 %) and `choice 1 feedback`
    numeric                 key: a number, or 2 to 3; tolerance: how far off is right, 0.1 or 5 %; unit: what stands
                            beside the field; units: what else may be typed and its worth, kg=1, g=0.001;
                            choice 1, … with `choice 1 feedback`: wrong numbers that one may expect
    matching                choice 1 belongs to `match 1`, and so on; a match without a choice is a distractor
    ordering                choices in the right order; or in the order to be shown, and key: C, A, B
    cloze                   prompt: A step is the [[rate|learning rate]] times the [[=gradient|loss]]. Alternatives
                            between bars are all accepted; if one begins with `=`, they are options to choose from
    flashcard               `front` and `back`, no prompt

`ids` is written by Engram, so that choices keep their names. A column that means nothing for a kind gives a note, an
unknown heading is an error. A cell that a program might take for a formula is written with an apostrophe before it,
which is taken away in reading.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from itertools import islice
from typing import Final

from quizzes.interchange.bodies import MAX_NOTES, fault_in, few, in_one_locale, is_id, is_same
from quizzes.interchange.items import Entry, FileFault, Item, Written
from quizzes.interchange.table_cells import COLUMNS, Cells, RowError, folded, letter, several, shown
from quizzes.interchange.table_files import (
    Row,
    csv_of_rows,
    is_for_xlsx,
    rows_of_csv,
    rows_of_xlsx,
    xlsx_of_rows,
)
from quizzes.interchange.table_rows import IN_ROWS, body_of, cells_of

ALWAYS: Final = ("kind", "id", "title", "concepts", "prompt")
_NO_TEXT: Final = re.compile("[\0\ud800-\udfff]")
MAX_HEADING: Final = 60
_KNOWN: Final = frozenset(COLUMNS)


def read_csv(content: bytes, locale: str) -> list[Item]:
    """Return the questions of a CSV file, the refused ones too; raises FileFault."""
    return _items(rows_of_csv(content), locale)


def read_xlsx(content: bytes, locale: str) -> list[Item]:
    """Return the questions of the first sheet of an XLSX file, the refused ones too; raises FileFault."""
    return _items(rows_of_xlsx(content), locale)


def write_csv(entries: Sequence[Entry], locale: str) -> Written:
    """Return a CSV file in UTF-8 with commas."""
    return _written(entries, locale, csv_of_rows, _is_text)


def write_xlsx(entries: Sequence[Entry], locale: str) -> Written:
    """Return an XLSX file with one sheet; the same questions give the same bytes."""
    return _written(entries, locale, xlsx_of_rows, is_for_xlsx)


# --- reading ---------------------------------------------------------------------------------------------------------


def _items(rows: list[Row], locale: str) -> list[Item]:
    if not rows:
        raise FileFault("The sheet is empty. Its first row holds the headings: kind, prompt, key, …", 1)
    headings = _headings(rows[0])
    return [_item(row, headings, locale) for row in rows[1:]]


def _headings(row: Row) -> dict[int, str]:
    """Return the column of each place; raises FileFault."""
    headings = {index: folded(cell[:MAX_HEADING]) for index, cell in enumerate(row.cells) if cell}
    for index, heading in headings.items():
        if heading not in _KNOWN:
            near = get_close_matches(heading, COLUMNS, n=1)
            meant = f" Is “{near[0]}” meant?" if near else ""
            raise FileFault(
                f"Unknown column {shown(row.cells[index])} ({letter(index + 1)}).{meant} Remarks go into “comment”.",
                row.number,
            )
    twice = next((heading for heading in headings.values() if list(headings.values()).count(heading) > 1), None)
    if twice:
        raise FileFault(f"There are two columns “{twice}”.", row.number)
    if "kind" not in headings.values():
        raise FileFault("There is no column “kind”. The first row holds the headings: kind, prompt, key, …", row.number)
    return headings


def _item(row: Row, headings: dict[int, str], locale: str) -> Item:
    cells = Cells({headings[index]: cell for index, cell in enumerate(row.cells) if cell and index in headings})
    notes = [*row.remarks, *islice(_outside(row, headings), MAX_NOTES + 1)]
    cells.get("comment")
    title, category, identifier = cells.get("title"), cells.get("category"), cells.get("id")
    concepts, unknown = _concepts(cells.get("concepts"))
    notes += [f"{shown(name)} is no id of a concept and was left out." for name in unknown]
    refused, body = "", None
    try:
        if identifier and not is_id(identifier):
            raise RowError(f"The id {shown(identifier)} may hold small letters, digits and single hyphens only.")
        body = body_of(_kind(cells), cells, locale)
        refused = fault_in(body)
    except RowError as fault:
        refused = str(fault)
    if not refused:
        notes += [f"“{column}” means nothing for this kind and was not read." for column in cells.left]
    return Item(
        line=row.number,
        title=title,
        id=identifier if is_id(identifier) else "",
        body=None if refused else body,
        concepts=concepts,
        category=category,
        refused=refused,
        notes=few(notes),
    )


def _outside(row: Row, headings: dict[int, str]) -> Iterator[str]:
    for index, cell in enumerate(row.cells):
        if cell and index not in headings:
            yield f"{shown(cell)} stands in column {letter(index + 1)}, which has no heading, and was not read."


def _kind(cells: Cells) -> str:
    wanted = cells.needed("kind")
    kind = folded(wanted).replace(" ", "_")
    if kind not in IN_ROWS:
        raise RowError(f"There is no kind {shown(wanted)}; write one of {', '.join(IN_ROWS)}.")
    return kind


def _concepts(cell: str) -> tuple[tuple[str, ...], list[str]]:
    names = list(dict.fromkeys(several(cell)))
    return tuple(name for name in names if is_id(name)), [name for name in names if not is_id(name)]


# --- writing ---------------------------------------------------------------------------------------------------------


def _written(
    entries: Sequence[Entry],
    locale: str,
    file_of: Callable[[Sequence[Sequence[str]]], bytes],
    holds: Callable[[str], bool],
) -> Written:
    rows: list[dict[str, str]] = []
    left_out: list[tuple[str, str]] = []
    for entry in entries:
        row = _row(entry, locale, holds)
        if isinstance(row, str):
            left_out.append((entry.id, row))
        else:
            rows.append(row)
    used = {column for row in rows for column in row}.union(ALWAYS)
    columns = [column for column in COLUMNS if column in used]
    cells = [[row.get(column, "") for column in columns] for row in rows]
    return Written(file_of([columns, *cells]), tuple(left_out))


def _row(entry: Entry, locale: str, holds: Callable[[str], bool]) -> dict[str, str] | str:
    """Return the cells of a question, or why a row cannot hold it."""
    body = in_one_locale(entry.body, locale)
    if body is None:
        return f"It has no texts in {locale}."
    row = cells_of(body, locale)
    if row is None:
        return f"A row of a sheet cannot hold a {entry.body.kind}."
    row |= {
        "id": entry.id,
        "title": _on_one_line(entry.title),
        "category": _on_one_line(entry.category),
        "concepts": ", ".join(entry.concepts),
    }
    row = {column: text for column, text in row.items() if text}
    if not all(map(holds, row.values())):
        return "A text holds control characters, or is longer than a cell can be."
    if not set(row) <= _KNOWN:
        return "It has more parts than a row has columns."
    if not _comes_back(row, body, locale):
        return "A row of a sheet cannot say all that stands in it."
    return row


def _comes_back(row: dict[str, str], body: dict[str, object], locale: str) -> bool:
    try:
        return is_same(body_of(str(body["kind"]), Cells(row), locale), body)
    except RowError:
        return False


def _is_text(text: str) -> bool:
    """Whether UTF-8 can say it."""
    return not _NO_TEXT.search(text)


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
