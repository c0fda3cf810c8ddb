"""What no second click and no kill can break: an upload is one upload, an import is all of it or nothing."""

import datetime
import uuid

import pytest
from django.http import Http404
from django.utils import timezone

from accounts.models import User
from courses import upload_worker, uploads
from courses.models import Course
from courses.upload_models import CourseUpload, Failure, Status, UploadPiece
from tests.courses.uploading import NOTES, course_zip, file_of, read, send, work, worked

pytestmark = pytest.mark.usefixtures("queue")


def slow(value):
    return pytest.param(value, marks=pytest.mark.slow)


LATER = datetime.timedelta(seconds=1) + uploads.LEASE


@pytest.fixture
def taught(course, author):
    """The small course, which the author teaches."""
    course.instructors.add(author)
    return course


# --- twice, and two at once ------------------------------------------------------------------------------------------


def test_the_same_form_sent_twice_is_one_upload(author):
    pk = uuid.uuid4()
    first, second = (uploads.receive(author, pk, file_of(NOTES), now=timezone.now()) for _ in range(2))
    assert first == second
    assert CourseUpload.objects.count() == UploadPiece.objects.count() == 1


def test_the_same_form_with_another_file_is_another_upload(author):
    pk = uuid.uuid4()
    first = uploads.receive(author, pk, file_of(NOTES), now=timezone.now())
    second = uploads.receive(author, pk, file_of("# Other"), now=timezone.now())
    assert first != second


def test_two_requests_that_send_the_same_form_at_once_make_one_upload(author, monkeypatch):
    pk, looked = uuid.uuid4(), uploads._earlier

    def look_too_early(*arguments):
        """The other request comes between our looking and our writing."""
        monkeypatch.setattr(uploads, "_earlier", looked)
        uploads.receive(author, pk, file_of(NOTES), now=timezone.now())

    monkeypatch.setattr(uploads, "_earlier", look_too_early)
    assert uploads.receive(author, pk, file_of(NOTES), now=timezone.now()).pk == pk
    assert CourseUpload.objects.count() == UploadPiece.objects.count() == 1


def test_the_id_of_somebody_elses_upload_is_not_there(author):
    colleague, pk = User.objects.create_user("colleague@example.org", "correct horse battery"), uuid.uuid4()
    uploads.receive(colleague, pk, file_of(NOTES), now=timezone.now())
    with pytest.raises(Http404):
        uploads.receive(author, pk, file_of(NOTES), now=timezone.now())


def test_only_one_of_two_who_press_import_starts_it(author):
    upload = read(author, NOTES)
    other_tab = CourseUpload.objects.get(pk=upload.pk)
    now = timezone.now()
    assert [uploads.start(one, now=now) for one in (upload, other_tab)] == [True, False]
    assert work() == 1
    assert not uploads.start(other_tab, now=now)
    assert work() == 0
    assert Course.objects.count() == 1


def test_only_one_of_two_workers_takes_an_upload(author, monkeypatch):
    send(author, NOTES)
    now = timezone.now()
    assert uploads.claim(now=now) is not None
    assert uploads.claim(now=now) is None


def test_one_author_keeps_only_so_many(author, settings):
    settings.COURSE_UPLOADS_PER_AUTHOR = 2
    kept = [send(author, NOTES) for _ in range(2)]
    with pytest.raises(uploads.TooManyError):
        send(author, NOTES)
    assert uploads.remove(kept[0])
    send(author, NOTES)


# --- kills -----------------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """What a kill looks like from inside: nothing of ours is run any more."""


def killed(monkeypatch, where):
    """Let the worker die at the first sign of `where`."""

    def die(self, done, total, what):
        if what == where:
            raise Killed

    monkeypatch.setattr(upload_worker.Told, "__call__", die)
    with pytest.raises(Killed):
        work()
    monkeypatch.undo()


@pytest.mark.parametrize("where", [slow("unpacking"), "checking", slow("comparing")])
def test_reading_that_was_killed_says_so_and_can_be_tried_again(author, monkeypatch, where):
    upload = send(author, course_zip(), "small.zip")
    killed(monkeypatch, where)
    now = timezone.now() + LATER
    upload.refresh_from_db()
    assert upload.is_silent(now)
    assert uploads.reap(now=now) == 1
    upload.refresh_from_db()
    assert (upload.status, upload.failure) == (Status.FAILED, Failure.LOST)
    assert uploads.retry(upload, now=now)
    assert worked(upload).status == "ready"


@pytest.mark.parametrize("where", [slow("checking"), slow("writing texts"), "writing questions"])
def test_an_import_that_was_killed_leaves_nothing_and_can_be_tried_again(author, taught, monkeypatch, where):
    upload = read(author, course_zip(("lesson.en.md", "The end.", "The very end.")), "small.zip")
    uploads.start(upload, now=timezone.now())
    killed(monkeypatch, where)
    assert "very end" not in taught.lessons.get(slug="neurons").bodies.get(locale="en").markdown
    now = timezone.now() + LATER
    upload.refresh_from_db()
    assert upload.status == Status.IMPORTING
    assert uploads.retry(upload, now=now)
    assert worked(upload).status == "imported"
    assert "very end" in taught.lessons.get(slug="neurons").bodies.get(locale="en").markdown


def test_a_worker_that_lost_its_upload_writes_nothing(author, monkeypatch):
    upload = read(author, course_zip(), "small.zip")
    uploads.start(upload, now=timezone.now())
    told = upload_worker.Told.__call__

    def too_slow(self, done, total, what):
        if what == "comparing":
            uploads.reap(now=timezone.now() + LATER)
        told(self, done, total, what)

    monkeypatch.setattr(upload_worker.Told, "__call__", too_slow)
    work()
    upload.refresh_from_db()
    assert (upload.status, upload.failure) == (Status.FAILED, Failure.LOST)
    assert not Course.objects.exists()


@pytest.mark.parametrize(("begun", "back"), [(False, Status.UPLOADED), (True, Status.IMPORTING)])
def test_a_worker_that_is_stopped_gives_its_upload_back(author, begun, back):
    upload = read(author, course_zip(), "small.zip") if begun else send(author, course_zip(), "small.zip")
    if begun:
        uploads.start(upload, now=timezone.now())
    signals = iter([False, False, True])
    work(stopping=lambda: next(signals, True))
    upload.refresh_from_db()
    assert (upload.status, upload.lease_token) == (back, None)
    assert worked(upload).status == ("imported" if begun else "ready")


def test_what_breaks_the_worker_fails_the_upload_and_not_the_next_one(author, monkeypatch):
    broken, sound = send(author, NOTES), send(author, course_zip(), "small.zip")
    monkeypatch.setattr(upload_worker, "read_file", lambda *_: 1 / 0)
    work()
    for upload in (broken, sound):
        upload.refresh_from_db()
    assert (broken.status, broken.failure) == (Status.FAILED, Failure.CRASHED)
    assert sound.status == "ready"
