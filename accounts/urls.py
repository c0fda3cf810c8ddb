from django.urls import path

from accounts import api, views

app_name = "accounts"
urlpatterns = [
    path("", views.preferences, name="preferences"),
    path("export/", views.export, name="export"),
    path("delete/", views.delete, name="delete"),
]
api_urlpatterns = [
    path("me/", api.Me.as_view(), name="me"),
    path("me/export/", api.MyExport.as_view(), name="me_export"),
]
