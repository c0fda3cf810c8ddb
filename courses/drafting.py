"""Read notes → the files of a course folder, and the report. Pure: what touches files or other apps is passed in."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from courses.cleaning import is_section_id
from courses.draft_questions import (
    Card,
    Statement,
    list_item,
    propose_cards,
    questions_yaml,
    to_yaml,
    why_no_question,
)
from courses.draft_report import Report, shown
from courses.draft_text import Picture, TextDraft
from courses.emphasis import cut, escaped, plain
from courses.notes import Block, Chapter, Notes, Section, clean_title

MAX_LESSONS = 99
CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
LATIN_WORD = re.compile(r"[a-z0-9]*[a-z][a-z0-9]*")
PYTHON = frozenset({"py", "python", "python3", "ipython", "pycon"})
LOOKS_LIKE_KERAS = re.compile(r"\bkeras\b|Sequential\s*\(|model\.(?:add|compile|fit)\s*\(")

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


@dataclass(frozen=True)
class CodeReading:
    """What became of code that was taken for Keras: its spec, or why there is none. Lines count from 1 in the code."""

    spec: dict[str, Any] | None
    has_model: bool
    refusals: Sequence[tuple[int, str]] = ()
    notes: Sequence[tuple[int, str]] = ()


Translate = Callable[[str], CodeReading]


@dataclass(frozen=True)
class Draft:
    """`files`: path in the folder → content."""

    files: Mapping[str, str | bytes]
    report: Report


@dataclass
class _Lesson:
    slug: str
    folder: str
    title: str
    markdown: TextDraft
    sections: list[str] = field(default_factory=list)
    section_words: dict[str, str] = field(default_factory=dict)
    statements: list[Statement] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)
    experiments: list[tuple[dict[str, Any], list[str]]] = field(default_factory=list)


def detect_locale(text: str) -> str:
    """`zh-hans` where at least a tenth of the letters are Chinese, else `en`."""
    letters = [sign for sign in text if sign.isalpha()]
    chinese = sum(1 for sign in letters if CHINESE.match(sign))
    return "zh-hans" if chinese * 10 >= len(letters) > 0 else "en"


def slug_of(title: str) -> str:
    """The Latin words of a title, joined by hyphens; "" where there are none worth the name."""
    plain_letters = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = "-".join(LATIN_WORD.findall(re.sub(r"[’']", "", plain_letters)))[:60].strip("-")
    return slug if len(slug) > 1 else ""


def draft_course(
    notes: Notes, *, slug: str, title: str, locale: str, source: str, translate: Translate, picture: Picture
) -> Draft:
    """Everything that the folder shall hold, REPORT.md included. Raises DraftError."""
    if not notes.chapters:
        raise DraftError("There is no heading in these notes: a chapter begins with a line such as “# Title”.")
    if len(notes.chapters) > MAX_LESSONS:
        raise DraftError(f"There are {len(notes.chapters)} chapters; a course has at most {MAX_LESSONS} lessons.")
    drafting = _Drafting(Report(source), locale, translate, picture)
    for number, chapter in enumerate(notes.chapters, start=1):
        drafting.lesson(number, chapter, notes.preface if number == 1 else [])
    return Draft(drafting.files(slug, title), drafting.report)


class _Drafting:
    def __init__(self, report: Report, locale: str, translate: Translate, picture: Picture) -> None:
        self.report, self.locale, self.translate, self.picture = report, locale, translate, picture
        self.words = WORDS["zh" if locale.startswith("zh") else "en"]
        self.lessons: list[_Lesson] = []
        self.current: _Lesson

    def fate(self, line: int, text: str) -> None:
        self.report.fate(f"{self.current.folder}: {self.current.title}", line, text)

    # --- lessons -------------------------------------------------------------------------------------------------

    def lesson(self, number: int, chapter: Chapter, preface: Sequence[Block]) -> None:
        slug = _unique(slug_of(chapter.title) or f"chapter-{number}", {lesson.slug for lesson in self.lessons})
        folder = f"{number:02d}-{slug}"
        text = TextDraft(self.report, self.picture)
        self.current = _Lesson(slug, folder, chapter.title, text)
        self.lessons.append(self.current)
        self.report.count("lesson")
        self.fate(chapter.line, f"chapter {shown(chapter.title)} → lesson {folder}")
        for block in preface:
            self._block(block, "")
            self.report.problem(block.line, f"this stands before the first chapter; it opens lesson {folder}")
        if not any(section.level and not _is_empty_quiz(section) for section in chapter.sections):
            self._heading(Section(chapter.line, chapter.title, 1, False))
        for section in chapter.sections:
            self._section(section)
        if not any(chapter.blocks) and not any(section.is_quiz for section in chapter.sections):
            self.report.problem(chapter.line, f"the chapter {shown(chapter.title)} is empty: nothing stands below it")

    def _section(self, section: Section) -> None:
        if not section.is_quiz:
            section_id = self._heading(section) if section.level else (self.current.sections or [""])[-1]
            for block in section.blocks:
                self._block(block, section_id)
            return
        if _is_empty_quiz(section):
            self.report.problem(section.line, "the quiz is empty: no statement stands below its heading")
            self.fate(section.line, "empty quiz, left out")
            return
        section_id = self._heading(section) if section.level else (self.current.sections or [""])[-1]
        for block in section.blocks:
            if block.kind in ("item", "paragraph", "quote"):
                self._statement(block, section_id)
            else:
                self._block(block, section_id)

    def _heading(self, section: Section) -> str:
        number = len(self.current.sections) + 1
        wanted = "self-test" if section.is_quiz else slug_of(section.title)
        if not is_section_id(wanted):
            wanted = f"{wanted}-section" if wanted else f"section-{number}"
        section_id = _unique(wanted, set(self.current.sections))
        self.current.sections.append(section_id)
        if not section.is_quiz:
            self.current.section_words[section_id] = section.title
        marks = "##" if section.level <= 1 else "###"
        self.current.markdown.add(f"{marks} {_heading_text(section.title)} {{#{section_id}}}")
        lost = " (its highlight is not kept; it makes no card)" if section.is_highlighted else ""
        self.fate(section.line, f"heading {shown(section.title)} → section {section_id}{lost}")
        return section_id

    # --- blocks --------------------------------------------------------------------------------------------------

    def _block(self, block: Block, section: str) -> None:
        if block.kind == "code":
            self._code(block, section)
            return
        fate = self.current.markdown.block(block)
        self.fate(block.line, fate)
        if block.kind in ("paragraph", "item", "quote") and not fate.startswith("empty"):
            words = self.current.section_words
            words[section] = words.get(section, "") + plain(block.text)
            self._cards(block, section)

    def _cards(self, block: Block, section: str) -> None:
        taken = {card.back for card in self.current.cards}
        for words, front, back in propose_cards(self.current.markdown.cleaned(block)):
            if not front:
                self.fate(block.line, f"highlight {shown(words)}: too short, too long or without context for a card")
            elif back in taken:
                self.fate(block.line, f"highlight {shown(words)}: there is a card with this answer already")
            else:
                taken.add(back)
                card = Card(f"{self.current.slug}-card-{len(self.current.cards) + 1}", block.line, section, front, back)
                self.current.cards.append(card)
                self.report.count("flashcard")
                self.fate(block.line, f"highlight {shown(words)} → flashcard {card.id}")

    def _statement(self, block: Block, section: str) -> None:
        text = self.current.markdown.cleaned(block, tell=True)
        if not text.strip():
            self.fate(block.line, "empty bullet, left out")
            return
        pieces = cut(text)
        if reason := why_no_question(pieces):
            self.report.problem(block.line, f"{reason}: {shown(plain(text))}; it stays in the lesson as text")
            self.fate(block.line, self.current.markdown.block(block, tell=False))
            return
        number = len(self.current.statements) + 1
        explains = self._explains(text) or section
        statement = Statement(f"{self.current.slug}-question-{number}", block.line, explains, pieces)
        self.current.statements.append(statement)
        self.current.markdown.add(f"::question{{{statement.id}}}")
        for answer in statement.given_away:
            self.report.problem(block.line, f"the statement gives its answer {shown(answer)} away in another place")
        self.report.count("quiz question")
        answers = ", ".join(shown(answer) for answer in statement.answers)
        self.fate(block.line, f"quiz statement → question {statement.id}; answer: {answers}")

    def _explains(self, text: str) -> str:
        """The section of this lesson that has most in common with the statement, pair by pair of signs."""
        pairs = _pairs(plain(text))
        scores = {
            section: len(pairs & _pairs(words)) for section, words in self.current.section_words.items() if section
        }
        best = max(scores.values(), default=0)
        return next((section for section in reversed(scores) if scores[section] == best), "")

    def _code(self, block: Block, section: str) -> None:
        if not block.closed:
            self.report.problem(block.line, "the code fence is never closed; everything after it was taken for code")
        fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", block.text)), default=0))
        is_python = block.language in PYTHON or (not block.language and LOOKS_LIKE_KERAS.search(block.text) is not None)
        language = "python" if is_python else re.sub(r"[^a-z0-9+#-]", "", block.language)
        self.current.markdown.add(f"{fence}{language}\n{block.text}\n{fence}")
        if not is_python:
            self.fate(block.line, f"code ({language or 'no language'}), kept as it is")
            return
        reading = self.translate(block.text)
        for line, sentence in reading.notes if reading.spec else ():
            self.fate(block.line + line, f"code: {sentence}")
        if reading.spec is not None:
            self._experiment(block, section, reading)
            return
        self._no_experiment(block, reading)
        self.fate(block.line, "code, kept as it is; no experiment (see “Needs a hand”)")

    def _no_experiment(self, block: Block, reading: CodeReading) -> None:
        kind, refusals = "the code makes a network that the sandbox cannot train", reading.refusals
        if not reading.has_model:  # the last refusal says just that
            kind, refusals = "the code is no experiment", reading.refusals[-1:]
        for line, sentence in refusals:
            self.report.problem(block.line + line, f"{kind}: {sentence}")

    def _experiment(self, block: Block, section: str, reading: CodeReading) -> None:
        lesson = self.current
        preset = f"{lesson.slug}-network-{len(lesson.experiments) + 1}"
        texts = {"title": lesson.title, "summary": self.words["experiment"]}
        entry: dict[str, Any] = {"id": preset} | ({"section": section} if section else {})
        entry |= {"texts": {self.locale: texts}, "spec": reading.spec}
        comments = [f"from the code in line {block.line} of the notes"]
        comments += [f"review: line {block.line + line}: {sentence}" for line, sentence in reading.notes]
        lesson.experiments.append((entry, comments))
        lesson.markdown.add(f"::preset[{self.words['train']}]{{{preset}}}")
        self.report.count("experiment")
        self.fate(block.line, f"code → experiment {preset}")

    # --- files ---------------------------------------------------------------------------------------------------

    def files(self, slug: str, title: str) -> dict[str, str | bytes]:
        pool = [answer for lesson in self.lessons for item in lesson.statements for answer in item.answers]
        files: dict[str, str | bytes] = {}
        for lesson in self.lessons:
            front = to_yaml({"title": lesson.title, "summary": lesson.markdown.summary})
            files[f"{lesson.folder}/lesson.{self.locale}.md"] = f"---\n{front}---\n\n{lesson.markdown.text}"
            files |= {f"{lesson.folder}/{name}": content for name, content in lesson.markdown.pictures.items()}
            if lesson.statements or lesson.cards:
                quiz = self.words["quiz"].format(title=lesson.title)[:200]
                files[f"{lesson.folder}/questions.yaml"] = questions_yaml(
                    lesson.slug, quiz, self.locale, lesson.statements, lesson.cards, pool
                )
            if lesson.experiments:
                entries = "".join(list_item(entry, comments) for entry, comments in lesson.experiments)
                files[f"{lesson.folder}/experiments.yaml"] = f"experiments:\n{entries}"
        files["course.yaml"] = self._course(slug, title)
        files["REPORT.md"] = self.report.to_markdown()
        return files

    def _course(self, slug: str, title: str) -> str:
        summary = self.words["course"].format(lessons=len(self.lessons))
        head = {"slug": slug, "locales": [self.locale], "texts": {self.locale: {"title": title, "summary": summary}}}
        text = "# review: a draft; add `licence:` and the concepts that the lessons explain\n" + to_yaml(head)
        return text + to_yaml({"lessons": [lesson.folder for lesson in self.lessons], "concepts": []})


def course_title(notes: Notes, file_stem: str) -> str:
    """The title of the notes, or a readable form of their file's name."""
    name = re.sub(r"\.(?:zh|en)[\w-]*$", "", file_stem)
    return clean_title(notes.title) if notes.title else re.sub(r"[-_.\s]+", " ", name).strip()[:200] or "Notes"


def _is_empty_quiz(section: Section) -> bool:
    return section.is_quiz and not any(block.text.strip() for block in section.blocks)


def _unique(wanted: str, taken: set[str]) -> str:
    number, name = 2, wanted
    while name in taken:
        name, number = f"{wanted}-{number}", number + 1
    return name


def _heading_text(title: str) -> str:
    return re.sub(r"([{}_\[\]`$#])", r"\\\1", escaped(title))


def _pairs(text: str) -> set[str]:
    signs = [sign for sign in text.casefold() if sign.isalnum()]
    return {first + second for first, second in pairwise(signs)}
