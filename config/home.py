"""What the home page shows: read from the apps, put side by side, nothing decided that an app could decide."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import F, FilteredRelation, Q

from accounts.models import User
from courses.models import Course, CourseText, LessonBody, Progress, in_locale
from courses.views import Step
from quizzes.memory.planning import queue
from quizzes.memory.plans import Plan
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


def paths(user: User | None, locale: str, now: datetime, plan: Plan | None = None) -> list[Path]:
    """Every published course that has lessons, the course that `user` read last first. `plan`: the learner's, where it
    has been read already; then at most three queries."""
    bodies, progress = _bodies_and_progress(user)
    recall = queue.recall_by_lesson(user, now=now, plan=plan) if user and bodies else {}
    steps: dict[Course, list[Step]] = defaultdict(list)
    for lesson_id, versions in bodies.items():
        lesson = versions[0].lesson
        body = in_locale(versions, locale, lesson.course.fallback)
        steps[lesson.course].append(Step(lesson, body, progress.get(lesson_id), None, recall.get(lesson_id)))
    texts = _texts_by_course() if steps else {}
    found = [Path(one, in_locale(texts[one.pk], locale, one.fallback), steps[one]) for one in steps]
    return sorted(found, key=_last_read, reverse=True)


def _bodies_and_progress(user: User | None) -> tuple[dict[UUID, list[LessonBody]], dict[UUID, Progress]]:
    """The published lessons in order, each with its title in every language, and how far `user` has read them; in one
    query."""
    found: Any = (
        LessonBody.objects.filter(lesson__archived_at=None, lesson__course__archived_at=None)
        .select_related("lesson__course")
        .defer("markdown", "parts", "contents")
        .order_by("lesson__course__slug", "lesson__position")
    )
    if user:
        own = FilteredRelation("lesson__progress", condition=Q(lesson__progress__user=user.pk))
        found = found.annotate(own=own).annotate(**{f"own_{name}": F(f"own__{name}") for name in _READ})
    bodies: dict[UUID, list[LessonBody]] = defaultdict(list)
    progress: dict[UUID, Progress] = {}
    for body in found:
        bodies[body.lesson_id].append(body)
        if user and body.own_updated_at is not None:
            read = {name: getattr(body, f"own_{name}") for name in _READ}
            progress[body.lesson_id] = Progress(user=user, lesson=body.lesson, **read)
    return bodies, progress


_READ: Final = ("position", "sections", "opened_at", "updated_at")


def _texts_by_course() -> dict[UUID, list[CourseText]]:
    grouped: dict[UUID, list[CourseText]] = defaultdict(list)
    for text in CourseText.objects.all():
        grouped[text.course_id].append(text)
    return grouped


def _last_read(path: Path) -> float:
    return max((step.progress.updated_at.timestamp() for step in path.steps if step.progress), default=0.0)


def last_run(user: User) -> Run | None:
    return Run.objects.owned_by(user).newest_first().select_related("preset").first()
