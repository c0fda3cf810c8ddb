from django.urls import URLPattern, path

from quizzes import api, checkpoint_views, practice_views, views
from quizzes.bank import urls as bank_urls
from quizzes.memory import urls as memory_urls
from quizzes.regrading import urls as regrading_urls
from quizzes.statistics import api as statistics_api
from quizzes.statistics import views as statistics_views

app_name = "quizzes"
urlpatterns: list[URLPattern] = [
    path("quizzes/<uuid:quiz_id>/", views.quiz, name="quiz"),
    path("quizzes/<uuid:quiz_id>/statistics/", statistics_views.statistics, name="statistics"),
    path("attempts/<uuid:attempt_id>/", views.attempt, name="attempt"),
    path("attempts/<uuid:attempt_id>/<int:position>/", views.attempt_question, name="attempt_question"),
    path("attempts/<uuid:attempt_id>/<int:position>/draft/", views.attempt_draft, name="attempt_draft"),
    path("attempts/<uuid:attempt_id>/finish/", views.attempt_finish, name="attempt_finish"),
    path("attempts/<uuid:attempt_id>/submit/", views.attempt_submit, name="attempt_submit"),
    path("attempts/<uuid:attempt_id>/review/", views.attempt_review, name="attempt_review"),
    path("practice/<slug:course_slug>/", practice_views.practise, name="practice"),
    path("checkpoints/<uuid:question_id>/", checkpoint_views.checkpoint, name="checkpoint"),
    *memory_urls.urlpatterns,
    *regrading_urls.urlpatterns,
    *bank_urls.urlpatterns,
]
api_urlpatterns: list[URLPattern] = [
    path("quizzes/<uuid:quiz_id>/", api.QuizView.as_view(), name="quiz"),
    path("quizzes/<uuid:quiz_id>/statistics/", statistics_api.QuizStatisticsView.as_view(), name="quiz_statistics"),
    path("attempts/<uuid:attempt_id>/", api.AttemptView.as_view(), name="attempt"),
    path("attempts/<uuid:attempt_id>/submit/", api.AttemptSubmitView.as_view(), name="attempt_submit"),
    path("attempts/<uuid:attempt_id>/review/", api.AttemptReviewView.as_view(), name="attempt_review"),
    *memory_urls.api_urlpatterns,
    *regrading_urls.api_urlpatterns,
    *bank_urls.api_urlpatterns,
]
