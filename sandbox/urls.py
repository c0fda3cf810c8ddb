from django.urls import URLPattern, path

from sandbox import api, export_api, probe_api, steering_api, table_api, views

app_name = "sandbox"
urlpatterns: list[URLPattern] = [
    path("", views.studio, name="studio"),
    path("new/", views.new_run, name="new_run"),
    path("runs/<uuid:run_id>/", views.run, name="run"),
    path("runs/<uuid:run_id>/cancel/", views.cancel, name="cancel"),
]

api_urlpatterns: list[URLPattern] = [
    path("sandbox/datasets/", table_api.Datasets.as_view(), name="sandbox-datasets"),
    path("sandbox/datasets/<uuid:table_id>/", table_api.OneTable.as_view(), name="sandbox-table"),
    path("sandbox/presets/", api.Presets.as_view(), name="sandbox-presets"),
    path("sandbox/schema/", api.SpecSchema.as_view(), name="sandbox-schema"),
    path("sandbox/estimate/", api.EstimateView.as_view(), name="sandbox-estimate"),
    path("sandbox/runs/", api.Runs.as_view(), name="sandbox-runs"),
    path("sandbox/runs/<uuid:run_id>/", api.OneRun.as_view(), name="sandbox-run"),
    path("sandbox/runs/<uuid:run_id>/cancel/", api.Cancel.as_view(), name="sandbox-run-cancel"),
    path("sandbox/runs/<uuid:run_id>/commands/", steering_api.Commands.as_view(), name="sandbox-run-commands"),
    path("sandbox/runs/<uuid:run_id>/boundary/", steering_api.Boundaries.as_view(), name="sandbox-run-boundary"),
    path("sandbox/runs/<uuid:run_id>/code/", export_api.Code.as_view(), name="sandbox-run-code"),
    path("sandbox/runs/<uuid:run_id>/epochs/", api.Epochs.as_view(), name="sandbox-run-epochs"),
    path("sandbox/runs/<uuid:run_id>/events/", api.Events.as_view(), name="sandbox-run-events"),
    path("sandbox/runs/<uuid:run_id>/snapshots/", probe_api.Snapshots.as_view(), name="sandbox-run-snapshots"),
    path("sandbox/runs/<uuid:run_id>/forward/", probe_api.ForwardPasses.as_view(), name="sandbox-run-forward"),
    path("sandbox/runs/<uuid:run_id>/update/", probe_api.Updates.as_view(), name="sandbox-run-update"),
    path("sandbox/runs/<uuid:run_id>/predict/", probe_api.Predict.as_view(), name="sandbox-run-predict"),
    path("sandbox/runs/<uuid:run_id>/model/", probe_api.Model.as_view(), name="sandbox-run-model"),
]
