from django.urls import URLPattern, path

from courses import api, views

app_name = "courses"
urlpatterns: list[URLPattern] = [
    path("", views.courses, name="courses"),
    path("<slug:slug>/", views.course, name="course"),
    path("<slug:course_slug>/<slug:slug>/", views.lesson, name="lesson"),
]
api_urlpatterns: list[URLPattern] = [
    path("courses/", api.Courses.as_view(), name="courses"),
    path("courses/<slug:slug>/", api.OneCourse.as_view(), name="course"),
    path("courses/<slug:slug>/lessons/", api.Lessons.as_view(), name="lessons"),
    path("lessons/<uuid:lesson_id>/", api.OneLesson.as_view(), name="lesson"),
    path("lessons/<uuid:lesson_id>/progress/", api.LessonProgress.as_view(), name="lesson-progress"),
]
