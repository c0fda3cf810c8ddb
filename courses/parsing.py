"""A course folder → `ParsedCourse`, with everything that is wrong in it: file, line, message.

Reads and writes nothing else; never raises for what a file says. Questions and experiments stay as they were written,
with their lines: their own apps check them. A course may be imported if `parsed.errors` is empty.
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from courses import rendering
from courses.documents import DocumentError, LocatedDocument, Problem, read_yaml
from courses.manifest import FrontMatter, Manifest, lesson_slug, validation_problems
from courses.rendering import RenderedLesson, render_lesson

MAX_FILE_BYTES = 1_000_000
MAX_PICTURE_BYTES = 500_000
MAX_FILES = 5_000
PICTURES = {b"\x89PNG\r\n": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif", b"RIFF": "webp"}
LESSON_LINK = re.compile(r"\.\./(?P<lesson>[^/#]+)/?(?:#(?P<section>.*))?")
OUTSIDE = re.compile(r"(https?://|mailto:)", re.IGNORECASE)


@dataclass(frozen=True)
class ParsedBody:
    """A lesson in one language."""

    file: str
    locale: str
    title: str
    summary: str
    markdown: str
    first_line: int
    """The line of the file on which the Markdown begins."""
    rendered: RenderedLesson

    @property
    def sections(self) -> list[str]:
        return [heading["id"] for heading in self.rendered.contents]

    @property
    def content_hash(self) -> str:
        parts = (str(rendering.VERSION), self.title, self.summary, self.markdown)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def problem(self, line: int, message: str) -> Problem:
        return Problem(self.file, self.first_line + line - 1, message)

    def line_of(self, text: str) -> int:
        return next((n for n, line in enumerate(self.markdown.splitlines(), 1) if text in line), 1)


@dataclass(frozen=True)
class ParsedLesson:
    slug: str
    position: int
    folder: str
    bodies: dict[str, ParsedBody]
    questions: LocatedDocument | None
    experiments: LocatedDocument | None

    @property
    def sections(self) -> list[str]:
        """The ids of the headings, in order, as every language has them."""
        return next((body.sections for body in self.bodies.values()), [])


@dataclass
class ParsedCourse:
    path: Path
    manifest: Manifest | None = None
    lessons: list[ParsedLesson] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    content_hash: str = ""

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.severity == "error"]


def parse_folder(path: Path) -> ParsedCourse:
    """Return the course in this folder and every problem of its files."""
    course = ParsedCourse(path)
    if problem := _refusal(path):
        course.problems.append(problem)
        return course
    course.content_hash = folder_hash(path)
    document = _read_document(path / "course.yaml", course.problems)
    if document is None:
        return course
    try:
        course.manifest = Manifest.model_validate(document.value)
    except ValidationError as error:
        course.problems += validation_problems(document, error)
        return course
    course.problems += _manifest_problems(course.manifest, document)
    for position, folder in enumerate(dict.fromkeys(course.manifest.lessons), 1):
        course.lessons.append(_parse_lesson(course, folder, position, document))
    course.problems += _unread(course)
    course.problems += _link_problems(course) + _directive_problems(course) + _concept_problems(course, document)
    course.problems = sorted(set(course.problems), key=lambda problem: (problem.file, problem.line))
    return course


def folder_hash(path: Path) -> str:
    """The hash of every file of the folder and of how this version renders: the same hash, the same rows."""
    digest = hashlib.sha256(f"{rendering.VERSION}".encode())
    for file in sorted(_files(path)):
        digest.update(f"\0{file.relative_to(path).as_posix()}\0{file.stat().st_size}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _files(path: Path) -> Iterable[Path]:
    return (file for file in path.rglob("*") if file.is_file() and not file.name.startswith("."))


# --- files -----------------------------------------------------------------------------------------------------------


def _refusal(path: Path) -> Problem | None:
    if not path.is_dir():
        return Problem(str(path), 0, "There is no such folder.")
    for count, file in enumerate(path.rglob("*")):
        if file.is_symlink():
            return Problem(str(file), 0, "Links to other files are not followed; put the file itself here.")
        if count >= MAX_FILES:
            return Problem(str(path), 0, f"There are more than {MAX_FILES} files in this folder.")
    return None


def _read_text(file: Path, problems: list[Problem]) -> str | None:
    if not file.is_file():
        problems.append(Problem(str(file), 0, "This file is missing."))
        return None
    if file.stat().st_size > MAX_FILE_BYTES:
        problems.append(Problem(str(file), 0, f"This file is larger than {MAX_FILE_BYTES} bytes."))
        return None
    content = file.read_bytes()
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problems.append(Problem(str(file), line, "This is not UTF-8 text."))
        return None


def _read_document(file: Path, problems: list[Problem]) -> LocatedDocument | None:
    text = _read_text(file, problems)
    if text is None:
        return None
    try:
        return read_yaml(text, str(file))
    except DocumentError as error:
        problems.append(Problem(str(file), error.line, error.message))
        return None


def _read_optional(file: Path, problems: list[Problem]) -> LocatedDocument | None:
    return _read_document(file, problems) if file.exists() else None


def _picture(folder: Path, name: str) -> str | None:
    """The picture as a data: URL, if it lies in the folder and is small and of a known kind."""
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)*", name):
        return None
    file = folder / name
    if not file.is_file() or file.stat().st_size > MAX_PICTURE_BYTES:
        return None
    content = file.read_bytes()
    kind = next((kind for magic, kind in PICTURES.items() if content.startswith(magic)), None)
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}" if kind else None


# --- lessons ---------------------------------------------------------------------------------------------------------


def _parse_lesson(course: ParsedCourse, folder: str, position: int, document: LocatedDocument) -> ParsedLesson:
    assert course.manifest is not None
    path = course.path / folder
    if not path.is_dir():
        line = ("lessons", course.manifest.lessons.index(folder))
        course.problems.append(document.problem(line, f"There is no folder {folder}."))
        return ParsedLesson(lesson_slug(folder), position, folder, {}, None, None)
    bodies = {}
    for locale in course.manifest.locales:
        if body := _parse_body(path, locale, course.problems):
            bodies[locale] = body
    course.problems += _section_problems(list(bodies.values()))
    questions = _read_optional(path / "questions.yaml", course.problems)
    experiments = _read_optional(path / "experiments.yaml", course.problems)
    return ParsedLesson(lesson_slug(folder), position, folder, bodies, questions, experiments)


def _parse_body(folder: Path, locale: str, problems: list[Problem]) -> ParsedBody | None:
    file = folder / f"lesson.{locale}.md"
    text = _read_text(file, problems)
    if text is None:
        return None
    front, markdown, first_line = _split_front_matter(text)
    if front is None:
        problems.append(Problem(str(file), 1, "A lesson begins with front matter: title and summary between two ---."))
        return None
    try:
        document = read_yaml(front, str(file), first_line=2)
        matter = FrontMatter.model_validate(document.value)
    except DocumentError as error:
        problems.append(Problem(str(file), error.line, error.message))
        return None
    except ValidationError as error:
        problems += validation_problems(document, error)
        return None
    rendered = render_lesson(markdown, lambda name: _picture(folder, name))
    body = ParsedBody(str(file), locale, matter.title, matter.summary, markdown, first_line, rendered)
    for found in rendered.problems:
        problems.append(Problem(str(file), first_line + found.line - 1, found.message, found.severity))
    if not body.sections:
        problems.append(Problem(str(file), first_line, "There are no sections: a heading is ## Title {#some-id}."))
    return body


def _split_front_matter(text: str) -> tuple[str | None, str, int]:
    """Return front matter, Markdown and the line on which the Markdown begins."""
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        return None, text, 1
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    if end is None:
        return None, text, 1
    return "\n".join(lines[1:end]), "\n".join(lines[end + 1 :]), end + 2


# --- what only the whole shows ---------------------------------------------------------------------------------------


def _manifest_problems(manifest: Manifest, document: LocatedDocument) -> list[Problem]:
    problems = []
    for name in ("locales", "lessons"):
        values: list[str] = getattr(manifest, name)
        for index, value in enumerate(values):
            if value in values[:index]:
                problems.append(document.problem((name, index), f"“{value}” is here a second time."))
    slugs = [lesson_slug(folder) for folder in dict.fromkeys(manifest.lessons)]
    for slug in {slug for slug in slugs if slugs.count(slug) > 1}:
        problems.append(document.problem(("lessons",), f"Two lessons have the id “{slug}”."))
    problems += _text_problems(document, ("texts",), manifest.texts, manifest.locales)
    ids = [concept.id for concept in manifest.concepts]
    for index, concept in enumerate(manifest.concepts):
        if concept.id in ids[:index]:
            problems.append(document.problem(("concepts", index, "id"), f"“{concept.id}” is here a second time."))
        problems += _text_problems(document, ("concepts", index, "texts"), concept.texts, manifest.locales)
    return problems


def _text_problems(
    document: LocatedDocument, path: tuple[str | int, ...], texts: Iterable[str], locales: list[str]
) -> list[Problem]:
    have = list(texts)
    missing = [document.problem(path, f"There is no text in {locale}.") for locale in locales if locale not in have]
    return missing + [
        document.problem((*path, locale), f"{locale} is no language of this course.")
        for locale in have
        if locale not in locales
    ]


def _section_problems(bodies: list[ParsedBody]) -> list[Problem]:
    """Every language has the sections of the first, in the same order."""
    problems: list[Problem] = []
    for body in bodies[1:]:
        wanted, found = bodies[0].sections, body.sections
        problems += [
            body.problem(1, f"The section “{section}” of {Path(bodies[0].file).name} is missing here.")
            for section in wanted
            if section not in found
        ]
        problems += [
            body.problem(body.line_of(f"#{section}"), f"The section “{section}” is not in {Path(bodies[0].file).name}.")
            for section in found
            if section not in wanted
        ]
        if set(wanted) == set(found) and wanted != found:
            first = next(theirs for ours, theirs in zip(wanted, found, strict=False) if ours != theirs)
            message = f"The sections stand in another order than in {Path(bodies[0].file).name}, from “{first}” on."
            problems.append(body.problem(body.line_of(f"#{first}"), message))
    return problems


def _link_problems(course: ParsedCourse) -> list[Problem]:
    sections = {lesson.slug: set(lesson.sections) for lesson in course.lessons}
    return [
        body.problem(line, f"The link {href} leads nowhere.")
        for lesson in course.lessons
        for body in lesson.bodies.values()
        for href, line in body.rendered.links
        if not _leads_somewhere(href, body.rendered.ids, sections)
    ]


def _leads_somewhere(href: str, ids: set[str], sections: dict[str, set[str]]) -> bool:
    if OUTSIDE.match(href):
        return True  # looked at by nobody: an import works without a network
    if href.startswith("#"):
        return href[1:] in ids
    match = LESSON_LINK.fullmatch(href)
    if match is None or match["lesson"] not in sections:
        return False
    return not match["section"] or match["section"] in sections[match["lesson"]]


def _directive_problems(course: ParsedCourse) -> list[Problem]:
    presets = {name for lesson in course.lessons for name in _ids(lesson.experiments, "experiments")}
    problems = []
    for lesson in course.lessons:
        known = {"preset": presets, "question": _ids(lesson.questions, "questions")}
        for body in lesson.bodies.values():
            problems += [
                body.problem(directive.line, f"There is no {directive.name} “{directive.ref}”.")
                for directive in body.rendered.directives
                if directive.name in known and directive.ref not in known[directive.name]
            ]
    return problems


def _ids(document: LocatedDocument | None, key: str) -> set[str]:
    """The ids in a list of a document that nobody has checked yet."""
    entries = document.value.get(key) if document and isinstance(document.value, dict) else None
    if not isinstance(entries, list):
        return set()
    return {str(entry["id"]) for entry in entries if isinstance(entry, dict) and "id" in entry}


def _concept_problems(course: ParsedCourse, document: LocatedDocument) -> list[Problem]:
    assert course.manifest is not None
    sections = {f"{lesson.slug}/{section}" for lesson in course.lessons for section in lesson.sections}
    return [
        document.problem(("concepts", number, "explained_in", index), f"There is no section “{section}”.")
        for number, concept in enumerate(course.manifest.concepts)
        for index, section in enumerate(concept.explained_in)
        if section not in sections
    ]


def _unread(course: ParsedCourse) -> list[Problem]:
    """Warnings about files that nothing reads: often a misspelt name."""
    assert course.manifest is not None
    wanted = {"course.yaml", "README.md", "REPORT.md", "LICENSE"}
    for folder in course.manifest.lessons:
        wanted |= {f"{folder}/{name}" for name in ("questions.yaml", "experiments.yaml")}
        wanted |= {f"{folder}/lesson.{locale}.md" for locale in course.manifest.locales}
    names = [file.relative_to(course.path).as_posix() for file in _files(course.path)]
    return [
        Problem(str(course.path / name), 0, "Nothing reads this file.", "warning")
        for name in sorted(names)
        if name not in wanted and not name.lower().endswith((".png", ".jpg", ".jpeg", ".gif", ".webp"))
    ]
