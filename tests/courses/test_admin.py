"""The administration: instructors see the progress of their own learners, and change no content."""

import datetime

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from courses.models import Course, Progress
from courses.progress import advance
from quizzes.models import MemoryState, Question

LISTS = ["course", "lesson", "concept", "progress"]


@pytest.fixture
def foreign(spoil, db):
    """A second course, which somebody else teaches."""
    call_command("import_course", str(spoil("course.yaml", "slug: small-course", "slug: foreign-course")), verbosity=0)
    return Course.objects.get(slug="foreign-course")


@pytest.fixture
def teacher(course):
    user = User.objects.create_user("teacher@example.org", "correct horse battery", is_staff=True)
    course.instructors.add(user)
    return user


@pytest.fixture
def teaching(client, teacher):
    """A browser of an instructor who teaches the small course, but not the foreign one."""
    client.force_login(teacher)
    return client


@pytest.fixture
def all_seeing(client, admin_user):
    client.force_login(admin_user)
    return client


@pytest.fixture
def read_by_two(course, foreign, learner, other_learner):
    lesson = course.lessons.first()
    advance(learner, lesson, 0.42, [], now=timezone.now())
    advance(other_learner, foreign.lessons.first(), 0.9, [], now=timezone.now())
    return lesson


@pytest.mark.parametrize("name", LISTS)
def test_it_lists_searches_and_filters(all_seeing, read_by_two, name):
    url = f"/admin/courses/{name}/"
    assert all_seeing.get(url).status_code == 200
    assert all_seeing.get(url, {"q": "neuron"}).status_code == 200
    row = {"course": Course, "progress": Progress}.get(name)
    pk = row.objects.first().pk if row else getattr(Course.objects.first(), f"{name}s").first().pk
    assert all_seeing.get(f"{url}{pk}/change/").status_code == 200


@pytest.mark.parametrize("name", LISTS)
def test_an_instructor_sees_the_own_course_only(teaching, read_by_two, foreign, name):
    page = teaching.get(f"/admin/courses/{name}/").content.decode()
    assert "small-course" in page
    assert "foreign-course" not in page
    row = {"course": foreign, "progress": Progress.objects.get(lesson__course=foreign)}.get(name)
    pk = row.pk if row else getattr(foreign, f"{name}s").first().pk
    assert teaching.get(f"/admin/courses/{name}/{pk}/change/").status_code == 302


@pytest.mark.parametrize("name", LISTS)
def test_an_instructor_changes_nothing(teaching, read_by_two, course, name):
    own = {"course": course, "progress": Progress.objects.get(lesson__course=course)}.get(name)
    pk = own.pk if own else getattr(course, f"{name}s").first().pk
    url = f"/admin/courses/{name}/"
    assert teaching.get(f"{url}{pk}/change/").status_code == 200
    assert teaching.post(f"{url}{pk}/change/", {}).status_code == 403
    assert teaching.get(f"{url}add/").status_code == 403
    assert teaching.post(f"{url}{pk}/delete/", {"post": "yes"}).status_code == 403


def test_an_instructor_sees_how_each_learner_gets_on(teaching, read_by_two, learner):
    now = timezone.now()
    quiz = read_by_two.quizzes.get()
    quiz.attempts.create(user=learner, started_at=now, submitted_at=now, score=3, max_score=4)
    for question in Question.objects.filter(lesson=read_by_two)[:2]:
        MemoryState.objects.create(
            user=learner, question=question, state=2, stability=1.0, difficulty=5.0, reps=1, lapses=0, state_hash="x",
            due=now - datetime.timedelta(hours=1), last_review=now - datetime.timedelta(days=2),
        )  # fmt: skip
    page = teaching.get("/admin/courses/progress/", {"q": "learner@example.org"}).content.decode()
    assert "Lin · learner@example.org" in page
    assert "42 %" in page
    assert "75 %" in page
    assert '<td class="field-cards_due">2</td>' in page


def test_it_finds_who_has_not_read_to_the_end(teaching, read_by_two, course):
    assert "learner@example.org" in teaching.get("/admin/courses/progress/", {"read": "no"}).content.decode()
    assert "learner@example.org" not in teaching.get("/admin/courses/progress/", {"read": "yes"}).content.decode()


def test_the_preview_shows_the_rendered_text(teaching, read_by_two):
    page = teaching.get(f"/admin/courses/lesson/{read_by_two.pk}/change/").content.decode()
    assert "<mark>" in page


def test_a_learner_does_not_enter(client, learner, course):
    client.force_login(learner)
    assert client.get("/admin/courses/progress/").status_code in {302, 403}


@pytest.fixture
def staff(db):
    return User.objects.create_user("staff@example.org", "correct horse battery", is_staff=True)


def test_a_superuser_names_the_instructors(all_seeing, course, staff):
    inline = {"texts": 2, "lessons": 2}
    form = {"instructors": [str(staff.pk)]}
    for name, count in inline.items():
        form |= {f"{name}-TOTAL_FORMS": count, f"{name}-INITIAL_FORMS": count}
    answer = all_seeing.post(f"/admin/courses/course/{course.pk}/change/", form)
    assert answer.status_code == 302
    assert list(course.instructors.all()) == [staff]


@pytest.mark.parametrize("name", LISTS)
def test_the_lists_need_few_queries(teaching, read_by_two, django_assert_max_num_queries, name):
    teaching.get(f"/admin/courses/{name}/")
    with django_assert_max_num_queries(14):
        teaching.get(f"/admin/courses/{name}/")
