"""Questions of a file into a course: `plan` says item by item what would happen, `apply` does just that.

Importing again changes nothing: what the course has already is the same, and writes nothing. New questions stand at the
end of their lesson. No quiz asks them by itself; a draw does.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from courses.ids import content_id
from courses.models import Course, Lesson
from courses.rows import link_in_order, write_rows
from courses.searching import index_lesson
from quizzes.bank.plan import Plan, Planned, plan, read_course
from quizzes.importing import write_versions
from quizzes.models import Question
from quizzes.searching import asked_in

__all__ = ["Applied", "ChangedMeanwhileError", "apply", "plan"]


class ChangedMeanwhileError(Exception):
    """The course is not what it was when the plan was shown; nothing was written. `plan`: what would be done now."""

    code = "changed_meanwhile"

    def __init__(self, now: Plan) -> None:
        super().__init__("The course has changed since, and nothing was imported. Look at what would be done now.")
        self.plan = now


@dataclass(frozen=True)
class Applied:
    """What was done. `written`: the questions that are new or changed."""

    plan: Plan
    written: Mapping[uuid.UUID, Planned]

    @property
    def counts(self) -> dict[str, int]:
        return self.plan.counts


@transaction.atomic
def apply(shown: Plan, *, expected: str | None = None, now: datetime) -> Applied:
    """Write what was shown, all of it or nothing. Raises ChangedMeanwhileError.

    `expected`: the hash of the plan that somebody has agreed to; that of `shown` if left out. The course is locked: of
    two imports at once, the second finds that it was planned for another course. It counts as edited then: an import of
    its folder that would undo this asks first.
    """
    course, found = Course.objects.select_for_update().get(pk=shown.course.pk), shown
    if read_course(course).basis != shown.basis:
        found = plan(course, shown.lesson, shown.items, shown.locale, shown.format, shown.rendered)
    if found.hash != (expected or shown.hash):
        raise ChangedMeanwhileError(found)
    written = {one.question.pk if one.question else _new_id(course, one): one for one in found.planned if one.draft}
    if written:
        _write(course, written, now)
    return Applied(found, written)


def _new_id(course: Course, one: Planned) -> uuid.UUID:
    return content_id(course.slug, "question", one.slug)


def _write(course: Course, written: Mapping[uuid.UUID, Planned], now: datetime) -> None:
    drafts = {pk: one.draft for pk, one in written.items() if one.draft is not None}
    current, _new = write_versions(drafts, now=now)
    places = _places(written.values())
    write_rows(
        Question,
        {
            pk: {**_head(course, one, places), "current_id": current[pk], "archived_at": None}
            for pk, one in written.items()
        },
    )
    linked = {pk: one.concepts for pk, one in written.items() if one.concepts is not None}
    ids = dict(course.concepts.published().values_list("slug", "pk"))
    concepts = {pk: [ids[slug] for slug in slugs] for pk, slugs in linked.items()}
    link_in_order(Question.concepts.through, "question_id", "concept_id", concepts)
    course.edited_at = now
    course.save(update_fields=["edited_at"])
    touched = {one.lesson.pk for one in written.values() if one.lesson is not None}
    for lesson in Lesson.objects.filter(pk__in=touched).select_related("course"):
        index_lesson(lesson, asked_in(lesson))


def _places(written: Any) -> dict[uuid.UUID, int]:
    """The last position that is taken in each lesson that gets a question."""
    lessons = {one.lesson.pk for one in written if _moves(one)}
    rows = Question.objects.filter(lesson__in=lessons).order_by().values_list("lesson")
    return dict.fromkeys(lessons, 0) | dict(rows.annotate(Max("position")))


def _moves(one: Planned) -> bool:
    """Whether it is put at the end of its lesson: a question that is asked already stays where it is."""
    return one.question is None or one.question.archived_at is not None


def _head(course: Course, one: Planned, places: dict[uuid.UUID, int]) -> dict[str, Any]:
    """What a question has beside its text. `places` counts on."""
    question = one.question
    head = {
        "course_id": course.pk,
        "slug": one.slug,
        "kind": one.kind,
        "section_id": question.section_id if question else None,
        "difficulty": question.difficulty if question else None,
    }
    if not _moves(one):
        assert question is not None
        return {**head, "lesson_id": question.lesson_id, "position": question.position}
    assert one.lesson is not None
    places[one.lesson.pk] += 1
    moved = question is not None and question.lesson_id != one.lesson.pk
    section = None if moved else head["section_id"]
    return {**head, "lesson_id": one.lesson.pk, "position": places[one.lesson.pk], "section_id": section}
