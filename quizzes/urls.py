from django.urls import URLPattern, path

from quizzes import api, checkpoint_views, review_urls, views

app_name = "quizzes"
urlpatterns: list[URLPattern] = [
    path("quizzes/<uuid:quiz_id>/", views.quiz, name="quiz"),
    path("attempts/<uuid:attempt_id>/", views.attempt, name="attempt"),
    path("attempts/<uuid:attempt_id>/<int:position>/", views.attempt_question, name="attempt_question"),
    path("attempts/<uuid:attempt_id>/submit/", views.attempt_submit, name="attempt_submit"),
    path("attempts/<uuid:attempt_id>/review/", views.attempt_review, name="attempt_review"),
    path("checkpoints/<uuid:question_id>/", checkpoint_views.checkpoint, name="checkpoint"),
    *review_urls.urlpatterns,
]
api_urlpatterns: list[URLPattern] = [
    path("quizzes/<uuid:quiz_id>/", api.QuizView.as_view(), name="quiz"),
    path("attempts/<uuid:attempt_id>/", api.AttemptView.as_view(), name="attempt"),
    path("attempts/<uuid:attempt_id>/submit/", api.AttemptSubmitView.as_view(), name="attempt_submit"),
    path("attempts/<uuid:attempt_id>/review/", api.AttemptReviewView.as_view(), name="attempt_review"),
    *review_urls.api_urlpatterns,
]
