"""Ids of content: the same on every installation, so that apps and exports may keep them."""

import uuid
from typing import Literal

Kind = Literal["course", "lesson", "section", "concept", "question", "quiz", "slot", "preset"]

NAMESPACE = uuid.UUID("7a1f6c1e-5d0b-5c7b-9a43-2f6f0c9e6b11")


def content_id(course_slug: str, kind: Kind, stable_id: str) -> uuid.UUID:
    """Return the UUIDv5 of one piece of content of a course.

    A section's stable id is `lesson/section`; the course's own is its slug.
    """
    return uuid.uuid5(NAMESPACE, f"{course_slug}/{kind}/{stable_id}")
