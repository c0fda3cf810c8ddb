"""Reads uploads and imports them, one after another, outside of the web processes.

Both begin with the file as it was sent: what was checked once is checked again before it is written, because the
course, the rights of its author and this program may have changed since. Whatever ends the worker, `courses.uploads`
says what is left: nothing of an import, or all of it.
"""

import logging
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.db import transaction

from courses import upload_progress, uploads
from courses.archives import ArchiveError, course_in, unpacked
from courses.course_files import replace_folder
from courses.decoding import DecodingError
from courses.folders import CheckedFolder, check_folder, write_folder
from courses.models import Course
from courses.notes.drafting import DraftError
from courses.notes.folders import draft_folder, read_file, report_of
from courses.parsing import read_slug
from courses.preview_folders import preview
from courses.upload_models import CourseUpload, Failure, Refusal, Status
from courses.uploads import Checked, LostError

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]
Stopping = Callable[[], bool]

TELL_SECONDS = 0.2
HOLD_SECONDS = uploads.LEASE.total_seconds() / 6
NOTES = ({".md", ".markdown"}, {".txt"})


class RefusedError(Exception):
    """The upload cannot be imported as it is."""

    def __init__(self, why: Refusal, detail: str = "", checked: Checked | None = None) -> None:
        super().__init__(why)
        self.why, self.detail, self.checked = why, detail, checked


class StoppedError(Exception):
    """This worker is to end."""


class EditedError(Exception):
    """The course was edited here after its author had agreed that the import goes over it."""


def work(clock: Clock, stopping: Stopping) -> int:
    """Read and import until nothing waits or the consumer stops; returns how many uploads were taken."""
    uploads.reap(now=clock())
    taken = 0
    while not stopping() and (upload := uploads.claim(now=clock())):
        take(upload, clock, stopping)
        taken += 1
    return taken


def take(upload: CourseUpload, clock: Clock, stopping: Stopping) -> None:
    """Do what a claimed upload waits for, and write down what came of it."""
    told = Told(upload, clock, stopping)
    lease = told.lease
    try:
        if upload.status == Status.CHECKING:
            _check(upload, told)
        else:
            _import(upload, told)
    except RefusedError as refused:
        uploads.refuse(lease, refused.why, detail=refused.detail, checked=refused.checked, now=clock())
    except EditedError:
        uploads.edited_again(lease, now=clock())
    except StoppedError:
        uploads.release(lease, now=clock())
    except LostError:
        logger.warning("upload %s was taken from this worker", upload.pk)
    except Exception:
        logger.exception("upload %s stopped", upload.pk)
        uploads.fail(lease, Failure.CRASHED, now=clock())
    finally:
        upload_progress.forget(upload.pk)


class Told:
    """Tells how far the work is, keeps the lease, and ends the work that nobody waits for: after every lesson."""

    def __init__(self, upload: CourseUpload, clock: Clock, stopping: Stopping) -> None:
        self.upload, self.clock, self.stopping = upload, clock, stopping
        self.lease = uploads.lease_of(upload)
        self.what = ""
        self.tell_at = 0.0
        self.hold_at = time.monotonic() + HOLD_SECONDS

    def __call__(self, done: int, total: int, what: str) -> None:
        if self.stopping():
            raise StoppedError
        now = time.monotonic()
        if now >= self.hold_at:
            uploads.hold(self.lease, now=self.clock())
            self.hold_at = now + HOLD_SECONDS
        if now >= self.tell_at or what != self.what:
            upload_progress.tell(self.upload.pk, upload_progress.Glance(done, total, what))
            self.tell_at, self.what = now + TELL_SECONDS, what


# --- the two things that are done ------------------------------------------------------------------------------------


def _check(upload: CourseUpload, told: Told) -> None:
    with _source(upload, told) as source:
        _folder, found = _read(upload, source, told)
        uploads.ready(told.lease, found, now=told.clock())


def _import(upload: CourseUpload, told: Told) -> None:
    with _source(upload, told) as source:
        folder, found = _read(upload, source, told)
        with transaction.atomic():
            uploads.hold(told.lease, now=told.clock())
            before = Course.objects.select_for_update().filter(slug=found.slug).first()
            _check_rights(upload, source, before)
            if before and before.edited_at and before.edited_at != upload.agreed_edit:
                raise EditedError
            course = write_folder(folder, told, author=upload.owner)
            if before is None:
                course.instructors.add(upload.owner)
            uploads.imported(told.lease, course, found, now=told.clock())


def _read(upload: CourseUpload, source: "_Source", told: Told) -> tuple[CheckedFolder, Checked]:
    """Check the folder and see what it would change. Raises RefusedError."""
    _check_rights(upload, source, Course.objects.filter(slug=source.slug).first())
    folder = check_folder(source.folder, told)
    found = source.checked(folder, told)
    if folder.errors:
        raise RefusedError(Refusal.ERRORS, checked=found)
    return folder, found


def _check_rights(upload: CourseUpload, source: "_Source", course: Course | None) -> None:
    """Raise RefusedError if the uploader may not write this course, or sent it from the page of another."""
    named = Checked({}, source.slug, source.title, source.locale, source.draft, source.is_notes)
    if upload.target and source.slug and source.slug != upload.target:
        raise RefusedError(Refusal.OTHER_COURSE, source.slug, named)
    if not uploads.may_write(upload.owner, course):
        raise RefusedError(Refusal.NOT_YOURS, source.slug, named)


# --- from the file to the folder -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Source:
    """The course folder of an upload: as it was sent, or drafted from notes."""

    folder: Path
    slug: str
    title: str = ""
    locale: str = ""
    draft: dict[str, Any] = field(default_factory=dict)

    @property
    def is_notes(self) -> bool:
        return bool(self.draft)

    def checked(self, folder: CheckedFolder, told: Told) -> Checked:
        findings = preview(folder, told)
        titles = findings["course"].get("titles", {})
        locale = self.locale or next(iter(findings["course"].get("locales", [])), "")
        title = self.title or titles.get(locale, "")
        slug = findings["course"].get("slug", self.slug)
        return Checked(findings, slug, title, locale, self.draft, self.is_notes)


@contextmanager
def _source(upload: CourseUpload, told: Told) -> Iterator[_Source]:
    """The folder, gone afterwards. Raises RefusedError."""
    told(0, 0, "unpacking")
    with tempfile.TemporaryFile(prefix="engram-upload-") as file:
        uploads.copy_to(upload, file)
        file.seek(0)
        is_zip = uploads.is_zip(file.read(4))
        file.seek(0)
        try:
            if is_zip:
                with _unpacked(upload, file, told) as source:
                    yield source
            else:
                with _drafted(upload, file.read(), upload.name, None, told) as source:
                    yield source
        except (ArchiveError, DecodingError, DraftError) as error:
            raise RefusedError(Refusal.UNREADABLE, str(error)) from None


@contextmanager
def _unpacked(upload: CourseUpload, file: IO[bytes], told: Told) -> Iterator[_Source]:
    with unpacked(file, _course_or_notes) as found:
        if found.is_dir():
            yield _Source(found, read_slug(found) or "")
            return
        with _drafted(upload, found.read_bytes(), found.name, found.parent, told) as source:
            yield source


def _course_or_notes(top: Path) -> Path:
    """The folder of a course; where there is none, the file of notes."""
    files = sorted(file for file in top.rglob("*") if file.is_file())
    try:
        return course_in(top)
    except ArchiveError:
        if any(file.name == "course.yaml" for file in files):
            raise
    for suffixes in NOTES:
        notes = [file for file in files if file.suffix.lower() in suffixes]
        if len(notes) == 1:
            return notes[0]
        if notes:
            names = ", ".join(file.relative_to(top).as_posix() for file in notes[:10])
            raise RefusedError(Refusal.SEVERAL_NOTES, names)
    raise RefusedError(Refusal.NO_COURSE)


@contextmanager
def _drafted(upload: CourseUpload, content: bytes, name: str, beside: Path | None, told: Told) -> Iterator[_Source]:
    told(0, 0, "drafting")
    file = read_file(content, name)
    title, locale = upload.title or file.title, upload.locale or file.locale
    slug = upload.target or upload.slug or uploads.free_slug(upload.owner, file.name, title)
    draft = draft_folder(file, slug=slug, title=title, locale=locale, beside=beside)
    with tempfile.TemporaryDirectory(prefix="engram-draft-") as temporary:
        folder = Path(temporary) / slug
        replace_folder(folder, draft.files.items())
        yield _Source(folder, slug, title, locale, report_of(file, draft))
