from django.urls import URLPattern, path

from courses import (
    api,
    authoring_views,
    editing_views,
    glossary_views,
    history_views,
    lesson_views,
    search_views,
    upload_views,
    views,
)

app_name = "courses"
TEXT = "authoring/<slug:course_slug>/<slug:lesson_slug>/<slug:locale>/"
urlpatterns: list[URLPattern] = [
    path("courses/", views.courses, name="courses"),
    path("courses/<slug:slug>/", views.course, name="course"),
    path("courses/<slug:course_slug>/<slug:slug>/", lesson_views.lesson, name="lesson"),
    path("search/<slug:slug>/", search_views.search, name="search"),
    path("glossary/<slug:slug>/", glossary_views.glossary, name="glossary"),
    path("glossary/<slug:slug>/<slug:concept_slug>/", glossary_views.concept, name="concept"),
    path("authoring/", authoring_views.authoring, name="authoring"),
    path("authoring/<slug:slug>/", authoring_views.authoring_course, name="authoring_course"),
    path("authoring/<slug:slug>/download/", authoring_views.download, name="authoring_download"),
    path(TEXT, editing_views.editor, name="editor"),
    path(f"{TEXT}preview/", editing_views.preview, name="editor_preview"),
    path(f"{TEXT}save/", editing_views.save, name="editor_save"),
    path(f"{TEXT}history/", history_views.history, name="history"),
    path(f"{TEXT}compare/", history_views.compare, name="compare"),
    path(f"{TEXT}restore/<int:number>/", history_views.restore, name="restore"),
    path("uploads/", upload_views.receive, name="receive"),
    path("uploads/<uuid:upload_id>/", upload_views.upload, name="upload"),
    path("uploads/<uuid:upload_id>/state/", upload_views.state, name="upload_state"),
    path("uploads/<uuid:upload_id>/report/", upload_views.report, name="upload_report"),
    path("uploads/<uuid:upload_id>/change/", upload_views.change, name="upload_change"),
    path("uploads/<uuid:upload_id>/import/", upload_views.start, name="upload_import"),
    path("uploads/<uuid:upload_id>/retry/", upload_views.retry, name="upload_retry"),
    path("uploads/<uuid:upload_id>/remove/", upload_views.remove, name="upload_remove"),
]
api_urlpatterns: list[URLPattern] = [
    path("courses/", api.Courses.as_view(), name="courses"),
    path("courses/<slug:slug>/", api.OneCourse.as_view(), name="course"),
    path("courses/<slug:slug>/lessons/", api.Lessons.as_view(), name="lessons"),
    path("lessons/<uuid:lesson_id>/", api.OneLesson.as_view(), name="lesson"),
    path("lessons/<uuid:lesson_id>/progress/", api.LessonProgress.as_view(), name="lesson-progress"),
]
