"""The only writer of uploads.

    receive ──▶ uploaded ──claim──▶ checking ──ready──▶ ready ──start──▶ importing ──claim, imported──▶ imported

    and back:   checking ──release──▶ uploaded          importing ──release──▶ importing, for another worker
                checking, importing ──refuse──▶ refused          importing ──edited_again──▶ ready
                checking, importing ──fail, reap──▶ failed ──retry──▶ uploaded, or importing if it had been read
                ready, refused ──change──▶ uploaded (notes, under another title or address)

Who works on it is in its lease: `uploaded`, and `importing` without a lease, wait for a worker.
Every change is a guarded update (`filter(status=old).update(status=new)`) that changes one row or nothing, so of two
who try, one succeeds. Guarantees:

* A file is kept once for an id and its bytes, whatever the number of requests.
* What a worker writes is fenced by its lease: once that was given away, its writes touch no row.
* `imported` is written in the transaction that writes the course: a course is never imported without saying so, nor
  the other way round. Whatever kills a worker before leaves nothing of the import.
* Nothing happens by itself to what a person has to see: a lost upload is `failed` until somebody presses Try again.
"""

import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import PurePath
from typing import IO, Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.files import File
from django.db import IntegrityError, transaction
from django.db.models import OuterRef
from django.http import Http404

from accounts.models import User
from courses import access
from courses.models import Course, LessonVersion
from courses.notes.drafting import slug_of
from courses.upload_models import CourseUpload, CourseUploadQuerySet, Failure, Refusal, Status, UploadPiece
from courses.version_models import Source

LEASE = timedelta(seconds=settings.COURSE_UPLOAD_LEASE_SECONDS)
PIECE_BYTES = 1_000_000
# What a zip begins with, and an empty one.
ZIP = (b"PK\x03\x04", b"PK\x05\x06")


class TooManyError(Exception):
    """Its author has as many uploads that were never imported as are kept."""


class LostError(Exception):
    """The upload is not this worker's any more: nothing it does may be kept."""


@dataclass(frozen=True)
class Lease:
    """The right to write what becomes of one upload, until it expires or is given to somebody else."""

    upload_id: uuid.UUID
    token: uuid.UUID


@dataclass(frozen=True)
class Checked:
    """What was found in an upload, and what its course is called."""

    findings: dict[str, Any]
    slug: str = ""
    title: str = ""
    locale: str = ""
    draft: dict[str, Any] = field(default_factory=dict)
    is_notes: bool = False

    def values(self) -> dict[str, Any]:
        """What of it is written into the row, whatever becomes of the upload."""
        return {
            "findings": self.findings,
            "slug": self.slug[:100],
            "title": self.title[:200],
            "locale": self.locale[:20],
            "draft": self.draft,
            "is_notes": self.is_notes,
        }


def is_zip(beginning: bytes) -> bool:
    """Whether a file that begins so is a zip; any other is taken for notes."""
    return beginning.startswith(ZIP)


def may_write(author: User, course: Course | None) -> bool:
    """Whether an import of this author may write the course; None stands for one that is not there yet."""
    return access.may_author(author) and (course is None or access.is_instructor(author, course))


def free_slug(author: User, file: str, title: str) -> str:
    """An address for a course of this title that nobody has, or that their own course of the same title has.

    The Latin words of the title, else of the file's name, with a number where that is needed.
    """
    wanted = slug_of(title) or slug_of(PurePath(file).stem) or "notes"
    for number in count(1):
        slug = wanted if number == 1 else f"{wanted}-{number}"
        course = Course.objects.filter(slug=slug).with_texts().first()
        if course is None or (may_write(author, course) and title in {text.title for text in course.texts.all()}):
            return slug
    raise AssertionError("numbers do not end")


def overwritten(upload: CourseUpload, course: Course) -> int:
    """How many lessons were edited here, and would say what the upload says instead: their versions are kept."""
    newest = LessonVersion.objects.filter(lesson=OuterRef("lesson"), locale=OuterRef("locale")).newest_first()
    here = LessonVersion.objects.filter(lesson__course=course, lesson__archived_at=None, pk=newest.values("pk")[:1])
    edited = here.exclude(source=Source.IMPORT).values_list("lesson__slug", "locale", "content_hash")
    sent = {
        (lesson["slug"], locale): text
        for lesson in upload.findings.get("lessons", [])
        for locale, text in lesson["texts"].items()
    }
    return len({lesson for lesson, locale, text in edited if sent.get((lesson, locale)) != text})


# --- what authors do -------------------------------------------------------------------------------------------------


def receive(owner: User, upload_id: uuid.UUID, file: "File[Any]", *, target: str = "", now: datetime) -> CourseUpload:
    """Keep a file and have it read. The same id with the same bytes is the upload that is there; with others, a new
    one.

    Raises TooManyError, or Http404 where the id belongs to somebody else.
    """
    digest = _hash(file)
    if (earlier := _earlier(owner, upload_id)) and earlier.sha256 == digest:
        return earlier
    try:
        # The form may be sent again with another file in it.
        return _create(owner, uuid.uuid4() if earlier else upload_id, file, digest, target, now)
    except IntegrityError:  # somebody sent the same form at the same time, and was first
        if (earlier := _earlier(owner, upload_id)) and earlier.sha256 == digest:
            return earlier
        raise


@transaction.atomic
def _create(
    owner: User, upload_id: uuid.UUID, file: "File[Any]", digest: str, target: str, now: datetime
) -> CourseUpload:
    get_user_model().objects.select_for_update().get(pk=owner.pk)  # two tabs must not slip past the limit together
    kept = CourseUpload.objects.owned_by(owner).never_imported().count()
    if kept >= settings.COURSE_UPLOADS_PER_AUTHOR:
        raise TooManyError
    upload = CourseUpload.objects.create(
        pk=upload_id,
        owner=owner,
        name=_shown_name(file.name or ""),
        size=file.size,
        sha256=digest,
        target=target,
        created_at=now,
        changed_at=now,
    )
    for number, content in enumerate(file.chunks(PIECE_BYTES)):
        UploadPiece.objects.create(upload=upload, number=number, content=content)
    transaction.on_commit(wake_worker, robust=True)
    return upload


def _hash(file: "File[Any]") -> str:
    digest = hashlib.sha256()
    for piece in file.chunks(PIECE_BYTES):
        digest.update(piece)
    return digest.hexdigest()


def _earlier(owner: User, upload_id: uuid.UUID) -> CourseUpload | None:
    """The upload of this id, if there is one; Http404 if it is somebody else's."""
    earlier = CourseUpload.objects.light().filter(pk=upload_id).first()
    if earlier is not None and earlier.owner_id != owner.pk:
        raise Http404("There is no such upload.")
    return earlier


def _shown_name(name: str) -> str:
    """The name without a path (the request has seen to that) and without what nobody sees."""
    visible = "".join(sign for sign in name if sign.isprintable())
    return visible if len(visible) <= 200 else f"…{visible[-199:]}"


def change(upload: CourseUpload, *, title: str, slug: str, locale: str, now: datetime) -> bool:
    """Have notes read again with another title, address or language; False if they are just being read or imported."""
    changeable = CourseUpload.objects.filter(pk=upload.pk, is_notes=True, status__in=(Status.READY, Status.REFUSED))
    fresh: dict[str, Any] = {"findings": {}, "draft": {}, "refusal": Refusal.NONE, "detail": "", "agreed_edit": None}
    return _move(changeable, Status.UPLOADED, now, title=title, slug=slug, locale=locale, **fresh)


def start(upload: CourseUpload, *, agreed_edit: datetime | None = None, now: datetime) -> bool:
    """Have it imported; False if it was started before, or is not ready.

    `agreed_edit`: when the course was last edited here, as far as its author knows.
    """
    ready = CourseUpload.objects.filter(pk=upload.pk, status=Status.READY)
    return _move(ready, Status.IMPORTING, now, agreed_edit=agreed_edit, detail="")


def retry(upload: CourseUpload, *, now: datetime) -> bool:
    """Go on where it stopped: with reading or with importing; False if it has not stopped."""
    reap(now=now)
    failed = CourseUpload.objects.filter(pk=upload.pk, status=Status.FAILED)
    status = Status.IMPORTING if upload.is_checked else Status.UPLOADED
    return _move(failed, status, now, failure=Failure.NONE, detail="")


def remove(upload: CourseUpload) -> bool:
    """Forget it and its file; False while it is imported, and afterwards: then it is history."""
    kept = (Status.IMPORTING, Status.IMPORTED)
    deleted, _rows = CourseUpload.objects.filter(pk=upload.pk).exclude(status__in=kept).delete()
    return bool(deleted)


def _move(rows: CourseUploadQuerySet, status: Status, now: datetime, **values: Any) -> bool:
    """Give the one row of `rows` its new status and wake a worker, or do nothing."""
    with transaction.atomic():
        changed = rows.update(status=status, changed_at=now, **values)
        if changed:
            transaction.on_commit(wake_worker, robust=True)
    return bool(changed)


def wake_worker() -> None:
    """Tell the workers that there may be something to read. A lost call only delays: they also look every minute."""
    from courses.tasks import wake_uploads  # the task calls the worker, which calls this module

    wake_uploads()


# --- what workers do -------------------------------------------------------------------------------------------------


def claim(*, now: datetime) -> CourseUpload | None:
    """Take what has waited longest, with a fresh lease; None if nothing waits."""
    for pk, status in list(CourseUpload.objects.waiting().values_list("pk", "status")[:20]):
        working = Status.CHECKING if status == Status.UPLOADED else Status.IMPORTING
        row = CourseUpload.objects.filter(pk=pk, status=status, lease_token=None)
        if row.update(status=working, lease_token=uuid.uuid4(), lease_expires_at=now + LEASE, changed_at=now):
            return CourseUpload.objects.select_related("owner").get(pk=pk)
    return None


def lease_of(upload: CourseUpload) -> Lease:
    if upload.lease_token is None:
        raise ValueError("only a claimed upload has a lease")
    return Lease(upload.pk, upload.lease_token)


def hold(lease: Lease, *, now: datetime) -> None:
    """Keep the upload for another LEASE. Raises LostError if it is not ours any more.

    Within a transaction nobody else changes the row until that is over.
    """
    if not CourseUpload.objects.leased(lease.upload_id, lease.token).update(lease_expires_at=now + LEASE):
        raise LostError


def release(lease: Lease, *, now: datetime) -> bool:
    """Give it back because this worker stops: another reads or imports it from the start."""
    mine = CourseUpload.objects.leased(lease.upload_id, lease.token)
    free = {"lease_token": None, "lease_expires_at": None, "changed_at": now}
    read_again = mine.filter(status=Status.CHECKING).update(status=Status.UPLOADED, **free)
    return bool(read_again or mine.filter(status=Status.IMPORTING).update(**free))


def ready(lease: Lease, checked: Checked, *, now: datetime) -> bool:
    """It may be imported; False if it is not ours any more."""
    return _end(lease, Status.READY, now, **checked.values())


def refuse(lease: Lease, why: Refusal, *, detail: str = "", checked: Checked | None = None, now: datetime) -> bool:
    """It cannot be imported as it is; False if it is not ours any more."""
    found = checked.values() if checked is not None else {}
    return _end(lease, Status.REFUSED, now, refusal=why, detail=detail[:1_000], **found)


def edited_again(lease: Lease, *, now: datetime) -> bool:
    """The course was edited here after its author had agreed to go over it: back to where that is asked."""
    return _end(lease, Status.READY, now, agreed_edit=None)


def imported(lease: Lease, course: Course, checked: Checked, *, now: datetime) -> None:
    """Called within the transaction that writes the course, and only if the upload is ours. The file is given up."""
    if not _end(lease, Status.IMPORTED, now, course=course, imported_at=now, **checked.values()):
        raise LostError
    UploadPiece.objects.filter(upload=lease.upload_id).delete()


def fail(lease: Lease, why: Failure, *, now: datetime) -> bool:
    return _end(lease, Status.FAILED, now, failure=why)


def reap(*, now: datetime) -> int:
    """Let go of uploads whose worker fell silent; returns how many."""
    free = {"lease_token": None, "lease_expires_at": None, "changed_at": now}
    return CourseUpload.objects.silent(now).update(status=Status.FAILED, failure=Failure.LOST, **free)


def _end(lease: Lease, status: Status, now: datetime, **values: Any) -> bool:
    mine = CourseUpload.objects.leased(lease.upload_id, lease.token)
    free = {"lease_token": None, "lease_expires_at": None, "changed_at": now}
    return bool(mine.update(status=status, **free, **values))


def copy_to(upload: CourseUpload, sink: IO[bytes]) -> None:
    """Write the bytes of the file, one piece in memory at a time."""
    for content in _contents(upload):
        sink.write(content)


def _contents(upload: CourseUpload) -> Iterator[bytes]:
    pieces = UploadPiece.objects.filter(upload=upload).order_by("number").values_list("content", flat=True)
    for content in pieces.iterator(chunk_size=1):
        yield bytes(content)


def forget_old(*, now: datetime) -> int:
    """Delete what was never imported and nobody has touched for a day; returns how many uploads that were."""
    untouched = now - timedelta(hours=settings.COURSE_UPLOAD_HOURS)
    old = CourseUpload.objects.never_imported().filter(changed_at__lt=untouched).exclude(lease_expires_at__gt=now)
    with transaction.atomic():
        pks = list(old.order_by().select_for_update().values_list("pk", flat=True))
        CourseUpload.objects.filter(pk__in=pks).delete()
    return len(pks)
