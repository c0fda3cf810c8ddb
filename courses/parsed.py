"""What has been read of a course folder: one lesson whole, of the others the facts that the whole course needs."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from courses import rendering
from courses.documents import LocatedDocument, Problem
from courses.manifest import Manifest
from courses.rendering import RenderedLesson


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
        return body_hash(self.title, self.summary, self.markdown)

    def problem(self, line: int, message: str) -> Problem:
        return Problem(self.file, self.first_line + line - 1, message)

    def line_of(self, text: str) -> int:
        return next((n for n, line in enumerate(self.markdown.splitlines(), 1) if text in line), 1)


def body_hash(title: str, summary: str, markdown: str) -> str:
    """The same for the same text, as long as it is rendered alike."""
    parts = (str(rendering.VERSION), title, summary, markdown)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@dataclass(frozen=True)
class Picture:
    """`kind`: png, jpeg, gif or webp."""

    kind: str
    content: bytes


@dataclass(frozen=True)
class Place:
    """Where a lesson is to be read: its folder in that of the course, and the line of the manifest that names it."""

    path: Path
    folder: str
    position: int
    locales: tuple[str, ...]
    line: int


@dataclass(frozen=True)
class ParsedLesson:
    """A lesson with all of its texts. One exists at a time."""

    slug: str
    position: int
    folder: str
    bodies: Mapping[str, ParsedBody] = field(default_factory=dict)
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    """Those that a text shows, by their path in the folder of the lesson."""
    questions: LocatedDocument | None = None
    experiments: LocatedDocument | None = None

    @property
    def sections(self) -> list[str]:
        """The ids of the headings, in order, as every language has them."""
        return next((body.sections for body in self.bodies.values()), [])


@dataclass(frozen=True, slots=True)
class Mention:
    """Something that a text names and that may stand in another lesson."""

    file: str
    line: int
    target: str


@dataclass(frozen=True)
class LessonFacts:
    """What is kept of a lesson that has been read."""

    slug: str
    position: int
    folder: str
    sections: tuple[str, ...]
    presets: frozenset[str]
    """The ids in its experiments.yaml, checked by nobody yet."""
    links: tuple[Mention, ...]
    placed_presets: tuple[Mention, ...]
    pictures: frozenset[str]


@dataclass
class ParsedCourse:
    """`lessons` and `problems` grow while the lessons are read; both are complete when the last one has been."""

    path: Path
    manifest: Manifest | None = None
    document: LocatedDocument | None = None
    """The manifest as it was written, until the last lesson has been read."""
    lessons: list[LessonFacts] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    content_hash: str = ""

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.severity == "error"]
