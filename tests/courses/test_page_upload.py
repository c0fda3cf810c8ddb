"""The pages of an upload: it comes in, is read, shown and imported; every button also pressed twice, and by others."""

import datetime
import re
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from courses import editing, upload_presentation, upload_progress, uploads
from courses.models import Course, LessonBody
from courses.upload_models import CourseUpload
from quizzes import kinds
from tests.courses.uploading import NOTES, course_zip, file_of, read, send, work, worked, zip_of

pytestmark = pytest.mark.usefixtures("queue")

NEWER = ("lesson.en.md", "The end.", "The very end.")
BUTTONS = ["change", "import", "retry", "remove"]


@pytest.fixture
def authoring(client, author):
    client.force_login(author)
    return client


@pytest.fixture
def taught(course, author):
    course.instructors.add(author)
    return course


def post(client, content, name="notes.md", to="/uploads/", pk=None):
    return client.post(to, {"file": file_of(content, name), "upload": str(pk or uuid.uuid4())})


def page_of(client, upload):
    answer = client.get(upload.get_absolute_url())
    assert answer.status_code == 200
    return answer.content.decode()


def press(client, upload, button, **fields):
    answer = client.post(f"{upload.get_absolute_url()}{button}/", fields)
    work()
    upload.refresh_from_db()
    return answer


# --- it comes in -----------------------------------------------------------------------------------------------------


def test_a_file_leads_to_its_page(authoring, author):
    answer = post(authoring, NOTES, "perceptron.md")
    upload = CourseUpload.objects.get(owner=author)
    assert answer.headers["Location"] == f"/uploads/{upload.pk}/"
    assert "It is read as soon as a worker is free" in page_of(authoring, upload)


def test_a_form_sent_twice_is_one_upload(authoring):
    pk = uuid.uuid4()
    first, second = post(authoring, NOTES, pk=pk), post(authoring, NOTES, pk=pk)
    assert first.headers["Location"] == second.headers["Location"]
    assert CourseUpload.objects.count() == 1


def test_the_page_of_a_course_sends_a_newer_version_of_it(authoring, taught):
    post(authoring, NOTES, to="/uploads/?course=small-course")
    assert CourseUpload.objects.get().target == "small-course"


@pytest.mark.parametrize("who", ["nobody", "learner"])
def test_visitors_and_learners_can_send_nothing(client, learner, who):
    if who == "learner":
        client.force_login(learner)
    assert post(client, NOTES).status_code == 404
    assert not CourseUpload.objects.exists()


def test_a_newer_version_is_sent_by_who_teaches_the_course(authoring, course):
    assert post(authoring, NOTES, to="/uploads/?course=small-course").status_code == 404


def test_what_does_not_come_from_the_form_is_refused(author):
    client = Client(enforce_csrf_checks=True)
    client.force_login(author)
    assert post(client, NOTES).status_code == 403


def test_what_is_too_large_is_refused_before_it_is_read(authoring, monkeypatch):
    monkeypatch.setattr("courses.upload_views._receive", lambda request: pytest.fail("it was read"))
    answer = post(authoring, b"0" * 30_000_000, "course.zip")
    assert answer.status_code == 413
    assert "This file has 30 MB; at most 20 MB are taken." in answer.content.decode()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "This file is empty."),
        (b"x" * 1_000_100, "These notes have 1 MB; at most 1 MB are read at a time."),
        (b"PK\x03\x04" + b"x" * 1_100_000, "This file has 1.1 MB; at most 1.1 MB are taken."),
    ],
)
def test_it_says_beside_the_field_what_is_wrong_with_a_file(authoring, settings, content, fault):
    settings.COURSE_UPLOAD_BYTES = 1_090_000
    answer = post(authoring, content, "course.zip")
    assert answer.status_code == 422
    assert fault in answer.content.decode()
    assert not CourseUpload.objects.exists()


def test_it_says_so_when_no_file_was_chosen(authoring):
    answer = authoring.post("/uploads/", {"upload": str(uuid.uuid4())})
    assert answer.status_code == 422
    assert "Choose a file first." in answer.content.decode()


def test_it_says_so_when_too_many_wait(authoring, author, settings):
    settings.COURSE_UPLOADS_PER_AUTHOR = 1
    send(author, NOTES)
    answer = post(authoring, NOTES)
    assert answer.status_code == 422
    assert "1 uploads that were never imported" in answer.content.decode()


def test_the_address_that_a_refused_file_leaves_in_the_browser_leads_back(authoring):
    assert authoring.get("/uploads/").headers["Location"] == "/authoring/"


# --- it is read ------------------------------------------------------------------------------------------------------


def test_the_page_asks_again_while_it_is_read_and_not_afterwards(authoring, author):
    upload = send(author, NOTES)
    state = f"{upload.get_absolute_url()}state/"
    assert f'hx-get="{state}" hx-trigger="every 1s"' in page_of(authoring, upload)
    uploads.claim(now=timezone.now())
    upload_progress.tell(upload.pk, upload_progress.Glance(3, 12, "checking"))
    part = authoring.get(state).content.decode()
    assert 'hx-trigger="every 1s"' in part
    assert "<html" not in part
    assert "Checking the lessons: 3 of 12 lessons" in part
    assert re.search(r'<progress[^>]* max="12" value="3"', part)
    assert "Show the newest state" in part  # without a script
    CourseUpload.objects.update(status="uploaded", lease_token=None)
    worked(upload)
    part = authoring.get(state).content.decode()
    assert "hx-trigger" not in part
    assert "This makes a new course" in part


def test_it_says_so_when_nobody_takes_it(authoring, author):
    upload = send(author, NOTES)
    assert "Nobody has taken it yet" not in page_of(authoring, upload)
    CourseUpload.objects.update(changed_at=timezone.now() - datetime.timedelta(minutes=2))
    assert "Nobody has taken it yet" in page_of(authoring, upload)


def test_it_shows_what_is_in_notes_and_what_needs_a_hand(authoring, author):
    upload = read(author, f"{NOTES}\n![plot](gone.png)\n", "perceptron.md")
    page = page_of(authoring, upload)
    for words in ("2 sections", "1 × fill the gap", "This makes a new course", "Needs a hand", "gone.png", "line 13"):
        assert words in page or words in re.sub(r"<[^>]+>", "", page), words
    for name, value in (("title", "perceptron"), ("slug", "perceptron")):
        assert re.search(rf'name="{name}" value="{value}"', page), name
    report = authoring.get(f"{upload.get_absolute_url()}report/").content.decode()
    assert "chapter “1. Perceptron” → lesson 01-perceptron" in report


def test_it_names_the_encoding_that_is_not_utf_8(authoring, author):
    upload = read(author, "# 一\n\n回归用==一条直线==去拟合数据。\n".encode("gb18030"))
    assert "read as GB18030" in page_of(authoring, upload)


def test_it_shows_each_error_with_its_file_and_line(authoring, author):
    upload = read(author, course_zip(("lesson.en.md", "{what-it-adds}", "{what-it-odds}")), "broken.zip")
    page = page_of(authoring, upload)
    assert "1 error must be mended first" in page
    assert re.search(r"<code>01-neurons/lesson.en.md</code>.*line 18.*There is no question “what-it-odds”", page, re.S)
    assert "Nothing was imported" in page
    assert 'id="import"' not in page


def test_it_names_the_member_of_a_hostile_zip(authoring, author):
    upload = read(author, zip_of(("course.yaml", "slug: x"), ("a/<b>/../../evil.md", "x")), "evil.zip")
    assert "“a/&lt;b&gt;/../../evil.md”: the name leads out of the folder." in page_of(authoring, upload)


def test_it_says_who_may_not_import_and_lets_notes_have_another_address(authoring, author, course):
    upload = read(author, course_zip(), "small.zip")
    assert "There is a course “small-course” here that you do not teach." in page_of(authoring, upload)
    notes = read(author, NOTES)
    answer = press(authoring, notes, "change", title="T", slug="small-course", locale="en")
    assert answer.status_code == 422
    assert "There is a course with this address already" in answer.content.decode()
    assert press(authoring, notes, "change", title="T", slug="Not a slug", locale="en").status_code == 422


def test_it_shows_what_an_import_would_change(authoring, author, taught):
    upload = read(author, course_zip(NEWER, ("questions.yaml", "id: card-neuron", "id: card-node")), "newer.zip")
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page_of(authoring, upload)))
    assert "This changes the course “small-course”" in text
    assert "Lessons 1 changed · 1 unchanged" in text
    assert "Flashcards 1 new · 1 archived" in text
    assert "new card-node archived card-neuron" in text
    same = read(author, course_zip(), "same.zip")
    assert "Nothing would change" in page_of(authoring, same)


def test_every_kind_of_question_has_a_name_there():
    assert {*upload_presentation.KINDS, "flashcard"} == set(kinds.KINDS)


def test_the_page_needs_at_most_ten_queries(authoring, author, taught, django_assert_max_num_queries):
    upload = read(author, NOTES, target="small-course")
    with django_assert_max_num_queries(10):
        authoring.get(upload.get_absolute_url())
    with django_assert_max_num_queries(10):
        authoring.get(f"{upload.get_absolute_url()}state/")


# --- it is imported --------------------------------------------------------------------------------------------------


def test_import_leads_to_the_course(authoring, author):
    upload = read(author, NOTES, "perceptron.md")
    assert press(authoring, upload, "import").headers["Location"] == upload.get_absolute_url()
    page = page_of(authoring, upload)
    assert "The course is imported and open to everybody. You teach it." in page
    for path in ("/courses/perceptron/", "/authoring/perceptron/", "/courses/perceptron/layers/"):
        assert f'href="{path}"' in page
        assert authoring.get(path).status_code == 200
    press(authoring, upload, "import")
    assert Course.objects.count() == 1


def test_a_title_that_was_typed_in_is_read_first(authoring, author):
    upload = read(author, NOTES)
    fields = {"title": "Perceptrons", "slug": "perceptrons", "locale": "en"}
    press(authoring, upload, "import", **fields)
    assert (upload.status, upload.title) == ("ready", "Perceptrons")
    press(authoring, upload, "import", **fields)
    assert upload.course.slug == "perceptrons"


def test_a_course_edited_here_is_gone_over_only_after_saying_so(authoring, author, taught):
    body = LessonBody.objects.get(lesson__slug="neurons", locale="en")
    text = editing.Text.of(body)
    edited = text._replace(markdown=text.markdown.replace("The end.", "Edited here."))
    editing.save(body, edited, author=author, based_on=1, now=timezone.now())
    upload = read(author, course_zip(NEWER), "newer.zip")
    assert "1 lesson was edited here" in page_of(authoring, upload)
    address = press(authoring, upload, "import").headers["Location"]
    assert upload.status == "ready"
    page = authoring.get(address).content.decode()
    assert "Press Import once more" in page
    over = re.search(r'name="over" value="([^"]+)"', page)[1]
    press(authoring, upload, "import", over=over)
    assert upload.status == "imported"
    body.refresh_from_db()
    assert "The very end." in body.markdown
    assert body.lesson.versions.filter(locale="en", markdown__contains="Edited here.").exists()


def test_an_edited_text_that_the_upload_has_too_is_no_reason_to_ask(authoring, author, taught):
    Course.objects.update(edited_at=timezone.now())
    upload = read(author, course_zip(NEWER), "newer.zip")
    press(authoring, upload, "import")
    assert upload.status == "imported"


def test_a_worker_that_died_is_said_and_the_import_can_be_tried_again(authoring, author):
    upload = read(author, NOTES)
    uploads.start(upload, now=timezone.now())
    uploads.claim(now=timezone.now() - 2 * uploads.LEASE)
    page = page_of(authoring, upload)
    assert "The server was stopped in the middle." in page
    assert "hx-trigger" not in page
    press(authoring, upload, "retry")
    assert upload.status == "imported"


def test_an_upload_can_be_removed_until_it_is_imported(authoring, author):
    first, second = read(author, NOTES), read(author, NOTES)
    assert press(authoring, second, "import").status_code == 302
    assert authoring.post(f"{first.get_absolute_url()}remove/").headers["Location"] == "/authoring/"
    assert authoring.post(f"{second.get_absolute_url()}remove/").headers["Location"] == second.get_absolute_url()
    assert list(CourseUpload.objects.all()) == [second]


@pytest.mark.parametrize("path", ["", "state/", "report/"])
def test_somebody_elses_upload_is_not_there(client, author, admin_user, path):
    upload = send(author, NOTES)
    client.force_login(admin_user)
    assert client.get(f"{upload.get_absolute_url()}{path}").status_code == 404


@pytest.mark.parametrize("button", BUTTONS)
def test_nobody_presses_the_buttons_of_somebody_else(client, author, button):
    upload = send(author, NOTES)
    client.force_login(User.objects.create_user("other@example.org", "correct horse battery", is_staff=True))
    assert client.post(f"{upload.get_absolute_url()}{button}/").status_code == 404
    assert CourseUpload.objects.get().status == "uploaded"


def test_what_is_kept_of_an_author_can_be_had_and_erased(author):
    from courses import personal_data

    read(author, NOTES, "perceptron.md")
    (kept,) = personal_data.export(author)["uploads"]
    assert (kept["file"], kept["status"], kept["course"]) == ("perceptron.md", "ready", "perceptron")
    personal_data.erase(author)
    assert not CourseUpload.objects.exists()
