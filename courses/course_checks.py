"""What is wrong in a course that no single file shows: ids, translations, sections, links and directives."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath

from courses.directives import Directive
from courses.documents import LocatedDocument, Problem
from courses.manifest import Manifest, lesson_slug
from courses.parsed import LessonFacts, Mention, ParsedBody, ParsedLesson

LESSON_LINK = re.compile(r"\.\./(?P<lesson>[^/#]+)/?(?:#(?P<section>.*))?")
OUTSIDE = re.compile(r"(https?://|mailto:)", re.IGNORECASE)
READ_BY_PEOPLE = {"README.md", "REPORT.md", "LICENSE"}
READ_OF_A_LESSON = ("questions.yaml", "experiments.yaml")
# Which file of the lesson, and which list in it, has the ids that a directive may name.
LISTS = {"question": ("questions", "questions"), "challenge": ("experiments", "challenges")}


def manifest_problems(manifest: Manifest, document: LocatedDocument) -> list[Problem]:
    problems = []
    for name in ("locales", "lessons"):
        problems += _repeated(document, getattr(manifest, name), (name,))
    slugs = [lesson_slug(folder) for folder in dict.fromkeys(manifest.lessons)]
    for slug in {slug for slug in slugs if slugs.count(slug) > 1}:
        problems.append(document.problem(("lessons",), f"Two lessons have the id “{slug}”."))
    problems += _text_problems(document, ("texts",), manifest.texts, manifest.locales)
    problems += _repeated(document, [concept.id for concept in manifest.concepts], ("concepts",), "id")
    for index, concept in enumerate(manifest.concepts):
        problems += _text_problems(document, ("concepts", index, "texts"), concept.texts, manifest.locales)
    return problems


def _repeated(
    document: LocatedDocument, values: Sequence[str], path: tuple[str | int, ...], *below: str
) -> list[Problem]:
    first = {value: index for index, value in reversed(list(enumerate(values)))}
    return [
        document.problem((*path, index, *below), f"“{value}” is here a second time.")
        for index, value in enumerate(values)
        if index != first[value]
    ]


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


# --- one lesson ------------------------------------------------------------------------------------------------------


def lesson_problems(lesson: ParsedLesson) -> list[Problem]:
    """What the texts and lists of one lesson show together."""
    bodies = list(lesson.bodies.values())
    problems = section_problems(bodies)
    ids = {name: listed_ids(getattr(lesson, file), key) for name, (file, key) in LISTS.items()}
    for body in bodies:
        problems += [
            body.problem(line, f"The link {href} leads nowhere.")
            for href, line in body.rendered.links
            if not _leaves_the_lesson(href) and not _is_in(href, body.rendered.ids)
        ]
        problems += [
            body.problem(directive.line, f"There is no {directive.name} “{directive.ref}”.")
            for directive in body.rendered.directives
            if directive.name in ids and directive.ref not in ids[directive.name]
        ]
    return problems


def facts_of(lesson: ParsedLesson) -> LessonFacts:
    return LessonFacts(
        slug=lesson.slug,
        position=lesson.position,
        folder=lesson.folder,
        sections=tuple(lesson.sections),
        presets=frozenset(listed_ids(lesson.experiments, "experiments")),
        links=tuple(_links(lesson)),
        placed_presets=tuple(_placed(lesson, "preset")),
        pictures=frozenset(lesson.pictures),
    )


def listed_ids(document: LocatedDocument | None, key: str) -> set[str]:
    """The ids in a list of a document that nobody has checked yet."""
    entries = document.value.get(key) if document and isinstance(document.value, dict) else None
    if not isinstance(entries, list):
        return set()
    return {str(entry["id"]) for entry in entries if isinstance(entry, dict) and "id" in entry}


def _links(lesson: ParsedLesson) -> Iterator[Mention]:
    for body in lesson.bodies.values():
        for href, line in body.rendered.links:
            if LESSON_LINK.fullmatch(href):
                yield _mention(body, line, href)


def _placed(lesson: ParsedLesson, name: str) -> Iterator[Mention]:
    for body in lesson.bodies.values():
        directive: Directive
        for directive in body.rendered.directives:
            if directive.name == name:
                yield _mention(body, directive.line, directive.ref)


def _mention(body: ParsedBody, line: int, target: str) -> Mention:
    return Mention(body.file, body.first_line + line - 1, target)


def _leaves_the_lesson(href: str) -> bool:
    """Outside links are looked at by nobody (an import works without a network), those to lessons later."""
    return bool(OUTSIDE.match(href) or LESSON_LINK.fullmatch(href))


def _is_in(href: str, ids: Collection[str]) -> bool:
    return href.startswith("#") and href[1:] in ids


def section_problems(bodies: Sequence[ParsedBody]) -> list[Problem]:
    """Every language has the sections of the first, in the same order."""
    problems: list[Problem] = []
    for body in bodies[1:]:
        first = PurePath(bodies[0].file).name
        wanted, found = bodies[0].sections, body.sections
        problems += [
            body.problem(1, f"The section “{section}” of {first} is missing here.")
            for section in wanted
            if section not in found
        ]
        problems += [
            body.problem(body.line_of(f"#{section}"), f"The section “{section}” is not in {first}.")
            for section in found
            if section not in wanted
        ]
        if set(wanted) == set(found) and wanted != found:
            other = next((theirs for ours, theirs in zip(wanted, found, strict=False) if ours != theirs), found[-1])
            message = f"The sections stand in another order than in {first}, from “{other}” on."
            problems.append(body.problem(body.line_of(f"#{other}"), message))
    return problems


# --- the whole course ------------------------------------------------------------------------------------------------


def course_problems(lessons: Sequence[LessonFacts], manifest: Manifest, document: LocatedDocument) -> list[Problem]:
    """What only all lessons together show."""
    sections = {lesson.slug: frozenset(lesson.sections) for lesson in lessons}
    presets = {preset for lesson in lessons for preset in lesson.presets}
    problems = mention_problems(lessons, sections, presets)
    paths = {f"{lesson.slug}/{section}" for lesson in lessons for section in lesson.sections}
    return problems + [
        document.problem(("concepts", number, "explained_in", index), f"There is no section “{section}”.")
        for number, concept in enumerate(manifest.concepts)
        for index, section in enumerate(concept.explained_in)
        if section not in paths
    ]


def mention_problems(
    lessons: Sequence[LessonFacts], sections: Mapping[str, Collection[str]], presets: Collection[str]
) -> list[Problem]:
    """What these lessons name that no lesson of the course has. `sections`: of every lesson, by its slug."""
    problems = [
        Problem(link.file, link.line, f"The link {link.target} leads nowhere.")
        for lesson in lessons
        for link in lesson.links
        if not _leads_to_a_lesson(link.target, sections)
    ]
    problems += [
        Problem(placed.file, placed.line, f"There is no preset “{placed.target}”.")
        for lesson in lessons
        for placed in lesson.placed_presets
        if placed.target not in presets
    ]
    return problems


def _leads_to_a_lesson(href: str, sections: Mapping[str, Collection[str]]) -> bool:
    match = LESSON_LINK.fullmatch(href)
    if match is None or match["lesson"] not in sections:
        return False
    return not match["section"] or match["section"] in sections[match["lesson"]]


def unread_files(names: Iterable[str], lessons: Sequence[LessonFacts], locales: Sequence[str]) -> list[str]:
    """Of the files of a folder, those that nothing reads: often a misspelt name, or a picture that no text shows."""
    read = {"course.yaml", *READ_BY_PEOPLE}
    for lesson in lessons:
        read |= {f"{lesson.folder}/{name}" for name in READ_OF_A_LESSON}
        read |= {f"{lesson.folder}/lesson.{locale}.md" for locale in locales}
        read |= {f"{lesson.folder}/{picture}" for picture in lesson.pictures}
    return sorted(set(names) - read)
