"""Addresses of the daily review; `quizzes.urls` includes them."""

from django.urls import URLPattern, path

from quizzes.memory import api
from quizzes.memory.anki import urls as anki_urls
from quizzes.memory.browsing import api as cards_api
from quizzes.memory.browsing import own_views as own_card_views
from quizzes.memory.browsing import views as card_views
from quizzes.memory.insight import api as insight_api
from quizzes.memory.insight import today_views
from quizzes.memory.insight import views as insight_views
from quizzes.memory.lab import api as lab_api
from quizzes.memory.lab import views as lab_views
from quizzes.memory.learning import api as learning_api
from quizzes.memory.learning import views as learning_views
from quizzes.memory.planning import api as plan_api
from quizzes.memory.planning import views as plan_views
from quizzes.memory.reviewing import leech_views, mark_views, marks_api, views

urlpatterns: list[URLPattern] = [
    *anki_urls.urlpatterns,
    path("today/", today_views.today, name="today"),
    path("memory/statistics/", insight_views.statistics, name="memory_statistics"),
    path("review/", views.review, name="review"),
    path("review/rate/", views.rate, name="review_rate"),
    path("review/answer/", views.answer, name="review_answer"),
    path("review/answers/<uuid:review_id>/", views.answered, name="review_answered"),
    path("review/undo/", views.undo, name="review_undo"),
    path("review/compare/", views.compare, name="review_compare"),
    path("review/kept/", views.kept, name="review_kept"),
    path("review/mark/", mark_views.mark, name="review_mark"),
    path("review/note/", mark_views.note, name="review_note"),
    path("review/typing/", mark_views.typing, name="review_typing"),
    path("authoring/<slug:course_slug>/leeches/", leech_views.course_leeches, name="course_leeches"),
    path("memory/learning/", learning_views.show, name="memory_learning"),
    path("memory/learning/fit/", learning_views.fit, name="memory_learning_fit"),
    path("memory/learning/weights/", learning_views.weights, name="memory_learning_weights"),
    path("memory/learning/sharing/", learning_views.sharing, name="memory_learning_sharing"),
    path("memory/learning/quizzes/", learning_views.quizzes, name="memory_learning_quizzes"),
    path("memory/plan/", plan_views.study_plan, name="study_plan"),
    path("memory/plan/workload/", plan_views.workload, name="study_plan_workload"),
    path("memory/lab/", lab_views.show, name="memory_lab"),
    path("memory/lab/table/", lab_views.make, name="memory_lab_make"),
    path("memory/cards/", card_views.cards, name="cards"),
    path("memory/cards/mark/", card_views.mark, name="cards_mark"),
    path("memory/cards/export/", card_views.export, name="cards_export"),
    path("memory/cards/import/", own_card_views.receive, name="cards_import"),
    path("memory/cards/import/start/", own_card_views.start, name="cards_import_start"),
    path("memory/cards/new/", own_card_views.new, name="own_card_new"),
    path("memory/cards/<uuid:question_id>/", card_views.card, name="card"),
    path("memory/cards/<uuid:question_id>/edit/", own_card_views.edit, name="own_card_edit"),
    path("memory/cards/<uuid:question_id>/put-away/", own_card_views.put_away, name="own_card_put_away"),
    path("memory/cards/<uuid:question_id>/bring-back/", own_card_views.take_up_again, name="own_card_bring_back"),
]
api_urlpatterns: list[URLPattern] = [
    *anki_urls.api_urlpatterns,
    path("reviews/", api.ReviewsView.as_view(), name="reviews"),
    path("reviews/queue/", api.QueueView.as_view(), name="reviews_queue"),
    path("memory/learning/", learning_api.LearningView.as_view(), name="memory_learning"),
    path("memory/learning/fit/", learning_api.FitView.as_view(), name="memory_learning_fit"),
    path("memory/lab/", lab_api.LabView.as_view(), name="memory_lab"),
    path("memory/plan/", plan_api.StudyPlanView.as_view(), name="memory_plan"),
    path("memory/today/", insight_api.TodayView.as_view(), name="memory_today"),
    path("memory/statistics/", insight_api.StatisticsView.as_view(), name="memory_statistics"),
    path("memory/<uuid:question_id>/", api.MemoryView.as_view(), name="memory"),
    path("memory/<uuid:question_id>/mark/", marks_api.MarkView.as_view(), name="memory_mark"),
    path("cards/", cards_api.CardsView.as_view(), name="cards"),
    path("cards/<uuid:question_id>/", cards_api.CardView.as_view(), name="card"),
]
