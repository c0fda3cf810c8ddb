"""A real worker is killed while it reads and while it writes; what it leaves says so, and can be gone on with."""

import sqlite3
import time
import uuid
from contextlib import closing
from pathlib import Path

import pytest

from tests.courses.long_course import make_course
from tests.courses.uploading import course_zip
from tests.servers import Installation

pytestmark = pytest.mark.slow

LESSONS = 30
LEASE = 3


class Site:
    """An installation with one upload in it, looked at from outside."""

    def __init__(self, engram: Installation) -> None:
        self.engram, self.pk = engram, uuid.uuid4()

    def shell(self, *lines: str) -> None:
        head = "from courses import uploads; from courses.models import *; from django.utils import timezone as t"
        self.engram.manage("shell", stdin="\n".join([head, *lines]))

    def ask(self, question: str) -> list[tuple]:
        with closing(sqlite3.connect(self.engram.folder / "engram.sqlite3", timeout=20)) as database:
            return database.execute(question).fetchall()

    @property
    def state(self) -> tuple:
        return self.ask("SELECT status, failure FROM courses_courseupload")[0]

    def wait_for(self, *states: str) -> tuple:
        deadline = time.monotonic() + 60
        while self.state[0] not in states:
            assert time.monotonic() < deadline, self.state
            time.sleep(0.02)
        return self.state

    def kill_worker_while(self, status: str, seconds: float) -> None:
        worker = self.engram.start_worker()
        while not self.ask(f"SELECT 1 FROM courses_courseupload WHERE status = '{status}' AND lease_token IS NOT NULL"):
            time.sleep(0.02)
            assert worker.poll() is None
        time.sleep(seconds)
        worker.kill()
        worker.wait()
        assert self.state == (status, ""), self.engram.log("worker")
        time.sleep(LEASE + 0.5)


@pytest.fixture
def site(tmp_path: Path):
    archive = tmp_path / "long.zip"
    archive.write_bytes(course_zip(folder=make_course(tmp_path / "long-course", LESSONS)))
    with Installation(tmp_path, COURSE_UPLOAD_LEASE_SECONDS=str(LEASE)) as engram:
        engram.manage("migrate", "-v", "0")
        site = Site(engram)
        site.shell(
            "from accounts.models import User; from django.core.files import File",
            "author = User.objects.create_user('author@example.org', 'correct horse battery', is_staff=True)",
            f"uploads.receive(author, '{site.pk}', File(open({str(archive)!r}, 'rb')), now=t.now())",
        )
        yield site


def test_a_killed_worker_leaves_nothing_half_done(site: Site) -> None:
    site.kill_worker_while("checking", 0.3)
    site.engram.start_worker()
    assert site.wait_for("failed", "ready") == ("failed", "lost")

    again = "uploads.retry(CourseUpload.objects.get(), now=t.now())"
    site.shell(again)
    site.wait_for("ready")
    site.engram.stop()

    site.shell("uploads.start(CourseUpload.objects.get(), now=t.now())")
    site.kill_worker_while("importing", 0.5)
    assert site.ask("SELECT count(*) FROM courses_course") == [(0,)]
    site.engram.start_worker()
    assert site.wait_for("failed", "imported") == ("failed", "lost")

    site.shell(again)
    site.wait_for("imported")
    assert site.ask("SELECT count(*) FROM courses_lesson WHERE archived_at IS NULL") == [(LESSONS,)]
    assert site.ask("SELECT count(*) FROM courses_uploadpiece") == [(0,)]
