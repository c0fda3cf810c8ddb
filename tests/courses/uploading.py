"""What the tests of uploads share: files to send, and a worker that does at once what it would do in a minute."""

import io
import uuid
import zipfile
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from courses import upload_worker, uploads
from tests.courses.conftest import SMALL_COURSE

NOTES = """# 1. Perceptron

A perceptron is ==a single neuron== with a threshold.

## Quiz

A perceptron has ==one== layer.

# 2. Layers

Neurons stand in ==layers==.
"""
PIXEL = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf"
                      "c000000301010018dd8db00000000049454e44ae426082")  # fmt: skip


def zip_of(*members):
    """A zip of (name or ZipInfo, content)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def course_zip(*changes, folder: Path = SMALL_COURSE):
    """A course folder as a zip. `changes`: (end of a file's name, old words, new words)."""
    members, made = [], set()
    for file in sorted(file for file in folder.rglob("*") if file.is_file()):
        content = file.read_text()
        for change in changes:
            if file.name == change[0] and change[1] in content:
                content = content.replace(*change[1:])
                made.add(change)
        members.append((f"{folder.name}/{file.relative_to(folder).as_posix()}", content))
    assert made == set(changes)
    return zip_of(*members)


def file_of(content, name="notes.md"):
    return SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)


def send(author, content, name="notes.md", **options):
    """Receive a file as the page does."""
    return uploads.receive(author, uuid.uuid4(), file_of(content, name), now=timezone.now(), **options)


def work(*, stopping=lambda: False, clock=timezone.now):
    return upload_worker.work(clock, stopping)


def worked(upload):
    """The upload after a worker has come by."""
    work()
    upload.refresh_from_db()
    return upload


def read(author, content, name="notes.md", **options):
    return worked(send(author, content, name, **options))
