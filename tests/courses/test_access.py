"""Who teaches a course, and what is kept of a learner."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from courses import access, personal_data
from courses.models import Course, Progress
from courses.progress import advance


def test_an_instructor_is_named_in_the_course_and_may_enter(course, learner):
    assert not access.is_instructor(learner, course)
    course.instructors.add(learner)
    assert not access.is_instructor(learner, course)
    learner.is_staff = True
    assert access.is_instructor(learner, course)
    learner.is_active = False
    assert not access.is_instructor(learner, course)


def test_an_instructor_of_one_course_does_not_teach_another(instructor, course, shipped_course):
    assert access.is_instructor(instructor, shipped_course)
    assert not access.is_instructor(instructor, course)


def test_a_superuser_teaches_every_course_and_a_visitor_none(admin_user, course):
    assert access.is_instructor(admin_user, course)
    assert not access.is_instructor(AnonymousUser(), course)


def test_it_exports_what_a_learner_has_read(learner, other_learner, lesson):
    advance(other_learner, lesson, 0.9, [], now=timezone.now())
    advance(learner, lesson, 0.5, ["training"], now=timezone.now())
    (row,) = personal_data.export(learner)["progress"]
    assert (row["course"], row["lesson"], row["position"]) == ("small-course", "neurons", 0.5)


def test_it_erases_what_a_learner_has_read_and_nothing_else(learner, other_learner, lesson):
    for user in (learner, other_learner):
        advance(user, lesson, 0.5, [], now=timezone.now())
    personal_data.erase(learner)
    assert [row.user for row in Progress.objects.all()] == [other_learner]


@pytest.mark.parametrize("slug", ["nothing", "archived"])
def test_a_course_that_is_not_published_is_not_there(course, slug):
    Course.objects.update(slug="archived", archived_at=timezone.now())
    with pytest.raises(access.Http404):
        access.find_course(slug)
