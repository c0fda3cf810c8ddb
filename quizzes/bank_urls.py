from django.urls import URLPattern, path

from quizzes import bank_api, bank_views

FILE = "question-files/<uuid:file_id>/"
COURSE = "courses/<slug:slug>/questions/"
urlpatterns: list[URLPattern] = [
    path("authoring/<slug:slug>/questions/", bank_views.bank, name="question_bank"),
    path("question-export/<slug:slug>/", bank_views.export, name="question_export"),
    path(FILE, bank_views.file, name="question_file"),
    path(f"{FILE}import/", bank_views.start, name="question_file_import"),
    path(f"{FILE}remove/", bank_views.remove, name="question_file_remove"),
]
api_urlpatterns: list[URLPattern] = [
    path(f"{COURSE}import/", bank_api.ImportView.as_view(), name="question_import"),
    path(f"{COURSE}export/", bank_api.ExportView.as_view(), name="question_export"),
]
