"""The only writer of LessonVersion: one row each time the text of a lesson changes, whoever changes it."""

import hashlib
import uuid
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property

from django.db.models import Max

from accounts.models import User
from courses.models import Course, LessonBody, LessonVersion
from courses.rows import MOST_AT_ONCE
from courses.version_models import Source

TEXT = frozenset({"title", "summary", "markdown"})
"""The fields of a body that its author wrote; the others follow from them."""


def text_hash(title: str, summary: str, markdown: str) -> str:
    return hashlib.sha256("\0".join((title, summary, markdown)).encode()).hexdigest()


class NewVersions:
    """Of the texts of one course that change now. However many they are, the numbers so far cost one query."""

    def __init__(self, course: Course, source: Source, author: User | None, now: datetime) -> None:
        self.course, self.source, self.author, self.now = course, source, author, now

    @cached_property
    def _numbers(self) -> dict[tuple[uuid.UUID, str], int]:
        versions = LessonVersion.objects.filter(lesson__course=self.course).order_by()
        numbers = versions.values_list("lesson", "locale").annotate(Max("number"))
        return {(lesson, locale): number for lesson, locale, number in numbers}

    def add(self, bodies: Iterable[LessonBody]) -> None:
        """Keep what these bodies say now: each has another text than before, or none before."""
        LessonVersion.objects.bulk_create([self._of(body) for body in bodies], batch_size=MOST_AT_ONCE)

    def _of(self, body: LessonBody) -> LessonVersion:
        place = (body.lesson_id, body.locale)
        self._numbers[place] = self._numbers.get(place, 0) + 1
        return LessonVersion(
            lesson_id=body.lesson_id,
            locale=body.locale,
            number=self._numbers[place],
            title=body.title,
            summary=body.summary,
            markdown=body.markdown,
            author=self.author,
            source=self.source,
            created_at=self.now,
            content_hash=text_hash(body.title, body.summary, body.markdown),
        )
