"""What `course.yaml` and the front matter of a lesson may say."""

import re
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from courses.documents import LocatedDocument, Path, Problem

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)]
Locale = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[a-z0-9]{2,8})*$", max_length=20)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Summary = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000)]
# Two digits, or more where there are more lessons.
Folder = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,4}-[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)]
SectionPath = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+/[a-z0-9-]+$", max_length=201)]


class Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Texts(Strict):
    title: Title
    summary: Summary = ""


class ConceptTexts(Strict):
    name: Title
    definition: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]


class ConceptEntry(Strict):
    id: Slug
    explained_in: list[SectionPath] = []
    texts: dict[Locale, ConceptTexts]


class Manifest(Strict):
    slug: Slug
    licence: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)] = ""
    locales: Annotated[list[Locale], Field(min_length=1, max_length=20)]
    texts: dict[Locale, Texts]
    lessons: Annotated[list[Folder], Field(min_length=1, max_length=1_000)]
    concepts: Annotated[list[ConceptEntry], Field(max_length=2_500)] = []


class FrontMatter(Strict):
    title: Title
    summary: Summary = ""


def lesson_slug(folder: str) -> str:
    """The stable id of a lesson: its folder without the number."""
    return re.sub(r"^[0-9]{2,4}-", "", folder)


def validation_problems(document: LocatedDocument, error: ValidationError) -> list[Problem]:
    """Each fault of a document at its line, named by its path."""
    return [_problem(document, item) for item in error.errors(include_url=False, include_context=False)]


def _problem(document: LocatedDocument, item: Any) -> Problem:
    path: Path = tuple(part for part in item["loc"] if part != "[key]")
    name = ".".join(str(part) for part in path) or "the file"
    if item["type"] == "extra_forbidden":
        message = f"The key “{path[-1]}” is not known here."
    elif item["type"] == "missing":
        message = f"“{name}” is missing."
    elif item["type"] == "string_pattern_mismatch":
        message = f"“{item['input']}” cannot stand for {name}: small letters, digits and single hyphens."
    else:
        message = f"{name}: {item['msg']}."
    return document.problem(path, message)
