"""What an import of questions would do, item by item. Reads, and writes nothing.

The same file planned after its import finds everything the same. `Plan.hash` covers all that was decided, so that what
was shown is what is done, or nothing.
"""

import json
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any, Final, Literal

from django.utils.translation import gettext

from courses.models import Course, Lesson
from courses.rendering import render_fragment
from quizzes import kinds
from quizzes.bank.aligning import align
from quizzes.bank.formats import Format
from quizzes.bank.merging import UnfitError, merge
from quizzes.bank.naming import asked, is_nameless, stable_ids
from quizzes.importing import QuestionDraft, QuestionHead
from quizzes.interchange.bodies import in_one_locale, is_same
from quizzes.interchange.items import Entry, Item
from quizzes.models import Question

Status = Literal["refused", "changed", "new", "same"]
STATUSES: Final[tuple[Status, ...]] = ("refused", "changed", "new", "same")
"""In the order in which they are shown: what needs a look comes first."""
MAX_CONCEPTS: Final = 20
MAX_SHOWN: Final = 100
"""Characters of a category in a sentence about it."""


class WrongPlaceError(ValueError):
    """The course is not written in that language, or has no such lesson."""


@dataclass(frozen=True)
class Planned:
    """What becomes of one item of the file. `draft` is None where nothing is written; `concepts`, where they stay.

    `prompt` is what is asked, in plain words. `why` says why it is refused, `notes` what else there is to know: in the
    language of the page; but `remarks`, and `why` of an item that the reader of the file refused, are its English
    sentences. `changed` names the fields that the file has otherwise, and `concepts`.
    """

    line: int
    title: str
    prompt: str
    kind: str
    status: Status
    slug: str
    why: str = ""
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    is_readers: bool = False
    lesson: Lesson | None = None
    question: Question | None = None
    draft: QuestionDraft | None = None
    concepts: tuple[str, ...] | None = None
    changed: tuple[str, ...] = ()

    @property
    def is_mendable(self) -> bool:
        """Whether there is a page on which its text can be changed in every language."""
        return self.question is not None and self.question.current_id is not None and self.kind != "challenge"

    @property
    def decided(self) -> list[Any]:
        """All that an import would do about it, as JSON."""
        before = self.question.current_id if self.question else None
        after = kinds.content_hash(self.draft.body) if self.draft else None
        lesson = str(self.lesson.pk) if self.lesson else None
        return [self.status, self.slug, self.kind, before, after, lesson, self.concepts]


@dataclass(frozen=True)
class Plan:
    """`lesson`: where new questions go; None where each goes to the lesson that its category ends with. `basis`: the
    course as it was, see `Had`."""

    course: Course
    lesson: Lesson | None
    locale: str
    format: Format
    items: Sequence[Item]
    planned: Sequence[Planned]
    rendered: dict[str, str] = field(repr=False)
    basis: str

    @cached_property
    def hash(self) -> str:
        """Return 64 hexadecimal digits."""
        decided = [str(self.course.pk), self.locale, [one.decided for one in self.planned]]
        return sha256(json.dumps(decided, ensure_ascii=False).encode()).hexdigest()

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many items there are of each status."""
        found = Counter(one.status for one in self.planned)
        return {status: found[status] for status in STATUSES}

    def of(self, status: Status) -> list[Planned]:
        return [one for one in self.planned if one.status == status]

    @property
    def changes_something(self) -> bool:
        return any(one.status in ("new", "changed") for one in self.planned)


def plan(
    course: Course,
    lesson: Lesson | None,
    items: Sequence[Item],
    locale: str,
    file_format: Format,
    rendered: dict[str, str] | None = None,
) -> Plan:
    """Return what importing these items would do. Raises WrongPlaceError.

    A handful of queries, whatever the number of items. `rendered`: Markdown → HTML, what an earlier plan has rendered.
    """
    if locale not in course.locales:
        raise WrongPlaceError(f"The course {course.slug} is not written in {locale}.")
    had = read_course(course)  # first: what changes while the rest is read is noticed
    if lesson is not None and had.lessons.get(lesson.slug) != lesson:
        raise WrongPlaceError(f"The course {course.slug} has no lesson {lesson.slug}.")
    memo = {} if rendered is None else rendered
    planned = _Planning(course, lesson, had, locale, file_format, memo).planned(items)
    return Plan(course, lesson, locale, file_format, items, planned, memo, had.basis)


@dataclass(frozen=True)
class Had:
    """What a course has, and all that a plan for it hangs on. `concepts`: slug → the questions that are linked."""

    locales: Sequence[str]
    lessons: Mapping[str, Lesson]
    concepts: Mapping[str, set[uuid.UUID]]
    questions: Sequence[tuple[Any, ...]]

    @cached_property
    def basis(self) -> str:
        """Return a hash: while it is the same, so is the plan."""
        lessons = sorted(str(lesson.pk) for lesson in self.lessons.values())
        concepts = sorted((slug, sorted(map(str, linked))) for slug, linked in self.concepts.items())
        read = [self.locales, lessons, concepts, self.questions]
        return sha256(json.dumps(read, default=str).encode()).hexdigest()


def read_course(course: Course) -> Had:
    """Three queries, none of which reads a text."""
    questions = Question.objects.filter(course=course).order_by("pk")
    concepts: dict[str, set[uuid.UUID]] = {}
    for slug, question in course.concepts.published().order_by().values_list("slug", "questions"):
        concepts.setdefault(slug, set()).update([question] if question else [])
    return Had(
        course.locales,
        {lesson.slug: lesson for lesson in Lesson.objects.published().filter(course=course)},
        concepts,
        list(questions.values_list("pk", "kind", "current", "lesson", "archived_at")),
    )


class _Planning:
    """One plan: what the course has, and what was found in the file so far."""

    def __init__(
        self,
        course: Course,
        lesson: Lesson | None,
        had: Had,
        locale: str,
        file_format: Format,
        memo: dict[str, str],
    ) -> None:
        self.course, self.lesson, self.had = course, lesson, had
        self.locale, self.format, self.memo = locale, file_format, memo
        self.questions: dict[str, Question] = {}

    def planned(self, items: Sequence[Item]) -> list[Planned]:
        rows = Question.objects.filter(course=self.course).select_related("current", "lesson")
        if any(map(is_nameless, items)):
            every = list(rows)
            slugs = stable_ids(items, self.locale, self._asked(every))
        else:
            slugs = stable_ids(items, self.locale, {})
            every = list(rows.filter(slug__in=set(slugs)))
        self.questions = {row.slug: row for row in every}
        first: dict[str, Item] = {}
        found = []
        for item, slug in zip(items, slugs, strict=True):
            if item.body is None:
                found.append(_planned(item, self.locale, "refused", slug, why=item.refused, is_readers=True))
            elif slug in first:
                why = gettext("It stands in the file twice, first in line %(line)d.") % {"line": first[slug].line}
                found.append(_planned(item, self.locale, "refused", slug, why=why))
            else:
                first[slug] = item
                found.append(self._one(item, item.body, slug))
        return found

    def _asked(self, every: Sequence[Question]) -> dict[tuple[str, str], str]:
        """The questions of the course by what they ask, where no other asks the same."""
        found: dict[tuple[str, str], list[str]] = {}
        for row in every:
            if row.current is not None and row.archived_at is None:
                found.setdefault(asked(row.current.body, self.locale), []).append(row.slug)
        return {key: slugs[0] for key, slugs in found.items() if len(slugs) == 1 and key[1]}

    def _one(self, item: Item, body: Mapping[str, Any], slug: str) -> Planned:
        question = self.questions.get(slug)
        if question is not None and question.kind != body["kind"]:
            why = gettext("The question of this id is a %(kind)s and keeps its kind: its answers hang on it.")
            return _planned(item, self.locale, "refused", slug, why=why % {"kind": question.kind})
        stays = question is not None and question.archived_at is None
        lesson = question.lesson if question is not None and stays else self._lesson(item)
        if lesson is None and not stays:
            why = gettext("No lesson is chosen, and its category (“%(category)s”) ends with none of the course.")
            return _planned(item, self.locale, "refused", slug, why=why % {"category": item.category[:MAX_SHOWN]})
        try:
            if question is None or question.current is None:
                return self._new(item, body, slug, lesson)
            return self._present(item, body, question, question.current.parsed, lesson)
        except UnfitError as error:
            return _planned(item, self.locale, "refused", slug, why=_unfit(error), question=question)

    def _lesson(self, item: Item) -> Lesson | None:
        """Where a question goes that is not asked yet."""
        return self.lesson or self.had.lessons.get(item.category.rsplit("/", 1)[-1].strip())

    def _new(self, item: Item, body: Mapping[str, Any], slug: str, lesson: Lesson | None) -> Planned:
        merged = merge(body, self.locale, self.course.locales, None)
        concepts, notes = self._linked(item)
        if merged.copied:
            notes.append(gettext("It is not translated: every language of the course has the text of the file."))
        draft = self._draft(item, slug, merged.body)
        return _planned(
            item, self.locale, "new", slug, notes=tuple(notes), lesson=lesson, draft=draft, concepts=concepts or ()
        )  # fmt: skip

    def _present(
        self, item: Item, body: Mapping[str, Any], question: Question, current: kinds.Body, lesson: Lesson | None
    ) -> Planned:
        """A question that the course has: what the file changes of it."""
        concepts, notes = self._linked(item)
        if {*(concepts or ())} == {slug for slug, linked in self.had.concepts.items() if question.pk in linked}:
            concepts = None
        says_more, left_out = self._says_more(question, current, body)
        if not says_more and concepts is None and question.archived_at is None:
            return _planned(item, self.locale, "same", question.slug, notes=tuple(notes), question=question)
        if question.archived_at is not None:
            notes.append(gettext("It was archived, and is asked again."))
        merged = self._merged(body, current) if says_more else current
        changed = _differing(current, merged, self.locale)
        return _planned(
            item,
            self.locale,
            "changed",
            question.slug,
            notes=tuple(notes),
            remarks=left_out,
            lesson=lesson,
            question=question,
            draft=self._draft(item, question.slug, merged),
            concepts=concepts,
            changed=(*changed, "concepts") if concepts is not None else changed,
        )

    def _linked(self, item: Item) -> tuple[tuple[str, ...] | None, list[str]]:
        """The concepts that it is to have, None where the file names none of the course; and what to say of it."""
        known = [concept for concept in item.concepts if concept in self.had.concepts]
        unknown = [concept for concept in item.concepts if concept not in self.had.concepts]
        notes = []
        if unknown:
            note = gettext("The course has no concept %(concepts)s; it is not linked.")
            notes.append(note % {"concepts": ", ".join(unknown[:MAX_CONCEPTS])})
        if len(known) > MAX_CONCEPTS:
            notes.append(gettext("Only the first %(number)d concepts are linked.") % {"number": MAX_CONCEPTS})
        return tuple(known[:MAX_CONCEPTS]) or None, notes

    def _merged(self, body: Mapping[str, Any], current: kinds.Body) -> kinds.Body:
        said = in_one_locale(current, self.locale)
        aligned = align(body, said, self.locale) if said is not None else body
        return merge(aligned, self.locale, self.course.locales, current).body

    def _says_more(
        self, question: Question, current: kinds.Body, body: Mapping[str, Any]
    ) -> tuple[bool, tuple[str, ...]]:
        """Whether the file says more than this format would say of the question as it is; and what that leaves out.

        A format that has no hints says nothing of hints: a question is not changed by coming back without them.
        """
        said = in_one_locale(current, self.locale)
        if said is not None and is_same(body, said):
            return False, ()
        entry = Entry(question.slug, question.slug, current, (), "")
        written = self.format.quick_write([entry], self.locale)
        read = self.format.quick_read(written.content, self.locale) if written.content else []
        if len(read) == 1 and read[0].body is not None and is_same(body, read[0].body):
            return False, ()
        return True, tuple(dict.fromkeys(reason for _, reason in written.left_out))

    def _draft(self, item: Item, slug: str, body: kinds.Body) -> QuestionDraft:
        try:
            rendered = body.render(self._render)
        except ValueError as error:
            raise UnfitError(fault=str(error)) from None
        return QuestionDraft(QuestionHead(id=slug), body, rendered, "", item.line)

    def _render(self, text: str) -> str:
        """Each text once: a question that is not translated has it in every language."""
        if text not in self.memo:
            self.memo[text] = render_fragment(text)
        return self.memo[text]


def _planned(item: Item, locale: str, status: Status, slug: str, remarks: tuple[str, ...] = (), **more: Any) -> Planned:
    kind, prompt = asked(item.body or {}, locale)
    return Planned(item.line, item.title, prompt, kind, status, slug, remarks=(*item.notes, *remarks), **more)


def _differing(before: kinds.Body, after: kinds.Body, locale: str) -> tuple[str, ...]:
    """The names of what is different, of the question and of its texts in this language."""
    bodies = (one.model_dump(mode="json", exclude_defaults=True) for one in (before, after))
    old, new = ({**body.pop("texts").get(locale, {}), **body} for body in bodies)
    return tuple(name for name in {**old, **new} if old.get(name) != new.get(name))


def _unfit(error: UnfitError) -> str:
    if error.fault:
        return error.fault
    why = gettext(
        "The texts in %(locales)s do not fit what the file makes of it. Change it on its page, in all languages."
    )
    return why % {"locales": ", ".join(error.locales)}
