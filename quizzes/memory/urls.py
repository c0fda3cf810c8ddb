"""Addresses of the daily review; `quizzes.urls` includes them."""

from django.urls import URLPattern, path

from quizzes.memory import api, views

urlpatterns: list[URLPattern] = [
    path("review/", views.review, name="review"),
    path("review/rate/", views.rate, name="review_rate"),
    path("review/answer/", views.answer, name="review_answer"),
    path("review/answers/<uuid:review_id>/", views.answered, name="review_answered"),
    path("review/undo/", views.undo, name="review_undo"),
]
api_urlpatterns: list[URLPattern] = [
    path("reviews/", api.ReviewsView.as_view(), name="reviews"),
    path("reviews/queue/", api.QueueView.as_view(), name="reviews_queue"),
    path("memory/<uuid:question_id>/", api.MemoryView.as_view(), name="memory"),
]
