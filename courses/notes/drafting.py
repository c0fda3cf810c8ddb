"""Read notes → the files of a course folder, and the report. Pure: what touches files or other apps is passed in."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from courses.notes.answer_keys import is_key, read_key
from courses.notes.blocks import Block
from courses.notes.emphasis import escaped, plain
from courses.notes.lesson_inline import LEFT_OUT, InlineDraft, Picture
from courses.notes.lesson_text import TextDraft, fenced, seen_text
from courses.notes.lessons import WORDS, DraftError, LessonDraft, slug_of, unique
from courses.notes.questions import Card, Pool, Statement, propose_cards
from courses.notes.quiz_drafting import QuizDraft
from courses.notes.quiz_reading import Asked, read_quiz
from courses.notes.reading import Chapter, Notes, Section, clean_title
from courses.notes.report import Report, shown
from courses.notes.titles import MAX_TITLE, heading_text
from courses.yaml_writing import to_yaml

__all__ = ["CodeReading", "Draft", "DraftError", "course_title", "detect_locale", "draft_course", "slug_of"]

MAX_LESSONS = 99
MAX_CARDS = 500
CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
PYTHON = frozenset({"py", "python", "python3", "ipython", "ipython3", "pycon", "jupyter"})
LOOKS_LIKE_KERAS = re.compile(r"\bkeras\b|Sequential\s*\(|model\.(?:add|compile|fit)\s*\(")


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


def detect_locale(text: str) -> str:
    """`zh-hans` where at least a tenth of the letters are Chinese, else `en`."""
    letters = [sign for sign in text if sign.isalpha()]
    chinese = sum(1 for sign in letters if CHINESE.match(sign))
    return "zh-hans" if chinese * 10 >= len(letters) > 0 else "en"


def course_title(notes: Notes, file_stem: str) -> str:
    """The title of the notes, or a readable form of their file's name."""
    name = re.sub(r"\.(?:zh|en)[\w-]*$", "", file_stem)
    return clean_title(notes.title) if notes.title else re.sub(r"[-_.\s]+", " ", name).strip()[:200] or "Notes"


def draft_course(
    notes: Notes, *, slug: str, title: str, locale: str, source: str, translate: Translate, picture: Picture
) -> Draft:
    """Everything that the folder shall hold, REPORT.md included. Raises DraftError."""
    is_empty = all(block.kind in ("hidden", "marker", "definition") for block in notes.blocks)
    if is_empty and not any(chapter.title for chapter in notes.chapters):
        raise DraftError("There is nothing in these notes that a reader would see.")
    chapters = notes.chapters or [Chapter(1, "", [Section(1, "", 0, False)])]
    if len(chapters) > MAX_LESSONS:
        raise DraftError(f"There are {len(chapters)} chapters; a course has at most {MAX_LESSONS} lessons.")
    drafting = _Drafting(notes, Report(source), title, locale, translate, picture)
    for number, chapter in enumerate(chapters, start=1):
        drafting.lesson(number, chapter, notes.preface if number == 1 else [])
    drafting.finish()
    return Draft(drafting.files(slug), drafting.report)


class _Drafting:
    def __init__(
        self, notes: Notes, report: Report, title: str, locale: str, translate: Translate, picture: Picture
    ) -> None:
        self.notes, self.report, self.title, self.locale = notes, report, title, locale
        self.translate, self.picture = translate, picture
        self.words = WORDS["zh" if locale.startswith("zh") else "en"]
        self.lessons: list[LessonDraft] = []
        self.slugs: Counter[str] = Counter()
        self.current: LessonDraft
        self.quiz: QuizDraft
        self.key: Section | None = None
        """A section of answers that the questions before it have taken."""
        # Footnotes and link definitions with the lesson they stand in: what became of them is known at the end.
        self.definitions: list[tuple[LessonDraft, Block]] = []

    def fate(self, line: int, text: str, lesson: LessonDraft | None = None) -> None:
        lesson = lesson or self.current
        self.report.fate(f"{lesson.folder}: {lesson.title}", line, text)

    # --- lessons -------------------------------------------------------------------------------------------------

    def lesson(self, number: int, chapter: Chapter, preface: Sequence[Block]) -> None:
        title = chapter.title or self.title
        slug = unique(slug_of(title) or f"chapter-{number}", self.slugs)
        inline = InlineDraft(self.report, self.picture, self.notes.links, self.notes.footnotes)
        self.current = LessonDraft(slug, f"{number:02d}-{slug}", title, TextDraft(inline))
        self.quiz = QuizDraft(self.current, self.report, self.fate)
        self.lessons.append(self.current)
        self.report.count("lesson")
        if number == 1:
            self._front_matter()
        self._chapter_title(chapter)
        for block in preface:
            self._block(block, "")
            if block.kind not in ("hidden", "marker", "definition", "footnote"):
                text = f"this stands before the first chapter; it opens lesson {self.current.folder}"
                self.report.problem(block.line, text, "notes")
        if not any(section.level and not _is_empty_quiz(section) for section in chapter.sections):
            self._heading(Section(chapter.line, title, 1, False))
        for place, section in enumerate(chapter.sections):
            following = chapter.sections[place + 1] if place + 1 < len(chapter.sections) else None
            self._section(section, following)
        if not any(chapter.blocks) and not any(section.is_quiz for section in chapter.sections):
            below = "nothing but headings" if any(section.level for section in chapter.sections) else "nothing"
            text = f"the chapter {shown(chapter.title)} is empty: {below} stands below it"
            self.report.problem(chapter.line, text, "notes")

    def _front_matter(self) -> None:
        for line, text in self.notes.remarks:
            self.report.problem(line, text, "signs")
        front = self.notes.front
        if front is None:
            return
        title = "its title is that of the course unless another is given; the rest" if self.notes.title else "it"
        self.fate(front.line, f"front matter {shown(front.text, 2_000)}: {title} is left out")
        if front.name:
            self.report.problem(front.line, f"the front matter cannot be read: {front.name}", "notes")

    def _chapter_title(self, chapter: Chapter) -> None:
        if not chapter.title:
            self.fate(chapter.line, f"no heading makes chapters here: all of it → lesson {self.current.folder}")
            return
        whole = shown(heading_text(chapter.source), 200)
        self.fate(chapter.line, f"chapter {whole} → lesson {self.current.folder}")
        if chapter.is_makeshift:
            text = f"sections stand before the first chapter; they make lesson {self.current.folder}"
            self.report.problem(chapter.line, text, "notes")
        self._whole_heading(chapter.line, chapter.source)

    def _section(self, section: Section, following: Section | None) -> None:
        if self.key is section:
            self.key = None
            return
        if section.is_quiz:
            self._quiz(section, following)
            return
        section_id = self._heading(section) if section.level else self.current.reading_section
        for block in section.blocks:
            self._block(block, section_id)

    def _quiz(self, section: Section, following: Section | None) -> None:
        is_divided = following is not None and following.level > section.level > 0
        if _is_empty_quiz(section) and not is_divided:
            self.report.problem(section.line, "the quiz is empty: no statement stands below its heading", "quiz")
            below = f" below the heading {shown(heading_text(section.source), 200)}" if section.source else ""
            self.fate(section.line, f"empty quiz{below}, left out")
            self.current.markdown.tell_of_title(section.line, section.source)
            return
        blocks = section.blocks
        if section.level and self.current.sections and section.asks:
            # A heading within a quiz that is a question itself.
            section_id = self.current.sections[-1]
            question = re.sub(r"^\s*\d+\s*[.、．)）]\s*", "", section.source)
            blocks = [Block("paragraph", section.line, question), *blocks]
        else:
            section_id = self._heading(section) if section.level else (self.current.sections or [""])[-1]
        key = read_key(following.blocks) if following and is_key(following.title) else {}
        given = dict(key)
        for asked in read_quiz(blocks):
            if isinstance(asked, Asked):
                self.quiz.take(asked, section_id, given)
                continue
            if asked.kind == "table":
                text = "the table has neither highlights nor a column of answers, so it asks nothing; it stays as text"
                self.report.problem(asked.line, text, "quiz")
            self._block(asked, section_id)
        if following and len(given) < len(key):
            self._key(following, given)

    def _key(self, section: Section, left: Mapping[int, str]) -> None:
        """What became of the answers below a quiz; those that are `left` belong to no question."""
        if left:
            numbers = ", ".join(map(str, left))
            text = f"no question above takes the answers numbered {numbers}; all answers stay as text, too"
            self.report.problem(section.line, text, "quiz")
            return
        self.key = section
        self.fate(section.line, f"heading {shown(heading_text(section.source), 200)}: answers of the quiz above")
        for block in section.blocks:
            self.fate(
                block.line, f"answers {shown(plain(f'{block.bullet} {block.text}'), 2_000)} → the questions above"
            )

    def _heading(self, section: Section) -> str:
        section_id = self.current.new_section(section.title, section.is_quiz)
        marks = "##" if section.level <= 1 else "###"
        self.current.markdown.add(f"{marks} {_heading_text(section.title)} {{#{section_id}}}")
        lost = " (its highlight is not kept; it makes no card)" if section.is_highlighted else ""
        whole = f"heading {shown(heading_text(section.source), 200)}" if section.source else "text of the chapter"
        self.fate(section.line, f"{whole} → section {section_id}{lost}")
        if section.level and (section.source or not section.title.strip("…")):
            self._whole_heading(section.line, section.source)
        return section_id

    def _whole_heading(self, line: int, source: str) -> None:
        """What of a heading has no place in a title."""
        self.current.markdown.tell_of_title(line, source)
        if not heading_text(source):
            self.report.problem(line, "the heading has no words; give it some", "notes")
        if len(heading_text(source)) > MAX_TITLE:
            text = f"the heading is longer than {MAX_TITLE} characters: it is cut, and stands below as text, too"
            self.report.problem(line, text, "notes")
            self.current.markdown.block(Block("paragraph", line, source), tell=False)

    # --- blocks --------------------------------------------------------------------------------------------------

    def _block(self, block: Block, section: str) -> None:
        match block.kind:
            case "code":
                self._code(block, section)
            case "hidden" | "marker":
                self._left_out(block)
            case "definition" | "footnote":
                self.definitions.append((self.current, block))
            case _:
                fate = self.current.markdown.block(block)
                self.fate(block.line, fate)
                if block.kind in ("paragraph", "item", "quote") and not fate.startswith("empty"):
                    self.current.add_words(section, plain(block.text))
                    self._cards(block, section)

    def _left_out(self, block: Block) -> None:
        text = shown(block.text, LEFT_OUT)
        match block.name:
            case "contents":
                self.fate(block.line, f"mark for a table of contents {text}, left out: a lesson lists its sections")
            case "title":
                self.fate(block.line, f"heading {text} → title of the course, unless another is given")
            case "tags":
                self.fate(block.line, f"tags {text}, left out")
                if " " not in block.text.strip():
                    problem = f"{text} was taken for a tag and left out; a heading has a space behind its #"
                    self.report.problem(block.line, problem, "notes")
            case "property":
                self.fate(block.line, f"property {text}, left out")
            case _:
                self.fate(block.line, f"{block.name}, left out (see “Needs a hand”)")
                self.report.problem(block.line, f"a {block.name} is left out: {text}", "signs")

    def _cards(self, block: Block, section: str) -> None:
        lesson = self.current
        for words, front, back in propose_cards(lesson.markdown.cut(block.line, seen_text(block).strip())):
            if not front:
                self.fate(block.line, f"highlight {shown(words)}: too short, too long or without context for a card")
            elif back in lesson.backs:
                self.fate(block.line, f"highlight {shown(words)}: there is a card with this answer already")
            elif len(lesson.cards) >= MAX_CARDS:
                self.fate(block.line, f"highlight {shown(words)}: the lesson has {MAX_CARDS} cards already")
            else:
                lesson.backs.add(back)
                card = Card(f"{lesson.slug}-card-{len(lesson.cards) + 1}", block.line, section, front, back)
                lesson.cards.append(card)
                self.report.count("flashcard")
                self.fate(block.line, f"highlight {shown(words)} → flashcard {card.id}")

    # --- code ----------------------------------------------------------------------------------------------------

    def _code(self, block: Block, section: str) -> None:
        self._oddities_of_code(block)
        is_python = block.language in PYTHON or (not block.language and LOOKS_LIKE_KERAS.search(block.text) is not None)
        is_session = re.match(r"\s*>>>", block.text) is not None
        language = "python" if is_python else re.sub(r"[^a-z0-9+#-]", "", block.language)
        self.current.markdown.add(fenced(block.text, "pycon" if is_python and is_session else language))
        if not is_python:
            self.fate(block.line, f"code ({language or 'no language'}), kept as it is")
            return
        reading = self.translate(_typed(block.text) if is_session else block.text)
        first = block.line + block.inside - 1
        for line, sentence in reading.notes if reading.spec else ():
            self.fate(first + line, f"code: {sentence}")
        if reading.spec is not None:
            self._experiment(block, section, reading)
            return
        self._no_experiment(block, reading)
        self.fate(block.line, "code, kept as it is; no experiment (see “Needs a hand”)")

    def _oddities_of_code(self, block: Block) -> None:
        if not block.closed:
            last = block.line + block.inside + block.text.count("\n")
            text = f"the code fence is never closed; everything up to line {last} was taken for code"
            self.report.problem(block.line, text, "code")
        if block.name:
            text = f"what stands beside the fence is not kept: {shown(block.name, 2_000)}"
            self.report.problem(block.line, text, "code")

    def _no_experiment(self, block: Block, reading: CodeReading) -> None:
        kind, refusals = "the code makes a network that the sandbox cannot train", reading.refusals
        if not reading.has_model:  # the last refusal says just that
            kind, refusals = "the code is no experiment", reading.refusals[-1:]
        first = block.line + block.inside - 1
        for line, sentence in refusals:
            self.report.problem(first + line, f"{kind}: {sentence}", "code")

    def _experiment(self, block: Block, section: str, reading: CodeReading) -> None:
        lesson = self.current
        preset = f"{lesson.slug}-network-{len(lesson.experiments) + 1}"
        texts = {"title": lesson.title, "summary": self.words["experiment"]}
        entry: dict[str, Any] = {"id": preset} | ({"section": section} if section else {})
        entry |= {"texts": {self.locale: texts}, "spec": reading.spec}
        first = block.line + block.inside - 1
        comments = [f"from the code in line {block.line} of the notes"]
        comments += [f"review: line {first + line}: {sentence}" for line, sentence in reading.notes]
        lesson.experiments.append((entry, comments))
        lesson.markdown.add(f"::preset[{self.words['train']}]{{{preset}}}")
        self.report.count("experiment")
        self.fate(block.line, f"code → experiment {preset}")

    # --- what is known at the end --------------------------------------------------------------------------------

    def finish(self) -> None:
        """Put footnotes into the lessons that cite them, and tell what became of them and of link definitions."""
        for lesson in self.lessons:
            lesson.markdown.add_footnotes(self.notes.footnotes)
        for lesson, block in self.definitions:
            if block.kind == "definition":
                used = any(block.name in other.markdown.inline.used for other in self.lessons)
                what = "put where it is used" if used else "used nowhere and left out"
                self.fate(block.line, f"address of the link [{block.name}] ({block.text}), {what}", lesson)
            else:
                self._footnote(lesson, block)

    def _footnote(self, lesson: LessonDraft, block: Block) -> None:
        citing = [other.folder for other in self.lessons if block.name in other.markdown.inline.cited]
        if citing and self.notes.footnotes[block.name] is block:
            self.fate(block.line, f"footnote [^{block.name}] → {', '.join(citing)}", lesson)
            return
        why = "has the name of another" if citing else "is cited nowhere"
        text = f"the footnote [^{block.name}] {why}; it stands at the end of lesson {lesson.folder} as text"
        self.report.problem(block.line, text, "links")
        self.fate(block.line, lesson.markdown.block(Block("paragraph", block.line, block.text)), lesson)

    # --- files ---------------------------------------------------------------------------------------------------

    def files(self, slug: str) -> dict[str, str | bytes]:
        asked = (question for lesson in self.lessons for question in lesson.asked)
        pool = Pool(answer for question in asked if isinstance(question, Statement) for answer in question.answers)
        files: dict[str, str | bytes] = {}
        for lesson in self.lessons:
            files |= lesson.files(self.locale, pool)
        files["course.yaml"] = self._course(slug)
        files["REPORT.md"] = self.report.to_markdown()
        return files

    def _course(self, slug: str) -> str:
        summary = self.words["course"].format(lessons=len(self.lessons))
        texts = {self.locale: {"title": self.title, "summary": summary}}
        head = {"slug": slug, "locales": [self.locale], "texts": texts}
        text = "# review: a draft; add `licence:` and the concepts that the lessons explain\n" + to_yaml(head)
        return text + to_yaml({"lessons": [lesson.folder for lesson in self.lessons], "concepts": []})


def _is_empty_quiz(section: Section) -> bool:
    return section.is_quiz and not section.asks and not any(block.text.strip() for block in section.blocks)


def _typed(session: str) -> str:
    """What was typed in a Python session, line by line, without the answers."""
    lines = [re.match(r"\s*(?:>>>|\.\.\.) ?(.*)", line) for line in session.split("\n")]
    return "\n".join(line[1] if line else "" for line in lines)


def _heading_text(title: str) -> str:
    return re.sub(r"(?<!\\)([}_\[\]#])", r"\\\1", escaped(title))
