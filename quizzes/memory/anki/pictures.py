"""The only writer of the pictures on a learner's own cards. The same bytes are one picture; nobody else sees it."""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.http import Http404

from accounts.models import User
from quizzes.bank.files import clean_name
from quizzes.memory import plans
from quizzes.memory.anki import identity
from quizzes.models import OwnPicture

ENDINGS: Final[Mapping[str, str]] = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
}
_BEGINNINGS: Final[Mapping[bytes, str]] = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}


class TooManyBytesError(Exception):
    """More than one learner's pictures may have together."""


def media_type_of(beginning: bytes) -> str | None:
    """Return what a file is by its first 16 bytes, whatever its name says; None for what is shown nowhere here.

    Also no SVG: it can hold scripts.
    """
    if beginning[:4] == b"RIFF" and beginning[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in _BEGINNINGS.items() if beginning.startswith(magic)), None)


def keep(user: User, files: Mapping[str, bytes], *, now: datetime) -> int:
    """Keep pictures, by name; return how many were not there. Raises TooManyBytesError, and then none is kept."""
    rows = []
    for name, content in files.items():
        kind = media_type_of(content[:16])
        assert kind is not None
        pk = identity.picture_id(user.pk, content)
        rows.append(
            OwnPicture(
                id=pk,
                owner=user,
                name=clean_name(name),
                media_type=kind,
                size=len(content),
                content=content,
                made_at=now,
            )
        )
    with transaction.atomic():
        plans.lock(user)
        there = there_of(user, [row.pk for row in rows])
        fresh = list({row.pk: row for row in rows if row.pk not in there}.values())
        if bytes_of(user) + sum(row.size for row in fresh) > settings.ANKI_PICTURE_BYTES_PER_LEARNER:
            raise TooManyBytesError
        OwnPicture.objects.bulk_create(fresh)
    return len(fresh)


def bytes_of(user: User) -> int:
    """How many bytes the learner's pictures have together."""
    return OwnPicture.objects.by(user.pk).aggregate(all=Sum("size"))["all"] or 0


def there_of(user: User, ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    return set(OwnPicture.objects.by(user.pk).filter(pk__in=ids).values_list("pk", flat=True))


def own(user: User, picture_id: uuid.UUID) -> OwnPicture:
    """Raises Http404 for what is not there, and for what is somebody else's."""
    found = OwnPicture.objects.by(user.pk).filter(pk=picture_id).first()
    if found is None:
        raise Http404
    return found


def names_of(user: User) -> dict[uuid.UUID, str]:
    """Return what each of the learner's pictures is called in a package."""
    return {one.pk: name_in_package(one) for one in OwnPicture.objects.by(user.pk).light()}


def content_of(picture_id: uuid.UUID) -> bytes:
    return bytes(OwnPicture.objects.values_list("content", flat=True).get(pk=picture_id))


def name_in_package(picture: OwnPicture) -> str:
    """A name that says which picture it is, also when it comes back."""
    return f"engram-{picture.pk}.{ENDINGS[picture.media_type]}"
