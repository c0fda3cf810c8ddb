"""The pages of authors: what they teach, a course with its lessons and imports, and the course as a zip."""

import io
import uuid
import zipfile

import pytest
from django.utils import timezone

from accounts.models import User
from courses import editing, uploads
from courses.models import Course, LessonBody
from tests.courses.conftest import SMALL_COURSE
from tests.courses.uploading import NOTES, course_zip, read, work

pytestmark = pytest.mark.usefixtures("queue")

PAGES = ["/authoring/", "/authoring/small-course/", "/authoring/small-course/download/"]


def signed_in(client, user):
    client.force_login(user)
    return client


@pytest.fixture
def authoring(client, author, course):
    """A browser of an author who teaches the small course."""
    course.instructors.add(author)
    return signed_in(client, author)


@pytest.mark.parametrize("path", PAGES)
def test_visitors_and_learners_find_nothing_there(client, course, learner, path):
    assert client.get(path).status_code == 404
    assert signed_in(client, learner).get(path).status_code == 404


@pytest.mark.parametrize("path", PAGES[1:])
def test_an_author_finds_no_course_that_somebody_else_teaches(client, course, author, path):
    assert signed_in(client, author).get(path).status_code == 404


def test_only_authors_are_led_there(client, author, learner):
    assert 'href="/authoring/"' in signed_in(client, author).get("/").content.decode()
    assert 'href="/authoring/"' not in signed_in(client, learner).get("/").content.decode()


def test_it_lists_the_courses_that_somebody_teaches(authoring):
    Course.objects.create(pk=uuid.uuid4(), slug="of-somebody-else")
    page = authoring.get("/authoring/").content.decode()
    assert 'href="/authoring/small-course/">A small course' in page
    assert "2 lessons · 1 question · 1 flashcard · 1 experiment" in page
    assert "of-somebody-else" not in page


def test_a_superuser_sees_every_course(client, course, admin_user):
    assert "A small course" in signed_in(client, admin_user).get("/authoring/").content.decode()


def test_it_says_how_to_begin_where_there_is_no_course(client, author):
    page = signed_in(client, author).get("/authoring/").content.decode()
    assert "You teach no course yet" in page
    assert "Not imported yet" not in page


def test_it_leads_to_uploads_that_wait_for_their_author(authoring, author):
    upload = read(author, NOTES, "perceptron.md")
    page = authoring.get("/authoring/").content.decode()
    assert f'href="/uploads/{upload.pk}/">perceptron.md' in page
    assert "ready to import" in page


def test_it_says_when_a_course_was_edited_here(authoring):
    assert "edited here" not in authoring.get("/authoring/small-course/").content.decode()
    Course.objects.update(edited_at=timezone.now())
    for path in PAGES[:2]:
        assert "edited here" in authoring.get(path).content.decode()


def test_it_says_which_lesson_was_edited_here(authoring, author, course):
    body = LessonBody.objects.get(lesson__slug="learning-rate", locale="en")
    text = editing.Text.of(body)
    editing.save(body, text._replace(title="Step size"), author=author, based_on=1, now=timezone.now())
    page = authoring.get("/authoring/small-course/").content.decode()
    _head, neurons, rate = page.split("rows__item--tall")
    assert "edited here" not in neurons
    assert "edited here" in rate


def test_a_course_shows_its_lessons_with_a_link_to_the_editor_for_each_language(authoring):
    page = authoring.get("/authoring/small-course/").content.decode()
    assert page.index("Neurons") < page.index("Learning rate")
    assert "1 question · 1 flashcard · 1 experiment" in page
    for locale in ("en", "zh-hans"):
        assert f'href="/authoring/small-course/neurons/{locale}/"' in page
    assert "Edit “神经元” in Simplified Chinese" in page


def test_a_course_shows_its_imports_and_who_made_them(authoring, course, author):
    colleague = User.objects.create_user("bo@example.org", "correct horse battery", is_staff=True, name="Bo")
    course.instructors.add(colleague)
    for somebody in (author, colleague):
        upload = read(somebody, course_zip(), f"{somebody}.zip")
        uploads.start(upload, now=timezone.now())
        work()
    page = authoring.get("/authoring/small-course/").content.decode()
    assert f"{author}.zip</a>" in page
    assert "Bo.zip</span>" in page


def test_a_course_comes_as_a_zip_that_can_be_imported(authoring):
    answer = authoring.get("/authoring/small-course/download/")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="small-course.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.getvalue())) as archive:
        names = {f"small-course/{file.relative_to(SMALL_COURSE)}" for file in SMALL_COURSE.rglob("*") if file.is_file()}
        assert set(archive.namelist()) == names


def test_the_pages_need_at_most_ten_queries(authoring, author, django_assert_max_num_queries):
    for _ in range(3):
        read(author, NOTES, target="small-course")
    for path in PAGES[:2]:
        with django_assert_max_num_queries(10):
            authoring.get(path)
