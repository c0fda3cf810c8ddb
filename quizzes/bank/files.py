"""The only writer of files of questions.

A file is kept once for its id, imported once, and forgotten after a day, whatever became of it.
"""

import uuid
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.http import Http404

from accounts.models import User
from courses.models import Course, Lesson
from quizzes.bank import importing
from quizzes.bank.formats import FORMATS, Format
from quizzes.bank.plan import Plan, plan
from quizzes.interchange.items import MAX_BYTES, FileFault, Item
from quizzes.models import QuestionFile

KEPT: Final = timedelta(days=1)
MAX_FILES: Final = 10
"""Of one author, not imported."""
MAX_LINKS: Final = 100
MAX_TITLE: Final = 200


class TooManyError(Exception):
    """Its author has as many files that were never imported as are kept."""


class ImportedAlreadyError(Exception):
    """The file was imported before; nothing was written."""


def read(content: bytes, locale: str, file_format: Format) -> list[Item]:
    """Return the questions of a file, the refused ones too. Raises FileFault, also where there are none."""
    if len(content) > MAX_BYTES:
        raise FileFault(f"The file has {len(content):,} bytes; at most {MAX_BYTES:,} are read.")
    items = file_format.read(content, locale)
    if not items:
        raise FileFault("There is no question in this file.")
    return items


def keep(
    author: User,
    course: Course,
    lesson: Lesson | None,
    *,
    file_id: uuid.UUID,
    name: str,
    file_format: Format,
    locale: str,
    content: bytes,
    now: datetime,
) -> QuestionFile:
    """Keep a file that can be read until it is imported. Sent twice, it is one. Raises FileFault, TooManyError.

    Http404 if the id is that of a file of somebody else, or for another course.
    """
    read(content, locale, file_format)
    values: dict[str, Any] = {"author": author, "course": course, "lesson": lesson, "format": file_format.name}
    values |= {"name": clean_name(name), "locale": locale, "content": content, "made_at": now}
    try:
        with transaction.atomic():
            User.objects.select_for_update().get(pk=author.pk)
            present = QuestionFile.objects.filter(pk=file_id).first()
            if present is not None and (present.author_id != author.pk or present.course_id != course.pk):
                raise Http404
            if present is not None and _is_this(present, values):
                return present
            if QuestionFile.objects.by(author).waiting().count() >= MAX_FILES:
                raise TooManyError
            return QuestionFile.objects.create(pk=uuid.uuid4() if present else file_id, **values)
    except IntegrityError:  # of two requests with this id at once, of two authors
        raise Http404 from None


def _is_this(present: QuestionFile, values: dict[str, Any]) -> bool:
    """Whether it was sent twice. Who goes back in the browser sends another file under the same id."""
    same = all(getattr(present, name) == values[name] for name in ("lesson", "format", "locale", "name"))
    return same and bytes(present.content) == values["content"]


def planned(file: QuestionFile, rendered: dict[str, str] | None = None) -> Plan:
    """Return what importing the file would do now. Raises FileFault, WrongPlaceError."""
    file_format = FORMATS[file.format]
    items = read(bytes(file.content), file.locale, file_format)
    return plan(file.course, file.lesson, items, file.locale, file_format, rendered)


def import_file(file: QuestionFile, *, expected: str, now: datetime) -> QuestionFile:
    """Do what was shown, the plan with this hash, and keep what was done instead of the content.

    Raises ImportedAlreadyError, ChangedMeanwhileError, FileFault, WrongPlaceError; then nothing is written.
    """
    shown = planned(file) if file.imported_at is None else None
    with transaction.atomic():
        Course.objects.select_for_update().get(pk=file.course_id)
        locked = QuestionFile.objects.light().select_for_update().get(pk=file.pk)
        if locked.imported_at is not None or shown is None:
            raise ImportedAlreadyError
        applied = importing.apply(shown, expected=expected, now=now)
        locked.imported_at, locked.content, locked.result = now, b"", _result(applied)
        locked.save(update_fields=["imported_at", "content", "result"])
    return locked


def remove(file: QuestionFile) -> None:
    QuestionFile.objects.filter(pk=file.pk).delete()


def forget_old(*, now: datetime) -> int:
    """Delete the files of the day before; returns how many these are."""
    deleted, _ = QuestionFile.objects.older_than(now - KEPT).delete()
    return deleted


def clean_name(name: str) -> str:
    """Return the last part of a file name, without what cannot be shown, at most 200 characters."""
    last = PurePosixPath(name.replace("\\", "/")).name
    return "".join(sign for sign in last if sign.isprintable())[:200].strip() or "questions"


def _result(applied: importing.Applied) -> dict[str, Any]:
    written = [(str(pk), one.slug, one.status) for pk, one in applied.written.items()]
    refused = [
        [one.line, (one.title or one.slug)[:MAX_TITLE], one.why, one.is_readers] for one in applied.plan.of("refused")
    ]
    return {"counts": applied.counts, "written": written[:MAX_LINKS], "refused": refused[:MAX_LINKS]}
