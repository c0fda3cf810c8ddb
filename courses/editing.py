"""Changing the text of one lesson in one language: checked as an import would check it, with what all three apps have
of the lesson; written by the same hands. (`courses.folders` is the same for a whole course.)

Ids stay: a section keeps its row as long as any language has its heading, so that progress, questions and memory which
hang on it survive. A section that only some languages have is a warning: a translation follows its original.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import get_language_info

from accounts.models import User
from courses.course_checks import facts_of, lesson_problems, mention_problems, section_problems
from courses.documents import LocatedDocument, Problem
from courses.exporting import place, text_file
from courses.folders import can_train
from courses.importing import section_rows, write_bodies
from courses.models import Course, Lesson, LessonBody, LessonPicture, LessonVersion, Section
from courses.parsed import ParsedBody, ParsedLesson, Picture
from courses.parsing import Pictures, read_body
from courses.rendering import RenderedLesson
from courses.rows import archive_others, write_rows
from courses.searching import index_lesson
from courses.version_models import Source
from courses.versions import NewVersions
from quizzes.models import Question
from quizzes.searching import asked_in
from sandbox.models import Preset


class RefusedError(Exception):
    """The text has errors, which `checked` names with their lines; nothing was written."""

    def __init__(self, checked: "Checked") -> None:
        super().__init__("This text has errors.")
        self.checked = checked


class ConflictError(Exception):
    """There is a version that the author has not seen; nothing was written."""

    def __init__(self, newest: LessonVersion) -> None:
        super().__init__("The text has been changed by somebody else.")
        self.newest = newest


class Text(NamedTuple):
    """What an author writes. Lines end as they do in a file, whatever a browser sends."""

    title: str
    summary: str
    markdown: str

    @classmethod
    def of(cls, row: LessonBody | LessonVersion) -> "Text":
        return cls(row.title, row.summary, row.markdown)

    @classmethod
    def written(cls, title: str, summary: str, markdown: str) -> "Text":
        return cls(_with_line_feeds(title).strip(), _with_line_feeds(summary).strip(), _with_line_feeds(markdown))


def _with_line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n")


@dataclass(frozen=True)
class Surroundings:
    """What a text of a lesson may name, and the same lesson in its other languages."""

    others: Sequence[LessonBody]
    sections: Mapping[str, frozenset[str]]
    presets: Mapping[str, Preset]
    questions: Sequence[Question]

    def listed(self) -> tuple[LocatedDocument, LocatedDocument]:
        """The ids that the lesson's files would have: questions.yaml and experiments.yaml."""
        challenges = [{"id": one.slug} for one in self.questions if one.kind == "challenge"]
        questions = [{"id": one.slug} for one in self.questions if one.kind != "challenge"]
        return LocatedDocument("", {"questions": questions}), LocatedDocument("", {"challenges": challenges})

    @property
    def experiments(self) -> set[str]:
        return {slug for slug, preset in self.presets.items() if not preset.is_challenge}


@dataclass(frozen=True)
class Checked:
    """A text, what it becomes (None where it cannot be read at all), and what is wrong with it.

    Lines are those of the Markdown; 0 where title, summary or all of it is meant.
    """

    text: Text
    body: ParsedBody | None
    problems: Sequence[Problem]
    around: Surroundings

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.severity == "error"]

    @property
    def warnings(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.severity == "warning"]


def newest(body: LessonBody) -> LessonVersion | None:
    return LessonVersion.objects.of(body).newest_first().select_related("author").light().first()


# --- checking --------------------------------------------------------------------------------------------------------


def check(body: LessonBody, text: Text) -> Checked:
    """Read a text as the importer would read its file. Writes nothing."""
    around = _surroundings(body)
    parsed, problems = _read(body, text)
    if parsed is None:  # of what has no title only the head has been looked at
        parsed, more = _read(body, text._replace(title="–", summary=""))
        problems += more
    if parsed is not None:
        problems += _problems_around(body, parsed, around)
    return Checked(text, parsed, sorted(set(problems), key=lambda one: (one.line, one.message)), around)


def _surroundings(body: LessonBody) -> Surroundings:
    lesson = body.lesson
    course = lesson.course
    others = LessonBody.objects.filter(lesson=lesson).exclude(locale=body.locale).defer("markdown", "parts")
    sections: dict[str, set[str]] = {}
    rows = Section.objects.published().filter(lesson__course=course, lesson__archived_at=None).order_by()
    for slug, section in rows.values_list("lesson__slug", "slug"):
        sections.setdefault(slug, set()).add(section)
    questions = list(Question.objects.published().filter(lesson=lesson).select_related("current", "section"))
    for question in questions:
        question.course = course
    return Surroundings(
        others=sorted(others, key=lambda other: place(other.locale, course)),
        sections={slug: frozenset(found) for slug, found in sections.items()},
        presets={preset.slug: preset for preset in Preset.objects.offered().filter(collection=course.slug)},
        questions=questions,
    )


def _read(body: LessonBody, text: Text) -> tuple[ParsedBody | None, list[Problem]]:
    """The text by way of the file it would be, with its problems at the lines of the Markdown."""
    problems: list[Problem] = []
    pictures = Pictures(_pictures_of(body.lesson))
    content = text_file(text.title, text.summary, text.markdown).encode(errors="replace")
    parsed = read_body(content, f"lesson.{body.locale}.md", body.locale, pictures, problems, can_train)
    return parsed, [_in_markdown(problem, parsed) for problem in problems]


def _in_markdown(problem: Problem, parsed: ParsedBody | None) -> Problem:
    return replace(problem, line=max(0, problem.line - parsed.first_line + 1) if parsed else 0)


def _pictures_of(lesson: Lesson) -> Callable[[str], Picture | None]:
    """Those that an import brought, all of them in one query if the text shows any."""
    found: dict[str, Picture] = {}

    def read(name: str) -> Picture | None:
        if not found:
            rows = LessonPicture.objects.filter(lesson=lesson)
            found.update({row.name: Picture(row.kind, bytes(row.content)) for row in rows})
        return found.get(name)

    return read


def _problems_around(body: LessonBody, parsed: ParsedBody, around: Surroundings) -> list[Problem]:
    """What only the rest of the course shows: ids, links, and the sections of the other languages."""
    lesson = body.lesson
    questions, experiments = around.listed()
    alone = ParsedLesson(lesson.slug, lesson.position, lesson.folder, {body.locale: parsed}, {}, questions, experiments)
    sections = {**around.sections, lesson.slug: frozenset(parsed.sections)}
    found = lesson_problems(alone) + mention_problems([facts_of(alone)], sections, around.experiments)
    for other in around.others:
        untranslated = section_problems([_as_parsed(other), parsed])
        found += [replace(problem, severity="warning") for problem in untranslated]
    return [_in_markdown(problem, parsed) for problem in found]


def _as_parsed(other: LessonBody) -> ParsedBody:
    """The same lesson in another language, as far as its sections are asked for. Authors know it by that language."""
    rendered = RenderedLesson([], other.contents, [], [], [], set(), other.minutes)
    file = language_name(other.locale, translated=True)
    return ParsedBody(file, other.locale, other.title, other.summary, "", 1, rendered)


def language_name(locale: str, *, translated: bool = False) -> str:
    """The name of a language in that language, or in the reader's."""
    try:
        return str(get_language_info(locale)["name_translated" if translated else "name_local"])
    except KeyError:
        return locale


# --- saving ----------------------------------------------------------------------------------------------------------


def save(
    body: LessonBody,
    text: Text,
    *,
    author: User,
    based_on: int,
    now: datetime,
    source: Source = Source.EDITOR,
) -> LessonVersion | None:
    """Make this the text of a lesson in one language; return the new version, or None if it says this already.

    `based_on` is the number of the version that the author began from: never is a newer one overwritten unseen. Raises
    ConflictError, RefusedError; then nothing is written. Warnings do not hinder.
    """
    checked = check(body, text)
    lesson = body.lesson
    with transaction.atomic():
        course = Course.objects.select_for_update().get(pk=lesson.course_id)
        present = LessonBody.objects.defer("parts").get(lesson=lesson, locale=body.locale)
        if Text.of(present) == text:
            return None
        known = newest(present)
        if known is not None and known.number != based_on:
            raise ConflictError(LessonVersion.objects.select_related("author").get(pk=known.pk))
        if checked.errors or checked.body is None:
            raise RefusedError(checked)
        versions = NewVersions(course, source, author, now)
        write_bodies(lesson.pk, {body.locale: checked.body}, versions, others_stay=True)
        _write_sections(lesson, now)
        course.edited_at = now
        course.save(update_fields=["edited_at"])
        index_lesson(lesson, asked_in(lesson))
        return newest(present)


def restore(
    body: LessonBody, version: LessonVersion, *, author: User, based_on: int, now: datetime
) -> LessonVersion | None:
    """Save the text of an old version as a new one; nothing of the history is lost. Raises what `save` raises."""
    return save(body, Text.of(version), author=author, based_on=based_on, now=now, source=Source.RESTORE)


def _write_sections(lesson: Lesson, now: datetime) -> None:
    """The sections that any language has are there; the others are archived, and come back with what hangs on them."""
    bodies = LessonBody.objects.filter(lesson=lesson).only("lesson", "locale", "contents")
    in_order = sorted(bodies, key=lambda body: place(body.locale, lesson.course))
    slugs = merged([[heading["id"] for heading in body.contents] for body in in_order])
    rows = section_rows(lesson.course.slug, lesson.pk, lesson.slug, slugs)
    write_rows(Section, rows)
    archive_others(Section.objects.filter(lesson=lesson), rows.keys(), now)


def merged(orders: Iterable[Sequence[str]]) -> list[str]:
    """Return what stands in any of these lists, in the order of the first; what only others have stands in it behind
    what precedes it there."""
    found: list[str] = []
    for order in orders:
        at = 0
        for item in order:
            if item not in found:
                found.insert(at, item)
            at = found.index(item) + 1
    return found
