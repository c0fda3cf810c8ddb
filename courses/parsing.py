"""A course folder → its manifest and, one at a time, its lessons; and all that is wrong in them: file, line, message.

Writes nothing; never raises for what a file says. Questions and experiments stay as they were written, with their
lines: their own apps check them. Of a lesson that has been read only its facts are kept, so that memory does not grow
with the course. A course may be imported if `course.errors` is empty when the last lesson has been read.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from courses import rendering
from courses.course_checks import course_problems, facts_of, lesson_problems, manifest_problems, unread_files
from courses.documents import DocumentError, LocatedDocument, Problem, read_yaml
from courses.lesson_source import Runs
from courses.manifest import FrontMatter, Manifest, lesson_slug, validation_problems
from courses.parsed import LessonFacts, ParsedBody, ParsedCourse, ParsedLesson, Picture, Place
from courses.rendering import render_lesson

MAX_FILE_BYTES = 1_000_000
MAX_PICTURE_BYTES = 500_000
# They travel in the text, each time they are shown.
MAX_PICTURES_OF_A_TEXT = 5_000_000
MAX_FILES = 20_000
MAX_PROBLEMS = 10_000
PICTURES = {b"\x89PNG\r\n": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif", b"RIFF": "webp"}
PICTURE_FILES = (".png", ".jpg", ".jpeg", ".gif", ".webp")
PICTURE_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)*")
# Raised when the same folder makes other rows for a reason that is not how Markdown is rendered.
IMPORT_VERSION = 2


def open_course(path: Path) -> ParsedCourse:
    """Return the course of this folder without its lessons. There are none to read where there is no manifest."""
    course = ParsedCourse(path)
    if problem := _refusal(path):
        course.problems.append(problem)
        return course
    course.content_hash = folder_hash(path)
    course.document = _read_document(path / "course.yaml", course.problems)
    if course.document is None:
        return course
    try:
        course.manifest = Manifest.model_validate(course.document.value)
    except ValidationError as error:
        course.problems += validation_problems(course.document, error)
        return course
    course.problems += manifest_problems(course.manifest, course.document)
    return course


def places(course: ParsedCourse) -> list[Place]:
    """Where its lessons are to be read, in their order."""
    if course.manifest is None or course.document is None:
        return []
    lessons, locales = course.manifest.lessons, tuple(course.manifest.locales)
    return [
        Place(course.path, folder, position, locales, course.document.line(("lessons", lessons.index(folder))))
        for position, folder in enumerate(dict.fromkeys(lessons), 1)
    ]


def add_lesson(course: ParsedCourse, facts: LessonFacts, problems: Iterable[Problem]) -> bool:
    """Keep what is kept of a lesson that has been read; returns whether to go on."""
    course.lessons.append(facts)
    course.problems += problems
    if len(course.problems) <= MAX_PROBLEMS:
        return True
    message = f"There are more than {MAX_PROBLEMS} problems; what follows {facts.folder} has not been read."
    course.problems.append(Problem(str(course.path), 0, message))
    return False


def finish(course: ParsedCourse) -> None:
    """Add what only all lessons together show, if they have been read."""
    if course.manifest and course.document and len(course.lessons) == len(set(course.manifest.lessons)):
        course.problems += course_problems(course.lessons, course.manifest, course.document)
        course.problems += _unread(course)
    course.document = None
    course.problems = sorted(set(course.problems), key=lambda problem: (problem.file, problem.line))


def read_lessons(course: ParsedCourse, runs: Runs = lambda code: False) -> Iterator[ParsedLesson]:
    """Read lesson after lesson; leaves the facts and the problems of each, and at the end those of the whole."""
    for place in places(course):
        lesson, problems = read_lesson(place, runs)
        go_on = add_lesson(course, facts_of(lesson), problems)
        yield lesson
        if not go_on:
            break
    finish(course)


def folder_hash(path: Path) -> str:
    """The hash of every file of the folder and of how this version imports: the same hash, the same rows."""
    digest = hashlib.sha256(f"{rendering.VERSION}.{IMPORT_VERSION}".encode())
    for file in sorted(_files(path)):
        digest.update(f"\0{file.relative_to(path).as_posix()}\0{file.stat().st_size}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def read_slug(path: Path) -> str | None:
    """The slug in a folder's manifest, None where there is no manifest that can be read."""
    document = _read_document(path / "course.yaml", [])
    slug = document.value.get("slug") if document and isinstance(document.value, dict) else None
    return slug if isinstance(slug, str) else None


# --- files -----------------------------------------------------------------------------------------------------------


def _files(path: Path) -> Iterator[Path]:
    return (file for file in path.rglob("*") if file.is_file() and not file.name.startswith("."))


def _refusal(path: Path) -> Problem | None:
    if not path.is_dir():
        return Problem(str(path), 0, "There is no such folder.")
    for count, file in enumerate(path.rglob("*")):
        if file.is_symlink():
            return Problem(str(file), 0, "Links to other files are not followed; put the file itself here.")
        if count >= MAX_FILES:
            return Problem(str(path), 0, f"There are more than {MAX_FILES} files in this folder.")
    return None


def _unread(course: ParsedCourse) -> list[Problem]:
    assert course.manifest is not None
    names = (file.relative_to(course.path).as_posix() for file in _files(course.path))
    unread = unread_files(names, course.lessons, course.manifest.locales)
    if course.errors:  # which pictures the texts show is known only of texts without faults
        unread = [name for name in unread if not name.lower().endswith(PICTURE_FILES)]
    return [Problem(str(course.path / name), 0, "Nothing reads this file.", "warning") for name in unread]


def _read_content(file: Path, problems: list[Problem]) -> bytes | None:
    if not file.is_file():
        problems.append(Problem(str(file), 0, "This file is missing."))
        return None
    if file.stat().st_size > MAX_FILE_BYTES:
        problems.append(_too_large(str(file)))
        return None
    return file.read_bytes()


def _too_large(file: str) -> Problem:
    return Problem(file, 0, f"This file is larger than {MAX_FILE_BYTES} bytes.")


def _decoded(content: bytes | None, file: str, problems: list[Problem]) -> str | None:
    if content is None:
        return None
    if len(content) > MAX_FILE_BYTES:
        problems.append(_too_large(file))
        return None
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problems.append(Problem(file, line, "This is not UTF-8 text."))
        return None
    if "\0" in text:
        problems.append(Problem(file, text.count("\n", 0, text.index("\0")) + 1, "This is not text: it has NUL."))
        return None
    return text


def _read_document(file: Path, problems: list[Problem]) -> LocatedDocument | None:
    text = _decoded(_read_content(file, problems), str(file), problems)
    if text is None:
        return None
    try:
        return read_yaml(text, str(file))
    except DocumentError as error:
        problems.append(Problem(str(file), error.line, error.message))
        return None


def _read_optional(file: Path, problems: list[Problem]) -> LocatedDocument | None:
    return _read_document(file, problems) if file.exists() else None


class Pictures:
    """The pictures of a lesson, read when a text names them. `read` gives None for what is none of them."""

    def __init__(self, read: Callable[[str], Picture | None]) -> None:
        self.read = read
        self.found: dict[str, Picture] = {}
        self.urls: dict[str, str] = {}
        self.shown = 0
        """The bytes of all that the present text shows."""
        self.too_many: list[str] = []

    def begin_text(self) -> None:
        self.shown, self.too_many = 0, []

    def url(self, name: str) -> str | None:
        """The picture as a data: URL, if it lies in the folder and is small and of a known kind."""
        if name not in self.found and (picture := self.read(name)):
            self.found[name] = picture
            self.urls[name] = f"data:image/{picture.kind};base64,{base64.b64encode(picture.content).decode()}"
        if name not in self.found:
            return None
        self.shown += len(self.found[name].content)
        if self.shown > MAX_PICTURES_OF_A_TEXT:
            self.too_many.append(name)
            return ""
        return self.urls[name]


def _read_picture(folder: Path, name: str) -> Picture | None:
    if not PICTURE_NAME.fullmatch(name):
        return None
    file = folder / name
    if not file.is_file() or file.stat().st_size > MAX_PICTURE_BYTES:
        return None
    content = file.read_bytes()
    kind = next((kind for magic, kind in PICTURES.items() if content.startswith(magic)), None)
    return Picture(kind, content) if kind else None


# --- lessons ---------------------------------------------------------------------------------------------------------


def read_lesson(place: Place, runs: Runs) -> tuple[ParsedLesson, list[Problem]]:
    """Return the lesson and what is wrong in it. `runs` says which Python code of the texts can be run."""
    problems: list[Problem] = []
    path, slug = place.path / place.folder, lesson_slug(place.folder)
    if not path.is_dir():
        problem = Problem(str(place.path / "course.yaml"), place.line, f"There is no folder {place.folder}.")
        return ParsedLesson(slug, place.position, place.folder), [problem]
    pictures = Pictures(partial(_read_picture, path))
    bodies = {}
    for locale in place.locales:
        file = path / f"lesson.{locale}.md"
        content = _read_content(file, problems)
        if body := read_body(content, str(file), locale, pictures, problems, runs):
            bodies[locale] = body
    questions = _read_optional(path / "questions.yaml", problems)
    experiments = _read_optional(path / "experiments.yaml", problems)
    lesson = ParsedLesson(slug, place.position, place.folder, bodies, pictures.found, questions, experiments)
    return lesson, problems + lesson_problems(lesson)


def read_body(
    content: bytes | None, file: str, locale: str, pictures: Pictures, problems: list[Problem], runs: Runs
) -> ParsedBody | None:
    """Return the text that a file of this content is. `problems` grows by what is wrong with it; where its front matter
    cannot be read, that is all."""
    text = _decoded(content, file, problems)
    if text is None:
        return None
    front, markdown, first_line = _split_front_matter(text)
    if front is None:
        problems.append(Problem(file, 1, "A lesson begins with front matter: title and summary between two ---."))
        return None
    matter = _read_front_matter(front, file, problems)
    if matter is None:
        return None
    pictures.begin_text()
    rendered = render_lesson(markdown, pictures.url, runs)
    body = ParsedBody(file, locale, matter.title, matter.summary, markdown, first_line, rendered)
    for found in rendered.problems:
        problems.append(Problem(file, first_line + found.line - 1, found.message, found.severity))
    if pictures.too_many:
        message = f"The pictures of this text are larger than {MAX_PICTURES_OF_A_TEXT // 1_000_000} MB together."
        problems.append(body.problem(body.line_of(pictures.too_many[0]), message))
    if not body.sections:
        problems.append(Problem(file, first_line, "There are no sections: a heading is ## Title {#some-id}."))
    return body


def _read_front_matter(front: str, file: str, problems: list[Problem]) -> FrontMatter | None:
    try:
        document = read_yaml(front, file, first_line=2)
        return FrontMatter.model_validate(document.value)
    except DocumentError as error:
        problems.append(Problem(file, error.line, error.message))
    except ValidationError as error:
        problems += validation_problems(document, error)
    return None


def _split_front_matter(text: str) -> tuple[str | None, str, int]:
    """Return front matter, Markdown and the line on which the Markdown begins."""
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        return None, text, 1
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    if end is None:
        return None, text, 1
    return "\n".join(lines[1:end]), "\n".join(lines[end + 1 :]), end + 2
