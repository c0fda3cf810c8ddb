"""One lesson of a draft: what it has taken in, and the files that become of it. Pure."""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from courses.cleaning import is_section_id
from courses.notes.lesson_text import TextDraft
from courses.notes.questions import Card, Pool, Question, list_item, questions_yaml
from courses.parsing import MAX_FILE_BYTES
from courses.yaml_writing import to_yaml

LATIN_WORD = re.compile(r"[a-z0-9]*[a-z][a-z0-9]*")

WORDS = {
    "en": {
        "quiz": "Quiz: {title}",
        "course": "Drafted from notes: {lessons} lessons.",
        "experiment": "Change the learning rate or the layers, and watch what becomes of loss and accuracy.",
        "train": "Train this network",
    },
    "zh": {
        "quiz": "测验：{title}",
        "course": "由笔记整理而成的草稿，共 {lessons} 课。",
        "experiment": "改一改学习率或各层，看看损失和准确率有什么变化。",
        "train": "训练这个网络",
    },
}


class DraftError(ValueError):
    """No course can be made of these notes; the message is for their author."""


@dataclass
class LessonDraft:
    slug: str
    folder: str
    title: str
    markdown: TextDraft
    sections: list[str] = field(default_factory=list)
    asked: list[Question] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)
    backs: set[str] = field(default_factory=set)
    experiments: list[tuple[dict[str, Any], list[str]]] = field(default_factory=list)
    reading_section: str = ""
    """The latest section that is no quiz."""
    _pairs: dict[str, set[str]] = field(default_factory=dict)
    _ends: dict[str, str] = field(default_factory=dict)
    _taken: Counter[str] = field(default_factory=Counter)

    def new_section(self, title: str, is_quiz: bool) -> str:
        wanted = "self-test" if is_quiz else slug_of(title)
        if not is_section_id(wanted):  # the pages need some names for themselves
            wanted = f"{wanted}-section" if wanted else f"section-{len(self.sections) + 1}"
        if not is_section_id(wanted):
            wanted = f"section-{wanted}"
        section = unique(wanted, self._taken)
        self.sections.append(section)
        if not is_quiz:
            self.reading_section = section
            self.add_words(section, title)
        return section

    def add_words(self, section: str, text: str) -> None:
        """Remember which signs follow each other in a section."""
        signs = [*self._ends.get(section, ""), *(sign for sign in text.casefold() if sign.isalnum())]
        self._pairs.setdefault(section, set()).update(first + second for first, second in pairwise(signs))
        self._ends[section] = signs[-1] if signs else ""

    def explains(self, text: str) -> str:
        """The section that has most in common with the text, pair by pair of signs."""
        signs = [sign for sign in text.casefold() if sign.isalnum()]
        pairs = {first + second for first, second in pairwise(signs)}
        scores = {section: len(pairs & words) for section, words in self._pairs.items() if section}
        best = max(scores.values(), default=0)
        return next((section for section in reversed(scores) if scores[section] == best), "")

    def files(self, locale: str, pool: Pool) -> dict[str, str | bytes]:
        """Its files by their paths in the course folder. Raises DraftError."""
        front = to_yaml({"title": self.title, "summary": self.markdown.summary}, texts=True)
        files: dict[str, str | bytes] = {
            f"{self.folder}/lesson.{locale}.md": f"---\n{front}---\n\n{self.markdown.text}"
        }
        files |= {f"{self.folder}/{name}": content for name, content in self.markdown.inline.pictures.items()}
        if self.asked or self.cards:
            quiz = WORDS["zh" if locale.startswith("zh") else "en"]["quiz"].format(title=self.title)[:200]
            files[f"{self.folder}/questions.yaml"] = questions_yaml(
                self.slug, quiz, locale, self.asked, self.cards, pool
            )
        if self.experiments:
            entries = "".join(list_item(entry, comments) for entry, comments in self.experiments)
            files[f"{self.folder}/experiments.yaml"] = f"experiments:\n{entries}"
        for content in files.values():
            if isinstance(content, str) and len(content.encode()) > MAX_FILE_BYTES:
                raise DraftError(f"The chapter “{self.title}” is too long for one lesson: divide it by more headings.")
        return files


def slug_of(title: str) -> str:
    """The Latin words of a title, joined by hyphens; "" where there are none worth the name."""
    plain_letters = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = "-".join(LATIN_WORD.findall(re.sub(r"[’']", "", plain_letters)))[:60].strip("-")
    return slug if len(slug) > 1 else ""


def unique(wanted: str, taken: Counter[str]) -> str:
    """The name, with the next free number if it is taken; it is taken then."""
    name = wanted
    while taken[name]:
        taken[wanted] += 1
        name = f"{wanted}-{taken[wanted]}"
    taken[name] += 1
    return name
