"""What courses know of a learner: how far each lesson was read."""

from typing import Any

from accounts.models import User
from courses.models import Progress


def export(user: User) -> dict[str, Any]:
    rows = Progress.objects.by(user.pk).select_related("lesson__course").order_by("opened_at")
    return {
        "progress": [
            {
                "course": row.lesson.course.slug,
                "lesson": row.lesson.slug,
                "position": row.position,
                "sections": row.sections,
                "opened_at": row.opened_at.isoformat(),
                "updated_at": row.updated_at.isoformat(),
            }
            for row in rows
        ]
    }


def erase(user: User) -> None:
    Progress.objects.by(user.pk).delete()
