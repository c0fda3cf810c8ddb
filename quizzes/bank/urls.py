from django.urls import URLPattern, path

from quizzes.bank import api, views

FILE = "question-files/<uuid:file_id>/"
COURSE = "courses/<slug:slug>/questions/"
urlpatterns: list[URLPattern] = [
    path("authoring/<slug:slug>/questions/", views.bank, name="question_bank"),
    path("question-export/<slug:slug>/", views.export, name="question_export"),
    path(FILE, views.file, name="question_file"),
    path(f"{FILE}import/", views.start, name="question_file_import"),
    path(f"{FILE}remove/", views.remove, name="question_file_remove"),
]
api_urlpatterns: list[URLPattern] = [
    path(f"{COURSE}import/", api.ImportView.as_view(), name="question_import"),
    path(f"{COURSE}export/", api.ExportView.as_view(), name="question_export"),
]
