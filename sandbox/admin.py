from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from config.read_only import ReadOnlyInline
from sandbox.measures import headline
from sandbox.models import Event, Preset, Run


class _ForInstructors(admin.ModelAdmin):  # type: ignore[type-arg]
    """Superusers see everything; instructors see what belongs to their courses; nobody writes history here."""

    collection_path = ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        if request.user.is_superuser:
            return rows
        taught = getattr(request.user, "instructed_courses").values("slug")  # noqa: B009  (a reverse name of courses)
        return rows.filter(**{f"{self.collection_path}__in": taught})

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_active and request.user.is_staff)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Preset)
class PresetAdmin(_ForInstructors):
    """Presets come from course folders: here one looks, and follows the links."""

    collection_path = "collection"
    list_display = ["slug", "english_title", "collection", "section", "is_offered"]
    list_filter = ["collection", ("archived_at", admin.EmptyFieldListFilter)]
    search_fields = ["slug", "collection", "texts"]
    readonly_fields = [field.name for field in Preset._meta.fields]

    @admin.display(description=_("title"))
    def english_title(self, preset: Preset) -> str:
        return preset.text("title", "en")

    @admin.display(description=_("offered"), boolean=True)
    def is_offered(self, preset: Preset) -> bool:
        return preset.archived_at is None


class EventInline(ReadOnlyInline):
    model = Event
    fields = readonly_fields = ("seq", "attempt", "kind", "payload", "created_at")
    ordering = ["seq"]


@admin.register(Run)
class RunAdmin(_ForInstructors):
    """History is read here, not written; a run changes only through its verbs."""

    collection_path = "preset__collection"
    list_display = [
        "short_id",
        "owner",
        "title",
        "status",
        "epochs",
        "result",
        "attempt",
        "created_at",
        "finished_at",
    ]
    list_filter = ["status", "failure", "created_at", ("preset", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["id", "title", "owner__email", "owner__name", "preset__slug"]
    list_select_related = ["owner"]
    date_hierarchy = "created_at"
    readonly_fields = [field.name for field in Run._meta.fields if field.name != "lease_token"]
    exclude = ["lease_token"]
    inlines = [EventInline]
    show_full_result_count = False

    @admin.display(description=_("run"), ordering="id")
    def short_id(self, run: Run) -> str:
        return str(run.pk)[:8]

    @admin.display(description=_("epochs"), ordering="epochs_done")
    def epochs(self, run: Run) -> str:
        return f"{run.epochs_done} / {run.epochs_planned}"

    @admin.display(description=_("result"))
    def result(self, run: Run) -> str:
        found = headline(run.outcome.get("metrics"), run.spec)
        return f"{found['label']} {found['text']}" if found else "–"
