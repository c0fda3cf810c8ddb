"""What courses know of somebody: how far each lesson was read; of an author the files uploaded, and the texts that
were saved."""

from collections.abc import Iterator
from typing import Any

from accounts.models import User
from courses.models import CourseUpload, LessonVersion, Progress
from courses.version_models import Source


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
        ],
        "uploads": [_export_upload(upload) for upload in CourseUpload.objects.owned_by(user).light().newest_first()],
        "lesson_versions": [_export_version(version) for version in _versions(user)],
    }


def _versions(user: User) -> Iterator[LessonVersion]:
    """What was written here; of what was imported, the uploads tell."""
    written = LessonVersion.objects.by(user).exclude(source=Source.IMPORT)
    return written.select_related("lesson__course").order_by("created_at", "pk").iterator()


def _export_version(version: LessonVersion) -> dict[str, Any]:
    return {
        "course": version.lesson.course.slug,
        "lesson": version.lesson.slug,
        "locale": version.locale,
        "number": version.number,
        "source": version.source,
        "created_at": version.created_at.isoformat(),
        "title": version.title,
        "summary": version.summary,
        "markdown": version.markdown,
    }


def _export_upload(upload: CourseUpload) -> dict[str, Any]:
    """The file itself is its author's own, and is kept for a day only; what was made of it is a course."""
    return {
        "id": str(upload.pk),
        "file": upload.name,
        "bytes": upload.size,
        "sha256": upload.sha256,
        "course": upload.slug,
        "title": upload.title,
        "status": upload.status,
        "created_at": upload.created_at.isoformat(),
        "imported_at": upload.imported_at.isoformat() if upload.imported_at else None,
    }


def erase(user: User) -> None:
    """Courses that were imported stay; so do the texts of their lessons, which forget who wrote them when the account
    goes. An upload that is being read loses its row, and its worker lets go."""
    CourseUpload.objects.owned_by(user).delete()
    Progress.objects.by(user.pk).delete()
