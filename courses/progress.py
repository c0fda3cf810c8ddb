"""The only writer of Progress. It grows and never shrinks, so reports may come late, twice or out of order."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accounts.models import User
from courses.models import Lesson, Progress, Section


def open_lesson(user: User, lesson: Lesson, *, now: datetime) -> Progress:
    """Return the learner's progress in this lesson, begun now if this is the first time."""
    progress, _ = Progress.objects.get_or_create(
        user=user, lesson=lesson, defaults={"opened_at": now, "updated_at": now}
    )
    return progress


@transaction.atomic
def advance(user: User, lesson: Lesson, position: float, sections: Iterable[str], *, now: datetime) -> Progress:
    """Merge what one device reports: the furthest position, and every section seen. Unknown sections are left out."""
    open_lesson(user, lesson, now=now)
    progress = Progress.objects.select_for_update().get(user=user, lesson=lesson)
    seen = {*progress.sections, *sections}
    known = Section.objects.filter(lesson=lesson).in_order().values_list("slug", flat=True)
    merged = [slug for slug in known if slug in seen]
    if position > progress.position or merged != progress.sections:
        progress.position = max(progress.position, position)
        progress.sections = merged
        progress.updated_at = now
        progress.save(update_fields=["position", "sections", "updated_at"])
    return progress
