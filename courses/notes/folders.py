"""A file of raw notes → the draft of a course folder: the one way there, for the command and for uploads."""

from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import unquote

from courses.decoding import decode_notes
from courses.notes.drafting import CodeReading, Draft, course_title, detect_locale, draft_course
from courses.notes.reading import Notes, read_notes
from courses.notes.report import GROUPS
from courses.parsing import MAX_PICTURE_BYTES
from sandbox.keras_code import translate

MOST_PROBLEMS = 1_000
MOST_FATES = 10_000


@dataclass(frozen=True)
class NotesFile:
    """Notes that have been read; `title` and `locale` are what they are taken for."""

    name: str
    encoding: str
    notes: Notes
    title: str
    locale: str


def read_file(content: bytes, name: str) -> NotesFile:
    """Raises DecodingError."""
    text, encoding = decode_notes(content)
    notes = read_notes(text)
    return NotesFile(name, encoding, notes, course_title(notes, PurePath(name).stem), detect_locale(text))


def draft_folder(file: NotesFile, *, slug: str, title: str = "", locale: str = "", beside: Path | None) -> Draft:
    """Draft the folder. `beside`: where the pictures lie that the notes name. Raises DraftError."""
    return draft_course(
        file.notes,
        slug=slug,
        title=title or file.title,
        locale=locale or file.locale,
        source=file.name,
        translate=read_code,
        picture=lambda target: find_picture(beside, target) if beside else None,
    )


def report_of(file: NotesFile, draft: Draft) -> dict[str, Any]:
    """The report as JSON: what needs a hand by its group, each sentence with its lines; what became of every block by
    its lesson; of very many only the first."""
    report = draft.report
    problems: dict[str, dict[str, list[int]]] = {group: {} for group in GROUPS}
    for entry in sorted(report.problems)[:MOST_PROBLEMS]:
        problems[entry.group].setdefault(entry.text, []).append(entry.line)
    fates, left = [], MOST_FATES
    for lesson, entries in report.fates.items():
        in_order = sorted(entries, key=lambda entry: entry.line)[:left]
        fates.append({"lesson": lesson, "entries": [[entry.line, entry.text] for entry in in_order]})
        left -= len(in_order)
    return {
        "source": file.name,
        "encoding": file.encoding,
        "problems": {
            group: [[list(dict.fromkeys(lines)), text] for text, lines in sentences.items()]
            for group, sentences in problems.items()
            if sentences
        },
        "problems_left_out": max(0, len(report.problems) - MOST_PROBLEMS),
        "fates": fates,
        "fates_left_out": sum(map(len, report.fates.values())) - (MOST_FATES - left),
    }


def read_code(source: str) -> CodeReading:
    """Keras code as the sandbox reads it, without running it."""
    found = translate(source)
    return CodeReading(
        spec=found.spec,
        has_model=found.has_model,
        refusals=[(remark.line, remark.detail) for remark in found.refusals],
        notes=[(remark.line, remark.detail) for remark in found.notes],
    )


def find_picture(folder: Path, target: str) -> bytes | None:
    """A picture below the notes' own folder; never a file from elsewhere."""
    name = unquote(target).replace("\\", "/")
    try:
        file = (folder / name).resolve()
        if not file.is_relative_to(folder.resolve()) or not file.is_file():
            return None
        with file.open("rb") as stream:
            return stream.read(MAX_PICTURE_BYTES + 1)
    except (OSError, ValueError):
        return None
