"""Who may see and do what with runs, tables and presets. Whoever may not gets 404, as for a thing that is not there."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.http import Http404

from sandbox.models import Preset, Run, RunQuerySet, Table, TableQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

    Visitor = User | AnonymousUser


def runs_of(user: "Visitor") -> RunQuerySet:
    return Run.objects.owned_by(user)


def run_of(user: "Visitor", run_id: UUID) -> Run:
    """The user's own run, else Http404: nobody reads another learner's run, instructors look in the admin."""
    try:
        return runs_of(user).select_related("preset").get(pk=run_id)
    except Run.DoesNotExist as missing:
        raise Http404("There is no such run.") from missing


def tables_of(user: "Visitor") -> TableQuerySet:
    return Table.objects.owned_by(user)


def table_of(user: "Visitor", table_id: UUID) -> Table:
    """The user's own table without its bytes, else Http404."""
    try:
        return tables_of(user).without_content().get(pk=table_id)
    except Table.DoesNotExist as missing:
        raise Http404("There is no such table.") from missing


def preset(preset_id: UUID) -> Preset:
    """An offered preset, else Http404."""
    try:
        return Preset.objects.offered().get(pk=preset_id)
    except Preset.DoesNotExist as missing:
        raise Http404("There is no such preset.") from missing
