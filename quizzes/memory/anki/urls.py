"""Addresses of packages of Anki and of pictures on own cards; `quizzes.memory.urls` includes them."""

from django.urls import URLPattern, path

from quizzes.memory.anki import api, views

PACKAGE = "memory/anki/<uuid:package_id>/"
urlpatterns: list[URLPattern] = [
    path("memory/anki/", views.anki, name="anki_import"),
    path("memory/anki/export/", views.export, name="anki_export"),
    path(PACKAGE, views.package, name="anki_package"),
    path(f"{PACKAGE}import/", views.start, name="anki_package_import"),
    path(f"{PACKAGE}remove/", views.remove, name="anki_package_remove"),
    path("memory/pictures/<uuid:picture_id>/", views.picture, name="own_picture"),
]
api_urlpatterns: list[URLPattern] = [
    path("memory/anki/", api.ImportView.as_view(), name="anki_import"),
    path("memory/anki/export/", api.ExportView.as_view(), name="anki_export"),
    path(PACKAGE, api.PackageView.as_view(), name="anki_package"),
    path("memory/pictures/<uuid:picture_id>/", api.PictureView.as_view(), name="own_picture"),
]
