"""Who may see and do what with courses. Strangers meet 404, not 403.

Courses and lessons are open to everyone. What learners did is seen by themselves, by the instructors of the course
(`Course.instructors`, with `is_staff` to enter the administration) and by superusers.
"""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest

from accounts.models import User
from courses.models import Course, CourseQuerySet, Lesson, LessonBody, LessonQuerySet

Visitor = User | AnonymousUser

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin


def find_course(slug: str) -> Course:
    """Return a published course with its texts, or raise Http404."""
    course = Course.objects.published().with_texts().filter(slug=slug).first()
    if course is None:
        raise Http404
    return course


def find_lesson(lessons: LessonQuerySet, **which: Any) -> Lesson:
    """Return the published lesson of these with course and bodies, or raise Http404."""
    lesson = lessons.published().filter(**which).select_related("course").with_texts().first()
    if lesson is None:
        raise Http404
    return lesson


def is_instructor(user: Visitor, course: Course) -> bool:
    """Whether this user teaches the course: an instructor of it, or a superuser."""
    if not isinstance(user, User) or not user.is_active:
        return False
    return user.is_superuser or (user.is_staff and course.instructors.filter(pk=user.pk).exists())


def find_edited(user: Visitor, course: str, lesson: str, locale: str) -> LessonBody:
    """Return the text of a published lesson in just this language, with lesson and course, for who teaches the course;
    or raise Http404."""
    published = LessonBody.objects.filter(lesson__archived_at=None, lesson__course__archived_at=None)
    found = published.filter(lesson__slug=lesson, lesson__course__slug=course, locale=locale)
    body = found.select_related("lesson__course").first() if isinstance(user, User) else None
    if body is None or not is_instructor(user, body.lesson.course):
        raise Http404
    return body


def may_author(user: Visitor) -> bool:
    """Whether this user may make courses: staff. Which courses they may change is asked of each."""
    return isinstance(user, User) and user.is_active and user.is_staff


def taught_by(user: User) -> CourseQuerySet:
    """The published courses that this user teaches; a superuser teaches all."""
    courses = Course.objects.published()
    return courses if user.is_superuser else courses.filter(instructors=user.pk)


def find_taught(user: User, slug: str) -> Course:
    """Return a published course that this user teaches, with its texts, or raise Http404."""
    course = taught_by(user).with_texts().filter(slug=slug).first() if may_author(user) else None
    if course is None:
        raise Http404
    return course


class CourseScopedAdmin(ModelAdmin):
    """An admin in which instructors see the rows of their own courses and change nothing; superusers see all.

    `course_path` leads from the model to its course, such as `lesson__course`; empty for the course itself.
    """

    course_path = ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        if self._sees_all(request):
            return rows
        instructors = f"{self.course_path}__instructors" if self.course_path else "instructors"
        return rows.filter(Q(**{instructors: request.user.pk}))

    def _sees_all(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def _teaches(self, request: HttpRequest) -> bool:
        user = request.user
        return isinstance(user, User) and user.is_active and user.is_staff

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._teaches(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._teaches(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._sees_all(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._sees_all(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._sees_all(request)


class ReadOnlyCourseAdmin(CourseScopedAdmin):
    """For rows that only imports and learners write: everybody who may enter looks, nobody changes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
