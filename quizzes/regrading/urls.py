from django.urls import URLPattern, path

from quizzes.regrading import api, views

QUESTION = "questions/<uuid:question_id>/"
urlpatterns: list[URLPattern] = [
    path(f"{QUESTION}regrade/", views.regrade, name="regrade"),
    path(f"{QUESTION}regrade/key/", views.mend, name="regrade_mend"),
    path(f"{QUESTION}regrade/<int:regrade_id>/undo/", views.undo, name="regrade_undo"),
]
api_urlpatterns: list[URLPattern] = [
    path(f"{QUESTION}regrade/", api.RegradeView.as_view(), name="question_regrade"),
    path(f"{QUESTION}regrades/", api.RegradesView.as_view(), name="question_regrades"),
    path(f"{QUESTION}regrades/<int:regrade_id>/undo/", api.UndoView.as_view(), name="question_regrade_undo"),
]
