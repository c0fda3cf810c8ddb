"""From an author's file to a course: what is found in it, what is refused, what an import makes."""

import datetime
import uuid

import pytest
from django.utils import timezone

from accounts.models import User
from courses import tasks, upload_progress, uploads
from courses.models import Course
from courses.upload_models import CourseUpload, Refusal, UploadPiece
from quizzes.models import Question
from tests.courses.uploading import NOTES, PIXEL, course_zip, read, send, work, worked, zip_of

pytestmark = pytest.mark.usefixtures("queue")


def slow(value):
    return pytest.param(value, marks=pytest.mark.slow)


@pytest.fixture
def colleague(db):
    return User.objects.create_user("colleague@example.org", "correct horse battery", is_staff=True)


@pytest.fixture
def taught(course, author):
    """The small course, which the author teaches."""
    course.instructors.add(author)
    return course


def start(upload, **agreed):
    assert uploads.start(upload, now=timezone.now(), **agreed)
    return worked(upload)


# --- from the file to the course -------------------------------------------------------------------------------------


def test_notes_become_a_course_that_their_author_teaches(author):
    upload = read(author, NOTES, "perceptron.md")
    assert (upload.status, upload.title, upload.slug, upload.locale) == ("ready", "perceptron", "perceptron", "en")
    assert [lesson["titles"] for lesson in upload.findings["lessons"]] == [{"en": "Perceptron"}, {"en": "Layers"}]
    assert upload.findings["lessons"][0]["questions"] == {"cloze": 1, "flashcard": 1}
    assert not Course.objects.exists()
    start(upload)
    assert upload.status == "imported"
    course = Course.objects.get()
    assert (course.slug, upload.course) == ("perceptron", course)
    assert list(course.instructors.all()) == [author]
    assert Question.objects.filter(course=course, kind="cloze").count() == 1
    assert not UploadPiece.objects.exists()


@pytest.mark.parametrize("encoding", ["gb18030", slow("utf-16"), slow("utf-8-sig")])
def test_notes_are_read_in_the_encoding_they_were_written_in(author, encoding):
    upload = read(author, "# 一、线性回归\n\n回归用==一条直线==去拟合数据。\n".encode(encoding), "笔记.md")
    assert upload.status == "ready"
    assert upload.locale == "zh-hans"
    assert upload.findings["lessons"][0]["titles"] == {"zh-hans": "线性回归"}
    assert upload.draft["encoding"] == {"gb18030": "gb18030", "utf-16": "utf-16", "utf-8-sig": "utf-8"}[encoding]


def test_the_report_of_drafting_is_kept_with_lines(author):
    upload = read(author, "# A\n\nText.\n\n![plot](missing.png)\n")
    (lines, text), *_ = upload.draft["problems"]["pictures"]
    assert lines == [5]
    assert "missing.png" in text
    assert upload.draft["fates"][0]["entries"][0] == [1, "chapter “A” → lesson 01-chapter-1"]


def test_a_zip_of_notes_brings_its_pictures(author):
    notes = "# A\n\nText.\n\n![a plot](img/plot.png)\n"
    upload = read(author, zip_of(("my notes/a.md", notes), ("my notes/img/plot.png", PIXEL)), "notes.zip")
    assert upload.status == "ready"
    assert upload.is_notes
    assert upload.findings["lessons"][0]["pictures"] == 1
    start(upload)
    assert upload.course.lessons.get().pictures.count() == 1


def test_a_zip_of_a_course_folder_is_imported_as_it_is(author):
    upload = read(author, course_zip(), "small.zip")
    assert (upload.status, upload.slug, upload.title, upload.is_notes) == (
        "ready",
        "small-course",
        "A small course",
        False,
    )
    assert upload.findings["changes"]["is_new"]
    start(upload)
    assert upload.course.slug == "small-course"
    assert upload.course.lessons.count() == 2


def test_an_export_imported_through_an_upload_changes_nothing(author, taught):
    from courses.archives import pack
    from courses.folders import export_files

    upload = read(author, b"".join(pack(export_files(taught), taught.slug)), "export.zip")
    changes = upload.findings["changes"]
    assert not changes["is_new"]
    for what in ("lessons", "questions", "cards", "experiments", "concepts"):
        assert changes[what]["numbers"] == {
            "new": 0, "changed": 0, "back": 0, "archived": 0, "same": changes[what]["numbers"]["same"]
        }, what  # fmt: skip


def test_it_says_what_a_newer_version_would_change(author, taught):
    taught.lessons.create(pk=uuid.uuid4(), slug="gone", position=3)
    taught.concepts.filter(slug="neuron").update(archived_at=timezone.now())
    newer = course_zip(
        ("lesson.en.md", "The end.", "The very end."),
        ("questions.yaml", "What does a neuron add up?", "What is summed?"),
        ("questions.yaml", "id: card-neuron", "id: card-node"),
    )
    upload = read(author, newer, "newer.zip")
    changes = upload.findings["changes"]
    assert changes["lessons"] == {
        "new": [], "changed": ["Neurons"], "back": [], "archived": ["gone"],
        "numbers": {"new": 0, "changed": 1, "back": 0, "archived": 1, "same": 1},
    }  # fmt: skip
    assert changes["questions"]["changed"] == ["what-it-adds"]
    assert (changes["cards"]["new"], changes["cards"]["archived"]) == (["card-node"], ["card-neuron"])
    assert changes["concepts"]["back"] == ["neuron"]
    assert changes["experiments"]["numbers"]["same"] == 1
    assert [lesson["change"] for lesson in upload.findings["lessons"]] == ["changed", "same"]
    start(upload)
    assert taught.lessons.get(slug="gone").archived_at is not None
    assert Question.objects.get(slug="what-it-adds").versions.count() == 2


# --- what is refused -------------------------------------------------------------------------------------------------


def test_a_course_with_errors_is_refused_with_file_and_line(author):
    broken = course_zip(
        ("lesson.en.md", "{what-it-adds}", "{what-it-odds}"), ("questions.yaml", "key: products", "key: x")
    )
    upload = read(author, broken, "broken.zip")
    assert (upload.status, upload.refusal) == ("refused", Refusal.ERRORS)
    problems = upload.findings["problems"]
    assert problems["errors"] == 2
    files = {file["file"]: file["entries"] for file in problems["files"]}
    assert files["01-neurons/lesson.en.md"] == [[18, "There is no question “what-it-odds”.", "error"]]
    ((line, _message, _severity),) = files["01-neurons/questions.yaml"]
    assert line == 8


def test_a_member_that_leads_out_of_the_folder_is_named(author):
    upload = read(author, zip_of(("course.yaml", "slug: x"), ("../evil.md", "x")), "evil.zip")
    assert (upload.status, upload.refusal) == ("refused", Refusal.UNREADABLE)
    assert upload.detail == "“../evil.md”: the name leads out of the folder."


@pytest.mark.parametrize(
    ("content", "name", "why", "detail"),
    [
        (b"PK\x03\x04 and no more", "x.zip", Refusal.UNREADABLE, "no zip archive"),
        (b"%PDF-1.7", "x.pdf", Refusal.UNREADABLE, "a PDF, not text"),
        (b"\x00\x01\x02" * 100, "x.md", Refusal.UNREADABLE, "no text file"),
        ("---\ntitle: T\n---\n", "x.md", Refusal.UNREADABLE, "nothing in these notes"),
        (zip_of(("a.txt.exe", "x")), "x.zip", Refusal.NO_COURSE, ""),
        (zip_of(("a/1.md", "# A"), ("a/2.md", "# B")), "x.zip", Refusal.SEVERAL_NOTES, "a/1.md, a/2.md"),
        (zip_of(("a/b/course.yaml", "slug: x")), "x.zip", Refusal.UNREADABLE, "no course.yaml at the top"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(author, content, name, why, detail):
    upload = read(author, content, name)
    assert (upload.status, upload.refusal) == ("refused", why)
    assert detail in upload.detail


def test_a_course_that_somebody_else_teaches_is_refused(course, author, colleague):
    course.instructors.add(colleague)
    upload = read(author, course_zip(), "small.zip")
    assert (upload.status, upload.refusal, upload.detail) == ("refused", Refusal.NOT_YOURS, "small-course")


def test_a_course_that_somebody_else_made_meanwhile_is_refused(author, colleague):
    mine, theirs = read(author, course_zip(), "mine.zip"), read(colleague, course_zip(), "theirs.zip")
    start(theirs)
    start(mine)
    assert (mine.status, mine.refusal) == ("refused", Refusal.NOT_YOURS)
    assert list(Course.objects.get().instructors.all()) == [colleague]


def test_whoever_is_no_author_any_more_imports_nothing(author):
    upload = read(author, course_zip(), "small.zip")
    User.objects.filter(pk=author.pk).update(is_staff=False)
    assert start(upload).refusal == Refusal.NOT_YOURS
    assert not Course.objects.exists()


def test_a_superuser_may_import_into_every_course(course, admin_user):
    upload = read(admin_user, course_zip(("lesson.en.md", "The end.", "The very end.")), "small.zip")
    assert start(upload).status == "imported"
    assert not course.instructors.exists()


def test_the_page_of_a_course_takes_no_other_course(author, taught):
    upload = read(author, course_zip(("course.yaml", "slug: small-course", "slug: other")), target="small-course")
    assert (upload.refusal, upload.detail) == (Refusal.OTHER_COURSE, "other")


def test_notes_sent_from_the_page_of_a_course_are_drafted_for_it(author, taught):
    upload = read(author, NOTES, target="small-course")
    assert (upload.status, upload.slug) == ("ready", "small-course")
    assert upload.findings["changes"]["lessons"]["archived"] == ["Neurons", "Learning rate"]


def test_notes_get_an_address_that_nobody_has(author, course):
    assert read(author, NOTES, "small course.md").slug == "small-course-2"


def test_notes_that_were_imported_before_meet_their_own_course(author):
    start(read(author, NOTES, "perceptron.md"))
    again = read(author, NOTES, "perceptron.md")
    assert again.slug == "perceptron"
    assert again.findings["changes"]["lessons"]["numbers"]["same"] == 2


# --- edited here, changed, forgotten ---------------------------------------------------------------------------------


def test_a_course_edited_after_its_author_agreed_is_asked_for_again(author, taught):
    upload = read(author, course_zip(), "small.zip")
    first, second = timezone.now(), timezone.now() + datetime.timedelta(seconds=5)
    Course.objects.update(edited_at=second)
    start(upload, agreed_edit=first)
    assert upload.status == "ready"
    start(upload, agreed_edit=second)
    assert upload.status == "imported"
    assert Course.objects.get().edited_at is None


def test_notes_are_drafted_again_under_another_title(author):
    upload = read(author, NOTES)
    values = {"title": "感知机", "slug": "ganzhiji", "locale": "zh-hans"}
    assert uploads.change(upload, **values, now=timezone.now())
    assert worked(upload).status == "ready"
    start(upload)
    course = Course.objects.get(slug="ganzhiji")
    assert course.locales == ["zh-hans"]
    assert course.texts.get().title == "感知机"


def test_what_is_imported_is_not_changed_or_removed(author):
    upload = start(read(author, NOTES))
    assert not uploads.change(upload, title="x", slug="x", locale="en", now=timezone.now())
    assert not uploads.retry(upload, now=timezone.now())
    assert not uploads.remove(upload)


def test_after_a_day_only_what_was_imported_is_kept(author):
    imported, ready = start(read(author, NOTES)), read(author, NOTES)
    waiting = send(author, NOTES)
    now = timezone.now()
    assert uploads.forget_old(now=now + datetime.timedelta(hours=23)) == 0
    assert uploads.forget_old(now=now + datetime.timedelta(hours=25)) == 2
    assert list(CourseUpload.objects.all()) == [imported]
    assert not UploadPiece.objects.exists()
    assert {ready.status, waiting.status} == {"ready", "uploaded"}


def test_progress_is_told_while_it_is_written(author, monkeypatch):
    seen = []
    monkeypatch.setattr(upload_progress, "tell", lambda pk, glance: seen.append(glance))
    start(read(author, course_zip(), "small.zip"))
    assert [glance.what for glance in seen] == [
        "unpacking", "checking", "comparing",
        "unpacking", "checking", "comparing", "writing texts", "writing questions",
    ]  # fmt: skip
    assert {glance.total for glance in seen if glance.what != "unpacking"} == {2}


def test_progress_can_be_seen_from_elsewhere_and_is_gone_at_the_end(author, monkeypatch):
    upload = send(author, course_zip(), "small.zip")
    glances = []
    hold = uploads.ready

    def look(*arguments, **named):
        glances.append(upload_progress.look(upload.pk))
        return hold(*arguments, **named)

    monkeypatch.setattr(uploads, "ready", look)
    work()
    assert glances[0] == upload_progress.Glance(1, 2, "comparing")
    assert upload_progress.look(upload.pk) is None


def test_what_a_lost_call_left_waiting_is_found_within_a_minute(author):
    upload = send(author, NOTES)
    tasks.sweep_uploads.call_local()
    upload.refresh_from_db()
    assert upload.status == "ready"


def test_old_uploads_are_forgotten_within_an_hour(author):
    send(author, NOTES)
    CourseUpload.objects.update(changed_at=timezone.now() - datetime.timedelta(hours=25))
    tasks.forget_uploads.call_local()
    assert not CourseUpload.objects.exists()
