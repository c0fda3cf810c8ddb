"""Which lesson a learner reads next. Reads only."""

import uuid
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import F, FilteredRelation, Q
from django.urls import reverse

from accounts.models import User
from courses.models import LessonBody, Progress


@dataclass(frozen=True, slots=True)
class NextLesson:
    """`minutes`: to read what is left of it. `is_begun`: whether it has been opened."""

    lesson: uuid.UUID
    title: str
    course_slug: str
    slug: str
    minutes: int
    is_begun: bool

    def get_absolute_url(self) -> str:
        return reverse("courses:lesson", args=[self.course_slug, self.slug])


def next_lesson(user: User, locale: str) -> NextLesson | None:
    """Return the first lesson in order that is not read to its end, of the course read last; in one query.

    Where a course is read to its end, that of the one read before, and in the end of one that was never opened.
    """
    rows: Any = LessonBody.objects.filter(lesson__archived_at=None, lesson__course__archived_at=None)
    rows = rows.annotate(own=FilteredRelation("lesson__progress", condition=Q(lesson__progress__user=user.pk)))
    columns = {
        "course": F("lesson__course_id"),
        "course_slug": F("lesson__course__slug"),
        "locales": F("lesson__course__locales"),
        "slug": F("lesson__slug"),
        "read": F("own__position"),
        "read_at": F("own__updated_at"),
    }
    in_order = rows.order_by("lesson__course__slug", "lesson__position", "lesson__slug")
    courses: dict[uuid.UUID, dict[uuid.UUID, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for row in in_order.values("lesson_id", "locale", "title", "minutes", **columns):
        courses[row["course"]][row["lesson_id"]].append(row)
    for lessons in sorted(courses.values(), key=_read_last, reverse=True):
        for bodies in lessons.values():
            if (bodies[0]["read"] or 0) < Progress.FINISHED:
                return _shown(bodies, locale)
    return None


def _read_last(lessons: dict[uuid.UUID, list[dict[str, Any]]]) -> float:
    return max((bodies[0]["read_at"].timestamp() for bodies in lessons.values() if bodies[0]["read_at"]), default=0.0)


def _shown(bodies: list[dict[str, Any]], locale: str) -> NextLesson:
    by_locale = {body["locale"]: body for body in bodies}
    fallback = next(iter(bodies[0]["locales"] or []), "")
    body = by_locale.get(locale) or by_locale.get(fallback) or bodies[0]
    left = max(1, round(body["minutes"] * (1 - (body["read"] or 0))))
    return NextLesson(
        body["lesson_id"], body["title"], body["course_slug"], body["slug"], left, body["read_at"] is not None
    )
