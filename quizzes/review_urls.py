"""Addresses of the daily review; `quizzes.urls` includes them."""

from django.urls import URLPattern, path

from quizzes import review_api, review_views

urlpatterns: list[URLPattern] = [
    path("review/", review_views.review, name="review"),
    path("review/rate/", review_views.rate, name="review_rate"),
    path("review/answer/", review_views.answer, name="review_answer"),
    path("review/answers/<uuid:review_id>/", review_views.answered, name="review_answered"),
    path("review/undo/", review_views.undo, name="review_undo"),
]
api_urlpatterns: list[URLPattern] = [
    path("reviews/", review_api.ReviewsView.as_view(), name="reviews"),
    path("reviews/queue/", review_api.QueueView.as_view(), name="reviews_queue"),
    path("memory/<uuid:question_id>/", review_api.MemoryView.as_view(), name="memory"),
]
