from django.urls import URLPattern, path

from quizzes import regrade_api, regrade_views

QUESTION = "questions/<uuid:question_id>/"
urlpatterns: list[URLPattern] = [
    path(f"{QUESTION}regrade/", regrade_views.regrade, name="regrade"),
    path(f"{QUESTION}regrade/key/", regrade_views.mend, name="regrade_mend"),
    path(f"{QUESTION}regrade/<int:regrade_id>/undo/", regrade_views.undo, name="regrade_undo"),
]
api_urlpatterns: list[URLPattern] = [
    path(f"{QUESTION}regrade/", regrade_api.RegradeView.as_view(), name="question_regrade"),
    path(f"{QUESTION}regrades/", regrade_api.RegradesView.as_view(), name="question_regrades"),
    path(f"{QUESTION}regrades/<int:regrade_id>/undo/", regrade_api.UndoView.as_view(), name="question_regrade_undo"),
]
