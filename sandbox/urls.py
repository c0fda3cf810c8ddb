from django.urls import URLPattern, path

from sandbox import api, views

app_name = "sandbox"
urlpatterns: list[URLPattern] = [
    path("", views.studio, name="studio"),
    path("new/", views.new_run, name="new_run"),
    path("runs/<uuid:run_id>/", views.run, name="run"),
    path("runs/<uuid:run_id>/cancel/", views.cancel, name="cancel"),
]

api_urlpatterns: list[URLPattern] = [
    path("sandbox/datasets/", api.Datasets.as_view(), name="sandbox-datasets"),
    path("sandbox/presets/", api.Presets.as_view(), name="sandbox-presets"),
    path("sandbox/schema/", api.SpecSchema.as_view(), name="sandbox-schema"),
    path("sandbox/estimate/", api.EstimateView.as_view(), name="sandbox-estimate"),
    path("sandbox/runs/", api.Runs.as_view(), name="sandbox-runs"),
    path("sandbox/runs/<uuid:run_id>/", api.OneRun.as_view(), name="sandbox-run"),
    path("sandbox/runs/<uuid:run_id>/cancel/", api.Cancel.as_view(), name="sandbox-run-cancel"),
    path("sandbox/runs/<uuid:run_id>/epochs/", api.Epochs.as_view(), name="sandbox-run-epochs"),
    path("sandbox/runs/<uuid:run_id>/events/", api.Events.as_view(), name="sandbox-run-events"),
]
