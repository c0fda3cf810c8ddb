"""The shipped course as its files say it, read with yaml alone: no database, no importer."""

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.course.claims import COURSE

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

FRONT_MATTER = re.compile(r"\A---\n.*?^---\n", re.DOTALL | re.MULTILINE)
FENCE = re.compile(r"^```.*?^```[ \t]*$", re.DOTALL | re.MULTILINE)
DIRECTIVE = re.compile(r"^::(?P<name>[a-z-]+)(?:\[.*\])?\{(?P<ref>[a-z0-9-]+)?.*\}[ \t]*$", re.MULTILINE)
FORMULA = re.compile(r"\$\$.*?\$\$|\$[^$\n]+\$", re.DOTALL)
ADDRESS = re.compile(r"\]\([^)\n]*\)")
SECTION = re.compile(r"^## .*\{#(?P<id>[a-z0-9-]+)\}[ \t]*$", re.MULTILINE)
SECTION_ID = re.compile(r"\{#[a-z0-9-]+\}")
WORD = re.compile(r"[A-Za-z0-9]+(?:['’.,-][A-Za-z0-9]+)*")
HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")


def read(file: Path) -> Any:
    """The YAML of a file; an empty mapping where it does not exist yet."""
    return yaml.load(file.read_text("utf-8"), Loader=_Loader) if file.is_file() else {}


@dataclass(frozen=True)
class Lesson:
    """`texts` by locale, "" where one is missing."""

    folder: str
    texts: dict[str, str] = field(repr=False)
    questions: dict[str, dict[str, Any]] = field(repr=False)
    quiz: list[str]
    experiments: list[str]
    challenges: list[str]

    @property
    def slug(self) -> str:
        return self.folder.split("-", 1)[1]

    @property
    def graded(self) -> list[dict[str, Any]]:
        """What the quiz asks and marks, in its order."""
        asked = [self.questions[question] for question in self.quiz if question in self.questions]
        return [question for question in asked if question["kind"] != "flashcard"]

    @property
    def cards(self) -> list[dict[str, Any]]:
        return [question for question in self.questions.values() if question["kind"] == "flashcard"]

    def sections(self, locale: str) -> list[str]:
        return [match["id"] for match in SECTION.finditer(FENCE.sub("", self.texts[locale]))]

    def directives(self, locale: str) -> list[tuple[str, str]]:
        """The name of each and what it shows, in the order of the text."""
        found = DIRECTIVE.finditer(FENCE.sub("", self.texts[locale]))
        return [(match["name"], match["ref"] or "") for match in found]

    def shown(self, locale: str, name: str) -> list[str]:
        return [ref for directive, ref in self.directives(locale) if directive == name]

    def words(self, locale: str) -> int:
        return len(WORD.findall(prose(self.texts[locale])))

    def characters(self, locale: str) -> int:
        return len(HAN.findall(prose(self.texts[locale])))


def prose(text: str) -> str:
    """What is read as sentences, lists and tables: no front matter, code, directives, formulas, addresses and ids."""
    for left_out in (FRONT_MATTER, FENCE, DIRECTIVE, FORMULA, ADDRESS, SECTION_ID):
        text = left_out.sub(" ", text)
    return text


@cache
def manifest() -> dict[str, Any]:
    return dict(read(COURSE / "course.yaml"))


@cache
def lessons() -> tuple[Lesson, ...]:
    return tuple(_lesson(folder) for folder in manifest()["lessons"])


def _lesson(folder: str) -> Lesson:
    place = COURSE / folder
    asked, trained = read(place / "questions.yaml"), read(place / "experiments.yaml")
    files = {locale: place / f"lesson.{locale}.md" for locale in manifest()["locales"]}
    return Lesson(
        folder=folder,
        texts={locale: file.read_text("utf-8") if file.is_file() else "" for locale, file in files.items()},
        questions={question["id"]: question for question in asked.get("questions") or []},
        quiz=list((asked.get("quiz") or {}).get("questions") or []),
        experiments=[entry["id"] for entry in trained.get("experiments") or []],
        challenges=[entry["id"] for entry in trained.get("challenges") or []],
    )
