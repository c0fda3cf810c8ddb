"""What the home page shows: read from the apps, put side by side, nothing decided that an app could decide."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.models import User
from courses.models import Course, CourseText, LessonBody, Progress, in_locale
from courses.views import Step
from quizzes.memory import queue
from sandbox.models import Run


@dataclass(frozen=True)
class Path:
    """A course and its lessons in order."""

    course: Course
    text: CourseText | None
    steps: Sequence[Step]

    @property
    def next_step(self) -> Step | None:
        """The first lesson in order that is not read to its end."""
        return next((step for step in self.steps if not step.finished), None)


def paths(user: User | None, locale: str, now: datetime) -> list[Path]:
    """Every published course that has lessons, the course that `user` read last first. At most four queries."""
    bodies = _bodies_by_lesson()
    progress = _progress(user) if user and bodies else {}
    recall = queue.recall_by_lesson(user, now=now) if user and bodies else {}
    steps: dict[Course, list[Step]] = defaultdict(list)
    for lesson_id, versions in bodies.items():
        lesson = versions[0].lesson
        body = in_locale(versions, locale, lesson.course.fallback)
        steps[lesson.course].append(Step(lesson, body, progress.get(lesson_id), None, recall.get(lesson_id)))
    texts = _texts_by_course() if steps else {}
    found = [Path(one, in_locale(texts[one.pk], locale, one.fallback), steps[one]) for one in steps]
    return sorted(found, key=_last_read, reverse=True)


def _bodies_by_lesson() -> dict[UUID, list[LessonBody]]:
    """The published lessons in order, each with its title in every language."""
    found = (
        LessonBody.objects.filter(lesson__archived_at=None, lesson__course__archived_at=None)
        .select_related("lesson__course")
        .defer("markdown", "parts", "contents")
        .order_by("lesson__course__slug", "lesson__position")
    )
    grouped: dict[UUID, list[LessonBody]] = defaultdict(list)
    for body in found:
        grouped[body.lesson_id].append(body)
    return grouped


def _texts_by_course() -> dict[UUID, list[CourseText]]:
    grouped: dict[UUID, list[CourseText]] = defaultdict(list)
    for text in CourseText.objects.all():
        grouped[text.course_id].append(text)
    return grouped


def _progress(user: User) -> dict[UUID, Progress]:
    return {one.lesson_id: one for one in Progress.objects.by(user.pk)}


def _last_read(path: Path) -> float:
    return max((step.progress.updated_at.timestamp() for step in path.steps if step.progress), default=0.0)


def last_run(user: User) -> Run | None:
    return Run.objects.owned_by(user).newest_first().select_related("preset").first()
